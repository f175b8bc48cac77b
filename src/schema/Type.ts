/**
 * The types of state: structural, closed, without `any`. Design: programs, "Types"; text form: docs/spec/schema.md §1.
 *
 * A type is a tree; `ref` points into the schema's named types and is what makes recursion possible, so every function
 * that looks inside a type takes those names (`Types`).
 */
import { Value } from "../content/index.ts";
import { assert } from "../std/index.ts";
import type { Place } from "./Problem.ts";

export type Bits = 8 | 16 | 32 | 64;

export type Type =
  | Simple
  | Integer
  | DecimalType
  | FloatType
  | BytesType
  | OptionType
  | ListType
  | MapType
  | SetType
  | TupleType
  | RecordType
  | VariantType
  | Ref;

/** Types without parts. `untyped` is a field that a bare `fields = [...]` names: any JSON, evolved only as a whole. */
export interface Simple {
  readonly kind: "bool" | "text" | "duration" | "instant" | "asset" | "hash" | "unit" | "untyped";
}
/** `bits` undefined: unbounded. */
export interface Integer {
  readonly kind: "int" | "nat";
  readonly bits: Bits | undefined;
}
/** At most `precision` digits, `scale` of them after the point; undefined: unbounded. */
export interface DecimalType {
  readonly kind: "decimal";
  readonly size: { readonly precision: number; readonly scale: number } | undefined;
}
export interface FloatType {
  readonly kind: "float";
  readonly bits: 32 | 64;
}
export interface BytesType {
  readonly kind: "bytes";
  readonly length: number | undefined;
}
export interface OptionType {
  readonly kind: "option";
  readonly item: Type;
}
export interface ListType {
  readonly kind: "list";
  readonly length: number | undefined;
  readonly item: Type;
}
export interface MapType {
  readonly kind: "map";
  readonly key: Type;
  readonly item: Type;
}
export interface SetType {
  readonly kind: "set";
  readonly item: Type;
}
export interface TupleType {
  readonly kind: "tuple";
  readonly items: readonly Type[];
}
/** Fields sorted by name. */
export interface RecordType {
  readonly kind: "record";
  readonly fields: readonly Field[];
}
export interface Field {
  readonly name: string;
  readonly type: Type;
  /** The value that existing states get when the field is added. */
  readonly default: Value.Value | undefined;
  /** What the number means, when its type does not say; a change of it is a semantic change. */
  readonly meaning: string | undefined;
  readonly at: Place | undefined;
}
/** Cases sorted by name. */
export interface VariantType {
  readonly kind: "variant";
  readonly cases: readonly Case[];
}
export interface Case {
  readonly name: string;
  readonly payload: Type | undefined;
  readonly at: Place | undefined;
}
export interface Ref {
  readonly kind: "ref";
  readonly name: string;
}

/** The named types of a schema. */
export type Types = ReadonlyMap<string, Type>;

export type SimpleKind = Simple["kind"];

const simple = (kind: SimpleKind): Simple => Object.freeze({ kind });
export const bool = simple("bool");
export const text = simple("text");
export const duration = simple("duration");
export const instant = simple("instant");
export const asset = simple("asset");
export const hash = simple("hash");
export const unit = simple("unit");
export const untyped = simple("untyped");
export const int = (bits?: Bits): Integer => ({ kind: "int", bits });
export const nat = (bits?: Bits): Integer => ({ kind: "nat", bits });
export const decimal = (size?: { readonly precision: number; readonly scale: number }): DecimalType => ({
  kind: "decimal",
  size,
});
export const float = (bits: 32 | 64 = 64): FloatType => ({ kind: "float", bits });
export const bytes = (length?: number): BytesType => ({ kind: "bytes", length });
export const option = (item: Type): OptionType => ({ kind: "option", item });
export const list = (item: Type, length?: number): ListType => ({ kind: "list", length, item });
export const map = (key: Type, item: Type): MapType => ({ kind: "map", key, item });
export const set = (item: Type): SetType => ({ kind: "set", item });
export const tuple = (items: readonly Type[]): TupleType => ({ kind: "tuple", items });
export const ref = (name: string): Ref => ({ kind: "ref", name });

export const field = (
  name: string,
  type: Type,
  more: Partial<Pick<Field, "default" | "meaning" | "at">> = {},
): Field => ({
  name,
  type,
  default: more.default,
  meaning: more.meaning,
  at: more.at,
});

/** A record from its fields in any order; a name given twice is a caller's bug. */
export const record = (fields: readonly Field[]): RecordType => ({ kind: "record", fields: sortByName(fields) });

