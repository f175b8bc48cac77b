import { describe, expect, it } from "vitest";
import { blocksOf, commandsOf, matches } from "./runGuide.ts";

describe("the reader of guide chapters", () => {
  const chapter = [
    "# T",
    "```tel file=a/b.tel",
    "fn f() -> Int { 1 }",
    "```",
    "```sh",
    "$ tb run f # exit 1",
    "one …",
    "$ ls",
    "```",
  ].join("\n");

  it("finds files and commands with their expected output and exit", () => {
    const blocks = blocksOf(chapter);
    expect(blocks.map((b) => [b.language, b.file, b.lines.length])).toEqual([
      ["tel", "a/b.tel", 1],
      ["sh", undefined, 3],
    ]);
    expect(commandsOf(blocks[1]!)).toEqual([
      { line: 6, text: "tb run f", exit: 1, expected: ["one …"] },
      { line: 8, text: "ls", exit: 0, expected: [] },
    ]);
  });

  it("matches output with holes, and nothing else", () => {
    expect(matches(["one …", "last"], "one two\nlast\n")).toBe(true);
    expect(matches(["one …", "…", "last"], "one two\nx\ny\nlast\n")).toBe(true);
    expect(matches(["one (.*)"], "one two")).toBe(false);
    expect(matches(["one"], "one two")).toBe(false);
  });

  it("refuses a chapter with an open block", () => {
    expect(() => blocksOf("```sh\n$ ls")).toThrow("line 1");
  });
});
