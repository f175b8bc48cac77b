import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bytes } from "../std/index.ts";
import * as ContentHash from "./ContentHash.ts";
import * as Decimal from "./Decimal.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import * as Int from "./Int.ts";
import type { Node } from "./Node.ts";
import { show, showDuration, showInstant, toJson } from "./showValue.ts";
import * as V from "./Value.ts";
import { decodeValue, encodeValue, hashValue, valueFromNode, valueToNode } from "./ValueCodec.ts";

const seeds = { seed: 20_261_122, numRuns: 2000 };

const anyInt = fc
  .oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.bigInt({ min: -100n, max: 100n }))
  .map(Int.of);
const anyDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: -30, max: 30 }))
  .map(([c, e]) => Decimal.of(c, e));
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "", "\u0000", "\uffff", "\u{10000}"),
);
const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(ContentHash.fromDigest);

const anyValue: fc.Arbitrary<V.Value> = fc.letrec<{ value: V.Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: "value" },
    anyInt,
    fc.boolean(),
    anyText,
    fc.constant(V.unit),
    anyDecimal,
    fc.double().map(V.float),
    fc.uint8Array({ maxLength: 20 }).map(V.bytes),
    anyInt.map(V.duration),
    anyInt.map(V.instant),
    anyHash.map(V.hash),
    fc.array(tie("value"), { maxLength: 4 }).map(V.list),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map(V.map),
    fc.array(tie("value"), { maxLength: 4 }).map(V.set),
    fc.array(tie("value"), { maxLength: 4 }).map(V.tuple),
    fc.uniqueArray(fc.tuple(anyText, tie("value")), { maxLength: 4, selector: ([name]) => name }).map(V.record),
    fc.tuple(anyText, fc.option(tie("value"), { nil: undefined })).map(([name, payload]) => V.variant(name, payload)),
    fc.tuple(anyHash, fc.array(tie("value"), { maxLength: 3 })).map(([hash, captured]) => V.closure(hash, captured)),
  ),
})).value;

