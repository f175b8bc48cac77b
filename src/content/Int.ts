/**
 * Unbounded integers: a JavaScript number while it is safe, a bigint beyond. One integer has one form
 * (number iff |n| ≤ 2^53−1, never −0), so `===` and Map keys work.
 */
export type Int = number | bigint;

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** Larger results are a fault: unbounded in the language, bounded by what a host can hold. */
export const INT_BITS_MAX = 1 << 20;

export const of = (value: bigint): Int => (value <= SAFE_MAX && value >= -SAFE_MAX ? Number(value) : value);

export function add(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return of(BigInt(a) + BigInt(b));
}

export function subtract(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return of(BigInt(a) - BigInt(b));
}

export function multiply(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0; // −0 + 0 is 0
  }
  return of(BigInt(a) * BigInt(b));
}

/** Quotient rounded toward zero; the caller refuses a zero divisor first. */
export function divide(a: Int, b: Int): Int {
  // a − a % b is an exact multiple of b, so this quotient is exact.
  if (typeof a === "number" && typeof b === "number") return (a - (a % b)) / b + 0;
  return of(BigInt(a) / BigInt(b));
}

/** Remainder with the sign of `a`; the caller refuses a zero divisor first. */
export function remainder(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
  return of(BigInt(a) % BigInt(b));
}

export const negate = (a: Int): Int => (typeof a === "number" ? 0 - a : of(-a));

export const compare = (a: Int, b: Int): number => (a < b ? -1 : a > b ? 1 : 0);

/** Reads decimal digits with an optional sign; `undefined` for anything else. */
export const parse = (text: string): Int | undefined => (/^-?[0-9]+$/.test(text) ? of(BigInt(text)) : undefined);

/**
 * Minimal two's complement, big-endian: the form of integers past 2^53 in blocks. By way of hex, which is linear where a
 * loop of shifts is not: an Int may have `INT_BITS_MAX` bits.
 */
export function toTwosComplement(value: bigint): Uint8Array {
  // −n − 1 needs as many bits as n, and one more tells the sign.
  const digits = (value < 0n ? -value - 1n : value).toString(16);
  const leading = Number.parseInt(digits[0]!, 16);
  const bits = digits.length * 4 - (Math.clz32(leading) - 28) + 1;
  const length = Math.ceil(bits / 8);
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, "0");
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** `undefined` when the bytes are not minimal, or the integer is small enough to be a plain number. */
export function fromTwosComplement(bytes: Uint8Array): bigint | undefined {
  if (bytes.length < 7) return undefined;
  let hex = "0x";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  const value = BigInt.asIntN(bytes.length * 8, BigInt(hex));
  if (typeof of(value) === "number") return undefined;
  return BigInt.asIntN((bytes.length - 1) * 8, value) === value ? undefined : value;
}
