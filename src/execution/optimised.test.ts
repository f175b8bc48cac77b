import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Value } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import { checkTree, lower, sizeOf } from "../optimise/index.ts";
import { openMemoryStore } from "../stores/memory/index.ts";
import { newExecutor } from "./Executor.ts";
import { type Library, newLibrary } from "./machine/Library.ts";
import type { CallFrame, Limits, Machine } from "./machine/Machine.ts";
import { answer, fuelUsed, memoryUsed, pending, run, start } from "./machine/schedule.ts";
import { accelerated, HOT_FUEL, optimisedLibrary, optimiserOf, startAccelerated, warm } from "./optimised.ts";
import { replay } from "./replay.ts";
import { $, atom, builtin, call, definition, hashOf, if_, let_, lit, perform, sourceOf } from "./testing/handMade.ts";
import { type Program, programOf } from "./testing/programs.ts";
import { testClock } from "./testing/testClock.ts";
import { readTrace } from "./trace/Trace.ts";

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
      { numRuns: 1000 },
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
      { numRuns: 200 },
    );
  });

  test("a value comes with the same fuel and memory", () => {
    fc.assert(
      fc.property(seeds.map(programOf), (program) => {
        const plain = ends(program, LIMITS, false);
        const optimised = ends(program, LIMITS, true);
        if (plain.kind === "done" || optimised.kind === "done") expect(optimised).toEqual(plain);
      }),
      { numRuns: 1000 },
    );
  });
});

const LARGE: Limits = { fuel: 1e9, memoryBytes: 2 ** 30 };

/** Adds down from n; at 0 gives the sum, or fails, or asks. */
const down = (name: string, end: Core.Expression): Core.Definition => ({
  ...definition(
    name,
    2,
    5,
    let_(
      2,
      builtin("int.equal", $(0), lit(0)),
      if_(
        $(2),
        end,
        let_(3, builtin("int.subtract", $(0), lit(1)), let_(4, builtin("int.add", $(1), $(0)), call(name, $(3), $(4)))),
      ),
    ),
  ),
  signature: {
    kind: "function",
    parameters: [INT, INT],
    result: INT,
    row: { labels: [], variable: undefined },
  },
});
const INT: Core.Type = { kind: "builtin", name: "Int", arguments: [] };
const source = sourceOf([
  down("sum", atom($(1))),
  down("fails", { kind: "fault", code: "AssertionFailed", message: lit("at the end") }),
  down("asks", perform("Ask", "ask", $(1))),
]);

function accelerate(library: Library, name: string, n: number, limits = LARGE): Machine {
  const machine = startAccelerated(library, hashOf(name), [n, 0], limits);
  if (!machine.ok) throw new Error(machine.error.kind);
  return machine.value;
}

function inTier0(name: string, n: number, limits = LARGE): Machine {
  const machine = start(newLibrary(source), hashOf(name), [n, 0], limits);
  if (!machine.ok) throw new Error(machine.error.kind);
  return machine.value;
}

const report = (machine: Machine) => [run(machine), fuelUsed(machine), memoryUsed(machine)];

