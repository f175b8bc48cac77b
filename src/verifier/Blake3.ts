/**
 * BLAKE3 (blake3 specification of 2020, §2): the hash of leaves, nodes, transcript and proof of work.
 * Input is counted in 32-bit words, little-endian, because all that this project hashes with it is words; `ofBytes` is
 * the general form. A digest is eight words.
 */

export type Digest = Uint32Array;

export const DIGEST_WORDS = 8;
const BLOCK_WORDS = 16;
const CHUNK_WORDS = 256;

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;

const IV: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** Seven rounds of message order, each the permutation of the one before. */
const SCHEDULE: Uint8Array = (() => {
  const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
  const order = new Uint8Array(7 * 16);
  for (let i = 0; i < 16; i++) order[i] = i;
  for (let i = 16; i < order.length; i++) order[i] = order[i - (i % 16) - 16 + permutation[i % 16]!]!;
  return order;
})();

/** One compression of the block at m[at..at+16]; writes eight words to out[to..to+8] (`cv` and `out` may be one). */
function compress(
  cv: Uint32Array,
  from: number,
  m: Uint32Array,
  at: number,
  counter: number,
  length: number,
  flags: number,
  out: Uint32Array,
  to: number,
): void {
  let v0 = cv[from]! | 0;
  let v1 = cv[from + 1]! | 0;
  let v2 = cv[from + 2]! | 0;
  let v3 = cv[from + 3]! | 0;
  let v4 = cv[from + 4]! | 0;
  let v5 = cv[from + 5]! | 0;
  let v6 = cv[from + 6]! | 0;
  let v7 = cv[from + 7]! | 0;
  let v8 = IV[0]! | 0;
  let v9 = IV[1]! | 0;
  let v10 = IV[2]! | 0;
  let v11 = IV[3]! | 0;
  let v12 = counter | 0;
  let v13 = 0;
  let v14 = length;
  let v15 = flags;
  for (let s = 0; s < 112; s += 16) {
    v0 = (v0 + v4 + m[at + SCHEDULE[s + 0]!]!) | 0;
    v12 ^= v0;
    v12 = (v12 >>> 16) | (v12 << 16);
    v8 = (v8 + v12) | 0;
    v4 ^= v8;
    v4 = (v4 >>> 12) | (v4 << 20);
    v0 = (v0 + v4 + m[at + SCHEDULE[s + 1]!]!) | 0;
    v12 ^= v0;
    v12 = (v12 >>> 8) | (v12 << 24);
    v8 = (v8 + v12) | 0;
    v4 ^= v8;
    v4 = (v4 >>> 7) | (v4 << 25);
    v1 = (v1 + v5 + m[at + SCHEDULE[s + 2]!]!) | 0;
    v13 ^= v1;
    v13 = (v13 >>> 16) | (v13 << 16);
    v9 = (v9 + v13) | 0;
    v5 ^= v9;
    v5 = (v5 >>> 12) | (v5 << 20);
    v1 = (v1 + v5 + m[at + SCHEDULE[s + 3]!]!) | 0;
    v13 ^= v1;
    v13 = (v13 >>> 8) | (v13 << 24);
    v9 = (v9 + v13) | 0;
    v5 ^= v9;
    v5 = (v5 >>> 7) | (v5 << 25);
    v2 = (v2 + v6 + m[at + SCHEDULE[s + 4]!]!) | 0;
    v14 ^= v2;
    v14 = (v14 >>> 16) | (v14 << 16);
    v10 = (v10 + v14) | 0;
    v6 ^= v10;
    v6 = (v6 >>> 12) | (v6 << 20);
    v2 = (v2 + v6 + m[at + SCHEDULE[s + 5]!]!) | 0;
    v14 ^= v2;
    v14 = (v14 >>> 8) | (v14 << 24);
    v10 = (v10 + v14) | 0;
    v6 ^= v10;
    v6 = (v6 >>> 7) | (v6 << 25);
    v3 = (v3 + v7 + m[at + SCHEDULE[s + 6]!]!) | 0;
    v15 ^= v3;
    v15 = (v15 >>> 16) | (v15 << 16);
    v11 = (v11 + v15) | 0;
    v7 ^= v11;
    v7 = (v7 >>> 12) | (v7 << 20);
    v3 = (v3 + v7 + m[at + SCHEDULE[s + 7]!]!) | 0;
    v15 ^= v3;
    v15 = (v15 >>> 8) | (v15 << 24);
    v11 = (v11 + v15) | 0;
    v7 ^= v11;
    v7 = (v7 >>> 7) | (v7 << 25);
    v0 = (v0 + v5 + m[at + SCHEDULE[s + 8]!]!) | 0;
    v15 ^= v0;
    v15 = (v15 >>> 16) | (v15 << 16);
    v10 = (v10 + v15) | 0;
    v5 ^= v10;
    v5 = (v5 >>> 12) | (v5 << 20);
    v0 = (v0 + v5 + m[at + SCHEDULE[s + 9]!]!) | 0;
    v15 ^= v0;
    v15 = (v15 >>> 8) | (v15 << 24);
    v10 = (v10 + v15) | 0;
    v5 ^= v10;
    v5 = (v5 >>> 7) | (v5 << 25);
    v1 = (v1 + v6 + m[at + SCHEDULE[s + 10]!]!) | 0;
    v12 ^= v1;
    v12 = (v12 >>> 16) | (v12 << 16);
    v11 = (v11 + v12) | 0;
    v6 ^= v11;
    v6 = (v6 >>> 12) | (v6 << 20);
    v1 = (v1 + v6 + m[at + SCHEDULE[s + 11]!]!) | 0;
    v12 ^= v1;
    v12 = (v12 >>> 8) | (v12 << 24);
    v11 = (v11 + v12) | 0;
    v6 ^= v11;
    v6 = (v6 >>> 7) | (v6 << 25);
    v2 = (v2 + v7 + m[at + SCHEDULE[s + 12]!]!) | 0;
    v13 ^= v2;
    v13 = (v13 >>> 16) | (v13 << 16);
    v8 = (v8 + v13) | 0;
    v7 ^= v8;
    v7 = (v7 >>> 12) | (v7 << 20);
    v2 = (v2 + v7 + m[at + SCHEDULE[s + 13]!]!) | 0;
    v13 ^= v2;
    v13 = (v13 >>> 8) | (v13 << 24);
    v8 = (v8 + v13) | 0;
    v7 ^= v8;
    v7 = (v7 >>> 7) | (v7 << 25);
    v3 = (v3 + v4 + m[at + SCHEDULE[s + 14]!]!) | 0;
    v14 ^= v3;
    v14 = (v14 >>> 16) | (v14 << 16);
    v9 = (v9 + v14) | 0;
    v4 ^= v9;
    v4 = (v4 >>> 12) | (v4 << 20);
    v3 = (v3 + v4 + m[at + SCHEDULE[s + 15]!]!) | 0;
    v14 ^= v3;
    v14 = (v14 >>> 8) | (v14 << 24);
    v9 = (v9 + v14) | 0;
    v4 ^= v9;
    v4 = (v4 >>> 7) | (v4 << 25);
  }
  out[to] = v0 ^ v8;
  out[to + 1] = v1 ^ v9;
  out[to + 2] = v2 ^ v10;
  out[to + 3] = v3 ^ v11;
  out[to + 4] = v4 ^ v12;
  out[to + 5] = v5 ^ v13;
  out[to + 6] = v6 ^ v14;
  out[to + 7] = v7 ^ v15;
}

