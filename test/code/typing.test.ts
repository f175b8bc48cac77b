/**
 * Typing records: code that is checked beside them, without the texts of what it uses, is the same code and has the same
 * problems as when everything is checked together.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressUnit,
  applyAdd,
  type CodebaseReads,
  codeRepository,
  knownCode,
  NameRegistry,
  namesMeant,
  planAdd,
  Typing,
  typed,
  typingOf,
  written,
} from "../../src/code/index.ts";
import { type ContentHash, decode, encode, link, type Node } from "../../src/content/index.ts";
import { check, describer, type Known, parse, type Source, type Tree } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { programs } from "../programs/corpus.ts";

const note = { author: "ann", time: 1, reason: "add" };

/** The corpus has no manifest: every interface that a program names stands for some program. */
const environment = (sources: readonly Source[]) => ({
  bindings: new Map(
    sources.flatMap((source) =>
      parse(source.text, source.path).tree.items.flatMap((item) =>
        item.kind === "interface" ? [[item.name.text, `program:${item.name.text}`] as const] : [],
      ),
    ),
  ),
});

const errorsOf = (sources: readonly Source[], known: readonly Known.Known[] = []) =>
  check(sources, { ...environment(sources), known }).problems.filter((one) => one.severity === "error");

async function codebase(sources: readonly Source[]) {
  const checked = check(sources, environment(sources));
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const unit = addressUnit(checked.unit!, { source: written(checked, texts), typing: typed(checked) });
  const store = openMemoryStore();
  await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), note));
  return { store, unit };
}

