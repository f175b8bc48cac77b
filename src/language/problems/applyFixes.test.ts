import { expect, test } from "vitest";
import { parse } from "../syntax/index.ts";
import { applyFixes } from "./applyFixes.ts";
import { syntax } from "./codes/syntax.ts";
import * as Problem from "./Problem.ts";

const fixed = (text: string): string => applyFixes(text, parse(text, "a.tel").problems, "a.tel").text;

test("several fixes of one file are applied together", () => {
  expect(fixed("type pair(a: Int)\nfn f() { let b = [1 2] b }")).toBe(
    "type Pair(a: Int)\nfn f() { let b = [1, 2]; b }",
  );
});

test("a fix at the place of another one waits for the next round", () => {
  const span = { start: 0, end: 1 };
  const fix = (text: string) =>
    Problem.error("TEL0101", "a.tel", span, "m", { fix: { title: "t", edits: [{ span, text }] } });
  const { text, applied } = applyFixes("abc", [fix("x"), fix("y")], "a.tel");
  expect([text, applied.length]).toEqual(["xbc", 1]);
});

test("problems of other files are left alone", () => {
  expect(applyFixes("type pair()", parse("type pair()", "b.tel").problems, "a.tel").applied).toEqual([]);
});

const offering = Object.entries(syntax).filter(
  ([, { wrong }]) => wrong !== undefined && parse(wrong, "a.tel").problems.some(({ fix }) => fix !== undefined),
);

test.each(offering)("%s: its fix leaves a text without problems", (_, { wrong }) => {
  expect(parse(fixed(wrong!), "a.tel").problems.filter(({ code }) => code !== "TEL0109")).toEqual([]);
});