describe("an accelerated run", () => {
  test("begins in tier 0 and stays there while it is short", () => {
    const library = newLibrary(source);
    const machine = accelerate(library, "sum", 10);
    expect(machine.library).toBe(library);
    expect(report(machine)).toEqual(report(inTier0("sum", 10)));
  });

  test("is of optimised code when it is long, and says what tier 0 says", () => {
    const library = newLibrary(source);
    const machine = accelerate(library, "sum", 1_000_000);
    expect(machine.library).not.toBe(library);
    expect(report(machine)).toEqual(report(inTier0("sum", 1_000_000)));
  });

  test("is of optimised code from the start when those before it used enough", () => {
    const library = newLibrary(source);
    for (let used = 0; used < HOT_FUEL; used += fuelUsed(inTier0Ended("sum", 1000))) accelerate(library, "sum", 1000);
    expect(accelerate(library, "sum", 10).library).not.toBe(library);
  });

  test("that fails is tier 0's, with its call stack, and its definition is cold again", () => {
    const library = newLibrary(source);
    warm(library, hashOf("fails"));
    const machine = accelerate(library, "fails", 10);
    expect(machine.library).toBe(library);
    const expected = report(inTier0("fails", 10));
    expect(report(machine)).toEqual(expected);
    expect(expected[0]).toMatchObject({ kind: "fault", stack: [{ frameName: "fails" }] });
    const steps = accelerated(library, hashOf("fails"), [10, 0], LARGE);
    expect(steps.next()).toMatchObject({ done: true, value: { ok: true, value: { end: { kind: "fault" } } } });
  });

  test("that asks the outside is tier 0's, and asks once", () => {
    const library = newLibrary(source);
    warm(library, hashOf("asks"));
    const machine = accelerate(library, "asks", 10);
    expect(machine.library).toBe(library);
    expect(run(machine)).toMatchObject({
      kind: "suspended",
      requests: [{ index: 0, operation: "ask", arguments: [55] }],
    });
  });

  test.each(["fuel", "memoryBytes"] as const)("without enough %s ends as tier 0 ends", (what) => {
    const whole = inTier0Ended("sum", 1_000_000);
    const needed = what === "fuel" ? fuelUsed(whole) : 72;
    for (const given of [needed - 1, needed]) {
      const limits = { ...LARGE, [what]: given };
      const library = newLibrary(source);
      warm(library, hashOf("sum"));
      expect(report(accelerate(library, "sum", 1_000_000, limits))).toEqual(report(inTier0("sum", 1_000_000, limits)));
    }
  });

  test("leaves the trace of tier 0, and the host breathes meanwhile", async () => {
    const store = openMemoryStore();
    const stacks: (readonly CallFrame[])[] = [];
    const executor = newExecutor({
      store,
      clock: testClock(1000),
      source,
      breathe: async () => {
        if (context.ok) stacks.push(context.value.state.callStack);
      },
    });
    const context = executor.createContext();
    if (!context.ok) throw new Error(context.error.kind);
    const n = 3_000_000;
    const ran = await executor.execute({ definition: hashOf("sum"), arguments: [n, 0] }, context.value);
    expect(ran.result).toEqual({ ok: true, value: (n * (n + 1)) / 2 });
    expect(stacks.length).toBeGreaterThan(0);
    expect(stacks[0]).toMatchObject([{ frameName: "sum" }]);
    expect(context.value.state.callStack).toEqual([]);
    const trace = readTrace(store.blocks, ran.trace!);
    if (!trace.ok) throw new Error(trace.error.kind);
    // Replay runs tier 0 and compares value, fuel and memory.
    expect(replay(newLibrary(source), trace.value, ran.trace!)).toMatchObject({ ok: true });
  });
});

function inTier0Ended(name: string, n: number): Machine {
  const machine = inTier0(name, n);
  run(machine);
  return machine;
}

test("what a definition becomes does not depend on what was optimised before it", () => {
  fc.assert(
    fc.property(
      seeds.map((seed) => programOf(seed, true)),
      fc.nat(),
      (program, turn) => {
        const all = program.definitions;
        const codesIn = (order: readonly Core.Definition[]) => {
          const optimiser = optimiserOf(sourceOf(all));
          return new Map(order.map((one) => [one.name, optimiser.optimise(hashOf(one.name), one)]));
        };
        const at = turn % all.length;
        expect(codesIn([...all.slice(at), ...all.slice(0, at)].reverse())).toEqual(codesIn(all));
      },
    ),
    { numRuns: 300 },
  );
});

describe("definitions of any size", () => {
  type Shape = (i: number, rest: Core.Expression) => Core.Expression;
  const shapes: readonly (readonly [string, Shape])[] = [
    ["lets in a row", (i, rest) => let_(i, builtin("int.add", $(0), lit(i)), rest)],
    ["lets in lets", (i, rest) => let_(i, rest, builtin("int.add", $(i), lit(1)))],
    ["calls", (i, rest) => let_(i, call("small", $(0)), rest)],
    ["branches in branches", (i, rest) => let_(i, builtin("int.less", $(0), lit(i)), if_($(i), atom(lit(i)), rest))],
    [
      "branches that decide branches",
      (i, rest) => let_(i, if_($(0), atom(lit(true)), atom($(0))), if_($(i), rest, atom(lit(i)))),
    ],
  ];
  const small = definition(
    "small",
    1,
    2,
    let_(1, builtin("int.add", $(0), lit(1)), builtin("int.multiply", $(1), $(1))),
  );
  const cases = shapes.flatMap(([what, shape]) => [100, 190, 290, 590, 1900].map((n) => [what, n, shape] as const));
  test.each(cases)("%s, %d", (_, n, shape) => {
    let body = atom($(0));
    for (let i = n; i > 0; i--) body = shape(i, body);
    const large = definition("large", 1, n + 1, body);
    const files = sourceOf([large, small]);
    const made = optimiserOf(files).optimise(hashOf("large"), large);
    const size = sizeOf(lower(large).body);
    if (size > 600) expect(sizeOf(made.body)).toBe(size);
    else {
      expect(checkTree(made, lower(large))).toEqual([]);
      expect(sizeOf(made.body)).toBeLessThanOrEqual(2 * size + 400);
      expect(made.frameBytes).toBeGreaterThanOrEqual(32 + 8 * made.locals);
    }
  });
});
