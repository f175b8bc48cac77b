/** Walks over the tree: what a node reads, what stands in it, and the same node with other parts. */
import type { Core } from "../language/index.ts";
import type { Atom, Expression } from "./Tree.ts";

/** The atoms that a node reads itself, in order. */
export function atomsOf(node: Expression): readonly Atom[] {
  switch (node.kind) {
    case "atom":
      return [node.atom];
    case "call":
    case "builtin":
    case "perform":
    case "entry":
    case "again":
      return node.arguments;
    case "apply":
      return [node.function, ...node.arguments];
    case "closure":
      return node.captured;
    case "tuple":
    case "list":
      return node.items;
    case "map":
      return node.entries.flat();
    case "record":
      return node.values;
    case "variant":
      return node.payload === undefined ? [] : [node.payload];
    case "field":
      return [node.record];
    case "item":
      return [node.tuple];
    case "if":
      return [node.condition];
    case "switch":
      return [node.subject];
    case "return":
    case "abort":
    case "stateSet":
      return [node.value];
    case "fault":
      return [node.message];
    case "within":
      return [node.duration];
    case "wait":
      return [node.time];
    case "par":
    case "race":
      return node.branches;
    case "with":
      return [node.handler];
    case "loop":
      return node.initial;
    default:
      return [];
  }
}

/** The expressions in a node, in order. */
export function childrenOf(node: Core.Expression): readonly Core.Expression[];
export function childrenOf(node: Expression): readonly Expression[];
export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "let":
      return [node.value, node.body];
    case "if":
      return [node.then, node.else];
    case "switch":
      return [...node.cases.map((one) => one.body), ...(node.otherwise === undefined ? [] : [node.otherwise])];
    case "within":
      return [node.body, node.otherwise];
    case "with":
    case "charge":
    case "loop":
      return [node.body];
    default:
      return [];
  }
}

/** The node with other atoms, locals and parts; what stands in it is mapped in order. */
export function rebuild(
  node: Expression,
  atom: (atom: Atom) => Atom,
  part: (part: Expression) => Expression,
  bind: (local: number) => number = (local) => local,
): Expression {
  switch (node.kind) {
    case "let": {
      const value = part(node.value);
      return { kind: "let", local: bind(node.local), value, body: part(node.body) };
    }
    case "if":
      return { ...node, condition: atom(node.condition), then: part(node.then), else: part(node.else) };
    case "switch":
      return {
        kind: "switch",
        subject: atom(node.subject),
        cases: node.cases.map((one) => {
          const local = one.local === undefined ? undefined : bind(one.local);
          return { case: one.case, local, body: part(one.body) };
        }),
        otherwise: node.otherwise === undefined ? undefined : part(node.otherwise),
      };
    case "within":
      return { ...node, duration: atom(node.duration), body: part(node.body), otherwise: part(node.otherwise) };
    case "with":
      return { ...node, handler: atom(node.handler), body: part(node.body) };
    case "charge":
      return { ...node, body: part(node.body) };
    case "loop": {
      const initial = node.initial.map(atom);
      return { kind: "loop", locals: node.locals.map(bind), initial, body: part(node.body) };
    }
    case "atom":
      return { kind: "atom", atom: atom(node.atom) };
    case "call":
    case "builtin":
    case "perform":
    case "entry":
    case "again":
      return { ...node, arguments: node.arguments.map(atom) };
    case "apply":
      return { kind: "apply", function: atom(node.function), arguments: node.arguments.map(atom) };
    case "closure":
      return { ...node, captured: node.captured.map(atom) };
    case "tuple":
    case "list":
      return { ...node, items: node.items.map(atom) };
    case "map":
      return { ...node, entries: node.entries.map(([key, value]) => [atom(key), atom(value)] as const) };
    case "record":
      return { ...node, values: node.values.map(atom) };
    case "variant":
      return node.payload === undefined ? node : { ...node, payload: atom(node.payload) };
    case "field":
      return { ...node, record: atom(node.record) };
    case "item":
      return { ...node, tuple: atom(node.tuple) };
    case "return":
    case "abort":
    case "stateSet":
      return { ...node, value: atom(node.value) };
    case "fault":
      return { ...node, message: atom(node.message) };
    case "wait":
      return { ...node, time: atom(node.time) };
    case "par":
    case "race":
      return { ...node, branches: node.branches.map(atom) };
    default:
      return node;
  }
}

/** Every node, in no promised order. */
export function* nodesOf(body: Expression): Generator<Expression> {
  const open: Expression[] = [body];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    // One by one: a call takes only so many arguments, and a switch may have more cases.
    for (const child of childrenOf(node)) open.push(child);
  }
}

/** All nodes, lets and charges too; counted no further than `max`. */
export function sizeOf(body: Expression, max = Number.POSITIVE_INFINITY): number {
  let size = 0;
  for (const _ of nodesOf(body)) if (++size >= max) break;
  return size;
}

/** How often each local is read. */
export function countUses(body: Expression, locals: number): Int32Array {
  const uses = new Int32Array(locals);
  for (const node of nodesOf(body))
    for (const atom of atomsOf(node))
      if (atom.kind === "local" && atom.index >= 0 && atom.index < locals) uses[atom.index]!++;
  return uses;
}

/** Whether the local is read in it. */
export function reads(body: Expression, local: number): boolean {
  for (const node of nodesOf(body))
    for (const atom of atomsOf(node)) if (atom.kind === "local" && atom.index === local) return true;
  return false;
}

/**
 * The body with other atoms in place of some locals, and a fresh number for each local that it binds: it may stand beside
 * the original.
 */
export function copyOf(body: Expression, given: ReadonlyMap<number, Atom>, fresh: () => number): Expression {
  const table = new Map(given);
  const atom = (one: Atom): Atom => (one.kind === "local" ? (table.get(one.index) ?? one) : one);
  const bind = (local: number): number => {
    const index = fresh();
    table.set(local, { kind: "local", index });
    return index;
  };
  const part = (one: Expression): Expression => rebuild(one, atom, part, bind);
  return part(body);
}

/** The body with other atoms in place of some locals that it does not bind. */
export function substitute(body: Expression, given: ReadonlyMap<number, Atom>): Expression {
  if (given.size === 0) return body;
  const atom = (one: Atom): Atom => (one.kind === "local" ? (given.get(one.index) ?? one) : one);
  const part = (one: Expression): Expression => rebuild(one, atom, part);
  return part(body);
}
