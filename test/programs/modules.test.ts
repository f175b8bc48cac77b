/**
 * Random modules of all that can be declared: they check, their tests run and say the same optimised, and whatever is done
 * to them that means nothing (format, order, print from a codebase, export and import, check again) keeps every address.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addressUnit,
  applyAdd,
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
import { type Checked, check, checker, format, parse } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { bindings, randomModule } from "./modules.ts";

/** More for a hunt: `MODULE_RUNS=1000 npx vitest run test/programs/modules.test.ts --testTimeout=1000000`. */
const RUNS = Number(process.env["MODULE_RUNS"] ?? 12);

const PATH = "m.tel";
const environment = { bindings };
const note = { author: "ann", time: 1, reason: "add" };

function checked(text: string): Checked {
  const made = check([{ path: PATH, text }], environment);
  expect(made.problems.filter((one) => one.severity === "error").map((one) => `${one.code} ${one.message}`)).toEqual(
    [],
  );
  return made;
}

/** The addresses of what has a name; watch lines are questions, numbered by their place. */
const addresses = (text: string): ReadonlyMap<string, string> =>
  new Map([...addressUnit(checked(text).unit!).definitions].filter(([name]) => !name.includes("> ")));

/** The same declarations in another order. */
function reordered(text: string, keys: readonly number[]): string {
  const { tree } = parse(text, PATH);
  const parts = tree.items.map((item) => ({ item, text: text.slice(item.span.start, item.span.end) }));
  const uses = parts.filter(({ item }) => item.kind === "use");
  const others = parts.filter(({ item }) => item.kind !== "use");
  const shuffled = others.map((one, i) => ({ one, key: keys[i % keys.length]! })).sort((a, b) => a.key - b.key);
  return `module m\n${[...uses, ...shuffled.map(({ one }) => one)].map((one) => one.text).join("\n")}\n`;
}

function expectTestsToPass(text: string): void {
  const unit = checked(text).unit!;
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

async function expectTravel(text: string): Promise<void> {
  const made = checked(text);
  const unit = addressUnit(made.unit!, { source: written(made, new Map([[PATH, text]])) });
  const here = openMemoryStore();
  await here.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), note));
  const names = NameRegistry.list(here);
  const again = addresses(moduleFile(here, "m")!);
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
  expect(moduleFile(there, "m")).toBe(moduleFile(here, "m"));
}

test("a random module checks, its tests hold, and what means nothing keeps its addresses", async () => {
  const editor = checker();
  await fc.assert(
    fc.asyncProperty(randomModule, fc.array(fc.nat(), { minLength: 1, maxLength: 9 }), async (text, keys) => {
      const before = addresses(text);
      expectTestsToPass(text);
      const formatted = format(text, PATH);
      if (!formatted.ok) throw new Error("not formatted");
      expect(addresses(formatted.text)).toEqual(before);
      expect(format(formatted.text, PATH)).toMatchObject({ ok: true, text: formatted.text });
      expect(new Map([...addresses(reordered(text, keys))].sort())).toEqual(new Map([...before].sort()));
      await expectTravel(text);
      for (const one of [text, reordered(text, keys)]) {
        const kept = editor.check([{ path: PATH, text: one }], environment);
        const fresh = check([{ path: PATH, text: one }], environment);
        expect(kept.problems).toEqual(fresh.problems);
        expect(addressUnit(kept.unit!).definitions).toEqual(addressUnit(fresh.unit!).definitions);
      }
    }),
    { numRuns: RUNS },
  );
});
