// BabyBear in Montgomery form (R = 2^32), four rows in a vector. Values are in 0..p−1.
export const P: u32 = 2013265921;
/** p^-1 mod 2^32. */
export const PINV: u32 = 2281701377;
/** 2^32 mod p and 2^64 mod p: one, and the factor into Montgomery form. */
export const ONE: u32 = 268435454;
export const R2: u32 = 1172168163;

// @ts-ignore: decorator
@inline export function mul(a: u32, b: u32): u32 {
  const t = <u64>a * <u64>b;
  const q = <u32>t * PINV;
  const r = <u32>(t >> 32) - <u32>((<u64>q * <u64>P) >> 32);
  return min<u32>(r, r + P);
}
// @ts-ignore: decorator
@inline export function add(a: u32, b: u32): u32 {
  const s = a + b;
  return min<u32>(s, s - P);
}
// @ts-ignore: decorator
@inline export function sub(a: u32, b: u32): u32 {
  const d = a - b;
  return min<u32>(d, d + P);
}
// @ts-ignore: decorator
@inline export function vp(): v128 {
  return i32x4.splat(P);
}
// @ts-ignore: decorator
@inline export function vadd(a: v128, b: v128): v128 {
  const s = i32x4.add(a, b);
  return i32x4.min_u(s, i32x4.sub(s, vp()));
}
// @ts-ignore: decorator
@inline export function vsub(a: v128, b: v128): v128 {
  const d = i32x4.sub(a, b);
  return i32x4.min_u(d, i32x4.add(d, vp()));
}
/** a·b/R: the low words of a·b and q·p are equal, so their high words differ by the result, up to one p. */
// @ts-ignore: decorator
@inline export function vmul(a: v128, b: v128): v128 {
  return vmulBy(a, b, i32x4.mul(b, i32x4.splat(PINV)));
}
/** The same with b·p^-1 at hand. */
// @ts-ignore: decorator
@inline export function vmulBy(a: v128, b: v128, bp: v128): v128 {
  const q = i32x4.mul(a, bp);
  const high = v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b), 1, 3, 5, 7);
  const part = v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(q, vp()), i64x2.extmul_high_i32x4_u(q, vp()), 1, 3, 5, 7);
  const r = i32x4.sub(high, part);
  return i32x4.min_u(r, i32x4.add(r, vp()));
}
/**
 * (a0·b0 + a1·b1 + a2·b2 + a3·b3)/R with one reduction: four products are below 4p² < 2^64, so their high words are
 * below 2p.
 */
// @ts-ignore: decorator
@inline export function vdot4(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128): v128 {
  const low = i64x2.add(
    i64x2.add(i64x2.extmul_low_i32x4_u(a0, b0), i64x2.extmul_low_i32x4_u(a1, b1)),
    i64x2.add(i64x2.extmul_low_i32x4_u(a2, b2), i64x2.extmul_low_i32x4_u(a3, b3)),
  );
  const high = i64x2.add(
    i64x2.add(i64x2.extmul_high_i32x4_u(a0, b0), i64x2.extmul_high_i32x4_u(a1, b1)),
    i64x2.add(i64x2.extmul_high_i32x4_u(a2, b2), i64x2.extmul_high_i32x4_u(a3, b3)),
  );
  const q = i32x4.mul(v128.shuffle<i32>(low, high, 0, 2, 4, 6), i32x4.splat(PINV));
  const part = v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(q, vp()), i64x2.extmul_high_i32x4_u(q, vp()), 1, 3, 5, 7);
  const top = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  const r = i32x4.sub(i32x4.min_u(top, i32x4.sub(top, vp())), part);
  return i32x4.min_u(r, i32x4.add(r, vp()));
}

/** Out of Montgomery form. */
// @ts-ignore: decorator
@inline export function vcanonical(a: v128): v128 {
  const q = i32x4.mul(a, i32x4.splat(PINV));
  const part = v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(q, vp()), i64x2.extmul_high_i32x4_u(q, vp()), 1, 3, 5, 7);
  const r = i32x4.sub(i32x4.splat(0), part);
  return i32x4.min_u(r, i32x4.add(r, vp()));
}

// @ts-ignore: decorator
@inline function vsquare(a: v128, times: i32): v128 {
  for (let i = 0; i < times; i++) a = vmul(a, a);
  return a;
}

/** a^(p−2) for four rows; 0 stays 0. In binary p−2 is 111, 0, then 27 ones, taken nine at a time. */
export function vinv(a: v128): v128 {
  const a3 = vmul(vmul(a, a), a);
  const a7 = vmul(vmul(a3, a3), a);
  const ones6 = vmul(vsquare(a7, 3), a7);
  const ones9 = vmul(vsquare(ones6, 3), a7);
  let r = vmul(vsquare(a7, 10), ones9);
  r = vmul(vsquare(r, 9), ones9);
  return vmul(vsquare(r, 9), ones9);
}

/** canonical → Montgomery, `from..to` words. */
export function toMontgomery(scratch: u32, from: u32, to: u32, source: u32, target: u32): void {
  for (let i: u32 = from << 2; i < to << 2; i += 16) {
    v128.store(target + i, vmul(v128.load(source + i), i32x4.splat(R2)));
  }
}
