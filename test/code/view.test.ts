import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressUnit,
  applyAdd,
  type CodebaseReads,
  moduleFile,
  moduleOf,
  NameRegistry,
  outdated,
  planAdd,
  view,
  written,
} from "../../src/code/index.ts";
import { check, type Source } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

let clock = 0;
const note = (reason: string) => ({ author: "ann", time: ++clock, reason });

function addressed(sources: readonly Source[]) {
  const checked = check(sources);
  const errors = checked.problems.filter((problem) => problem.severity === "error");
  if (checked.unit === undefined) throw new Error(errors.map((one) => `${one.file}: ${one.message}`).join("\n"));
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  return { unit: addressUnit(checked.unit, { source: written(checked, texts) }) };
}

async function codebase(...steps: readonly (readonly Source[])[]) {
  const store = openMemoryStore();
  for (const sources of steps) {
    const { unit } = addressed(sources);
    await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), note("add")));
  }
  return store;
}

/** Every module of the codebase printed and checked again: names and addresses must be the same. */
function reprinted(store: CodebaseReads): readonly Source[] {
  const modules = new Set(NameRegistry.list(store).map(([name]) => moduleOf(name)));
  return [...modules].flatMap((module) => {
    const text = moduleFile(store, module);
    return text === undefined ? [] : [{ path: `${module === "" ? "main" : module}.tel`, text }];
  });
}

const source = (path: string, text: string): Source => ({ path, text });
const example = (folder: string) =>
  ["math.tel", "arb.tel"].map((file) =>
    source(file, readFileSync(join(import.meta.dirname, "../../examples", folder, file), "utf8")),
  );

const math = source(
  "math.tel",
  `module shop.math
/// A price with its currency.
type Price(amount: Decimal, currency: Text)
type Size = Small | Big(by: Int)

/// Twice as much.
fn double(price: Price) -> Price {
  // the comment stays
  Price(amount: price.amount * 2, currency: price.currency)
}
fn grow(size: Size) -> Size { match size { Small => Big(1); Big(by) => Big(by + 1) } }
`,
);
const shop = source(
  "shop.tel",
  `module shop.main
use shop.math
use shop.math (Price, Size, double)
fn four(price: Price) -> Price { double(math.double(price)) }
fn start() -> Size { math.grow(Small) }
test "doubles" { assert four(Price(1, "EUR")) == Price(4, "EUR") }
`,
);

