import * as dagCbor from "@ipld/dag-cbor";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { sha256 } from "multiformats/hashes/sha2";
import { describe, expect, test } from "vitest";
import { Bytes } from "../std/index.ts";
import * as ContentHash from "./ContentHash.ts";
import { BLOCK_BYTES_MAX, decode, NODE_DEPTH_MAX, showDecodeError } from "./decode.ts";
import { encode } from "./encode.ts";
import { Kind } from "./Kind.ts";
import { isLink, link, type Node } from "./Node.ts";

const seeds = { seed: 20_261_122 };

const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(ContentHash.fromDigest);
const anyNode: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Node>(null, true, false),
    fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }).map((n) => (n === 0 ? 0 : n)),
    fc.constantFrom<Node>(
      0,
      23,
      24,
      255,
      256,
      65_535,
      65_536,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 53 - 1,
      -1,
      -24,
      -25,
      -(2 ** 53) + 1,
    ),
    fc.string({ unit: "binary" }),
    fc.uint8Array(),
    anyHash.map(link),
    fc.array(tie("node"), { maxLength: 30 }),
  ),
})).node;

/** As the reference library writes and reads it. */
const toOracle = (node: Node): unknown =>
  node instanceof Uint8Array || node === null || typeof node !== "object"
    ? node
    : isLink(node)
      ? CID.parse(node.link)
      : (node as readonly Node[]).map(toOracle);

describe("a block", () => {
  test("has the bytes that @ipld/dag-cbor writes, and is read back", () => {
    fc.assert(
      fc.property(anyNode, (node) => {
        const bytes = encode(node);
        expect(Bytes.toHex(bytes)).toBe(Bytes.toHex(dagCbor.encode(toOracle(node))));
        expect(decode(bytes)).toEqual({ ok: true, value: node });
      }),
      { ...seeds, numRuns: 2000 },
    );
  });

  test("has the address that multiformats computes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const cid = CID.createV1(dagCbor.code, await sha256.digest(bytes));
        const hash = ContentHash.of(bytes);
        expect(hash).toBe(cid.toString());
        expect(ContentHash.toBytes(hash)).toEqual(cid.bytes);
        expect(ContentHash.fromBytes(cid.bytes)).toBe(hash);
        expect(ContentHash.parse(hash)).toBe(hash);
      }),
      { ...seeds, numRuns: 500 },
    );
  });

  test("of random bytes is refused, or has no other spelling", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const read = decode(bytes);
        if (read.ok) expect(encode(read.value)).toEqual(bytes);
        else expect(read.error.kind).toBe("NotCanonical");
      }),
      { ...seeds, numRuns: 5000 },
    );
  });

  test("that was changed is refused, or has no other spelling", () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom("set", "insert", "delete", "cut")), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(anyNode, edits, (node, changes) => {
        let bytes = [...encode(node)];
        for (const [at, byte, how] of changes) {
          const place = bytes.length === 0 ? 0 : at % bytes.length;
          if (how === "set") bytes[place] = byte;
          else if (how === "insert") bytes.splice(place, 0, byte);
          else if (how === "delete") bytes.splice(place, 1);
          else bytes = bytes.slice(0, place);
        }
        const read = decode(Uint8Array.from(bytes));
        if (read.ok) expect([...encode(read.value)]).toEqual(bytes);
      }),
      { ...seeds, numRuns: 5000 },
    );
  });

  const refusals: readonly (readonly [string, string, number, RegExp])[] = [
    ["nothing", "", 0, /ends too early/],
    ["bytes after the end", "0000", 1, /bytes follow/],
    ["a number not in its shortest form", "1800", 0, /shortest form/],
    ["a number not in its shortest form, two bytes", "1900ff", 0, /shortest form/],
    ["a number not in its shortest form, four bytes", "1a0000ffff", 0, /shortest form/],
    ["a number not in its shortest form, eight bytes", "1b00000000ffffffff", 0, /shortest form/],
    ["2^53", "1b0020000000000000", 0, /past 2\^53/],
    ["-2^53", "3b001fffffffffffff", 0, /past 2\^53/],
    ["2^64 - 1", "1bffffffffffffffff", 0, /past 2\^53/],
    ["a float", "f93e00", 0, /no floats/],
    ["a double", "fb3ff8000000000000", 0, /no floats/],
    ["undefined", "f7", 0, /no floats/],
    ["a map", "a0", 0, /maps are not allowed/],
    ["another tag", "c249010000000000000000", 0, /only tag 42/],
    ["a link that is no CID", "d82a4100", 0, /not a CIDv1/],
    ["a link without the leading zero", `d82a5824${"01711220"}${"00".repeat(32)}`, 0, /not a CIDv1/],
    ["a link of another codec", `d82a582500${"01551220"}${"00".repeat(32)}`, 0, /not a CIDv1/],
    ["a link of text", "d82a6161", 0, /not a CIDv1/],
    ["an indefinite list", "9f00ff", 0, /indefinite/],
    ["a reserved length", "1c", 0, /indefinite/],
    ["text that is no UTF-8", "61ff", 0, /UTF-8/],
    ["an overlong text", "62c080", 0, /UTF-8/],
    ["a surrogate in text", "63eda080", 0, /UTF-8/],
    ["a text that is cut", "6261", 0, /inside a string/],
    ["a list that is cut", "8200", 0, /longer than the block/],
    ["a length beyond the block", "5a7fffffff00", 0, /inside a string/],
    ["a wrong item inside", "8200f7", 2, /no floats/],
  ];
  for (const [title, hex, at, reason] of refusals) {
    test(`is refused: ${title}`, () => {
      const read = decode(Bytes.fromHex(hex)!);
      if (read.ok) throw new Error("accepted");
      expect(read.error).toMatchObject({ kind: "NotCanonical", at });
      expect(showDecodeError(read.error)).toMatch(reason);
    });
  }

  test("may be nested to the bound and not beyond", () => {
    const nested = (depth: number) => Uint8Array.from([...new Array<number>(depth).fill(0x81), 0x00]);
    expect(decode(nested(NODE_DEPTH_MAX)).ok).toBe(true);
    expect(decode(nested(NODE_DEPTH_MAX + 1))).toMatchObject({ ok: false, error: { kind: "NotCanonical" } });
    expect(decode(nested(1_000_000)).ok).toBe(false);
  });

  test("larger than the bound is refused before it is read", () => {
    const read = decode(new Uint8Array(BLOCK_BYTES_MAX + 1));
    expect(read).toEqual({
      ok: false,
      error: { kind: "TooLarge", bytes: BLOCK_BYTES_MAX + 1, bytesMax: BLOCK_BYTES_MAX },
    });
    expect(!read.ok && showDecodeError(read.error)).toMatch(/more than 16777216/);
  });

  test("cannot be made of what has no encoding: our own bug, which throws", () => {
    for (const bad of [1.5, -0, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY, "\ud800", "a\udc00"])
      expect(() => encode(bad)).toThrow(/internal error/);
  });
});

