import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContentHash, Decimal, hashValue, show, Value } from "../../content/index.ts";
import { builtins } from "../../language/index.ts";
import { Fault, fuelLeft, meterOf, OutOfFuel, Stuck } from "../machine/Meter.ts";
import { append, GrownList, itemAt, lengthOf } from "./GrownList.ts";
import { implementations } from "./index.ts";

type V = Value.Value;

/** How many parameters the type text has: commas outside of brackets. */
function parameters(type: string): number {
  const inside = type.slice(3, type.lastIndexOf(") ->"));
  let depth = 0;
  let count = inside === "" ? 0 : 1;
  for (const char of inside) {
    if ("(<".includes(char)) depth++;
    else if (")>".includes(char)) depth--;
    else if (char === "," && depth === 0) count++;
  }
  return count;
}

test("the table of builtins and what is implemented are the same, with the same numbers of arguments", () => {
  const table = [...builtins.values()].map((one) => [one.name, parameters(one.type)]);
  const made = [...implementations.values()].map((one) => [one.name, one.arity]);
  expect(made.sort()).toEqual(table.sort());
});

function apply(name: string, ...args: readonly V[]): V {
  const implementation = implementations.get(name)!;
  const [a = Value.unit, b = a, c = b, d = c] = args;
  implementation.charge?.(meterOf(1e9, 1e9), a, b, c, d);
  return implementation.apply(a, b, c, d);
}

const dec = (text: string) => Decimal.parse(text)!;
const payload = (value: V): V => (value as Value.Variant).payload!;
const inst = (ms: number) => Value.instant(ms);
const texts = (...all: string[]) => Value.list(all);
const m = (...all: [V, V][]) => Value.map(all);

