/**
 * The vectors of docs/spec/code.md: each TEL text of §9 is compiled and must give the table below it. A deliberate change
 * of the format or of lowering writes the tables again: TB_WRITE_VECTORS=1 npx vitest run test/code/spec.test.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addressUnit, decodeDefinition } from "../../src/code/index.ts";
import { ContentHash, Kind } from "../../src/content/index.ts";
import { check } from "../../src/language/index.ts";
import { Bytes } from "../../src/std/index.ts";

const path = join(import.meta.dirname, "../../docs/spec/code.md");
const HEAD = "| name | address | block |\n|---|---|---|";
/** Longer blocks are told by their address alone. */
const BLOCK_BYTES_SHOWN_MAX = 400;

function tableOf(text: string): string {
  const { unit, problems } = check([{ path: "vector.tel", text }]);
  if (unit === undefined) throw new Error(problems.map((problem) => problem.message).join("\n"));
  const addressed = addressUnit(unit);
  const blocks = new Map(addressed.blocks.map((block) => [block.hash, block.bytes]));
  const rows = addressed.named.map((name) => {
    const hash = addressed.definitions.get(name)!;
    const bytes = blocks.get(hash)!;
    const isMember = bytes[1] === Kind.member;
    const shown = isMember
      ? `member ${bytes[bytes.length - 1]}`
      : bytes.length > BLOCK_BYTES_SHOWN_MAX
        ? `${bytes.length} bytes`
        : `\`${Bytes.toHex(bytes)}\``;
    return `| \`${name}\` | \`${hash}\` | ${shown} |`;
  });
  return [HEAD, ...rows].join("\n");
}

const VECTOR = /```tel\n([\s\S]*?)```\n\n(\| name \| address \| block \|\n(?:\|.*(?:\n|$))*)/g;

describe("docs/spec/code.md", () => {
  const page = readFileSync(path, "utf8");
  const vectors = [...page.matchAll(VECTOR)].map(([, text, table]) => ({ text: text!, table: table!.trimEnd() }));

  if (process.env["TB_WRITE_VECTORS"] !== undefined)
    writeFileSync(
      path,
      page.replace(VECTOR, (_all, text: string) => `\`\`\`tel\n${text}\`\`\`\n\n${tableOf(text)}\n`),
    );

  test("has vectors", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(4);
  });

  for (const { text, table } of vectors) {
    test(`vector: ${text.split("\n")[0]}`, () => {
      expect(tableOf(text).split("\n")).toEqual(table.split("\n"));
    });
    for (const [, name, hash, hex] of table.matchAll(/^\| `([^`]+)` \| `(bafy\w+)` \| `([0-9a-f]+)` \|$/gm)) {
      test(`block of ${name} is code at its address`, () => {
        const bytes = Bytes.fromHex(hex!)!;
        expect(ContentHash.of(bytes)).toBe(hash);
        expect(decodeDefinition(bytes, hash as ContentHash.ContentHash).ok).toBe(true);
      });
    }
  }
});
