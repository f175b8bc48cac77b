/**
 * Merkle trees over rows. A leaf is the hash of the words of a row of all the tallest matrices; where matrices of a
 * smaller height join, the node of that level is hashed with the hash of their row. Rows stand in bit-reversed order,
 * so row i of a matrix half as tall belongs to rows 2i and 2i+1. Many rows are opened at once: each distinct row once,
 * in ascending order, and only the siblings that cannot be computed, level by level, left to right.
 */
import * as Blake3 from "./Blake3.ts";
import { type Matrix, rowGroups, type Tree } from "./layout.ts";
import type { Reader } from "./Reader.ts";

/** Ascending, each once. */
export const distinct = (indices: Iterable<number>): number[] => [...new Set(indices)].sort((a, b) => a - b);

/** The rows opened of a matrix, by their number in that matrix. */
export type OpenedRows = { readonly matrix: Matrix; readonly rows: ReadonlyMap<number, Uint32Array> };

/**
 * Reads and checks the opening of `leaves` (ascending, distinct leaf numbers). Refuses through the reader when the
 * computed root is not the committed one.
 */
export function readOpening(input: Reader, tree: Tree, root: Blake3.Digest, leaves: readonly number[]): OpenedRows[] {
  const opened: { matrix: Matrix; rows: Map<number, Uint32Array> }[] = [];
  const where = `opening of the ${tree.name} tree`;
  const digests = new Map<number, Map<number, Blake3.Digest>>();
  for (const group of rowGroups(tree)) {
    const level = new Map<number, Blake3.Digest>();
    const rows = group.matrices.map((matrix) => ({ matrix, rows: new Map<number, Uint32Array>() }));
    for (const index of distinct(leaves.map((leaf) => leaf >>> (tree.logLeaves - group.logRows)))) {
      const words = input.elements(group.words, where);
      level.set(index, Blake3.ofWords(words));
      let at = 0;
      for (const { matrix, rows: of } of rows) {
        of.set(index, words.subarray(at, at + matrix.columns));
        at += matrix.columns;
      }
    }
    digests.set(group.logRows, level);
    opened.push(...rows);
  }
  if (input.refusal() === undefined) checkPaths(input, where, tree.logLeaves, digests, root);
  return opened;
}

/** Climbs from the rows to the root; `digests` holds the hashes of opened rows by log2 of their level. */
export function checkPaths(
  input: Reader,
  where: string,
  logLeaves: number,
  digests: ReadonlyMap<number, ReadonlyMap<number, Blake3.Digest>>,
  root: Blake3.Digest,
): void {
  let level = digests.get(logLeaves)!;
  for (let log = logLeaves - 1; log >= 0; log--) {
    const joining = digests.get(log);
    const above = new Map<number, Blake3.Digest>();
    for (const [index, digest] of level) {
      const parent = index >>> 1;
      if (above.has(parent)) continue;
      const sibling = level.get(index ^ 1) ?? input.digest(where);
      const node = index % 2 === 0 ? Blake3.ofPair(digest, sibling) : Blake3.ofPair(sibling, digest);
      above.set(parent, joining === undefined ? node : Blake3.ofPair(node, joining.get(parent)!));
    }
    level = above;
  }
  if (!Blake3.equal(level.get(0)!, root)) {
    input.refuse("opening", where, `root ${Blake3.show(root)}`, Blake3.show(level.get(0)!));
  }
}