describe("text from the codebase", () => {
  for (const folder of ["cross-chain-arb", "cross-chain-arb-1.3.0"]) {
    test(`of examples/${folder}, checked again, has the same addresses`, async () => {
      const store = await codebase(example(folder));
      const again = addressed(reprinted(store)).unit.definitions;
      for (const [name, hash] of NameRegistry.list(store)) expect([name, again.get(name)]).toEqual([name, hash]);
    });
  }

  test("shows a declaration as it was written, with its doc and comments", async () => {
    const store = await codebase([math, shop]);
    expect(view(store, store.name("shop.math.double")!)).toMatchObject({
      name: "shop.math.double",
      isSource: true,
      text: `/// Twice as much.
fn double(price: Price) -> Price {
  // the comment stays
  Price(amount: price.amount * 2, currency: price.currency)
}`,
    });
  });

  test("follows renames of what it declares and of what it mentions, and keeps its addresses", async () => {
    const store = await codebase([math, shop]);
    const before = new Map(NameRegistry.list(store));
    const rename = (from: string, to: string) =>
      store.write((tx) => NameRegistry.rename(tx, from, to, NameRegistry.freshNote(tx, note("rename"))));
    expect(await rename("shop.math.double", "shop.math.twice")).toMatchObject({ ok: true });
    expect(await rename("shop.math.Price", "shop.money.Amount")).toMatchObject({ ok: true });
    expect(view(store, store.name("shop.main.four")!)!.text).toBe(
      "fn four(price: Amount) -> Amount { twice(twice(price)) }",
    );
    expect(view(store, store.name("shop.math.twice")!)!.text).toContain("fn twice(price: Amount) -> Amount {");
    expect(view(store, store.name("shop.money.Amount")!)!.text).toContain("type Amount(amount: Decimal");
    const again = addressed(reprinted(store)).unit.definitions;
    expect(again.get("shop.math.twice")).toBe(before.get("shop.math.double"));
    expect(again.get("shop.money.Amount")).toBe(before.get("shop.math.Price"));
    expect(again.get("shop.main.four")).toBe(before.get("shop.main.four"));
    expect(again.get("shop.main.test doubles")).toBe(before.get("shop.main.test doubles"));
  });

  const commented = source(
    "tax.tel",
    `//// All about taxes.
// Copyright Ann
module tax // the module
// the imports
use shop.math (
  // a price
  Price
) // of the shop
use shop.math // all of it

// ---- rates ----

// Checked by Bob.
// Twice.
/// The rate.
fn rate() -> Decimal { 0.2 } // in percent

// ---- prices ----

fn taxed(price: Price) -> Price {
  // inside
  Price(amount: price.amount * (1 + rate()), currency: price.currency) // and here
}
// asked
> rate()
fn call(who: Text) -> Bool { who == "" }

// the end
// really
`,
  );

  test("mentions a definition under the name that was written, where several names have its address", async () => {
    const sources = [
      source(
        "m.tel",
        `module m
type Near(range: Int = 1)
type Far(range: Int = 9)
fn less(a: Int, b: Int) -> Int { a - b }
fn minus(b: Int, a: Int) -> Int { b - a }
fn near() -> Int { Near().range }
fn far() -> Int { Far().range }
fn down() -> Int { less(a: 3, b: 1) }
fn up() -> Int { minus(a: 3, b: 1) }
`,
      ),
      source(
        "n.tel",
        `module n
use m (Far, minus)
fn less(b: Int, a: Int) -> Int { b - a }
type Middle(range: Int = 5)
fn up() -> Int { minus(a: 3, b: 1) * Far().range }
`,
      ),
    ];
    const store = await codebase(sources);
    const again = addressed(reprinted(store)).unit.definitions;
    for (const [name, hash] of NameRegistry.list(store)) expect([name, again.get(name)]).toEqual([name, hash]);
  });

  test("keeps what calls an interface that another module declares", async () => {
    const sources = [
      source("m.tel", "module m\ninterface Desk = #bafyx { entry ask(n: Int) -> Int }\n"),
      source(
        "n.tel",
        "module n\nuse m (Desk)\nfn asking(n: Int) -> Call<Int> { Desk.ask(n) }\nfn desk() -> Text { Desk }\n",
      ),
    ];
    const store = await codebase(sources);
    const desk = check(sources).unit!.definitions.find((one) => one.name === "n.desk")!;
    // What a manifest's [bindings] names.
    expect(desk.body).toEqual({ kind: "atom", atom: { kind: "literal", value: "Desk" } });
    const again = addressed(reprinted(store)).unit.definitions;
    for (const [name, hash] of NameRegistry.list(store)) expect([name, again.get(name)]).toEqual([name, hash]);
  });

  test("of a module has the comments between declarations, before, behind and after them", async () => {
    const store = await codebase([math, commented]);
    const text = moduleFile(store, "tax")!;
    expect(text).toBe(`//// All about taxes.
// Copyright Ann
// the module
// the imports
// a price
// of the shop
// all of it
module tax
use shop.math (Price)

// ---- rates ----

// Checked by Bob.
// Twice.
/// The rate.
fn rate() -> Decimal { 0.2 } // in percent

// ---- prices ----

fn taxed(price: Price) -> Price {
  // inside
  Price(amount: price.amount * (1 + rate()), currency: price.currency) // and here
}

// asked
fn call(who: Text) -> Bool { who == "" }

// the end
// really
`);
    const again = await codebase([math, source("tax.tel", text)]);
    expect(moduleFile(again, "tax")).toBe(text);
    expect(NameRegistry.list(again)).toEqual(NameRegistry.list(store));
  });

  test("of one definition has the comments right above it, and not those that stand by themselves", async () => {
    const store = await codebase([math, commented]);
    const shown = (name: string) => view(store, store.name(name)!, name)!.text;
    expect(shown("tax.rate")).toBe(
      "// Checked by Bob.\n// Twice.\n/// The rate.\nfn rate() -> Decimal { 0.2 } // in percent",
    );
    expect(shown("tax.taxed")).toMatch(/^fn taxed/);
    await store.write((tx) => NameRegistry.rename(tx, "tax.rate", "tax.share", note("rename")));
    expect(view(store, store.name("tax.share")!)!.text).toContain("/// The rate.\nfn share() ->");
  });

  test("keeps every comment, wherever it stands between declarations", async () => {
    const lines =
      `module m\nuse shop.math (Price)\ntype A(a: Int)\n/// Doc.\nfn f() -> Int { 1 }\nfn g() -> Int { f() }\n> f()\ntest "t" { assert true }\n`.split(
        "\n",
      );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(lines.length), gap: fc.nat(2), behind: fc.boolean() }), { maxLength: 12 }),
        async (places) => {
          const all = [...lines];
          const comments = places.map((place, i) => {
            const comment = `// comment ${i}.`;
            const at = place.at % lines.length;
            all[at] =
              place.behind && all[at] !== "" && !all[at]!.includes("//")
                ? `${all[at]} ${comment}`
                : `${comment}\n${"\n".repeat(place.gap)}${all[at]}`;
            return comment;
          });
          const text = all.join("\n");
          const store = await codebase([math, source("m.tel", text)]);
          const shown = moduleFile(store, "m")!;
          for (const comment of comments) expect([comment, shown.split(comment).length]).toEqual([comment, 2]);
          const again = await codebase([math, source("m.tel", shown)]);
          expect(NameRegistry.list(again)).toEqual(NameRegistry.list(store));
          expect(moduleFile(again, "m")).toBe(shown);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("of what nobody wrote down is Core with today's names", async () => {
    const store = openMemoryStore();
    const core = check([math, shop]).unit!;
    const unit = addressUnit(core);
    await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), note("add")));
    const shown = view(store, store.name("shop.main.four")!)!;
    expect(shown.isSource).toBe(false);
    expect(shown.text).toContain("shop.math.double(");
  });
});

