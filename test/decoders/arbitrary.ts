/** Random content: the parts of which blocks are made, with the ones that JavaScript and CBOR find hard. */
import fc from "fast-check";
import { ContentHash, Decimal, Int, type Node, Value } from "../../src/content/index.ts";

/** Names that mean something to JavaScript, and texts at the edges of Unicode. */
const HARD_TEXTS = ["__proto__", "constructor", "toString", "", "\uffff", "\u{10000}", "e\u0301"];

export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom(...HARD_TEXTS) },
);
export const count: fc.Arbitrary<number> = fc.oneof(
  fc.nat(300),
  fc.constantFrom(0, 2 ** 32, 2 ** 53 - 1),
  fc.maxSafeNat(),
);
export const hash: fc.Arbitrary<ContentHash.ContentHash> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map(ContentHash.fromDigest);
export const bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 12 });
export const int: fc.Arbitrary<Int.Int> = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.constantFrom(0n, -1n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 64n),
  )
  .map(Int.of);
export const decimal: fc.Arbitrary<Decimal.Decimal> = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -30, max: 30 }))
  .map(([coefficient, exponent]) => Decimal.of(coefficient, exponent));

const small = { maxLength: 3 } as const;

export const value: fc.Arbitrary<Value.Value> = fc.letrec<{ value: Value.Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthIdentifier: "value" },
    int,
    fc.boolean(),
    text,
    fc.constant(Value.unit),
    decimal,
    fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, 0)).map(Value.float),
    bytes.map(Value.bytes),
    hash.map(Value.hash),
    fc.array(tie("value"), small).map(Value.list),
    fc.array(fc.tuple(tie("value"), tie("value")), small).map(Value.map),
    fc.array(tie("value"), small).map(Value.set),
    fc.uniqueArray(fc.tuple(text, tie("value")), { ...small, selector: ([name]) => name }).map(Value.record),
    fc.tuple(text, fc.option(tie("value"), { nil: undefined })).map(([name, part]) => Value.variant(name, part)),
    fc.tuple(hash, fc.array(tie("value"), small)).map(([code, captured]) => Value.closure(code, captured)),
  ),
})).value;

export const node: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: "node" },
    fc.constantFrom<Node>(null, true, false, -1, 0, 1, 2 ** 53 - 1, -(2 ** 53 - 1)),
    fc.nat(20),
    text,
    bytes,
    hash.map((link) => ({ link })),
    fc.array(tie("node"), { maxLength: 5 }),
  ),
})).node;
