/** Which numbers fit which sized type. */
import type { Decimal, Int } from "../content/index.ts";
import type { DecimalType, FloatType, Integer } from "./Type.ts";

export interface IntLimits {
  readonly min: Int.Int;
  readonly max: Int.Int;
}

/** Smallest and largest value; infinities where the type has no bound. */
export function intLimits(type: Integer): IntLimits {
  if (type.kind === "nat") {
    if (type.bits === undefined) return { min: 0, max: Number.POSITIVE_INFINITY };
    return { min: 0, max: type.bits === 64 ? 2n ** 64n - 1n : 2 ** type.bits - 1 };
  }
  if (type.bits === undefined) return { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
  if (type.bits === 64) return { min: -(2n ** 63n), max: 2n ** 63n - 1n };
  const half = 2 ** (type.bits - 1);
  return { min: -half, max: half - 1 };
}

/** Decimal digits that every value of the type fits in; `undefined` when unbounded. */
export function intDigits(type: Integer): number | undefined {
  switch (type.bits) {
    case undefined:
      return undefined;
    case 8:
      return 3;
    case 16:
      return 5;
    case 32:
      return 10;
    case 64:
      return type.kind === "nat" ? 20 : 19;
  }
}

/** Bits of magnitude; a double holds 53 of them exactly, a single 24. */
export function intMagnitudeBits(type: Integer): number | undefined {
  return type.bits === undefined ? undefined : type.kind === "nat" ? type.bits : type.bits - 1;
}

export function fitsDecimal(value: Decimal.Decimal, type: DecimalType): boolean {
  if (type.size === undefined || value.coefficient === 0n) return true;
  const { precision, scale } = type.size;
  if (value.exponent < -scale) return false;
  const digits = (value.coefficient < 0n ? -value.coefficient : value.coefficient).toString().length;
  return digits + value.exponent <= precision - scale;
}

/** No NaN in state; a float32 must be exact in 32 bits. */
export function fitsFloat(value: number, type: FloatType): boolean {
  if (Number.isNaN(value)) return false;
  return type.bits === 64 || Object.is(Math.fround(value), value);
}
