/**
 * Random modules of all that can be declared: they check, their tests run and say the same optimised, and whatever is done
 * to them that means nothing (format, order, print from a codebase, export and import, check again) keeps every address.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addressUnit,
  applyAdd,
  type CodebaseReads,
  moduleFile,
  NameRegistry,
  pack,
  planAdd,
  putBundle,
  unpack,
  written,
} from "../../src/code/index.ts";
import { codeSource, newLibrary, runTest } from "../../src/execution/index.ts";
import { optimisedLibrary } from "../../src/execution/optimised.ts";
import { type Checked, check, checker, format, parse, type Source, type Tree } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { bindings, randomModule } from "./modules.ts";

/** More for a hunt: `MODULE_RUNS=1000 npx vitest run test/programs/modules.test.ts --testTimeout=1000000`. */
const RUNS = Number(process.env["MODULE_RUNS"] ?? 12);

const PATH = "m.tel";
const environment = { bindings };
const note = { author: "ann", time: 1, reason: "add" };

function checked(sources: readonly Source[]): Checked {
  const made = check(sources, environment);
  const errors = made.problems.filter((one) => one.severity === "error");
  expect(errors.map((one) => `${one.file}: ${one.code} ${one.message}`)).toEqual([]);
  return made;
}

/** The addresses of what has a name; watch lines are questions, numbered by their place. */
const addresses = (sources: readonly Source[]): ReadonlyMap<string, string> =>
  new Map([...addressUnit(checked(sources).unit!).definitions].filter(([name]) => !name.includes("> ")).sort());

const alone = (text: string): readonly Source[] => [{ path: PATH, text }];

/** The same, with the tests in a module of their own that imports all there is. */
function split(text: string): readonly Source[] {
  const { tree } = parse(text, PATH);
  const isTest = (item: Tree.Item) => item.kind === "test" || item.kind === "prop" || item.kind === "watch";
  const said = (items: readonly Tree.Item[]) =>
    items.map((item) => text.slice(item.span.start, item.span.end)).join("\n");
  const declared = tree.items.flatMap((item) => (isTest(item) || !("name" in item) ? [] : [item.name.text]));
  const head = `module n\nuse m (${declared.join(", ")})\nuse timelines (ethereum)\n`;
  return [
    { path: PATH, text: `module m\n${said(tree.items.filter((item) => !isTest(item)))}\n` },
    { path: "n.tel", text: `${head}${said(tree.items.filter(isTest))}\n` },
  ];
}

/** The same declarations in another order. */
function reordered(text: string, keys: readonly number[]): string {
  const { tree } = parse(text, PATH);
  const parts = tree.items.map((item) => ({ item, text: text.slice(item.span.start, item.span.end) }));
  const uses = parts.filter(({ item }) => item.kind === "use");
  const others = parts.filter(({ item }) => item.kind !== "use");
  const shuffled = others.map((one, i) => ({ one, key: keys[i % keys.length]! })).sort((a, b) => a.key - b.key);
  return `module m\n${[...uses, ...shuffled.map(({ one }) => one)].map((one) => one.text).join("\n")}\n`;
}

function expectTestsToPass(sources: readonly Source[]): void {
  const unit = checked(sources).unit!;
  const addressed = addressUnit(unit);
  const blocks = new Map(addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
  const source = codeSource({ get: (hash) => blocks.get(hash) });
  const [plain, optimised] = [newLibrary(source), optimisedLibrary(source)];
  for (const one of unit.definitions) {
    if (one.kind !== "test" && one.kind !== "prop") continue;
    const hash = addressed.definitions.get(one.name)!;
    const outcome = runTest(plain, hash);
    expect([one.name, outcome.kind === "passed" ? "passed" : outcome.failure]).toEqual([one.name, "passed"]);
    expect([one.name, runTest(optimised, hash)]).toEqual([one.name, outcome]);
  }
}

async function expectTravel(sources: readonly Source[]): Promise<void> {
  const made = checked(sources);
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const unit = addressUnit(made.unit!, { source: written(made, texts) });
  const here = openMemoryStore();
  await here.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), note));
  const names = NameRegistry.list(here);
  const again = addresses(printed(here));
  for (const [name, hash] of names) expect([name, again.get(name)]).toEqual([name, hash]);

  const bundle = pack(here, { entries: names.map(([, hash]) => hash), withNames: true });
  if (!bundle.ok) throw new Error(JSON.stringify(bundle.error));
  const opened = unpack(bundle.value.root.hash, [bundle.value.root, ...bundle.value.blocks], () => undefined);
  if (!opened.ok) throw new Error(opened.error.reason);
  const there = openMemoryStore();
  await there.write((tx) => {
    putBundle(tx, opened.value, note);
    for (const [name, hash] of opened.value.names) tx.setName(name, undefined, hash, note);
  });
  expect(NameRegistry.list(there)).toEqual(names);
  expect(printed(there)).toEqual(printed(here));
}

const printed = (store: CodebaseReads): readonly Source[] =>
  ["m", "n"].flatMap((module) => {
    const text = moduleFile(store, module);
    return text === undefined ? [] : [{ path: `${module}.tel`, text }];
  });

test("a random module checks, its tests hold, and what means nothing keeps its addresses", async () => {
  const editor = checker();
  await fc.assert(
    fc.asyncProperty(randomModule, fc.array(fc.nat(), { minLength: 1, maxLength: 9 }), async (text, keys) => {
      const before = addresses(alone(text));
      expectTestsToPass(alone(text));
      const formatted = format(text, PATH);
      if (!formatted.ok) throw new Error("not formatted");
      expect(addresses(alone(formatted.text))).toEqual(before);
      expect(format(formatted.text, PATH)).toMatchObject({ ok: true, text: formatted.text });
      expect(addresses(alone(reordered(text, keys)))).toEqual(before);
      const apart = split(text);
      const after = addresses(apart);
      for (const [name, hash] of before)
        expect([name, after.get(name) ?? after.get(`n${name.slice(1)}`)]).toEqual([name, hash]);
      await expectTravel(alone(text));
      await expectTravel(apart);
      for (const sources of [apart, [apart[1]!, ...alone(reordered(apart[0]!.text, keys))], alone(text)]) {
        const kept = editor.check(sources, environment);
        const fresh = check(sources, environment);
        expect(kept.problems).toEqual(fresh.problems);
        expect(addressUnit(kept.unit!).definitions).toEqual(addressUnit(fresh.unit!).definitions);
      }
    }),
    { numRuns: RUNS },
  );
});
