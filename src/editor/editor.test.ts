import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressUnit, applyAdd, knownCode, planAdd, typed } from "../code/index.ts";
import { check } from "../language/index.ts";
import { openMemoryStore } from "../stores/memory/index.ts";
import {
  type Analysis,
  actions,
  analyse,
  analyser,
  complete,
  definition,
  folds,
  formatted,
  hashAt,
  hover,
  inlays,
  lenses,
  migration,
  migrationOffer,
  outline,
  references,
  rename,
  semanticTokens,
  showRefusal,
  signatureHelp,
} from "./index.ts";

/** A text with `▮` where the caret is. */
type Marked = { readonly text: string; readonly at: number };
const marked = (text: string): Marked => ({ text: text.replace("▮", ""), at: text.indexOf("▮") });

const only = (text: string): { readonly analysis: Analysis; readonly at: number } => {
  const { text: plain, at } = marked(text);
  return { analysis: analyse([{ path: "a.tel", text: plain }]), at };
};

const shown = (
  analysis: Analysis,
  places: readonly { file: string; span: { start: number; end: number } }[],
): string[] =>
  places.map(({ file, span }) => {
    const { text } = analysis.sources.get(file)!;
    const line = text.slice(0, span.start).split("\n").length;
    return `${file}:${line} ${text.slice(span.start, span.end)}`;
  });

const quotes = `type Quote(chain: Text, price: Decimal)
type Move = Hold | Buy(amount: Decimal)

/// The price with a margin.
fn withMargin(quote: Quote, margin: Decimal) -> Decimal {
  let base = quote.price
  base + base * margin
}

fn decide(quotes: List<Quote>) -> Move {
  match quotes {
    [first1, ..] => Buy(amount: withMargin(first1, 0.1))
    _ => Hold
  }
}

test "nothing is held" { assert decide([]) == Hold }
`;

