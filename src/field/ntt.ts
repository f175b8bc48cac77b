/**
 * The reference number-theoretic transform: values of a polynomial on the subgroup of order n, in the order
 * ω^0, ω^1, …, and back. Radix 2, in place; the kernels are compared with it.
 */
import * as BabyBear from "./BabyBear.ts";

/** log2 of a power of two. */
const bitsOf = (length: number): number => 31 - Math.clz32(length);

/** The `bits` lowest bits of i, reversed. */
export function reverseBits(i: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit++) reversed = (reversed << 1) | ((i >>> bit) & 1);
  return reversed >>> 0;
}

/** The list in bit-reversed order; the length is a power of two. */
export function bitReversed(values: Uint32Array): Uint32Array {
  const bits = bitsOf(values.length);
  const result = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) result[reverseBits(i, bits)] = values[i]!;
  return result;
}

function transform(input: Uint32Array, root: number): Uint32Array {
  const values = bitReversed(input);
  const n = values.length;
  for (let half = 1; half < n; half *= 2) {
    const step = BabyBear.pow(root, n / (2 * half));
    for (let start = 0; start < n; start += 2 * half) {
      let twiddle = 1;
      for (let i = start; i < start + half; i++) {
        const odd = BabyBear.mul(values[i + half]!, twiddle);
        values[i + half] = BabyBear.sub(values[i]!, odd);
        values[i] = BabyBear.add(values[i]!, odd);
        twiddle = BabyBear.mul(twiddle, step);
      }
    }
  }
  return values;
}

/** Coefficients (lowest first, a power of two of them) → values at ω^0, ω^1, …. */
export const evaluate = (coefficients: Uint32Array): Uint32Array =>
  transform(coefficients, BabyBear.rootOfUnity(bitsOf(coefficients.length)));

/** Values at ω^0, ω^1, … → coefficients, lowest first. */
export function interpolate(values: Uint32Array): Uint32Array {
  const n = values.length;
  const coefficients = transform(values, BabyBear.inv(BabyBear.rootOfUnity(bitsOf(n))));
  const scale = BabyBear.inv(n);
  for (let i = 0; i < n; i++) coefficients[i] = BabyBear.mul(coefficients[i]!, scale);
  return coefficients;
}

/** Values on shift·⟨ω⟩ of size length·2^blowupBits, in natural order, of the polynomial with these values on its subgroup. */
export function extend(values: Uint32Array, blowupBits: number, shift: number): Uint32Array {
  const coefficients = interpolate(values);
  const longer = new Uint32Array(values.length << blowupBits);
  let power = 1;
  for (let i = 0; i < coefficients.length; i++) {
    longer[i] = BabyBear.mul(coefficients[i]!, power);
    power = BabyBear.mul(power, shift);
  }
  return evaluate(longer);
}
