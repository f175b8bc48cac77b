/**
 * A call of a small definition is its body. The callee's entry is paid where the call stood; the frame is held by the
 * caller as long as its own.
 *
 *     let $1 = math.square($0)          charge 3
 *     %int.add($1, 1)                   let $2 = %int.multiply($0, $0)
 *                                       let $1 = $2
 *                                       %int.add($1, 1)
 *
 * A definition that calls itself is taken in only as a loop. Sizes bound what is taken in: `CALLEE_NODES_MAX`, and the
 * room that the definition has.
 */
import { fresh, type Work } from "./Pass.ts";
import type { Atom, Definition, Expression } from "./Tree.ts";
import { copyOf, nodesOf, rebuild, sizeOf } from "./walk.ts";

/** Larger callees stay calls. */
export const CALLEE_NODES_MAX = 60;
/** A callee that is given a function known here is worth more: what it applies becomes a call, and is taken in too. */
export const HIGHER_ORDER_NODES_MAX = 150;

export function inline(work: Work, body: Expression): Expression {
  let deepest = 0;
  const walk = (node: Expression): Expression => {
    if (node.kind !== "call") return rebuild(node, (atom) => atom, walk);
    const taken = calleeOf(work, node, known);
    if (taken === undefined) return node;
    const { callee, size } = taken;
    work.changes++;
    work.room -= size;
    deepest = Math.max(deepest, callee.frameBytes);
    const given = new Map(node.arguments.map((atom, i): [number, Atom] => [i, atom]));
    return copyOf(callee.body, given, () => fresh(work));
  };
  const known = new Set<number>();
  for (const node of nodesOf(body)) if (node.kind === "let" && node.value.kind === "closure") known.add(node.local);
  const made = walk(body);
  // What was taken in here does not nest: the next round does that, and adds again.
  work.frameBytes += deepest;
  return made;
}

function calleeOf(
  work: Work,
  call: Extract<Expression, { kind: "call" }>,
  closures: ReadonlySet<number>,
): { readonly callee: Definition; readonly size: number } | undefined {
  const { reference } = call;
  if (reference.kind !== "hash" || reference.hash === work.hash) return undefined;
  const callee = work.context.callee(reference.hash);
  if (callee === undefined || callee.parameters !== call.arguments.length) return undefined;
  const size = sizeOf(callee.body);
  const isHigherOrder = call.arguments.some(
    (atom) => atom.kind === "function" || (atom.kind === "local" && closures.has(atom.index)),
  );
  if (size > (isHigherOrder ? HIGHER_ORDER_NODES_MAX : CALLEE_NODES_MAX) || size > work.room) return undefined;
  return { callee, size };
}