interface Item {
  readonly source: number;
  readonly names: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** The declarations that others may know without their text. */
function itemsOf(sources: readonly Source[]): readonly Item[] {
  return sources.flatMap((source, number) => {
    const { tree } = parse(source.text, source.path);
    const prefix = tree.module === undefined ? "" : `${tree.module.text}.`;
    return tree.items.flatMap((item): readonly Item[] => {
      if (!isDescribed(item)) return [];
      const own = prefix + item.name.text;
      const names = item.kind === "effect" ? item.operations.map((one) => `${own}.${one.name.text}`) : [own];
      const start = Math.min(item.span.start, item.doc?.span.start ?? item.span.start);
      return [{ source: number, names, start, end: item.span.end }];
    });
  });
}

const isDescribed = (item: Tree.Item): item is Extract<Tree.Item, { readonly name: Tree.Name }> =>
  ["fn", "type", "fact", "action", "event", "effect"].includes(item.kind);

/** Spaces instead of these declarations, so that everything else stands where it stood. */
const without = (sources: readonly Source[], items: readonly Item[]): readonly Source[] =>
  sources.map((source, number) => ({
    ...source,
    text: items
      .filter((item) => item.source === number)
      .reduce(
        (text, { start, end }) =>
          text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + text.slice(end),
        source.text,
      ),
  }));

const passing = programs("pass").filter(([, sources]) => errorsOf(sources).length === 0);

test("the corpus has much that is known without its text", () => {
  const items = passing.flatMap(([, sources]) => itemsOf(sources));
  expect(items.length).toBeGreaterThan(100);
});

test.each(passing)(
  "%s: whatever part of it is known and not read, the rest has the same addresses",
  async (_, sources) => {
    const { store, unit } = await codebase(sources);
    const items = itemsOf(sources).filter((item) =>
      item.names.every((name) => {
        const hash = store.name(name);
        // Of definitions that call each other, a part alone is other code.
        return hash !== undefined && !unit.components.has(hash) && typingOf(store, hash, name) !== undefined;
      }),
    );
    fc.assert(
      fc.property(fc.subarray([...items]), (gone) => {
        const rest = without(sources, gone);
        const isGone = new Set(gone.flatMap((item) => item.names));
        const modules = rest.map((source) => parse(source.text, source.path).tree.module?.text ?? "");
        const words = new Set(rest.flatMap((source) => source.text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []));
        const { known, addresses } = knownCode(store, namesMeant(store, modules, words), (name) => !isGone.has(name));
        const checked = check(rest, { ...environment(sources), known });
        expect(checked.problems.filter((one) => one.severity === "error")).toEqual([]);
        const again = addressUnit(checked.unit!, { known: addresses, typing: typed(checked) });
        for (const [name, hash] of again.definitions) expect([name, hash]).toEqual([name, unit.definitions.get(name)]);
        for (const [hash, typing] of again.typings) expect(typing).toEqual(unit.typings.get(hash));
      }),
      { numRuns: 8 },
    );
  },
);

test.each(programs("fail"))("%s: what is wrong is wrong beside known code too", (_, sources) => {
  const checked = check(sources, environment(sources));
  const wrong = checked.problems.filter((one) => one.severity === "error");
  const knownOf = describer(checked);
  for (const item of itemsOf(sources)) {
    const { path } = sources[item.source]!;
    const touches = wrong.some((one) => one.file === path && one.span.end >= item.start && one.span.start <= item.end);
    const known = item.names.map(knownOf);
    if (touches || known.includes(undefined)) continue;
    const again = errorsOf(
      without(sources, [item]),
      known.flatMap((one) => one ?? []),
    );
    // Where a problem speaks of what is known, it is told at another place.
    expect(again.map((one) => one.code)).toEqual(wrong.map((one) => one.code));
  }
});

const library = [
  {
    path: "shop.tel",
    text: `module shop
/// An amount.
type Price(amount: Decimal, currency: Text)
type Cost(amount: Decimal, currency: Text)
effect Rates { op rate(of: Text) -> Decimal }
fn withTax(price: Price, rate: Decimal) -> Price { Price(amount: price.amount * (1 + rate), currency: price.currency) }
fn costs(cost: Cost) -> Decimal { cost.amount }
fn largest(all: List<a>) -> Option<a> { list.get(list.sort(all), list.length(all) - 1) }
fn rated(price: Price) -> Decimal uses Rates { price.amount * rate!(price.currency) }
fn each(all: List<a>, do: fn(a) -> b uses e) -> List<b> uses e { list.map!(all, do) }
`,
  },
];
const names = ["withTax", "costs", "largest", "rated", "each", "Price", "Cost", "Rates.rate"].map(
  (word) => `shop.${word}`,
);

describe("a typing record", () => {
  test("reads back as it was written, and no other bytes read", async () => {
    const { unit } = await codebase(library);
    const typings = [...unit.typings.values()];
    expect(typings.length).toBeGreaterThan(6);
    for (const typing of typings) {
      const bytes = Typing.encode(typing);
      expect(Typing.decode(bytes)).toEqual({ ok: true, value: typing });
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const other = bytes.slice();
          other[at]! ^= change;
          const read = Typing.decode(other);
          if (read.ok) expect(Typing.encode(read.value)).toEqual(other);
        }),
        { numRuns: 60 },
      );
    }
  });

  test("holds the constraints that only the body says, the row, and the names of parameters", async () => {
    const { store } = await codebase(library);
    const known = (name: string) => typingOf(store, store.name(name)!, name)?.known;
    expect(known("shop.largest")).toMatchObject({ kind: "function", constraints: [2], parameters: [{ name: "all" }] });
    expect(known("shop.rated")).toMatchObject({ row: { labels: ["shop.Rates"], variable: undefined } });
    expect(known("shop.each")).toMatchObject({ row: { labels: [], variable: 0 }, constraints: [0, 0] });
    const own = {
      path: "own.tel",
      text: "use shop (largest)\nfn pick(all: List<fn() -> Int>) -> Option<fn() -> Int> { largest(all) }\n",
    };
    const { known: all } = knownCode(store, ["shop.largest"], () => false);
    expect(errorsOf([own], all).map((one) => one.code)).toEqual(errorsOf([own, ...library]).map((one) => one.code));
    expect(errorsOf([own], all)).toHaveLength(1);
  });

  test("tells types apart that have one address, by the names that they were used under", async () => {
    const { store } = await codebase(library);
    expect(store.name("shop.Price")).toBe(store.name("shop.Cost"));
    const own = (name: string) => ({
      path: "own.tel",
      text: `use shop (Price, Cost, withTax, costs)\nfn f(p: ${name}) -> Decimal { costs(p) }\n`,
    });
    const { known } = knownCode(store, names, () => false);
    expect(errorsOf([own("Cost")], known)).toEqual([]);
    expect(errorsOf([own("Price")], known)).toHaveLength(1);
  });

  test("follows renames of a function, of what its types mention and of its effect", async () => {
    const { store } = await codebase(library);
    for (const [from, to] of [
      ["shop.Price", "shop.Amount"],
      ["shop.withTax", "tax.taxed"],
      ["shop.Rates", "rates.Rates"],
    ] as const) {
      const done = await store.write((tx) => NameRegistry.rename(tx, from, to, { ...note, reason: `rename ${from}` }));
      expect(done.ok).toBe(true);
    }
    const all = ["tax.taxed", "shop.Amount", "shop.rated", "rates.Rates.rate"];
    const { known, addresses } = knownCode(store, all, () => false);
    const text = `use shop (Amount, rated)
use tax (taxed)
use rates (Rates)
fn f(p: Amount) -> Decimal uses Rates { rated!(taxed(price: p, rate: 0.1)) }
`;
    const checked = check([{ path: "own.tel", text }], { known });
    expect(checked.problems).toEqual([]);
    const unit = addressUnit(checked.unit!, { known: addresses });
    expect(unit.links.get(unit.definitions.get("f")!)).toEqual(
      expect.arrayContaining([store.name("tax.taxed"), store.name("shop.rated"), store.name("shop.Amount")]),
    );
  });

  test("knows a type that has lost its name", async () => {
    const { store } = await codebase(library);
    await store.write((tx) => NameRegistry.remove(tx, "shop.Price", note));
    await store.write((tx) => NameRegistry.remove(tx, "shop.Cost", note));
    const { known } = knownCode(store, ["shop.withTax"], () => false);
    const text = "use shop (withTax)\nfn f() -> Int { 1 }\n";
    expect(errorsOf([{ path: "own.tel", text }], known)).toEqual([]);
  });

  test("is not believed where the code says otherwise, nor from another checker, nor when it is damaged", async () => {
    const { store } = await codebase(library);
    const hash = store.name("shop.withTax")!;
    const record = store.typing(hash)!;
    const read = Typing.decode(record);
    if (!read.ok) throw new Error("the record does not read");
    const [entry] = read.value.entries;
    const text: Known.Known = {
      ...entry!.known,
      result: { kind: "builtin", name: "Text", arguments: [] },
    } as Known.KnownFunction;
    const other = store.name("shop.costs")!;
    const block = decode(record);
    const tampered: readonly (readonly [string, Uint8Array])[] = [
      ["another result", Typing.encode({ definition: hash, entries: [{ ...entry!, known: text }] })],
      ["another definition", Typing.encode({ ...read.value, definition: other })],
      ["another checker", encode((block.ok ? (block.value as readonly Node[]) : []).with(3, Typing.CHECKER + 1))],
      ["a block of another kind", encode([1, 1, link(hash)])],
      ["no block", Uint8Array.of(1, 2, 3)],
    ];
    for (const [what, bytes] of tampered) {
      await store.write((tx) => tx.setTyping(hash, bytes));
      expect([what, typingOf(store, hash, "shop.withTax")]).toEqual([what, undefined]);
      expect(knownCode(store, ["shop.withTax"], () => false).known).toEqual([]);
    }
    await store.write((tx) => tx.setTyping(hash, record));
    expect(typingOf(store, hash, "shop.withTax")).toEqual(entry);
  });

  test("is not made of what is only understood with its text", async () => {
    const text = `fn greet(name: Text = hello()) -> Text { name }
fn hello() -> Text { "you" }
effect Coin { op toss() -> Bool }
handler heads for Coin { toss() => true }
program P {
  state { n: Int = 0 }
  entry go() -> Int { state.n }
}
test "t" { assert true }
`;
    const sources = [{ path: "own.tel", text }];
    expect(errorsOf(sources)).toEqual([]);
    const { store } = await codebase(sources);
    const has = NameRegistry.list(store).filter(([name, hash]) => typingOf(store, hash, name) !== undefined);
    expect(has.map(([name]) => name)).toEqual(["Coin.toss", "hello"]);
    expect(codeRepository(store).get(store.name("greet")!).ok).toBe(true);
  });
});

