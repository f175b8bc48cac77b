/**
 * Runs a machine: takes the ready fibers in order, and does what the hot loop leaves to it. The order depends on nothing
 * but the code and the order in which answers come, so a run with the same answers is the same run.
 */
import { type ContentHash, Int, show, Value } from "../../content/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import { plain } from "../builtins/GrownList.ts";
import { chargeDeep } from "../builtins/size.ts";
import { callStack, cancel, deliver, LoadFailed, loaded, pop, setReady, setTrap, trapScope, unwind } from "./frames.ts";
import { instruction } from "./instruction.ts";
import { type Library, type LoadError, load } from "./Library.ts";
import { Exit, returned, runFiber } from "./loop.ts";
import {
  type End,
  type Fiber,
  type Limits,
  type Machine,
  type Outcome,
  OWN_INSTANCE,
  type Request,
  ROOT,
  type Scope,
  type WithinScope,
} from "./Machine.ts";
import { Fault, fuelLeft, meterOf, OutOfFuel, OutOfMemory, refill, Stuck } from "./Meter.ts";
import { nextAdvance, type World } from "./World.ts";

type V = Value.Value;

export type StartError =
  | LoadError
  | { readonly kind: "WrongArguments"; readonly expected: number; readonly got: number };

/** A machine that is about to run a definition. `state` is the state of the program whose entry it is. */
export function start(
  library: Library,
  hash: ContentHash.ContentHash,
  args: readonly V[],
  limits: Limits,
  state?: Value.Record,
): Result<Machine, StartError> {
  const definition = load(library, hash);
  if (!definition.ok) return definition;
  const { parameters, registers, index } = definition.value;
  if (args.length !== parameters) return err({ kind: "WrongArguments", expected: parameters, got: args.length });
  const root: Fiber = {
    id: ROOT,
    parent: undefined,
    branch: 0,
    registers: [...args, ...new Array<V>(registers - parameters).fill(0)],
    frames: [],
    depth: 0,
    definition: index,
    position: 0,
    base: 0,
    trap: 0,
    scope: undefined,
    status: { kind: "ready" },
  };
  const machine: Machine = {
    library,
    limits,
    meter: meterOf(limits.fuel, limits.memoryBytes),
    fibers: new Map([[ROOT, root]]),
    ready: [ROOT],
    instances: new Map(),
    requests: new Map(),
    abandoned: new Set(),
    nextFiber: ROOT + 1,
    nextScope: 1,
    nextInstance: OWN_INSTANCE + 1,
    nextRequest: 0,
    end: undefined,
  };
  if (state !== undefined)
    machine.instances.set(OWN_INSTANCE, {
      id: OWN_INSTANCE,
      program: undefined,
      owner: 0,
      committed: state,
      working: state,
    });
  charging(machine, root, () => {
    machine.meter.reserve -= definition.value.entryFuel;
    machine.meter.memory -= definition.value.frameBytes;
    if (machine.meter.reserve < 0) throw new OutOfFuel();
    if (machine.meter.memory < 0) throw new OutOfMemory();
  });
  return ok(machine);
}

export const fuelUsed = (machine: Machine): number => machine.limits.fuel - Math.max(0, fuelLeft(machine.meter));
export const memoryUsed = (machine: Machine): number => machine.limits.memoryBytes - Math.max(0, machine.meter.memory);

/**
 * Runs until the run is over, or every fiber waits for the outside, or `pauseAt` fuel has been used. A paused machine
 * goes on with the next `run`; a suspended one after `answer` or `fire`. `requests` are those made in this call.
 */
export function run(machine: Machine, pauseAt?: number): Outcome {
  const first = machine.nextRequest;
  const used = fuelUsed(machine);
  let step = Math.max(1, (pauseAt ?? Infinity) - used);
  hold(machine, Math.max(0, fuelLeft(machine.meter) - step));
  try {
    while (machine.end === undefined) {
      const id = machine.ready[0];
      if (id === undefined) {
        if (quiescent(machine)) continue;
        if (machine.requests.size > 0)
          return { kind: "suspended", requests: [...machine.requests.values()].filter((one) => one.index >= first) };
        finish(machine, machine.fibers.get(ROOT)!, new Fault("Stalled", stalled(machine)));
        break;
      }
      const fiber = machine.fibers.get(id);
      if (fiber === undefined || fiber.status.kind !== "ready") machine.ready.shift();
      else if (!charging(machine, fiber, () => turn(machine, fiber), machine.meter.held > 0)) {
        if (fuelUsed(machine) > used) return { kind: "paused" };
        // One instruction that costs more than the pause allows: it is done whole.
        release(machine, step);
        step *= 2;
      }
    }
  } finally {
    machine.meter.reserve += machine.meter.held;
    machine.meter.held = 0;
  }
  return machine.end!;
}

