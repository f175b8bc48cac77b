/**
 * Exact decimal numbers: coefficient × 10^exponent, without trailing zeros, zero as (0, 0).
 * `+ − ×` are exact; `÷` keeps 34 significant digits, half-even (the precision of IEEE 754 decimal128).
 */
import { type Int, of as intOf } from "./Int.ts";

export interface Decimal {
  readonly tag: "decimal";
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** Exponents beyond are refused: an aligned sum must stay small enough to compute. */
export const DECIMAL_EXPONENT_MAX = 6144;
export const DECIMAL_DIGITS_MAX = 20_000;
const DIVISION_DIGITS = 34;

export type Rounding = "half-even" | "half-up" | "down" | "up" | "floor" | "ceiling";

export const zero: Decimal = { tag: "decimal", coefficient: 0n, exponent: 0 };

/** Normalises. Throws RangeError when the number is outside the bounds; callers that take user data use `parse`. */
export function of(coefficient: bigint, exponent: number): Decimal {
  const value = withoutZeros(coefficient, exponent);
  if (Math.abs(value.exponent) > DECIMAL_EXPONENT_MAX)
    throw new RangeError(`decimal exponent ${value.exponent} is beyond ±${DECIMAL_EXPONENT_MAX}`);
  return value;
}

const POWERS = Array.from({ length: 13 }, (_, i) => 2 ** (12 - i)).map((zeros) => ({
  zeros,
  power: 10n ** BigInt(zeros),
}));
/** More zeros than these are taken away in large steps: one by one would be quadratic. */
const SINGLE_ZEROS_MAX = 16;

/** The one form of a number, whose exponent may still be beyond the bounds. */
function withoutZeros(coefficient: bigint, exponent: number): Decimal {
  if (coefficient === 0n) return zero;
  let c = coefficient;
  let e = exponent;
  for (let i = 0; c % 10n === 0n && i < SINGLE_ZEROS_MAX; i++) {
    c /= 10n;
    e++;
  }
  if (c % 10n === 0n)
    for (const { zeros, power } of POWERS)
      while (c % power === 0n) {
        c /= power;
        e += zeros;
      }
  // −0 + 0 is 0: an exponent has one form.
  return { tag: "decimal", coefficient: c, exponent: e + 0 };
}

/** Throws RangeError as `of` does: an Int that may be large goes by `fromLargeInt`. */
export const fromInt = (value: Int): Decimal => of(BigInt(value), 0);

/** `undefined` when the Int has more digits or zeros than a Decimal holds. */
export function fromLargeInt(value: bigint): Decimal | undefined {
  const made = withoutZeros(value, 0);
  if (made.exponent > DECIMAL_EXPONENT_MAX) return undefined;
  return digitCount(value) > DECIMAL_DIGITS_MAX ? undefined : made;
}

/** Reads `-12.340e-5`; `undefined` when it is not a decimal number or is outside the bounds. */
export function parse(text: string): Decimal | undefined {
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,6}))?$/.exec(text);
  if (match === null || text.length > DECIMAL_DIGITS_MAX) return undefined;
  const digits = BigInt(match[2]! + (match[3] ?? ""));
  const exponent = Number(match[4] ?? "0") - (match[3]?.length ?? 0);
  const value = withoutZeros(match[1] === "-" ? -digits : digits, exponent);
  return Math.abs(value.exponent) > DECIMAL_EXPONENT_MAX ? undefined : value;
}

/** Plain notation while it is short, else scientific; `parse(print(x))` is x. */
export function print(value: Decimal): string {
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient).toString();
  const sign = negative ? "-" : "";
  if (value.exponent >= 0) {
    if (value.exponent > 40) return `${sign}${digits}e${value.exponent}`;
    return sign + digits + "0".repeat(value.exponent);
  }
  const places = -value.exponent;
  if (places > digits.length + 40) return `${sign}${digits}e${value.exponent}`;
  if (places >= digits.length) return `${sign}0.${"0".repeat(places - digits.length)}${digits}`;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return of(scaled(a, exponent) + scaled(b, exponent), exponent);
}

