/**
 * Runs an entry of a live program: its effects go to timelines and accounts, its state is committed with its log, and its
 * trace names the whole run. A run that a crash cut off is continued before another begins.
 */
import { type ContentHash, encodeValue, hashValue, Value } from "../content/index.ts";
import {
  type EffectAnswer,
  type EffectHandler,
  type ExecutionError,
  newExecutor,
  newSecuritySandbox,
  type Run,
  readTrace,
  type SecuritySandbox,
  showExecutionError,
} from "../execution/index.ts";
import { Bindings } from "../protocol/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { type Bandit, type BanditError, loadInstance, programStream, record } from "./Bandit.ts";
import { type CompiledProgram, loadCompiled } from "./CompiledProgram.ts";
import * as Instance from "./Instance.ts";
import { perform } from "./outside.ts";
import { loadState } from "./upgrading.ts";

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

export async function runEntry(
  bandit: Bandit,
  id: string,
  entryName: string,
  args: readonly Value.Value[],
  message: ContentHash.ContentHash,
): Promise<Result<RunReport, BanditError>> {
  const recovered = await recover(bandit, id);
  if (!recovered.ok) return recovered;
  const view = loadInstance(bandit, id);
  if (!view.ok) return view;
  const { instance } = view.value;
  if (instance.status === "deployed")
    return err({ kind: "Refused", reason: `${id} is deployed but not active; activate it first` });
  const program = loadCompiled(bandit.store, instance.program);
  if (!program.ok) return program;
  const entry = program.value.entries.find((e) => e.name === entryName);
  if (entry === undefined) {
    const known = program.value.entries.map((e) => e.name).join(", ");
    return err({ kind: "Refused", reason: `${id} has no entry ${entryName}; it has ${known || "none"}` });
  }
  const started: Instance.InstanceEvent = {
    kind: "RunStarted",
    run: message,
    entry: entryName,
    arguments: args,
    before: instance.state,
  };
  await record(bandit, [{ stream: programStream(id), event: Instance.InstanceEvent.toValue(started) }]);
  return carryOn(bandit, instance, program.value, started, undefined);
}

/** Ends the runs that a crash left open, oldest first. */
export async function recover(bandit: Bandit, id: string): Promise<Result<readonly RunReport[], BanditError>> {
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
    const program = loadCompiled(bandit.store, instance.program);
    if (!program.ok) return program;
    const report = await carryOn(bandit, instance, program.value, started, traceRunOf(bandit, open));
    if (!report.ok) return report;
    reports.push(report.value);
  }
}

/** The trace that was begun for a message: its salt is the message's address. */
function traceRunOf(bandit: Bandit, message: ContentHash.ContentHash): ContentHash.ContentHash | undefined {
  for (const stream of bandit.store.logStreams("run/")) {
    const first = bandit.store.logEntries(stream, 0, 1)[0];
    const trace = first === undefined ? undefined : readTrace(bandit.store.blocks, first.entry);
    if (trace?.ok === true && trace.value.started.salt === message) return trace.value.run;
  }
  return undefined;
}

async function carryOn(
  bandit: Bandit,
  instance: Instance.Instance,
  program: CompiledProgram,
  started: Instance.InstanceEvent & { readonly kind: "RunStarted" },
  begun: ContentHash.ContentHash | undefined,
): Promise<Result<RunReport, BanditError>> {
  const entry = program.entries.find((e) => e.name === started.entry);
  if (entry === undefined)
    return err({ kind: "Damaged", reason: `the program of ${instance.id} has no entry ${started.entry}` });
  const before = loadState(bandit, started.before);
  if (!before.ok) return before;
  if (typeof before.value !== "object" || before.value.tag !== "record")
    return err({ kind: "Damaged", reason: `the state of ${instance.id} is no record` });
  const bindings = Bindings.fromValue(program.bindings);
  if (!bindings.ok) return err({ kind: "Damaged", reason: `the bindings of ${program.name} cannot be read` });

  const effects = handlerOf(bandit, instance, started.run, bindings.value);
  const executor = newExecutor({ store: bandit.store, clock: bandit.clock, effects });
  const sandbox = sandboxOf(entry.row, program);
  let run: Run;
  if (begun !== undefined) {
    const resumed = await executor.resume(begun, { effects, sandbox });
    if (!resumed.ok) return err({ kind: "Refused", reason: showExecutionError(resumed.error) });
    run = resumed.value;
  } else {
    const context = executor.createContext();
    if (!context.ok) return err({ kind: "Refused", reason: showExecutionError(context.error) });
    run = await executor.execute(
      {
        definition: entry.function,
        arguments: started.arguments,
        name: `${program.name}.${entry.name}`,
        state: before.value,
        sandbox,
        effects,
        salt: started.run,
      },
      context.value,
    );
    executor.destroyContext(context.value);
  }
  const after = run.state ?? before.value;
  const value = run.result.ok ? run.result.value : Value.unit;
  const error = run.result.ok ? undefined : run.result.error;
  const ended: Instance.InstanceEvent = {
    kind: "RunEnded",
    run: started.run,
    trace: run.trace,
    outcome: run.result.ok ? "returned" : "faulted",
    result: error === undefined ? value : showExecutionError(error),
    fuel: run.fuel,
    after: hashValue(after),
  };
  await record(
    bandit,
    [{ stream: programStream(instance.id), event: Instance.InstanceEvent.toValue(ended) }],
    (transaction) => {
      transaction.put(encodeValue(after));
    },
  );
  // Wrong arguments: the run never began, and the log says so.
  if (run.trace === undefined)
    return err({ kind: "Refused", reason: error === undefined ? "the run did not begin" : showExecutionError(error) });
  return ok({
    instance: instance.id,
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

/** What the entry declares is what it may do, on the timelines that the manifest names. */
function sandboxOf(row: readonly string[], program: CompiledProgram): SecuritySandbox {
  const sandbox = newSecuritySandbox([...row, "Clock"], { timeoutMillis: RUN_MILLISECONDS_MAX });
  const timelines = [...program.components.keys()];
  const scoped = [...sandbox.allowedEffects].map(
    ([label]) => [label, label === "Observe" || label === "Act" ? { timelines } : {}] as const,
  );
  return { ...sandbox, allowedEffects: new Map(scoped) };
}

function handlerOf(
  bandit: Bandit,
  instance: Instance.Instance,
  run: ContentHash.ContentHash,
  bindings: Bindings.Bindings,
): EffectHandler {
  return {
    async perform(request, context): Promise<EffectAnswer> {
      const until = bandit.clock.now() + PATIENCE_MILLISECONDS;
      for (;;) {
        const given = await perform(
          bandit,
          { instance: instance.id, account: instance.owner, run, bindings },
          {
            index: request.index,
            key: request.idempotencyKey,
            operation: request.operation,
            arguments: request.arguments,
          },
        );
        if (given.ok) return { kind: "answer", value: given.value };
        const isOver = context.signal.aborted || bandit.clock.now() >= until;
        if (isOver || given.error.kind === "Unsupported") return { kind: "refusal", reason: given.error.reason };
        await bandit.clock.until(bandit.clock.now() + RETRY_MILLISECONDS, context.signal);
      }
    },
  };
}