/** Where a `within` could end the waiting, the message says how long the world would have to go on. */
function stalled(machine: Machine): string {
  const message = "nothing can go on: every branch waits for an answer that will not come";
  for (const [id, world] of worlds(machine)) {
    const next = open(machine, (scope) => scope.clock === id)[0];
    if (next === undefined) continue;
    const wait = show(Value.duration(Int.subtract(next.deadline, world.now)));
    return `${message}; a \`within\` ends after ${wait}: add advance(${wait}) to the world's list`;
  }
  return message;
}

/** Keeps fuel back, so that the run pauses where it would be gone. */
function hold(machine: Machine, withheld: number): void {
  machine.meter.held = withheld;
  machine.meter.reserve -= withheld;
  if (machine.meter.reserve < 0) {
    machine.meter.fuel += machine.meter.reserve;
    machine.meter.reserve = 0;
  }
}

function release(machine: Machine, fuel: number): void {
  const released = Math.min(fuel, machine.meter.held);
  machine.meter.held -= released;
  machine.meter.reserve += released;
}

/** Does one piece of work; what it throws becomes the end of the run. False when it must pause for fuel that is held back. */
function charging(machine: Machine, fiber: Fiber, work: () => void, mayPause = false): boolean {
  try {
    work();
  } catch (error) {
    if (error instanceof OutOfFuel && mayPause) return false;
    finish(machine, fiber, error);
  }
  return true;
}

function finish(machine: Machine, fiber: Fiber, error: unknown): void {
  const stack = callStack(machine, machine.fibers.get(fiber.id) ?? machine.fibers.get(ROOT)!);
  machine.end = endOf(error, stack);
  // Writes since the last effect are dropped.
  for (const instance of machine.instances.values()) instance.working = instance.committed;
}

function endOf(error: unknown, stack: End extends infer E ? (E extends { stack: infer S } ? S : never) : never): End {
  if (error instanceof Fault) return { kind: "fault", code: error.code, message: error.message, stack };
  if (error instanceof OutOfFuel) return { kind: "outOfFuel", stack };
  if (error instanceof OutOfMemory) return { kind: "outOfMemory", stack };
  if (error instanceof LoadFailed) return { kind: "invalid", error: error.error, stack };
  if (error instanceof Stuck)
    return { kind: "invalid", error: { kind: "InvalidCode", hash: stack[0]!.frameHash, reason: error.reason }, stack };
  throw error;
}

/** Runs one fiber up to the next thing that is not the loop's business, and does that. */
function turn(machine: Machine, fiber: Fiber): void {
  switch (runFiber(machine, fiber)) {
    case Exit.fuel:
      if (!refill(machine.meter)) throw new OutOfFuel();
      return;
    case Exit.link:
      link(machine, fiber);
      return;
    case Exit.returned:
      leaveTrap(machine, fiber, returned.value);
      return;
    default:
      step(machine, fiber);
      return;
  }
}

/** An instruction is done whole or, when something is used up, not at all. */
function step(machine: Machine, fiber: Fiber): void {
  const { fuel, reserve, memory } = machine.meter;
  try {
    instruction(machine, fiber);
  } catch (error) {
    if (error instanceof OutOfFuel) Object.assign(machine.meter, { fuel, reserve, memory });
    throw error;
  }
}

/** Loads what the instruction at `position` names, and lets the loop try again. */
function link(machine: Machine, fiber: Fiber): void {
  const current = machine.library.table[fiber.definition]!;
  const { ops } = current;
  const at = fiber.position;
  // apply and tailApply name a register; the calls name a link.
  if (ops[at] === 33 || ops[at] === 34) {
    const called = fiber.registers[fiber.base + ops[at + 1]!] as Value.Closure;
    ops[at + 2] = loaded(machine, called.definition).index;
    return;
  }
  const number = ops[at + 1]!;
  const callee = loaded(machine, current.code.links[number]!);
  const count = ops[at] === 6 || ops[at] === 52 ? 1 : ops[at] === 7 ? 2 : ops[at + 2]!;
  if (callee.parameters !== count) throw new Stuck(`${callee.name} takes ${callee.parameters} arguments, not ${count}`);
  current.links[number] = callee;
}

/** A return that is not into the frame below: of a clause, of an entry, or of the whole fiber. */
function leaveTrap(machine: Machine, fiber: Fiber, value: V): void {
  const scope = trapScope(fiber);
  if (scope === undefined) {
    ended(machine, fiber, value);
    return;
  }
  if (scope.kind === "instance") {
    const instance = machine.instances.get(scope.instance);
    if (instance !== undefined) instance.committed = instance.working;
  }
  fiber.scope = scope.parent;
  pop(machine, fiber);
  setTrap(fiber);
  deliver(machine, fiber, value);
}

