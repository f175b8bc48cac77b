import { hash } from "./Blake3.ts";
import { insist, type Reader } from "./Reader.ts";

/** The matrices of one height: log₂ of their rows, and how many words a row of all of them (and the salt) has. */
export type Layer = { bits: number; width: number };

/** For each layer, by its bits: the opened rows by their numbers. */
export type Opening = ReadonlyMap<number, ReadonlyMap<number, Uint32Array>>;

const equal = (a: Uint32Array, b: Uint32Array): boolean => a.every((word, i) => word === b[i]);

/** Reads the opening of `leaves` of the tree with this root, and checks it. Layers go from the tallest. */
export function readOpening(reader: Reader, root: Uint32Array, layers: readonly Layer[], leaves: number[]): Opening {
  const top = layers[0]!.bits;
  const at = (bits: number): number[] =>
    [...new Set(leaves.map((leaf) => Math.floor(leaf / 2 ** (top - bits))))].sort((a, b) => a - b);
  const opening = new Map(
    layers.map(({ bits, width }) => [bits, new Map(at(bits).map((row) => [row, reader.elements(width)] as const))]),
  );
  let known = new Map([...opening.get(top)!].map(([row, words]) => [row, hash(words)]));
  for (let bits = top; bits > 0; bits--) {
    for (const node of [...known.keys()]) if (!known.has(node ^ 1)) known.set(node ^ 1, reader.words(8));
    const above = new Map<number, Uint32Array>();
    for (const node of known.keys())
      if (node % 2 === 0) above.set(node / 2, hash(known.get(node)!, known.get(node + 1)!));
    for (const [row, words] of opening.get(bits - 1) ?? []) above.set(row, hash(above.get(row)!, hash(words)));
    known = new Map([...above].sort(([a], [b]) => a - b));
  }
  insist(equal(known.get(0)!, root), "an opening does not lead to its root");
  return opening;
}

/** The root of a tree over one matrix. */
export function rootOf(rows: readonly ArrayLike<number>[]): Uint32Array {
  let nodes = rows.map((row) => hash(row));
  while (nodes.length > 1) nodes = nodes.flatMap((node, i) => (i % 2 === 0 ? [hash(node, nodes[i + 1]!)] : []));
  return nodes[0]!;
}
