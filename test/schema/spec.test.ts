/** The specification's examples, tables and vectors are what the code does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  CLASSES,
  CODES,
  formOf,
  hashSchema,
  parseManifest,
  parseType,
  RULES,
  showProblem,
} from "../../src/schema/index.ts";
import { schemaFrom } from "./build.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/spec/schema.md"), "utf8");
const section = (title: string): string => page.split(/^## /m).find((part) => part.includes(title)) ?? "";
const rows = (text: string): readonly (readonly string[])[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("| `") || line.startsWith("| SCH"))
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| /, "").replace(/ \|$/, "").trim()));
const code = (cell: string): string => /^`(.*)`$/.exec(cell)![1]!;

describe("docs/spec/schema.md", () => {
  it("has manifests that are accepted", () => {
    const blocks = [...page.matchAll(/```toml\n([\s\S]*?)```/g)].map((match) => match[1]!);
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) {
      const parsed = parseManifest(block, "spec.toml");
      expect(parsed.ok ? [] : parsed.error.map(showProblem)).toEqual([]);
    }
  });

  it.each(rows(section("States as JSON")).map((row) => [code(row[0]!), code(row[1]!)] as const))(
    "writes %s as %s",
    (type, json) => {
      const parsed = parseType(type, () => ({ file: "spec", line: 1, column: 1 }));
      if (!parsed.ok) throw new Error(showProblem(parsed.error));
      const form = formOf(parsed.value.type, new Map());
      const read = form.read(json);
      if (!read.ok) throw new Error(showProblem(read.error));
      expect(form.write(read.value)).toBe(json);
    },
  );

  it.each(rows(section("Canonical form")).map((row) => [code(row[0]!), row[1]!] as const))(
    "hashes %s as %s",
    (type, hash) => {
      expect(hashSchema(schemaFrom(`[schema.fields]\nx = ${JSON.stringify(type)}`))).toBe(hash);
    },
  );

  it("lists every problem code with its title", () => {
    expect(rows(section("Problem codes"))).toEqual(Object.entries(CODES).map(([name, title]) => [name, title]));
  });

  it("names every rule and class", () => {
    const changes = section("Changes");
    for (const word of [...RULES, ...CLASSES]) expect(changes).toContain(`\`${word}\``);
  });
});
