import fc from "fast-check";
import { expect, test } from "vitest";
import { node } from "../../test/decoders/arbitrary.ts";
import { Bytes } from "../std/index.ts";
import { compareNodes } from "./compareNodes.ts";
import { encode } from "./encode.ts";
import type { Node } from "./Node.ts";
import { valueFromNode, valueToNode } from "./ValueCodec.ts";

const edges = fc.constantFrom<Node>(
  ...[0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].flatMap((n) =>
    [n, -n - 1].filter(Number.isSafeInteger),
  ),
  ...["", "a", "é", "\uffff", "\u{10000}", "x".repeat(23), "x".repeat(24), "é".repeat(12), "\u{10000}".repeat(6)],
  ...[23, 24, 255, 256].map((length) => new Uint8Array(length)),
);
const any = fc.oneof(node, edges, fc.array(fc.oneof(node, edges), { maxLength: 3 }));

test("nodes are ordered as their encodings are", () => {
  fc.assert(
    fc.property(any, any, any, (a, b, c) => {
      for (const [x, y] of [
        [a, b],
        [
          [a, b],
          [a, c],
        ],
        [[a], [b, c]],
      ] as const)
        expect(Math.sign(compareNodes(x, y))).toBe(Math.sign(Bytes.compare(encode(x), encode(y))));
      expect(compareNodes(a, structuredClone(a))).toBe(0);
    }),
    { numRuns: 2000, seed: 20_261_126 },
  );
});

test("a set in a set in a set is looked at once, whatever its depth", () => {
  let looks = 0;
  const many = Array.from({ length: 1000 }, (): Node => [2, 0]);
  const watched = new Proxy(many, {
    get(target, name, receiver) {
      looks++;
      return Reflect.get(target, name, receiver);
    },
  });
  let node: Node = [10, watched];
  for (let i = 0; i < 400; i++) node = [12, [[2, 0], node]];
  const read = valueFromNode(node);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  // Writing the keys to compare them looked at each of the thousand again for each of the four hundred sets.
  expect(looks).toBeLessThan(10 * many.length);
  expect(Bytes.equal(encode(valueToNode(read.value)), encode(node))).toBe(true);
});
