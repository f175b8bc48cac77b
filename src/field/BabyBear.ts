/**
 * The prime field of p = 2^31 − 2^27 + 1 ("BabyBear"). An element is a number in 0..p−1.
 * 31 generates the multiplicative group, whose order is 15 · 2^27.
 */

export const P = 2013265921;
/** Generator of the multiplicative group; also the shift of every evaluation coset. */
export const GENERATOR = 31;
export const TWO_ADICITY_BITS = 27;

const INVERSE_P = 1 / P;

/** True for a number that is an element in its only encoding: an integer from 0 to p−1. */
export const isCanonical = (a: number): boolean => Number.isInteger(a) && a >= 0 && a < P && !Object.is(a, -0);

/** Any safe integer, brought into 0..p−1. */
export function of(a: number): number {
  const rest = a % P;
  return rest < 0 ? rest + P : rest + 0;
}

export const add = (a: number, b: number): number => {
  const sum = a + b;
  return sum >= P ? sum - P : sum;
};

export const sub = (a: number, b: number): number => {
  const difference = a - b;
  return difference < 0 ? difference + P : difference;
};

export const neg = (a: number): number => (a === 0 ? 0 : P - a);

/**
 * The product. The quotient a·b/p < 2^31 is found in double precision with an error below 2^-20, so after the
 * exact subtraction modulo 2^32 the rest lies in −2^11..p+2^11 and one correction to either side is enough.
 */
export function mul(a: number, b: number): number {
  const quotient = (a * b * INVERSE_P) | 0;
  const rest = (Math.imul(a, b) - Math.imul(quotient, P)) | 0;
  if (rest < 0) return rest + P;
  return rest >= P ? rest - P : rest;
}

/** a^n for a whole n ≥ 0 below 2^53. */
export function pow(a: number, n: number): number {
  let result = 1;
  let square = a;
  let rest = n;
  while (rest > 0) {
    if (rest % 2 === 1) result = mul(result, square);
    square = mul(square, square);
    rest = Math.floor(rest / 2);
  }
  return result;
}

/** The inverse by Fermat; the inverse of 0 is asked for only by a bug. */
export function inv(a: number): number {
  if (a === 0) throw new Error("internal error: inverse of zero");
  return pow(a, P - 2);
}

const ROOTS: readonly number[] = (() => {
  const roots: number[] = [];
  let root = pow(GENERATOR, 15);
  for (let bits = TWO_ADICITY_BITS; bits >= 0; bits--) {
    roots[bits] = root;
    root = mul(root, root);
  }
  return roots;
})();

/** The generator of the subgroup of order 2^bits; each is the square of the next larger one's. */
export function rootOfUnity(bits: number): number {
  const root = ROOTS[bits];
  if (root === undefined) throw new Error(`internal error: no subgroup of order 2^${bits}`);
  return root;
}

/** Inverses of all elements with one inversion; none may be 0. */
export function invAll(values: Uint32Array): Uint32Array {
  const prefix = new Uint32Array(values.length);
  let product = 1;
  for (let i = 0; i < values.length; i++) {
    prefix[i] = product;
    product = mul(product, values[i]!);
  }
  let inverse = inv(product);
  for (let i = values.length - 1; i >= 0; i--) {
    prefix[i] = mul(prefix[i]!, inverse);
    inverse = mul(inverse, values[i]!);
  }
  return prefix;
}
