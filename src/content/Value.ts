/**
 * Values of the language, of states, facts and traces: one in-memory form and one encoding each.
 *
 * Ints, Bools and Texts are the host's numbers (or bigints), booleans and strings; all else is a tagged object.
 * Timelines and Assets are Texts at run time. Encoding: docs/spec/content.md §2 (design: execution, "Values").
 */
import { Bytes, never } from "../std/index.ts";
import type { ContentHash } from "./ContentHash.ts";
import * as Decimal from "./Decimal.ts";
import * as Int from "./Int.ts";

export type Value =
  | Int.Int
  | boolean
  | string
  | Unit
  | Decimal.Decimal
  | Float
  | BytesValue
  | Duration
  | Instant
  | HashValue
  | List
  | MapValue
  | SetValue
  | Tuple
  | Record
  | Variant
  | Closure;

export interface Unit {
  readonly tag: "unit";
}
/** IEEE 754 double; every NaN is the one NaN. */
export interface Float {
  readonly tag: "float";
  readonly value: number;
}
export interface BytesValue {
  readonly tag: "bytes";
  readonly bytes: Uint8Array;
}
/** A span of time in milliseconds, negative allowed. */
export interface Duration {
  readonly tag: "duration";
  readonly milliseconds: Int.Int;
}
/** Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. */
export interface Instant {
  readonly tag: "instant";
  readonly milliseconds: Int.Int;
}
export interface HashValue {
  readonly tag: "hash";
  readonly hash: ContentHash;
}
export interface List {
  readonly tag: "list";
  readonly items: readonly Value[];
}
/** Sorted by key in `compare` order, each key once. */
export interface MapValue {
  readonly tag: "map";
  readonly entries: readonly (readonly [Value, Value])[];
}
/** Sorted in `compare` order, each item once. */
export interface SetValue {
  readonly tag: "set";
  readonly items: readonly Value[];
}
export interface Tuple {
  readonly tag: "tuple";
  readonly items: readonly Value[];
}
/** Fields sorted by name (code points); `values[i]` belongs to `names[i]`. */
export interface Record {
  readonly tag: "record";
  readonly names: readonly string[];
  readonly values: readonly Value[];
}
/** One case of a sum type. Declared parameters of a case are a Record payload; `Some`, `Ok`, `Err` hold the bare value. */
export interface Variant {
  readonly tag: "variant";
  readonly case: string;
  readonly payload: Value | undefined;
}
/** A lambda-lifted function with its captured values: the definition's first parameters. */
export interface Closure {
  readonly tag: "closure";
  readonly definition: ContentHash;
  readonly captured: readonly Value[];
}

export const unit: Unit = Object.freeze({ tag: "unit" });
export const float = (value: number): Float => ({ tag: "float", value });
export const bytes = (value: Uint8Array): BytesValue => ({ tag: "bytes", bytes: value });
export const duration = (milliseconds: Int.Int): Duration => ({ tag: "duration", milliseconds });
export const instant = (milliseconds: Int.Int): Instant => ({ tag: "instant", milliseconds });
export const hash = (value: ContentHash): HashValue => ({ tag: "hash", hash: value });
export const list = (items: readonly Value[]): List => ({ tag: "list", items });
export const tuple = (items: readonly Value[]): Tuple => ({ tag: "tuple", items });
export const variant = (name: string, payload?: Value): Variant => ({ tag: "variant", case: name, payload });
export const closure = (definition: ContentHash, captured: readonly Value[]): Closure => ({
  tag: "closure",
  definition,
  captured,
});
export const none: Variant = Object.freeze(variant("None"));
export const some = (value: Value): Variant => variant("Some", value);
export const okValue = (value: Value): Variant => variant("Ok", value);
export const errValue = (value: Value): Variant => variant("Err", value);

/** A record from its fields in any order. A field given twice is a caller's bug. */
export function record(fields: Iterable<readonly [string, Value]>): Record {
  const sorted = [...fields].sort((a, b) => compareText(a[0], b[0]));
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]![0] === sorted[i - 1]![0]) throw new Error(`internal error: field ${sorted[i]![0]} twice`);
  }
  return { tag: "record", names: sorted.map((f) => f[0]), values: sorted.map((f) => f[1]) };
}

/** A record's field; `undefined` when it has none of that name. */
export function field(value: Record, name: string): Value | undefined {
  const at = value.names.indexOf(name);
  return at < 0 ? undefined : value.values[at];
}

/** A map from entries in any order; of equal keys the last wins. */
export function map(entries: Iterable<readonly [Value, Value]>): MapValue {
  const sorted = [...entries].map((entry, at) => ({ entry, at }));
  sorted.sort((a, b) => compare(a.entry[0], b.entry[0]) || a.at - b.at);
  const kept: (readonly [Value, Value])[] = [];
  for (const { entry } of sorted) {
    if (kept.length > 0 && compare(kept[kept.length - 1]![0], entry[0]) === 0) kept[kept.length - 1] = entry;
    else kept.push(entry);
  }
  return { tag: "map", entries: kept };
}

