// Sums over rows, the running sum of the bus argument, folds.
import { add, sub, vadd, vdot4, vmul, vmulBy, vsub, PINV } from "./field";
import { bitreverse } from "./ntt";

// @ts-ignore: decorator
@inline function total(v: v128): u32 {
  return add(add(i32x4.extract_lane(v, 0), i32x4.extract_lane(v, 1)), add(i32x4.extract_lane(v, 2), i32x4.extract_lane(v, 3)));
}

/**
 * For columns from..to whose addresses are listed at `list`: Σ over `rows` rows of weight · value, weights of the
 * extension in planar form, `rows` a multiple of 16; five words for each column at `out`.
 */
export function dot(scratch: u32, from: u32, to: u32, list: u32, weights: u32, stride: u32, rows: u32, out: u32): void {
  for (let c = from; c < to; c++) {
    const column = load<u32>(list + (c << 2));
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    for (let i: u32 = 0; i < rows << 2; i += 64) {
      const f0 = v128.load(column + i);
      const f1 = v128.load(column + i, 16);
      const f2 = v128.load(column + i, 32);
      const f3 = v128.load(column + i, 48);
      const w = weights + i;
      s0 = vadd(s0, weighted(f0, f1, f2, f3, w));
      s1 = vadd(s1, weighted(f0, f1, f2, f3, w + stride));
      s2 = vadd(s2, weighted(f0, f1, f2, f3, w + 2 * stride));
      s3 = vadd(s3, weighted(f0, f1, f2, f3, w + 3 * stride));
      s4 = vadd(s4, weighted(f0, f1, f2, f3, w + 4 * stride));
    }
    const to = out + c * 20;
    store<u32>(to, total(s0));
    store<u32>(to, total(s1), 4);
    store<u32>(to, total(s2), 8);
    store<u32>(to, total(s3), 12);
    store<u32>(to, total(s4), 16);
  }
}

// @ts-ignore: decorator
@inline function weighted(f0: v128, f1: v128, f2: v128, f3: v128, w: u32): v128 {
  return vdot4(f0, v128.load(w), f1, v128.load(w, 16), f2, v128.load(w, 32), f3, v128.load(w, 48));
}

/** For limbs from..to: Σ of `rows` words of the column at values + limb·stride. */
export function sumColumns(scratch: u32, from: u32, to: u32, values: u32, stride: u32, rows: u32, out: u32): void {
  for (let c = from; c < to; c++) {
    let s = i32x4.splat(0);
    for (let i: u32 = 0; i < rows << 2; i += 16) s = vadd(s, v128.load(values + c * stride + i));
    store<u32>(out + (c << 2), total(s));
  }
}

/**
 * For limbs from..to: column ← running sum in natural order that starts at 0: entry i+1 = entry i + value i − share.
 * Shares are listed at `shares`, one word for each limb.
 */
export function runningSum(scratch: u32, from: u32, to: u32, values: u32, stride: u32, rows: u32, shares: u32): void {
  for (let c = from; c < to; c++) {
    const column = values + c * stride;
    const share = load<u32>(shares + (c << 2));
    let sum: u32 = 0;
    for (let i: u32 = 0; i < rows << 2; i += 4) {
      const value = load<u32>(column + i);
      store<u32>(column + i, sum);
      sum = add(sum, sub(value, share));
    }
  }
}

/**
 * One fold: pairs 2i, 2i+1 of the planar extension word `source` into entry i of `target`, i from..to (multiples of
 * four): (a+b)/2 + β·(a−b)/2y. `halves[i] = 1/(2·y)` in bit-reversed order; `half` and `beta` are Montgomery words.
 */
