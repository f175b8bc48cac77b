/** Bytes and blocks that someone changed: what a strict decoder either refuses or would have written itself. */
import fc from "fast-check";
import { expect } from "vitest";
import { decode as decodeNode, encode as encodeNode, isList, type Node, valueToNode } from "../../src/content/index.ts";
import { Bytes, type Result } from "../../src/std/index.ts";
import { node as anyNode, value as anyValue } from "./arbitrary.ts";

/** Heads of CBOR that lie about a length or a depth, floats, a lone surrogate, a map with one key twice, an endless list. */
const HOSTILE = [
  "9bffffffffffffffff",
  "9affffffff",
  "5bffffffffffffffff",
  "7affffffff",
  "1b0020000000000000",
  "f97e00",
  "f98000",
  "63eda080",
  "a2616101616101",
  "9f",
  "d82a",
  "81".repeat(3000),
].map((hex) => Bytes.fromHex(hex)!);

type Edit = (bytes: Uint8Array) => Uint8Array;

const splice = (bytes: Uint8Array, from: number, to: number, put: Uint8Array = Bytes.empty): Uint8Array =>
  Bytes.concat(bytes.subarray(0, from), put, bytes.subarray(to));

/** One change of bytes at a random place: a bit, a byte, a cut, a repetition, an insertion. */
const byteEdit: fc.Arbitrary<Edit> = fc
  .tuple(fc.nat(), fc.nat(12), fc.oneof(fc.constantFrom(...HOSTILE), fc.uint8Array({ minLength: 1, maxLength: 4 })))
  .chain(([at, length, put]) => {
    const within = (edit: (bytes: Uint8Array, place: number, end: number) => Uint8Array) =>
      fc.constant<Edit>((bytes) => {
        if (bytes.length === 0) return put;
        const place = at % bytes.length;
        return edit(bytes, place, Math.min(bytes.length, place + length));
      });
    return fc.oneof(
      within((bytes, place) => bytes.with(place, bytes[place]! ^ (1 << (length % 8)))),
      within((bytes, place) => bytes.with(place, put[0]!)),
      within((bytes, place) => bytes.slice(0, place)),
      within((bytes, place, end) => splice(bytes, place, end)),
      within((bytes, place, end) => splice(bytes, end, end, bytes.subarray(place, end))),
      within((bytes, place) => splice(bytes, place, place, put)),
      within((bytes, place) => splice(bytes, place, place + 1, put)),
      within((bytes) => Bytes.concat(bytes, put)),
    );
  });

/** One to three changes of bytes. */
export const byteEdits: fc.Arbitrary<Edit> = fc
  .array(byteEdit, { minLength: 1, maxLength: 3 })
  .map((edits) => (bytes) => edits.reduce((now, edit) => edit(now), bytes));

/** How many nodes a tree has, itself among them. */
const size = (node: Node): number =>
  node !== null && isList(node) ? node.reduce<number>((sum, one) => sum + size(one), 1) : 1;

/** The tree with its node number `at` (in order of writing) replaced. */
function replace(node: Node, at: number, edit: (node: Node) => Node): Node {
  if (at === 0) return edit(node);
  if (node === null || !isList(node)) return node;
  let before = 1;
  return node.map((one) => {
    const from = at - before;
    before += size(one);
    return from >= 0 && at < before ? replace(one, from, edit) : one;
  });
}

/** Changes of one part of a block that leave the block canonical, so that it is the shape that is tested. */
const nodeEdit: fc.Arbitrary<(root: Node) => Node> = fc
  .record({ at: fc.nat(), item: fc.nat(), put: fc.oneof(anyNode, anyValue.map(valueToNode)), how: fc.nat(8) })
  .map(({ at, item, put, how }) => {
    const edit = (node: Node): Node => {
      if (typeof node === "number" && how < 4)
        return [Math.min(2 ** 53 - 1, node + 1), Math.max(-1, node - 1), 0, 2 ** 53 - 1][how]!;
      if (typeof node === "string" && how < 3) return [`${node}x`, [...node].slice(1).join(""), "__proto__"][how]!;
      if (node === null || !isList(node) || node.length === 0) return put;
      const i = item % node.length;
      const j = (i + 1) % node.length;
      switch (how) {
        case 0:
          return node.toSpliced(i, 1);
        case 1:
          return node.toSpliced(i, 0, node[i]!);
        case 2:
          return node.toSpliced(item % (node.length + 1), 0, put);
        case 3:
          return node.with(i, node[j]!).with(j, node[i]!);
        case 4:
          return node[i]!;
        case 5:
          return [node];
        default:
          return node.with(i, put);
      }
    };
    return (root) => replace(root, at % size(root), edit);
  });

/** Canonical bytes of another tree than these bytes hold. */
export const nodeEdits: fc.Arbitrary<Edit> = fc
  .array(nodeEdit, { minLength: 1, maxLength: 2 })
  .map((edits) => (bytes) => {
    const node = decodeNode(bytes);
    if (!node.ok) throw new Error("only blocks have nodes");
    return encodeNode(edits.reduce((now, edit) => edit(now), node.value));
  });

export interface Strict<T> {
  readonly any: fc.Arbitrary<T>;
  readonly encode: (data: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Result<T, unknown>;
  /** The refusals that the decoder promises. */
  readonly isRefusal: (error: unknown) => boolean;
  readonly numRuns?: number;
}

/**
 * The three laws of a strict decoder of blocks: what is written is read back; what is read, its encoder would have
 * written byte for byte; all else is refused, by the decoder's own refusal and never by a throw.
 */
export function checkStrict<T>({ any, encode, decode, isRefusal, numRuns = 300 }: Strict<T>): void {
  let accepted = 0;
  let refused = 0;
  const judge = (bytes: Uint8Array): void => {
    const read = decode(bytes);
    if (read.ok) expect(Bytes.toHex(encode(read.value))).toBe(Bytes.toHex(bytes));
    else if (!isRefusal(read.error)) throw new Error(`refused without saying how: ${JSON.stringify(read.error)}`);
    if (read.ok) accepted++;
    else refused++;
  };
  fc.assert(
    fc.property(any, byteEdits, nodeEdits, (data, bend, rebuild) => {
      const bytes = encode(data);
      expect(decode(bytes)).toEqual({ ok: true, value: data });
      judge(bend(bytes));
      judge(rebuild(bytes));
      judge(bend(rebuild(bytes)));
    }),
    { numRuns, seed: 20_261_126 },
  );
  // A test that only ever sees one side of the decoder tests nothing.
  expect(Math.min(accepted, refused)).toBeGreaterThan(0);
}

/** Refusals are tagged: `{ kind: … }`. */
export const isTagged =
  (...kinds: readonly string[]) =>
  (error: unknown): boolean =>
    typeof error === "object" && error !== null && kinds.includes((error as { readonly kind?: string }).kind ?? "");

/** Refusals that are a reason for people. */
export const isReason = (error: unknown): boolean => typeof error === "string" && error.length > 0;
