/** Random schemas with recursive types and awkward names, and random states of them. */
import { ContentHash, Decimal, Int, Value } from "../../src/content/index.ts";
import { Schema, Type as T } from "../../src/schema/index.ts";
import { type Choose, chance, one } from "./choose.ts";

export const NAMES = [
  "a",
  "b",
  "price",
  "__proto__",
  "constructor",
  "toString",
  "odd name",
  "é",
  "x1",
  "\u{1F600}",
  "z",
];
const CASES = ["open", "closed", "none", "__proto__", "hasOwnProperty"];

export const SCALARS: readonly T.Type[] = [
  T.bool,
  T.int(),
  T.int(8),
  T.int(16),
  T.int(32),
  T.int(64),
  T.nat(),
  T.nat(8),
  T.nat(16),
  T.nat(32),
  T.nat(64),
  T.decimal(),
  T.decimal({ precision: 3, scale: 0 }),
  T.decimal({ precision: 10, scale: 4 }),
  T.decimal({ precision: 30, scale: 8 }),
  T.float(32),
  T.float(64),
  T.text,
  T.bytes(),
  T.bytes(4),
  T.duration,
  T.instant,
  T.asset,
  T.hash,
  T.unit,
];
const KEYS = SCALARS.filter((type) => type.kind !== "float");

/** Named types that every generated schema has: a tree, a chain through a variant, and two that need each other. */
export const recursiveTypes = (): Map<string, T.Type> =>
  new Map<string, T.Type>([
    [
      "Tree",
      T.record([T.field("value", T.int(16)), T.field("left", T.option(T.ref("Tree"))), T.field("note", T.text)]),
    ],
    [
      "Chain",
      T.variant([
        T.variantCase("end"),
        T.variantCase("link", T.record([T.field("item", T.nat(8)), T.field("next", T.ref("Chain"))])),
      ]),
    ],
    ["Even", T.list(T.record([T.field("odd", T.ref("Odd")), T.field("n", T.int(8))]))],
    ["Odd", T.record([T.field("even", T.ref("Even")), T.field("m", T.option(T.int(32)))])],
  ]);

export function randomType(choose: Choose, depth: number): T.Type {
  if (depth <= 0) return one(choose, SCALARS);
  switch (choose.int(12)) {
    case 0: {
      const item = randomType(choose, depth - 1);
      return item.kind === "option" ? item : T.option(item);
    }
    case 1:
      return T.list(randomType(choose, depth - 1));
    case 2:
      return T.list(randomType(choose, depth - 1), choose.int(3));
    case 3:
      return T.map(one(choose, KEYS), randomType(choose, depth - 1));
    case 4:
      return T.map(T.tuple([one(choose, KEYS), T.text]), randomType(choose, depth - 1));
    case 5:
      return T.set(one(choose, KEYS));
    case 6:
      return T.tuple(Array.from({ length: choose.int(3) }, () => randomType(choose, depth - 1)));
    case 7:
      return randomRecord(choose, depth - 1);
    case 8:
      return T.variant(
        distinct(choose, CASES, 1 + choose.int(3)).map((name) =>
          T.variantCase(name, chance(choose, 2) ? undefined : randomType(choose, depth - 1)),
        ),
      );
    case 9:
      return T.ref(one(choose, ["Tree", "Chain", "Even", "Odd"]));
    default:
      return one(choose, SCALARS);
  }
}

function randomRecord(choose: Choose, depth: number): T.RecordType {
  return T.record(distinct(choose, NAMES, choose.int(4)).map((name) => T.field(name, randomType(choose, depth))));
}

export function distinct(choose: Choose, names: readonly string[], count: number): string[] {
  const left = [...names];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(choose.int(left.length), 1)[0]!);
}

export function schemaOf(parts: Schema.SchemaParts): Schema.Schema {
  const schema = Schema.of(parts);
  if (!schema.ok) throw new Error(schema.error.map((problem) => problem.what).join("; "));
  return schema.value;
}

export function randomSchema(choose: Choose, more: Partial<Schema.SchemaParts> = {}, depth = 3): Schema.Schema {
  const fields = distinct(choose, NAMES, 1 + choose.int(5)).map((name) => T.field(name, randomType(choose, depth)));
  return schemaOf({ fields, types: recursiveTypes(), ...more });
}