describe("a value", () => {
  test("is read back from its block, and its block has one spelling", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = encodeValue(value);
        const read = decodeValue(bytes);
        if (!read.ok) throw new Error(JSON.stringify(read.error));
        expect(V.equal(read.value, value)).toBe(true);
        expect(encodeValue(read.value)).toEqual(bytes);
        expect(hashValue(value)).toBe(ContentHash.of(bytes));
      }),
      seeds,
    );
  });

  test("is equal to another exactly when their encodings are", () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const same = Bytes.equal(encodeValue(a), encodeValue(b));
        expect(V.equal(a, b)).toBe(same);
        expect(V.equal(a, a)).toBe(true);
      }),
      seeds,
    );
  });

  test("order is total: antisymmetric and transitive", () => {
    fc.assert(
      fc.property(anyValue, anyValue, anyValue, (a, b, c) => {
        expect(Math.sign(V.compare(a, b))).toBe(-Math.sign(V.compare(b, a)) + 0);
        const [x, y, z] = [a, b, c].sort(V.compare) as [V.Value, V.Value, V.Value];
        expect(V.compare(x, y)).toBeLessThanOrEqual(0);
        expect(V.compare(y, z)).toBeLessThanOrEqual(0);
        expect(V.compare(x, z)).toBeLessThanOrEqual(0);
      }),
      seeds,
    );
  });

  test("of changed bytes is refused, or has no other spelling", () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = encodeValue(value);
        bytes[at % bytes.length] = byte;
        const read = decodeValue(bytes);
        if (read.ok) expect(encodeValue(read.value)).toEqual(bytes);
      }),
      { ...seeds, numRuns: 5000 },
    );
  });

  test("of any node is refused, or has no other spelling", () => {
    const node: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.integer({ min: -2, max: 20 }),
        fc.string({ maxLength: 3 }),
        fc.boolean(),
        fc.uint8Array({ maxLength: 9 }),
        fc.tuple(fc.integer({ min: 0, max: 17 }), tie("node")),
        fc.tuple(fc.integer({ min: 0, max: 17 }), fc.array(tie("node"), { maxLength: 3 })),
        fc.array(tie("node"), { maxLength: 4 }),
      ),
    })).node;
    fc.assert(
      fc.property(node, (one) => {
        const read = valueFromNode(one);
        if (read.ok) expect(encode(valueToNode(read.value))).toEqual(encode(one));
      }),
      { ...seeds, numRuns: 5000 },
    );
  });

  const nan = Uint8Array.of(0x7f, 0xf8, 0, 0, 0, 0, 0, 1);
  const refusals: readonly (readonly [string, Node, RegExp])[] = [
    ["no list", 1, /list that starts with its tag/],
    ["an unknown tag", [17], /unknown value tag 17/],
    ["a Unit with parts", [0, 0], /takes 0 parts, not 1/],
    ["a Bool that is none", [1, 1], /true or false/],
    ["an Int past 2^53 that is not minimal", [2, Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0)], /two's complement/],
    ["an Int as bytes that is small", [2, Uint8Array.of(1)], /two's complement/],
    ["a Decimal with trailing zeros", [3, 10, 0], /trailing zeros/],
    ["a Decimal zero with an exponent", [3, 0, 1], /trailing zeros/],
    ["a Decimal out of bounds", [3, 1, 6145], /out of bounds/],
    ["a Float of 7 bytes", [4, new Uint8Array(7)], /8 bytes/],
    ["another NaN", [4, nan], /NaN/],
    ["Text that is none", [5, 1], /expected text/],
    ["Bytes that are none", [6, "x"], /byte string/],
    ["a Hash that is no link", [9, "x"], /must be a link/],
    ["a List that is none", [10, 1], /expected a list/],
    ["a Map entry that is no pair", [11, [[[0]]]], /pair/],
    [
      "a Map with unsorted keys",
      [
        11,
        [
          [[2, 2], [0]],
          [[2, 1], [0]],
        ],
      ],
      /sorted/,
    ],
    [
      "a Map with a key twice",
      [
        11,
        [
          [[2, 1], [0]],
          [[2, 1], [0]],
        ],
      ],
      /each once/,
    ],
    [
      "a Set with an item twice",
      [
        12,
        [
          [2, 1],
          [2, 1],
        ],
      ],
      /each once/,
    ],
    [
      "a Record with unsorted fields",
      [
        14,
        [
          ["b", [0]],
          ["a", [0]],
        ],
      ],
      /sorted by name/,
    ],
    ["a Record field that is no pair", [14, [["a"]]], /pair/],
    ["a Variant with three parts", [15, "A", [0], [0]], /takes 2 parts/],
    ["a closure without definition", [16, "x", []], /link its definition/],
  ];
  for (const [title, node, reason] of refusals) {
    test(`is refused: ${title}`, () => {
      const read = valueFromNode(node);
      expect(read.ok).toBe(false);
      if (!read.ok && read.error.kind === "NotCanonical") expect(read.error.reason).toMatch(reason);
    });
  }

  test("block of another kind or version is refused", () => {
    for (const block of [[2, 1, [0]], [1, 2, [0]], [1, 1], [1, 1, [0], 0], 1])
      expect(decodeValue(encode(block as Node)).ok).toBe(false);
    expect(decodeValue(Uint8Array.of(0xff)).ok).toBe(false);
  });

  test("floats keep −0 apart from 0 and have one NaN", () => {
    expect(hashValue(V.float(-0))).not.toBe(hashValue(V.float(0)));
    const odd = new DataView(nan.slice().buffer).getFloat64(0);
    expect(hashValue(V.float(odd))).toBe(hashValue(V.float(Number.NaN)));
    expect(V.compare(V.float(-0), V.float(0))).toBeLessThan(0);
    expect(V.compare(V.float(Number.NaN), V.float(Number.POSITIVE_INFINITY))).toBeGreaterThan(0);
  });

  test("an Int, a Decimal, a Float and a Duration of the same size are four values", () => {
    const four = [1, Decimal.of(1n, 0), V.float(1), V.duration(1)];
    expect(new Set(four.map(hashValue)).size).toBe(4);
  });
});

