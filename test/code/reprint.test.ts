/** Every program of the corpus, added to a codebase and printed from it, is the same code: print → parse → same address. */
import { expect, test } from "vitest";
import {
  addressUnit,
  applyAdd,
  type CodebaseReads,
  codeRepository,
  moduleFile,
  moduleOf,
  NameRegistry,
  planAdd,
  written,
} from "../../src/code/index.ts";
import { ContentHash } from "../../src/content/index.ts";
import { check, parse, type Source } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { programs } from "../programs/corpus.ts";

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

function errorsOf(sources: readonly Source[]): readonly string[] {
  const { problems } = check(sources, environment(sources));
  return problems
    .filter((problem) => problem.severity === "error")
    .map((one) => `${one.file}: ${one.code} ${one.message}`);
}

const corpus = programs("pass").filter(([, sources]) => errorsOf(sources).length === 0);

test("most of the corpus stands by itself", () => {
  expect(corpus.length).toBeGreaterThan(0.9 * programs("pass").length);
});

const unnamed = ContentHash.of(new Uint8Array(0));

/** A codebase with these files, as one addition. */
async function codebase(sources: readonly Source[]) {
  const checked = check(sources, environment(sources));
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const unit = addressUnit(checked.unit!, { source: written(checked, texts) });
  const store = openMemoryStore();
  await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), { author: "ann", time: 1, reason: "add" }));
  return store;
}

/** Prints every module of the codebase, checks the texts, and compares each name's address. */
function expectSame(store: CodebaseReads): void {
  const modules = [...new Set(NameRegistry.list(store).map(([name]) => moduleOf(name)))];
  const printed = modules.flatMap((module): readonly Source[] => {
    const text = moduleFile(store, module);
    return text === undefined ? [] : [{ path: `${module}.tel`, text }];
  });
  expect(errorsOf(printed)).toEqual([]);
  const again = addressUnit(check(printed, environment(printed)).unit!).definitions;
  for (const [name, hash] of NameRegistry.list(store)) expect([name, again.get(name)]).toEqual([name, hash]);
}

test.each(corpus)("%s", async (_name, sources) => {
  expectSame(await codebase(sources));
});

test.each(corpus)("%s, with everything renamed that may be", async (_name, sources) => {
  const store = await codebase(sources);
  for (const [name] of NameRegistry.list(store)) {
    const code = codeRepository(store).get(store.name(name) ?? unnamed);
    // A test may speak of a program by its name (`stalled`, `safety`), which is then part of what the test says.
    if (name.includes(" ") || !code.ok || code.value.form === "program") continue;
    const at = name.lastIndexOf(".") + 1;
    const word = name.slice(at);
    const other = name.slice(0, at) + (/^[A-Z]/.test(word) ? `Other${word}` : `other_${word}`);
    const done = await store.write((tx) =>
      NameRegistry.rename(tx, name, other, NameRegistry.freshNote(tx, { author: "ann", time: 2, reason: "rename" })),
    );
    if (!done.ok) expect(["NameFixed", "InvalidName"]).toContain(done.error.kind);
  }
  expectSame(store);
});
