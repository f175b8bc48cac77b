/** The samples with which the language was designed, word for word: they compile together as their first lines say, and their tests hold. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { codeSource, newLibrary, runTest } from "../../src/execution/index.ts";
import { check, type Source } from "../../src/language/index.ts";

const folder = new URL("./samples/", import.meta.url);
const sample = (path: string): Source => ({ path, text: readFileSync(new URL(path, folder), "utf8") });
/** The module that two samples use and none shows. */
const risk: Source = { path: "risk.tel", text: "module risk\ntype Risk = Low | High(reason: Text)\n" };

const programs: readonly (readonly [sources: readonly Source[], tests: number])[] = [
  [[sample("math.tel"), sample("arb.tel")], 3],
  [[risk, sample("treasury.tel"), sample("stalled.tel")], 1],
  [[risk, sample("riskdesk.tel")], 0],
  [[sample("migration.tel")], 0],
  [[sample("oracle.tel")], 1],
];

test("no sample is left out", () => {
  const used = programs
    .flatMap(([sources]) => sources.map((source) => source.path))
    .filter((path) => path !== risk.path);
  expect([...new Set(used)].sort()).toEqual(readdirSync(folder).sort());
});

test.each(programs.map(([sources, tests]) => [sources.map((one) => one.path).join(", "), sources, tests] as const))(
  "%s",
  (_, sources, tests) => {
    const { problems, unit } = check(sources);
    expect(problems).toEqual([]);
    const { blocks, definitions } = addressUnit(unit!);
    const bytes = new Map(blocks.map((block) => [block.hash, block.bytes]));
    const library = newLibrary(codeSource({ get: (hash) => bytes.get(hash) }));
    const found = unit!.definitions.filter((one) => one.kind === "test" || one.kind === "prop");
    expect(found).toHaveLength(tests);
    for (const one of found) expect(runTest(library, definitions.get(one.name)!)).toMatchObject({ kind: "passed" });
  },
);