/** A set from items in any order. */
export function set(items: Iterable<Value>): SetValue {
  const sorted = [...items].sort(compare);
  return { tag: "set", items: sorted.filter((item, i) => i === 0 || compare(sorted[i - 1]!, item) !== 0) };
}

/** Where a key stands in a map (or item in a set), or `~index` where it would be inserted. */
export function indexOf(
  sorted: readonly (readonly [Value, Value])[] | readonly Value[],
  key: Value,
  keyed: boolean,
): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = sorted[middle]!;
    const order = compare(keyed ? (at as readonly [Value, Value])[0] : (at as Value), key);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

export function mapGet(value: MapValue, key: Value): Value | undefined {
  const at = indexOf(value.entries, key, true);
  return at < 0 ? undefined : value.entries[at]![1];
}

export function mapSet(value: MapValue, key: Value, item: Value): MapValue {
  const at = indexOf(value.entries, key, true);
  const entry = [key, item] as const;
  return { tag: "map", entries: at >= 0 ? value.entries.with(at, entry) : value.entries.toSpliced(~at, 0, entry) };
}

export function mapDelete(value: MapValue, key: Value): MapValue {
  const at = indexOf(value.entries, key, true);
  return at < 0 ? value : { tag: "map", entries: value.entries.toSpliced(at, 1) };
}

/** Same value, as its encoding tells: floats by bits, so NaN equals NaN and −0 differs from 0. */
export const equal = (a: Value, b: Value): boolean => a === b || compare(a, b) === 0;

/** The order of kinds; within one static type only one kind occurs. */
const RANK: { readonly [tag: string]: number } = {
  unit: 0,
  boolean: 1,
  number: 2,
  bigint: 2,
  decimal: 3,
  float: 4,
  string: 5,
  bytes: 6,
  duration: 7,
  instant: 8,
  hash: 9,
  list: 10,
  map: 11,
  set: 12,
  tuple: 13,
  record: 14,
  variant: 15,
  closure: 16,
};

export const kindOf = (value: Value): string => (typeof value === "object" ? value.tag : typeof value);

/**
 * The total order of values, in which maps and sets iterate: numbers by size, Text by code point, Bytes by byte,
 * lists and tuples by item, records by name then value, variants by case name then payload.
 */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  const kind = kindOf(a);
  const byKind = RANK[kind]! - RANK[kindOf(b)]!;
  if (byKind !== 0) return byKind;
  if (typeof a !== "object") {
    if (typeof a === "string") return compareText(a, b as string);
    return a < (b as typeof a) ? -1 : 1;
  }
  switch (a.tag) {
    case "unit":
      return 0;
    case "decimal":
      return Decimal.compare(a, b as Decimal.Decimal);
    case "float":
      return compareFloat(a.value, (b as Float).value);
    case "bytes":
      return Bytes.compare(a.bytes, (b as BytesValue).bytes);
    case "duration":
    case "instant":
      return Int.compare(a.milliseconds, (b as Duration).milliseconds);
    case "hash":
      return compareText(a.hash, (b as HashValue).hash);
    case "list":
    case "set":
    case "tuple":
      return compareLists(a.items, (b as Tuple).items);
    case "map":
      return compareLists(a.entries.flat(), (b as MapValue).entries.flat());
    case "record": {
      const other = b as Record;
      for (let i = 0; i < Math.min(a.names.length, other.names.length); i++) {
        const order = compareText(a.names[i]!, other.names[i]!) || compare(a.values[i]!, other.values[i]!);
        if (order !== 0) return order;
      }
      return a.names.length - other.names.length;
    }
    case "variant": {
      const other = b as Variant;
      const order = compareText(a.case, other.case);
      if (order !== 0) return order;
      if (a.payload === undefined || other.payload === undefined) {
        return (a.payload === undefined ? 0 : 1) - (other.payload === undefined ? 0 : 1);
      }
      return compare(a.payload, other.payload);
    }
    case "closure": {
      const other = b as Closure;
      return compareText(a.definition, other.definition) || compareLists(a.captured, other.captured);
    }
    default:
      return never(a);
  }
}

/** Order by code points, which the host's `<` on UTF-16 units is not. */
export function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xIsSurrogate = x >= 0xd800 && x <= 0xdfff;
    const yIsSurrogate = y >= 0xd800 && y <= 0xdfff;
    // A surrogate pair stands for a point above every other unit.
    if (xIsSurrogate !== yIsSurrogate) return xIsSurrogate ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compare(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** −∞ < … < −0 < 0 < … < ∞ < NaN. */
function compareFloat(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a)) return 1;
  if (Number.isNaN(b)) return -1;
  if (a === b) return Object.is(a, -0) ? -1 : 1;
  return a < b ? -1 : 1;
}
