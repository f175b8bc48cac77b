import { describe, expect, test } from "vitest";
import {
  addressUnit,
  type CodebaseTransaction,
  codeRepository,
  dependencyResolver,
  Meta,
  NameRegistry,
  type Note,
  putUnit,
  showResolutionError,
} from "../../src/code/index.ts";
import { ContentHash, encode, encodeValue, link } from "../../src/content/index.ts";
import { Core } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

const call = (name: string, ...given: Core.Atom[]): Core.Expression => ({
  kind: "call",
  reference: Core.symbol(name),
  arguments: given,
});
const fn = (name: string, body: Core.Expression, more: Partial<Core.Definition> = {}): Core.Definition => ({
  name,
  kind: "function",
  parameters: 0,
  captured: 0,
  locals: 0,
  body,
  signature: undefined,
  localNames: [],
  doc: undefined,
  ...more,
});
const one: Core.Expression = { kind: "atom", atom: Core.literal(1) };
const unit = (...definitions: Core.Definition[]): Core.Unit => ({ definitions, types: [], outside: [], programs: [] });

let clock = 0;
const note = (reason = "add"): Note => ({ author: "ann", time: ++clock, reason });

/** Adds a unit and points its names at it, as one step. */
function add(tx: CodebaseTransaction, core: Core.Unit, why = "add"): void {
  const addressed = addressUnit(core);
  const step = note(why);
  putUnit(tx, addressed, step);
  for (const [name, hash] of addressed.definitions) {
    const done = NameRegistry.set(tx, name, hash, tx.name(name), step);
    if (!done.ok) throw new Error(JSON.stringify(done.error));
  }
}

async function codebase(...units: Core.Unit[]) {
  const store = openMemoryStore();
  for (const core of units) await store.write((tx) => add(tx, core));
  return store;
}

describe("the code repository", () => {
  test("gives what was put, the dependents of a definition, and what is told beside it", async () => {
    const store = await codebase(unit(fn("m.one", one, { doc: "The first." }), fn("m.two", call("m.one"))));
    const repository = codeRepository(store);
    const [first, second] = [store.name("m.one")!, store.name("m.two")!];
    expect(repository.has(first)).toBe(true);
    expect(repository.get(first)).toMatchObject({ ok: true, value: { hash: first, form: "definition", links: [] } });
    expect(repository.get(second)).toMatchObject({ ok: true, value: { links: [first] } });
    expect(repository.dependents(first)).toEqual([second]);
    expect(repository.meta(first)).toEqual({
      definition: first,
      entries: [{ name: "m.one", localNames: [], doc: "The first.", source: undefined }],
    });
  });

  test("putting the same unit again writes nothing", async () => {
    const core = unit(fn("m.one", one), fn("m.two", call("m.one")));
    const store = await codebase(core);
    const before = store.blockSizes(undefined, 100);
    expect(await store.write((tx) => putUnit(tx, addressUnit(core), note()))).toEqual([]);
    expect(store.blockSizes(undefined, 100)).toEqual(before);
  });

  test("words of two names for the same definition are kept side by side", async () => {
    const store = await codebase(unit(fn("m.one", one, { doc: "One." })), unit(fn("n.uno", one, { doc: "Uno." })));
    const meta = codeRepository(store).meta(store.name("m.one")!)!;
    expect(meta.entries.map((entry) => [entry.name, entry.doc])).toEqual([
      ["m.one", "One."],
      ["n.uno", "Uno."],
    ]);
    expect(NameRegistry.namesOf(store, store.name("m.one")!)).toEqual(["m.one", "n.uno"]);
  });

  test("what is told beside can be written and read, and nothing else is read", () => {
    const meta: Meta.Meta = {
      definition: ContentHash.of(encodeValue(1)),
      entries: [
        {
          name: "m.f",
          localNames: ["a", ""],
          doc: "Words.",
          source: {
            file: "m.tel",
            start: 3,
            parts: ["fn f() { ", { hash: ContentHash.of(encodeValue(2)), name: "g" }, "() }"],
            timelines: ["ethereum"],
            companions: [["interface I = …"]],
          },
        },
        { name: "m.g", localNames: [], doc: undefined, source: undefined },
      ],
    };
    expect(Meta.decode(Meta.encode(meta))).toEqual({ ok: true, value: meta });
    const definition = link(meta.definition);
    for (const wrong of [
      [1, 1, definition, []],
      [4, 2, definition, []],
      [4, 1, "x", []],
      [4, 1, definition, [["m.f", [], null]]],
      [4, 1, definition, [["m.f", [1], null, null]]],
      // What would play with a terminal.
      [4, 1, definition, [["m.f\u001b[2J", [], null, null]]],
      [4, 1, definition, [["m.f", ["\u202e"], null, null]]],
      [4, 1, definition, [["m.f", [], "\u0007", null]]],
      [4, 1, definition, [["m.f", [], null, ["f", 0, ["\u009b"], [], []]]]],
      [4, 1, definition, [["m.f", [], 1, null]]],
      [4, 1, definition, [["m.f", [], null, ["f", -1, []]]]],
      [4, 1, definition, [["m.f", [], null, ["f", 0, [[definition]], [], []]]]],
      [4, 1, definition, [["m.f", [], null, ["f", 0, [], [1], []]]]],
      [4, 1, definition, [["m.f", [], null, ["f", 0, [], [], [1]]]]],
      [
        4,
        1,
        definition,
        [
          ["b", [], null, null],
          ["a", [], null, null],
        ],
      ],
    ])
      expect(Meta.decode(encode(wrong))).toMatchObject({ ok: false, error: { kind: "InvalidMeta" } });
  });
});

