import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ANY_SHAPE, addressUnit, shapeOf } from "../../src/code/index.ts";
import { type ContentHash, decode, encode, type Node } from "../../src/content/index.ts";
import { check } from "../../src/language/index.ts";
import { random, randomUnit, renamed, table } from "./randomUnit.ts";

const shapesOf = (text: string): ReadonlyMap<string, string | undefined> => {
  const checked = check([{ path: "a.tel", text }]);
  expect(checked.problems.map((one) => one.message)).toEqual([]);
  const unit = addressUnit(checked.unit!);
  const blocks = new Map(unit.blocks.map((block) => [block.hash, block.bytes]));
  const load = (hash: ContentHash.ContentHash) => blocks.get(hash);
  return new Map(unit.named.map((name) => [name, shapeOf(blocks.get(unit.definitions.get(name)!)!, load)]));
};

test("a shape is what a definition takes and gives, without the names of declared types and effects", () => {
  const shapes = shapesOf(`
type Price(amount: Decimal, currency: Text)
type Page<a>(items: List<a>)
type Move = Hold | Swap(price: Price)
effect Rates { op rate(of: Text) -> Decimal }
fact PriceOf(item: Text) -> Price
event Sold(price: Price, item: Text)
fn taxed(p: Price, by: Decimal) -> Price uses Rates { Price(p.amount * by * rate!(p.currency), p.currency) }
fn each(all: List<a>, f: fn(a) -> b uses e) -> List<b> uses e { list.map!(all, f) }
fn page(all: List<a>) -> (Page<a>, Int) { (Page(all), 1) }
fn even(n: Int) -> Bool { if n == 0 { true } else { odd(n - 1) } }
fn odd(n: Int) -> Bool { if n == 0 { false } else { even(n - 1) } }
test "one" { assert true }
`);
  expect(Object.fromEntries(shapes)).toEqual({
    Price: "type(Decimal, Text)",
    Page: "type(List<t0>)",
    Move: undefined,
    "Rates.rate": "operation(Text) -> Decimal",
    PriceOf: "fact(Text) -> *",
    Sold: "event(*, Text)",
    taxed: "fn(*, Decimal) -> * uses *",
    each: "fn(List<t0>, fn(t0) -> t1 uses e2) -> List<t1> uses e2",
    page: "fn(List<t0>) -> (*<t0>, Int)",
    even: "fn(Int) -> Bool",
    odd: "fn(Int) -> Bool",
    "test one": undefined,
  });
});

test("what is too long to be a key may be anything", () => {
  const parameters = Array.from({ length: 90 }, (_, i) => `p${i}: Text`).join(", ");
  expect(shapesOf(`fn long(${parameters}) -> Text { p0 }`).get("long")).toBe(ANY_SHAPE);
});

test("names do not change a shape, and it is no longer than a key may be", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const unit = randomUnit(random(seed), 20);
      const shapes = [unit, renamed(unit, (name) => `other.${name}`)].map((one) => {
        const { blocks, links } = addressUnit(one, { table });
        const all = new Map(blocks.map((block) => [block.hash, block.bytes]));
        return [...links.keys()].map((hash) => shapeOf(all.get(hash)!, (of) => all.get(of)) ?? "").sort();
      });
      expect(shapes[1]).toEqual(shapes[0]);
      for (const shape of shapes[0]!) expect(new TextEncoder().encode(shape).length).toBeLessThanOrEqual(400);
    }),
    { numRuns: 100 },
  );
});

test("no block makes it fail, whatever it holds", () => {
  const { blocks } = addressUnit(check([{ path: "a.tel", text: 'fn f(x: List<Int>) -> Text { "" }\n' }]).unit!);
  const [first] = blocks.flatMap(({ bytes }) => {
    const node = decode(bytes);
    return node.ok ? [node.value] : [];
  });
  const leaf = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string(), fc.constant([]));
  /** The block with one part of it replaced. */
  const changed = (node: Node, at: number, by: Node): Node => {
    let left = at;
    const walk = (one: Node): Node => (left-- === 0 ? by : Array.isArray(one) ? one.map(walk) : one);
    return walk(node);
  };
  fc.assert(
    fc.property(fc.nat(40), leaf as fc.Arbitrary<Node>, (at, by) => {
      shapeOf(encode(changed(first!, at, by)), () => undefined);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(shapeOf(bytes, () => bytes)).toBeUndefined();
    }),
  );
});