/** name, arguments, what `show` prints of the result; `!Code` is a fault. */
const cases: readonly (readonly [string, readonly V[], string])[] = [
  ["bool.not", [true], "false"],
  ["int.add", [2 ** 53 - 1, 1], "9007199254740992"],
  ["int.subtract", [-(2 ** 53 - 1), 5], "-9007199254740996"],
  ["int.multiply", [2 ** 53 - 1, 2 ** 53 - 1], "81129638414606663681390495662081"],
  ["int.multiply", [0, -5], "0"],
  ["int.divide", [-7, 2], "-3"],
  ["int.remainder", [-7, 2], "-1"],
  ["int.divide", [1, 0], "!DivisionByZero"],
  ["int.remainder", [1, 0], "!DivisionByZero"],
  ["int.negate", [0], "0"],
  ["int.negate", [2n ** 60n], "-1152921504606846976"],
  ["int.equal", [3, 3], "true"],
  ["int.less", [2n ** 60n, 3], "false"],
  ["int.lessOrEqual", [3, 3], "true"],
  ["int.toDecimal", [1200], "1200"],
  ["int.toDecimal", [10n ** 7000n], "!OutOfRange"],
  ["int.toDecimal", [10n ** 20_001n - 1n], "!OutOfRange"],
  ["decimal.add", [10n ** 7000n, 1], "!OutOfRange"],
  ["decimal.parse", [`1${"0".repeat(7000)}`], "None"],
  ["json.parse", [`1${"0".repeat(7000)}`], 'Err("a number that no Decimal holds, at 0")'],
  ["int.toFloat", [3], "3f"],
  ["int.parse", ["-0012"], "Some(-12)"],
  ["int.parse", ["1.5"], "None"],
  ["decimal.add", [dec("0.1"), dec("0.2")], "0.3"],
  ["decimal.subtract", [dec("1"), dec("0.9")], "0.1"],
  ["decimal.multiply", [dec("1.5"), dec("4")], "6"],
  ["decimal.multiply", [dec("1e6000"), dec("1e6000")], "!OutOfRange"],
  ["decimal.divide", [dec("1"), dec("3")], "0.3333333333333333333333333333333333"],
  ["decimal.divide", [dec("1"), dec("0")], "!DivisionByZero"],
  ["decimal.remainder", [dec("-7.5"), dec("2")], "-1.5"],
  ["decimal.negate", [dec("1.5")], "-1.5"],
  ["decimal.equal", [dec("1.50"), dec("1.5")], "true"],
  ["decimal.less", [dec("1.5"), dec("1.51")], "true"],
  ["decimal.lessOrEqual", [dec("2"), dec("1")], "false"],
  ["decimal.divideRounded", [dec("2"), dec("3"), 2, Value.variant("HalfUp")], "0.67"],
  ["decimal.round", [dec("2.5"), 0, Value.variant("HalfEven")], "2"],
  ["decimal.round", [dec("2.5"), 2 ** 40, Value.variant("Up")], "!OutOfRange"],
  ["decimal.truncate", [dec("-2.9")], "-2"],
  ["decimal.toFloat", [dec("0.1")], "0.1f"],
  ["decimal.parse", ["1e3"], "Some(1000)"],
  ["float.add", [Value.float(0.1), Value.float(0.2)], "0.30000000000000004f"],
  ["float.subtract", [Value.float(1), Value.float(3)], "-2f"],
  ["float.multiply", [Value.float(0), Value.float(-1)], "-0f"],
  ["float.divide", [Value.float(1), Value.float(0)], "Infinityf"],
  ["float.remainder", [Value.float(5.5), Value.float(2)], "1.5f"],
  ["float.negate", [Value.float(0)], "-0f"],
  ["float.equal", [Value.float(Number.NaN), Value.float(Number.NaN)], "true"],
  ["float.less", [Value.float(-0), Value.float(0)], "true"],
  ["float.lessOrEqual", [Value.float(1), Value.float(1)], "true"],
  ["float.squareRoot", [Value.float(2)], "1.4142135623730951f"],
  ["float.floor", [Value.float(-1.5)], "-2f"],
  ["float.isNan", [Value.float(Number.NaN)], "true"],
  ["float.isFinite", [Value.float(Number.POSITIVE_INFINITY)], "false"],
  ["float.toDecimal", [Value.float(0.1)], "Some(0.1000000000000000055511151231257827021181583404541015625)"],
  ["float.parse", ["1.5"], "Some(1.5f)"],
  ["float.parse", ["0x10"], "None"],
  ["num.add", [dec("1.5"), dec("1")], "2.5"],
  ["num.subtract", [5, 7], "-2"],
  ["num.multiply", [Value.float(2), Value.float(3)], "6f"],
  ["num.divide", [7, 2], "3"],
  ["num.divide", [dec("1"), dec("0")], "!DivisionByZero"],
  ["num.remainder", [7, 0], "!DivisionByZero"],
  ["num.negate", [Value.float(0)], "-0f"],
  ["value.equal", [Value.list([1, dec("2")]), Value.list([1, dec("2")])], "true"],
  ["value.compare", ["b", "a"], "1"],
  ["value.less", [Value.none, Value.some(1)], "true"],
  ["value.lessOrEqual", [2, 1], "false"],
  ["value.show", ["plain"], '"plain"'],
  ["value.show", [Value.some(dec("0.03"))], '"Some(0.03)"'],
  ["text.length", ["a😀"], "2"],
  ["text.concat", ["a", "b"], '"ab"'],
  ["text.join", [texts("a", "b"), "-"], '"a-b"'],
  ["text.slice", ["a😀bc", 1, 3], '"😀b"'],
  ["text.slice", ["abc", -5, 2n ** 60n], '"abc"'],
  ["text.split", ["a,b", ","], '["a", "b"]'],
  ["text.split", ["😀b", ""], '["😀", "b"]'],
  ["text.indexOf", ["a😀b", "b"], "Some(2)"],
  ["text.indexOf", ["abc", "x"], "None"],
  ["text.replace", ["aaa", "a", "bb"], '"bbbbbb"'],
  ["text.trim", [" \t a b\n"], '"a b"'],
  ["text.asciiUpper", ["aß"], '"Aß"'],
  ["text.asciiLower", ["AÄ"], '"aÄ"'],
  ["text.codePoints", ["a😀"], "[97, 128512]"],
  ["text.fromCodePoints", [Value.list([97, 128512])], 'Some("a😀")'],
  ["text.fromCodePoints", [Value.list([0xd800])], "None"],
  ["text.toBytes", ["é"], "bytes 0xc3a9"],
  ["text.fromBytes", [Value.bytes(Uint8Array.of(0xc3))], "None"],
  ["bytes.length", [Value.bytes(Uint8Array.of(1, 2))], "2"],
  ["bytes.get", [Value.bytes(Uint8Array.of(1, 2)), 5], "None"],
  ["bytes.slice", [Value.bytes(Uint8Array.of(1, 2, 3)), 1, 9], "bytes 0x0203"],
  ["bytes.concat", [Value.bytes(Uint8Array.of(1)), Value.bytes(Uint8Array.of(2))], "bytes 0x0102"],
  ["bytes.toList", [Value.bytes(Uint8Array.of(1, 255))], "[1, 255]"],
  ["bytes.fromList", [Value.list([256])], "None"],
  ["bytes.toHex", [Value.bytes(Uint8Array.of(171))], '"ab"'],
  ["bytes.fromHex", ["AB"], "Some(bytes 0xab)"],
  ["bytes.fromHex", ["0xab"], "None"],
  ["list.length", [Value.list([1, 2])], "2"],
  ["list.get", [Value.list([1]), 1], "None"],
  ["list.at", [Value.list([1]), 0], "1"],
  ["list.at", [Value.list([1]), -1], "!OutOfRange"],
  ["list.set", [Value.list([1, 2]), 1, 9], "[1, 9]"],
  ["list.set", [Value.list([1]), 1, 9], "!OutOfRange"],
  ["list.slice", [Value.list([1, 2, 3]), 1, 2], "[2]"],
  ["list.append", [Value.list([1]), 2], "[1, 2]"],
  ["list.prepend", [Value.list([1]), 2], "[2, 1]"],
  ["list.concat", [Value.list([1]), Value.list([2])], "[1, 2]"],
  ["list.flatten", [Value.list([Value.list([1]), Value.list([2])])], "[1, 2]"],
  ["list.reverse", [Value.list([1, 2])], "[2, 1]"],
  ["list.repeat", ["x", 2], '["x", "x"]'],
  ["list.repeat", ["x", -2], "[]"],
  ["list.range", [2, 5], "[2, 3, 4]"],
  ["list.range", [2n ** 53n, 2n ** 53n + 1n], "[9007199254740992]"],
  ["list.indexOf", [Value.list([1, 2]), 2], "Some(1)"],
  ["list.sort", [Value.list([3, 1, 2])], "[1, 2, 3]"],
  ["list.sortPairs", [Value.list([Value.tuple([2, "a"]), Value.tuple([1, "b"])])], '[(1, "b"), (2, "a")]'],
  ["map.size", [m(["a", 1])], "1"],
  ["map.get", [m(["a", 1]), "a"], "Some(1)"],
  ["map.has", [m(["a", 1]), "b"], "false"],
  ["map.set", [m(["b", 1]), "a", 2], '["a": 2, "b": 1]'],
  ["map.remove", [m(["b", 1]), "b"], "[:]"],
  ["map.keys", [m(["b", 1])], '["b"]'],
  ["map.values", [m(["b", 1])], "[1]"],
  ["map.entries", [m(["b", 1])], '[("b", 1)]'],
  ["map.fromEntries", [Value.list([Value.tuple([1, 1]), Value.tuple([1, 2])])], "[1: 2]"],
  ["map.merge", [m(["a", 1]), m(["a", 2])], '["a": 2]'],
  ["set.size", [Value.set([1, 1])], "1"],
  ["set.has", [Value.set([1]), 1], "true"],
  ["set.add", [Value.set([2]), 1], "set [1, 2]"],
  ["set.remove", [Value.set([2]), 2], "set []"],
  ["set.toList", [Value.set([2, 1])], "[1, 2]"],
  ["set.fromList", [Value.list([2, 1, 2])], "set [1, 2]"],
  ["set.union", [Value.set([1]), Value.set([2])], "set [1, 2]"],
  ["set.intersection", [Value.set([1, 2]), Value.set([2])], "set [2]"],
  ["set.difference", [Value.set([1, 2]), Value.set([2])], "set [1]"],
  ["duration.add", [Value.duration(1), Value.duration(2)], "3ms"],
  ["duration.subtract", [Value.duration(1000), Value.duration(1)], "999ms"],
  ["duration.negate", [Value.duration(1000)], "-1s"],
  ["duration.multiply", [Value.duration(1000), 60], "1m"],
  ["duration.divide", [Value.duration(-7), 2], "-3ms"],
  ["duration.divide", [Value.duration(1), 0], "!DivisionByZero"],
  ["duration.toMilliseconds", [Value.duration(7)], "7"],
  ["duration.fromMilliseconds", [7], "7ms"],
  ["instant.add", [inst(0), Value.duration(1)], "@1970-01-01T00:00:00.001Z"],
  ["instant.subtract", [inst(0), Value.duration(1)], "@1969-12-31T23:59:59.999Z"],
  ["instant.since", [inst(5000), inst(0)], "5s"],
  ["instant.toMilliseconds", [inst(5)], "5"],
  ["instant.fromMilliseconds", [0], "@1970-01-01T00:00:00Z"],
  ["instant.parse", ["2025-06-01T12:00:00Z"], "Some(@2025-06-01T12:00:00Z)"],
  ["instant.parse", ["2025-02-30T12:00:00Z"], "None"],
  ["funds.split", [funds("5", "ETH"), dec("2")], '((amount: 2, asset: "ETH"), (amount: 3, asset: "ETH"))'],
  ["funds.split", [funds("5", "ETH"), dec("6")], "!OutOfRange"],
  ["funds.join", [funds("5", "ETH"), funds("1", "ETH")], '(amount: 6, asset: "ETH")'],
  ["funds.join", [funds("5", "ETH"), funds("1", "USDC")], "!OutOfRange"],
  ["hash.toText", [Value.hash(ContentHash.of(new Uint8Array(0)))], `"${ContentHash.of(new Uint8Array(0))}"`],
  ["hash.parse", ["bafy"], "None"],
  ["hash.of", [7], `#${hashValue(7)}`],
  [
    "json.parse",
    ["[1.50, null, true]"],
    "Ok(JsonList(items: [JsonNumber(value: 1.5), JsonNull, JsonBool(value: true)]))",
  ],
  ["json.parse", ['{"a":1,"a":2}'], 'Err("a key that occurs twice, at 7")'],
  [
    "json.print",
    [apply("json.parse", `${"[".repeat(64)}1${"]".repeat(64)}`)].map(payload),
    `"${"[".repeat(64)}1${"]".repeat(64)}"`,
  ],
  ["json.parse", [`${"[".repeat(65)}1${"]".repeat(65)}`], 'Err("nested deeper than 64, at 65")'],
  ["json.parse", [`${'{"a":'.repeat(65)}1${"}".repeat(65)}`], 'Err("nested deeper than 64, at 325")'],
  ["json.parse", ["[1,]"], 'Err("expected a value, at 3")'],
  ["json.parse", ['"\\ud800"'], 'Err("half of a surrogate pair, at 7")'],
  [
    "json.print",
    [
      Value.variant(
        "JsonObject",
        Value.record([["fields", m(["k", Value.variant("JsonText", Value.record([["value", "\n"]]))])]]),
      ),
    ],
    '"{\\"k\\":\\"\\\\n\\"}"',
  ],
];

