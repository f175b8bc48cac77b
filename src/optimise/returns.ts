/**
 * What follows a form of which one way goes on moves into that way, so that a `return` stands at the end of the definition
 * and is its value. `assert` has this shape, and so have `?` and an early `return`.
 *
 *     let $2 =                          if $1 then
 *       if $1 then                        charge 1
 *         charge 1                        $0
 *         return $0                     else
 *       else                              charge 3
 *         charge 1                        let $3 = %int.add($0, 1)
 *         ()                              …
 *     charge 2
 *     let $3 = %int.add($0, 1)
 *     …
 */
import { leaves, mapWays, type Work, waysOf } from "./Pass.ts";
import type { Expression } from "./Tree.ts";
import { rebuild } from "./walk.ts";

export function returns(work: Work, body: Expression): Expression {
  const walk = (node: Expression): Expression => {
    const one = rebuild(node, (atom) => atom, walk);
    if (one.kind !== "let" || (one.value.kind !== "if" && one.value.kind !== "switch")) return one;
    const ways = waysOf(one.value);
    const going = ways.filter((way) => !leaves(way)).length;
    if (going > 1 || going === ways.length) return one;
    work.changes++;
    return mapWays(one.value, (way) => (leaves(way) ? way : walk({ ...one, value: way })));
  };
  const ending = (node: Expression): Expression => {
    switch (node.kind) {
      case "return":
        work.changes++;
        return { kind: "atom", atom: node.value };
      case "let":
      case "charge":
        return { ...node, body: ending(node.body) };
      case "if":
      case "switch":
        return mapWays(node, ending);
      // The end of a loop at the end of the definition is its end.
      case "loop":
        return { ...node, body: ending(node.body) };
      default:
        return node;
    }
  };
  return ending(walk(body));
}