describe("the name registry", () => {
  test("sets a name where it stands as expected, and else tells both values", async () => {
    const store = await codebase(unit(fn("m.one", one)));
    const hash = store.name("m.one")!;
    const other = ContentHash.of(encodeValue("other"));
    const done = await store.write((tx) => NameRegistry.set(tx, "m.one", other, undefined, note()));
    expect(done).toEqual({ ok: false, error: { kind: "NameMoved", name: "m.one", expected: undefined, got: hash } });
  });

  test("renames without writing code, takes the names below along, and lets them be found by hash", async () => {
    const store = await codebase(unit(fn("m.p", one), fn("m.p.go", call("m.p")), fn("m.pair", call("m.p.go"))));
    const [p, go] = [store.name("m.p")!, store.name("m.p.go")!];
    const code = () => store.blockSizes(undefined, 100).filter(([hash]) => codeRepository(store).get(hash).ok).length;
    const before = code();
    const moved = await store.write((tx) => NameRegistry.rename(tx, "m.p", "n.q", note("rename")));
    expect(moved).toEqual({
      ok: true,
      value: [
        ["m.p", "n.q"],
        ["m.p.go", "n.q.go"],
      ],
    });
    expect(NameRegistry.list(store).map(([name]) => name)).toEqual(["m.pair", "n.q", "n.q.go"]);
    expect(code()).toBe(before);
    expect(NameRegistry.namesOf(store, go)).toEqual(["n.q.go"]);
    expect(store.name("n.q")).toBe(p);
  });

  test("refuses to rename what is not there, to a taken name, or to what is no name", async () => {
    const store = await codebase(unit(fn("m.one", one), fn("m.two", call("m.one"))));
    const rename = (from: string, to: string) => store.write((tx) => NameRegistry.rename(tx, from, to, note()));
    expect(await rename("m.onne", "x")).toMatchObject({
      ok: false,
      error: { kind: "UnknownName", suggestion: "m.one" },
    });
    expect(await rename("one", "x")).toMatchObject({ ok: false, error: { suggestion: "m.one" } });
    expect(await rename("m.one", "m.two")).toMatchObject({
      ok: false,
      error: { kind: "NameTaken", got: store.name("m.two") },
    });
    for (const bad of ["", "1a", "a..b", "a b", "meta:x", "a.", "x".repeat(300)])
      expect(await rename("m.one", bad)).toMatchObject({ ok: false, error: { kind: "InvalidName" } });
    expect(store.nameHistory("m.one")).toHaveLength(1);
  });

  test("refuses a name that would say something else than the code", async () => {
    const fact: Core.OutsideDefinition = {
      kind: "fact",
      name: "m.PriceOf",
      parameters: [],
      result: { kind: "builtin", name: "Decimal", arguments: [] },
      doc: undefined,
    };
    const store = await codebase({ ...unit(fn("m.one", one), fn("m.P", one), fn("m.P.go", one)), outside: [fact] });
    const rename = (from: string, to: string) => store.write((tx) => NameRegistry.rename(tx, from, to, note()));
    for (const [from, to] of [
      ["m.one", "m.One"],
      ["m.one", "m.match"],
      ["m.one", "M.one"],
      ["m.PriceOf", "m.CostOf"],
      ["m.P.go", "m.P.went"],
      ["m.P.go", "m.go2"],
    ] as const) {
      const done = await rename(from, to);
      expect([to, done.ok ? "renamed" : done.error.kind]).toEqual([to, "NameFixed"]);
      expect(!done.ok && NameRegistry.showNameError(done.error)).toMatch(/cannot be renamed so/);
    }
    expect(await rename("m.PriceOf", "prices.PriceOf")).toMatchObject({ ok: true });
  });

  test("deletes with a tombstone, remembers as of then, and undoes in turn", async () => {
    const store = await codebase(unit(fn("m.one", one)), unit(fn("m.one", { kind: "atom", atom: Core.literal(2) })));
    const second = store.name("m.one")!;
    const first = NameRegistry.at(store, "m.one", 1)!;
    expect(first).not.toBe(second);
    await store.write((tx) => NameRegistry.remove(tx, "m.one", note("delete")));
    expect(store.name("m.one")).toBeUndefined();
    const undo = () => store.write((tx) => NameRegistry.undo(tx, { author: "ann", time: ++clock }));
    expect(await undo()).toMatchObject({ ok: true, value: { note: { reason: "delete" } } });
    expect(store.name("m.one")).toBe(second);
    await undo();
    expect(store.name("m.one")).toBe(first);
    await undo();
    expect(store.name("m.one")).toBeUndefined();
    expect(await undo()).toEqual({ ok: false, error: { kind: "NothingToUndo" } });
    // A change after an undo is undone before what came before the undo.
    await store.write((tx) => add(tx, unit(fn("m.three", one))));
    expect(await undo()).toMatchObject({ ok: true });
    expect(await undo()).toEqual({ ok: false, error: { kind: "NothingToUndo" } });
  });

  test("undo leaves marks that are no names of definitions alone", async () => {
    const store = await codebase(unit(fn("m.one", one)));
    const mark = ContentHash.of(encodeValue("passed"));
    await store.write((tx) => tx.setName("passed:x", undefined, mark, note("test passed")));
    await store.write((tx) => NameRegistry.undo(tx, { author: "ann", time: ++clock }));
    expect(store.name("m.one")).toBeUndefined();
    expect(store.name("passed:x")).toBe(mark);
  });

  test("undo restores what was told beside a definition", async () => {
    const documented = (doc: string) => unit(fn("m.one", one, { doc }));
    const store = await codebase(documented("Old words."), documented("New words."));
    const doc = () => codeRepository(store).meta(store.name("m.one")!)!.entries[0]!.doc;
    expect(doc()).toBe("New words.");
    await store.write((tx) => NameRegistry.undo(tx, { author: "ann", time: ++clock }));
    expect(doc()).toBe("Old words.");
  });

  test("history groups what was changed together, newest first", async () => {
    const store = await codebase(unit(fn("m.a", one), fn("m.b", call("m.a"))), unit(fn("m.c", one)));
    const steps = NameRegistry.history(store);
    expect(steps.map((step) => step.changes.map((change) => change.name))).toEqual([["m.c"], ["m.a", "m.b"]]);
    expect(NameRegistry.history(store, "m.b").map((step) => step.changes.length)).toEqual([1]);
  });

  test("a step of the same moment is not taken for the same step", async () => {
    const store = await codebase(unit(fn("m.a", one)));
    const last = store.nameHistory(undefined, 1)[0]!;
    const same = { author: last.author, time: last.time, reason: last.reason };
    expect(NameRegistry.freshNote(store, same).time).toBe(last.time + 1);
  });

  test("diverged histories merge by fast-forward, and else to candidates", () => {
    const [a, b, c] = ["a", "b", "c"].map((text) => ContentHash.of(encodeValue(text))) as [
      ContentHash.ContentHash,
      ContentHash.ContentHash,
      ContentHash.ContentHash,
    ];
    const changes = (...values: (readonly [string, ContentHash.ContentHash | undefined])[]) =>
      values.map(([name, next], sequence) => ({ sequence, name, old: undefined, new: next, ...note() }));
    const merged = NameRegistry.merge(
      changes(
        ["same", a],
        ["ours", a],
        ["ours", b],
        ["theirs", a],
        ["both", a],
        ["both", b],
        ["gone", a],
        ["alike", b],
      ),
      changes(
        ["same", a],
        ["ours", a],
        ["theirs", a],
        ["theirs", c],
        ["both", a],
        ["both", c],
        ["gone", a],
        ["gone", undefined],
        ["alike", c],
        ["alike", b],
        ["new", c],
      ),
    );
    expect(Object.fromEntries(merged)).toEqual({
      same: { kind: "same", hash: a },
      ours: { kind: "ours", hash: b },
      theirs: { kind: "theirs", hash: c },
      both: { kind: "conflict", base: a, candidates: [b, c] },
      gone: { kind: "theirs", hash: undefined },
      alike: { kind: "same", hash: b },
      new: { kind: "theirs", hash: c },
    });
  });
});

