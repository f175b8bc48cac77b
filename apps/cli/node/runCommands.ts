/** What `tb eval` and `tb run` do. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  addressUnit,
  applyAdd,
  codeRepository,
  knownCode,
  moduleOf,
  NameRegistry,
  namesMeant,
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
import { type CheckedExpression, checkExpression, type Source } from "../../../src/language/index.ts";
import { openMemoryStore } from "../../../src/stores/memory/index.ts";
import type { RunOptions } from "../commands/run.ts";
import { CliFailure, Exit } from "../exit.ts";
import { note, paint } from "../output.ts";
import { type CommonOptions, storeDirectory, withStore } from "../session.ts";
import { breathe, systemClock } from "./bandit.ts";
import { checkFiles, environmentOf, failureDocument, readSources, showProblems } from "./checkFiles.ts";
import { checkSources } from "./codebase.ts";
import { evaluateArgument, exitOf, refuseProblems, runChecked, shownAs, shownBeside, showRun } from "./evaluate.ts";

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
  const checked = checkExpression(expression, sources, environment);
  const inStore = async (work: (store: Store) => Promise<void>): Promise<void> =>
    options.store === undefined ? work(openMemoryStore()) : withStore(options, work);
  if (checked.unit !== undefined)
    return inStore(async (store) => showRun(await runChecked(store, checked), json, false, shownAs(checked)));
  if (paths.length > 0 || !existsSync(join(storeDirectory(options), "store")))
    return refuseProblems(checked, expression, sources, json);
  await withStore(options, async (store) => {
    const found = expressionBeside(store, expression);
    if (found.checked.unit === undefined) {
      const hint = wholeNames(store, expression, found.checked);
      return refuseProblems(found.checked, expression, found.sources, json, hint);
    }
    const where = options.store === undefined ? scratchBeside(store) : store;
    showRun(await runChecked(where, found.checked, found.addresses), json, false, shownAs(found.checked));
  });
}

interface Beside {
  readonly checked: CheckedExpression;
  readonly sources: readonly Source[];
  /** Of what is known of the codebase. */
  readonly addresses?: ReadonlyMap<string, ContentHash.ContentHash>;
}

/**
 * An expression that names definitions of the codebase with their modules: `arb.math.spread(1, 2)`. It also sees what
 * else these modules declare. What is only understood with its text is checked from it.
 */
function expressionBeside(store: Store, expression: string): Beside {
  const words = new Set(expression.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []);
  const paths = expression.match(/[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)+/gu) ?? [];
  const modules = new Set(["", ...paths.flatMap((path) => beginnings(path))]);
  const { known, addresses } = knownCode(store, namesMeant(store, modules, words), () => false);
  const checked = checkExpression(expression, [], { known });
  if (checked.unit !== undefined) return { checked, sources: [], addresses };
  const { sources } = checkSources(store, [], [...modules], {});
  return { checked: checkExpression(expression, sources, {}), sources };
}

/** `a` and `a.b` of `a.b.c`. */
const beginnings = (path: string): readonly string[] => {
  const words = path.split(".");
  return words.slice(1).map((_, i) => words.slice(0, i + 1).join("."));
};

/** What an unknown word may mean in the codebase. */
function wholeNames(store: Store, expression: string, checked: CheckedExpression): string | undefined {
  for (const { span } of checked.problems) {
    const word = expression.slice(span.start, span.end);
    const { suggestion } = NameRegistry.unknown(store, word);
    if (suggestion?.endsWith(`.${word}`)) return `${suggestion} is in the codebase: write its whole name`;
  }
  return undefined;
}

/** A store that keeps nothing, and has the code of another. */
function scratchBeside(store: Store): Store {
  const scratch = openMemoryStore();
  const blocks = {
    get: (hash: ContentHash.ContentHash) => scratch.blocks.get(hash) ?? store.blocks.get(hash),
    has: (hash: ContentHash.ContentHash) => scratch.blocks.has(hash) || store.blocks.has(hash),
  };
  return { ...scratch, blocks };
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
    showRun(done, json, true, shownBeside(store, definition.value.signature?.result));
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
    const message = "the files have errors; nothing was run";
    throw new CliFailure(Exit.source, message, undefined, failureDocument(checked, sources, message));
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
    const near = NameRegistry.unknown(store, name).suggestion;
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