test("defaults that are literals are known with what they belong to", async () => {
  const sources = [
    {
      path: "own.tel",
      text: `module own
type Point(x: Int, y: Int = -1, tags: List<Text> = ["a\\"b", "c"])
type Shape = Dot(at: Point, colour: Option<Text> = Some("red")) | Empty
fact Near(to: Text, within: Result<Decimal, Text> = Ok(0.5)) -> Bool
effect Coin { op toss(times: Option<Int> = Some(3)) -> Bool }
fn wait(for: Duration = 1m30s, until: Instant = @2026-01-01T00:00:00Z, keys: Map<Text, (Int, Bool)> = ["k": (1, true)], last: Option<Int> = None) -> Duration { for }
`,
    },
  ];
  const { store, unit } = await codebase(sources);
  const words = ["Point", "Shape", "Near", "Coin.toss", "wait"].map((word) => `own.${word}`);
  for (const word of words) expect([word, typingOf(store, store.name(word)!, word)]).not.toContain(undefined);
  const { known, addresses } = knownCode(store, words, () => false);
  const user = {
    path: "user.tel",
    text: `module user
use own (Point, Shape, Near, Coin, toss, wait)
use timelines (ethereum)
fn all() -> (Point, Shape, Duration) { (Point(1), Dot(at: Point(1, 2)), wait(2m)) }
fn near() -> Bool uses Observe { observe!(ethereum, Near("x")).value }
fn tossed() -> Bool uses Coin { toss!() }
`,
  };
  const beside = check([user], { known });
  expect(beside.problems.filter((one) => one.severity === "error")).toEqual([]);
  const together = addressUnit(check([...sources, user]).unit!).definitions;
  const alone = addressUnit(beside.unit!, { known: addresses }).definitions;
  for (const word of ["all", "near", "tossed"]) expect(alone.get(`user.${word}`)).toBe(together.get(`user.${word}`));
  expect(unit.typings.size).toBeGreaterThan(4);
});

