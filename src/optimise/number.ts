/**
 * Locals in the order in which a walk binds them, without gaps: registers stay few, and text is easy to compare. What a
 * call holds is not less than its registers take, so that a grant of memory bounds what the host uses.
 */
import { localsBytes } from "./cost.ts";
import type { Definition, Expression } from "./Tree.ts";
import { type rebuild as Rebuild, rebuild } from "./walk.ts";

export function number(definition: Definition): Definition {
  const table = new Map<number, number>();
  let next = definition.parameters;
  const atom: Parameters<typeof Rebuild>[1] = (one) =>
    one.kind === "local" && one.index >= definition.parameters ? { ...one, index: table.get(one.index)! } : one;
  const bind = (local: number): number => {
    table.set(local, next);
    return next++;
  };
  const walk = (node: Expression): Expression => rebuild(node, atom, walk, bind);
  const body = walk(definition.body);
  return { ...definition, locals: next, frameBytes: Math.max(definition.frameBytes, localsBytes(next)), body };
}
