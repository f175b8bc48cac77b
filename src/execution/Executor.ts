/**
 * The executor of ADR 016: code is run by the hash of its content, or by a name that stands for one, in a context that
 * owns a grant; every run leaves a trace in the store.
 */
import { executorVersion, isDefinitionName } from "../code/index.ts";
import type { ContentHash, Value } from "../content/index.ts";
import { closest, err, ok, type Result } from "../std/index.ts";
import { codeSource } from "./codeSource.ts";
import { checkArguments } from "./conforms.ts";
import { derive, type ExecutionEvent } from "./derive.ts";
import type { ExecutionError } from "./ExecutionError.ts";
import { type EffectHandler, noEffects } from "./effects.ts";
import { type Before, type Driven, drive, startedBy } from "./execute.ts";
import * as Journal from "./Journal.ts";
import { callStack } from "./machine/frames.ts";
import { type CodeSource, type Library, type LoadError, load, newLibrary } from "./machine/Library.ts";
import { type CallFrame, type Limits, type Machine, OWN_INSTANCE } from "./machine/Machine.ts";
import { fuelUsed, memoryUsed, type StartError, start } from "./machine/schedule.ts";
import { accelerated } from "./optimised.ts";
import type { Clock, Store } from "./ports.ts";
import {
  type AllocationError,
  type ResourceAllocator,
  type ResourceGrant,
  type ResourceRequest,
  staticAllocator,
} from "./ResourceAllocator.ts";
import { defaultResources, FUEL_PER_MILLISECOND, type Resources } from "./Resources.ts";
import { doneBefore, hostEnd, restore, startError } from "./restore.ts";
import type { SecuritySandbox } from "./Sandbox.ts";
import type * as Event from "./trace/Event.ts";
import { readTrace, runOf, showTraceError, streamOf } from "./trace/Trace.ts";

type V = Value.Value;

export interface ExecutionContext {
  readonly id: string;
  readonly parent: ExecutionContext | undefined;
  readonly state: ContextState;
}

/** What belongs to a context. A child sees only the variables that it was given. */
export interface ContextState {
  readonly variables: ReadonlyMap<string, V>;
  /** The calls of the runs that are going on in it, innermost first. */
  readonly callStack: readonly CallFrame[];
  /** Addresses of the runs' last events, in the order in which they ended. */
  readonly executionTrace: readonly ContentHash.ContentHash[];
}

export interface ContextOptions {
  readonly variables?: ReadonlyMap<string, V>;
  /** Of the parent's grant, or of the executor's allocator; all of what is left when it is not given. */
  readonly request?: ResourceRequest;
}

export interface Execution {
  readonly definition: ContentHash.ContentHash;
  readonly arguments: readonly V[];
  /** By which it was called, to be recorded. */
  readonly name?: string;
  /** State of the program whose entry it is. */
  readonly state?: Value.Record;
  readonly sandbox?: SecuritySandbox;
  /** Carries out this run's effects instead of the executor's handler. */
  readonly effects?: EffectHandler;
  /**
   * Makes the run its own: two runs of the same definition, arguments, state and grant with the same salt are one run.
   * Pure code needs none.
   */
  readonly salt?: string;
  readonly snapshotEvery?: number;
  readonly onEvent?: (event: Event.Event) => void;
}

/** What became of a run. */
export interface Run {
  readonly result: Result<V, ExecutionError>;
  /** Address of the last event: names the whole run. `undefined` when it never began. */
  readonly trace: ContentHash.ContentHash | undefined;
  /** Address of the first event: the run's identity. */
  readonly run: ContentHash.ContentHash | undefined;
  readonly fuel: number;
  readonly memoryBytes: number;
  readonly effects: number;
  /** The program's state after the run: all that was committed. */
  readonly state: Value.Record | undefined;
  readonly tier: 0;
}

