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
export function readOpening(
  input: Reader,
  tree: Tree,
  root: Blake3.Digest,
  leaves: readonly number[],
  hashRows: Blake3.RowHasher,
): OpenedRows[] {
  const opened: { matrix: Matrix; rows: Map<number, Uint32Array> }[] = [];
  const where = `opening of the ${tree.name} tree`;
  const digests = new Map<number, Level>();
  for (const group of rowGroups(tree)) {
    const rows = group.matrices.map((matrix) => ({ matrix, rows: new Map<number, Uint32Array>() }));
    const indices = distinct(leaves.map((leaf) => leaf >>> (tree.logLeaves - group.logRows)));
    const all = new Uint32Array(indices.length * group.words);
    for (const [i, index] of indices.entries()) {
      const words = input.elements(group.words, where);
      all.set(words, i * group.words);
      let at = 0;
      for (const { matrix, rows: of } of rows) {
        of.set(index, words.subarray(at, at + matrix.columns));
        at += matrix.columns;
      }
    }
    if (input.refusal() !== undefined) return opened;
    digests.set(group.logRows, { indices, digests: hashRows(all, group.words) });
    opened.push(...rows);
  }
  checkPaths(input, where, tree.logLeaves, digests, root, hashRows);
  return opened;
}

/** Known digests of one level of a tree, eight words for each of the ascending indices. */
export type Level = { readonly indices: readonly number[]; readonly digests: Uint32Array };

const PAIR_WORDS = 2 * Blake3.DIGEST_WORDS;

/** Climbs from the rows to the root; `joining` holds the hashes of opened rows by log2 of their level. */
export function checkPaths(
  input: Reader,
  where: string,
  logLeaves: number,
  joining: ReadonlyMap<number, Level>,
  root: Blake3.Digest,
  hashRows: Blake3.RowHasher,
): void {
  let { indices, digests } = joining.get(logLeaves)!;
  const words = (of: Uint32Array, i: number): Uint32Array =>
    of.subarray(Blake3.DIGEST_WORDS * i, Blake3.DIGEST_WORDS * (i + 1));
  for (let log = logLeaves - 1; log >= 0; log--) {
    const parents: number[] = [];
    const pairs = new Uint32Array(PAIR_WORDS * indices.length);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      const at = PAIR_WORDS * parents.length;
      parents.push(index >>> 1);
      pairs.set(words(digests, i), at + Blake3.DIGEST_WORDS * (index % 2));
      // A known sibling is the next index; one that is not known is read.
      const known = index % 2 === 0 && indices[i + 1] === index + 1;
      const sibling = known ? words(digests, ++i) : input.digest(where);
      pairs.set(sibling, at + Blake3.DIGEST_WORDS * (1 - (index % 2)));
    }
    digests = hashRows(pairs.subarray(0, PAIR_WORDS * parents.length), PAIR_WORDS);
    indices = parents;
    const rows = joining.get(log);
    if (rows === undefined) continue;
    // Rows of this height were opened for exactly these nodes.
    const joined = new Uint32Array(PAIR_WORDS * indices.length);
    for (let i = 0; i < indices.length; i++) {
      joined.set(words(digests, i), PAIR_WORDS * i);
      joined.set(words(rows.digests, i), PAIR_WORDS * i + Blake3.DIGEST_WORDS);
    }
    digests = hashRows(joined, PAIR_WORDS);
  }
  if (!Blake3.equal(digests, root)) {
    input.refuse("opening", where, `root ${Blake3.show(root)}`, Blake3.show(digests));
  }
}
