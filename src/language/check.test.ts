import { expect, test } from "vitest";
import { check, checkLibrary } from "./check.ts";
import { checkExpression } from "./checkExpression.ts";
import { codes } from "./problems/codes.ts";

const later = [...codes].filter(([code, { wrong }]) => code >= "TEL0200" && wrong !== undefined);
const codesOf = (text: string): readonly string[] => check([{ path: "a.tel", text }]).problems.map((p) => p.code);

test.each(later)("%s: the wrong example has exactly this problem", (code, { wrong }) => {
  expect(codesOf(wrong!)).toEqual([code]);
});

test.each(later)("%s: the right example has no problem", (_, { right }) => {
  expect(codesOf(right!)).toEqual([]);
});

test("the library has no problem", () => {
  expect(checkLibrary().problems).toEqual([]);
});

test("an expression sees what the files declare, and the library", () => {
  const sources = [{ path: "m.tel", text: "module m\nfn twice(x: Int) -> Int { x * 2 }" }];
  const { problems, unit, definition } = checkExpression("[1, 2] |> list.map(twice)", sources);
  expect(problems).toEqual([]);
  expect(unit?.definitions.map((each) => each.name)).toContain(definition);
});

test("an error in one definition does not hide the others, nor their Core", () => {
  const { problems, unit, sound } = check([
    { path: "a.tel", text: 'fn bad() -> Int { "x" }\nfn good() -> Int { 1 }\nfn worse() -> Int { y }' },
  ]);
  expect(problems.map((problem) => problem.code)).toEqual(["TEL0301", "TEL0201"]);
  expect(unit).toBeUndefined();
  expect(sound.definitions.map((each) => each.name)).toEqual(["good"]);
});

test("the order of files does not matter", () => {
  const a = { path: "a.tel", text: "module a\nfn f(x: Int) -> Int { x + 1 }" };
  const b = { path: "b.tel", text: "module b\nuse a (f)\nfn g(x: Int) -> Int { f(x) }" };
  expect(check([a, b]).unit).toEqual(check([b, a]).unit);
});

test("modules that import each other are refused, and still checked", () => {
  const a = { path: "a.tel", text: "module a\nuse b (g)\nfn f(x: Int) -> Int { g(x) }" };
  const b = { path: "b.tel", text: "module b\nuse a (f)\nfn g(x: Int) -> Int { f(x) }" };
  expect(check([a, b]).problems.map((problem) => problem.code)).toEqual(["TEL0209"]);
});
