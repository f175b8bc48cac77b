/** Unbounded integers. Safe numbers cost nothing beyond their node; larger ones are charged by their 64-bit limbs. */
import { Int, Value } from "../../content/index.ts";
import { Fault, type Meter, spend } from "../machine/Meter.ts";
import { builtin, decimalOfInt, type Implementation, int, option, text } from "./Implementation.ts";
import { chargeLength, limbs } from "./size.ts";

type V = Value.Value;

/** Cost class `digits`: with the digits of the operands, added. */
export function chargeDigits(meter: Meter, a: Int.Int, b: Int.Int): void {
  if (typeof a === "number" && typeof b === "number") return;
  const size = limbs(a) + limbs(b);
  spend(meter, size - 2, 16 + 8 * size);
}

/** Cost class `product`: with the digits of the operands, multiplied. */
export function chargeProduct(meter: Meter, a: Int.Int, b: Int.Int): void {
  if (typeof a === "number" && typeof b === "number") return;
  const x = limbs(a);
  const y = limbs(b);
  spend(meter, x * y - 1, 16 + 8 * (x + y));
}

/** An Int may be as large as a host can hold. */
export function bounded(value: Int.Int): Int.Int {
  if (typeof value === "bigint" && limbs(value) * 64 > Int.INT_BITS_MAX)
    throw new Fault("OutOfRange", `an Int of more than ${Int.INT_BITS_MAX} bits`);
  return value;
}

export function nonZero(divisor: Int.Int): Int.Int {
  if (divisor === 0) throw new Fault("DivisionByZero", "division by zero");
  return divisor;
}

// What the hot loop calls when an operand is no safe number.

export function intAdd(meter: Meter, a: V, b: V): Int.Int {
  const x = int(a);
  const y = int(b);
  chargeDigits(meter, x, y);
  return bounded(Int.add(x, y));
}

export function intSubtract(meter: Meter, a: V, b: V): Int.Int {
  const x = int(a);
  const y = int(b);
  chargeDigits(meter, x, y);
  return bounded(Int.subtract(x, y));
}

export function intMultiply(meter: Meter, a: V, b: V): Int.Int {
  const x = int(a);
  const y = int(b);
  chargeProduct(meter, x, y);
  return bounded(Int.multiply(x, y));
}

export function intLess(meter: Meter, a: V, b: V): boolean {
  chargeDigits(meter, int(a), int(b));
  return (a as Int.Int) < (b as Int.Int);
}

export function intLessOrEqual(meter: Meter, a: V, b: V): boolean {
  chargeDigits(meter, int(a), int(b));
  return (a as Int.Int) <= (b as Int.Int);
}

export function intEqual(meter: Meter, a: V, b: V): boolean {
  chargeDigits(meter, int(a), int(b));
  return a === b;
}

const digits = (meter: Meter, a: V, b: V) => chargeDigits(meter, int(a), int(b));
const product = (meter: Meter, a: V, b: V) => chargeProduct(meter, int(a), int(b));
/** One operand: as if the other were small. */
const digits1 = (meter: Meter, a: V) => chargeDigits(meter, int(a), 0);

export const ints: readonly Implementation[] = [
  builtin("int.add", 2, (a, b) => bounded(Int.add(int(a), int(b))), digits),
  builtin("int.subtract", 2, (a, b) => bounded(Int.subtract(int(a), int(b))), digits),
  builtin("int.multiply", 2, (a, b) => bounded(Int.multiply(int(a), int(b))), product),
  builtin("int.divide", 2, (a, b) => Int.divide(int(a), nonZero(int(b))), product),
  builtin("int.remainder", 2, (a, b) => Int.remainder(int(a), nonZero(int(b))), product),
  builtin("int.negate", 1, (a) => Int.negate(int(a)), digits1),
  builtin("int.equal", 2, (a, b) => int(a) === int(b), digits),
  builtin("int.less", 2, (a, b) => int(a) < int(b), digits),
  builtin("int.lessOrEqual", 2, (a, b) => int(a) <= int(b), digits),
  builtin(
    "int.toDecimal",
    1,
    (a) => decimalOfInt(int(a)),
    (meter, a) => {
      const size = limbs(int(a));
      spend(meter, size * size - 1, 32 + 8 * size);
    },
  ),
  builtin("int.toFloat", 1, (a) => Value.float(Number(int(a))), digits1),
  builtin(
    "int.parse",
    1,
    (a) => option(readInt(text(a))),
    // Reading n digits into binary is quadratic.
    (meter, a) => {
      const size = text(a).length;
      chargeLength(meter, size + Math.floor((size * size) / 256), 16 + size);
    },
  ),
];

function readInt(digits: string): Int.Int | undefined {
  const value = Int.parse(digits);
  return value === undefined || (typeof value === "bigint" && limbs(value) * 64 > Int.INT_BITS_MAX) ? undefined : value;
}
