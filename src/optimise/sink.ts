/**
 * What only one way needs is built in that way. Only what cannot fail is moved, over nothing that calls, and the other ways
 * pay its bytes.
 *
 *     let $2 = (0, $1)                  if $0 then
 *     if $0 then                          charge 1
 *       charge 1                          let $2 = (0, $1)
 *       $2                                $2
 *     else                              else
 *       charge 1                          charge 1, 32 bytes
 *       …                                 …
 */
import { bytesOf } from "./deadCode.ts";
import { isCalm, mapWays, type Work, waysOf } from "./Pass.ts";
import { charged, type Expression, type Let } from "./Tree.ts";
import { atomsOf, reads, rebuild } from "./walk.ts";

export function sink(work: Work, body: Expression): Expression {
  const walk = (node: Expression): Expression => {
    if (node.kind !== "let" || bytesOf(node.value) === undefined) return rebuild(node, (atom) => atom, walk);
    const sunk = into(node, node.body);
    if (sunk === undefined) return rebuild(node, (atom) => atom, walk);
    work.changes++;
    return walk(sunk);
  };
  return walk(body);
}

const readsIt = (node: Expression, local: number): boolean =>
  atomsOf(node).some((atom) => atom.kind === "local" && atom.index === local);

/** `rest` with what `made` binds in the one way that reads it; `undefined` when there is no such way. */
function into(made: Let, rest: Expression): Expression | undefined {
  switch (rest.kind) {
    case "charge": {
      const body = into(made, rest.body);
      return body === undefined ? undefined : { ...rest, body };
    }
    case "if":
    case "switch": {
      if (readsIt(rest, made.local)) return undefined;
      const reading = waysOf(rest).filter((way) => reads(way, made.local));
      if (reading.length !== 1) return undefined;
      return mapWays(rest, (way) => (way === reading[0] ? atStart(made, way) : charged(0, bytesOf(made.value)!, way)));
    }
    case "let": {
      if (reads(rest.value, made.local)) {
        if (reads(rest.body, made.local)) return undefined;
        const value = rest.value.kind === "if" || rest.value.kind === "switch" ? into(made, rest.value) : undefined;
        return value === undefined ? undefined : { ...rest, value };
      }
      if (!isCalm(rest.value)) return undefined;
      const body = into(made, rest.body);
      return body === undefined ? undefined : { ...rest, body };
    }
    default:
      return undefined;
  }
}

/** Behind the charge at the start, which whoever enters pays. */
const atStart = (made: Let, way: Expression): Expression =>
  way.kind === "charge" ? { ...way, body: atStart(made, way.body) } : { ...made, body: way };
