/**
 * Charges in a straight way are one charge, as early as nothing that calls or leaves lies between. At the start of a
 * branch or of the definition whoever enters pays it, so it takes no instruction.
 *
 *     let $1 = %int.add($0, 1)          charge 5
 *     charge 5                          let $1 = %int.add($0, 1)
 *     let $2 = %int.add($1, 1)          let $2 = %int.add($1, 1)
 *     …                                 …
 */
import { isCalm, leaves } from "./Pass.ts";
import { charged, type Expression } from "./Tree.ts";
import { rebuild } from "./walk.ts";

export function gather(_: unknown, body: Expression): Expression {
  const walk = (node: Expression): Expression => {
    const one = rebuild(node, (atom) => atom, walk);
    if (one.kind === "charge") return charged(one.fuel, one.bytes, one.body);
    if (one.kind === "loop") return one;
    if (one.kind !== "let" || one.body.kind !== "charge" || !isCalm(one.value) || mayLeave(one.value)) return one;
    const { fuel, bytes, body: rest } = one.body;
    return charged(fuel, bytes, { ...one, body: rest });
  };
  return walk(body);
}

/** A way that faults ends the attempt, whatever was paid; one that goes on elsewhere must not pay for what it skips. */
function mayLeave(value: Expression): boolean {
  switch (value.kind) {
    case "if":
      return mayLeave(value.then) || mayLeave(value.else);
    case "switch":
      return (
        value.cases.some((one) => mayLeave(one.body)) || (value.otherwise !== undefined && mayLeave(value.otherwise))
      );
    case "let":
      return mayLeave(value.value) || mayLeave(value.body);
    case "charge":
      return mayLeave(value.body);
    case "loop":
      return false;
    default:
      return leaves(value) && value.kind !== "fault";
  }
}
