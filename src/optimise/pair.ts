/**
 * What only decides a branch stands in front of it, as Core has it: the generator makes one instruction of the two.
 *
 *     let $1 = %int.less($0, 2)         let $2 =
 *     let $2 =                            let $1 = %int.less($0, 2)
 *       if $1 then …                      if $1 then …
 *     …                                 …
 */
import type { Work } from "./Pass.ts";
import type { Expression } from "./Tree.ts";
import { countUses, rebuild } from "./walk.ts";

export function pair(work: Work, body: Expression): Expression {
  const uses = countUses(body, work.locals);
  const walk = (node: Expression): Expression => {
    const one = rebuild(node, (atom) => atom, walk);
    if (one.kind !== "let" || one.value.kind !== "builtin" || one.body.kind !== "let") return one;
    const { value: branch } = one.body;
    if (branch.kind !== "if" || branch.condition.kind !== "local") return one;
    if (branch.condition.index !== one.local || uses[one.local] !== 1) return one;
    work.changes++;
    return { ...one.body, value: { ...one, body: branch } };
  };
  return walk(body);
}
