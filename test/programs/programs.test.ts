/**
 * The corpus. Under `pass` every file, or folder of files, has no problem at all. Under `fail` each line that is wrong
 * says so, `// ERROR TEL0301` or `// WARNING TEL0313`, and nothing else is reported.
 */
import { expect, test } from "vitest";
import { check, type Source } from "../../src/language/index.ts";
import { programs } from "./corpus.ts";

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
