import { expect, test } from "vitest";
import { parse } from "../syntax/index.ts";
import { syntax } from "./codes/syntax.ts";
import { codes } from "./codes.ts";

const withExamples = Object.entries(syntax).filter(([, { wrong }]) => wrong !== undefined);

test.each(withExamples)("%s: the wrong example has exactly this problem", (code, { wrong }) => {
  expect(parse(wrong!, "a.tel").problems.map((problem) => problem.code)).toEqual([code]);
});

test.each(withExamples)("%s: the right example has no problem", (_, { right }) => {
  expect(parse(right!, "a.tel").problems).toEqual([]);
});

test("codes are TEL and four digits, in order within their file, and unique over all files", () => {
  for (const code of codes.keys()) expect(code).toMatch(/^TEL0[0-5][0-9]{2}$/);
  const listed = Object.keys(syntax);
  expect(listed).toEqual([...listed].sort());
});