const bits = (choose: Choose, count: number): bigint => {
  let value = 0n;
  for (let i = 0; i < count; i += 16) value = (value << 16n) | BigInt(choose.int(65_536));
  return BigInt.asUintN(count, value);
};

function randomInt(choose: Choose, type: T.Integer): Int.Int {
  const width = type.bits ?? 80;
  if (chance(choose, 4)) {
    // Both ends of the range, and the first integer that a double does not hold.
    const ends =
      type.kind === "nat"
        ? [0n, (1n << BigInt(width)) - 1n]
        : [-(1n << BigInt(width - 1)), (1n << BigInt(width - 1)) - 1n];
    return Int.of(one(choose, width > 54 ? [...ends, (1n << 53n) + 1n] : ends));
  }
  const raw = bits(choose, chance(choose, 2) ? Math.min(8, width) : width);
  return Int.of(type.kind === "nat" ? raw : BigInt.asIntN(width, raw));
}

function randomDecimal(choose: Choose, type: T.DecimalType): Decimal.Decimal {
  const scale = type.size?.scale ?? choose.int(12);
  const digits = type.size?.precision ?? 24;
  const coefficient = bits(choose, 96) % 10n ** BigInt(1 + choose.int(digits));
  return Decimal.of(chance(choose, 2) ? coefficient : -coefficient, 0 - scale);
}

function randomText(choose: Choose): string {
  return one(choose, ["", "ETH", 'a"b\\c', "\u0000\n", "é\u{1F600}", "__proto__", "0x00", "null", "ETH/USDC", "a,b:c"]);
}

const HASHES = [1, 2, 3].map((n) => ContentHash.of(Uint8Array.of(n)));

export function randomValue(choose: Choose, type: T.Type, types: T.Types, depth = 6): Value.Value {
  const inner = (part: T.Type): Value.Value => randomValue(choose, part, types, depth - 1);
  const resolved = T.resolve(type, types);
  switch (resolved.kind) {
    case "bool":
      return chance(choose, 2);
    case "int":
    case "nat":
      return randomInt(choose, resolved);
    case "decimal":
      return randomDecimal(choose, resolved);
    case "float":
      return Value.float(one(choose, [0, -0, 1.5, -3.25, 2 ** 20, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]));
    case "text":
    case "asset":
      return randomText(choose);
    case "bytes":
      return Value.bytes(Uint8Array.from({ length: resolved.length ?? choose.int(5) }, () => choose.int(256)));
    case "duration":
      return Value.duration(randomInt(choose, T.int(64)));
    case "instant":
      return Value.instant(randomInt(choose, T.int(chance(choose, 2) ? 64 : 32)));
    case "hash":
      return Value.hash(one(choose, HASHES));
    case "unit":
      return Value.unit;
    case "untyped":
      return randomText(choose);
    case "option":
      return depth <= 0 || chance(choose, 3) ? Value.none : Value.some(inner(resolved.item));
    case "list":
      return Value.list(
        Array.from({ length: resolved.length ?? (depth <= 0 ? 0 : choose.int(4)) }, () => inner(resolved.item)),
      );
    case "map":
      return Value.map(
        Array.from(
          { length: depth <= 0 ? 0 : choose.int(4) },
          () => [inner(resolved.key), inner(resolved.item)] as const,
        ),
      );
    case "set":
      return Value.set(Array.from({ length: choose.int(4) }, () => inner(resolved.item)));
    case "tuple":
      return Value.tuple(resolved.items.map(inner));
    case "record":
      return Value.record(resolved.fields.map((field) => [field.name, inner(field.type)] as const));
    case "variant": {
      const bare = resolved.cases.filter((c) => c.payload === undefined);
      const picked = depth <= 0 && bare.length > 0 ? one(choose, bare) : one(choose, resolved.cases);
      return Value.variant(picked.name, picked.payload === undefined ? undefined : inner(picked.payload));
    }
  }
}

export const randomState = (choose: Choose, schema: Schema.Schema): Value.Value =>
  randomValue(choose, schema.state, schema.types);