test("a typing record with a default that is no literal is not read", async () => {
  const { store } = await codebase([{ path: "own.tel", text: 'fn greet(name: Text = "you") -> Text { name }\n' }]);
  const record = store.typing(store.name("greet")!)!;
  const node = decode(record);
  if (!node.ok) throw new Error("the record does not decode");
  const said = '"you"';
  const change = (at: Node): Node => (at === said ? "other()" : Array.isArray(at) ? at.map(change) : at);
  expect(Typing.decode(record).ok).toBe(true);
  const read = Typing.decode(encode(change(node.value)));
  expect(read).toMatchObject({ ok: false, error: { reason: expect.stringMatching(/a default has the wrong shape/) } });
});

test("adding a definition reads as much of a large codebase as of a small one", async () => {
  const reading = async (modules: number): Promise<number> => {
    const others = Array.from({ length: modules }, (_, i) => ({
      path: `other${i}.tel`,
      text: `module other${i}\nuse shop (Price)\n/// Many.\nfn f(p: Price) -> Decimal { p.amount + ${i} }\n`,
    }));
    const { store } = await codebase([...library, ...others]);
    let read = 0;
    const counting = <T extends CodebaseReads>(reads: T): T => ({
      ...reads,
      blocks: {
        get: (hash: ContentHash.ContentHash) => {
          read++;
          return reads.blocks.get(hash);
        },
        has: (hash: ContentHash.ContentHash) => {
          read++;
          return reads.blocks.has(hash);
        },
      },
      name: (name: string) => {
        read++;
        return reads.name(name);
      },
      names: (prefix: string) => {
        const found = reads.names(prefix);
        read += 1 + found.length;
        return found;
      },
      nameHistory: (name?: string, last?: number) => {
        const found = reads.nameHistory(name, last);
        read += 1 + found.length;
        return found;
      },
      dependents: (hash: ContentHash.ContentHash) => {
        const found = reads.dependents(hash);
        read += 1 + found.length;
        return found;
      },
    });
    const reads = counting(store);
    const text = "module own\nuse shop (Price, withTax)\nfn twice(p: Price) -> Price { withTax(p, 0.2) }\n";
    const meant = namesMeant(reads, ["own", "shop"], new Set(text.match(/\w+/g)));
    const { known, addresses } = knownCode(reads, meant, (name) => name.startsWith("own."));
    const checked = check([{ path: "own.tel", text }], { known });
    expect(checked.problems).toEqual([]);
    const unit = addressUnit(checked.unit!, { known: addresses, typing: typed(checked) });
    const plan = planAdd(reads, unit, ["own.twice"]);
    await store.write((tx) => applyAdd(counting(tx), unit, plan, note));
    expect(store.name("own.twice")).toBe(plan[0]!.hash);
    return read;
  };
  const [small, large] = [await reading(3), await reading(300)];
  expect(large).toBe(small);
  expect(small).toBeLessThan(200);
});
