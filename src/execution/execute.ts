/**
 * A run against the outside: the machine asks, the handler answers, the journal remembers. What a request does outside
 * begins after everything before it is durable; its answer reaches nothing outside before it is durable itself. Events that
 * become known together are written together, so an effect costs one durable write.
 */
import { executorVersion } from "../code/index.ts";
import { type ContentHash, encode, ContentHash as Hash, type Int, Kind, link, Value } from "../content/index.ts";
import { draw } from "./draw.ts";
import type { ExecutionError } from "./ExecutionError.ts";
import {
  type AbandonSignal,
  type EffectAnswer,
  type EffectHandler,
  type EffectRequest,
  isIdempotent,
} from "./effects.ts";
import * as Journal from "./Journal.ts";
import type { Machine, Outcome, Request } from "./machine/Machine.ts";
import { takeSnapshot } from "./machine/Snapshot.ts";
import { answer, deadlines, fire, fuelUsed, pending, run } from "./machine/schedule.ts";
import type { Clock, Store } from "./ports.ts";
import { endCode, endFigures } from "./replay.ts";
import { deny, externalCall, type Moved, type SecuritySandbox } from "./Sandbox.ts";
import type * as Event from "./trace/Event.ts";

type V = Value.Value;

/** What a run needs of its host. */
export interface Host {
  readonly store: Store;
  readonly clock: Clock;
  readonly effects: EffectHandler;
  /** Lets the host do other things; called now and then while a run computes. */
  readonly breathe: () => Promise<void>;
}

/** Fuel between two breaths: about a fifth of a second. */
const BREATH_FUEL = 20_000_000;

export interface Budget {
  readonly effectCount: number;
  readonly ioOperations: number;
}

export interface RunOptions {
  readonly sandbox: SecuritySandbox | undefined;
  readonly budget: Budget;
  /** By the clock, in milliseconds; passing it ends the run with Timeout. */
  readonly deadline: number | undefined;
  readonly timeoutMillis: number;
  /** A snapshot after every so many answers; 0 = none. */
  readonly snapshotEvery: number;
  /** Is told when something was recorded; for progress. */
  readonly onEvent: (event: Event.Event) => void;
}

export interface Driven {
  readonly outcome: Outcome;
  /** The host's reason for ending a run that had more to do. */
  readonly stopped: ExecutionError | undefined;
  readonly effects: number;
  readonly io: number;
}

/** The address that a handler uses to do a thing once. */
export const idempotencyKey = (runHash: ContentHash.ContentHash, index: number): ContentHash.ContentHash =>
  Hash.of(encode([Kind.traceEvent, 0, link(runHash), index]));

interface Completion {
  readonly index: number;
  readonly answer: EffectAnswer;
  readonly at: number;
}

/** Everything that one run's driving keeps. */
interface Drive {
  readonly machine: Machine;
  readonly journal: Journal.Journal;
  readonly started: Event.RunStarted;
  readonly host: Host;
  readonly options: RunOptions;
  readonly moved: Moved;
  /** Requests whose intent is in the journal. */
  readonly intended: Set<number>;
  readonly signals: Map<number, Signal>;
  readonly completions: Completion[];
  wake: () => void;
  failure: { readonly error: unknown } | undefined;
  /** Requests from this number on have not been asked of the handler. */
  next: number;
  effects: number;
  io: number;
  answers: number;
}

/** What a run did before a crash, as its trace has it. */
export interface Before {
  /** Requests whose intent is durable and which have no answer: they are asked again under the same key. */
  readonly intended: ReadonlySet<number>;
  /** Requests that were answered: they count against sandbox and budget. */
  readonly answered: readonly Request[];
}

/** Drives a machine to its end. */
export async function drive(
  machine: Machine,
  journal: Journal.Journal,
  started: Event.RunStarted,
  host: Host,
  options: RunOptions,
  before: Before = { intended: new Set(), answered: [] },
): Promise<Driven> {
  const state: Drive = {
    machine,
    journal,
    started,
    host,
    options,
    moved: new Map(),
    intended: new Set(before.intended),
    signals: new Map(),
    completions: [],
    wake: () => {},
    failure: undefined,
    next: 0,
    effects: before.answered.length,
    io: before.answered.filter((request) => externalCall(request) !== undefined).length,
    answers: 0,
  };
  if (options.sandbox !== undefined) for (const request of before.answered) deny(options.sandbox, request, state.moved);
  let outcome = await compute(state);
  for (;;) {
    if (outcome.kind !== "suspended") return finish(state, outcome);
    const asked = pending(machine).filter((request) => request.index >= state.next);
    state.next = machine.nextRequest;
    const refused = admit(state, asked);
    if (refused !== undefined) return stop(state, outcome, refused);
    await Journal.flush(journal);
    for (const request of asked) dispatch(state, request);
    await waitForMore(state);
    if (state.failure !== undefined) throw state.failure.error;
    const turned = await turn(state, outcome);
    if (turned.stopped !== undefined) return stop(state, turned.outcome, turned.stopped);
    outcome = turned.outcome;
  }
}

