import { add, inverse, mul, pow, reverseBits, rootOfUnity, shift, sub } from "./Field.ts";

/** Σ values[i]·ω^(ij) for each j, ω of order values.length. */
function transform(values: number[], omega: number): number[] {
  const n = values.length;
  const bits = Math.log2(n);
  const out = values.map((_, i) => values[reverseBits(i, bits)]!);
  for (let half = 1; half < n; half *= 2) {
    const step = pow(omega, n / (2 * half));
    for (let j = 0, w = 1; j < half; j++, w = mul(w, step))
      for (let i = j; i < n; i += 2 * half) {
        const odd = mul(w, out[i + half]!);
        out[i + half] = sub(out[i]!, odd);
        out[i] = add(out[i]!, odd);
      }
  }
  return out;
}

/** Rows of columns' extensions to four times their height, at the positions of the evaluation domain. */
export function extended(columns: readonly (readonly number[])[]): number[][] {
  const n = columns[0]!.length;
  const bits = Math.log2(n) + 2;
  const omega = rootOfUnity(bits - 2);
  const wide = columns.map((column) => {
    const coefficients = transform([...column], inverse(omega));
    let factor = inverse(n);
    const shifted = coefficients.map((c) => {
      const scaled = mul(c, factor);
      factor = mul(factor, shift);
      return scaled;
    });
    return transform([...shifted, ...new Array<number>(3 * n).fill(0)], rootOfUnity(bits));
  });
  return Array.from({ length: 4 * n }, (_, i) => wide.map((column) => column[reverseBits(i, bits)]!));
}

export function padded(column: readonly number[], height: number): number[] {
  return [...column, ...new Array<number>(2 ** height - column.length).fill(0)];
}
