/** Runs as commands show them: arguments in, report out, the trace listed, the replay judged. */
import { type ContentHash, decodeValue, hashValue, show, toJson, type Value } from "../../../src/content/index.ts";
import {
  adapt,
  codeSource,
  headline,
  newLibrary,
  readTrace,
  replay,
  type Store,
  showDivergence,
  showExecutionError,
  showTraceError,
} from "../../../src/execution/index.ts";
import { check, type Source, showInferredValue } from "../../../src/language/index.ts";
import { type Bandit, loadCompiled, loadInstance, type RunReport } from "../../../src/programs/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { paint, print, printJson } from "../output.ts";
import type { CommonOptions } from "../session.ts";
import { take } from "./accounts.ts";
import { Sources, sourcesName } from "./compile.ts";
import { evaluateArgument, exitOf } from "./evaluate.ts";

/** Reads arguments as TEL expressions in the scope of the program's own sources. */
export async function evaluateArguments(
  bandit: Bandit,
  id: string,
  entryName: string,
  texts: readonly string[],
): Promise<readonly Value.Value[]> {
  const { instance } = take(loadInstance(bandit, id));
  const program = take(loadCompiled(bandit.store, instance.program));
  const entry = program.entries.find((e) => e.name === entryName);
  if (entry === undefined) {
    throw new CliFailure(
      Exit.usage,
      `${id} has no entry ${entryName}`,
      `it has: ${program.entries.map((e) => e.name).join(", ") || "none"}`,
    );
  }
  if (entry.parameters.length !== texts.length) {
    const signature = entry.parameters.map((p) => `${p.name}: ${p.type}`).join(", ");
    throw new CliFailure(
      Exit.usage,
      `${entryName} takes ${entry.parameters.length} argument(s), got ${texts.length}`,
      `${entryName}(${signature})`,
    );
  }
  const scope = sourcesOf(bandit, instance.program);
  const timelines = [...program.components.keys()];
  const values: Value.Value[] = [];
  const source = codeSource(bandit.store.blocks);
  const definition = source.loadDefinition(entry.function);
  const types = definition.ok ? definition.value.signature?.parameters : undefined;
  for (const [i, text] of texts.entries()) {
    const value = await evaluateArgument(text, scope, { timelines }, false);
    const type = types?.[i];
    values.push(type === undefined ? value : adapt(source, value, type));
  }
  return values;
}

/** The texts that a program was compiled from, where they were kept. */
function sourcesOf(bandit: Bandit, program: ContentHash.ContentHash): readonly Source[] {
  const block = bandit.store.name(sourcesName(program));
  const bytes = block === undefined ? undefined : bandit.store.blocks.get(block);
  const value = bytes === undefined ? undefined : decodeValue(bytes);
  const sources = value?.ok ? Sources.fromValue(value.value) : undefined;
  return sources?.ok ? sources.value : [];
}

/** How an entry's results are shown: with the names that its type has in the program's text. */
export function shownByEntry(bandit: Bandit, id: string, entryName: string): (value: Value.Value) => string {
  const { instance } = take(loadInstance(bandit, id));
  const { name } = take(loadCompiled(bandit.store, instance.program));
  const { typed } = check(sourcesOf(bandit, instance.program));
  const entry = [...typed.functions.values()].find((one) => `.${one.name}`.endsWith(`.${name}.${entryName}`));
  return entry === undefined ? show : (value) => showInferredValue(value, entry.result);
}

export function reportRun(
  report: RunReport,
  options: CommonOptions,
  shown: (value: Value.Value) => string = show,
): void {
  const failed = report.error !== undefined;
  const isErr = typeof report.value === "object" && report.value.tag === "variant" && report.value.case === "Err";
  if (options.json) {
    printJson({
      ok: !failed && !isErr,
      value: toJson(report.value),
      valueHash: hashValue(report.value),
      trace: report.trace,
      fuel: report.fuel,
      tier: 0,
      effects: report.effects,
      ...(report.error === undefined
        ? {}
        : { error: { kind: report.error.kind, message: showExecutionError(report.error) } }),
      state: toJson(report.after),
    });
  } else if (report.error !== undefined) {
    print(`${paint.red("✗")} ${report.instance} ${report.entry}: ${showExecutionError(report.error)}`);
  } else {
    print(`${isErr ? paint.yellow("!") : paint.green("✓")} ${shown(report.value)}`);
  }
  if (!options.json) print(`  ${report.effects} effects, fuel ${report.fuel}, trace ${paint.dim(report.trace)}`);
  // On a live program an effect is refused when its timeline or the network is away.
  if (report.error !== undefined)
    process.exitCode = report.error.kind === "EffectRefused" ? Exit.store : exitOf(report.error);
  else if (isErr) process.exitCode = Exit.program;
}

/** One line for each event of a trace. */
export function printTrace(store: Store, last: ContentHash.ContentHash): void {
  const trace = readTrace(store.blocks, last);
  if (!trace.ok) throw new CliFailure(Exit.source, showTraceError(trace.error));
  print(`  trace ${paint.dim(last)}, ${trace.value.entries.length} events`);
  for (const [i, entry] of trace.value.entries.entries()) print(`  ${String(i).padStart(3)}  ${headline(entry.event)}`);
}

/** Replays a trace with no outside at all, and says what was compared. */
export function replayTrace(store: Store, last: ContentHash.ContentHash): void {
  const trace = readTrace(store.blocks, last);
  if (!trace.ok) throw new CliFailure(Exit.source, showTraceError(trace.error));
  const library = newLibrary(codeSource(store.blocks));
  const replayed = replay(library, trace.value, last);
  if (!replayed.ok) {
    const message =
      replayed.error.kind === "Diverged"
        ? showDivergence(replayed.error.divergence)
        : `the trace cannot be replayed: ${replayed.error.kind}`;
    throw new CliFailure(Exit.divergence, message);
  }
  const { ending } = replayed.value;
  const end = ending !== undefined && "end" in ending ? ending.end : undefined;
  print(
    `  ${paint.green("✓")} replayed ${replayed.value.events} events: every request, the result, the fuel${end === undefined ? "" : ` (${end.fuel})`} and the final state are identical`,
  );
}
