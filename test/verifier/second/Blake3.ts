/** BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs), unkeyed, 32 bytes of output as eight words. */

const iv = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const chunkStart = 1;
const chunkEnd = 2;
const parent = 4;
const root = 8;

/** Which word of the block each of the seven rounds takes, in its order. */
const schedule = [Array.from({ length: 16 }, (_, i) => i)];
while (schedule.length < 7) schedule.push(permutation.map((i) => schedule.at(-1)![i]!));

const v = new Int32Array(16);

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

function mix(a: number, b: number, c: number, d: number, x: number, y: number): void {
  v[a] = v[a]! + v[b]! + x;
  v[d] = rotate(v[d]! ^ v[a]!, 16);
  v[c] = v[c]! + v[d]!;
  v[b] = rotate(v[b]! ^ v[c]!, 12);
  v[a] = v[a]! + v[b]! + y;
  v[d] = rotate(v[d]! ^ v[a]!, 8);
  v[c] = v[c]! + v[d]!;
  v[b] = rotate(v[b]! ^ v[c]!, 7);
}

/** Compresses the 16 words from `at` on, of which `bytes` bytes count. */
function compress(
  cv: ArrayLike<number>,
  words: Int32Array,
  at: number,
  counter: number,
  bytes: number,
  flags: number,
): Uint32Array {
  for (let i = 0; i < 8; i++) v[i] = cv[i]!;
  for (let i = 0; i < 4; i++) v[8 + i] = iv[i]!;
  v[12] = counter;
  v[13] = 0;
  v[14] = bytes;
  v[15] = flags;
  for (const order of schedule) {
    const m = (i: number): number => words[at + order[i]!]!;
    mix(0, 4, 8, 12, m(0), m(1));
    mix(1, 5, 9, 13, m(2), m(3));
    mix(2, 6, 10, 14, m(4), m(5));
    mix(3, 7, 11, 15, m(6), m(7));
    mix(0, 5, 10, 15, m(8), m(9));
    mix(1, 6, 11, 12, m(10), m(11));
    mix(2, 7, 8, 13, m(12), m(13));
    mix(3, 4, 9, 14, m(14), m(15));
  }
  const out = new Uint32Array(8);
  for (let i = 0; i < 8; i++) out[i] = v[i]! ^ v[8 + i]!;
  return out;
}

function chunk(words: Int32Array, bytes: number, counter: number, last: number): Uint32Array {
  let cv: ArrayLike<number> = iv;
  let done = 0;
  for (; done === 0 || done < bytes; done += 64) {
    const start = done === 0 ? chunkStart : 0;
    const end = done + 64 >= bytes ? chunkEnd | last : 0;
    cv = compress(cv, words, done / 4, counter, Math.min(64, bytes - done), start | end);
  }
  return cv as Uint32Array;
}

const pair = new Int32Array(16);

function subtree(words: Int32Array, bytes: number, counter: number, last: number): Uint32Array {
  if (bytes <= 1024) return chunk(words, bytes, counter, last);
  let left = 1024;
  while (2 * left < bytes) left *= 2;
  const a = subtree(words.subarray(0, left / 4), left, counter, 0);
  const b = subtree(words.subarray(left / 4), bytes - left, counter + left / 1024, 0);
  pair.set(a);
  pair.set(b, 8);
  return compress(iv, pair, 0, 0, 64, parent | last);
}

/** Room for some words, and zeros up to whole blocks. */
const blocks = (words: number): Int32Array => new Int32Array(16 * Math.max(1, Math.ceil(words / 16)));

export function hashText(text: string): Uint32Array {
  const bytes = new TextEncoder().encode(text);
  const words = blocks(bytes.length / 4);
  for (const [i, byte] of bytes.entries()) words[i >> 2]! |= byte << (8 * (i & 3));
  return subtree(words, bytes.length, 0, root);
}

/** H of proof.md. */
export function hash(...parts: readonly ArrayLike<number>[]): Uint32Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const words = blocks(length);
  let at = 0;
  for (const part of parts) {
    words.set(part, at);
    at += part.length;
  }
  return subtree(words, 4 * length, 0, root);
}
