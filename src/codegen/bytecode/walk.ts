/** Walks over Core: what a node reads, what stands in it. */
import type { Core } from "../../language/index.ts";

/** How often each local is read. */
export function countUses(definition: Core.Definition): Int32Array {
  const uses = new Int32Array(definition.locals);
  const atom = (a: Core.Atom | undefined) => {
    if (a?.kind === "local" && a.index >= 0 && a.index < uses.length) uses[a.index]!++;
  };
  const pending: Core.Expression[] = [definition.body];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const a of atomsOf(node)) atom(a);
    pending.push(...childrenOf(node));
  }
  return uses;
}

/** The atoms that a node reads itself. */
export function atomsOf(node: Core.Expression): readonly Core.Atom[] {
  switch (node.kind) {
    case "atom":
      return [node.atom];
    case "call":
    case "builtin":
    case "perform":
    case "entry":
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
    default:
      return [];
  }
}

/** The expressions in a node, in order. */
export function childrenOf(node: Core.Expression): readonly Core.Expression[] {
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
      return [node.body];
    default:
      return [];
  }
}
