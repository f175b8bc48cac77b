/**
 * The corpus. Under `pass` every file, or folder of files, has no problem at all. Under `fail` each line that is wrong
 * says so, `// ERROR TEL0301` or `// WARNING TEL0313`, and nothing else is reported.
 */
import { expect, test } from "vitest";
import { check, type Environment, type Source } from "../../src/language/index.ts";
import { environment, programs } from "./corpus.ts";

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

function reported(sources: readonly Source[], environment: Environment): readonly string[] {
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  return check(sources, environment).problems.map(({ file, span, code }) => {
    const line = texts.get(file)!.slice(0, span.start).split("\n").length;
    return `${file}:${line} ${code}`;
  });
}

test.each(programs("pass"))("pass: %s", (name, sources) => {
  expect(expected(sources)).toEqual([]);
  expect(reported(sources, environment("pass", name))).toEqual([]);
});

test.each(programs("fail"))("fail: %s", (name, sources) => {
  expect(expected(sources)).not.toEqual([]);
  expect([...reported(sources, environment("fail", name))].sort()).toEqual([...expected(sources)].sort());
});
