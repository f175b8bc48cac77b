/**
 * Every builtin with arguments of the types that its row writes, among them the largest and strangest of each: it gives a
 * value of its result type in canonical form, or a fault that its row lists, or there is not enough to pay for it.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContentHash, Decimal, decodeValue, encodeValue, Int, Value } from "../../content/index.ts";
import { builtins } from "../../language/index.ts";
import { Fault, fuelLeft, meterOf, OutOfFuel, OutOfMemory } from "../machine/Meter.ts";
import { plain } from "./GrownList.ts";
import { implementations } from "./index.ts";

type V = Value.Value;

interface Type {
  readonly name: string;
  readonly parts: readonly Type[];
}

/** Reads `fn(List<(k, v)>, k) -> Map<k, v>`: a function's parts are its parameters and its result. */
function readType(text: string): Type {
  let at = 0;
  const take = (word: string): boolean => {
    if (!text.startsWith(word, at)) return false;
    at += word.length;
    return true;
  };
  const all = (end: string): Type[] => {
    const types: Type[] = [];
    while (!take(end)) {
      types.push(one());
      take(", ");
    }
    return types;
  };
  const one = (): Type => {
    if (take("fn(")) {
      const parameters = all(")");
      if (!take(" -> ")) throw new Error(`no result in ${text}`);
      return { name: "fn", parts: [...parameters, one()] };
    }
    if (take("(")) return { name: "tuple", parts: all(")") };
    const name = /^[A-Za-z]+/.exec(text.slice(at))![0];
    at += name.length;
    return { name, parts: take("<") ? all(">") : [] };
  };
  return one();
}

const large = 10n ** 7000n;
const anyInt: fc.Arbitrary<Int.Int> = fc.oneof(
  fc.integer({ min: -40, max: 300 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }).map(Int.of),
  fc.constantFrom<Int.Int>(
    0,
    1,
    -1,
    6144,
    -6144,
    6145,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
    2n ** 53n,
    large,
    -large,
    large + 1n,
  ),
  fc.constantFrom<Int.Int>(10n ** 6144n, 10n ** 6145n, -(2n ** 64n), 2n ** 64n),
);
const anyDecimal: fc.Arbitrary<V> = fc.oneof(
  fc.tuple(fc.bigInt({ min: -999n, max: 999n }), fc.integer({ min: -5, max: 5 })).map(([c, e]) => Decimal.of(c, e)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: -6100, max: 6100 }))
    .map(([c, e]) => Decimal.of(c, e)),
  fc.constantFrom<V>(Decimal.zero, Decimal.of(1n, 6144), Decimal.of(1n, -6144), Decimal.of(10n ** 19_000n - 1n, -6144)),
);
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'0123456789-+.eE"[]{}:, \\u'), maxLength: 12 }),
  fc.json({ maxDepth: 3 }),
  anyInt.map(String),
  anyDecimal.map((value) => Decimal.print(value as Decimal.Decimal)),
  fc.constantFrom("2024-02-29T12:00:00Z", "NaN", "1e400", "1".padEnd(7000, "0"), `0.${"0".repeat(6143)}1`, "ff00"),
);
const anyFloat = fc.oneof(fc.double(), fc.constantFrom(-0, 2 ** 53, 5e-324)).map(Value.float);
const someJson: fc.Arbitrary<V> = fc.oneof(
  anyText.map((text) => Value.variant("JsonText", Value.record([["value", text]]))),
  anyDecimal.map((value) => Value.variant("JsonNumber", Value.record([["value", value]]))),
  fc.constant(Value.variant("JsonNull")),
);

const MEMORY_BYTES = 1e8;
const ITEMS_WRITTEN_MAX = 100;

type Outcome = { readonly value: V; readonly left: number } | { readonly fault: string } | { readonly unpaid: true };

type Arguments = ReadonlyMap<string, Type>;

function arbitraryOf(type: Type, variables: Arguments): fc.Arbitrary<V> {
  const part = (index: number) => arbitraryOf(type.parts[index]!, variables);
  const few = { maxLength: 5 };
  switch (type.name) {
    case "Int":
      return anyInt;
    case "Decimal":
      return anyDecimal;
    case "Float":
      return anyFloat;
    case "Text":
      return anyText;
    case "Bool":
      return fc.boolean();
    case "Bytes":
      return fc.uint8Array({ maxLength: 40 }).map(Value.bytes);
    case "Hash":
      return fc.uint8Array().map((bytes) => Value.hash(ContentHash.of(bytes)));
    case "Duration":
      return anyInt.map(Value.duration);
    case "Instant":
      return anyInt.map(Value.instant);
    case "Rounding":
      return fc.constantFrom("HalfEven", "HalfUp", "Down", "Up", "Floor", "Ceiling").map((name) => Value.variant(name));
    case "Funds":
      return fc.tuple(anyDecimal, fc.constantFrom("ETH", "USD")).map(([amount, asset]) =>
        Value.record([
          ["amount", amount],
          ["asset", asset],
        ]),
      );
    case "Json":
      return fc.oneof(
        someJson,
        fc.array(someJson, few).map((items) => Value.variant("JsonList", Value.record([["items", Value.list(items)]]))),
        fc
          .array(fc.tuple(anyText, someJson), few)
          .map((fields) => Value.variant("JsonObject", Value.record([["fields", Value.map(fields)]]))),
      );
    case "List":
      return fc.array(part(0), few).map(Value.list);
    case "Set":
      return fc.array(part(0), few).map(Value.set);
    case "Map":
      return fc.array(fc.tuple(part(0), part(1)), few).map(Value.map);
    case "tuple":
      return fc.tuple(...type.parts.map((_, i) => part(i))).map(Value.tuple);
    default:
      return arbitraryOf(variables.get(type.name)!, variables);
  }
}