describe("hover", () => {
  test("tells signature, doc, effects and hash of a function", () => {
    const { analysis, at } = only(quotes.replace("withMargin(first1", "with▮Margin(first1"));
    const found = hover(analysis, "a.tel", at)!;
    expect(found.code).toBe("fn withMargin(quote: Quote, margin: Decimal) -> Decimal");
    expect(found.notes[0]).toBe("The price with a margin.");
    expect(found.notes[1]).toMatch(/^pure · `#bafyrei[a-z0-9]{9}`$/);
  });

  test.each([
    ["a local", "  ba▮se + base", "base: Decimal"],
    ["a name in a pattern", "    [fir▮st1, ..]", "first1: Quote"],
    ["a parameter", "withMargin(quo▮te: Quote", "quote: Quote"],
    ["a type", "List<Quo▮te>) -> Move", "type Quote(chain: Text, price: Decimal)"],
    ["a constructor", "=> Bu▮y(", "Buy(amount: Decimal) -> Move"],
    ["a field that is read", "quote.pri▮ce", "Quote.price: Decimal"],
    ["a label", "Buy(amou▮nt: with", "Buy.amount: Decimal"],
    ["a type of the language", "List<Quote>) -> Move".replace("List", "Li▮st"), "type List"],
    ["a literal", "first1, 0.▮1)", "Decimal"],
  ])("tells what %s is", (_, part, code) => {
    const { analysis, at } = only(quotes.replace(part.replace("▮", ""), part));
    expect(hover(analysis, "a.tel", at)?.code).toBe(code);
  });

  test("tells what an operation of the language does", () => {
    const { analysis, at } = only("fn soon() -> Instant uses Clock { no▮w!() }");
    const found = hover(analysis, "a.tel", at)!;
    expect(found.code).toMatch(/^now\(\) -> Instant uses Clock$/);
    expect(found.notes.length).toBe(1);
  });

  test("tells what is known of the codebase, and its hash", async () => {
    const shop = `module shop
/// An amount.
type Price(amount: Decimal)
type Sale<a> = Open(price: Price, of: a) | Over
fact PriceOf(item: Text) -> Price
/// With a rate added.
fn taxed(price: Price, rate: Decimal) -> Price { Price(price.amount * rate) }
fn each(all: List<Price>, f: fn(Price) -> Price uses e) -> List<Price> uses e { list.map!(all, f) }
`;
    const store = openMemoryStore();
    const checked = check([{ path: "shop.tel", text: shop }]);
    const unit = addressUnit(checked.unit!, { typing: typed(checked) });
    await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), { author: "ann", time: 1, reason: "add" }));
    const names = store.names("shop.").map(([name]) => name);
    const { known, addresses } = knownCode(store, names, () => false);
    const text = `use shop (Price, Sale, PriceOf, taxed, each)
fn cost(p: Price) -> Sale<Int> uses Observe {
  let seen = observe!(ethereum, PriceOf("tea"))
  let all = each([p], fn(x) { taxed(x, seen.value.amount) })
  if list.isEmpty(all) { Over } else { Open(price: p, of: 1) }
}
`;
    const analysis = analyse([{ path: "a.tel", text }], { known }, addresses);
    const at = (part: string) => hover(analysis, "a.tel", text.lastIndexOf(part) + 1)!;
    expect([...analysis.trees.keys()]).toEqual(["a.tel"]);
    expect(at("taxed(").code).toBe("fn taxed(price: Price, rate: Decimal) -> Price");
    expect(at("taxed(").notes).toEqual([
      "With a rate added.",
      `pure · \`#${addresses.get("shop.taxed")!.slice(0, 16)}\``,
    ]);
    expect(at("each(").code).toBe("fn each(all: List<Price>, f: fn(Price) -> Price uses e0) -> List<Price> uses e0");
    expect(at("Price) ->").code).toBe("type Price(amount: Decimal)");
    expect(at("Sale<").code).toBe("type Sale<a> = Open(price: Price, of: a) | Over");
    expect(at("Open(").code).toBe("Open(price: Price, of: a) -> Sale");
    expect(at("PriceOf(").code).toBe("fact PriceOf(item: Text) -> Price");
    // It has no place in these files; its text is found by its hash.
    const offset = text.indexOf("taxed(") + 1;
    expect(definition(analysis, "a.tel", offset)).toEqual([]);
    expect(hashAt(analysis, "a.tel", offset)).toBe(addresses.get("shop.taxed"));
    expect(rename(analysis, "a.tel", offset, "other")).toMatchObject({ ok: false, error: { kind: "not-yours" } });
  });

  test("tells nothing between things", () => {
    const { analysis, at } = only("fn f() -> Int { 1 }\n▮\n");
    expect(hover(analysis, "a.tel", at)).toBeUndefined();
  });
});

describe("definition and references", () => {
  const library = {
    path: "math.tel",
    text: "module arb.math\ntype Pair(base: Text)\nfn twice(x: Int) -> Int { x * 2 }\n",
  };
  const user = marked("use arb.math (Pair, twice)\nfn f(p: Pair) -> Int { twi▮ce(2) + twice(3) }\n");
  const analysis = analyse([library, { path: "user.tel", text: user.text }]);

  test("a name of another module leads to its declaration", () => {
    expect(shown(analysis, definition(analysis, "user.tel", user.at))).toEqual(["math.tel:3 twice"]);
  });

  test("references are in all files, with or without the declaration", () => {
    const places = (withDeclaration: boolean) =>
      shown(analysis, references(analysis, "user.tel", user.at, withDeclaration));
    expect(places(true)).toEqual(["math.tel:3 twice", "user.tel:1 twice", "user.tel:2 twice", "user.tel:2 twice"]);
    expect(places(false)).toHaveLength(3);
  });

  test("a name of the library leads into the library", () => {
    const { analysis: own, at } = only("fn f(x: List<Int>) -> Int { list.fil▮ter(x, fn(y) { true }) }");
    expect(definition(own, "a.tel", at).map(({ file }) => file)).toEqual(["library:list.tel"]);
  });

  test("a state field is found where it is read, written and built", () => {
    const text = `program A {
  state { cou▮nt: Int = 0; other: Int = 1 }
  entry add(by: Int) -> Int {
    state.count = state.count + by
    state.other
  }
  migration 1.0.0 -> 1.1.0 (old) { State(count: old.count, other: 1) }
}
`;
    const { analysis: own, at } = only(text);
    expect(shown(own, references(own, "a.tel", at, true))).toEqual([
      "a.tel:2 count",
      "a.tel:4 count",
      "a.tel:4 count",
      "a.tel:7 count",
    ]);
  });
});

