/** Programs with words left out, doubled, swapped or replaced: the compiler reports problems, and never throws. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { check } from "../../src/language/index.ts";
import { programs } from "./corpus.ts";

const texts = [...programs("pass"), ...programs("fail")].flatMap(([, sources]) => sources.map(({ text }) => text));
const words = texts.map((text) => text.match(/\s+|\w+|[^\w\s]/g) ?? []);
const all = [...new Set(words.flat())];

const mutation = fc.record({
  kind: fc.constantFrom("drop", "replace", "insert", "swap"),
  at: fc.nat(10_000),
  other: fc.nat(10_000),
});

function mutated(text: readonly string[], mutations: readonly { kind: string; at: number; other: number }[]): string {
  const made = [...text];
  for (const { kind, at, other } of mutations) {
    const i = at % made.length;
    const word = all[other % all.length]!;
    if (kind === "drop") made.splice(i, 1);
    else if (kind === "replace") made[i] = word;
    else if (kind === "insert") made.splice(i, 0, word);
    else {
      const j = other % made.length;
      [made[i], made[j]] = [made[j]!, made[i]!];
    }
    if (made.length === 0) break;
  }
  return made.join("");
}

test("a mutated program is checked without a throw, and what has no errors has an address", () => {
  fc.assert(
    fc.property(fc.nat(words.length - 1), fc.array(mutation, { minLength: 1, maxLength: 4 }), (which, mutations) => {
      const { problems, unit } = check([{ path: "a.tel", text: mutated(words[which]!, mutations) }], {});
      expect(unit === undefined).toBe(problems.some((problem) => problem.severity === "error"));
      if (unit !== undefined) addressUnit(unit);
    }),
    { numRuns: 1_000 },
  );
});
