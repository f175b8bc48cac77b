// BLAKE3, four inputs at a time, one in each lane. Digests are planar: word w of digest i is at base + w·stride + 4i.
import { vcanonical } from "./field";

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;
const CHUNK_WORDS: u32 = 256;

// @ts-ignore: decorator
@inline function rot16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}
// @ts-ignore: decorator
@inline function rot8(x: v128): v128 {
  return i8x16.shuffle(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}
// @ts-ignore: decorator
@inline function rot12(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20));
}
// @ts-ignore: decorator
@inline function rot7(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
}

/** One compression: cv (8 vectors), m (16 vectors) → out (8 vectors, may be cv). */
function compress(cv: u32, m: u32, counter: u32, length: u32, flags: u32, out: u32): void {
  let m0 = v128.load(m, 0);
  let m1 = v128.load(m, 16);
  let m2 = v128.load(m, 32);
  let m3 = v128.load(m, 48);
  let m4 = v128.load(m, 64);
  let m5 = v128.load(m, 80);
  let m6 = v128.load(m, 96);
  let m7 = v128.load(m, 112);
  let m8 = v128.load(m, 128);
  let m9 = v128.load(m, 144);
  let m10 = v128.load(m, 160);
  let m11 = v128.load(m, 176);
  let m12 = v128.load(m, 192);
  let m13 = v128.load(m, 208);
  let m14 = v128.load(m, 224);
  let m15 = v128.load(m, 240);
  let v0 = v128.load(cv, 0);
  let v1 = v128.load(cv, 16);
  let v2 = v128.load(cv, 32);
  let v3 = v128.load(cv, 48);
  let v4 = v128.load(cv, 64);
  let v5 = v128.load(cv, 80);
  let v6 = v128.load(cv, 96);
  let v7 = v128.load(cv, 112);
  let v8 = i32x4.splat(0x6a09e667);
  let v9 = i32x4.splat(0xbb67ae85);
  let v10 = i32x4.splat(0x3c6ef372);
  let v11 = i32x4.splat(0xa54ff53a);
  let v12 = i32x4.splat(counter);
  let v13 = i32x4.splat(0);
  let v14 = i32x4.splat(length);
  let v15 = i32x4.splat(flags);
  for (let round = 0; ; round++) {
    v0 = i32x4.add(i32x4.add(v0, v4), m0); v12 = rot16(v128.xor(v12, v0));
    v8 = i32x4.add(v8, v12); v4 = rot12(v128.xor(v4, v8));
    v0 = i32x4.add(i32x4.add(v0, v4), m1); v12 = rot8(v128.xor(v12, v0));
    v8 = i32x4.add(v8, v12); v4 = rot7(v128.xor(v4, v8));
    v1 = i32x4.add(i32x4.add(v1, v5), m2); v13 = rot16(v128.xor(v13, v1));
    v9 = i32x4.add(v9, v13); v5 = rot12(v128.xor(v5, v9));
    v1 = i32x4.add(i32x4.add(v1, v5), m3); v13 = rot8(v128.xor(v13, v1));
    v9 = i32x4.add(v9, v13); v5 = rot7(v128.xor(v5, v9));
    v2 = i32x4.add(i32x4.add(v2, v6), m4); v14 = rot16(v128.xor(v14, v2));
    v10 = i32x4.add(v10, v14); v6 = rot12(v128.xor(v6, v10));
    v2 = i32x4.add(i32x4.add(v2, v6), m5); v14 = rot8(v128.xor(v14, v2));
    v10 = i32x4.add(v10, v14); v6 = rot7(v128.xor(v6, v10));
    v3 = i32x4.add(i32x4.add(v3, v7), m6); v15 = rot16(v128.xor(v15, v3));
    v11 = i32x4.add(v11, v15); v7 = rot12(v128.xor(v7, v11));
    v3 = i32x4.add(i32x4.add(v3, v7), m7); v15 = rot8(v128.xor(v15, v3));
    v11 = i32x4.add(v11, v15); v7 = rot7(v128.xor(v7, v11));
    v0 = i32x4.add(i32x4.add(v0, v5), m8); v15 = rot16(v128.xor(v15, v0));
    v10 = i32x4.add(v10, v15); v5 = rot12(v128.xor(v5, v10));
    v0 = i32x4.add(i32x4.add(v0, v5), m9); v15 = rot8(v128.xor(v15, v0));
    v10 = i32x4.add(v10, v15); v5 = rot7(v128.xor(v5, v10));
    v1 = i32x4.add(i32x4.add(v1, v6), m10); v12 = rot16(v128.xor(v12, v1));
    v11 = i32x4.add(v11, v12); v6 = rot12(v128.xor(v6, v11));
    v1 = i32x4.add(i32x4.add(v1, v6), m11); v12 = rot8(v128.xor(v12, v1));
    v11 = i32x4.add(v11, v12); v6 = rot7(v128.xor(v6, v11));
    v2 = i32x4.add(i32x4.add(v2, v7), m12); v13 = rot16(v128.xor(v13, v2));
    v8 = i32x4.add(v8, v13); v7 = rot12(v128.xor(v7, v8));
    v2 = i32x4.add(i32x4.add(v2, v7), m13); v13 = rot8(v128.xor(v13, v2));
    v8 = i32x4.add(v8, v13); v7 = rot7(v128.xor(v7, v8));
    v3 = i32x4.add(i32x4.add(v3, v4), m14); v14 = rot16(v128.xor(v14, v3));
    v9 = i32x4.add(v9, v14); v4 = rot12(v128.xor(v4, v9));
    v3 = i32x4.add(i32x4.add(v3, v4), m15); v14 = rot8(v128.xor(v14, v3));
    v9 = i32x4.add(v9, v14); v4 = rot7(v128.xor(v4, v9));
    if (round == 6) break;
    const n0 = m2;
    const n1 = m6;
    const n2 = m3;
    const n3 = m10;
    const n4 = m7;
    const n5 = m0;
    const n6 = m4;
    const n7 = m13;
    const n8 = m1;
    const n9 = m11;
    const n10 = m12;
    const n11 = m5;
    const n12 = m9;
    const n13 = m14;
    const n14 = m15;
    const n15 = m8;
    m0 = n0; m1 = n1; m2 = n2; m3 = n3; m4 = n4; m5 = n5; m6 = n6; m7 = n7; m8 = n8; m9 = n9; m10 = n10; m11 = n11; m12 = n12; m13 = n13; m14 = n14; m15 = n15;
  }
  v128.store(out, v128.xor(v0, v8), 0);
  v128.store(out, v128.xor(v1, v9), 16);
  v128.store(out, v128.xor(v2, v10), 32);
  v128.store(out, v128.xor(v3, v11), 48);
  v128.store(out, v128.xor(v4, v12), 64);
  v128.store(out, v128.xor(v5, v13), 80);
  v128.store(out, v128.xor(v6, v14), 96);
  v128.store(out, v128.xor(v7, v15), 112);
}

