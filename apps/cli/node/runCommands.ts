/** What `tb eval` and `tb run` do. */
import {
  addressUnit,
  applyAdd,
  codeRepository,
  moduleOf,
  planAdd,
  signatureOf,
  written,
} from "../../../src/code/index.ts";
import { ContentHash, type Value } from "../../../src/content/index.ts";
import {
  adapt,
  codeSource,
  defaultResources,
  namesIn,
  newExecutor,
  newState,
  type Store,
  showExecutionError,
} from "../../../src/execution/index.ts";
import type { Source } from "../../../src/language/index.ts";
import { closest } from "../../../src/std/index.ts";
import { openMemoryStore } from "../../../src/stores/memory/index.ts";
import type { RunOptions } from "../commands/run.ts";
import { CliFailure, Exit } from "../exit.ts";
import { note, paint } from "../output.ts";
import { type CommonOptions, withStore } from "../session.ts";
import { breathe, systemClock } from "./bandit.ts";
import { checkFiles, environmentOf, problemsToJson, readSources, showProblems } from "./checkFiles.ts";
import { checkSources } from "./codebase.ts";
import { evaluateArgument, exitOf, runExpression, showRun } from "./evaluate.ts";

interface Scope {
  readonly sources: readonly Source[];
  readonly environment: ReturnType<typeof environmentOf>;
}

/** The files that an expression sees. */
function scopeOf(paths: readonly string[]): Scope {
  if (paths.length === 0) return { sources: [], environment: {} };
  const { sources, manifest } = readSources(paths);
  return { sources, environment: environmentOf(manifest) };
}

export async function evaluate(expression: string, paths: readonly string[], options: CommonOptions): Promise<void> {
  const { sources, environment } = scopeOf(paths);
  const json = options.json === true;
  const work = async (store: Store): Promise<void> => {
    showRun(await runExpression(store, expression, sources, environment, json), json, false);
  };
  if (options.store === undefined) await work(openMemoryStore());
  else await withStore(options, work);
}

export async function run(name: string, texts: readonly string[], options: RunOptions): Promise<void> {
  const paths = options.file;
  const json = options.json === true;
  await withStore(options, async (store) => {
    if (paths.length > 0) await addFiles(store, paths, json);
    const target = find(store, name);
    const source = codeSource(store.blocks, namesIn(store));
    const definition = source.loadDefinition(target.function);
    if (!definition.ok) {
      const message = showExecutionError(definition.error);
      throw new CliFailure(exitOf(definition.error), message, "tb find lists what the store holds");
    }
    const { parameters } = definition.value;
    if (parameters !== texts.length)
      throw new CliFailure(
        Exit.usage,
        `${name} takes ${parameters} argument${parameters === 1 ? "" : "s"}, got ${texts.length}`,
        signatureHint(store, target.function),
      );
    const scope = paths.length > 0 ? scopeOf(paths) : codebaseScope(store, name, texts);
    const args: Value.Value[] = [];
    for (const [i, text] of texts.entries()) {
      const type = definition.value.signature?.parameters[i];
      const value = await evaluateArgument(text, scope.sources, scope.environment, json);
      args.push(type === undefined ? value : adapt(source, value, type));
    }
    const executor = newExecutor({ store, clock: systemClock, source, breathe });
    const request = { ...defaultResources, cpuMillis: options.cpu ?? defaultResources.cpuMillis };
    const context = executor.createContext(undefined, { request });
    if (!context.ok) throw new Error("internal error: the allocator refuses its own default");
    let state: Value.Record | undefined;
    if (target.program !== undefined) {
      const made = newState(executor.library, target.program);
      if (!made.ok) throw new CliFailure(exitOf(made.error), showExecutionError(made.error));
      state = made.value;
    }
    const named = name.startsWith("#") ? {} : { name };
    const done = await executor.execute(
      { definition: target.function, arguments: args, ...named, ...(state === undefined ? {} : { state }) },
      context.value,
    );
    showRun(done, json, true);
    if (!json && done.trace !== undefined) note(paint.dim(`trace ${done.trace}, fuel ${done.fuel}`));
  });
}

/** Arguments may name what the definition's module of the codebase declares: `place 'Order(1, Bid)'`. */
function codebaseScope(store: Store, name: string, texts: readonly string[]): Scope {
  if (texts.length === 0 || name.startsWith("#")) return { sources: [], environment: {} };
  const owner = moduleOf(name);
  const { sources } = checkSources(store, [], [owner], {});
  return { sources, environment: {} };
}

function signatureHint(store: Store, hash: ContentHash.ContentHash): string | undefined {
  const code = codeRepository(store).get(hash);
  return code.ok ? `it is a ${signatureOf(store, code.value)}` : undefined;
}

/** Adds what the files declare to the store, names included. */
async function addFiles(store: Store, paths: readonly string[], json: boolean): Promise<void> {
  const { checked, sources } = await checkFiles(paths, { open: store });
  if (checked.unit === undefined) {
    if (!json) showProblems(checked, sources);
    throw new CliFailure(Exit.source, "the files have errors; nothing was run", undefined, {
      ok: false,
      problems: problemsToJson(checked, sources),
    });
  }
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const addressed = addressUnit(checked.unit, { source: written(checked, texts) });
  await store.write((transaction) => {
    const remark = { author: "tb", time: systemClock.now(), reason: `run ${paths.join(" ")}` };
    applyAdd(transaction, addressed, planAdd(transaction, addressed), remark);
  });
}

interface Target {
  readonly function: ContentHash.ContentHash;
  /** The program whose entry it is: it runs on the state that the program starts with. */
  readonly program: ContentHash.ContentHash | undefined;
}

/** A definition by name or hash; `Program.entry` runs on a fresh state. */
function find(store: Store, name: string): Target {
  if (name.startsWith("#")) {
    const hash = ContentHash.parse(name.slice(1));
    if (hash === undefined)
      throw new CliFailure(Exit.usage, `${name} is no content hash`, "a hash is #bafyrei… with 59 characters");
    return { function: hash, program: undefined };
  }
  const hash = store.name(name);
  if (hash === undefined) {
    const near = closest(
      name,
      store.names("").map(([one]) => one),
    );
    throw new CliFailure(
      Exit.source,
      `there is no definition named ${name} in this store`,
      near === undefined ? "tb add FILES puts definitions into a store" : `did you mean ${near}?`,
    );
  }
  const program = store.name(name.slice(0, Math.max(0, name.lastIndexOf("."))));
  const loaded = program === undefined ? undefined : codeSource(store.blocks).loadProgram(program);
  const isEntry =
    loaded?.ok === true &&
    loaded.value.entries.some((one) => one.function.kind === "hash" && one.function.hash === hash);
  return { function: hash, program: isEntry ? program : undefined };
}
