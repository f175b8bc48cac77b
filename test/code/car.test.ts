/** CAR files: what is written, an outside reader reads; and whatever else comes is refused with its reason. */
import { CarReader } from "@ipld/car";
import fc from "fast-check";
import { sha256 } from "multiformats/hashes/sha2";
import { describe, expect, test } from "vitest";
import {
  addressUnit,
  applyAdd,
  type CodeBlock,
  decodeCar,
  encodeCar,
  pack,
  planAdd,
  putBundle,
  unpack,
  written,
} from "../../src/code/index.ts";
import { ContentHash, encode, encodeValue, Kind, link, type Node } from "../../src/content/index.ts";
import { check } from "../../src/language/index.ts";
import { Bytes } from "../../src/std/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

const note = { author: "ann", time: 1, reason: "add" };
const text = `module m
type Price(amount: Decimal)
/// Whether it is even.
fn even(n: Int) -> Bool { if n == 0 { true } else { odd(n - 1) } }
fn odd(n: Int) -> Bool { if n == 0 { false } else { even(n - 1) } }
fn more(price: Price) -> Price { Price(price.amount + 1) }
`;

async function bundle() {
  const sources = [{ path: "m.tel", text }];
  const checked = check(sources);
  const unit = addressUnit(checked.unit!, { source: written(checked, new Map([["m.tel", text]])) });
  const store = openMemoryStore();
  await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), note));
  const packed = pack(store, { entries: [store.name("m.even")!, store.name("m.more")!], withNames: true });
  if (!packed.ok) throw new Error(JSON.stringify(packed.error));
  return packed.value;
}

const block = (node: Node): CodeBlock => {
  const bytes = encode(node);
  return { hash: ContentHash.of(bytes), bytes };
};
const one = block([Kind.value, 1, [2, 1]]);
const file = encodeCar(one, [block([Kind.value, 1, [2, 2]])]);
const reason = (bytes: Uint8Array): string => {
  const read = decodeCar(bytes);
  return read.ok ? "accepted" : read.error;
};

describe("a CAR file", () => {
  test("is read by another implementation: the same root, the same blocks, every hash right", async () => {
    const { root, blocks } = await bundle();
    const reader = await CarReader.fromBytes(encodeCar(root, blocks));
    expect(reader.version).toBe(1);
    expect((await reader.getRoots()).map(String)).toEqual([root.hash]);
    const read: CodeBlock[] = [];
    for await (const { cid, bytes } of reader.blocks()) {
      expect(cid.code).toBe(0x71);
      expect((await sha256.digest(bytes)).bytes).toEqual(cid.multihash.bytes);
      read.push({ hash: String(cid) as ContentHash.ContentHash, bytes: new Uint8Array(bytes) });
    }
    expect(read).toEqual([root, ...blocks]);
  });

  test("reads back, and no other bytes read as the same", () => {
    const blocks = fc.uniqueArray(fc.uint8Array({ maxLength: 300 }), {
      selector: (bytes) => Bytes.toHex(bytes),
      minLength: 1,
    });
    fc.assert(
      fc.property(blocks, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, change) => {
        const [root, ...rest] = all.map((bytes) => ({ hash: ContentHash.of(bytes), bytes }));
        const bytes = encodeCar(root!, rest);
        const read = decodeCar(bytes);
        expect(read).toEqual({ ok: true, value: { root: root!.hash, blocks: [root, ...rest] } });
        const other = bytes.slice();
        other[at % bytes.length]! ^= change;
        const again = decodeCar(other);
        if (!again.ok) return;
        const [first, ...more] = again.value.blocks;
        // A root that is not the first block is for `unpack` to judge.
        if (first?.hash === again.value.root) expect(encodeCar(first, more)).toEqual(other);
      }),
    );
  });

  test("cut off anywhere is refused, but for the ends of its blocks", () => {
    const whole = new Set<number>();
    for (let end = 0; end < file.length; end++) if (decodeCar(file.subarray(0, end)).ok) whole.add(end);
    // After the header, and after the first block: those are files, and `unpack` misses what they lack.
    expect(whole).toEqual(new Set([59, file.length - 37 - one.bytes.length]));
    expect(reason(file.subarray(0, 0))).toMatch(/does not begin with the length of a header/);
    expect(reason(file.subarray(0, file.length - 3))).toBe("block 1 is cut off: 3 bytes are missing");
  });

  test("with another header, length, address or block twice is refused", () => {
    const long = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
    const rest = file.subarray(1);
    const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
      ["a header without end", Bytes.concat(long, rest), /does not begin with the length/],
      ["a header of a quarter of a gigabyte", Bytes.concat(Uint8Array.of(0xff, 0xff, 0xff, 0x7f), rest), /its header/],
      ["version 2", Bytes.concat(file.subarray(0, 58), Uint8Array.of(2), file.subarray(59)), /its header is not that/],
      [
        "no root",
        Bytes.concat(
          Uint8Array.of(17, 0xa2, 0x65),
          Bytes.fromText("roots"),
          Uint8Array.of(0x80, 0x67),
          Bytes.fromText("version"),
          Uint8Array.of(1),
        ),
        /its header/,
      ],
      [
        "a name `__proto__` in the header",
        Bytes.concat(Uint8Array.of(12, 0xa1, 0x69), Bytes.fromText("__proto__"), Uint8Array.of(1)),
        /its header/,
      ],
      [
        "a length that is not the shortest",
        Bytes.concat(file.subarray(0, 59), Uint8Array.of(0x80, 0x00)),
        /block 0 is cut off or not in its shortest form/,
      ],
      ["an empty section", Bytes.concat(file, Uint8Array.of(0)), /block 2 is not DAG-CBOR/],
      [
        "a section shorter than an address",
        Bytes.concat(file, Uint8Array.of(3, 1, 0x71, 0x12)),
        /block 2 is not DAG-CBOR/,
      ],
      [
        "a raw block",
        Bytes.concat(file, Uint8Array.of(36), Uint8Array.of(1, 0x55, 0x12, 0x20), new Uint8Array(32)),
        /block 2 is not DAG-CBOR/,
      ],
      ["a block twice", encodeCar(one, [one]), /block 1 is there twice/],
      [
        "a block of 100 MiB",
        Bytes.concat(file, Uint8Array.of(0x80, 0x80, 0x80, 0x32), new Uint8Array(100 * 1024 * 1024)),
        /block 2 has more than/,
      ],
    ];
    for (const [what, bytes, why] of cases) expect([what, reason(bytes)]).toEqual([what, expect.stringMatching(why)]);
  });

  test("of a million blocks that nothing leads to is refused", () => {
    const blocks = Array.from({ length: 1_000_000 }, (_, i) => {
      const bytes = Uint8Array.of(i & 255, (i >> 8) & 255, i >> 16);
      // Addresses are not looked at before the root is read.
      const digest = new Uint8Array(32);
      digest.set(bytes);
      return { hash: ContentHash.fromDigest(digest), bytes };
    });
    const read = decodeCar(encodeCar(one, blocks));
    if (!read.ok) throw new Error(read.error);
    expect(read.value.blocks).toHaveLength(1_000_001);
    expect(unpack(read.value.root, read.value.blocks, () => undefined)).toMatchObject({
      error: { reason: expect.stringMatching(/has other bytes|is not an export/) },
    });
  });
});

