/**
 * What is built and never read is not built; its bytes are charged all the same. Work that may fault or charges by its
 * data stays; so does a builtin whose arguments are not seen to be of the types that it takes.
 *
 *     let $1 = closure scale/1[$0]      charge 0, 32 bytes
 *     let $2 = scale/1($0, 7)           let $2 = scale/1($0, 7)
 */
import { closureBytes, listBytes, recordBytes, tupleBytes, VARIANT_BYTES } from "./cost.ts";
import type { Work } from "./Pass.ts";
import { charged, type Expression } from "./Tree.ts";
import { headsOf, isTotal } from "./total.ts";
import { atomsOf, countUses, rebuild } from "./walk.ts";

export function deadCode(work: Work, body: Expression): Expression {
  const uses = countUses(body, work.locals);
  const heads = headsOf(body);
  const unread = (value: Expression): number | undefined =>
    value.kind === "builtin" && isTotal(work, heads, value) ? 0 : bytesOf(value);
  const walk = (node: Expression): Expression => {
    if (node.kind !== "let") return rebuild(node, (atom) => atom, walk);
    // The body first: what it drops may have been the last to read this.
    const rest = walk(node.body);
    const bytes = uses[node.local] === 0 ? unread(node.value) : undefined;
    if (bytes === undefined) return { ...node, value: walk(node.value), body: rest };
    work.changes++;
    for (const atom of atomsOf(node.value)) if (atom.kind === "local") uses[atom.index]!--;
    return charged(0, bytes, rest);
  };
  return walk(body);
}

/** Bytes of what only builds; `undefined` for all else. */
export function bytesOf(node: Expression): number | undefined {
  switch (node.kind) {
    case "atom":
      return 0;
    case "tuple":
      return tupleBytes(node.items.length);
    case "list":
      return listBytes(node.items.length);
    case "record":
      return recordBytes(node.values.length);
    case "variant":
      return node.payload === undefined ? 0 : VARIANT_BYTES;
    case "closure":
      return closureBytes(node.captured.length);
    default:
      return undefined;
  }
}
