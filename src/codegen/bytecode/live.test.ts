import fc from "fast-check";
import { expect, test } from "vitest";
import { load, newLibrary } from "../../execution/machine/Library.ts";
import { $, builtin, definition, hashOf, let_, lit, perform, sourceOf } from "../../execution/testing/handMade.ts";
import { programOf } from "../../execution/testing/programs.ts";
import type { Core } from "../../language/index.ts";
import { type Code, ENDS, list, liveAt } from "./index.ts";

/** The same by the definition: a set for each instruction. */
function plainly(code: Code): ReadonlyMap<number, readonly number[]> {
  const live = new Map<number, ReadonlySet<number>>();
  for (const one of [...list(code)].reverse()) {
    const after = new Set(ENDS.has(one.name) ? [] : live.get(one.next));
    for (const target of one.targets) {
      const filled = one.cases.find((each) => each.target === target)?.register;
      for (const register of live.get(target) ?? []) if (register !== filled) after.add(register);
    }
    for (const register of one.writes) after.delete(register);
    for (const register of one.reads) after.add(register);
    live.set(one.at, after);
  }
  const parameters = Array.from({ length: code.parameters }, (_, i) => i);
  return new Map(
    [...live].map(([at, registers]) => [at, [...new Set([...parameters, ...registers])].sort((a, b) => a - b)]),
  );
}

function codeOf(definitions: readonly Core.Definition[], name: string): Code {
  const loaded = load(newLibrary(sourceOf(definitions)), hashOf(name));
  if (!loaded.ok) throw new Error(loaded.error.kind);
  return loaded.value.code;
}

test("what is live is what some way from there reads before it is written, everywhere in any code", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
      const { definitions } = programOf(seed);
      for (const { name } of definitions) {
        const code = codeOf(definitions, name);
        for (const [at, registers] of plainly(code)) expect(liveAt(code, at)).toEqual(registers);
        expect(liveAt(code, code.ops.length)).toEqual([]);
      }
    }),
    { numRuns: 100, seed: 20_261_126 },
  );
});

test("a list of a hundred thousand constants costs no set for each of them", () => {
  const items = Array.from({ length: 100_000 }, (_, i) => lit(i));
  const body = let_(
    0,
    perform("Observe", "observe", lit(1)),
    let_(1, { kind: "list", items }, let_(2, builtin("list.length", $(1)), { kind: "tuple", items: [$(0), $(2)] })),
  );
  const code = codeOf([definition("main", 0, 3, body)], "main");
  const asked = list(code).find((one) => one.name === "perform")!;
  expect(liveAt(code, asked.next)).toEqual([0]);
});
