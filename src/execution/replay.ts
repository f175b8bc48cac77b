/**
 * Replay: the machine with the recorded answers instead of an effect handler. Every request, and at the end the result,
 * fuel, memory and state, is compared with what was recorded; the first difference is reported.
 */
import { executorVersion } from "../code/index.ts";
import { type ContentHash, hashValue, show, Value } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { plain } from "./builtins/GrownList.ts";
import { callStack } from "./machine/frames.ts";
import { type Library, load } from "./machine/Library.ts";
import { type Limits, type Machine, type Outcome, OWN_INSTANCE, type Request } from "./machine/Machine.ts";
import { takeSnapshot } from "./machine/Snapshot.ts";
import { answer, fire, fuelUsed, memoryUsed, run, type StartError, start } from "./machine/schedule.ts";
import { agreeingBefore, type Cause, type Divergence, nextSteps } from "./trace/Divergence.ts";
import { type Difference, diff } from "./trace/diff.ts";
import type * as Event from "./trace/Event.ts";
import { type Entry, headline, type Trace } from "./trace/Trace.ts";

type V = Value.Value;

export interface Replayed {
  readonly machine: Machine;
  /** How the trace ends; `undefined` when it has no end: the run was cut off. */
  readonly ending: Event.Event | undefined;
  readonly outcome: Outcome;
  readonly events: number;
}

export type ReplayError = StartError | { readonly kind: "Diverged"; readonly divergence: Divergence };

export interface ReplayOptions {
  /** Another definition, or grant, than those recorded: to see where a change shows. */
  readonly definition?: ContentHash.ContentHash;
  readonly limits?: Limits;
}

/** Runs the trace again. `last` is its address, for the report. */
export function replay(
  library: Library,
  trace: Trace,
  last: ContentHash.ContentHash,
  options: ReplayOptions = {},
): Result<Replayed, ReplayError> {
  const { started, entries } = trace;
  const definition = options.definition ?? started.definition;
  const limits = options.limits ?? { fuel: started.fuel, memoryBytes: started.memoryBytes };
  const machine = start(library, definition, started.arguments, limits, started.state);
  if (!machine.ok) return machine;
  const outcome = run(machine.value);
  return follow(machine.value, outcome, entries, 1, () => causeOf(library, started, definition, limits), last);
}

/** A machine that has done what the events before `from` say goes on with those from there. */
export function follow(
  machine: Machine,
  first: Outcome,
  entries: readonly Entry[],
  from: number,
  cause: () => Cause,
  last: ContentHash.ContentHash,
): Result<Replayed, ReplayError> {
  let outcome = first;
  let ending: Event.Event | undefined;
  for (let at = from; at < entries.length; at++) {
    const { event } = entries[at]!;
    const wrong = step(machine, event, outcome);
    if (wrong !== undefined) {
      const why = cause();
      return err({
        kind: "Diverged",
        divergence: {
          event: at,
          of: entries.length,
          reason: wrong.reason,
          recorded: wrong.recorded ?? headline(event),
          attempted: wrong.attempted,
          differences: wrong.differences ?? [],
          callStack: "stack" in outcome ? outcome.stack : stackOf(machine),
          agreeing: agreeingBefore(entries, at),
          cause: why,
          next: nextSteps(why, last),
        },
      });
    }
    if (event.kind === "RunEnded" || event.kind === "ExecutionError") ending = event;
    else if (outcome.kind === "suspended") outcome = run(machine);
  }
  return ok({ machine, ending, outcome, events: entries.length });
}

interface Wrong {
  readonly reason: string;
  readonly recorded?: string;
  readonly attempted: string;
  readonly differences?: readonly Difference[];
}

