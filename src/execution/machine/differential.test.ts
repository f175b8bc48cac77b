import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContentHash, Value } from "../../content/index.ts";
import { $, closure, definition, hashOf, let_, lit, perform, sourceOf } from "../testing/handMade.ts";
import { type Program, programOf } from "../testing/programs.ts";
import { evaluate, type Result } from "../testing/reference.ts";
import { newLibrary } from "./Library.ts";
import type { Limits, Machine } from "./Machine.ts";
import { OWN_INSTANCE } from "./Machine.ts";
import { openSnapshot } from "./openSnapshot.ts";
import { takeSnapshot } from "./Snapshot.ts";
import { answer, fuelUsed, memoryUsed, pending, run, start } from "./schedule.ts";

const LIMITS: Limits = { fuel: 1_000_000, memoryBytes: 10_000_000 };

/** Depends on the request alone, so the order of answers does not matter. */
const outside = (operation: string, args: readonly Value.Value[]): Value.Value =>
  operation === "now" ? Value.instant(0) : typeof args[0] === "number" ? (args[0] % 100) + 5 : 1;

function byReference(program: Program, limits: Limits): Result {
  const table = new Map<string, Program["definitions"][number]>(
    program.definitions.map((one) => [hashOf(one.name), one]),
  );
  const main = table.get(hashOf(program.main))!;
  return evaluate((hash) => table.get(hash)!, main, [], limits, outside, program.state);
}

interface How {
  /** Is given the machine each time it waits; gives the machine to go on with. */
  readonly atWait?: (machine: Machine) => Machine;
  readonly pauseEvery?: number;
}

function byMachine(program: Program, limits: Limits, how: How = {}): Result {
  const started = start(newLibrary(sourceOf(program.definitions)), hashOf(program.main), [], limits, program.state);
  if (!started.ok) throw new Error(started.error.kind);
  let machine = started.value;
  for (;;) {
    const outcome = run(machine, how.pauseEvery === undefined ? undefined : fuelUsed(machine) + how.pauseEvery);
    if (outcome.kind === "paused") {
      if (how.atWait !== undefined) machine = how.atWait(machine);
    } else if (outcome.kind === "suspended") {
      if (how.atWait !== undefined) machine = how.atWait(machine);
      for (const request of pending(machine))
        answer(machine, request.index, outside(request.operation, request.arguments));
    } else {
      const { kind } = outcome;
      return {
        kind,
        value: kind === "done" ? outcome.value : kind === "fault" ? outcome.code : undefined,
        fuel: kind === "outOfFuel" ? limits.fuel : fuelUsed(machine),
        memory: kind === "outOfMemory" ? limits.memoryBytes : memoryUsed(machine),
        state: machine.instances.get(OWN_INSTANCE)?.working,
      };
    }
  }
}

/**
 * What is compared. A run that fails drops what it wrote after its last effect, which the plain evaluator keeps; code that
 * no checker lets through is only stopped; and of branches that wait for each other another one may fail first.
 */
function figures(result: Result, program: Program, ...without: readonly ("memory" | "fuel")[]): object {
  const { kind } = result;
  if (kind !== "done" && hasBranches(program)) return { kind: "failed" };
  if (kind === "invalid") return { kind };
  return {
    kind,
    value: result.value === undefined ? undefined : show(result.value),
    fuel: without.includes("fuel") ? undefined : result.fuel,
    memory: without.includes("memory") ? undefined : result.memory,
    state: kind === "done" ? show(result.state!) : undefined,
  };
}

const hasBranches = (program: Program): boolean =>
  program.definitions.some((one) => JSON.stringify(one.body, big).includes('"par"'));

const big = (_: string, one: unknown): unknown => (typeof one === "bigint" ? `${one}n` : one);

const show = (value: Value.Value): string => JSON.stringify(value, big);

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const programs = seeds.map(programOf);

function restored(machine: Machine): Machine {
  const taken = takeSnapshot(machine);
  if (!taken.ok) throw new Error(taken.error.kind);
  const blocks = new Map(taken.value.blocks.map((block) => [block.hash, block.bytes]));
  const opened = openSnapshot(newLibrary(machine.library.source), taken.value.root, (hash) => blocks.get(hash));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const again = takeSnapshot(opened.value);
  expect(again.ok && again.value.root).toBe(taken.value.root);
  return opened.value;
}

