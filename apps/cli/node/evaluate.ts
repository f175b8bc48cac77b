/** TEL expressions from the command line to values, and what became of a run to text, JSON and exit code. */
import {
  type AddressedUnit,
  addressUnit,
  type CodebaseReads,
  codeRepository,
  displayName,
} from "../../../src/code/index.ts";
import { type ContentHash, hashValue, show, toJson, type Value } from "../../../src/content/index.ts";
import {
  codeSource,
  type ExecutionError,
  type Library,
  newExecutor,
  newLibrary,
  type Run,
  type Store,
  showExecutionError,
} from "../../../src/execution/index.ts";
import {
  type Checked,
  type CheckedExpression,
  type Core,
  checkExpression,
  type Environment,
  toJson as problemToJson,
  render,
  type Source,
  showInferredValue,
  showTyped,
} from "../../../src/language/index.ts";
import { openMemoryStore } from "../../../src/stores/memory/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { colourOn, note, paint, print, printJson } from "../output.ts";
import { breathe, systemClock } from "./bandit.ts";
import { libraryName } from "./library.ts";

/** Puts the blocks of a unit into a store. */
export async function keep(store: Store, addressed: AddressedUnit): Promise<void> {
  await store.write((transaction) => {
    for (const { hash, bytes } of addressed.blocks) {
      const links = addressed.links.get(hash);
      if (links === undefined) transaction.put(bytes);
      else transaction.putDefinition(bytes, links);
    }
  });
}

/** The code of a unit, to run in memory; `codebase` has what it uses and does not bring. */
export function libraryOf(unit: AddressedUnit, codebase?: Store): Library {
  const blocks = new Map(unit.blocks.map(({ hash, bytes }) => [hash, bytes]));
  const names = new Map([...unit.definitions].map(([name, hash]) => [hash, name]));
  return newLibrary(
    codeSource(
      { get: (hash) => blocks.get(hash) ?? codebase?.blocks.get(hash) },
      (hash) => names.get(hash) ?? (codebase === undefined ? undefined : displayName(codebase, hash)),
    ),
  );
}

/** Problems in an expression end the command: the text is shown with them. */
export function refuseProblems(
  checked: Checked,
  text: string,
  sources: readonly Source[],
  json: boolean,
  hint?: string,
): never {
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const find = (file: string): string | undefined => texts.get(file) ?? text;
  if (!json)
    for (const problem of checked.problems)
      note(`${render(problem, find, { colour: colourOn, width: process.stderr.columns ?? 100 })}\n`);
  const problems = checked.problems.map((problem) => problemToJson(problem, find));
  const message = `\`${text}\` cannot be evaluated`;
  const error = { message, ...(hint === undefined ? {} : { hint }) };
  throw new CliFailure(Exit.source, message, hint, { ok: false, error, problems });
}

/** Checks and runs an expression in `store`; its run is pure, so it needs nothing else. */
export async function runExpression(
  store: Store,
  text: string,
  sources: readonly Source[],
  environment: Environment,
  json: boolean,
): Promise<Run> {
  const checked = checkExpression(text, sources, environment);
  if (checked.unit === undefined) return refuseProblems(checked, text, sources, json);
  return runChecked(store, checked);
}

/** Runs a checked expression in `store`, which holds what of the codebase it uses. */
export async function runChecked(
  store: Store,
  checked: CheckedExpression,
  known?: ReadonlyMap<string, ContentHash.ContentHash>,
): Promise<Run> {
  const addressed = addressUnit(checked.unit!, known === undefined ? {} : { known });
  await keep(store, addressed);
  const definition = addressed.definitions.get(checked.definition);
  if (definition === undefined) throw new Error("internal error: a checked expression has an address");
  const names = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
  const source = codeSource(store.blocks, (hash) => names.get(hash));
  const executor = newExecutor({ store, clock: systemClock, source, breathe });
  const context = executor.createContext();
  if (!context.ok) throw new Error("internal error: the default grant is refused");
  return executor.execute({ definition, arguments: [], salt: "" }, context.value);
}