function funds(amount: string, asset: string): V {
  return Value.record([
    ["amount", dec(amount)],
    ["asset", asset],
  ]);
}

describe("each builtin", () => {
  test.each(cases)("%s %#", (name, args, expected) => {
    let got: string;
    try {
      got = show(apply(name, ...args));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      got = `!${error.code}`;
    }
    expect(got).toBe(expected);
  });

  test("has a case", () => {
    const tried = new Set(cases.map(([name]) => name));
    expect([...implementations.keys()].filter((name) => !tried.has(name))).toEqual([]);
  });

  test("stops an argument of a wrong type", () => {
    for (const implementation of implementations.values()) {
      if (/^(value|hash\.of)/.test(implementation.name)) continue;
      const wrong = Value.closure(ContentHash.of(new Uint8Array(0)), []);
      const work = () => {
        implementation.charge?.(meterOf(1e9, 1e9), wrong, wrong, wrong, wrong);
        return implementation.apply(wrong, wrong, wrong, wrong);
      };
      expect(work, implementation.name).toThrow(Stuck);
    }
  });
});

test("a list grown by appending is the list of what was appended, in every version", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 40 }), fc.integer({ min: 0, max: 2500 }), (front, count) => {
      const versions: Value.List[] = [Value.list(front)];
      for (let i = 0; i < count; i++) versions.push(append(versions[versions.length - 1]!, i));
      const whole = [...front, ...Array.from({ length: count }, (_, i) => i)];
      for (const at of [0, 1, 33, 1056, count >> 1, count]) {
        const version = versions[Math.min(at, count)]!;
        const expected = whole.slice(0, front.length + Math.min(at, count));
        expect(lengthOf(version)).toBe(expected.length);
        expect(version.items).toEqual(expected);
        expected.forEach((item, i) => {
          expect(itemAt(version, i)).toBe(item);
        });
        // An older version that grows again leaves the newer ones as they are.
        expect(append(version, -1).items).toEqual([...expected, -1]);
      }
      expect(versions[count]!.items).toEqual(whole);
    }),
    { numRuns: 30 },
  );
  expect(append(Value.list([]), 1)).toBeInstanceOf(GrownList);
});

test("a value that shares parts without end costs more fuel than there is, and no time", () => {
  let value: V = Value.tuple([1, 1]);
  for (let i = 0; i < 200; i++) value = Value.tuple([value, value]);
  const meter = meterOf(100_000, 1e9);
  const equal = implementations.get("value.equal")!;
  expect(() => equal.charge!(meter, value, value, value, value)).toThrow(OutOfFuel);
  expect(fuelLeft(meter)).toBe(100_000);
});

test("a length beyond all fuel is refused before anything is built", () => {
  for (const name of ["list.range", "list.repeat"]) {
    const { charge } = implementations.get(name)!;
    expect(() => charge!(meterOf(1e6, 1e9), 0, 2n ** 70n, 0, 0)).toThrow(OutOfFuel);
  }
});