describe("maps, sets and records", () => {
  test("do not depend on the order in which they were made", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyInt, anyText), { maxLength: 8 }), (entries) => {
        const unique = [...new Map(entries.map(([k, v]) => [k, v])).entries()];
        expect(hashValue(V.map([...unique].reverse()))).toBe(hashValue(V.map(unique)));
        expect(hashValue(V.set(unique.map(([k]) => k).reverse()))).toBe(hashValue(V.set(unique.map(([k]) => k))));
      }),
      { ...seeds, numRuns: 500 },
    );
  });

  test("a map keeps the last of equal keys, and is searched and changed by key", () => {
    const map = V.map([
      ["b", 1],
      ["a", 2],
      ["b", 3],
    ]);
    expect(map.entries).toEqual([
      ["a", 2],
      ["b", 3],
    ]);
    expect(V.mapGet(map, "b")).toBe(3);
    expect(V.mapGet(map, "c")).toBeUndefined();
    expect(V.mapSet(map, "aa", 9).entries.map(([key]) => key)).toEqual(["a", "aa", "b"]);
    expect(V.mapSet(map, "a", 9).entries[0]).toEqual(["a", 9]);
    expect(V.mapDelete(map, "a").entries).toEqual([["b", 3]]);
    expect(V.mapDelete(map, "x")).toBe(map);
  });

  test("a record has each field once and is read by name, whatever the name", () => {
    const record = V.record([
      ["__proto__", 1],
      ["a", 2],
    ]);
    expect(V.field(record, "__proto__")).toBe(1);
    expect(V.field(record, "toString")).toBeUndefined();
    expect(() =>
      V.record([
        ["a", 1],
        ["a", 2],
      ]),
    ).toThrow(/twice/);
  });

  test("text is ordered by code point, which UTF-16 order is not", () => {
    expect(V.compareText("\uffff", "\u{10000}")).toBeLessThan(0);
    expect("\uffff" < "\u{10000}").toBe(false);
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const byBytes = Bytes.compare(Bytes.fromText(a), Bytes.fromText(b));
        expect(Math.sign(V.compareText(a, b))).toBe(Math.sign(byBytes));
      }),
      seeds,
    );
  });
});

describe("Int", () => {
  const operations = [
    ["add", Int.add, (a: bigint, b: bigint) => a + b],
    ["subtract", Int.subtract, (a: bigint, b: bigint) => a - b],
    ["multiply", Int.multiply, (a: bigint, b: bigint) => a * b],
    ["divide", Int.divide, (a: bigint, b: bigint) => a / b],
    ["remainder", Int.remainder, (a: bigint, b: bigint) => a % b],
  ] as const;
  const edge = fc.constantFrom(
    0n,
    1n,
    -1n,
    2n ** 53n - 1n,
    2n ** 53n,
    -(2n ** 53n) + 1n,
    -(2n ** 53n),
    2n ** 63n,
    3n,
    -7n,
  );
  const any = fc.oneof(edge, fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.bigInt({ min: -1000n, max: 1000n }));
  for (const [name, ours, exact] of operations) {
    test(`${name} is exact and has one form`, () => {
      fc.assert(
        fc.property(any, any, (a, b) => {
          if (b === 0n && (name === "divide" || name === "remainder")) return;
          const got = ours(Int.of(a), Int.of(b));
          expect(BigInt(got)).toBe(exact(a, b));
          expect(got).toBe(Int.of(BigInt(got)));
          expect(Object.is(got, -0)).toBe(false);
        }),
        seeds,
      );
    });
  }
  test("negate and parse have one form", () => {
    expect(Object.is(Int.negate(0), 0)).toBe(true);
    expect(Int.negate(2n ** 53n)).toBe(-(2n ** 53n));
    expect(Int.parse("-9007199254740991")).toBe(Number.MIN_SAFE_INTEGER);
    expect(Int.parse("9007199254740992")).toBe(2n ** 53n);
    expect(Object.is(Int.parse("-0"), 0)).toBe(true);
    for (const bad of ["", "-", "1.0", "1e3", " 1", "0x1"]) expect(Int.parse(bad)).toBeUndefined();
  });
  test("two's complement is minimal both ways", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
        if (typeof Int.of(value) === "number") return;
        const bytes = Int.toTwosComplement(value);
        expect(Int.fromTwosComplement(bytes)).toBe(value);
        const padded = Bytes.concat(Uint8Array.of(value < 0n ? 255 : 0), bytes);
        expect(Int.fromTwosComplement(padded)).toBeUndefined();
      }),
      seeds,
    );
  });
});

