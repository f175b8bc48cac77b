import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { runGuide } from "./runGuide.ts";

const root = resolve(import.meta.dirname, "../..");
const chapters = readdirSync(join(root, "docs/guide")).filter((file) => file.endsWith(".md"));

describe("the guide", () => {
  it("has chapters", () => {
    expect(chapters).toContain("01-first-program.md");
  });

  it.each(chapters)(
    "%s runs as it is written",
    (chapter) => {
      const folder = mkdtempSync(join(tmpdir(), "tb-guide-"));
      try {
        symlinkSync(join(root, "examples"), join(folder, "examples"));
        expect(runGuide(chapter, folder)).toBeGreaterThan(0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    300_000,
  );
});
