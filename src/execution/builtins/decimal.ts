/** Exact decimals, with the bounds of content's Decimal turned into faults. */
import { Decimal, Value } from "../../content/index.ts";
import { Fault, type Meter, spend } from "../machine/Meter.ts";
import { builtin, decimal, type Implementation, int, option, tagged, text } from "./Implementation.ts";
import { chargeLength, limbs } from "./size.ts";

type V = Value.Value;
type D = Decimal.Decimal;

/** 64-bit limbs of both coefficients after they have been brought to one exponent. */
function aligned(a: D, b: D): number {
  // 10 takes 3.33 bits, so 19 places fill a limb.
  const apart = a.coefficient === 0n || b.coefficient === 0n ? 0 : Math.abs(a.exponent - b.exponent);
  return limbs(a.coefficient) + limbs(b.coefficient) + Math.floor(apart / 19);
}

/** Cost class `digits`. */
export function decimalDigits(meter: Meter, a: V, b: V): void {
  const size = aligned(decimal(a), decimal(b));
  spend(meter, size - 2, 32 + 8 * size);
}

/** Cost class `product`: trailing zeros of a product are divided away one by one, which is quadratic. */
export function decimalProduct(meter: Meter, a: V, b: V): void {
  const size = limbs(decimal(a).coefficient) + limbs(decimal(b).coefficient);
  spend(meter, size * size - 4, 32 + 8 * size);
}

/** The result, or the fault of leaving the bounds. */
export function inBounds(work: () => D): D {
  let result: D;
  try {
    result = work();
  } catch (error) {
    if (error instanceof RangeError) throw new Fault("OutOfRange", error.message);
    throw error;
  }
  // 19 digits to a limb; the exact count is only taken when it may matter.
  if (limbs(result.coefficient) * 19 > Decimal.DECIMAL_DIGITS_MAX && tooLong(result))
    throw new Fault("OutOfRange", `a Decimal of more than ${Decimal.DECIMAL_DIGITS_MAX} digits`);
  return result;
}

const tooLong = (value: D): boolean =>
  (value.coefficient < 0n ? -value.coefficient : value.coefficient).toString().length > Decimal.DECIMAL_DIGITS_MAX;

export function nonZeroDecimal(value: D): D {
  if (value.coefficient === 0n) throw new Fault("DivisionByZero", "division by zero");
  return value;
}

/** Exact, with the sign of the dividend. */
export function decimalRemainder(a: D, b: D): D {
  const exponent = Math.min(a.exponent, b.exponent);
  const x = a.coefficient * 10n ** BigInt(a.exponent - exponent);
  const y = b.coefficient * 10n ** BigInt(b.exponent - exponent);
  return Decimal.of(x % y, exponent);
}

const ROUNDINGS: ReadonlyMap<string, Decimal.Rounding> = new Map([
  ["HalfEven", "half-even"],
  ["HalfUp", "half-up"],
  ["Down", "down"],
  ["Up", "up"],
  ["Floor", "floor"],
  ["Ceiling", "ceiling"],
]);

function rounding(value: V): Decimal.Rounding {
  const name = tagged(value, "variant").case;
  const found = ROUNDINGS.get(name);
  if (found === undefined) throw new Fault("OutOfRange", `there is no rounding ${name}`);
  return found;
}

/** Places after the point, within what a Decimal can hold. */
function places(value: V): number {
  const count = int(value);
  if (typeof count === "bigint" || Math.abs(count) > Decimal.DECIMAL_EXPONENT_MAX)
    throw new Fault("OutOfRange", `more than ${Decimal.DECIMAL_EXPONENT_MAX} places`);
  return count;
}

/** Rounding to n places may write n digits. */
function chargePlaces(meter: Meter, size: number, count: V): void {
  const wanted = int(count);
  const more =
    typeof wanted === "number" ? Math.floor(Math.min(Math.abs(wanted), Decimal.DECIMAL_EXPONENT_MAX) / 19) : 0;
  const all = size + more;
  spend(meter, all * all - 1, 32 + 8 * all);
}

export const decimals: readonly Implementation[] = [
  builtin("decimal.add", 2, (a, b) => inBounds(() => Decimal.add(decimal(a), decimal(b))), decimalDigits),
  builtin("decimal.subtract", 2, (a, b) => inBounds(() => Decimal.subtract(decimal(a), decimal(b))), decimalDigits),
  builtin("decimal.multiply", 2, (a, b) => inBounds(() => Decimal.multiply(decimal(a), decimal(b))), decimalProduct),
  builtin(
    "decimal.divide",
    2,
    (a, b) => inBounds(() => Decimal.divide(decimal(a), nonZeroDecimal(decimal(b)))),
    decimalProduct,
  ),
  builtin(
    "decimal.remainder",
    2,
    (a, b) => inBounds(() => decimalRemainder(decimal(a), nonZeroDecimal(decimal(b)))),
    (meter, a, b) => {
      const size = aligned(decimal(a), decimal(b));
      spend(meter, size * size - 4, 32 + 8 * size);
    },
  ),
  builtin(
    "decimal.negate",
    1,
    (a) => Decimal.negate(decimal(a)),
    (meter, a) => decimalDigits(meter, a, Decimal.zero),
  ),
  builtin("decimal.equal", 2, (a, b) => Decimal.compare(decimal(a), decimal(b)) === 0, decimalDigits),
  builtin("decimal.less", 2, (a, b) => Decimal.compare(decimal(a), decimal(b)) < 0, decimalDigits),
  builtin("decimal.lessOrEqual", 2, (a, b) => Decimal.compare(decimal(a), decimal(b)) <= 0, decimalDigits),
  builtin(
    "decimal.divideRounded",
    4,
    (a, b, c, d) =>
      inBounds(() => Decimal.divideRounded(decimal(a), nonZeroDecimal(decimal(b)), places(c), rounding(d))),
    (meter, a, b, c) => chargePlaces(meter, aligned(decimal(a), decimal(b)), c),
  ),
  builtin(
    "decimal.round",
    3,
    (a, b, c) => inBounds(() => Decimal.round(decimal(a), places(b), rounding(c))),
    (meter, a, b) => chargePlaces(meter, limbs(decimal(a).coefficient), b),
  ),
  builtin(
    "decimal.truncate",
    1,
    (a) => Decimal.truncate(decimal(a)),
    (meter, a) => {
      const size = limbs(decimal(a).coefficient) + Math.floor(Math.abs(decimal(a).exponent) / 19);
      spend(meter, size - 1, 16 + 8 * size);
    },
  ),
  builtin(
    "decimal.toFloat",
    1,
    // The host reads decimal text correctly rounded; that is part of ECMAScript.
    (a) => Value.float(Number(`${decimal(a).coefficient}e${decimal(a).exponent}`)),
    (meter, a) => decimalDigits(meter, a, Decimal.zero),
  ),
  builtin(
    "decimal.parse",
    1,
    (a) => option(Decimal.parse(text(a))),
    (meter, a) => {
      const size = text(a).length;
      chargeLength(meter, size + Math.floor((size * size) / 256), 32 + size);
    },
  ),
];

/** The exact value of a double: every one is a decimal. */
export function exactDecimal(value: number): D {
  if (value === 0) return Decimal.zero;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  const signed = value < 0 ? -mantissa : mantissa;
  // m · 2^−k = m · 5^k · 10^−k
  return exponent >= 0
    ? Decimal.of(signed << BigInt(exponent), 0)
    : Decimal.of(signed * 5n ** BigInt(-exponent), exponent);
}