export const negate = (a: Decimal): Decimal => (a.coefficient === 0n ? a : { ...a, coefficient: -a.coefficient });

export const subtract = (a: Decimal, b: Decimal): Decimal => add(a, negate(b));

export const multiply = (a: Decimal, b: Decimal): Decimal => of(a.coefficient * b.coefficient, a.exponent + b.exponent);

/** 34 significant digits, half-even. The caller refuses a zero divisor first. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (a.coefficient === 0n) return zero;
  // Enough digits that the quotient has at least 34, whatever the operands' lengths.
  const shift = Math.max(0, DIVISION_DIGITS + 1 + digitCount(b.coefficient) - digitCount(a.coefficient));
  const numerator = a.coefficient * 10n ** BigInt(shift);
  const quotient = numerator / b.coefficient;
  const sticky = numerator % b.coefficient !== 0n;
  const drop = digitCount(quotient) - DIVISION_DIGITS;
  const exponent = a.exponent - b.exponent - shift;
  if (drop <= 0) return of(quotient, exponent);
  return of(roundAway(quotient, drop, sticky, "half-even"), exponent + drop);
}

/** Rounds to a number of places after the point (negative: before it). */
export function round(value: Decimal, places: number, rounding: Rounding = "half-even"): Decimal {
  const drop = -places - value.exponent;
  if (drop <= 0) return value;
  // A number far below the last kept place rounds as its sign does.
  if (drop > digitCount(value.coefficient) + 1) {
    return of(roundAway(value.coefficient < 0n ? -1n : 1n, 2, false, rounding), -places);
  }
  return of(roundAway(value.coefficient, drop, false, rounding), -places);
}

/** Quotient rounded to `places` after the point. The caller refuses a zero divisor first. */
export function divideRounded(a: Decimal, b: Decimal, places: number, rounding: Rounding): Decimal {
  const shift = places + (a.exponent - b.exponent) + 1;
  const up = shift > 0 ? 10n ** BigInt(shift) : 1n;
  const down = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  const numerator = a.coefficient * up;
  const denominator = b.coefficient * down;
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  const sign = a.coefficient < 0n !== b.coefficient < 0n ? -1n : 1n;
  const kept = quotient === 0n && remainder !== 0n ? 0n : quotient;
  return of(roundAway(kept, 1, remainder !== 0n, rounding, sign), -places);
}

export function compare(a: Decimal, b: Decimal): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const x = scaled(a, exponent);
  const y = scaled(b, exponent);
  return x < y ? -1 : x > y ? 1 : 0;
}

export const isInteger = (value: Decimal): boolean => value.exponent >= 0;

/** The whole part, toward zero. */
export const truncate = (value: Decimal): Int =>
  intOf(value.exponent >= 0 ? scaled(value, 0) : value.coefficient / 10n ** BigInt(-value.exponent));

const scaled = (value: Decimal, exponent: number): bigint =>
  value.coefficient * 10n ** BigInt(value.exponent - exponent);

const digitCount = (value: bigint): number => (value < 0n ? -value : value).toString().length;

/** Drops the last `drop` digits. `sticky` says that non-zero digits were lost before. */
function roundAway(
  value: bigint,
  drop: number,
  sticky: boolean,
  rounding: Rounding,
  sign = value < 0n ? -1n : 1n,
): bigint {
  const unit = 10n ** BigInt(drop);
  const magnitude = value < 0n ? -value : value;
  const kept = magnitude / unit;
  const lost = magnitude % unit;
  const exact = lost === 0n && !sticky;
  const twice = lost * 2n;
  const overHalf = twice > unit || (twice === unit && sticky);
  const isHalf = twice === unit && !sticky;
  const up =
    !exact &&
    (rounding === "up" ||
      (rounding === "floor" && sign < 0n) ||
      (rounding === "ceiling" && sign > 0n) ||
      (rounding === "half-up" && (overHalf || isHalf)) ||
      (rounding === "half-even" && (overHalf || (isHalf && kept % 2n === 1n))));
  return sign * (up ? kept + 1n : kept);
}