export interface ContentAddressableExecutor {
  readonly version: string;
  readonly library: Library;
  createContext(parent?: ExecutionContext, options?: ContextOptions): Result<ExecutionContext, ExecutionError>;
  /** Destroys its children too, and gives back their grants. Later use is refused; a second time does nothing. */
  destroyContext(context: ExecutionContext): void;
  executeByHash(
    hash: ContentHash.ContentHash,
    args: readonly V[],
    context: ExecutionContext,
  ): Promise<Result<V, ExecutionError>>;
  executeByName(name: string, args: readonly V[], context: ExecutionContext): Promise<Result<V, ExecutionError>>;
  executeWithSandbox(
    sandbox: SecuritySandbox,
    hash: ContentHash.ContentHash,
    args: readonly V[],
  ): Promise<Result<V, ExecutionError>>;
  /** Runs, and tells all that is known about the run. */
  execute(execution: Execution, context: ExecutionContext): Promise<Run>;
  /** Goes on with a run whose trace has no end; gives the end of one that has. */
  resume(
    run: ContentHash.ContentHash,
    options?: Pick<Execution, "sandbox" | "effects" | "snapshotEvery" | "onEvent">,
  ): Promise<Result<Run, ExecutionError>>;
  resolveName(name: string): Result<ContentHash.ContentHash, ExecutionError>;
  /** Events of the context's runs, with the calls derived by running them again. */
  getExecutionTrace(context: ExecutionContext): Generator<ExecutionEvent>;
}

export interface ExecutorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly effects?: EffectHandler;
  readonly allocator?: ResourceAllocator;
  /** Where definitions come from; by default the store's blocks. */
  readonly source?: CodeSource;
  /** Lets the host do other things; called now and then while a run computes. */
  readonly breathe?: () => Promise<void>;
}

interface Context extends ExecutionContext {
  readonly state: {
    variables: ReadonlyMap<string, V>;
    callStack: CallFrame[];
    executionTrace: ContentHash.ContentHash[];
  };
  readonly grant: ResourceGrant;
  readonly children: Set<Context>;
  readonly machines: Set<Machine>;
  /** Runs that hold a part of its grant. */
  runs: number;
  isClosed: boolean;
}

