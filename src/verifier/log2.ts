/** 1 / ln 2. */
const PER_NATURAL = Math.LOG2E;

/**
 * The base-2 logarithm of a finite number above 0, to some units in the fifteenth digit. By operations that IEEE 754
 * fixes to the last bit: a verdict rests on it, and the host's own may differ from version to version.
 */
export function log2(x: number): number {
  let exponent = 0;
  let part = x;
  for (; part >= 2 ** 16; part /= 2 ** 16) exponent += 16;
  for (; part >= 2; part /= 2) exponent++;
  for (; part < 1; part *= 2) exponent--;
  // ln part = 2 artanh s, with s below 1/3: a term has less than a ninth of the one before it.
  const s = (part - 1) / (part + 1);
  let power = s;
  let sum = 0;
  for (let n = 1; n < 36; n += 2) {
    sum += power / n;
    power *= s * s;
  }
  return exponent + 2 * sum * PER_NATURAL;
}