describe("rename", () => {
  const renamed = (text: string, to: string): string => {
    const { analysis, at } = only(text);
    const result = rename(analysis, "a.tel", at, to);
    if (!result.ok) return showRefusal(result.error);
    let now = analysis.sources.get("a.tel")!.text;
    for (const { span, text: replacement } of [...result.value].sort((a, b) => b.span.start - a.span.start))
      now = now.slice(0, span.start) + replacement + now.slice(span.end);
    return now;
  };

  test("gives a record, its constructor and its uses another name", () => {
    expect(renamed("type Pa▮ir(a: Int)\nfn f(p: Pair) -> Pair { Pair(a: p.a) }", "Two")).toBe(
      "type Two(a: Int)\nfn f(p: Two) -> Two { Two(a: p.a) }",
    );
  });

  test("gives a field another name where it is declared, read, built and matched", () => {
    const text = "type P(a▮: Int)\nfn f(p: P) -> Int { match P(a: p.a) { P(a: x) => x } }";
    expect(renamed(text, "b")).toBe("type P(b: Int)\nfn f(p: P) -> Int { match P(b: p.b) { P(b: x) => x } }");
  });

  test("gives a local another name in its own scope only", () => {
    expect(renamed("fn f(x▮: Int) -> Int { x + 1 }\nfn g(x: Int) -> Int { x }", "y")).toBe(
      "fn f(y: Int) -> Int { y + 1 }\nfn g(x: Int) -> Int { x }",
    );
  });

  test("is refused where the new name means something else", () => {
    expect(renamed("fn f(x▮: Int) -> Int { let y = 1; x + y }", "y")).toMatch(/already means something|`y`/);
    expect(renamed("fn f▮() -> Int { 1 }\nfn g() -> Int { f() }", "g")).toMatch(/declared twice|already means/);
  });

  test("is refused for words that cannot be this name, and for names that are not ours", () => {
    expect(renamed("fn f▮() -> Int { 1 }", "F")).toMatch(/expected a word in small letters/);
    expect(renamed("fn f▮() -> Int { 1 }", "let")).toMatch(/cannot be a name/);
    expect(renamed("fn f(x: List<Int>) -> Int { list.fil▮ter(x, fn(y) { true }) }", "total")).toMatch(
      /not declared in these files/,
    );
    expect(renamed("fn f() -> Int { 1▮ }", "x")).toBe("there is no name here");
  });
});

