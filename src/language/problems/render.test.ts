import { describe, expect, test } from "vitest";
import { parse } from "../syntax/index.ts";
import { codes } from "./codes.ts";
import * as Problem from "./Problem.ts";
import { render } from "./render.ts";
import { toJson } from "./toJson.ts";

const shown = (text: string): string =>
  parse(text, "a.tel")
    .problems.map((problem) => render(problem, text))
    .join("\n\n");

test.each([...codes].filter(([code, { wrong }]) => code < "TEL0200" && wrong !== undefined))(
  "%s is shown as its golden file says",
  async (code, { wrong }) => {
    await expect(`${shown(wrong!)}\n`).toMatchFileSnapshot(`golden/${code}.txt`);
  },
);

describe("the excerpt", () => {
  const at = (text: string, part: string): { start: number; end: number } => {
    const start = text.indexOf(part);
    return { start, end: start + part.length };
  };

  test("shows every labelled line, a single line between two, and a sign for more", () => {
    const text = "one\ntwo\nthree\nfour\nfive\nsix\nseven";
    const problem = Problem.error("TEL0101", "a.tel", at(text, "three"), "a message", {
      labels: [
        { span: at(text, "one"), text: "the first" },
        { span: at(text, "three"), text: "the third" },
        { span: at(text, "seven"), text: "the last" },
      ],
      hints: ["do this"],
      fix: { title: "do it", edits: [] },
    });
    expect(render(problem, text)).toMatchInlineSnapshot(`
      "error[TEL0101]: a message
        ╭─ a.tel:3:1
      1 │ one
        │ ─── the first
      2 │ two
      3 │ three
        │ ^^^^^ the third
        ⋮
      7 │ seven
        │ ───── the last
        = do this
        = fix: do it"
    `);
  });

  test("marks several places of one line from right to left", () => {
    const text = "let a = b + c";
    const problem = Problem.warning("TEL0101", "a.tel", at(text, "b"), "a message", {
      labels: [
        { span: at(text, "b"), text: "this" },
        { span: at(text, "c"), text: "that" },
      ],
    });
    expect(render(problem, text)).toMatchInlineSnapshot(`
      "warning[TEL0101]: a message
        ╭─ a.tel:1:9
      1 │ let a = b + c
        │             ─ that
        │         ^ this"
    `);
  });

  test("counts tabs, wide characters and joined emoji as a terminal does", () => {
    const text = '\t"日本 👩‍👩‍👧 é" x';
    expect(render(Problem.error("TEL0101", "a.tel", at(text, "x"), "here"), text)).toMatchInlineSnapshot(`
      "error[TEL0101]: here
        ╭─ a.tel:1:15
      1 │   "日本 👩‍👩‍👧 é" x
        │                   ^"
    `);
  });

  test("cuts a long line around the mark", () => {
    const text = `${"a".repeat(300)} here ${"b".repeat(300)}`;
    const lines = render(Problem.error("TEL0101", "a.tel", at(text, "here"), "m"), text, { width: 60 }).split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    const mark = lines[3]!.indexOf("^");
    expect(lines[2]!.slice(mark, mark + 4)).toBe("here");
  });

  test("says how far a span of several lines goes", () => {
    const text = "a {\n  b\n}";
    expect(render(Problem.error("TEL0101", "a.tel", { start: 2, end: 9 }, "m"), text)).toMatchInlineSnapshot(`
      "error[TEL0101]: m
        ╭─ a.tel:1:3
      1 │ a {
        │   ^ (to line 3)"
    `);
  });

  test("shows labels of other files under their own heading", () => {
    const files: Record<string, string> = { "a.tel": "use b (c)", "b.tel": "fn c() { 1 }" };
    const problem = Problem.error("TEL0101", "a.tel", { start: 7, end: 8 }, "m", {
      labels: [{ file: "b.tel", span: { start: 3, end: 4 }, text: "declared here" }],
    });
    expect(render(problem, (file) => files[file])).toMatchInlineSnapshot(`
      "error[TEL0101]: m
        ╭─ a.tel:1:8
      1 │ use b (c)
        │        ^
        ╭─ b.tel:1:4
      1 │ fn c() { 1 }
        │    ─ declared here"
    `);
  });

  test("is left out when the file cannot be read", () => {
    expect(render(Problem.error("TEL0101", "a.tel", { start: 7, end: 8 }, "m"), () => undefined)).toBe(
      "error[TEL0101]: m\n  --> a.tel",
    );
  });

  test("colour only adds escape sequences", () => {
    const text = "fn f() { (1 }";
    const [problem] = parse(text, "a.tel").problems;
    const painted = render(problem!, text, { colour: true });
    expect(painted).toContain("\u001b[1;31m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
    expect(painted.replace(/\u001b\[[0-9;]*m/g, "")).toBe(render(problem!, text));
  });

  test("never lets a control character of the source through to the terminal", () => {
    const text = "fn f() { \u001b[31m }";
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(shown(text)).not.toMatch(/\u001b/);
  });
});

test("the JSON form gives lines and columns from 1, in code points", () => {
  const text = '// 👩\nfn f() -> Text { "é" 1 }';
  const [problem] = parse(text, "a.tel").problems;
  expect(toJson(problem!, text)).toMatchObject({
    code: "TEL0105",
    severity: "error",
    file: "a.tel",
    range: { start: { line: 2, column: 21 } },
    fix: { edits: [{ range: { start: { line: 2, column: 21 } }, text: ";" }] },
  });
});