/** Runs until the machine waits or is over, with breaths between. */
async function compute(state: Drive): Promise<Outcome> {
  const { machine } = state;
  for (;;) {
    const outcome = run(machine, fuelUsed(machine) + BREATH_FUEL);
    if (outcome.kind !== "paused") {
      abandonSignals(state);
      return outcome;
    }
    await state.host.breathe();
  }
}

// --------------------------------------------------------------------------------------------- asking

/** Checks requests against sandbox and budget, and records what must be durable before they act. */
function admit(state: Drive, requests: readonly Request[]): ExecutionError | undefined {
  const { sandbox, budget } = state.options;
  for (const request of requests) {
    state.effects++;
    if (externalCall(request) !== undefined) state.io++;
    const refused =
      state.effects > budget.effectCount
        ? ({ kind: "EffectBudget", effectCount: budget.effectCount } as const)
        : state.io > budget.ioOperations
          ? ({ kind: "IoBudget", ioOperations: budget.ioOperations } as const)
          : sandbox === undefined
            ? undefined
            : deny(sandbox, request, state.moved);
    if (refused !== undefined) {
      const asked = state.intended.has(request.index) ? undefined : askedOf(request);
      note(state, { kind: "EffectDenied", index: request.index, asked, reason: refused.kind });
      return refused;
    }
    if (!isIdempotent(request) && !state.intended.has(request.index)) {
      note(state, { kind: "EffectIntent", index: request.index, asked: askedOf(request) });
      state.intended.add(request.index);
    }
  }
  return undefined;
}

const askedOf = (request: Request): Event.Asked => ({
  label: request.label,
  operation: request.operation,
  arguments: request.arguments,
  fuel: request.fuel,
});

function note(state: Drive, event: Event.Event): void {
  Journal.add(state.journal, event);
  state.options.onEvent(event);
}

/** A signal that listeners hear once. */
class Signal implements AbandonSignal {
  aborted = false;
  private readonly listeners = new Set<() => void>();
  addEventListener(_type: "abort", listener: () => void): void {
    this.listeners.add(listener);
  }
  removeEventListener(_type: "abort", listener: () => void): void {
    this.listeners.delete(listener);
  }
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of [...this.listeners]) listener();
    this.listeners.clear();
  }
}

function dispatch(state: Drive, request: Request): void {
  const signal = new Signal();
  state.signals.set(request.index, signal);
  const complete = (given: EffectAnswer) => {
    state.completions.push({ index: request.index, answer: given, at: state.host.clock.now() });
    state.wake();
  };
  perform(state, request, signal).then(complete, (error: unknown) => {
    state.failure ??= { error };
    state.wake();
  });
}

/** Time and chance are the executor's own; all else is the handler's. */
async function perform(state: Drive, request: Request, signal: Signal): Promise<EffectAnswer> {
  const { clock, effects } = state.host;
  const value = (given: V): EffectAnswer => ({ kind: "answer", value: given });
  if (request.label === "Clock" && request.operation === "now") return value(Value.instant(clock.now()));
  if (request.label === "Clock" && request.operation === "wait") {
    const [mode, time] = request.arguments as [string, Value.Duration];
    const until = mode === "at" ? Number(time.milliseconds) : clock.now() + Number(time.milliseconds);
    await clock.until(until, signal);
    return value(Value.unit);
  }
  if (request.label === "Random" && request.operation === "random") {
    const below = request.arguments[0];
    if ((typeof below !== "number" && typeof below !== "bigint") || below <= 0)
      return { kind: "refusal", reason: "random needs a bound above 0" };
    return value(draw(state.journal.run, request.index, below));
  }
  const asked: EffectRequest = { ...request, idempotencyKey: idempotencyKey(state.journal.run, request.index) };
  return effects.perform(asked, {
    run: state.journal.run,
    definition: state.started.definition,
    name: state.started.name,
    deadline: state.options.deadline,
    signal,
  });
}

// ------------------------------------------------------------------------------------------- answering

/** Until an answer is there, a deadline has passed, or the run's time is up. */
async function waitForMore(state: Drive): Promise<void> {
  if (state.completions.length > 0 || state.failure !== undefined) return;
  const { clock } = state.host;
  const next = nextDeadline(state);
  const stopWaiting = new Signal();
  await new Promise<void>((resolve) => {
    state.wake = resolve;
    if (next !== undefined) clock.until(Number(next), stopWaiting).then(resolve);
  });
  stopWaiting.abort();
  state.wake = () => {};
}