describe("completion", () => {
  const labels = (text: string): string[] => {
    const { analysis, at } = only(text);
    return complete(analysis, "a.tel", at).map(({ label }) => label);
  };

  test.each([
    [
      "locals, functions and the library",
      "fn twice(x: Int) -> Int { let y = x; ▮ }",
      ["y", "x", "twice", "list", "Some", "match"],
    ],
    ["functions of a module", "fn f(x: List<Int>) -> Int { list.▮ }", ["map", "filter", "sortBy"]],
    ["fields of a record", "type P(a: Int, b: Int)\nfn f(p: P) -> Int { p.▮ }", ["a", "b"]],
    ["fields of what a call gives", "type P(a: Int)\nfn g() -> P { P(1) }\nfn f() -> Int { g().▮ }", ["a"]],
    ["fields of state", "program A { state { count: Int = 0 }\n entry e() -> Int { state.▮ } }", ["count"]],
    ["entries of a program", 'program A { entry e() -> Int { 1 } }\ntest "a" { A.▮ }', ["e"]],
    ["labels of a call", "type P(left: Int, right: Int)\nfn f() -> P { P(left: 1, ▮) }", ["right:"]],
    ["types", "fn f(a: ▮", ["Int", "List", "Decimal"]],
    ["types of a result", "type P(a: Int)\nfn f() -> ▮", ["P", "Int"]],
    ["effects", "fn f() uses Observe, ▮", ["Act", "Clock"]],
    ["modules", "use ▮", ["list", "timelines"]],
    ["names of a module", "use list (▮)", ["map", "filter"]],
    ["declarations", "fn f() -> Int { 1 }\n▮", ["fn", "type", "program"]],
    ["clauses", "program A {\n  ▮\n}", ["state", "entry", "on"]],
  ])("offers %s", (_, text, expected) => expect(labels(text)).toEqual(expect.arrayContaining(expected)));

  test.each([
    ["a comment", "fn f() -> Int { 1 } // so▮"],
    ["a text", 'fn f() -> Text { "so▮" }'],
    ["a number", "fn f() -> Int { 12▮ }"],
  ])("offers nothing inside %s", (_, text) => expect(labels(text)).toEqual([]));

  test("offers only fields after the dot of a record", () => {
    expect(labels("type P(a: Int, b: Int)\nfn f(p: P) -> Int { p.▮ }")).toEqual(["a", "b"]);
  });

  test("writes the `use` for a name of another module", () => {
    const { text, at } = marked("module user\nuse other (one)\nfn f() -> Int { tw▮ }");
    const other = { path: "other.tel", text: "module other\nfn one() -> Int { 1 }\nfn twice(x: Int) -> Int { x }\n" };
    const analysis = analyse([{ path: "a.tel", text }, other]);
    const [found] = complete(analysis, "a.tel", at).filter(({ label }) => label === "twice");
    expect(found!.more.map(({ text: inserted }) => inserted)).toEqual([", twice"]);
  });
});

describe("actions", () => {
  const titles = (text: string): string[] => {
    const { analysis, at } = only(text);
    return actions(analysis, "a.tel", { start: at, end: at }).map(({ title }) => title);
  };

  test("insert a missing `!` and `uses`", () => {
    expect(titles("fn f() -> Instant uses Clock { now▮() }")).toContain("insert the `!`");
    expect(titles("fn f() -> Instant { no▮w!() }")).toContain("declare `uses Clock`");
  });

  test("import a name of another module", () => {
    const { text, at } = marked("module user\nfn f() -> Int { twi▮ce(1) }");
    const other = { path: "other.tel", text: "module other\nfn twice(x: Int) -> Int { x }\n" };
    const analysis = analyse([{ path: "a.tel", text }, other]);
    const found = actions(analysis, "a.tel", { start: at, end: at }).find(({ title }) => title.includes("other"));
    const { span, text: inserted } = found!.edits[0]!;
    const edited = text.slice(0, span.start) + inserted + text.slice(span.end);
    expect(analyse([{ path: "a.tel", text: edited }, other]).checked.problems).toEqual([]);
  });
});

