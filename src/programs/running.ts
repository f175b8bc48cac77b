/**
 * Runs an entry of a live program: its effects go to timelines and accounts, its state is committed with its log, and its
 * trace names the whole run. A run that a crash cut off is continued before another begins.
 */
import { type ContentHash, encodeValue, hashValue, Value } from "../content/index.ts";
import {
  type ContentAddressableExecutor,
  checkArguments,
  codeSource,
  type EffectAnswer,
  type EffectHandler,
  type Execution,
  type ExecutionError,
  newExecutor,
  newSecuritySandbox,
  type Run,
  type SecuritySandbox,
  saltedStream,
  showExecutionError,
} from "../execution/index.ts";
import { Bindings, type Message } from "../protocol/index.ts";
import { assert, err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import { submit } from "./accounts.ts";
import type { Call, CallOutcome, OutsideContext } from "./answers.ts";
import {
  appendInstance,
  type Bandit,
  type BanditError,
  type InstanceView,
  loadInstance,
  type Progress,
  type Recorder,
  showBanditError,
  transact,
} from "./Bandit.ts";
import { type CompiledProgram, loadCompiled } from "./CompiledProgram.ts";
import type * as Instance from "./Instance.ts";
import { closeRun } from "./moving.ts";
import { perform } from "./outside.ts";
import { loadState } from "./planning.ts";
import { inTurn } from "./turns.ts";

export interface RunReport {
  readonly instance: string;
  readonly entry: string;
  /** The message that asked for the run names it. */
  readonly run: ContentHash.ContentHash;
  readonly outcome: "returned" | "faulted";
  /** What the entry returned; Unit when it faulted. */
  readonly value: Value.Value;
  readonly error: ExecutionError | undefined;
  readonly trace: ContentHash.ContentHash;
  readonly fuel: number;
  readonly effects: number;
  readonly before: Value.Value;
  readonly after: Value.Value;
}

/** How long an unreachable timeline is asked again, where no deadline of the program ends it sooner. */
const PATIENCE_MILLISECONDS = 30_000;
const RETRY_MILLISECONDS = 500;
/** A run may take this long by the clock: the hostage bound of a program that waits for timelines. */
export const RUN_MILLISECONDS_MAX = 900_000;
/**
 * What a run of an entry is granted: 10^9 fuel and 256 MiB. Whoever waits for a program waits for its computing too, and
 * a run that a crash cut off computes again, so the bound is what nobody minds to wait for twice.
 */
export const ENTRY_GRANT = { cpuMillis: 10_000, memoryBytes: 2 ** 28 } as const;

type Started = Instance.InstanceEvent & { readonly kind: "RunStarted" };

/** Who waits for a run, and how long. */
interface Waiting {
  readonly chain: readonly string[];
  /** Milliseconds by the clock; undefined: its own bound. */
  readonly deadline: number | undefined;
}

const FROM_OUTSIDE: Waiting = { chain: [], deadline: undefined };

/**
 * Takes an Invoke message and runs the entry that it names. The message and the beginning of its run become durable
 * together, so a run is never lost and never begun twice; `recover` ends one that a crash cut off.
 */
export async function invoke(bandit: Bandit, message: Message): Promise<Result<RunReport, BanditError>> {
  const action = Account.Action.fromValue(message.body.action);
  if (!action.ok || action.value.kind !== "Invoke")
    return err({ kind: "Refused", reason: "the message does not invoke a program" });
  const { program: id } = action.value;
  const deadline = bandit.clock.now() + RUN_MILLISECONDS_MAX;
  const done = await inTurn(bandit, id, deadline, async (): Promise<Result<RunReport, BanditError>> => {
    const recovered = await recoverNow(bandit, id, FROM_OUTSIDE);
    if (!recovered.ok) return recovered;
    let started: Started | undefined;
    const taken = await submit(bandit, message, (recorder, { message: run, action: asked, account }) => {
      assert(asked.kind === "Invoke", "the message was read before");
      const { entry, arguments: args } = asked;
      const begun = begin(recorder, id, { run, entry, arguments: args });
      if (!begun.ok) return begun;
      if (begun.value.owner !== account.name)
        return err({ kind: "Refused", reason: `${id} belongs to ${begun.value.owner}, not to ${account.name}` });
      started = begun.value.started;
      return ok(begun.value.write);
    });
    if (!taken.ok) return taken;
    assert(started !== undefined, "a taken message began its run");
    return carryOn(bandit, id, started, undefined, FROM_OUTSIDE);
  });
  return done ?? err({ kind: "Refused", reason: `${id} was busy with other runs for too long; nothing was done` });
}

/** What a run of a program's own is begun with, and what its log says before; undefined: there is nothing to do any more. */
export type OwnRun =
  | (Pick<Started, "run" | "entry" | "arguments"> & {
      readonly because: Instance.InstanceEvent;
      /** Told once it stands in the log. */
      readonly progress: Progress;
    })
  | undefined;

/**
 * Begins a run that no message asks for, when it is the program's turn. `decide` sees the log in the transaction that
 * records the run, with why it was begun; so it is begun once, whoever else decides the same.
 */
export async function runOwn(
  bandit: Bandit,
  id: string,
  decide: (recorder: Recorder, view: InstanceView) => Result<OwnRun, BanditError>,
): Promise<Result<RunReport | undefined, BanditError>> {
  const deadline = bandit.clock.now() + RUN_MILLISECONDS_MAX;
  const done = await inTurn(bandit, id, deadline, async (): Promise<Result<RunReport | undefined, BanditError>> => {
    const recovered = await recoverNow(bandit, id, FROM_OUTSIDE);
    if (!recovered.ok) return recovered;
    let progress: Progress | undefined;
    const begun = await transact(bandit, (recorder): Result<Started | undefined, BanditError> => {
      const view = loadInstance(recorder, id);
      if (!view.ok) return view;
      const own = decide(recorder, view.value);
      if (!own.ok) return own;
      if (own.value === undefined) return ok(undefined);
      const { because, progress: toTell, ...asked } = own.value;
      progress = toTell;
      const ready = begin(recorder, id, asked);
      if (!ready.ok) return ready;
      appendInstance(recorder, id, because);
      ready.value.write();
      return ok(ready.value.started);
    });
    if (!begun.ok) return begun;
    if (begun.value === undefined || progress === undefined) return ok(undefined);
    bandit.report(progress);
    return carryOn(bandit, id, begun.value, undefined, FROM_OUTSIDE);
  });
  return done ?? err({ kind: "Refused", reason: `${id} was busy with other runs for too long; nothing was begun` });
}

/** Checks that a run can begin now, and gives what records it. */
function begin(
  recorder: Recorder,
  id: string,
  asked: Pick<Started, "run" | "entry" | "arguments">,
): Result<{ readonly owner: string; readonly started: Started; readonly write: () => void }, BanditError> {
  const view = loadInstance(recorder, id);
  if (!view.ok) return view;
  const { instance } = view.value;
  const refused = (reason: string) => err({ kind: "Refused", reason } as const);
  if (instance.status === "deployed") return refused(`${id} is deployed but not active; activate it first`);
  if (instance.pending.length > 0) return refused(`${id} has a run that is not over`);
  const program = loadCompiled(recorder.store, instance.program);
  if (!program.ok) return program;
  const entry = program.value.entries.find((e) => e.name === asked.entry);
  if (entry === undefined) {
    const known = program.value.entries.map((e) => e.name).join(", ");
    return refused(`${id} has no entry ${asked.entry}; it has ${known || "none"}`);
  }
  const { length } = entry.parameters;
  const wrong = (reason: string) => err({ kind: "WrongArguments", reason } as const);
  if (length !== asked.arguments.length)
    return wrong(`${asked.entry} takes ${length} argument(s), got ${asked.arguments.length}`);
  const mismatch = checkArguments(codeSource(recorder.store.blocks), entry.function, asked.arguments);
  if (mismatch !== undefined) return wrong(`${asked.entry}: ${showExecutionError(mismatch)}`);
  const started: Started = { kind: "RunStarted", ...asked, before: instance.state };
  return ok({ owner: instance.owner, started, write: () => appendInstance(recorder, id, started) });
}

/** Runs an entry for another program, once per key. */
async function runCall(bandit: Bandit, id: string, given: Call): Promise<CallOutcome> {
  const { key, deadline, chain } = given;
  const waiting: Waiting = { chain, deadline };
  const past = (): CallOutcome | undefined => {
    const view = loadInstance(bandit, id);
    const ended = view.ok
      ? view.value.events.find(({ event }) => event.kind === "RunEnded" && event.run === key)?.event
      : undefined;
    return ended?.kind === "RunEnded" ? { kind: "ended", outcome: ended.outcome, result: ended.result } : undefined;
  };
  const done = await inTurn(
    bandit,
    id,
    deadline ?? bandit.clock.now() + RUN_MILLISECONDS_MAX,
    async (): Promise<CallOutcome> => {
      const recovered = await recoverNow(bandit, id, waiting);
      if (!recovered.ok) return { kind: "refused", reason: showBanditError(recovered.error) };
      const before = past();
      if (before !== undefined) return before;
      const begun = await transact(bandit, (recorder) => {
        const asked = { run: key, entry: given.entry, arguments: given.arguments };
        const ready = begin(recorder, id, asked);
        if (ready.ok) ready.value.write();
        return ready;
      });
      if (!begun.ok) return { kind: "refused", reason: showBanditError(begun.error) };
      await carryOn(bandit, id, begun.value.started, undefined, waiting);
      const after = past();
      assert(after !== undefined, "a run that was carried on is over");
      return after;
    },
    given.signal,
  );
  return done ?? { kind: "late" };
}

/** Ends the runs that a crash left open, oldest first. */
export async function recover(bandit: Bandit, id: string): Promise<Result<readonly RunReport[], BanditError>> {
  const deadline = bandit.clock.now() + RUN_MILLISECONDS_MAX;
  const done = await inTurn(bandit, id, deadline, () => recoverNow(bandit, id, FROM_OUTSIDE));
  return done ?? err({ kind: "Refused", reason: `${id} was busy with other runs for too long` });
}

async function recoverNow(
  bandit: Bandit,
  id: string,
  waiting: Waiting,
): Promise<Result<readonly RunReport[], BanditError>> {
  const reports: RunReport[] = [];
  for (;;) {
    const view = loadInstance(bandit, id);
    if (!view.ok) return view;
    const { instance, events } = view.value;
    const open = instance.pending[0];
    if (open === undefined) return ok(reports);
    const started = events.map(({ event }) => event).find((event) => event.kind === "RunStarted" && event.run === open);
    if (started?.kind !== "RunStarted")
      return err({ kind: "Damaged", reason: `the run ${open} of ${id} has no beginning` });
    const report = await carryOn(bandit, id, started, traceRunOf(bandit, open), waiting);
    if (report.ok) reports.push(report.value);
    // A run that could not begin is over too; only what cannot be read stops here.
    else if (report.error.kind !== "Refused") return report;
  }
}

/** The trace that was begun for a run: its salt is the run's name. */
const traceRunOf = (bandit: Bandit, run: ContentHash.ContentHash): ContentHash.ContentHash | undefined =>
  bandit.store.logEntries(saltedStream(run), 0, 1)[0]?.entry;

async function carryOn(
  bandit: Bandit,
  id: string,
  started: Started,
  begun: ContentHash.ContentHash | undefined,
  waiting: Waiting,
): Promise<Result<RunReport, BanditError>> {
  const view = loadInstance(bandit, id);
  if (!view.ok) return view;
  const { instance } = view.value;
  const program = loadCompiled(bandit.store, instance.program);
  if (!program.ok) return program;
  const entry = program.value.entries.find((e) => e.name === started.entry);
  if (entry === undefined)
    return err({ kind: "Damaged", reason: `the program of ${id} has no entry ${started.entry}` });
  const before = loadState(bandit, started.before);
  if (!before.ok) return before;
  if (typeof before.value !== "object" || before.value.tag !== "record")
    return err({ kind: "Damaged", reason: `the state of ${id} is no record` });
  const bindings = Bindings.fromValue(program.value.bindings);
  if (!bindings.ok) return err({ kind: "Damaged", reason: `the bindings of ${program.value.name} cannot be read` });

  const asking = {
    instance,
    safeStateStrategy: program.value.safeStateStrategy,
    run: started.run,
    bindings: bindings.value,
    programs: program.value.programs,
    chain: [...waiting.chain, id],
  };
  const effects = handlerOf(bandit, asking);
  const { store, clock, breathe } = bandit;
  const executor = newExecutor({ store, clock, effects, ...(breathe === undefined ? {} : { breathe }) });
  const left = waiting.deadline === undefined ? RUN_MILLISECONDS_MAX : waiting.deadline - bandit.clock.now();
  const millis = Math.max(1, Math.min(RUN_MILLISECONDS_MAX, left));
  const sandbox = sandboxOf(entry.row, program.value, millis);
  const run =
    begun === undefined
      ? await runAnew(executor, {
          definition: entry.function,
          arguments: started.arguments,
          name: `${program.value.name}.${entry.name}`,
          state: before.value,
          sandbox,
          effects,
          salt: started.run,
        })
      : await goOn(bandit, executor, begun, { effects, sandbox });
  const after = run.state ?? before.value;
  const error = run.result.ok ? undefined : run.result.error;
  const value = run.result.ok ? run.result.value : Value.unit;
  const ended: Instance.InstanceEvent = {
    kind: "RunEnded",
    run: started.run,
    trace: run.trace,
    outcome: run.result.ok ? "returned" : "faulted",
    result: error === undefined ? value : showExecutionError(error),
    fuel: run.fuel,
    after: hashValue(after),
  };
  await transact(bandit, (recorder) => {
    recorder.store.put(encodeValue(after));
    closeRun(recorder, instance.owner, started.run);
    appendInstance(recorder, id, ended);
  });
  // Wrong arguments: the run never began, and the log says so.
  if (run.trace === undefined)
    return err({ kind: "Refused", reason: error === undefined ? "the run did not begin" : showExecutionError(error) });
  return ok({
    instance: id,
    entry: started.entry,
    run: started.run,
    outcome: ended.outcome,
    value,
    error,
    trace: run.trace,
    fuel: run.fuel,
    effects: run.effects,
    before: before.value,
    after,
  });
}

async function runAnew(executor: ContentAddressableExecutor, execution: Execution): Promise<Run> {
  const context = executor.createContext();
  assert(context.ok, "a new executor has all of its grant");
  try {
    return await executor.execute(execution, context.value);
  } finally {
    executor.destroyContext(context.value);
  }
}

/** A trace that cannot be followed any more ends its run: nothing of it would ever become true by waiting. */
async function goOn(
  bandit: Bandit,
  executor: ContentAddressableExecutor,
  begun: ContentHash.ContentHash,
  options: Parameters<ContentAddressableExecutor["resume"]>[1],
): Promise<Run> {
  const resumed = await executor.resume(begun, options);
  if (resumed.ok) return resumed.value;
  return {
    result: resumed,
    trace: bandit.store.logHead(`run/${begun}`)?.entry,
    run: begun,
    fuel: 0,
    memoryBytes: 0,
    effects: 0,
    state: undefined,
    tier: 0,
  };
}

/** What the entry declares is what it may do, on the timelines that the manifest names. */
function sandboxOf(row: readonly string[], program: CompiledProgram, timeoutMillis: number): SecuritySandbox {
  const sandbox = newSecuritySandbox([...row, "Clock"], { ...ENTRY_GRANT, timeoutMillis });
  const timelines = [...program.components.keys()];
  const scoped = [...sandbox.allowedEffects].map(
    ([label]) => [label, ON_TIMELINES.has(label) ? { timelines } : {}] as const,
  );
  return { ...sandbox, allowedEffects: new Map(scoped) };
}

const ON_TIMELINES: ReadonlySet<string> = new Set(["Observe", "Act", "Deposit", "Withdraw"]);

function handlerOf(
  bandit: Bandit,
  asking: Pick<OutsideContext, "instance" | "safeStateStrategy" | "run" | "bindings" | "programs" | "chain">,
): EffectHandler {
  return {
    async perform(request, { run: traceRun, deadline, signal }): Promise<EffectAnswer> {
      const until = bandit.clock.now() + PATIENCE_MILLISECONDS;
      const context: OutsideContext = {
        ...asking,
        traceRun,
        deadline,
        signal,
        runCall: (id, call) => runCall(bandit, id, call),
      };
      const asked = {
        index: request.index,
        key: request.idempotencyKey,
        operation: request.operation,
        arguments: request.arguments,
      };
      for (;;) {
        const given = await perform(bandit, context, asked);
        if (given.ok) return { kind: "answer", value: given.value };
        const { error } = given;
        if (error.kind === "Unsupported") return { kind: "refusal", reason: error.reason };
        if (signal.aborted || bandit.clock.now() >= until) {
          return error.giveUp === undefined
            ? { kind: "refusal", reason: error.reason }
            : { kind: "answer", value: await error.giveUp() };
        }
        await bandit.clock.until(bandit.clock.now() + RETRY_MILLISECONDS, signal);
      }
    },
  };
}
