/** Values as they are shown with the names of their static type: as they would be written. */
import { expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { memoryBlockStore, show, Value } from "../../src/content/index.ts";
import { codeSource, evaluate, newLibrary } from "../../src/execution/index.ts";
import { Core, checkExpression, showInferredValue, showTyped } from "../../src/language/index.ts";

const sources = [
  {
    path: "shop.tel",
    text: `module shop
use timelines (ethereum)
type Price(currency: Text, amount: Decimal)
type Pair<a, b>(second: b, first: a)
type Tree<a> = Leaf(value: a) | Branch(right: Tree<a>, left: Tree<a>) | Nothing
type Quote(chain: Timeline, price: Price)
fn euro(amount: Decimal) -> Price { Price("EUR", amount) }
`,
  },
];

/** The value of an expression, and how it is shown. */
function shown(text: string): readonly [Value.Value, string] {
  const checked = checkExpression(text, sources);
  expect(checked.problems.map((one) => one.message)).toEqual([]);
  const { blocks, definitions } = addressUnit(checked.unit!);
  const store = memoryBlockStore();
  for (const block of blocks) store.put(block.bytes);
  const limits = { fuel: 1e7, memoryBytes: 2 ** 26 };
  const done = evaluate(newLibrary(codeSource(store)), definitions.get(checked.definition)!, [], limits);
  if (!done.ok) throw new Error(done.error.kind);
  const type = checked.typed.functions.get(checked.definition)!.result;
  return [done.value.value, showInferredValue(done.value.value, type)];
}

test.each([
  ["euro(2)", 'Price(currency: "EUR", amount: 2)'],
  ["[euro(1)]", '[Price(currency: "EUR", amount: 1)]'],
  ["Some(euro(1))", 'Some(Price(currency: "EUR", amount: 1))'],
  ['["a": euro(1)]', '["a": Price(currency: "EUR", amount: 1)]'],
  ["(1, euro(1))", '(1, Price(currency: "EUR", amount: 1))'],
  ["(b: euro(1), a: 2)", '(a: 2, b: Price(currency: "EUR", amount: 1))'],
  ["Pair(second: euro(1), first: None)", 'Pair(second: Price(currency: "EUR", amount: 1), first: None)'],
  [
    "Branch(left: Leaf(euro(1)), right: Nothing)",
    'Branch(right: Nothing, left: Leaf(value: Price(currency: "EUR", amount: 1)))',
  ],
  ["Quote(ethereum, euro(1))", 'Quote(chain: ethereum, price: Price(currency: "EUR", amount: 1))'],
  ['if 1 < 2 { Ok(euro(1)) } else { Err("none") }', 'Ok(Price(currency: "EUR", amount: 1))'],
  ['[1: "x", 2: "y"]', '[1: "x", 2: "y"]'],
  ["@2026-01-01T00:00:00Z", "@2026-01-01T00:00:00Z"],
])("%s", (text, expected) => {
  const [value, said] = shown(text);
  expect(said).toBe(expected);
  // What is shown says the value again.
  expect(shown(said)).toEqual([value, said]);
});

test("a value that is not of the type is shown as it is", () => {
  const record = Value.record([["x", 1n] as const]);
  const declared: Core.Type = { kind: "declared", reference: Core.symbol("m.Other"), arguments: [] };
  const other = { kind: "record", name: "m.Other", parameters: 0, fields: [], doc: undefined } as const;
  expect(showTyped(record, declared, () => other)).toBe(show(record));
  expect(showTyped(record, declared, () => undefined)).toBe(show(record));
  expect(showTyped(record, { kind: "builtin", name: "List", arguments: [] }, () => undefined)).toBe(show(record));
  expect(showTyped("a b", { kind: "builtin", name: "Timeline", arguments: [] }, () => undefined)).toBe('"a b"');
});