describe("a migration", () => {
  /** The program with its migration from `before` written into it, or from an unknown version. */
  const migrated = (before: string | undefined, now: string): string => {
    const analysis = analyse([{ path: "a.tel", text: now }]);
    const earlier = {
      version: "1.0.0",
      analysis: before === undefined ? undefined : analyse([{ path: "old.tel", text: before }]),
    };
    const edit = migration(analysis, "a.tel", "A", "1.1.0", earlier)!;
    return now.slice(0, edit.span.start) + edit.text + now.slice(edit.span.end);
  };
  const body = (text: string): string[] =>
    text
      .slice(text.indexOf("migration"))
      .split("\n")
      .map((line) => line.trim());

  test("takes every field over where the earlier version is not known, and checks", () => {
    const text = migrated(
      undefined,
      "program A {\n  state {\n    count: Int = 0\n    names: List<Text> = []\n  }\n}\n",
    );
    expect(body(text)[0]).toBe("migration 1.0.0 -> 1.1.0 (old) { State(count: old.count, names: old.names) }");
    const after = analyse([{ path: "a.tel", text }]);
    expect(after.checked.problems).toEqual([]);
    expect(formatted(after, "a.tel")).toBe(text);
  });

  test("says what has changed, what is new and what is gone, and guesses nothing", () => {
    const before =
      "type P(x: Int)\nprogram A { state { price: Decimal = 1; risk: Map<Text, Decimal> = [:]; p: P = P(1) } }";
    const now = `type P(x: Int, y: Int)

program A {
  state {
    oraclePrice: Decimal = 1
    risk: Decimal = 0.05
    p: P = P(1, 2)
  }
}
`;
    const text = migrated(before, now);
    expect(body(text).slice(0, -2)).toEqual([
      "migration 1.0.0 -> 1.1.0 (old) {",
      "// `oraclePrice` is new: it gets its first value, or `oraclePrice: old.price`.",
      "// `risk` was a Map<Text, Decimal>; make a Decimal of it.",
      "// `p`: the declaration of P has changed; make the new one from old.p.",
      "// `price`, a Decimal, is gone.",
      "State(risk: old.risk, p: old.p)",
      "}",
    ]);
    const after = analyse([{ path: "a.tel", text }]);
    expect(after.checked.problems).toEqual([]);
    expect(formatted(after, "a.tel")).toBe(text);
  });

  test("of many fields has a line for each", () => {
    const fields = Array.from({ length: 12 }, (_, i) => `    aFieldWithALongName${i}: Int = ${i}`).join("\n");
    const text = migrated(undefined, `program A {\n  state {\n${fields}\n  }\n}\n`);
    const after = analyse([{ path: "a.tel", text }]);
    expect(after.checked.problems).toEqual([]);
    expect(formatted(after, "a.tel")).toBe(text);
  });

  test("leaves a field without a first value to the writer: the checker asks for it", () => {
    const text = migrated(
      "program A { state { a: Int = 1 } }",
      "program A {\n  state {\n    a: Int = 1\n    b: Int\n  }\n}\n",
    );
    expect(text).toContain("// `b` is new: give it a value.");
    const [problem] = analyse([{ path: "a.tel", text }]).checked.problems;
    expect(problem?.message).toContain("`State` takes 2 arguments, and 1 is given");
  });

  test("is offered on a state and a program's name, once", () => {
    const text = "program A {\n  state { n: Int = 0 }\n  entry f() -> Int { 1 }\n}\n";
    const offer = (source: string, part: string) => {
      const at = source.indexOf(part);
      return migrationOffer(analyse([{ path: "a.tel", text: source }]), "a.tel", { start: at, end: at }, "1.1.0");
    };
    expect(offer(text, "n: Int")).toBe("A");
    expect(offer(text, "A {")).toBe("A");
    expect(offer(text, "f()")).toBeUndefined();
    expect(offer(migrated(undefined, text), "n: Int")).toBeUndefined();
  });
});