export function newExecutor(options: ExecutorOptions): ContentAddressableExecutor {
  const { store, clock } = options;
  const allocator = options.allocator ?? staticAllocator(defaultResources);
  const source = options.source ?? codeSource(store.blocks, namesIn(store));
  const library = newLibrary(source);
  const handler = options.effects ?? noEffects;
  const breathe = options.breathe ?? (async () => {});
  const roots = new Set<Context>();
  let contexts = 0;
  let runs = 0;

  function createContext(
    parent?: ExecutionContext,
    given: ContextOptions = {},
  ): Result<ExecutionContext, ExecutionError> {
    const above = parent as Context | undefined;
    if (above?.isClosed === true) return err({ kind: "ContextClosed", context: above.id });
    const grant =
      above === undefined
        ? allocator.allocate(given.request ?? defaultResources)
        : divide(allocator, above.grant, given.request);
    if (!grant.ok) return err(allocationError(grant.error));
    const context: Context = {
      id: `context-${contexts++}`,
      parent,
      state: { variables: new Map(given.variables ?? []), callStack: [], executionTrace: [] },
      grant: grant.value,
      children: new Set(),
      machines: new Set(),
      runs: 0,
      isClosed: false,
    };
    // The stack is of the runs that go on now.
    Object.defineProperty(context.state, "callStack", {
      get: () => [...context.machines].flatMap((machine) => [...stackOf(machine)]),
      enumerable: true,
    });
    (above?.children ?? roots).add(context);
    return ok(context);
  }

  function destroyContext(given: ExecutionContext): void {
    const context = given as Context;
    if (context.isClosed) return;
    for (const child of [...context.children]) destroyContext(child);
    context.isClosed = true;
    giveBack(context);
  }

  /** A grant that is still used is given back with the end of the last run that uses it. */
  function giveBack(context: Context): void {
    if (!context.isClosed || context.runs > 0 || context.children.size > 0) return;
    allocator.release(context.grant);
    const above = context.parent as Context | undefined;
    (above?.children ?? roots).delete(context);
    if (above !== undefined) giveBack(above);
  }

  function resolveName(name: string): Result<ContentHash.ContentHash, ExecutionError> {
    const hash = store.name(name);
    if (hash !== undefined) return ok(hash);
    const known = store.names("").map(([one]) => one);
    return err({ kind: "UnknownName", name, similar: closest(name, known) });
  }

  async function execute(execution: Execution, given: ExecutionContext): Promise<Run> {
    const context = given as Context;
    if (context.isClosed) return neverBegan({ kind: "ContextClosed", context: context.id });
    const { sandbox } = execution;
    const from = sandbox?.resourceAllocator ?? allocator;
    const grant = sandbox === undefined ? divide(allocator, context.grant, undefined) : from.allocate(sandbox.request);
    if (!grant.ok) return neverBegan(allocationError(grant.error));
    context.runs++;
    try {
      const made = await runOnce(execution, context, grant.value.granted);
      const used = from.use(grant.value, usedBy(made, grant.value.granted));
      if (!used.ok) throw new Error(`internal error: a run used more than its grant (${used.error.kind})`);
      return made;
    } finally {
      from.release(grant.value);
      context.runs--;
      giveBack(context);
    }
  }

  async function runOnce(execution: Execution, context: Context, granted: Resources): Promise<Run> {
    const { definition, sandbox, state } = execution;
    const args = execution.arguments;
    const loaded = load(library, definition);
    if (!loaded.ok) return neverBegan(loaded.error);
    const mismatch = checkArguments(source, definition, args);
    if (mismatch !== undefined) return neverBegan(mismatch);
    const limits = limitsOf(granted, sandbox?.timeoutMillis);
    const isAlone = state === undefined && isPure(source, definition);
    const machine = isAlone
      ? await runAlone(definition, args, limits, context)
      : start(library, definition, args, limits, state);
    if (!machine.ok) return neverBegan(startError(definition, machine.error));
    const startedWith = (salt: string) => startedBy(definition, execution.name, args, state, limits, salt);
    const started =
      execution.salt === undefined && !isPure(source, definition)
        ? freshRun(startedWith)
        : startedWith(execution.salt ?? "");
    return drivenRun(machine.value, Journal.open(store, started), started, context, execution, granted);
  }

  /** A run that asks nothing: by optimised code where that pays. The context shows how far tier 0 has come. */
  async function runAlone(
    definition: ContentHash.ContentHash,
    args: readonly V[],
    limits: Limits,
    context: Context,
  ): Promise<Result<Machine, StartError>> {
    const steps = accelerated(library, definition, args, limits);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      context.machines.add(step.value);
      try {
        await breathe();
      } finally {
        context.machines.delete(step.value);
      }
    }
  }

  /** Time and a counter make a salt; the store tells whether the run that it makes was there before. */
  function freshRun(startedWith: (salt: string) => Event.RunStarted): Event.RunStarted {
    for (;;) {
      const started = startedWith(`${clock.now()}-${runs++}`);
      if (store.logHead(streamOf(runOf(started))) === undefined) return started;
    }
  }

  async function drivenRun(
    machine: Machine,
    journal: Journal.Journal,
    started: Event.RunStarted,
    context: Context | undefined,
    execution: Pick<Execution, "sandbox" | "effects" | "snapshotEvery" | "onEvent">,
    granted: Resources,
    before?: Before,
  ): Promise<Run> {
    const timeoutMillis = execution.sandbox?.timeoutMillis;
    context?.machines.add(machine);
    try {
      const driven = await drive(
        machine,
        journal,
        started,
        { store, clock, effects: execution.effects ?? handler, breathe },
        {
          sandbox: execution.sandbox,
          budget: granted,
          deadline: timeoutMillis === undefined ? undefined : clock.now() + timeoutMillis,
          timeoutMillis: timeoutMillis ?? 0,
          snapshotEvery: execution.snapshotEvery ?? 0,
          onEvent: execution.onEvent ?? (() => {}),
        },
        before,
      );
      context?.state.executionTrace.push(journal.head);
      return report(machine, journal, driven, timeoutMillis);
    } finally {
      context?.machines.delete(machine);
    }
  }

  async function resume(
    runHash: ContentHash.ContentHash,
    given: Pick<Execution, "sandbox" | "effects" | "snapshotEvery" | "onEvent"> = {},
  ): Promise<Result<Run, ExecutionError>> {
    const head = store.logHead(streamOf(runHash));
    if (head === undefined) return err({ kind: "UnknownHash", hash: runHash });
    const trace = readTrace(store.blocks, head.entry);
    if (!trace.ok) return err({ kind: "InvalidCode", hash: runHash, reason: showTraceError(trace.error) });
    const restored = restore(library, store, trace.value, head.entry);
    if (!restored.ok) return restored;
    const { machine, ended } = restored.value;
    const journal = Journal.reopen(store, runHash, head.entry, trace.value.entries.length);
    if (ended !== undefined) return ok(endedRun(machine, journal, ended, trace.value.started));
    const { started } = trace.value;
    const granted: Resources = {
      ...defaultResources,
      memoryBytes: started.memoryBytes,
      cpuMillis: Math.ceil(started.fuel / FUEL_PER_MILLISECOND),
    };
    return ok(await drivenRun(machine, journal, started, undefined, given, granted, doneBefore(trace.value, machine)));
  }

  const resultOnly = async (execution: Execution, context: ExecutionContext) =>
    (await execute(execution, context)).result;

  return {
    version: executorVersion,
    library,
    createContext,
    destroyContext,
    resolveName,
    execute,
    resume,
    executeByHash: (hash, args, context) => resultOnly({ definition: hash, arguments: args }, context),
    async executeByName(name, args, context) {
      const hash = resolveName(name);
      return hash.ok ? resultOnly({ definition: hash.value, arguments: args, name }, context) : hash;
    },
    async executeWithSandbox(sandbox, hash, args) {
      // The run's grant is the sandbox's; the context only holds it.
      const context = createContext(undefined, {
        request: { ...defaultResources, cpuMillis: 0, memoryBytes: 0, ioOperations: 0, effectCount: 0 },
      });
      if (!context.ok) return context;
      try {
        return await resultOnly({ definition: hash, arguments: args, sandbox }, context.value);
      } finally {
        destroyContext(context.value);
      }
    },
    *getExecutionTrace(context) {
      for (const hash of context.state.executionTrace) {
        const trace = readTrace(store.blocks, hash);
        if (trace.ok) yield* derive(source, trace.value);
      }
    },
  };
}