// @ts-ignore: decorator
@inline function setIv(cv: u32): void {
  v128.store(cv, i32x4.splat(0x6a09e667), 0);
  v128.store(cv, i32x4.splat(0xbb67ae85), 16);
  v128.store(cv, i32x4.splat(0x3c6ef372), 32);
  v128.store(cv, i32x4.splat(0xa54ff53a), 48);
  v128.store(cv, i32x4.splat(0x510e527f), 64);
  v128.store(cv, i32x4.splat(0x9b05688c), 80);
  v128.store(cv, i32x4.splat(0x1f83d9ab), 96);
  v128.store(cv, i32x4.splat(0x5be0cd19), 112);
}

// Scratch of a worker: message, chaining value, then the stack of chunk values.
const MESSAGE: u32 = 0;
const VALUE: u32 = 256;
const STACK: u32 = 384;

/**
 * Digests of rows from..to (multiples of four) of `columns` columns in Montgomery form, whose addresses are listed at
 * `list`; the last `plain` of them are words that are hashed as they are.
 */
export function hashRows(scratch: u32, from: u32, to: u32, list: u32, columns: u32, plain: u32, out: u32, stride: u32): void {
  const m = scratch + MESSAGE;
  const cv = scratch + VALUE;
  const chunks = max<u32>(1, (columns + CHUNK_WORDS - 1) / CHUNK_WORDS);
  const montgomery = columns - plain;
  for (let row = from; row < to; row += 4) {
    let depth: u32 = 0;
    for (let chunk: u32 = 0; chunk < chunks; chunk++) {
      setIv(cv);
      const start = chunk * CHUNK_WORDS;
      const end = min<u32>(columns, start + CHUNK_WORDS);
      for (let at = start; at < end; at += 16) {
        const used = min<u32>(16, end - at);
        for (let i: u32 = 0; i < 16; i++) {
          let word = i32x4.splat(0);
          if (i < used) {
            word = v128.load(load<u32>(list + ((at + i) << 2)) + (row << 2));
            if (at + i < montgomery) word = vcanonical(word);
          }
          v128.store(m + (i << 4), word);
        }
        let flags: u32 = at == start ? CHUNK_START : 0;
        if (at + 16 >= end) flags |= chunks == 1 ? CHUNK_END | ROOT : CHUNK_END;
        compress(cv, m, chunk, used << 2, flags, cv);
      }
      if (chunks > 1) depth = push(scratch, depth, chunk + 1, chunk + 1 == chunks);
    }
    for (let w: u32 = 0; w < 8; w++) v128.store(out + w * stride + (row << 2), v128.load(cv + (w << 4)));
  }
}

/** Scratch of `hashWords`, behind that of one hash: four digests, a list of addresses, four rows side by side. */
const DIGESTS: u32 = 4096;
const LIST: u32 = 4352;

