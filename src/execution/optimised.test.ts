import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Value } from "../content/index.ts";
import { newLibrary } from "./machine/Library.ts";
import type { Limits } from "./machine/Machine.ts";
import { answer, fuelUsed, memoryUsed, pending, run, start } from "./machine/schedule.ts";
import { optimisedLibrary } from "./optimised.ts";
import { hashOf, sourceOf } from "./testing/handMade.ts";
import { type Program, programOf } from "./testing/programs.ts";

const LIMITS: Limits = { fuel: 1_000_000, memoryBytes: 10_000_000 };
const outside = (operation: string, args: readonly Value.Value[]): Value.Value =>
  operation === "now" ? Value.instant(0) : typeof args[0] === "number" ? (args[0] % 100) + 5 : 1;

function ends(program: Program, limits: Limits, isOptimised: boolean) {
  const source = sourceOf(program.definitions);
  const library = isOptimised ? optimisedLibrary(source) : newLibrary(source);
  const machine = start(library, hashOf(program.main), [], limits, program.state);
  if (!machine.ok) throw new Error(machine.error.kind);
  for (;;) {
    const outcome = run(machine.value);
    if (outcome.kind === "suspended") {
      for (const request of pending(machine.value))
        answer(machine.value, request.index, outside(request.operation, request.arguments));
      continue;
    }
    if (outcome.kind !== "done") return { kind: outcome.kind };
    return {
      kind: outcome.kind,
      value: outcome.value,
      fuel: fuelUsed(machine.value),
      memory: memoryUsed(machine.value),
    };
  }
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe("optimised code", () => {
  test("of pure programs: a value comes with the same fuel and memory", () => {
    fc.assert(
      fc.property(
        seeds.map((seed) => programOf(seed, true)),
        (program) => {
          const plain = ends(program, LIMITS, false);
          const optimised = ends(program, LIMITS, true);
          if (plain.kind === "done" || optimised.kind === "done") expect(optimised).toEqual(plain);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("of pure programs: a byte less than tier 0 needs is not enough", () => {
    fc.assert(
      fc.property(
        seeds.map((seed) => programOf(seed, true)),
        (program) => {
          if (ends(program, LIMITS, false).kind !== "done") return;
          let low = 0;
          let high = LIMITS.memoryBytes;
          while (low < high) {
            const memoryBytes = Math.floor((low + high) / 2);
            if (ends(program, { ...LIMITS, memoryBytes }, false).kind === "done") high = memoryBytes;
            else low = memoryBytes + 1;
          }
          expect(ends(program, { ...LIMITS, memoryBytes: low - 1 }, true)).toEqual({ kind: "outOfMemory" });
        },
      ),
      { numRuns: 500 },
    );
  });

  test("a value comes with the same fuel and memory", () => {
    fc.assert(
      fc.property(seeds.map(programOf), (program) => {
        const plain = ends(program, LIMITS, false);
        const optimised = ends(program, LIMITS, true);
        if (plain.kind === "done" || optimised.kind === "done") expect(optimised).toEqual(plain);
      }),
      { numRuns: 3000 },
    );
  });
});
