/**
 * Each rule of docs/spec/language.md has a program that keeps it and one that breaks it. A program of the corpus says which
 * rules it shows, `// RULE 7.2`; those that no program can break, or none can show, stand here with the reason.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { programs } from "./corpus.ts";

const page = readFileSync(new URL("../../docs/spec/language.md", import.meta.url), "utf8");

/** `3.4` for the fourth item under `## 3.` */
const rules: readonly string[] = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const chapter = /^(\d+)\. /.exec(section)?.[1];
    return [...section.slice(section.indexOf("\n")).matchAll(/^(\d+)\. /gm)].map(([, item]) => `${chapter}.${item}`);
  });

const CORE = "it says of what Core is made: src/language/core and test/frozen hold it against what comes out";
const CASES = "it takes a thousand cases: src/language/check.test.ts makes them";

/** Rules without a program under a folder, and why. */
const without: Readonly<Record<"pass" | "fail", ReadonlyMap<string, string>>> = {
  pass: new Map([
    ["1.7", "it says what becomes of problems, and a program that passes has none"],
    ["5.4", CASES],
    ...["12.1", "12.2", "12.3", "12.4", "12.5"].map((rule) => [rule, CORE] as const),
  ]),
  fail: new Map([["5.4", CASES], ...["12.1", "12.2", "12.3", "12.4", "12.5"].map((rule) => [rule, CORE] as const)]),
};

const shown = (text: string): readonly string[] =>
  [...text.matchAll(/^\/\/ RULE (.*)$/gm)].flatMap(([, names]) => names!.trim().split(/\s+/));

const corpus = (["pass", "fail"] as const).flatMap((folder) =>
  programs(folder).map(([name, sources]) => ({ folder, name, rules: sources.flatMap(({ text }) => shown(text)) })),
);

test("the rules of the page are numbered without a gap", () => {
  expect(rules.length).toBeGreaterThan(50);
  const next = (rule: string, before: string | undefined) => {
    const [chapter, item] = rule.split(".").map(Number);
    const [last, lastItem] = (before ?? "0.0").split(".").map(Number);
    return chapter === last ? item === lastItem! + 1 : item === 1;
  };
  expect(rules.filter((rule, i) => !next(rule, rules[i - 1]))).toEqual([]);
});

test.each(["pass", "fail"] as const)("each rule has a program under %s", (folder) => {
  const named = new Set(corpus.filter((one) => one.folder === folder).flatMap((one) => one.rules));
  expect(rules.filter((rule) => !named.has(rule) && !without[folder].has(rule))).toEqual([]);
});

test("each program names its rules, and they are on the page", () => {
  expect(corpus.filter((one) => one.rules.length === 0).map((one) => one.name)).toEqual([]);
  const wrong = corpus.flatMap((one) =>
    one.rules.filter((rule) => !rules.includes(rule)).map((r) => `${one.name}: ${r}`),
  );
  expect(wrong).toEqual([]);
});

test.each(["pass", "fail"] as const)("what %s does without is on the page, and no program shows it", (folder) => {
  const named = new Set(corpus.filter((one) => one.folder === folder).flatMap((one) => one.rules));
  expect([...without[folder].keys()].filter((rule) => !rules.includes(rule) || named.has(rule))).toEqual([]);
});