/** Digests of rows from..to of `width` words, row by row; digests too are written row by row, eight words each. */
export function hashWords(scratch: u32, from: u32, to: u32, source: u32, width: u32, out: u32): void {
  const list = scratch + LIST;
  const rows = list + ((width + 3) & ~3) * 4;
  for (let row = from; row < to; row += 4) {
    const count = min<u32>(4, to - row);
    for (let i: u32 = 0; i < width; i++) {
      // hashRows adds the row's offset to each address.
      store<u32>(list + (i << 2), rows + (i << 4) - (row << 2));
      for (let lane: u32 = 0; lane < count; lane++) {
        store<u32>(rows + (i << 4) + (lane << 2), load<u32>(source + (((row + lane) * width + i) << 2)));
      }
    }
    hashRows(scratch, row, row + 4, list, width, width, scratch + DIGESTS - (row << 2), 16);
    for (let lane: u32 = 0; lane < count; lane++) {
      for (let w: u32 = 0; w < 8; w++) {
        store<u32>(out + ((row + lane) << 5) + (w << 2), load<u32>(scratch + DIGESTS + (w << 4) + (lane << 2)));
      }
    }
  }
}

/** Puts the finished chunk on the stack and merges complete subtrees; at the last chunk merges all into the root. */
function push(scratch: u32, depth: u32, finished: u32, last: bool): u32 {
  const cv = scratch + VALUE;
  const m = scratch + MESSAGE;
  const stack = scratch + STACK;
  let pending = finished;
  while (depth > 0 && (last || !(pending & 1))) {
    depth--;
    memory.copy(m, stack + (depth << 7), 128);
    memory.copy(m + 128, cv, 128);
    setIv(cv);
    compress(cv, m, 0, 64, last && depth == 0 ? PARENT | ROOT : PARENT, cv);
    pending >>= 1;
  }
  memory.copy(stack + (depth << 7), cv, 128);
  return depth + 1;
}

/** Digests from..to (multiples of four) of pairs 2i, 2i+1 of the digests of the level below. */
export function hashPairs(scratch: u32, from: u32, to: u32, source: u32, sourceStride: u32, out: u32, stride: u32): void {
  const m = scratch + MESSAGE;
  const cv = scratch + VALUE;
  for (let i = from; i < to; i += 4) {
    for (let w: u32 = 0; w < 8; w++) {
      const a = v128.load(source + w * sourceStride + (i << 3));
      const b = v128.load(source + w * sourceStride + (i << 3), 16);
      v128.store(m + (w << 4), v128.shuffle<i32>(a, b, 0, 2, 4, 6));
      v128.store(m + (w << 4), v128.shuffle<i32>(a, b, 1, 3, 5, 7), 128);
    }
    setIv(cv);
    compress(cv, m, 0, 64, CHUNK_START | CHUNK_END | ROOT, cv);
    for (let w: u32 = 0; w < 8; w++) v128.store(out + w * stride + (i << 2), v128.load(cv + (w << 4)));
  }
}

/** node i ← hash of node i ‖ row digest i, in place. */
export function hashJoin(scratch: u32, from: u32, to: u32, nodes: u32, stride: u32, rows: u32, rowStride: u32): void {
  const m = scratch + MESSAGE;
  const cv = scratch + VALUE;
  for (let i = from; i < to; i += 4) {
    for (let w: u32 = 0; w < 8; w++) {
      v128.store(m + (w << 4), v128.load(nodes + w * stride + (i << 2)));
      v128.store(m + (w << 4), v128.load(rows + w * rowStride + (i << 2)), 128);
    }
    setIv(cv);
    compress(cv, m, 0, 64, CHUNK_START | CHUNK_END | ROOT, cv);
    for (let w: u32 = 0; w < 8; w++) v128.store(nodes + w * stride + (i << 2), v128.load(cv + (w << 4)));
  }
}

/**
 * Looks for a nonce in first+from..first+to with work in it: nine words at `prefix`, then the nonce. The smallest that is found is
 * left at `found` (initially 0xffffffff), so that the answer does not depend on the number of workers.
 */
export function grind(scratch: u32, from: u32, to: u32, prefix: u32, mask: u32, found: u32, first: u32): void {
  const m = scratch + MESSAGE;
  const cv = scratch + VALUE;
  for (let nonce = first + from; nonce < first + to; nonce += 4) {
    if (atomic.load<u32>(found) < nonce) return;
    for (let w: u32 = 0; w < 16; w++) v128.store(m + (w << 4), w < 9 ? v128.load32_splat(prefix + (w << 2)) : i32x4.splat(0));
    v128.store(m + (9 << 4), i32x4.add(i32x4.splat(nonce), i32x4(0, 1, 2, 3)));
    setIv(cv);
    compress(cv, m, 0, 40, CHUNK_START | CHUNK_END | ROOT, cv);
    const hits = i32x4.bitmask(i32x4.eq(v128.and(v128.load(cv), i32x4.splat(mask)), i32x4.splat(0)));
    if (hits) {
      const hit = nonce + ctz(hits);
      let best = atomic.load<u32>(found);
      while (hit < best) {
        const seen = atomic.cmpxchg<u32>(found, best, hit);
        if (seen == best) break;
        best = seen;
      }
      return;
    }
  }
}