describe("the rest", () => {
  test("inlay hints tell inferred types and rows", () => {
    const text = "fn f(xs: List<Int>) -> List<Instant> uses Clock {\n  let y = 1\n  list.map!(xs, fn(x) { now!() })\n}";
    const { analysis } = only(text);
    const found = inlays(analysis, "a.tel", { start: 0, end: text.length }).map((one) => one.text);
    expect(found).toEqual([": Int", ": Int", "uses Clock "]);
  });

  test("semantic tokens tell what each name is", () => {
    const { analysis } = only("type P(a: Int)\nfn f(p: P) -> Instant uses Clock { now!() }");
    const { text } = analysis.sources.get("a.tel")!;
    const found = semanticTokens(analysis, "a.tel").map(
      ({ span, type, modifiers }) => `${text.slice(span.start, span.end)} ${[type, ...modifiers].join(" ")}`,
    );
    expect(found).toEqual([
      "P type declaration",
      "a property declaration",
      "Int type defaultLibrary",
      "f function declaration",
      "p parameter declaration",
      "P type",
      "Instant type defaultLibrary",
      "Clock interface defaultLibrary",
      "now function defaultLibrary effect",
    ]);
  });

  test("lenses offer to run tests, and tell what is cached by the test's hash", () => {
    const { analysis } = only(quotes);
    const plain = lenses(analysis, "a.tel").map(({ title }) => title);
    expect(plain).toContain("run test");
    const hash = analysis.hashOf("test nothing is held");
    expect(hash).toBeDefined();
    const cached = lenses(analysis, "a.tel", (one) => (one === hash ? "passed" : undefined)).map(({ title }) => title);
    expect(cached).toContain("✓ cached · run test");
  });

  test("lenses count uses", () => {
    const { analysis } = only("fn f() -> Int { 1 }\nfn g() -> Int { f() + f() }");
    expect(lenses(analysis, "a.tel").map(({ title }) => title)).toEqual(["2 uses", "0 uses"]);
  });

  test("the outline has programs with their clauses", () => {
    const { analysis } = only("program A {\n  state { a: Int = 0 }\n  entry b() { state.a = 1 }\n}\ntype T = U | V");
    const names = (items: ReturnType<typeof outline>): unknown[] =>
      items.map(({ name, children }) => (children.length === 0 ? name : [name, names(children)]));
    expect(names(outline(analysis, "a.tel"))).toEqual([
      ["A", [["state", ["a"]], "b"]],
      ["T", ["U", "V"]],
    ]);
  });

  test("blocks, runs of comments and of `use` fold", () => {
    const text =
      "// one\n// two\nuse list\nuse map\n\n/// doc\n/// more\nfn f() -> Int {\n  match 1 {\n    _ => 2\n  }\n}\n";
    const { analysis } = only(text);
    const lines = folds(analysis, "a.tel").map(({ span, kind }) => {
      const line = (offset: number): number => text.slice(0, offset).split("\n").length;
      return `${kind} ${line(span.start)}-${line(span.end)}`;
    });
    expect(lines).toEqual(["comment 1-2", "imports 3-4", "comment 6-7", "code 8-12", "code 9-11"]);
  });

  test("signature help tells the parameter that is being written", () => {
    const { analysis, at } = only("fn f(a: Int, b: Map<Text, Int>) -> Int { a }\nfn g() -> Int { f(1, ▮) }");
    expect(signatureHelp(analysis, "a.tel", at)).toMatchObject({
      parameters: ["a: Int", "b: Map<Text, Int>"],
      active: 1,
    });
  });

  test("formatting a file with problems changes nothing", () => {
    expect(formatted(only("fn f( { 1 }").analysis, "a.tel")).toBeUndefined();
    expect(formatted(only("fn f( ) {1}").analysis, "a.tel")).toBe("fn f() { 1 }\n");
  });
});

