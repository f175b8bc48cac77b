/**
 * Code of every format that was ever written still loads, whole and with the same meaning. The files in test/frozen are
 * never changed: a new format adds one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addressUnit, codeFormat, codeRepository, compatibility, dependencyResolver } from "../../src/code/index.ts";
import type { ContentHash } from "../../src/content/index.ts";
import { Core } from "../../src/language/index.ts";
import { Bytes } from "../../src/std/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

interface Frozen {
  readonly format: number;
  readonly definitions: Readonly<Record<string, ContentHash.ContentHash>>;
  readonly blocks: Readonly<Record<string, string>>;
}

const folder = join(import.meta.dirname, "../frozen");
const frozen = readdirSync(folder)
  .filter((file) => /^code-format-\d+\.json$/.test(file))
  .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Frozen);

describe("frozen code", () => {
  test("there is a file of every format", () => {
    expect(frozen.map((one) => one.format).sort()).toEqual(compatibility.map((row) => row.codeFormat));
  });

  for (const { format, definitions, blocks } of frozen) {
    test(`of format ${format} loads with all that it needs`, async () => {
      const store = openMemoryStore();
      await store.write((tx) => {
        for (const [hash, hex] of Object.entries(blocks)) expect(tx.put(Bytes.fromHex(hex)!)).toBe(hash);
      });
      const resolver = dependencyResolver(store, codeRepository(store));
      for (const [name, hash] of Object.entries(definitions)) {
        const all = resolver.resolveTransitive(hash);
        expect([name, all.ok ? "loaded" : all.error]).toEqual([name, "loaded"]);
      }
    });

    if (format === codeFormat) {
      test("of the current format is what is written now for the same code", async () => {
        const store = openMemoryStore();
        await store.write((tx) => {
          for (const hex of Object.values(blocks)) tx.put(Bytes.fromHex(hex)!);
        });
        const repository = codeRepository(store);
        for (const hash of new Set(Object.values(definitions))) {
          const code = repository.get(hash);
          if (!code.ok) throw new Error(JSON.stringify(code.error));
          // One definition by itself, where it stands alone: its references are addresses already.
          if (code.value.form !== "definition" || code.value.links.some((link) => reaches(repository, link, hash)))
            continue;
          const self = (node: unknown): unknown => {
            if (Array.isArray(node)) return node.map(self);
            if (typeof node !== "object" || node === null || node instanceof Uint8Array) return node;
            const { kind, hash: to } = node as { kind?: unknown; hash?: unknown };
            if (kind === "literal") return node;
            if (kind === "hash" && to === hash) return Core.symbol("x");
            return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, self(part)]));
          };
          const item = { ...(self(code.value.item) as Core.Definition), name: "x" };
          const unit = { definitions: [item], types: [], outside: [], programs: [] };
          expect(addressUnit(unit).definitions.get("x")).toBe(hash);
        }
      });
    }
  }
});

function reaches(
  repository: ReturnType<typeof codeRepository>,
  from: ContentHash.ContentHash,
  to: ContentHash.ContentHash,
): boolean {
  const seen = new Set<ContentHash.ContentHash>();
  const todo = [from];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    const code = repository.get(at);
    if (code.ok) todo.push(...code.value.links);
  }
  return false;
}
