// Transforms in place between coefficients in natural order and values in bit-reversed order. Both walk the tree of
// x^n − c = (x^(n/2) − √c)(x^(n/2) + √c), so that each block of a stage has one twiddle: ω^bitrev(block), which is
// the same table for every size. Sizes up to 2^LEAF fit the first cache and run stage by stage; larger ones take two
// stages at a time and then descend.
import { add, mul, sub, vadd, vmul, vmulBy, vsub, PINV, R2 } from "./field";

const LEAF: u32 = 12;

/** values (bit-reversed) ← coefficients; `twiddles[i] = ω^bitrev(i)`. 2^log values, log ≥ 4. */
export function forward(values: u32, log: u32, twiddles: u32): void {
  descend(values, log, 0, twiddles);
}

function descend(values: u32, log: u32, block: u32, twiddles: u32): void {
  if (log <= LEAF) return leafForward(values, log, block, twiddles);
  const quarter: u32 = (1 << (log - 2)) << 2;
  const w = v128.load32_splat(twiddles + (block << 2));
  const w0 = v128.load32_splat(twiddles + (block << 3));
  const w1 = v128.load32_splat(twiddles + (block << 3) + 4);
  const pinv = i32x4.splat(PINV);
  const wp = i32x4.mul(w, pinv);
  const w0p = i32x4.mul(w0, pinv);
  const w1p = i32x4.mul(w1, pinv);
  for (let a = values; a < values + quarter; a += 16) {
    const b = a + quarter;
    const c = b + quarter;
    const d = c + quarter;
    const x0 = v128.load(a);
    const x1 = v128.load(b);
    const x2 = vmulBy(v128.load(c), w, wp);
    const x3 = vmulBy(v128.load(d), w, wp);
    const y0 = vadd(x0, x2);
    const y2 = vsub(x0, x2);
    const y1 = vmulBy(vadd(x1, x3), w0, w0p);
    const y3 = vmulBy(vsub(x1, x3), w1, w1p);
    v128.store(a, vadd(y0, y1));
    v128.store(b, vsub(y0, y1));
    v128.store(c, vadd(y2, y3));
    v128.store(d, vsub(y2, y3));
  }
  for (let i: u32 = 0; i < 4; i++) descend(values + i * quarter, log - 2, (block << 2) + i, twiddles);
}

function leafForward(values: u32, log: u32, block: u32, twiddles: u32): void {
  const pinv = i32x4.splat(PINV);
  const end = values + (4 << log);
  let first = block;
  let half: u32 = 2 << log; // bytes of half a block
  while (half >= 16) {
    let t = twiddles + (first << 2);
    for (let start = values; start < end; start += 2 * half) {
      const w = v128.load32_splat(t);
      const wp = i32x4.mul(w, pinv);
      t += 4;
      for (let a = start; a < start + half; a += 16) {
        const x = v128.load(a);
        const y = vmulBy(v128.load(a + half), w, wp);
        v128.store(a, vadd(x, y));
        v128.store(a + half, vsub(x, y));
      }
    }
    first <<= 1;
    half >>= 1;
  }
  // The last two stages mix the lanes of a vector: four blocks of four values at a time.
  let t2 = twiddles + (first << 2);
  let t1 = twiddles + (first << 3);
  for (let a = values; a < end; a += 32) {
    const u = v128.load(a);
    const v = v128.load(a + 16);
    // stage of distance 2: blocks u and v
    const w2 = v128.load64_zero(t2);
    const tw2 = v128.shuffle<i32>(w2, w2, 0, 0, 1, 1);
    const x = v128.shuffle<i32>(u, v, 0, 1, 4, 5);
    const y = vmul(v128.shuffle<i32>(u, v, 2, 3, 6, 7), tw2);
    const s = vadd(x, y); // u0 u1 v0 v1
    const d = vsub(x, y); // u2 u3 v2 v3
    // stage of distance 1: pairs (u0 u1) (u2 u3) (v0 v1) (v2 v3)
    const e = v128.shuffle<i32>(s, d, 0, 4, 2, 6);
    const o = vmul(v128.shuffle<i32>(s, d, 1, 5, 3, 7), v128.load(t1));
    const p = vadd(e, o);
    const q = vsub(e, o);
    v128.store(a, v128.shuffle<i32>(p, q, 0, 4, 1, 5));
    v128.store(a + 16, v128.shuffle<i32>(p, q, 2, 6, 3, 7));
    t2 += 8;
    t1 += 16;
  }
}