test("every feature answers at every place of half-written samples", () => {
  const samples = readdirSync("test/programs/samples").map((name) =>
    readFileSync(`test/programs/samples/${name}`, "utf8"),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(12),
      (text, place, cut) => {
        const at = Math.floor(place * text.length);
        const broken = text.slice(0, at) + text.slice(at + cut);
        const analysis = analyse([{ path: "a.tel", text: broken }]);
        hover(analysis, "a.tel", at);
        complete(analysis, "a.tel", at);
        signatureHelp(analysis, "a.tel", at);
        definition(analysis, "a.tel", at);
        actions(analysis, "a.tel", { start: 0, end: broken.length });
        lenses(analysis, "a.tel");
        outline(analysis, "a.tel");
        folds(analysis, "a.tel");
        for (const { span } of semanticTokens(analysis, "a.tel")) expect(span.end).toBeLessThanOrEqual(broken.length);
        for (const { offset } of inlays(analysis, "a.tel", { start: 0, end: broken.length }))
          expect(offset).toBeLessThanOrEqual(broken.length);
      },
    ),
    { numRuns: 60 },
  );
});

describe("over edits", () => {
  const base = `module base
type Money(amount: Decimal)
fn twice(x: Int) -> Int { x * 2 }
fn even(n: Int) -> Bool { if n == 0 { true } else { odd(n - 1) } }
fn odd(n: Int) -> Bool { if n == 0 { false } else { even(n - 1) } }
`;
  const shop = `module shop
use base (Money, twice, odd)
type Item(price: Money)
fn cost(item: Item) -> Decimal { item.price.amount }
fn four() -> Int { twice(x: 2) }
fn isOdd() -> Bool { odd(3) }
test "four" { assert four() == 4 }
`;
  const main =
    "use shop (Item, cost)\nuse base (Money)\nfn all(items: List<Item>) -> Decimal { cost(items[0]) }\nfn one() -> Money { Money(amount: 1) }\n";
  /** Each a text of a file and what takes its place. */
  const edits = [
    ["base.tel", "x * 2", "x * 3"],
    ["base.tel", "module base", "// A line.\nmodule base"],
    ["base.tel", "fn twice(x: Int)", "fn twice(x: Int, y: Int = 1)"],
    ["base.tel", "amount: Decimal", 'amount: Decimal, currency: Text = ""'],
    ["base.tel", "{ false }", "{ nothing }"],
    ["base.tel", "twice", "double"],
    ["base.tel", "n == 0 { true", "n <= 0 { true"],
    ["shop.tel", "four() -> Int { twice(x: 2) }", "four() -> Int { twice(x: 1 + 1) }"],
    ["shop.tel", "type Item", "\n\ntype Item"],
    ["shop.tel", "price: Money", 'price: Money, name: Text = ""'],
    ["shop.tel", "item.price.amount", "item.price."],
    ["main.tel", "cost(items[0])", "1 + cost(items[0])"],
    ["main.tel", "use shop", "// Another.\nuse shop"],
  ] as const;

  test("an analyser tells the same places and hashes as a new one", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(edits.length - 1), { maxLength: 8 }), (chosen) => {
        const texts = new Map<string, string>([
          ["base.tel", base],
          ["shop.tel", shop],
          ["main.tel", main],
        ]);
        const kept = analyser();
        const sources = () => [...texts].map(([path, text]) => ({ path, text }));
        compare(kept(sources()), analyse(sources()));
        for (const index of chosen) {
          const [file, from, to] = edits[index]!;
          const text = texts.get(file)!;
          // Said twice, an edit is taken back.
          texts.set(file, text.includes(to) ? text.replace(to, from) : text.replace(from, to));
          compare(kept(sources()), analyse(sources()));
        }
      }),
      // The first: what leans on an edited definition by way of another one is another one too.
      { numRuns: 15, examples: [[[0]]] },
    );
  });

  function compare(kept: Analysis, fresh: Analysis): void {
    for (const name of fresh.checked.typed.functions.keys())
      expect([name, kept.hashOf(name)]).toEqual([name, fresh.hashOf(name)]);
    for (const { path, text } of fresh.sources.values()) {
      for (const { index } of text.matchAll(/\w+/g)) {
        expect(references(kept, path, index, true)).toEqual(references(fresh, path, index, true));
        expect(definition(kept, path, index)).toEqual(definition(fresh, path, index));
      }
    }
  }
});