describe("Decimal", () => {
  test("has one form of exponent 0: −0 is 0, so that it can be encoded", () => {
    const one = Decimal.of(7n, -0);
    expect(Object.is(one.exponent, 0)).toBe(true);
    expect(hashValue(one)).toBe(hashValue(Decimal.fromInt(7)));
  });

  test("rounds a quotient to places by the difference of exponents", () => {
    const quotient = Decimal.divideRounded(Decimal.parse("2900000")!, Decimal.parse("1000")!, 6, "half-even");
    expect(Decimal.print(quotient)).toBe("2900");
    expect(Decimal.print(Decimal.divideRounded(Decimal.parse("1")!, Decimal.parse("0.03")!, 2, "half-even"))).toBe(
      "33.33",
    );
    expect(Decimal.print(Decimal.divideRounded(Decimal.parse("-0.001")!, Decimal.parse("3000")!, 2, "floor"))).toBe(
      "-0.01",
    );
  });

  const show34 = (text: string) => Decimal.print(Decimal.parse(text)!);
  test("is printed and parsed back, without trailing zeros", () => {
    fc.assert(
      fc.property(anyDecimal, (value) => {
        expect(Decimal.parse(Decimal.print(value))).toEqual(value);
      }),
      seeds,
    );
    expect(["4.20", "-0.0", "1e3", "100", "0.001", "1e50", "1e-50", "-1.5e-2"].map(show34)).toEqual([
      "4.2",
      "0",
      "1000",
      "100",
      "0.001",
      "1e50",
      "1e-50",
      "-0.015",
    ]);
    for (const bad of ["", ".", "1.", ".5", "1e", "NaN", "1e7000", "--1", "1_0"])
      expect(Decimal.parse(bad)).toBeUndefined();
    expect(Decimal.parse("0e6145")).toEqual(Decimal.zero);
  });

  test("sum, difference and product are exact", () => {
    const whole = (d: Decimal.Decimal) => d.coefficient * 10n ** BigInt(d.exponent + 60);
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        const [x, y] = [whole(a), whole(b)];
        expect(whole(Decimal.add(a, b))).toBe(x + y);
        expect(whole(Decimal.subtract(a, b))).toBe(x - y);
        const product = Decimal.multiply(a, b);
        expect(product.coefficient * 10n ** BigInt(product.exponent + 120)).toBe(x * y);
        expect(Math.sign(Decimal.compare(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
      seeds,
    );
  });

  test("quotient has 34 significant digits, half-even", () => {
    const quotient = (a: string, b: string) => Decimal.print(Decimal.divide(Decimal.parse(a)!, Decimal.parse(b)!));
    expect(quotient("1", "3")).toBe(`0.${"3".repeat(34)}`);
    expect(quotient("2", "3")).toBe(`0.${"6".repeat(33)}7`);
    expect(quotient("87", "2900")).toBe("0.03");
    expect(quotient("-1", "8")).toBe("-0.125");
    // A tie at the 35th digit goes to the even neighbour, unless more digits follow.
    expect(quotient(`1${"0".repeat(33)}5`, "10")).toBe(`1${"0".repeat(33)}`);
    expect(quotient(`1${"0".repeat(32)}15`, "10")).toBe(`1${"0".repeat(32)}2`);
    expect(quotient(`1${"0".repeat(33)}51`, "100")).toBe(`1${"0".repeat(32)}1`);
  });

  test("is rounded as each mode says", () => {
    const round = (text: string, mode: Decimal.Rounding) => Decimal.print(Decimal.round(Decimal.parse(text)!, 0, mode));
    const modes: readonly Decimal.Rounding[] = ["half-even", "half-up", "down", "up", "floor", "ceiling"];
    const rows: readonly (readonly [string, readonly string[]])[] = [
      ["2.5", ["2", "3", "2", "3", "2", "3"]],
      ["3.5", ["4", "4", "3", "4", "3", "4"]],
      ["-2.5", ["-2", "-3", "-2", "-3", "-3", "-2"]],
      ["2.4", ["2", "2", "2", "3", "2", "3"]],
      ["-0.1", ["0", "0", "0", "-1", "-1", "0"]],
      ["0.00001", ["0", "0", "0", "1", "0", "1"]],
      ["7", ["7", "7", "7", "7", "7", "7"]],
    ];
    for (const [text, expected] of rows) expect(modes.map((mode) => round(text, mode))).toEqual(expected);
    expect(Decimal.print(Decimal.round(Decimal.parse("1234.5678")!, 2))).toBe("1234.57");
    expect(Decimal.print(Decimal.round(Decimal.parse("1250")!, -2))).toBe("1200");
  });

  test("rounded quotient agrees with rounding the exact fraction", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -100_000n, max: 100_000n }),
        fc.bigInt({ min: -500n, max: 500n }),
        fc.integer({ min: -2, max: 4 }),
        fc.constantFrom<Decimal.Rounding>("half-even", "half-up", "down", "up", "floor", "ceiling"),
        (a, b, places, mode) => {
          if (b === 0n) return;
          const got = Decimal.divideRounded(Decimal.of(a, 0), Decimal.of(b, 0), places, mode);
          expect(got).toEqual(Decimal.of(roundFraction(a, b, places, mode), -places));
        },
      ),
      seeds,
    );
  });

  test("beyond its bounds is a host's error, never a wrong number", () => {
    expect(() => Decimal.of(1n, Decimal.DECIMAL_EXPONENT_MAX + 1)).toThrow(RangeError);
    expect(Decimal.truncate(Decimal.parse("-12.9")!)).toBe(-12);
    expect(Decimal.isInteger(Decimal.parse("12.0")!)).toBe(true);
    expect(Decimal.fromInt(2n ** 60n).coefficient).toBe(2n ** 60n);
  });
});

