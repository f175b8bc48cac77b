/**
 * What is made of constants only is a constant: data, and the machine's own builtins where they neither fault nor grow.
 * What the work would have charged is still charged.
 *
 *     let $1 = %text.concat("a", "b")   charge 1, 20 bytes
 *     let $2 = Some($1)                 charge 0, 24 bytes
 *     …$2…                              …Some("ab")…
 */
import { Value } from "../content/index.ts";
import { listBytes, recordBytes, tupleBytes, VARIANT_BYTES } from "./cost.ts";
import type { Work } from "./Pass.ts";
import { type Atom, charged, type Expression } from "./Tree.ts";
import { rebuild } from "./walk.ts";

type V = Value.Value;

/** Larger data stays code. */
export const LITERAL_PARTS_MAX = 64;

export function foldConstants(work: Work, body: Expression): Expression {
  const literals = new Map<number, V>();
  const atom = (one: Atom): Atom => {
    const value = one.kind === "local" ? literals.get(one.index) : undefined;
    return value === undefined ? one : { kind: "literal", value };
  };
  const walk = (node: Expression): Expression => {
    if (node.kind !== "let") return folded(work, rebuild(node, atom, walk));
    const value = walk(node.value);
    const end = value.kind === "charge" ? value.body : value;
    if (end.kind === "atom" && end.atom.kind === "literal") literals.set(node.local, end.atom.value);
    return { ...node, value, body: walk(node.body) };
  };
  return walk(body);
}

function folded(work: Work, node: Expression): Expression {
  const made = constantOf(work, node);
  if (made === undefined) return node;
  work.changes++;
  return charged(made.fuel, made.bytes, { kind: "atom", atom: { kind: "literal", value: made.value } });
}

interface Made {
  readonly value: V;
  readonly fuel: number;
  readonly bytes: number;
}

function constantOf(work: Work, node: Expression): Made | undefined {
  switch (node.kind) {
    case "builtin": {
      const args = literalsOf(node.arguments);
      return args === undefined ? undefined : work.context.builtins.evaluate(node.name, args);
    }
    case "tuple":
    case "list": {
      const items = literalsOf(node.items);
      if (items === undefined) return undefined;
      // The unit is no tuple.
      if (node.kind === "tuple") return data({ tag: "tuple", items }, tupleBytes(items.length));
      return data(Value.list(items), listBytes(items.length));
    }
    case "record": {
      const values = literalsOf(node.values);
      if (values === undefined) return undefined;
      return data({ tag: "record", names: node.names, values }, recordBytes(values.length));
    }
    case "variant": {
      const payload = node.payload === undefined ? [] : literalsOf([node.payload]);
      if (payload === undefined) return undefined;
      return data(Value.variant(node.case, payload[0]), payload.length === 0 ? 0 : VARIANT_BYTES);
    }
    default:
      return undefined;
  }
}

const data = (value: V, bytes: number): Made | undefined =>
  parts(value) > LITERAL_PARTS_MAX ? undefined : { value, fuel: 0, bytes };

/** Parts of a value that was made of literals; counted no further than the bound. */
function parts(value: V): number {
  let count = 0;
  const open: V[] = [value];
  for (let one = open.pop(); one !== undefined && count <= LITERAL_PARTS_MAX; one = open.pop()) {
    count++;
    if (typeof one === "string") count += one.length >> 3;
    if (typeof one !== "object") continue;
    if (one.tag === "tuple" || one.tag === "list" || one.tag === "set") pushAll(open, one.items);
    else if (one.tag === "record") pushAll(open, one.values);
    else if (one.tag === "variant" && one.payload !== undefined) open.push(one.payload);
    else if (one.tag === "map") pushAll(open, one.entries.flat());
    else if (one.tag === "closure") pushAll(open, one.captured);
  }
  return count;
}

/** One by one: a call takes only so many arguments, and a literal may have more parts. */
function pushAll(open: V[], parts: readonly V[]): void {
  for (const part of parts) open.push(part);
}

function literalsOf(atoms: readonly Atom[]): readonly V[] | undefined {
  const values: V[] = [];
  for (const atom of atoms) {
    if (atom.kind !== "literal") return undefined;
    values.push(atom.value);
  }
  return values;
}