/** coefficients, times 2^log, ← values (bit-reversed); `twiddles[i] = ω^-bitrev(i)`. */
export function inverse(values: u32, log: u32, twiddles: u32): void {
  ascend(values, log, 0, twiddles);
}

function ascend(values: u32, log: u32, block: u32, twiddles: u32): void {
  if (log <= LEAF) return leafInverse(values, log, block, twiddles);
  const quarter: u32 = (1 << (log - 2)) << 2;
  for (let i: u32 = 0; i < 4; i++) ascend(values + i * quarter, log - 2, (block << 2) + i, twiddles);
  const w = v128.load32_splat(twiddles + (block << 2));
  const w0 = v128.load32_splat(twiddles + (block << 3));
  const w1 = v128.load32_splat(twiddles + (block << 3) + 4);
  const pinv = i32x4.splat(PINV);
  const wp = i32x4.mul(w, pinv);
  const w0p = i32x4.mul(w0, pinv);
  const w1p = i32x4.mul(w1, pinv);
  for (let a = values; a < values + quarter; a += 16) {
    const b = a + quarter;
    const c = b + quarter;
    const d = c + quarter;
    const x0 = v128.load(a);
    const x1 = v128.load(b);
    const x2 = v128.load(c);
    const x3 = v128.load(d);
    const y0 = vadd(x0, x1);
    const y1 = vmulBy(vsub(x0, x1), w0, w0p);
    const y2 = vadd(x2, x3);
    const y3 = vmulBy(vsub(x2, x3), w1, w1p);
    v128.store(a, vadd(y0, y2));
    v128.store(c, vmulBy(vsub(y0, y2), w, wp));
    v128.store(b, vadd(y1, y3));
    v128.store(d, vmulBy(vsub(y1, y3), w, wp));
  }
}

function leafInverse(values: u32, log: u32, block: u32, twiddles: u32): void {
  const pinv = i32x4.splat(PINV);
  const end = values + (4 << log);
  const shift = log - 2;
  let t2 = twiddles + ((block << shift) << 2);
  let t1 = twiddles + ((block << shift) << 3);
  for (let a = values; a < end; a += 32) {
    const u = v128.load(a);
    const v = v128.load(a + 16);
    const p = v128.shuffle<i32>(u, v, 0, 2, 4, 6);
    const q = v128.shuffle<i32>(u, v, 1, 3, 5, 7);
    const e = vadd(p, q); // (u0+u1) (u2+u3) (v0+v1) (v2+v3)
    const o = vmul(vsub(p, q), v128.load(t1));
    const x = v128.shuffle<i32>(e, o, 0, 4, 2, 6);
    const y = v128.shuffle<i32>(e, o, 1, 5, 3, 7);
    const w2 = v128.load64_zero(t2);
    const tw2 = v128.shuffle<i32>(w2, w2, 0, 0, 1, 1);
    const s = vadd(x, y);
    const d = vmul(vsub(x, y), tw2);
    v128.store(a, v128.shuffle<i32>(s, d, 0, 1, 4, 5));
    v128.store(a + 16, v128.shuffle<i32>(s, d, 2, 3, 6, 7));
    t2 += 8;
    t1 += 16;
  }
  let half: u32 = 16;
  let left = log - 3; // stages: blocks of this size number 2^left
  while (half < <u32>(4 << log)) {
    let t = twiddles + ((block << left) << 2);
    for (let start = values; start < end; start += 2 * half) {
      const w = v128.load32_splat(t);
      const wp = i32x4.mul(w, pinv);
      t += 4;
      for (let a = start; a < start + half; a += 16) {
        const x = v128.load(a);
        const y = v128.load(a + half);
        v128.store(a, vadd(x, y));
        v128.store(a + half, vmulBy(vsub(x, y), w, wp));
      }
    }
    half <<= 1;
    left -= 1;
  }
}