describe("an address", () => {
  const good = ContentHash.of(encode([1, 2, 3]));
  test("is read only in its one spelling", () => {
    for (const bad of [
      "",
      "b",
      good.toUpperCase(),
      ` ${good}`,
      `${good}a`,
      good.slice(0, -1),
      `z${good.slice(1)}`,
      good.replace(/.$/, "1"),
      "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
      "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
      "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
    ])
      expect(ContentHash.parse(bad)).toBeUndefined();
  });

  test("has padding bits of zero, else two texts would be one address", () => {
    const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    const accepted = [...alphabet].filter((last) => ContentHash.parse(good.slice(0, -1) + last) !== undefined);
    // 36 bytes are 288 bits, 58 digits hold 290: two bits are padding, so every fourth digit is left.
    expect(accepted).toHaveLength(8);
  });

  test("of other lengths or prefixes is not read from bytes", () => {
    const bytes = ContentHash.toBytes(good);
    expect(ContentHash.fromBytes(bytes.subarray(1))).toBeUndefined();
    expect(ContentHash.fromBytes(Bytes.concat(bytes, Uint8Array.of(0)))).toBeUndefined();
    for (const at of [0, 1, 2, 3]) expect(ContentHash.fromBytes(bytes.with(at, 0x55))).toBeUndefined();
  });

  test("is shown short by the part that varies", () => {
    expect(ContentHash.short(good)).toBe(good.slice(0, 19));
    expect(good.startsWith("bafyrei")).toBe(true);
  });
});

test("kinds of blocks have distinct numbers", () => {
  const numbers = Object.values(Kind);
  expect(new Set(numbers).size).toBe(numbers.length);
});
