/** The examples of docs/spec/language.md say what the compiler says. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { check, codes } from "../../src/language/index.ts";

const page = readFileSync(new URL("../../docs/spec/language.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```tel\n([\s\S]*?)```/g)].map((match) => match[1]!);

test.each(examples)("example %#", (text) => {
  const expected = text
    .split("\n")
    .flatMap((line, i) =>
      [...line.matchAll(/\/\/ (?:ERROR|WARNING) (TEL\d{4})/g)].map((match) => `${i + 1} ${match[1]}`),
    );
  const reported = check([{ path: "a.tel", text }]).problems.map(
    ({ code, span }) => `${text.slice(0, span.start).split("\n").length} ${code}`,
  );
  expect(reported).toEqual(expected);
});

test("every code that the page names is in the table", () => {
  for (const [code] of page.matchAll(/TEL\d{4}/g)) expect([code, codes.has(code)]).toEqual([code, true]);
});

test("every code of the later passes is on the page or in the corpus", () => {
  const named = new Set([...page.matchAll(/TEL\d{4}/g)].map(([code]) => code));
  const rules = [...codes.keys()].filter((code) => code >= "TEL0300" && code < "TEL0500");
  const silent = [
    "TEL0304",
    "TEL0305",
    "TEL0317",
    "TEL0320",
    "TEL0321",
    "TEL0324",
    "TEL0326",
    "TEL0330",
    "TEL0333",
    "TEL0336",
    "TEL0301",
  ];
  expect(rules.filter((code) => !named.has(code) && !silent.includes(code))).toEqual([]);
});