function isOf(value: V, type: Type, variables: Arguments): boolean {
  const part = (inside: V, index = 0): boolean => isOf(inside, type.parts[index]!, variables);
  const kind = Value.kindOf(value);
  if (typeof value !== "object") {
    if (type.name === "Int") return kind === "number" || kind === "bigint";
    if (type.name === "Text") return kind === "string";
    if (type.name === "Bool") return kind === "boolean";
  } else if (value.tag === type.name.toLowerCase()) {
    if (value.tag === "list" || value.tag === "set") return value.items.every((item) => part(item));
    if (value.tag === "tuple")
      return value.items.length === type.parts.length && value.items.every((item, i) => part(item, i));
    if (value.tag === "map") return value.entries.every(([key, item]) => part(key, 0) && part(item, 1));
    return true;
  } else if (value.tag === "variant") {
    if (type.name === "Option") return value.case === "None" || (value.case === "Some" && part(value.payload!));
    if (type.name === "Result")
      return value.case === "Ok" ? part(value.payload!) : value.case === "Err" && part(value.payload!, 1);
    if (type.name === "Json") return value.case.startsWith("Json");
  } else if (value.tag === "record") return type.name === "Funds" && value.names.join() === "amount,asset";
  const given = variables.get(type.name);
  return given !== undefined && isOf(value, given, variables);
}

const simple: readonly Type[] = ["Int", "Decimal", "Float", "Text", "Bool", "Bytes", "Duration", "Hash"].map(
  (name) => ({
    name,
    parts: [],
  }),
);
const nested: readonly Type[] = ["List<Int>", "(Int, Text)", "Map<Text, Int>", "Set<Decimal>"].map(readType);

describe("every builtin, with what its type allows", () => {
  test.each([...builtins.values()])("$name", ({ name, type, faults, constraints }) => {
    const { parts } = readType(type);
    const result = parts.at(-1)!;
    const names = [...new Set(type.match(/\b[a-z]\b/g) ?? [])];
    const choices = names.map((variable) =>
      constraints[variable] === "Num" ? simple.slice(0, 3) : [...simple, ...nested],
    );
    const { charge, apply } = implementations.get(name)!;
    const draw = fc.tuple(...choices.map((types) => fc.constantFrom(...types))).chain((types) => {
      const variables: Arguments = new Map(names.map((variable, i) => [variable, types[i]!]));
      return fc
        .tuple(...parts.slice(0, -1).map((one) => arbitraryOf(one, variables)))
        .map((values) => ({ variables, values }));
    });
    fc.assert(
      fc.property(draw, ({ variables, values }) => {
        const [a = Value.unit, b = a, c = b, d = c] = values;
        const once = (): Outcome => {
          const meter = meterOf(1e8, MEMORY_BYTES);
          try {
            charge?.(meter, a, b, c, d);
            return { value: apply(a, b, c, d), left: fuelLeft(meter) };
          } catch (error) {
            if (error instanceof OutOfFuel || error instanceof OutOfMemory) return { unpaid: true };
            if (error instanceof Fault) return { fault: error.code };
            throw error;
          }
        };
        const first = once();
        const second = once();
        if (!("value" in first) || !("value" in second)) {
          if ("fault" in first) expect(faults).toContain(first.fault);
          expect(second).toEqual(first);
          return;
        }
        expect(second.left).toBe(first.left);
        const got = first.value;
        const again = second.value;
        expect(isOf(got, result, variables)).toBe(true);
        // Thousands of copies of the largest Decimal say no more than some, and take seconds to write.
        const written = plain(got);
        if (typeof written === "object" && written.tag === "list" && written.items.length > ITEMS_WRITTEN_MAX) return;
        const bytes = encodeValue(written);
        const read = decodeValue(bytes);
        expect(read.ok && Value.equal(read.value, got)).toBe(true);
        expect(encodeValue(plain(again))).toEqual(bytes);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
