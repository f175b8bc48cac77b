/** What `tb trace` and `tb replay` do. */
import { ContentHash, hashValue, toJson } from "../../../src/content/index.ts";
import {
  codeSource,
  type Divergence,
  derive,
  type ExecutionEvent,
  namesIn,
  newLibrary,
  type ReplayOptions,
  readTrace,
  replay,
  type Store,
  showDivergence,
  showTraceError,
  streamOf,
  type Trace,
  type TraceEvent,
} from "../../../src/execution/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { paint, print, printJson } from "../output.ts";
import { type CommonOptions, withStore } from "../session.ts";
import { eventLine, shown } from "./eventLine.ts";

export async function trace(cid: string, calls: boolean, options: CommonOptions): Promise<void> {
  await withStore(options, (store) => {
    const { trace: found, last } = read(store, cid);
    const source = codeSource(store.blocks, namesIn(store));
    const events: Iterable<ExecutionEvent> = calls ? derive(source, found) : found.entries.map((entry) => entry.event);
    if (options.json === true) {
      printJson({
        ok: true,
        trace: last,
        run: found.run,
        definition: found.started.definition,
        name: found.started.name ?? null,
        events: [...events].map(eventJson),
      });
      return;
    }
    print(`${paint.bold("trace")} ${last}`);
    let number = 0;
    for (const event of events) {
      const isCall = event.kind === "FunctionInvocation" || event.kind === "FunctionReturn";
      print(`${isCall ? "    " : String(number++).padStart(4)}  ${eventLine(event)}`);
    }
  });
}

const WHICH_TRACE = "tb run prints the address of its trace, tb status that of each program's last run";

function read(store: Store, cid: string): { readonly trace: Trace; readonly last: ContentHash.ContentHash } {
  const text = cid.startsWith("#") ? cid.slice(1) : cid;
  const hash = ContentHash.parse(text);
  if (hash === undefined)
    throw new CliFailure(Exit.usage, `${cid} is no content hash`, "a trace is named by bafyrei… with 59 characters");
  // The first event names the run: what is wanted is its whole trace.
  const last = store.logHead(streamOf(hash))?.entry ?? hash;
  const found = readTrace(store.blocks, last);
  if (!found.ok) {
    const { error } = found;
    const isElsewhere = error.kind === "NotATrace" || (error.kind === "MissingEvent" && error.following === 0);
    if (!isElsewhere) throw new CliFailure(Exit.divergence, showTraceError(error));
    throw new CliFailure(Exit.source, showTraceError(error), WHICH_TRACE);
  }
  return { trace: found.value, last };
}

function askedJson(asked: TraceEvent.Asked | undefined): object | null {
  return asked === undefined
    ? null
    : { label: asked.label, operation: asked.operation, arguments: asked.arguments.map(toJson), fuel: asked.fuel };
}

function eventJson(event: ExecutionEvent): object {
  switch (event.kind) {
    case "FunctionInvocation":
      return { ...event, arguments: event.arguments.map(toJson) };
    case "FunctionReturn":
    case "RunEnded":
      return { ...event, value: toJson(event.value) };
    case "RunStarted":
      return {
        ...event,
        name: event.name ?? null,
        arguments: event.arguments.map(toJson),
        state: event.state === undefined ? null : toJson(event.state),
      };
    case "EffectIntent":
      return { ...event, asked: askedJson(event.asked) };
    case "EffectApplication":
    case "ExternalDependencyCall":
      return { ...event, asked: askedJson(event.asked), answer: toJson(event.answer) };
    case "EffectDenied":
      return { ...event, asked: askedJson(event.asked) };
    case "LateReturn":
      return { ...event, answer: toJson(event.answer) };
    case "DeadlineFired":
      return { ...event, at: toJson(event.at) };
    default:
      return event;
  }
}

export async function replayRun(cid: string, other: string | undefined, options: CommonOptions): Promise<void> {
  await withStore(options, (store) => {
    const { trace: found, last } = read(store, cid);
    const library = newLibrary(codeSource(store.blocks, namesIn(store)));
    const replayOptions: ReplayOptions = other === undefined ? {} : { definition: definitionOf(store, other) };
    const replayed = replay(library, found, last, replayOptions);
    if (!replayed.ok) {
      const { error } = replayed;
      if (error.kind !== "Diverged")
        throw new CliFailure(
          Exit.divergence,
          `the trace cannot be replayed: ${error.kind}`,
          "its code is not in this store",
        );
      const { divergence } = error;
      const document = { ok: false, trace: last, diverged: divergenceJson(divergence) };
      throw new CliFailure(Exit.divergence, showDivergence(divergence), undefined, document);
    }
    const { ending, events } = replayed.value;
    const end = ending !== undefined && "end" in ending ? ending.end : undefined;
    const value = ending?.kind === "RunEnded" ? ending.value : undefined;
    if (options.json === true)
      printJson({
        ok: true,
        trace: last,
        events,
        complete: ending !== undefined,
        ...(value === undefined ? {} : { value: toJson(value), valueHash: hashValue(value) }),
        fuel: end?.fuel ?? null,
        state: end?.state ?? null,
      });
    else {
      print(`${paint.green("✓")} identical: ${events} events, ${end?.requests ?? 0} requests to the outside`);
      if (ending === undefined) print("  the trace has no end: the run was cut off");
      if (value !== undefined) print(`  result  ${shown(value)}`);
      if (ending?.kind === "ExecutionError")
        print(`  error   ${ending.code}${ending.message === "" ? "" : `: ${ending.message}`}`);
      if (end !== undefined) print(`  fuel    ${end.fuel}`);
      if (end?.state !== undefined) print(`  state   ${end.state}`);
    }
  });
}

function definitionOf(store: Store, name: string): ContentHash.ContentHash {
  const hash = name.startsWith("#") ? ContentHash.parse(name.slice(1)) : store.name(name);
  if (hash === undefined) throw new CliFailure(Exit.source, `there is no definition ${name} in this store`);
  return hash;
}

function divergenceJson(divergence: Divergence): object {
  return {
    ...divergence,
    differences: divergence.differences.map(({ path, recorded, attempted }) => ({
      path,
      recorded: recorded === undefined ? null : toJson(recorded),
      attempted: attempted === undefined ? null : toJson(attempted),
    })),
    callStack: divergence.callStack.map((frame) => ({
      hash: frame.frameHash,
      name: frame.frameName,
      arguments: frame.frameArguments.map(toJson),
    })),
  };
}
