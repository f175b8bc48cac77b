/**
 * The corpus. Under `pass` every file, or folder of files, has no problem at all. Under `fail` each line that is wrong
 * says so, `// ERROR TEL0301` or `// WARNING TEL0313`, and nothing else is reported.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { check, type Source } from "../../src/language/index.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

function programs(folder: string): readonly (readonly [string, readonly Source[]])[] {
  const root = join(here, folder);
  const read = (path: string): Source => ({ path, text: readFileSync(join(root, path), "utf8") });
  const found: (readonly [string, readonly Source[]])[] = [];
  for (const area of readdirSync(root, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!area.isDirectory()) found.push([area.name, [read(area.name)]]);
    else {
      const files = readdirSync(join(root, area.name)).sort();
      found.push([area.name, files.map((file) => read(join(area.name, file)))]);
    }
  }
  return found.flatMap(([name, sources]) =>
    sources.flatMap((source) => (source.text.includes("\n// ----") ? split(source) : [])).length > 0
      ? sources.flatMap(split).map((one) => [one.path, [one]] as const)
      : [[name, sources] as const],
  );
}

/** A file may hold several programs, each under a line `// ---- what it shows`. */
function split(source: Source): readonly Source[] {
  return `\n${source.text}`
    .split(/\n\/\/ ----/)
    .slice(1)
    .map((part) => ({
      path: `${source.path}:${part.slice(0, part.indexOf("\n"))}`,
      text: part.slice(part.indexOf("\n")),
    }));
}

function expected(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, i) =>
      [...line.matchAll(/\/\/ (?:ERROR|WARNING) ((?:TEL\d{4} ?)+)/g)].flatMap((match) =>
        match[1]!
          .trim()
          .split(" ")
          .map((code) => `${path}:${i + 1} ${code}`),
      ),
    ),
  );
}

function reported(sources: readonly Source[]): readonly string[] {
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  return check(sources, {}).problems.map(({ file, span, code }) => {
    const line = texts.get(file)!.slice(0, span.start).split("\n").length;
    return `${file}:${line} ${code}`;
  });
}

test.each(programs("pass"))("pass: %s", (_, sources) => {
  expect(expected(sources)).toEqual([]);
  expect(reported(sources)).toEqual([]);
});

test.each(programs("fail"))("fail: %s", (_, sources) => {
  expect(expected(sources)).not.toEqual([]);
  expect([...reported(sources)].sort()).toEqual([...expected(sources)].sort());
});