export function fold(
  scratch: u32, from: u32, to: u32,
  source: u32, sourceStride: u32, target: u32, targetStride: u32, inverses: u32, half: u32, beta: u32,
): void {
  const h = i32x4.splat(half);
  const hp = i32x4.mul(h, i32x4.splat(PINV));
  const b0 = v128.load32_splat(beta);
  const b1 = v128.load32_splat(beta, 4);
  const b2 = v128.load32_splat(beta, 8);
  const b3 = v128.load32_splat(beta, 12);
  const b4 = v128.load32_splat(beta, 16);
  for (let i = from; i < to; i += 4) {
    const y = vmulBy(v128.load(inverses + (i << 2)), h, hp);
    const d0 = vmul(difference(source, i), y);
    const d1 = vmul(difference(source + sourceStride, i), y);
    const d2 = vmul(difference(source + 2 * sourceStride, i), y);
    const d3 = vmul(difference(source + 3 * sourceStride, i), y);
    const d4 = vmul(difference(source + 4 * sourceStride, i), y);
    const r0 = vadd(vmul(d0, b0), twice(vadd(vadd(vmul(d1, b4), vmul(d2, b3)), vadd(vmul(d3, b2), vmul(d4, b1)))));
    const r1 = vadd(vadd(vmul(d0, b1), vmul(d1, b0)), twice(vadd(vadd(vmul(d2, b4), vmul(d3, b3)), vmul(d4, b2))));
    const r2 = vadd(vadd(vadd(vmul(d0, b2), vmul(d1, b1)), vmul(d2, b0)), twice(vadd(vmul(d3, b4), vmul(d4, b3))));
    const r3 = vadd(vadd(vadd(vmul(d0, b3), vmul(d1, b2)), vadd(vmul(d2, b1), vmul(d3, b0))), twice(vmul(d4, b4)));
    const r4 = vadd(vadd(vadd(vmul(d0, b4), vmul(d1, b3)), vadd(vmul(d2, b2), vmul(d3, b1))), vmul(d4, b0));
    const to = target + (i << 2);
    v128.store(to, vadd(r0, vmulBy(sums(source, i), h, hp)));
    v128.store(to + targetStride, vadd(r1, vmulBy(sums(source + sourceStride, i), h, hp)));
    v128.store(to + 2 * targetStride, vadd(r2, vmulBy(sums(source + 2 * sourceStride, i), h, hp)));
    v128.store(to + 3 * targetStride, vadd(r3, vmulBy(sums(source + 3 * sourceStride, i), h, hp)));
    v128.store(to + 4 * targetStride, vadd(r4, vmulBy(sums(source + 4 * sourceStride, i), h, hp)));
  }
}

// @ts-ignore: decorator
@inline function twice(a: v128): v128 {
  return vadd(a, a);
}
// @ts-ignore: decorator
@inline function difference(column: u32, i: u32): v128 {
  const u = v128.load(column + (i << 3));
  const v = v128.load(column + (i << 3), 16);
  return vsub(v128.shuffle<i32>(u, v, 0, 2, 4, 6), v128.shuffle<i32>(u, v, 1, 3, 5, 7));
}
// @ts-ignore: decorator
@inline function sums(column: u32, i: u32): v128 {
  const u = v128.load(column + (i << 3));
  const v = v128.load(column + (i << 3), 16);
  return vadd(v128.shuffle<i32>(u, v, 0, 2, 4, 6), v128.shuffle<i32>(u, v, 1, 3, 5, 7));
}

/** Limb-planar word → rows of 2^bits neighbours: column e·5+l of row i is limb l of entry i·2^bits+e. Columns from..to. */
export function gather(scratch: u32, from: u32, to: u32, source: u32, sourceStride: u32, target: u32, targetStride: u32, rows: u32, bits: u32): void {
  for (let c = from; c < to; c++) {
    const base = source + (c % 5) * sourceStride + ((c / 5) << 2);
    const out = target + c * targetStride;
    for (let i: u32 = 0; i < rows; i++) store<u32>(out + (i << 2), load<u32>(base + (i << (bits + 2))));
  }
}

/** target[i] = source[bitrev(i)] for `log` bits; columns from..to. */
export function reorder(scratch: u32, from: u32, to: u32, source: u32, sourceStride: u32, target: u32, targetStride: u32, log: u32): void {
  const shift = 32 - log;
  for (let c = from; c < to; c++) {
    for (let i: u32 = 0; i < <u32>(1 << log); i++) {
      store<u32>(target + c * targetStride + (i << 2), load<u32>(source + c * sourceStride + ((bitreverse(i) >>> shift) << 2)));
    }
  }
}