/** Does what one event says; what does not fit is returned. */
function step(machine: Machine, event: Event.Event, outcome: Outcome): Wrong | undefined {
  switch (event.kind) {
    case "RunStarted":
      return { reason: "a run begins twice", attempted: describe(outcome) };
    case "EffectIntent":
      return compareRequest(machine, event.index, event.asked, outcome);
    case "EffectDenied":
      return event.asked === undefined
        ? known(machine, event.index, outcome)
        : compareRequest(machine, event.index, event.asked, outcome);
    case "EffectApplication":
    case "ExternalDependencyCall": {
      const wrong =
        event.asked === undefined
          ? known(machine, event.index, outcome)
          : compareRequest(machine, event.index, event.asked, outcome);
      if (wrong !== undefined) return wrong;
      return answer(machine, event.index, event.answer) === "taken"
        ? undefined
        : { reason: "an answer that no one waits for", attempted: describe(outcome) };
    }
    case "LateReturn":
      return answer(machine, event.index, event.answer) === "late"
        ? undefined
        : { reason: "an answer that is not late", attempted: describe(outcome) };
    case "DeadlineFired":
      return fire(machine, event.scope)
        ? undefined
        : { reason: "a deadline that is not open", attempted: describe(outcome) };
    case "SnapshotTaken": {
      const taken = takeSnapshot(machine);
      if (taken.ok && taken.value.root === event.snapshot) return undefined;
      return { reason: "the state at a snapshot differs", attempted: taken.ok ? `#${taken.value.root}` : "none" };
    }
    case "RunEnded":
    case "ExecutionError":
      return compareEnd(machine, event, outcome);
  }
}

function known(machine: Machine, index: number, outcome: Outcome): Wrong | undefined {
  return machine.requests.has(index)
    ? undefined
    : { reason: "an answer to what was not asked", attempted: describe(outcome) };
}

const requestValue = (request: Event.Asked): V =>
  Value.record([
    ["label", request.label],
    ["operation", request.operation],
    ["arguments", Value.list(request.arguments)],
    ["fuel", request.fuel],
  ]);

const requestText = (request: Event.Asked): string =>
  `${request.operation}!(${request.arguments.map(show).join(", ")}) after ${request.fuel} fuel`;

function compareRequest(machine: Machine, index: number, asked: Event.Asked, outcome: Outcome): Wrong | undefined {
  const request: Request | undefined = machine.requests.get(index);
  if (request === undefined)
    return {
      reason: "a request that was not made",
      recorded: requestText(asked),
      attempted: describe(outcome),
    };
  const differences = diff(requestValue(asked), requestValue(request));
  return differences.length === 0
    ? undefined
    : {
        reason: "the request differs",
        recorded: requestText(asked),
        attempted: requestText(request),
        differences,
      };
}

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case "done":
      return `the run ended with ${show(outcome.value)}`;
    case "fault":
      return `the run ended with ${outcome.code}${outcome.message === "" ? "" : `: ${outcome.message}`}`;
    case "outOfFuel":
      return "the run is out of fuel";
    case "outOfMemory":
      return "the run is out of memory";
    case "invalid":
      return `the code is not valid (${outcome.error.kind})`;
    case "suspended":
      return outcome.requests.length === 0
        ? "the run waits"
        : `the run asks ${outcome.requests.map((one) => requestText(one)).join(" and ")}`;
    case "paused":
      return "the run is paused";
  }
}

/** The end of a run as events have it. `undefined` while it waits. */
export function endFigures(machine: Machine): Event.EndFigures {
  const own = machine.instances.get(OWN_INSTANCE);
  return {
    fuel: machine.end?.kind === "outOfFuel" ? machine.limits.fuel : fuelUsed(machine),
    memoryBytes: machine.end?.kind === "outOfMemory" ? machine.limits.memoryBytes : memoryUsed(machine),
    requests: machine.nextRequest,
    state: own === undefined ? undefined : hashValue(plain(own.committed)),
  };
}