const IV_WORDS = Uint32Array.from(IV);
/** Blocks that are hashed at once and hold nothing between calls. */
const partBlock = new Uint32Array(BLOCK_WORDS);
const pairBlock = new Uint32Array(BLOCK_WORDS);

/** The hash of words[0..count], of which the last may be only partly used: `bytes` counts what is hashed. */
function hash(words: Uint32Array, bytes: number): Digest {
  const chunks = Math.max(1, Math.ceil(bytes / (4 * CHUNK_WORDS)));
  const chunkValue = (chunk: number): Uint32Array => {
    const cv = IV_WORDS.slice();
    const start = chunk * CHUNK_WORDS;
    const length = Math.min(4 * CHUNK_WORDS, bytes - 4 * start);
    const blocks = Math.max(1, Math.ceil(length / 64));
    for (let b = 0; b < blocks; b++) {
      const inBlock = Math.min(64, length - 64 * b);
      const at = start + b * BLOCK_WORDS;
      let flags = b === 0 ? CHUNK_START : 0;
      if (b === blocks - 1) flags |= chunks === 1 ? CHUNK_END | ROOT : CHUNK_END;
      if (inBlock === 64) compress(cv, 0, words, at, chunk, 64, flags, cv, 0);
      else {
        const used = Math.ceil(inBlock / 4);
        for (let i = 0; i < BLOCK_WORDS; i++) partBlock[i] = i < used ? words[at + i]! : 0;
        compress(cv, 0, partBlock, 0, chunk, inBlock, flags, cv, 0);
      }
    }
    return cv;
  };
  const tree = (first: number, count: number, root: number): Uint32Array => {
    if (count === 1) return chunkValue(first);
    let left = 1;
    while (2 * left < count) left *= 2;
    const pair = new Uint32Array(BLOCK_WORDS);
    pair.set(tree(first, left, 0));
    pair.set(tree(first + left, count - left, 0), DIGEST_WORDS);
    const out = new Uint32Array(DIGEST_WORDS);
    compress(IV_WORDS, 0, pair, 0, 0, 64, PARENT | root, out, 0);
    return out;
  };
  return tree(0, chunks, ROOT);
}

