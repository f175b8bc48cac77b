/** How an intrinsic is implemented: what it charges, and what it does. Both are pure. */
import { Decimal, type Int, Value } from "../../content/index.ts";
import { Fault, type Meter, Stuck } from "../machine/Meter.ts";

type V = Value.Value;

export interface Implementation {
  readonly name: string;
  readonly arity: number;
  /**
   * Charges what depends on the size of the arguments, before the work; `undefined` when nothing does. The fixed fuel of
   * a builtin node is in its region.
   */
  readonly charge: ((meter: Meter, a: V, b: V, c: V, d: V) => void) | undefined;
  /** Throws Fault for the failures that the table lists, and Stuck for an argument of a wrong type. */
  readonly apply: (a: V, b: V, c: V, d: V) => V;
}

type Charge = NonNullable<Implementation["charge"]>;

export const builtin = (
  name: string,
  arity: number,
  apply: Implementation["apply"],
  charge?: Charge,
): Implementation => ({ name, arity, charge, apply });

// Checked code never fails these; code from elsewhere is stopped here.

const stuck = (expected: string, got: V): Stuck => new Stuck(`expected ${expected}, got ${Value.kindOf(got)}`);

export function int(value: V): Int.Int {
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw stuck("Int", value);
}

export function text(value: V): string {
  if (typeof value === "string") return value;
  throw stuck("Text", value);
}

export function bool(value: V): boolean {
  if (typeof value === "boolean") return value;
  throw stuck("Bool", value);
}

/** A Decimal; an Int stands for itself where a constant was not converted. */
export function decimal(value: V): Decimal.Decimal {
  if (typeof value === "object" && value.tag === "decimal") return value;
  if (typeof value === "number" || typeof value === "bigint") return decimalOfInt(value);
  throw stuck("Decimal", value);
}

/** Decimals are bounded in digits and exponent, so a huge Int has none. */
export function decimalOfInt(value: Int.Int): Decimal.Decimal {
  const made = typeof value === "number" ? Decimal.fromInt(value) : Decimal.fromLargeInt(value);
  if (made === undefined) throw new Fault("OutOfRange", "an Int that no Decimal holds");
  return made;
}

type Tagged = Extract<V, { readonly tag: string }>;

export function tagged<T extends Tagged["tag"]>(value: V, tag: T): Extract<Tagged, { readonly tag: T }> {
  if (typeof value === "object" && value.tag === tag) return value as Extract<Tagged, { readonly tag: T }>;
  throw stuck(tag, value);
}

export const float = (value: V): number => tagged(value, "float").value;
export const bytes = (value: V): Uint8Array => tagged(value, "bytes").bytes;
export const option = (value: V | undefined): V => (value === undefined ? Value.none : Value.some(value));

/**
 * An Int as a position: at least 0, at most `max`. Ints beyond the safe range are clipped like all others.
 */
export function position(value: V, max: number): number {
  const at = int(value);
  return at < 0 ? 0 : at > max ? max : Number(at);
}