/** A fiber is at its end: the run is over, or a `par` or `race` has one more value. */
function ended(machine: Machine, fiber: Fiber, value: V): void {
  if (fiber.parent === undefined) {
    const own = machine.instances.get(OWN_INSTANCE);
    // The end is no place to pause: the instruction that returned is not done twice.
    release(machine, machine.meter.held);
    const result = plain(value);
    // The result and the state are written to blocks: their size is paid for, and their depth is bounded.
    chargeDeep(machine.meter, result, ...(own === undefined ? [] : [own.working]));
    machine.meter.memory += machine.library.table[fiber.definition]!.frameBytes;
    if (own !== undefined) own.committed = plain(own.working) as Value.Record;
    if (own !== undefined) own.working = own.committed;
    machine.end = { kind: "done", value: result };
    return;
  }
  const parent = machine.fibers.get(fiber.parent)!;
  const join = parent.status;
  if (join.kind !== "join") throw new Error("internal error: a branch ended and no one waits");
  cancel(machine, fiber.id);
  if (join.form === "race") {
    for (const child of join.children) cancel(machine, child);
    deliver(machine, parent, value);
    setReady(machine, parent);
    return;
  }
  join.values[fiber.branch] = value;
  if (join.values.includes(undefined)) return;
  deliver(machine, parent, Value.record(join.names.map((name, i) => [name, join.values[i]!] as const)));
  setReady(machine, parent);
}

// --------------------------------------------------------------------------------------- from the outside

/** Gives the answer to a request. `late` when no one waits for it any more: nothing has changed. */
export function answer(machine: Machine, index: number, value: V): "taken" | "late" | "unknown" {
  const request = machine.requests.get(index);
  if (request === undefined) return machine.abandoned.has(index) ? "late" : "unknown";
  const fiber = machine.fibers.get(request.fiber)!;
  machine.requests.delete(index);
  deliver(machine, fiber, value);
  setReady(machine, fiber);
  return "taken";
}

/** Deadlines that the outside's clock decides, the earliest first; of equal ones the outermost first. */
export function deadlines(machine: Machine): readonly { readonly scope: number; readonly at: Int.Int }[] {
  return open(machine, (scope) => scope.clock === "outside").map((scope) => ({ scope: scope.id, at: scope.deadline }));
}

/** The deadline of a `within` has passed: its body is left and its otherwise runs. False when it is not open. */
export function fire(machine: Machine, scope: number): boolean {
  const found = open(machine, (one) => one.id === scope)[0];
  if (found === undefined) return false;
  unwind(machine, found, found.target);
  return true;
}

function open(machine: Machine, wanted: (scope: WithinScope) => boolean): readonly WithinScope[] {
  const found = new Map<number, WithinScope>();
  for (const fiber of machine.fibers.values())
    for (let scope: Scope | undefined = fiber.scope; scope !== undefined; scope = scope.parent)
      if (scope.kind === "within" && wanted(scope)) found.set(scope.id, scope);
  return [...found.values()].sort((a, b) => Int.compare(a.deadline, b.deadline) || a.id - b.id);
}

/** Requests that wait for an answer, in the order in which they were made. */
export const pending = (machine: Machine): readonly Request[] => [...machine.requests.values()];

// ----------------------------------------------------------------------------------------- virtual time

/** Nothing is ready: lets time pass in a test's world. False when no world can go on. */
function quiescent(machine: Machine): boolean {
  if (machine.requests.size > 0) return false;
  for (const [id, world] of worlds(machine)) if (pass(machine, id, world)) return true;
  return false;
}

function worlds(machine: Machine): readonly (readonly [number, World])[] {
  const found = new Map<number, World>();
  for (const fiber of machine.fibers.values())
    for (let scope: Scope | undefined = fiber.scope; scope !== undefined; scope = scope.parent)
      if (scope.kind === "with" && scope.world !== undefined) found.set(scope.id, scope.world);
  // The innermost was opened last.
  return [...found].sort((a, b) => b[0] - a[0]);
}

/** Moves a world's time to what happens next in it: within an `advance`, or to the next `after` or `at`. */
function pass(machine: Machine, id: number, world: World): boolean {
  if (world.goal === undefined) nextAdvance(world);
  const sleepers = [...machine.fibers.values()].flatMap((fiber) =>
    fiber.status.kind === "asleep" && fiber.status.world === id && fiber.status.until !== undefined
      ? [{ fiber, at: fiber.status.until }]
      : [],
  );
  sleepers.sort((a, b) => Int.compare(a.at, b.at) || a.fiber.id - b.fiber.id);
  const deadline = open(machine, (scope) => scope.clock === id)[0];
  const sleeper = sleepers[0];
  const fires = deadline !== undefined && (sleeper === undefined || deadline.deadline <= sleeper.at);
  const next = fires ? deadline.deadline : sleeper?.at;
  if (world.goal !== undefined && (next === undefined || next > world.goal)) {
    world.now = world.goal;
    world.goal = undefined;
    return true;
  }
  // Time goes by itself to an `after` or `at`, never only to a deadline: that a call stalls must be said with `advance`.
  if (next === undefined || (world.goal === undefined && sleeper === undefined)) return false;
  if (next > world.now) world.now = next;
  if (fires) unwind(machine, deadline, deadline.target);
  else {
    deliver(machine, sleeper!.fiber, Value.unit);
    setReady(machine, sleeper!.fiber);
  }
  return true;
}