export const variantCase = (name: string, payload?: Type, at?: Place): Case => ({ name, payload, at });

export const variant = (cases: readonly Case[]): VariantType => ({ kind: "variant", cases: sortByName(cases) });

export const compareNames = Value.compareText;

/** Sorted by code points, the order of canonical values. */
function sortByName<T extends { readonly name: string }>(named: readonly T[]): T[] {
  const sorted = [...named].sort((a, b) => Value.compareText(a.name, b.name));
  for (let i = 1; i < sorted.length; i++) {
    assert(sorted[i]!.name !== sorted[i - 1]!.name, `name ${sorted[i]!.name} twice`);
  }
  return sorted;
}

/** Follows names to the type they stand for. The schema has been checked, so names exist and do not chase each other. */
export function resolve(type: Type, types: Types): Exclude<Type, Ref> {
  let at = type;
  while (at.kind === "ref") {
    const next = types.get(at.name);
    assert(next !== undefined, `type ${at.name} is not declared`);
    at = next;
  }
  return at;
}

/** The types directly inside, with nothing resolved. */
export function partsOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case "option":
    case "list":
    case "set":
      return [type.item];
    case "map":
      return [type.key, type.item];
    case "tuple":
      return type.items;
    case "record":
      return type.fields.map((f) => f.type);
    case "variant":
      return type.cases.flatMap((c) => (c.payload === undefined ? [] : [c.payload]));
    default:
      return [];
  }
}

/**
 * Whether two types have the same values, looking through names (coinductive: two recursive types are equal unless a
 * difference is found). Defaults, meanings and the names of types do not count.
 *
 * `given`: pairs that are taken as equal, for types that are compared in the middle of a comparison of those around them.
 * A worklist, not recursion: two cycles of coprime lengths meet in as many pairs as the product of their lengths.
 */
export const same = (
  a: Type,
  aTypes: Types,
  b: Type,
  bTypes: Types,
  given: Iterable<readonly [Type, Type]> = [],
): boolean => agree(a, aTypes, b, bTypes, given, false);

/** Whether a parameter takes the values of a type: `same`, and what is untyped in the parameter takes anything. */
export const takes = (parameter: Type, parameterTypes: Types, type: Type, types: Types): boolean =>
  agree(parameter, parameterTypes, type, types, [], true);

function agree(
  a: Type,
  aTypes: Types,
  b: Type,
  bTypes: Types,
  given: Iterable<readonly [Type, Type]>,
  isOpen: boolean,
): boolean {
  const assumed = new Map<Type, Set<Type>>();
  for (const [x, y] of given) assumed.set(x, new Set(assumed.get(x)).add(y));
  const work: (readonly [Type, Type])[] = [[a, b]];
  for (let pair = work.pop(); pair !== undefined; pair = work.pop()) {
    const left = resolve(pair[0], aTypes);
    const right = resolve(pair[1], bTypes);
    let seen = assumed.get(left);
    if (seen?.has(right) || (isOpen && left.kind === "untyped")) continue;
    if (!sameHead(left, right)) return false;
    if (seen === undefined) {
      seen = new Set();
      assumed.set(left, seen);
    }
    seen.add(right);
    const parts = partsOf(left);
    const others = partsOf(right);
    for (let i = 0; i < parts.length; i++) work.push([parts[i]!, others[i]!]);
  }
  return true;
}

/** Whether two types agree in all but their parts; if so they have equally many. */
function sameHead(a: Exclude<Type, Ref>, b: Exclude<Type, Ref>): boolean {
  switch (a.kind) {
    case "int":
    case "nat":
    case "float":
      return b.kind === a.kind && a.bits === b.bits;
    case "decimal":
      return b.kind === a.kind && a.size?.precision === b.size?.precision && a.size?.scale === b.size?.scale;
    case "bytes":
    case "list":
      return b.kind === a.kind && a.length === b.length;
    case "tuple":
      return b.kind === a.kind && a.items.length === b.items.length;
    case "record":
      return (
        b.kind === a.kind &&
        a.fields.length === b.fields.length &&
        a.fields.every((f, i) => f.name === b.fields[i]!.name)
      );
    case "variant":
      return (
        b.kind === a.kind &&
        a.cases.length === b.cases.length &&
        a.cases.every((c, i) => {
          const other = b.cases[i]!;
          return c.name === other.name && (c.payload === undefined) === (other.payload === undefined);
        })
      );
    default:
      return a.kind === b.kind;
  }
}