describe("what a CAR file brings", () => {
  const refusal = (
    root: Node,
    blocks: readonly CodeBlock[],
    present = new Map<ContentHash.ContentHash, Uint8Array>(),
  ) => {
    const head = block(root);
    const read = decodeCar(encodeCar(head, blocks));
    if (!read.ok) return read.error;
    const opened = unpack(read.value.root, read.value.blocks, (hash) => present.get(hash));
    return opened.ok ? "accepted" : opened.error.reason;
  };

  test("may be called `__proto__` or `constructor`, and changes nothing else by that", async () => {
    const store = openMemoryStore();
    const type = block([Kind.component, 1, [[5, 0, ["amount", [0, "Decimal"]]]]]);
    const names = ["__proto__", "constructor", "m.__proto__.toString"].sort();
    const head = block([Kind.export, 1, [link(type.hash)], names.map((name) => [name, link(type.hash)]), []]);
    const read = unpack(head.hash, [head, type], () => undefined);
    if (!read.ok) throw new Error(read.error.reason);
    await store.write((tx) => {
      putBundle(tx, read.value, note);
      for (const [name, hash] of read.value.names) tx.setName(name, undefined, hash, note);
    });
    expect(store.names("").map(([name]) => name)).toEqual(names);
    expect(({} as { readonly amount?: unknown }).amount).toBeUndefined();
  });

  test("cannot lead back to itself, and is nothing but code", () => {
    const stored = encodeValue("a value of the receiver");
    const present = new Map([[ContentHash.of(stored), stored]]);
    const self = block([Kind.component, 1, [[0, 0, 0, null, [2, 1]]]]);
    const member = block([Kind.member, 1, link(self.hash), 0]);
    const ofMember = block([Kind.member, 1, link(member.hash), 0]);
    const cases: readonly (readonly [string, Node, readonly CodeBlock[], RegExp])[] = [
      ["a reference to a member that is not there", [Kind.export, 1, [link(self.hash)], [], []], [self], /no member 1/],
      ["a member of a component of one", [Kind.export, 1, [link(member.hash)], [], []], [self, member], /invalid code/],
      [
        "a member of a member",
        [Kind.export, 1, [link(ofMember.hash)], [], []],
        [self, member, ofMember],
        /must link a component/,
      ],
      ["a value as code", [Kind.export, 1, [link(one.hash)], [], []], [one], /the block is not code/],
      [
        "a name for what the receiver has and is no code",
        [Kind.export, 1, [], [["m.f", link(ContentHash.of(stored))]], []],
        [],
        /the block is not code/,
      ],
      ["a newer format", [Kind.export, 1, [link(block([2, 99, []]).hash)], [], []], [block([2, 99, []])], /format 99/],
    ];
    for (const [what, root, blocks, why] of cases)
      expect([what, refusal(root, blocks, present)]).toEqual([what, expect.stringMatching(why)]);
  });
});