describe("the machine does what Core means", () => {
  test("value, fuel, memory and state are those of the plain evaluator", () => {
    fc.assert(
      fc.property(programs, (program) => {
        expect(figures(byMachine(program, LIMITS), program)).toEqual(figures(byReference(program, LIMITS), program));
      }),
      { numRuns: 1500 },
    );
  });

  test("fuel runs out at the same place, wherever it runs out", () => {
    fc.assert(
      fc.property(programs, fc.double({ min: 0, max: 1, noNaN: true }), (program, part) => {
        const whole = byMachine(program, LIMITS);
        const limits = { ...LIMITS, fuel: Math.floor(whole.fuel * part) };
        const cut = byMachine(program, limits);
        expect(figures(cut, program, "memory")).toEqual(figures(byReference(program, limits), program, "memory"));
        expect(cut.kind).toBe(limits.fuel < whole.fuel ? "outOfFuel" : whole.kind);
      }),
      { numRuns: 500 },
    );
  });

  test("memory runs out at the same place", () => {
    fc.assert(
      fc.property(
        programs.filter((program) => !hasBranches(program)),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (program, part) => {
          const whole = byMachine(program, LIMITS);
          const limits = { ...LIMITS, memoryBytes: Math.floor(whole.memory * part) };
          expect(figures(byMachine(program, limits), program)).toEqual(figures(byReference(program, limits), program));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("pausing anywhere changes nothing", () => {
    fc.assert(
      fc.property(programs, fc.integer({ min: 1, max: 400 }), (program, pauseEvery) => {
        expect(figures(byMachine(program, LIMITS, { pauseEvery }), program)).toEqual(
          figures(byMachine(program, LIMITS), program),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("a snapshot at every stop goes on to the same end, and is the same when it is taken again", () => {
    fc.assert(
      fc.property(programs, fc.integer({ min: 20, max: 400 }), (program, pauseEvery) => {
        expect(figures(byMachine(program, LIMITS, { atWait: restored, pauseEvery }), program)).toEqual(
          figures(byMachine(program, LIMITS), program),
        );
      }),
      { numRuns: 300 },
    );
  });
});

test("a snapshot with one byte changed is refused, or is a machine that ends", () => {
  fc.assert(
    fc.property(programs, fc.nat(), fc.integer({ min: 1, max: 255 }), (program, place, flip) => {
      const started = start(newLibrary(sourceOf(program.definitions)), hashOf(program.main), [], LIMITS, program.state);
      if (!started.ok || run(started.value, 200).kind !== "paused") return;
      const taken = takeSnapshot(started.value);
      if (!taken.ok) throw new Error(taken.error.kind);
      // The changed block gets the address of the whole one: only what the reader checks protects it.
      const blocks = new Map(taken.value.blocks.map((block) => [block.hash, block.bytes]));
      const root = blocks.get(taken.value.root)!.slice();
      root[place % root.length]! ^= flip;
      const address = ContentHash.of(root);
      blocks.set(address, root);
      const opened = openSnapshot(newLibrary(started.value.library.source), address, (hash) => blocks.get(hash));
      if (opened.ok)
        for (let i = 0; i < 1000 && run(opened.value, fuelUsed(opened.value) + 10_000).kind === "paused"; i++);
    }),
    { numRuns: 1000 },
  );
});

test("a snapshot in which two branches of a par have one name is refused", () => {
  const main = definition(
    "main",
    0,
    1,
    let_(0, closure("branch"), { kind: "par", names: ["b", "a"], branches: [$(0), $(0)] }),
  );
  const source = sourceOf([main, definition("branch", 0, 0, perform("Ask", "ask", lit(1)))]);
  const started = start(newLibrary(source), hashOf("main"), [], LIMITS);
  if (!started.ok || run(started.value).kind !== "suspended") throw new Error("it should wait");
  const taken = takeSnapshot(started.value);
  if (!taken.ok) throw new Error(taken.error.kind);
  const blocks = new Map(taken.value.blocks.map((block) => [block.hash, block.bytes]));
  const root = Buffer.from(blocks.get(taken.value.root)!);
  const names = root.indexOf(Buffer.from("8261626161", "hex"));
  expect(names).toBeGreaterThan(0);
  root[names + 4] = 0x62;
  const address = ContentHash.of(root);
  const opened = openSnapshot(newLibrary(source), address, (hash) => (hash === address ? root : blocks.get(hash)));
  expect(opened).toMatchObject({ ok: false, error: { reason: "a join has a name twice" } });
});
