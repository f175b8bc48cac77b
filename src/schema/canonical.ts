/**
 * The canonical form of a schema: a table of type nodes in which equal types are one node, so two schemas have one hash
 * exactly when their states have the same values, defaults and meanings. Names of types, versions, order of declaration
 * and positions do not count. Block: docs/spec/schema.md §6.
 *
 * Recursive types are equal when nothing tells them apart, so nodes are merged by partition refinement (Moore): start
 * with what each node shows by itself, split classes whose parts fall in different classes, stop when none splits.
 */
import { ContentHash, encode as encodeNode, Kind, type Node } from "../content/index.ts";
import { writerOf } from "./json/writeValue.ts";
import type { Migration } from "./Migration.ts";
import { printType } from "./printType.ts";
import { rootsOf, type Schema } from "./Schema.ts";
import * as T from "./Type.ts";

export const SCHEMA_FORMAT_VERSION = 1;

/** The hash of what states look like; two programs with this hash in common can exchange states. */
export function hash(schema: Schema): ContentHash.ContentHash {
  return ContentHash.of(encodeNode(shapeNode(schema, null)));
}

/** The whole schema as a block: its shape, and what it says about its own evolution. */
export const encode = (schema: Schema): Uint8Array => encodeNode(toNode(schema));

export const toNode = (schema: Schema): Node => shapeNode(schema, policyNode(schema));

function shapeNode(schema: Schema, policy: Node): Node {
  const table = tableOf(schema);
  const effects = [...schema.effects.keys()].sort(T.compareNames);
  return [
    Kind.schema,
    SCHEMA_FORMAT_VERSION,
    effects.map((name, i) => [name, table.roots[1 + 2 * i]!, table.roots[2 + 2 * i]!]),
    table.nodes,
    policy,
  ];
}

function policyNode(schema: Schema): Node {
  return [
    schema.version ?? null,
    schema.previous ?? null,
    [...schema.allowed].sort(T.compareNames),
    schema.reserved.map((reserved) => reserved.path).sort(T.compareNames),
    [...schema.notRenames].sort(T.compareNames),
    schema.migrations.map(migrationNode),
  ];
}

export function migrationNode(migration: Migration): Node {
  switch (migration.op) {
    case "rename":
      return ["rename", migration.from, migration.to];
    case "split":
      return [
        "split",
        migration.from,
        migration.into.map((part) => [part.field, part.part ?? null]),
        migration.by ?? null,
        migration.otherwise ?? null,
        ...insideOf(migration),
      ];
    case "merge":
      return [
        "merge",
        migration.from.map((part) => [part.field, part.part ?? null]),
        migration.to,
        migration.by ?? null,
        ...insideOf(migration),
      ];
    case "hoist":
      return ["hoist", migration.from, migration.to, ...insideOf(migration)];
    case "plunge":
      return ["plunge", migration.from, migration.to, ...insideOf(migration)];
    case "fill":
      return ["fill", migration.field, migration.value];
    case "call": {
      const { history } = migration;
      return [
        "call",
        migration.function,
        migration.reads,
        migration.writes,
        history === undefined ? null : [history.effects, history.from, history.fold],
      ];
    }
  }
}

/** Stands only where there is one: the state's own record needs no words. */
const insideOf = ({ inside }: { readonly inside: readonly string[] }): readonly Node[] =>
  inside.length === 0 ? [] : [inside];

interface Table {
  readonly nodes: readonly Node[];
  /** Node of each root, in the order of `rootsOf`. The state is always node 0. */
  readonly roots: readonly number[];
}

