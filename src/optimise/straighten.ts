/**
 * Lets in a row instead of lets in lets; a local that only repeats an atom is that atom.
 *
 *     let $2 =                          charge 4
 *       charge 4                        let $1 = %int.add($0, 1)
 *       let $1 = %int.add($0, 1)        let $3 = %int.multiply($1, $1)
 *       $1                              …
 *     let $3 = %int.multiply($2, $2)
 *     …
 *
 * `let x = f(y) in x` stays: as a call in tail position it would give back a frame that Core holds.
 */
import { endsInCall, type Work } from "./Pass.ts";
import { type Atom, charged, type Expression } from "./Tree.ts";
import { rebuild } from "./walk.ts";

export function straighten(work: Work, body: Expression): Expression {
  const repeated = new Map<number, Atom>();
  const atom = (one: Atom): Atom => (one.kind === "local" ? (repeated.get(one.index) ?? one) : one);
  const walk = (node: Expression): Expression => {
    if (node.kind === "charge") return charged(node.fuel, node.bytes, walk(node.body));
    if (node.kind !== "let") return rebuild(node, atom, walk);
    return bind(node.local, walk(node.value), () => walk(node.body));
  };
  const bind = (local: number, value: Expression, rest: () => Expression): Expression => {
    switch (value.kind) {
      case "let":
        work.changes++;
        return { kind: "let", local: value.local, value: value.value, body: bind(local, value.body, rest) };
      case "charge":
        work.changes++;
        return charged(value.fuel, value.bytes, bind(local, value.body, rest));
      case "atom":
        work.changes++;
        repeated.set(local, value.atom);
        return rest();
      case "return":
      case "fault":
        // Nothing comes after it; what the rest of its region costs is in the charge before.
        work.changes++;
        return value;
      default: {
        const after = rest();
        if (after.kind === "atom" && after.atom.kind === "local" && after.atom.index === local && !endsInCall(value)) {
          work.changes++;
          return value;
        }
        return { kind: "let", local, value, body: after };
      }
    }
  };
  return walk(body);
}