function nextDeadline(state: Drive): Int.Int | undefined {
  const first = deadlines(state.machine)[0]?.at;
  const own = state.options.deadline;
  return first === undefined ? own : own === undefined || first < own ? first : own;
}

interface Turned {
  readonly outcome: Outcome;
  readonly stopped: ExecutionError | undefined;
}

/** Applies what has come, in the order in which it came; a deadline that passed before an answer fires before it. */
async function turn(state: Drive, before: Outcome): Promise<Turned> {
  let outcome = before;
  const fireUntil = async (time: number) => {
    for (;;) {
      const due = outcome.kind === "suspended" ? deadlines(state.machine)[0] : undefined;
      if (due === undefined || due.at > time) return;
      fire(state.machine, due.scope);
      note(state, { kind: "DeadlineFired", scope: due.scope, at: time });
      outcome = await compute(state);
    }
  };
  for (const completion of state.completions.splice(0)) {
    if (outcome.kind !== "suspended") break;
    await fireUntil(completion.at);
    if (outcome.kind !== "suspended") break;
    const { index } = completion;
    const request = state.machine.requests.get(index);
    if (completion.answer.kind === "refusal") {
      if (request === undefined) continue;
      const reason = completion.answer.reason;
      note(state, { kind: "EffectDenied", index, asked: recordable(state, request), reason });
      return { outcome, stopped: { kind: "EffectRefused", operation: request.operation, reason } };
    }
    const given = completion.answer.value;
    if (request === undefined) {
      answer(state.machine, index, given);
      note(state, { kind: "LateReturn", index, answer: given });
      continue;
    }
    const kind = externalCall(request) === undefined ? "EffectApplication" : "ExternalDependencyCall";
    note(state, { kind, index, asked: recordable(state, request), answer: given });
    answer(state.machine, index, given);
    state.answers++;
    outcome = await compute(state);
    snapshot(state, outcome);
  }
  const now = state.host.clock.now();
  await fireUntil(now);
  const { deadline, timeoutMillis } = state.options;
  const late = outcome.kind === "suspended" && deadline !== undefined && now >= deadline;
  return { outcome, stopped: late ? { kind: "Timeout", timeoutMillis, by: "clock" } : undefined };
}

/** What was asked, where no intent holds it. */
const recordable = (state: Drive, request: Request): Event.Asked | undefined =>
  state.intended.has(request.index) ? undefined : askedOf(request);

function abandonSignals(state: Drive): void {
  for (const index of state.machine.abandoned) {
    state.signals.get(index)?.abort();
    state.signals.delete(index);
  }
}

function snapshot(state: Drive, outcome: Outcome): void {
  const { snapshotEvery } = state.options;
  if (snapshotEvery === 0 || outcome.kind !== "suspended" || state.answers % snapshotEvery !== 0) return;
  const taken = takeSnapshot(state.machine);
  if (!taken.ok) return;
  for (const block of taken.value.blocks) state.journal.blocks.push(block.bytes);
  note(state, { kind: "SnapshotTaken", snapshot: taken.value.root });
}

// ---------------------------------------------------------------------------------------------- ending

async function finish(state: Drive, outcome: Outcome): Promise<Driven> {
  const end = endFigures(state.machine);
  const code = endCode(outcome);
  if (code !== undefined) note(state, { kind: "ExecutionError", ...code, end });
  else if (outcome.kind === "done") note(state, { kind: "RunEnded", value: outcome.value, end });
  await Journal.flush(state.journal);
  for (const signal of state.signals.values()) signal.abort();
  return { outcome, stopped: undefined, effects: state.effects, io: state.io };
}

/** Ends a run that waits; writes to the state since its last effect are dropped. */
async function stop(state: Drive, outcome: Outcome, error: ExecutionError): Promise<Driven> {
  const end = endFigures(state.machine);
  note(state, { kind: "ExecutionError", code: error.kind, message: reasonOf(error), end });
  await Journal.flush(state.journal);
  for (const signal of state.signals.values()) signal.abort();
  return { outcome, stopped: error, effects: state.effects, io: state.io };
}

function reasonOf(error: ExecutionError): string {
  switch (error.kind) {
    case "EffectDenied":
    case "EffectRefused":
      return `${error.operation}: ${error.reason}`;
    case "ExternalCallDenied":
      return error.call;
    default:
      return "";
  }
}

export const startedBy = (
  definition: ContentHash.ContentHash,
  name: string | undefined,
  args: readonly V[],
  state: Value.Record | undefined,
  limits: { readonly fuel: number; readonly memoryBytes: number },
  salt: string,
): Event.RunStarted => ({
  kind: "RunStarted",
  definition,
  name,
  arguments: args,
  state,
  fuel: limits.fuel,
  memoryBytes: limits.memoryBytes,
  executor: executorVersion,
  salt,
});
