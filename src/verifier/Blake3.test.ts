import { blake3 } from "@noble/hashes/blake3.js";
import { describe, expect, test } from "vitest";
import * as Blake3 from "./Blake3.ts";

/** The published test vectors (BLAKE3 test_vectors.json): input byte i is i mod 251; first 32 bytes of the hash. */
const VECTORS: readonly (readonly [number, string])[] = [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"],
  [1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"],
  [1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"],
  [1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"],
  [2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"],
  [2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"],
  [3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2"],
  [31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"],
];
const input = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % 251);

describe("BLAKE3", () => {
  test.each(VECTORS)("published vector of %i bytes", (length, hex) => {
    expect(Blake3.show(Blake3.ofBytes(input(length)))).toBe(hex);
  });
  test("agrees with an independent implementation at every length around block and chunk borders", () => {
    for (const length of [2, 3, 4, 5, 63, 64, 65, 127, 128, 129, 1020, 4096, 4097, 5121, 7000]) {
      expect(Blake3.toBytes(Blake3.ofBytes(input(length)))).toEqual(blake3(input(length)));
    }
  });
  test("words are little-endian bytes, and a pair is 64 bytes", () => {
    const bytes = input(64);
    const words = new Uint32Array(bytes.buffer.slice(0));
    expect(Blake3.ofWords(words)).toEqual(Blake3.ofBytes(bytes));
    expect(Blake3.ofPair(words.slice(0, 8), words.slice(8))).toEqual(Blake3.ofBytes(bytes));
    expect(Blake3.fromBytes(Blake3.toBytes(words.slice(0, 8)))).toEqual(words.slice(0, 8));
  });
});