describe("adding", () => {
  test("plans what is new, changed and unchanged, and applying it sets the names in one step", async () => {
    const store = await codebase([math]);
    const changed = source("math.tel", math.text.replace("* 2", "* 3"));
    const { unit } = addressed([changed, shop]);
    const plan = planAdd(store, unit);
    const by = (status: string) => plan.filter((one) => one.status === status).map((one) => one.name);
    expect(by("changed")).toEqual(["shop.math.double"]);
    expect(by("new")).toEqual(["shop.main.four", "shop.main.start", "shop.main.test doubles"]);
    expect(by("unchanged")).toEqual(["shop.math.Price", "shop.math.Size", "shop.math.grow"]);
    await store.write((tx) => applyAdd(tx, unit, plan, note("add")));
    expect(NameRegistry.history(store)[0]!.changes).toHaveLength(4);
  });

  test("names what the files declare, and not what comes with the language, lambdas and watch lines", () => {
    const text = `fn lists(all: List<Int>) -> List<Int> { list.map(all, fn(x) { x + 1 }) }
fn options() -> Int { option.or(None, 1) }
> lists([1])
`;
    const more = source("more.tel", "module list.more\nfn map() -> Int { 1 }\n");
    expect(addressed([source("lists.tel", text), more]).unit.named).toEqual(["list.more.map", "lists", "options"]);
  });

  test("a plan that another writer overtook writes nothing", async () => {
    const store = await codebase([math]);
    const { unit } = addressed([source("math.tel", math.text.replace("* 2", "* 3"))]);
    const plan = planAdd(store, unit);
    await store.write((tx) => NameRegistry.remove(tx, "shop.math.double", note("delete")));
    const before = store.blockSizes(undefined, 1000).length;
    await expect(store.write((tx) => applyAdd(tx, unit, plan, note("add")))).rejects.toMatchObject({
      name: "NameConflict",
      detail: { kind: "NameMoved", name: "shop.math.double", got: undefined },
    });
    expect(store.blockSizes(undefined, 1000)).toHaveLength(before);
  });

  test("lists what still uses an old version, most-depended-on first", async () => {
    const base = source("base.tel", "module base\nfn one() -> Int { 1 }\n");
    const mid = source("mid.tel", "module mid\nuse base (one)\nfn two() -> Int { one() + one() }\n");
    const tip = source("tip.tel", "module tip\nuse base (one)\nuse mid (two)\nfn three() -> Int { two() + one() }\n");
    const store = await codebase([base, mid, tip], [source("base.tel", base.text.replace("{ 1 }", "{ 10 }"))]);
    expect(outdated(store)).toMatchObject([
      { name: "mid.two", uses: ["base.one"], dependents: 1 },
      { name: "tip.three", uses: ["base.one"], dependents: 0 },
    ]);
  });
});