// ---------------------------------------------------------------------------------------------- grants

/** Divides off what is asked, or all that is left. */
function divide(
  allocator: ResourceAllocator,
  grant: ResourceGrant,
  request: ResourceRequest | undefined,
): Result<ResourceGrant, AllocationError> {
  const usage = allocator.checkUsage(grant);
  if (!usage.ok) return usage;
  const divided = allocator.subdivide(grant, [request ?? usage.value.left]);
  return divided.ok ? ok(divided.value[0]!) : divided;
}

function allocationError(error: AllocationError): ExecutionError {
  return error.kind === "UnknownGrant"
    ? { kind: "ContextClosed", context: error.grantId }
    : {
        kind: "AllocationRefused",
        resource: error.resource,
        requested: error.requested,
        available: error.kind === "Exhausted" ? error.available : 0,
      };
}

/** Fuel and memory of a grant. A timeout is a limit of fuel too, so that a run that only computes ends deterministically. */
function limitsOf(granted: Resources, timeoutMillis: number | undefined): Limits {
  const cpuMillis = Math.min(granted.cpuMillis, timeoutMillis ?? granted.cpuMillis);
  return {
    fuel: Math.min(cpuMillis * FUEL_PER_MILLISECOND, Number.MAX_SAFE_INTEGER),
    memoryBytes: granted.memoryBytes,
  };
}