/** The hash of the first `count` words, each as four little-endian bytes. */
export const ofWords = (words: Uint32Array, count: number = words.length): Digest => hash(words, 4 * count);

export function ofBytes(bytes: Uint8Array): Digest {
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  for (let i = 0; i < bytes.length; i++) words[i >> 2]! |= bytes[i]! << (8 * (i & 3));
  return hash(words, bytes.length);
}

/** The hash of the 64 bytes left ‖ right: one compression. */
export function ofPair(left: Digest, right: Digest): Digest {
  for (let i = 0; i < DIGEST_WORDS; i++) {
    pairBlock[i] = left[i]!;
    pairBlock[DIGEST_WORDS + i] = right[i]!;
  }
  const out = new Uint32Array(DIGEST_WORDS);
  compress(IV_WORDS, 0, pairBlock, 0, 0, 64, CHUNK_START | CHUNK_END | ROOT, out, 0);
  return out;
}

/** Digests, eight words each, of consecutive rows of `width` words. Hosts may bring a faster one than `plainRows`. */
export type RowHasher = (words: Uint32Array, width: number) => Uint32Array;

export const plainRows: RowHasher = (words, width) => {
  const rows = words.length / width;
  const digests = new Uint32Array(DIGEST_WORDS * rows);
  for (let row = 0; row < rows; row++) {
    digests.set(hash(words.subarray(row * width, (row + 1) * width), 4 * width), DIGEST_WORDS * row);
  }
  return digests;
};

export function equal(a: Digest, b: Digest): boolean {
  for (let i = 0; i < DIGEST_WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lower-case hex of the 32 bytes. */
export function show(digest: Digest): string {
  let text = "";
  for (const byte of toBytes(digest)) text += byte.toString(16).padStart(2, "0");
  return text;
}

export function toBytes(digest: Digest): Uint8Array {
  const bytes = new Uint8Array(4 * digest.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = digest[i >> 2]! >>> (8 * (i & 3));
  return bytes;
}

export function fromBytes(bytes: Uint8Array): Digest {
  const digest = new Uint32Array(DIGEST_WORDS);
  for (let i = 0; i < 4 * DIGEST_WORDS; i++) digest[i >> 2]! |= bytes[i]! << (8 * (i & 3));
  return digest;
}