describe("the dependency resolver", () => {
  const diamond = unit(
    fn("m.base", one),
    fn("m.left", { kind: "let", local: 0, value: one, body: call("m.base") }),
    fn("m.right", call("m.base")),
    fn("m.top", { kind: "let", local: 0, value: call("m.left"), body: call("m.right") }),
  );

  test("lists each definition once, after those it depends on", async () => {
    const store = await codebase(diamond);
    const resolver = dependencyResolver(store);
    const top = resolver.resolveByName("m.top");
    if (!top.ok) throw new Error("unresolved");
    const all = resolver.resolveTransitive(top.value.hash);
    expect(all.ok && all.value.map((code) => code.hash)).toEqual(
      ["m.base", "m.left", "m.right", "m.top"].map((name) => store.name(name)),
    );
    expect(resolver.resolveByHash(store.name("m.left")!)).toMatchObject({ ok: true });
  });

  test("lists members of a group that depend on each other", async () => {
    const store = await codebase(
      unit(fn("m.even", call("m.odd")), fn("m.odd", { kind: "let", local: 0, value: one, body: call("m.even") })),
    );
    const all = dependencyResolver(store).resolveTransitive(store.name("m.even")!);
    expect(all.ok && new Set(all.value.map((code) => code.hash))).toEqual(
      new Set([store.name("m.even"), store.name("m.odd")]),
    );
  });

  test("names what is unknown and what is missing, and who needs it", async () => {
    const store = await codebase(diamond);
    const resolver = dependencyResolver(store);
    const unknown = resolver.resolveByName("m.tip");
    expect(unknown).toEqual({ ok: false, error: { kind: "UnknownName", name: "m.tip", suggestion: "m.top" } });
    expect(!unknown.ok && showResolutionError(unknown.error)).toBe(
      "there is no definition named m.tip; did you mean m.top?",
    );
    const base = store.name("m.base")!;
    await store.write((tx) => tx.remove(base));
    expect(dependencyResolver(store).resolveTransitive(store.name("m.top")!)).toEqual({
      ok: false,
      error: { kind: "MissingBlock", hash: base, neededBy: store.name("m.left") },
    });
  });

  test("stops at its budget of definitions and of depth", async () => {
    const chain = Array.from({ length: 50 }, (_, i) => fn(`m.f${i}`, i === 0 ? one : call(`m.f${i - 1}`)));
    const store = await codebase(unit(...chain));
    const top = store.name("m.f49")!;
    const within = (definitionsMax: number, depthMax: number) =>
      dependencyResolver(store, codeRepository(store), { definitionsMax, depthMax }).resolveTransitive(top);
    expect(within(50, 50).ok).toBe(true);
    expect(within(49, 50)).toEqual({ ok: false, error: { kind: "OverBudget", what: "definitions", limit: 49 } });
    expect(within(50, 49)).toEqual({ ok: false, error: { kind: "OverBudget", what: "depth", limit: 49 } });
  });

  test("refuses code that mentions another definition as what it is not", async () => {
    const target = addressUnit(unit(fn("m.one", one))).definitions.get("m.one")!;
    const to: Core.Reference = { kind: "hash", hash: target };
    const wrong: readonly (readonly [Core.Expression, string])[] = [
      [{ kind: "call", reference: to, arguments: [Core.literal(1)] }, "calls with 1 arguments what takes 0"],
      [{ kind: "closure", reference: to, captured: [] }, "makes a closure of what is no lambda"],
      [{ kind: "entry", program: to, entry: "go", arguments: [] }, "calls entry go of what is no program"],
    ];
    for (const [body, reason] of wrong) {
      const store = await codebase(unit(fn("m.one", one)), unit(fn("m.bad", body)));
      const bad = store.name("m.bad")!;
      expect(dependencyResolver(store).resolveTransitive(bad)).toEqual({
        ok: false,
        error: { kind: "WrongMention", in: bad, of: target, reason },
      });
    }
  });
});
