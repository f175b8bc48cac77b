import { createMerkleProof, createMPT, verifyMerkleProof } from "@ethereumjs/mpt";
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bytes } from "../../std/index.ts";
import * as Rlp from "./Rlp.ts";
import * as Trie from "./Trie.ts";

/** Distinct keys, short ones with shared beginnings included, and values that are not empty. */
const entries = fc.uniqueArray(
  fc.tuple(
    fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.uint8Array({ minLength: 32, maxLength: 32 })),
    fc.uint8Array({ minLength: 1, maxLength: 80 }),
  ),
  { selector: ([key]) => Bytes.toHex(key), minLength: 1, maxLength: 40 },
);

async function reference(list: readonly (readonly [Uint8Array, Uint8Array])[]) {
  const trie = await createMPT();
  for (const [key, value] of list) await trie.put(key, value);
  return trie;
}

describe("tries", () => {
  it("have the roots and proofs of another implementation", async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.uint8Array({ minLength: 1, maxLength: 3 }), async (list, other) => {
        const ours = Trie.of(list);
        const theirs = await reference(list);
        expect(Bytes.toHex(ours.root)).toBe(Bytes.toHex(theirs.root()));
        for (const key of [...list.slice(0, 5).map(([k]) => k), other]) {
          // That implementation lists short nodes again that already stand inside their parent.
          const listed = await createMerkleProof(theirs, key);
          const proof = listed.filter((node, i) => i === 0 || node.length >= 32);
          expect(ours.prove(key).map(Bytes.toHex)).toEqual(proof.map(Bytes.toHex));
          const got = Trie.get(ours.root, key, proof, "test");
          const expected = await verifyMerkleProof(key, listed);
          expect(got).toEqual({ ok: true, value: expected ?? undefined });
        }
      }),
      { numRuns: 60 },
    );
  });

  it("of no entries prove that nothing is there", () => {
    const trie = Trie.of([]);
    expect(Bytes.toHex(trie.root)).toBe("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    expect(Trie.get(trie.root, Uint8Array.of(1), [], "test")).toEqual({ ok: true, value: undefined });
  });

  it("refuse every proof that was changed, whichever byte it is", () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (list, at, where, flip) => {
        const trie = Trie.of(list);
        const [key] = list[at % list.length]!;
        const proof = trie.prove(key);
        const index = where % proof.length;
        const node = proof[index]!;
        const changed = proof.map((n, i) =>
          i === index ? node.map((b, j) => (j === where % node.length ? b ^ flip : b)) : n,
        );
        expect(Trie.get(trie.root, key, changed, "test").ok).toBe(false);
        expect(Trie.get(trie.root, key, proof.slice(0, -1), "test").ok).toBe(false);
        expect(Trie.get(trie.root, key, [...proof, node], "test").ok).toBe(false);
        expect(Trie.get(keccak_256(trie.root), key, proof, "test").ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("answer any bytes as nodes with a value or a refusal, also under a root that fits", () => {
    fc.assert(
      fc.property(hostileNode(), fc.uint8Array({ minLength: 1, maxLength: 4 }), (node, key) => {
        const raw = Rlp.encode(node);
        const got = Trie.get(keccak_256(raw), key, [raw], "test");
        if (!got.ok) expect(["MalformedProof", "MissingNode", "WrongHash", "TooLarge"]).toContain(got.error.kind);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["an extension without a path", [Uint8Array.of(0x00), new Uint8Array(32)]],
    ["a flag above three", [Uint8Array.of(0x45), Uint8Array.of(1)]],
    ["padding that is not zero", [Uint8Array.of(0x21, 0x01), Uint8Array.of(1)]],
    ["a leaf without a value", [Uint8Array.of(0x20, 0x01), Bytes.empty]],
    ["three items", [Bytes.empty, Bytes.empty, Bytes.empty]],
    ["a long node inside its parent", [Uint8Array.of(0x10), [new Uint8Array(20), new Uint8Array(20)]]],
  ] as const)("refuse %s", (_, node) => {
    const raw = Rlp.encode(node);
    const got = Trie.get(keccak_256(raw), Uint8Array.of(0x01), [raw], "test");
    expect(got.ok ? undefined : got.error.kind).toBe("MalformedProof");
  });

  it("bound the number and the size of nodes", () => {
    const root = new Uint8Array(32);
    const many = Trie.get(root, Uint8Array.of(1), Array(Trie.PROOF_NODES_MAX + 1).fill(root), "test");
    expect(many.ok ? undefined : many.error.kind).toBe("TooLarge");
    const large = Trie.get(root, Uint8Array.of(1), [new Uint8Array(Trie.PROOF_NODE_BYTES_MAX + 1)], "test");
    expect(large.ok ? undefined : large.error.kind).toBe("TooLarge");
  });
});

function hostileNode(): fc.Arbitrary<Rlp.Rlp> {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ minLength: 32, maxLength: 32 }));
  const { node } = fc.letrec<{ node: Rlp.Rlp; item: Rlp.Rlp }>((tie) => ({
    item: fc.oneof({ depthSize: "small" }, bytes, tie("node")),
    node: fc.oneof(
      fc.array(tie("item"), { minLength: 2, maxLength: 2 }),
      fc.array(tie("item"), { minLength: 17, maxLength: 17 }),
      fc.array(tie("item"), { maxLength: 3 }),
    ),
  }));
  return node;
}
