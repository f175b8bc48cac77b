/** Every `test` and `prop` of the corpus, of the examples and of the library holds when it runs. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { environmentOf } from "../../apps/cli/node/checkFiles.ts";
import { addressUnit } from "../../src/code/index.ts";
import { codeSource, newLibrary, runTest } from "../../src/execution/index.ts";
import { check, type Source } from "../../src/language/index.ts";
import { parseManifest } from "../../src/schema/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Files that stand alone, and folders that are one program. */
function programsIn(folder: string): readonly (readonly [string, readonly string[]])[] {
  return readdirSync(join(root, folder))
    .sort()
    .flatMap((name): readonly (readonly [string, readonly string[]])[] => {
      const path = join(folder, name);
      if (name.endsWith(".tel")) return [[path, [path]]];
      if (!statSync(join(root, path)).isDirectory()) return [];
      const files = readdirSync(join(root, path)).filter((one) => one.endsWith(".tel"));
      return files.length === 0 ? [] : [[path, files.sort().map((one) => join(path, one))]];
    });
}

const read = (path: string): Source => ({ path, text: readFileSync(join(root, path), "utf8") });

/** Corpus files may hold several programs, each under a line `// ---- what it shows`. */
function parts(source: Source): readonly Source[] {
  const all = `\n${source.text}`.split(/\n\/\/ ----/);
  return all.length === 1
    ? [source]
    : all.slice(1).map((text) => ({ path: source.path, text: text.slice(text.indexOf("\n")) }));
}

const programs = [...programsIn("test/programs/pass"), ...programsIn("examples")].flatMap(([name, paths]) => {
  const sources = paths.map(read);
  const several = sources.flatMap(parts);
  const units = several.length > sources.length ? several.map((one) => [one]) : [sources];
  return units.map((unit, i) => [units.length > 1 ? `${name} ${i + 1}` : name, unit] as const);
});

function manifestOf(path: string) {
  const file = join(root, path, "..", "program.toml");
  if (!existsSync(file)) return {};
  const parsed = parseManifest(readFileSync(file, "utf8"), file);
  return parsed.ok ? environmentOf(parsed.value) : {};
}

describe("the tests of", () => {
  test.each(programs)("%s", (_, sources) => {
    const checked = check(sources, manifestOf(sources[0]!.path));
    expect(checked.problems.filter((one) => one.severity === "error").map((one) => one.message)).toEqual([]);
    const unit = checked.unit!;
    const addressed = addressUnit(unit);
    const blocks = new Map(addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
    const names = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
    const library = newLibrary(codeSource({ get: (hash) => blocks.get(hash) }, (hash) => names.get(hash)));
    const failed = unit.definitions
      .filter((one) => one.kind === "test" || one.kind === "prop")
      .flatMap((one) => {
        const outcome = runTest(library, addressed.definitions.get(one.name)!);
        return outcome.kind === "passed" ? [] : [`${one.name}: ${outcome.failure.code} ${outcome.failure.message}`];
      });
    expect(failed).toEqual([]);
  });
});
