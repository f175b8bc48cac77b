/** How large values are, for charges: counted before the work, and never further than the fuel that is left. */
import type { Value } from "../../content/index.ts";
import { Fault, fuelLeft, type Meter, OutOfFuel, spend } from "../machine/Meter.ts";
import { items } from "./GrownList.ts";

type V = Value.Value;

/** Items, code units or bytes that one fuel pays for where they are only copied. */
export const UNITS_PER_FUEL = 8;
/** Values nested deeper are not compared, shown, hashed or sent: readers of blocks recurse. Also the bound of a trace. */
export const VALUE_DEPTH_MAX = 300;

const LIMB = 1n << 64n;

/** 64-bit limbs that an Int's magnitude needs; every safe number counts as one. */
export function limbs(value: number | bigint): number {
  if (typeof value === "number" || (value < LIMB && value > -LIMB)) return 1;
  return Math.ceil((value < 0n ? -value : value).toString(16).length / 16);
}

/** Fuel for work that grows with a length. */
export const lengthFuel = (units: number): number => Math.ceil(units / UNITS_PER_FUEL);

/** Charges copying `units` items, code units or bytes into a new thing that takes `bytes`. */
export const chargeLength = (meter: Meter, units: number, bytes: number): void =>
  spend(meter, lengthFuel(units), bytes);

/** ⌈log2(n + 1)⌉ for lengths. */
export const bitLength = (n: number): number => 32 - Math.clz32(n);

/**
 * Nodes in a value, with one more for each eight code units or bytes of a leaf. A part that is shared counts as often as
 * it occurs, as it is compared, written and hashed as often. Stops at `max`; `undefined` past it or past the depth.
 */
export function weigh(value: V, max: number): number | "large" | "deep" {
  let count = 0;
  const values: V[] = [value];
  const depths: number[] = [0];
  while (values.length > 0) {
    const next = values.pop()!;
    const depth = depths.pop()!;
    if (depth > VALUE_DEPTH_MAX) return "deep";
    count += 1;
    if (typeof next === "string") count += lengthFuel(next.length);
    else if (typeof next === "bigint") count += limbs(next);
    else if (typeof next === "object") {
      const push = (part: V) => {
        values.push(part);
        depths.push(depth + 1);
      };
      switch (next.tag) {
        case "bytes":
          count += lengthFuel(next.bytes.length);
          break;
        case "decimal":
          count += limbs(next.coefficient);
          break;
        case "list":
        case "set":
        case "tuple":
          if (count + next.items.length > max) return "large";
          for (const item of next.tag === "list" ? items(next) : next.items) push(item);
          break;
        case "map":
          if (count + next.entries.length > max) return "large";
          for (const [key, item] of next.entries) {
            push(key);
            push(item);
          }
          break;
        case "record":
          for (const item of next.values) push(item);
          break;
        case "variant":
          if (next.payload !== undefined) push(next.payload);
          break;
        case "closure":
          for (const item of next.captured) push(item);
          break;
        default:
          break;
      }
    }
    if (count > max) return "large";
  }
  return count;
}

/** Charges a walk over every node of the values, and refuses what is too deep to walk. */
export function chargeDeep(meter: Meter, ...values: readonly V[]): number {
  let total = 0;
  for (const value of values) {
    const weight = weigh(value, fuelLeft(meter));
    if (weight === "large") throw new OutOfFuel();
    if (weight === "deep") throw new Fault("TooDeep", `a value is nested deeper than ${VALUE_DEPTH_MAX}`);
    total += weight;
  }
  spend(meter, total, 0);
  return total;
}

/** As `chargeDeep`, for what scalars cost nothing: a key that is a number or short text. */
export function chargeKey(meter: Meter, key: V, comparisons: number): void {
  if (typeof key === "number" || typeof key === "boolean") {
    spend(meter, comparisons, 0);
    return;
  }
  const weight = weigh(key, fuelLeft(meter));
  if (weight === "large") throw new OutOfFuel();
  if (weight === "deep") throw new Fault("TooDeep", `a value is nested deeper than ${VALUE_DEPTH_MAX}`);
  spend(meter, weight * comparisons, 0);
}
