/** A program folder → CompiledProgram, and into the store. */

import { applyAdd, planAdd } from "../../../src/code/index.ts";
import { Codec, type ContentHash, encodeValue } from "../../../src/content/index.ts";
import {
  isStoreKey,
  newExecutor,
  type Store,
  type StoreTransaction,
  showExecutionError,
} from "../../../src/execution/index.ts";
import { render } from "../../../src/language/index.ts";
import {
  type Compiled,
  type CompileProblem,
  compileProgram,
  type Evaluate,
  encodeCompiled,
  versionName,
} from "../../../src/programs/index.ts";
import { showProblem } from "../../../src/schema/index.ts";
import { err } from "../../../src/std/index.ts";
import { openMemoryStore } from "../../../src/stores/memory/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { colourOn, note } from "../output.ts";
import type { CommonOptions } from "../session.ts";
import { systemClock } from "./bandit.ts";
import { type ProgramFolder, readProgramFolder } from "./folder.ts";
import { loadPrevious } from "./previous.ts";

/** The sources of a compiled program, kept beside it so that expressions can be read in its scope. */
export const Sources = Codec.list(Codec.record({ path: Codec.text, text: Codec.text }));
export type Sources = Codec.Of<typeof Sources>;

/** The name under which the sources of a compiled program stand. */
export const sourcesName = (program: ContentHash.ContentHash): string => `sources:${program}`;

export interface CompiledFolder extends Compiled {
  readonly sources: Sources;
}

/** Compiles a folder; every problem is shown on stderr, then the command ends with exit 3. */
export async function compileFolder(directory: string, options: CommonOptions = {}): Promise<CompiledFolder> {
  const folder = readProgramFolder(directory);
  const compiled = await compileProgram(folder.manifest, folder.sources, evaluate, (manifest) =>
    loadPrevious(manifest, options),
  );
  if (!compiled.ok) {
    for (const problem of compiled.error) note(`${showCompileProblem(problem, folder)}\n`);
    const count = compiled.error.length;
    throw new CliFailure(
      Exit.source,
      `${directory} has ${count} problem${count === 1 ? "" : "s"}; nothing was compiled`,
    );
  }
  for (const warning of compiled.value.warnings) note(`${showCompileProblem(warning, folder)}\n`);
  const sources = folder.sources.map(({ path, text }) => ({ path: path.slice(path.lastIndexOf("/") + 1), text }));
  return { ...compiled.value, sources };
}

export function showCompileProblem(problem: CompileProblem, folder: ProgramFolder): string {
  if (problem.kind === "manifest") return showProblem(problem.problem);
  if (problem.kind === "program") return `error: ${problem.message}\n  fix: ${problem.hint}`;
  const texts = new Map(folder.sources.map(({ path, text }) => [path, text]));
  return render(problem.problem, (file) => texts.get(file), { colour: colourOn, width: process.stderr.columns ?? 100 });
}

/** Runs a constant of the unit in a store of its own. */
const evaluate: Evaluate = async (addressed, definition) => {
  const store = openMemoryStore();
  await store.write((transaction) => {
    for (const { bytes } of addressed.blocks) transaction.put(bytes);
  });
  const executor = newExecutor({ store, clock: systemClock });
  const context = executor.createContext();
  if (!context.ok) return err(showExecutionError(context.error));
  const result = await executor.executeByHash(definition, [], context.value);
  return result.ok ? result : err(showExecutionError(result.error));
};

/** Writes definitions, what is told beside them, the artifact and its sources; gives the artifact's address. */
export async function storeCompiled(store: Store, compiled: CompiledFolder): Promise<ContentHash.ContentHash> {
  return store.write((transaction) => {
    const time = systemClock.now();
    const note = { author: "tb", time, reason: `compile ${compiled.program.name} ${compiled.program.version}` };
    applyAdd(transaction, compiled.addressed, planAdd(transaction, compiled.addressed), note);
    const program = transaction.put(encodeCompiled(compiled.program));
    const sources = transaction.put(encodeValue(Sources.toValue(compiled.sources)));
    setName(transaction, sourcesName(program), sources, note);
    const version = versionName(compiled.program.name, compiled.program.version);
    if (isStoreKey(version)) setName(transaction, version, program, note);
    return program;
  });
}

function setName(
  transaction: StoreTransaction,
  name: string,
  hash: ContentHash.ContentHash,
  note: { readonly author: string; readonly time: number; readonly reason: string },
): void {
  const known = transaction.name(name);
  if (known === hash) return;
  const set = transaction.setName(name, known, hash, note);
  if (!set.ok) throw new Error("internal error: a name cannot move inside its own transaction");
}