/** The code and message by which an end is recorded; `undefined` for a run that gave a value. */
export function endCode(outcome: Outcome): { readonly code: string; readonly message: string } | undefined {
  switch (outcome.kind) {
    case "fault":
      return { code: `Fault.${outcome.code}`, message: outcome.message };
    case "outOfFuel":
      return { code: "OutOfFuel", message: "" };
    case "outOfMemory":
      return { code: "OutOfMemory", message: "" };
    case "invalid":
      return { code: outcome.error.kind, message: outcome.error.kind === "InvalidCode" ? outcome.error.reason : "" };
    default:
      return undefined;
  }
}

/** Ends that the host made: the machine had more to do, and waits. */
const HOST_ENDS: ReadonlySet<string> = new Set([
  "EffectDenied",
  "ExternalCallDenied",
  "EffectRefused",
  "EffectBudget",
  "IoBudget",
  "Timeout",
]);

function compareEnd(
  machine: Machine,
  event: Event.Event & { readonly kind: "RunEnded" | "ExecutionError" },
  outcome: Outcome,
): Wrong | undefined {
  const attempted = describe(outcome);
  if (event.kind === "RunEnded") {
    if (outcome.kind !== "done") return { reason: "the run does not end here", attempted };
    const differences = diff(event.value, outcome.value);
    if (differences.length > 0)
      return { reason: "the result differs", recorded: `ended with ${show(event.value)}`, attempted, differences };
  } else if (HOST_ENDS.has(event.code)) {
    if (outcome.kind !== "suspended") return { reason: "the run was stopped from outside while it waited", attempted };
  } else {
    const end = endCode(outcome);
    if (end === undefined || end.code !== event.code || end.message !== event.message)
      return { reason: "the error differs", attempted };
  }
  const differences = diff(figuresValue(event.end), figuresValue(endFigures(machine)));
  return differences.length === 0
    ? undefined
    : { reason: "fuel, memory, requests or final state differ", attempted, differences };
}

const figuresValue = (end: Event.EndFigures): V =>
  Value.record([
    ["fuel", end.fuel],
    ["memoryBytes", end.memoryBytes],
    ["requests", end.requests],
    ["state", end.state === undefined ? Value.none : Value.hash(end.state)],
  ]);

function stackOf(machine: Machine) {
  const fiber = [...machine.fibers.values()].at(-1);
  return fiber === undefined ? [] : callStack(machine, fiber);
}

/** As far as hashes and versions tell. */
export function causeOf(
  library: Library,
  started: Event.RunStarted,
  definition: ContentHash.ContentHash,
  limits: Limits,
): Cause {
  if (definition !== started.definition) {
    const recorded = closure(library, started.definition);
    const attempted = closure(library, definition);
    return {
      kind: "CodeChanged",
      recorded: started.definition,
      attempted: definition,
      onlyRecorded: [...recorded].filter((hash) => !attempted.has(hash)),
      onlyAttempted: [...attempted].filter((hash) => !recorded.has(hash)),
    };
  }
  if (started.executor !== executorVersion)
    return { kind: "ExecutorDiffers", recorded: started.executor, attempted: executorVersion };
  const grant = (fuel: number, memory: number) => `${fuel} fuel, ${memory} bytes`;
  if (limits.fuel !== started.fuel || limits.memoryBytes !== started.memoryBytes)
    return {
      kind: "GrantsDiffer",
      recorded: grant(started.fuel, started.memoryBytes),
      attempted: grant(limits.fuel, limits.memoryBytes),
    };
  return { kind: "JournalOrHost" };
}

/** More dependencies are not compared. */
const CLOSURE_MAX = 10_000;

function closure(library: Library, root: ContentHash.ContentHash): ReadonlySet<ContentHash.ContentHash> {
  const found = new Set<ContentHash.ContentHash>([root]);
  const pending = [root];
  for (let hash = pending.pop(); hash !== undefined && found.size < CLOSURE_MAX; hash = pending.pop()) {
    const definition = load(library, hash);
    if (!definition.ok) continue;
    for (const link of definition.value.code.links) {
      if (found.has(link)) continue;
      found.add(link);
      pending.push(link);
    }
  }
  return found;
}