/** target[bitrev(i)] = source[i]. */
export function permute(source: u32, target: u32, log: u32): void {
  const shift = 32 - log;
  for (let i: u32 = 0; i < <u32>(1 << log); i++) {
    store<u32>(target + (bitreverse(i) >>> shift << 2), load<u32>(source + (i << 2)));
  }
}

// @ts-ignore: decorator
@inline export function bitreverse(x: u32): u32 {
  x = ((x >> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  return bswap<u32>(x);
}

/** target = source · scale, elementwise, or by the constant when `step` is 0. */
function scaled(source: u32, target: u32, count: u32, scale: u32, step: u32): void {
  for (let i: u32 = 0; i < count << 2; i += 16) {
    const factor = step == 0 ? v128.load32_splat(scale) : v128.load(scale + i);
    v128.store(target + i, vmul(v128.load(source + i), factor));
  }
}

/**
 * Extends columns from..to of a matrix: 2^log natural-order values at source + c·sourceStride become, for each of
 * `cosets` cosets, 2^log values in bit-reversed order at target + c·targetStride + coset·4·2^log.
 * scales: `cosets` tables of 2^log factors shiftᵏ/n (k-th coefficient). `natural` 0: the source is in bit-reversed order.
 */
export function extend(
  scratch: u32, from: u32, to: u32,
  source: u32, sourceStride: u32, target: u32, targetStride: u32,
  log: u32, cosets: u32, scales: u32, twiddles: u32, inverses: u32, natural: u32,
): void {
  const bytes: u32 = 4 << log;
  for (let c = from; c < to; c++) {
    const out = target + c * targetStride;
    const last = out + (cosets - 1) * bytes;
    if (natural) permute(source + c * sourceStride, last, log);
    else memory.copy(last, source + c * sourceStride, bytes);
    inverse(last, log, inverses);
    for (let k: u32 = 0; k < cosets; k++) {
      const to = out + k * bytes;
      scaled(last, to, 1 << log, scales + k * bytes, 1);
      forward(to, log, twiddles);
    }
  }
}

/** Coefficients (natural order) of columns from..to, each already in place of 2^log words, extended like `extend`. */
export function extendCoefficients(
  scratch: u32, from: u32, to: u32,
  source: u32, sourceStride: u32, target: u32, targetStride: u32,
  log: u32, cosets: u32, scales: u32, twiddles: u32,
): void {
  const bytes: u32 = 4 << log;
  for (let c = from; c < to; c++) {
    for (let k: u32 = 0; k < cosets; k++) {
      const out = target + c * targetStride + k * bytes;
      scaled(source + c * sourceStride, out, 1 << log, scales + k * bytes, 1);
      forward(out, log, twiddles);
    }
  }
}

/** Columns from..to in place: bit-reversed values on a coset → coefficients, multiplied by the factors in `scales`. */
export function interpolate(scratch: u32, from: u32, to: u32, values: u32, stride: u32, log: u32, scales: u32, inverses: u32): void {
  for (let c = from; c < to; c++) {
    inverse(values + c * stride, log, inverses);
    scaled(values + c * stride, values + c * stride, 1 << log, scales, 1);
  }
}

/** target[i] = first · ratio^i for i in 0..count, count a multiple of four. */
export function powers(scratch: u32, from: u32, to: u32, target: u32, first: u32, ratio: u32): void {
  let a = first;
  let e = from;
  let square = ratio;
  while (e != 0) {
    if (e & 1) a = mul(a, square);
    square = mul(square, square);
    e >>= 1;
  }
  const b = mul(a, ratio);
  const c = mul(b, ratio);
  const d = mul(c, ratio);
  let value = i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(a), 1, b), 2, c), 3, d);
  const r2 = mul(ratio, ratio);
  const step = i32x4.splat(mul(r2, r2));
  for (let i = from; i < to; i += 4) {
    v128.store(target + (i << 2), value);
    value = vmul(value, step);
  }
}