/** a/b × 10^places rounded to an integer, by the definition of each mode. */
function roundFraction(a: bigint, b: bigint, places: number, mode: Decimal.Rounding): bigint {
  const [up, down] = places >= 0 ? [10n ** BigInt(places), 1n] : [1n, 10n ** BigInt(-places)];
  const negative = a < 0n !== b < 0n && a !== 0n;
  const numerator = (a < 0n ? -a : a) * up;
  const denominator = (b < 0n ? -b : b) * down;
  const whole = numerator / denominator;
  const rest = (numerator % denominator) * 2n;
  const away =
    rest !== 0n &&
    (mode === "up" ||
      (mode === "floor" && negative) ||
      (mode === "ceiling" && !negative) ||
      (mode === "half-up" && rest >= denominator) ||
      (mode === "half-even" && (rest > denominator || (rest === denominator && whole % 2n === 1n))));
  const magnitude = away ? whole + 1n : whole;
  return negative ? -magnitude : magnitude;
}

describe("shown", () => {
  test("as TEL writes it", () => {
    const examples: readonly (readonly [V.Value, string])[] = [
      [V.unit, "()"],
      [2n ** 60n, "1152921504606846976"],
      [Decimal.parse("0.03")!, "0.03"],
      [V.float(1.5), "1.5f"],
      [V.float(-0), "-0f"],
      ['a "quoted" $ text\n\u0001', '"a \\"quoted\\" \\$ text\\n\\u{1}"'],
      [V.bytes(Uint8Array.of(1, 255)), "bytes 0x01ff"],
      [V.list([1, 2]), "[1, 2]"],
      [V.map([]), "[:]"],
      [V.map([["ETH", 100]]), '["ETH": 100]'],
      [V.set([2, 1]), "set [1, 2]"],
      [V.tuple([1, true]), "(1, true)"],
      [
        V.record([
          ["quote", "USDC"],
          ["base", "ETH"],
        ]),
        '(base: "ETH", quote: "USDC")',
      ],
      [V.none, "None"],
      [V.some(3), "Some(3)"],
      [V.variant("Swap", V.record([["edge", 1]])), "Swap(edge: 1)"],
    ];
    for (const [value, text] of examples) expect(show(value)).toBe(text);
  });

  test("durations and instants by their parts", () => {
    expect([0, 1, 999, 60_000, 5_400_000, 86_400_000, -172_800_000, 90_061_001].map(showDuration)).toEqual([
      "0s",
      "1ms",
      "999ms",
      "1m",
      "1h30m",
      "1d",
      "-2d",
      "1d1h1m1s1ms",
    ]);
    fc.assert(
      fc.property(fc.integer({ min: -60_000_000_000_000, max: 250_000_000_000_000 }), (ms) => {
        expect(showInstant(ms)).toBe(new Date(ms).toISOString().replace(".000Z", "Z"));
      }),
      seeds,
    );
  });

  test("as JSON without losing a digit", () => {
    expect(toJson(2n ** 60n)).toBe("1152921504606846976");
    expect(toJson(Decimal.parse("0.05")!)).toBe(0.05);
    expect(toJson(Decimal.parse("0.1234567890123456789")!)).toBe("0.1234567890123456789");
    expect(toJson(V.float(Number.NaN))).toBe("NaN");
    expect(toJson(V.map([["__proto__", 1]]))).toEqual(Object.fromEntries([["__proto__", 1]]));
    expect(toJson(V.map([[1, 2]]))).toEqual([[1, 2]]);
    expect(toJson(V.some(V.unit))).toEqual({ Some: null });
  });
});

