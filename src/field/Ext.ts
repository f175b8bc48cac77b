/**
 * The extension of degree 5, BabyBear[x]/(x^5 − 2): about 2^155 elements, so that a random challenge is a safe one.
 * x^5 − 2 is irreducible because 5 divides p − 1 and 2 is no fifth power. An element lists its coefficients from x^0.
 */
import * as BabyBear from "./BabyBear.ts";

export type Ext = readonly [number, number, number, number, number];

export const DEGREE = 5;
/** x^5 = 2. */
export const W = 2;

export const ZERO: Ext = [0, 0, 0, 0, 0];
export const ONE: Ext = [1, 0, 0, 0, 0];

export const of = (a: number): Ext => [a, 0, 0, 0, 0];

export const isZero = (a: Ext): boolean => a[0] === 0 && a[1] === 0 && a[2] === 0 && a[3] === 0 && a[4] === 0;

export const equal = (a: Ext, b: Ext): boolean =>
  a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3] && a[4] === b[4];

export const add = (a: Ext, b: Ext): Ext => [
  BabyBear.add(a[0], b[0]),
  BabyBear.add(a[1], b[1]),
  BabyBear.add(a[2], b[2]),
  BabyBear.add(a[3], b[3]),
  BabyBear.add(a[4], b[4]),
];

export const sub = (a: Ext, b: Ext): Ext => [
  BabyBear.sub(a[0], b[0]),
  BabyBear.sub(a[1], b[1]),
  BabyBear.sub(a[2], b[2]),
  BabyBear.sub(a[3], b[3]),
  BabyBear.sub(a[4], b[4]),
];

export const neg = (a: Ext): Ext => sub(ZERO, a);

export const addBase = (a: Ext, b: number): Ext => [BabyBear.add(a[0], b), a[1], a[2], a[3], a[4]];

export const subBase = (a: Ext, b: number): Ext => [BabyBear.sub(a[0], b), a[1], a[2], a[3], a[4]];

export const mulBase = (a: Ext, b: number): Ext => [
  BabyBear.mul(a[0], b),
  BabyBear.mul(a[1], b),
  BabyBear.mul(a[2], b),
  BabyBear.mul(a[3], b),
  BabyBear.mul(a[4], b),
];

const INVERSE_P = 1 / BabyBear.P;

/** A sum of at most nine products, below 2^36, brought into 0..p−1. */
function reduce(sum: number): number {
  const rest = sum - Math.floor(sum * INVERSE_P) * BabyBear.P;
  if (rest < 0) return rest + BabyBear.P;
  return rest >= BabyBear.P ? rest - BabyBear.P : rest;
}

export function mul(a: Ext, b: Ext): Ext {
  const [a0, a1, a2, a3, a4] = a;
  const [b0, b1, b2, b3, b4] = b;
  const m = BabyBear.mul;
  return [
    reduce(m(a0, b0) + 2 * (m(a1, b4) + m(a2, b3) + m(a3, b2) + m(a4, b1))),
    reduce(m(a0, b1) + m(a1, b0) + 2 * (m(a2, b4) + m(a3, b3) + m(a4, b2))),
    reduce(m(a0, b2) + m(a1, b1) + m(a2, b0) + 2 * (m(a3, b4) + m(a4, b3))),
    reduce(m(a0, b3) + m(a1, b2) + m(a2, b1) + m(a3, b0) + 2 * m(a4, b4)),
    reduce(m(a0, b4) + m(a1, b3) + m(a2, b2) + m(a3, b1) + m(a4, b0)),
  ];
}

export function pow(a: Ext, n: number): Ext {
  let result = ONE;
  let square = a;
  let rest = n;
  while (rest > 0) {
    if (rest % 2 === 1) result = mul(result, square);
    rest = Math.floor(rest / 2);
    if (rest > 0) square = mul(square, square);
  }
  return result;
}

/** 2^((p−1)/5), a fifth root of unity: x^p = x · ζ, so the Frobenius map multiplies coefficient i by ζ^i. */
const ZETA = BabyBear.pow(W, (BabyBear.P - 1) / 5);
const ZETA_POWERS: readonly number[] = [0, 1, 2, 3, 4].map((i) => BabyBear.pow(ZETA, i));

/** a^(p^times). */
export function frobenius(a: Ext, times: number): Ext {
  return a.map((coefficient, i) => BabyBear.mul(coefficient, ZETA_POWERS[(i * times) % 5]!)) as unknown as Ext;
}

/** The inverse through the norm: with t = a^(p + p² + p³ + p⁴), a·t lies in the base field. */
export function inv(a: Ext): Ext {
  if (isZero(a)) throw new Error("internal error: inverse of zero");
  const pair = mul(frobenius(a, 1), frobenius(a, 2));
  const conjugates = mul(pair, frobenius(pair, 2));
  const norm = mul(a, conjugates)[0];
  return mulBase(conjugates, BabyBear.inv(norm));
}

/** Inverses of all elements with one inversion; none may be 0. */
export function invAll(values: readonly Ext[]): Ext[] {
  const prefix: Ext[] = [];
  let product = ONE;
  for (const value of values) {
    prefix.push(product);
    product = mul(product, value);
  }
  let inverse = inv(product);
  for (let i = values.length - 1; i >= 0; i--) {
    prefix[i] = mul(prefix[i]!, inverse);
    inverse = mul(inverse, values[i]!);
  }
  return prefix;
}

/** 1, a, a², … `count` of them. */
export function powers(a: Ext, count: number): Ext[] {
  const list: Ext[] = [];
  let power = ONE;
  for (let i = 0; i < count; i++) {
    list.push(power);
    power = mul(power, a);
  }
  return list;
}