function usedBy(made: Run, granted: Resources): Resources {
  return {
    memoryBytes: Math.min(made.memoryBytes, granted.memoryBytes),
    cpuMillis: Math.min(Math.ceil(made.fuel / FUEL_PER_MILLISECOND), granted.cpuMillis),
    ioOperations: Math.min(made.effects, granted.ioOperations),
    effectCount: Math.min(made.effects, granted.effectCount),
  };
}

// ---------------------------------------------------------------------------------------------- results

const neverBegan = (error: ExecutionError): Run => ({
  result: err(error),
  trace: undefined,
  run: undefined,
  fuel: 0,
  memoryBytes: 0,
  effects: 0,
  state: undefined,
  tier: 0,
});

function report(machine: Machine, journal: Journal.Journal, driven: Driven, timeoutMillis: number | undefined): Run {
  const { outcome, stopped } = driven;
  const own = machine.instances.get(OWN_INSTANCE);
  const outOfFuel = outcome.kind === "outOfFuel";
  return {
    result: stopped === undefined ? resultOf(machine, timeoutMillis) : err(stopped),
    trace: journal.head,
    run: journal.run,
    fuel: outOfFuel ? machine.limits.fuel : fuelUsed(machine),
    memoryBytes: outcome.kind === "outOfMemory" ? machine.limits.memoryBytes : memoryUsed(machine),
    effects: driven.effects,
    state: own?.committed,
    tier: 0,
  };
}

function resultOf(machine: Machine, timeoutMillis: number | undefined): Result<V, ExecutionError> {
  const { end, limits } = machine;
  if (end === undefined) throw new Error("internal error: a run without an end");
  switch (end.kind) {
    case "done":
      return ok(end.value);
    case "fault":
      return err({ kind: "Fault", code: end.code, message: end.message, stack: end.stack });
    case "outOfFuel":
      return err(
        timeoutMillis !== undefined && limits.fuel === timeoutMillis * FUEL_PER_MILLISECOND
          ? { kind: "Timeout", timeoutMillis, by: "fuel" }
          : { kind: "OutOfFuel", fuel: limits.fuel },
      );
    case "outOfMemory":
      return err({ kind: "OutOfMemory", memoryBytes: limits.memoryBytes });
    case "invalid":
      return err(loadErrorOf(end.error));
  }
}

const loadErrorOf = (error: LoadError): ExecutionError => error;

function endedRun(machine: Machine, journal: Journal.Journal, ended: Event.Event, started: Event.RunStarted): Run {
  const own = machine.instances.get(OWN_INSTANCE);
  const end = "end" in ended ? ended.end : undefined;
  return {
    result: machine.end === undefined ? err(hostEnd(ended, started)) : resultOf(machine, undefined),
    trace: journal.head,
    run: journal.run,
    fuel: end?.fuel ?? 0,
    memoryBytes: end?.memoryBytes ?? 0,
    effects: end?.requests ?? 0,
    state: own?.committed,
    tier: 0,
  };
}

// ------------------------------------------------------------------------------------------------- names

/** The names of a store's definitions, read when the first one is asked for; the first by code point where there are several. */
export function namesIn(store: Pick<Store, "names">): (hash: ContentHash.ContentHash) => string | undefined {
  let known: ReadonlyMap<ContentHash.ContentHash, string> | undefined;
  return (hash) => {
    known ??= new Map(
      store
        .names("")
        .filter(([name]) => isDefinitionName(name))
        .map(([name, target]) => [target, name] as const)
        .reverse(),
    );
    return known.get(hash);
  };
}

function stackOf(machine: Machine): readonly CallFrame[] {
  return [...machine.fibers.values()].flatMap((fiber) => [...callStack(machine, fiber)]);
}

/** Whether the definition's written row is empty: such a run is determined by its arguments. */
function isPure(source: CodeSource, hash: ContentHash.ContentHash): boolean {
  const definition = source.loadDefinition(hash);
  const row = definition.ok ? definition.value.signature?.row : undefined;
  return row !== undefined && row.labels.length === 0 && row.variable === undefined;
}
