/** Where lowering stands inside one definition: its locals, the `let`s it has begun, and the lambdas it has lifted. */
import { Value } from "../../content/index.ts";
import type { Local } from "../names/Tree.ts";
import type { Span } from "../syntax/Tree.ts";
import { type Atom, type Definition, type Expression, local as localAtom } from "./Tree.ts";

/** Shared by a definition and the lambdas inside it. */
export interface Output {
  readonly root: string;
  readonly lifted: Definition[];
  lambdas: number;
  readonly places: Places;
}

export interface Lowering {
  readonly output: Output;
  readonly locals: Map<Local, Atom>;
  /** By index. */
  readonly names: string[];
  /** The `let`s of all open scopes, outermost first. Their bodies are filled in when their scope ends. */
  readonly bindings: Let[];
}

type Let = { readonly kind: "let"; readonly local: number; readonly value: Expression; body: Expression };

/** Expressions and where they stand in the text, side by side; of a node that is there twice the last place holds. Many are written, and hardly one is looked up. */
export interface Places {
  readonly nodes: Expression[];
  readonly spans: Span[];
}

export function place(l: Lowering, node: Expression, span: Span): void {
  l.output.places.nodes.push(node);
  l.output.places.spans.push(span);
}

export const output = (root: string, places: Places): Output => ({ root, lifted: [], lambdas: 0, places });

export const lowering = (of: Output): Lowering => ({ output: of, locals: new Map(), names: [], bindings: [] });

/** The next local; numbers grow in the order in which a left-to-right walk binds. */
export function fresh(l: Lowering, name = ""): number {
  l.names.push(name);
  return l.names.length - 1;
}

export function bind(l: Lowering, value: Expression, name = ""): Atom {
  if (value.kind === "atom") {
    nameAtom(l, value.atom, name);
    return value.atom;
  }
  const local = fresh(l, name);
  l.bindings.push({ kind: "let", local, value, body: value /* until its scope ends */ });
  return localAtom(local);
}

export function nameAtom(l: Lowering, atom: Atom, name: string): void {
  if (atom.kind === "local" && name !== "" && l.names[atom.index] === "") l.names[atom.index] = name;
}

/** An expression with its own `let`s inside. */
export function scope(l: Lowering, work: () => Expression): Expression {
  const outer = l.bindings.length;
  let made = work();
  while (l.bindings.length > outer) {
    const last = l.bindings.pop()!;
    last.body = made;
    made = last;
  }
  return made;
}

/** Does `work` and forgets everything it bound: for looking ahead. */
export function trial(l: Lowering, work: () => void): void {
  const { bindings, names } = l;
  const outer = bindings.length;
  const count = names.length;
  work();
  bindings.length = outer;
  names.length = count;
}

export const atomOf = (atom: Atom): Expression => ({ kind: "atom", atom });

export const builtin = (name: string, ...args: readonly Atom[]): Expression => ({
  kind: "builtin",
  name,
  arguments: args,
});

/** From fields in any order. */
export function record(fields: readonly (readonly [string, Atom])[]): Expression {
  const sorted = [...fields].sort((a, b) => Value.compareText(a[0], b[0]));
  return { kind: "record", names: sorted.map((each) => each[0]), values: sorted.map((each) => each[1]) };
}