function tableOf(schema: Schema): Table {
  const { types } = schema;
  const roots = rootsOf(schema).map((root) => T.resolve(root.type, types));
  const graph = graphOf(roots, types);
  const write = writerOf(types);
  const classes = refine(graph, write);
  // Classes are numbered in the order in which a walk from the roots meets them.
  const number = new Map<number, number>();
  const order: number[] = [];
  const visit = (node: number): number => {
    const found = number.get(classes[node]!);
    if (found !== undefined) return found;
    number.set(classes[node]!, order.length);
    order.push(node);
    return order.length - 1;
  };
  const rootNumbers = roots.map((root) => visit(graph.indexOf.get(root)!));
  const nodes: Node[] = [];
  for (let i = 0; i < order.length; i++) {
    const type = graph.types[order[i]!]!;
    const parts = graph.parts[order[i]!]!.map(visit);
    nodes.push(nodeOf(type, parts, write));
  }
  return { nodes, roots: rootNumbers };
}

interface Graph {
  readonly types: readonly Exclude<T.Type, T.Ref>[];
  readonly parts: readonly (readonly number[])[];
  readonly indexOf: ReadonlyMap<T.Type, number>;
}

function graphOf(roots: readonly Exclude<T.Type, T.Ref>[], types: T.Types): Graph {
  const found: Exclude<T.Type, T.Ref>[] = [];
  const indexOf = new Map<T.Type, number>();
  const add = (type: T.Type): number => {
    const target = T.resolve(type, types);
    const known = indexOf.get(target);
    if (known !== undefined) return known;
    indexOf.set(target, found.length);
    found.push(target);
    return found.length - 1;
  };
  for (const root of roots) add(root);
  const parts: number[][] = [];
  for (let i = 0; i < found.length; i++) parts.push(T.partsOf(found[i]!).map(add));
  return { types: found, parts, indexOf };
}

/** The class of each node; equal classes are equal types. */
function refine(graph: Graph, write: ReturnType<typeof writerOf>): readonly number[] {
  let count = 0;
  let classes: number[] = [];
  const number = (signatures: Iterable<string>): number[] => {
    const known = new Map<string, number>();
    const numbered: number[] = [];
    for (const signature of signatures) {
      let at = known.get(signature);
      if (at === undefined) {
        at = known.size;
        known.set(signature, at);
      }
      numbered.push(at);
    }
    count = known.size;
    return numbered;
  };
  classes = number(graph.types.map((type) => labelOf(type, write)));
  for (let before = 0; before < count; ) {
    before = count;
    classes = number(graph.parts.map((parts, i) => `${classes[i]}(${parts.map((part) => classes[part]).join(",")})`));
  }
  return classes;
}

/** What a node shows by itself, as text; equal texts are equal rows without their parts. */
const labelOf = (type: Exclude<T.Type, T.Ref>, write: ReturnType<typeof writerOf>): string =>
  T.partsOf(type).length === 0 && type.kind !== "record" && type.kind !== "variant"
    ? printType(type)
    : JSON.stringify(nodeOf(type, undefined, write));

/** One row of the table; with parts undefined, what the node shows by itself. */
function nodeOf(
  type: Exclude<T.Type, T.Ref>,
  parts: readonly number[] | undefined,
  write: ReturnType<typeof writerOf>,
): Node {
  let next = 0;
  const part = (): Node => parts?.[next++] ?? 0;
  switch (type.kind) {
    case "int":
    case "nat":
      return type.bits === undefined ? [type.kind] : [type.kind, type.bits];
    case "float":
      return [type.kind, type.bits];
    case "decimal":
      return type.size === undefined ? ["decimal"] : ["decimal", type.size.precision, type.size.scale];
    case "bytes":
      return type.length === undefined ? ["bytes"] : ["bytes", type.length];
    case "option":
    case "set":
      return [type.kind, part()];
    case "list":
      return type.length === undefined ? ["list", part()] : ["list", part(), type.length];
    case "map":
      return ["map", part(), part()];
    case "tuple":
      return ["tuple", type.items.map(part)];
    case "record":
      return [
        "record",
        type.fields.map((field) => [
          field.name,
          part(),
          field.default === undefined ? null : write(field.type)(field.default),
          field.meaning ?? null,
        ]),
      ];
    case "variant":
      return ["variant", type.cases.map((c) => (c.payload === undefined ? [c.name] : [c.name, part()]))];
    default:
      return [type.kind];
  }
}