test("a block may hold a value anywhere", () => {
  const node = valueToNode(V.list([1, V.none]));
  expect(decode(encode([99, 1, node]))).toEqual({ ok: true, value: [99, 1, node] });
});

describe("numbers at their bounds", () => {
  test("a Decimal is read up to its bounds and not beyond, wherever its zeros stand", () => {
    const most = Decimal.DECIMAL_EXPONENT_MAX;
    for (const text of [
      `1${"0".repeat(most)}`,
      `1e${most}`,
      `-1${"0".repeat(100)}e${most - 100}`,
      `1.${"0".repeat(7000)}`,
    ])
      expect(Decimal.print(Decimal.parse(text)!)).toBe(Decimal.print(Decimal.parse(text.replace(/\.0+$/, ""))!));
    expect(Decimal.parse(`1${"0".repeat(most)}`)).toEqual({ tag: "decimal", coefficient: 1n, exponent: most });
    for (const text of [`1${"0".repeat(most + 1)}`, `1e${most + 1}`, `10e${most}`, `1e-${most + 1}`, `0.1e-${most}`])
      expect(Decimal.parse(text)).toBeUndefined();
    for (const text of ["0e999999", "0e-999999", "-0"]) expect(Decimal.parse(text)).toEqual(Decimal.zero);
  });

  test("a Decimal loses all its trailing zeros", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 40n }), fc.nat(5000), (coefficient, zeros) => {
        const value = Decimal.of(coefficient * 10n ** BigInt(zeros), -zeros);
        expect(value).toEqual(Decimal.of(coefficient, 0));
        expect(value.coefficient % 10n).not.toBe(0n);
      }),
      { seed: 20_261_122, numRuns: 200 },
    );
  });

  test("an Int has the fewest bytes that hold it, around every power of two", () => {
    const bits = (bytes: Uint8Array): bigint => BigInt.asIntN(bytes.length * 8, BigInt(`0x${Bytes.toHex(bytes)}`));
    for (let power = 0n; power < 300n; power++)
      for (const near of [-1n, 0n, 1n])
        for (const value of [2n ** power + near, -(2n ** power + near)]) {
          const bytes = Int.toTwosComplement(value);
          expect(bits(bytes)).toBe(value);
          if (bytes.length > 1) expect(bits(bytes.subarray(1))).not.toBe(value);
        }
  });

  test("the largest Int is written in one pass over its bytes", () => {
    const value = 2n ** BigInt(Int.INT_BITS_MAX) - 1n;
    const read = decodeValue(encodeValue(value));
    expect(read.ok && read.value === value).toBe(true);
  });

  test("a record with a field twice is refused, also with the same value", () => {
    const fields = V.record([
      ["a", 1],
      ["b", 1],
    ]);
    const bytes = encodeValue(fields);
    expect(decodeValue(bytes).ok).toBe(true);
    const twice = bytes.map((byte) => (byte === "b".charCodeAt(0) ? "a".charCodeAt(0) : byte));
    expect(decodeValue(twice)).toMatchObject({
      ok: false,
      error: { reason: expect.stringMatching(/sorted by name, each once/) },
    });
  });

  test("a Decimal is written plainly up to 40 zeros after the point or at the end", () => {
    expect(Decimal.print(Decimal.of(1n, 40))).toBe(`1${"0".repeat(40)}`);
    expect(Decimal.print(Decimal.of(1n, 41))).toBe("1e41");
    expect(Decimal.print(Decimal.of(1n, -41))).toBe(`0.${"0".repeat(40)}1`);
    expect(Decimal.print(Decimal.of(1n, -42))).toBe("1e-42");
  });
});
