import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ContentHash, decodeValue, encodeValue, Kind, show, Value } from "../../src/content/index.ts";
import { Bytes } from "../../src/std/index.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/spec/content.md"), "utf8");
/** The rows of the table under a heading, as cells without their backticks. */
const rowsUnder = (heading: string): readonly (readonly string[])[] =>
  page
    .split(`\n## ${heading}\n`)[1]!
    .split("\n## ")[0]!
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("|---"))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split(" | ")
        .map((cell) => cell.trim().replace(/^`|`$/g, "")),
    );

describe("docs/spec/content.md", () => {
  const vectors = rowsUnder("5. Vectors");

  for (const [kind, text, hex, address] of vectors) {
    test(`vector: ${kind} ${text}`, () => {
      const bytes = Bytes.fromHex(hex!)!;
      const read = decodeValue(bytes);
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      const host = Value.kindOf(read.value).replace("bigint", "number");
      expect(host).toBe({ bool: "boolean", int: "number", text: "string" }[kind!] ?? kind);
      if (kind !== "closure") expect(show(read.value)).toBe(text);
      expect(encodeValue(read.value)).toEqual(bytes);
      expect(ContentHash.of(bytes)).toBe(address);
    });
  }

  test("has a vector of every kind of value", () => {
    const tags = vectors.map(([, , hex]) => {
      const bytes = Bytes.fromHex(hex!)!;
      return bytes[4];
    });
    expect(new Set(tags)).toEqual(new Set(Array.from({ length: 17 }, (_, tag) => tag)));
  });

  for (const [hex, why] of rowsUnder("6. Refused blocks")) {
    test(`refused: ${why}`, () => {
      const bytes = Bytes.fromHex(hex!.replaceAll(" ", ""))!;
      expect(decodeValue(bytes).ok).toBe(false);
    });
  }

  test("names every kind of block with its number", () => {
    const cells = page.split("\n## 2.")[0]!;
    for (const [name, number] of Object.entries(Kind)) {
      const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      expect(cells).toContain(`| ${words} | ${number} |`);
    }
  });
});