/** The value of an argument; one without a value ends the command. */
export async function evaluateArgument(
  text: string,
  sources: readonly Source[],
  environment: Environment,
  json: boolean,
): Promise<Value.Value> {
  const run = await runExpression(openMemoryStore(), text, sources, environment, json);
  if (run.result.ok) return run.result.value;
  throw new CliFailure(Exit.program, `the argument \`${text}\` has no value: ${showExecutionError(run.result.error)}`);
}

export function exitOf(error: ExecutionError): number {
  switch (error.kind) {
    case "EffectDenied":
    case "EffectRefused":
    case "ExternalCallDenied":
      return Exit.refused;
    case "OutOfFuel":
    case "OutOfMemory":
    case "Timeout":
    case "EffectBudget":
    case "IoBudget":
    case "AllocationRefused":
      return Exit.grant;
    case "Diverged":
      return Exit.divergence;
    case "UnknownHash":
    case "UnknownName":
    case "InvalidCode":
    case "IncompatibleFormat":
      return Exit.source;
    case "TypeMismatch":
      return Exit.usage;
    default:
      return Exit.program;
  }
}

const isErr = (value: Value.Value): boolean =>
  typeof value === "object" && value.tag === "variant" && value.case === "Err";

/** How values of a checked expression are shown: with the names that its type gives them. */
export function shownAs({ typed, definition }: CheckedExpression): (value: Value.Value) => string {
  const of = typed.functions.get(definition);
  return of === undefined ? show : (value) => showInferredValue(value, of.result);
}

/** How the arguments of a test or property are shown. */
export function argumentOf({ typed }: Checked, name: string): (value: Value.Value, i: number) => string {
  const params = typed.functions.get(name)?.params ?? [];
  return (value, i) => (params[i] === undefined ? show(value) : showInferredValue(value, params[i].type));
}

/** How values are shown that a definition of the codebase takes and gives. */
export function shownBeside(store: CodebaseReads, type: Core.Type | undefined): (value: Value.Value) => string {
  const repository = codeRepository(store);
  return (value) =>
    showTyped(value, type, (reference) => {
      const code = reference.kind === "hash" ? repository.get(reference.hash) : undefined;
      if (code?.ok !== true || code.value.form !== "type") return undefined;
      return { ...code.value.item, name: displayName(store, code.value.hash) ?? "" };
    });
}

/** Shows a run and sets the exit code. `errFails`: an `Err` that a program returned is a failure of the command. */
export function showRun(
  run: Run,
  json: boolean,
  errFails: boolean,
  shown: (value: Value.Value) => string = show,
): void {
  const { result } = run;
  const failed = !result.ok || (errFails && isErr(result.value));
  if (json) {
    printJson({
      ok: !failed,
      ...(result.ok
        ? { value: toJson(result.value), valueHash: hashValue(result.value) }
        : { error: { kind: result.error.kind, message: showExecutionError(result.error) } }),
      trace: run.trace ?? null,
      fuel: run.fuel,
      tier: run.tier,
    });
  } else if (result.ok) print(shown(result.value));
  else {
    note(`${paint.red("error")}: ${showExecutionError(result.error)}`);
    if (result.error.kind === "EffectRefused")
      note("hint: live programs run with tb call; a test answers effects with `with world([…])`");
    if (result.error.kind === "Fault") showStack(result.error.stack);
  }
  if (failed) process.exitCode = result.ok ? Exit.program : exitOf(result.error);
}

/** Frames of a fault that are worth a line. */
const STACK_LINES_MAX = 8;

export function showStack(
  stack: readonly {
    readonly frameHash: ContentHash.ContentHash;
    readonly frameName: string;
    readonly frameArguments: readonly Value.Value[];
  }[],
): void {
  for (const frame of stack.slice(0, STACK_LINES_MAX)) {
    const args = frame.frameArguments.map((argument) => {
      const text = show(argument);
      return text.length > 40 ? `${text.slice(0, 39)}…` : text;
    });
    const name = frame.frameName.startsWith("#") ? (libraryName(frame.frameHash) ?? frame.frameName) : frame.frameName;
    note(paint.dim(`  in ${name}(${args.join(", ")})`));
  }
  if (stack.length > STACK_LINES_MAX) note(paint.dim(`  … ${stack.length - STACK_LINES_MAX} more`));
}
