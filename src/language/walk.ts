/** The walk over some files, from text to Core, in tables where all other files are already. */

import type { Environment } from "./Checked.ts";
import { type Lowered, type LoweredFunction, lower } from "./core/lower.ts";
import { share, validate } from "./effects/validate.ts";
import type { Known } from "./known/Known.ts";
import { knownTrees } from "./known/trees.ts";
import { type LibraryFile, libraryModules } from "./library/files.ts";
import { moduleName, type SourceFile, symbolsOf } from "./names/collect.ts";
import { declare, declareUnread, type Names, names, resolve } from "./names/resolve.ts";
import type { AnySymbol } from "./names/Tree.ts";
import type { Outside } from "./outside.ts";
import type { Problem } from "./problems/Problem.ts";
import type { State } from "./types/Checking.ts";
import { checkTypes, forget, settleKnown, type Typed, type Checked as TypedFunction, types } from "./types/check.ts";
import type { LibrarySymbol } from "./types/Declarations.ts";

/** A file of the codebase, parsed. */
export interface Own {
  readonly file: SourceFile;
  readonly problems: readonly Problem[];
}

/** What is known of one file. */
export interface Part {
  readonly file: SourceFile;
  readonly problems: readonly Problem[];
  readonly hasErrors: boolean;
  /** Other files at which its problems point. */
  readonly pointsAt: ReadonlySet<string>;
  readonly functions: readonly TypedFunction[];
  readonly lowered: Lowered;
}

/** What is known of one module. */
export interface Home {
  /** Full names of other modules that its files looked up. */
  readonly asked: ReadonlySet<string>;
  /** The modules of those. */
  readonly leansOn: ReadonlySet<string>;
  readonly outside: ReadonlyMap<string, Outside>;
}

export interface Kept {
  /** All that is not in the files, and which files there are. */
  readonly setting: string;
  /** Declarations of the codebase. Like the library they are looked into only where they are used. */
  readonly known: readonly Known[];
  /** Their files. */
  readonly knownFiles: readonly SourceFile[];
  readonly names: Names;
  readonly types: State;
  readonly parts: Map<string, Part>;
  /** By name. */
  readonly homes: Map<string, Home>;
  /** Functions of the library, by name. */
  readonly library: Map<string, LoweredFunction>;
}

export interface Work {
  readonly kept: Kept;
  readonly libraries: readonly LibraryFile[];
  /** By path, in order. */
  readonly own: ReadonlyMap<string, Own>;
  readonly environment: Environment;
  readonly hasFunds: boolean;
}

export function begin(
  libraries: readonly LibraryFile[],
  known: readonly Known[],
  setting: string,
  hasFunds: boolean,
  previous: Environment["previous"],
): Kept {
  const tables = names();
  const knownFiles = knownTrees(known);
  const paths = new Set([...libraries, ...knownFiles].map((file) => file.path));
  return {
    setting,
    known,
    knownFiles,
    names: tables,
    types: types(tables, (file) => paths.has(file), hasFunds, previous),
    parts: new Map(),
    homes: new Map(),
    library: new Map(),
  };
}

export function all(work: Work): Typed {
  const files = [...work.own.values()].map(({ file }) => file);
  return back(work, files, front(work, files, true));
}

/** Names and types of some files, with all files of their modules; the first time of all there are. What is wrong, by file. */
export function front(
  { kept, environment, libraries }: Work,
  files: readonly SourceFile[],
  isFirst: boolean,
): ReadonlyMap<string, readonly Problem[]> {
  const paths = new Set(files.map((file) => file.path));
  const symbols: AnySymbol[] = [];
  for (const path of paths) {
    const declared = kept.names.declared.get(path);
    if (declared !== undefined) symbols.push(...symbolsOf(declared));
  }
  forget(kept.types, paths, symbols);
  const problems: Problem[] = [];
  const { timelines, nameOf } = environment;
  const options = { timelines, nameOf };
  // A file that names itself like a module of the library adds to that module, which is refused but understood.
  const isMixed = isFirst && files.some((file) => libraryModules.has(moduleName(file.tree)));
  if (isFirst && !isMixed) declareUnread(kept.names, libraries, options);
  const modules = new Set(files.map((file) => moduleName(file.tree)));
  // A module may be known in part. What files declare a second time is told there.
  const known = kept.knownFiles.filter((file) => isFirst || modules.has(moduleName(file.tree)));
  const together = [...(isMixed ? libraries : []), ...known, ...files];
  declare(kept.names, together, problems);
  resolve(kept.names, together, options, problems);
  if (isFirst) settleKnown(kept.types, kept.known);
  checkTypes(kept.types, [...paths], problems);
  const byFile = new Map<string, Problem[]>(files.map((file) => [file.path, []]));
  for (const problem of problems) byFile.get(problem.file)?.push(problem);
  return byFile;
}

/** Effects and Core of some files whose types are known. */
export function back(work: Work, files: readonly SourceFile[], found: ReadonlyMap<string, readonly Problem[]>): Typed {
  const { kept, own, environment, hasFunds } = work;
  const functions = new Map<string, TypedFunction[]>(files.map((file) => [file.path, []]));
  for (const of of kept.types.functions.values()) functions.get(of.file)?.push(of);
  for (const each of functions.values()) each.sort((a, b) => a.span.start - b.span.start);
  const typed = typedOf(work, functions);
  const shared = share(kept.names, typed, kept.known);
  const { assets, granted, safeState } = environment;
  for (const file of files) {
    const { path } = file;
    const problems = [...own.get(path)!.problems, ...found.get(path)!];
    const programs = kept.types.programs.get(path) ?? [];
    const ofFile = functions.get(path)!;
    validate(shared, ofFile, programs, { hasFunds, assets, granted, safeState }, problems);
    const wrong = hit(ofFile, problems);
    const sound = wrong.size === 0 ? ofFile : ofFile.filter((of) => !wrong.has(of.name));
    const lowered = lower(kept.names.declared.get(path)!, kept.types.d, sound, programs, typed, problems);
    const pointsAt = new Set<string>();
    for (const { labels } of problems)
      for (const label of labels) if (label.file !== undefined) pointsAt.add(label.file);
    kept.parts.set(path, { file, problems, hasErrors: problems.some(isError), pointsAt, functions: ofFile, lowered });
  }
  return typed;
}

export const isError = (problem: Problem): boolean => problem.severity === "error";

/** The names of functions in which there is an error. */
export function hit(functions: readonly TypedFunction[], problems: readonly Problem[]): ReadonlySet<string> {
  const found = new Set<string>();
  const errors = problems.filter(isError);
  if (errors.length === 0) return found;
  for (const { name, file, span } of functions) {
    if (errors.some((one) => one.file === file && one.span.start >= span.start && one.span.end <= span.end))
      found.add(name);
  }
  return found;
}

/** Functions and programs in the order of files and text; of the library those that something leans on. */
function typedOf(work: Work, fresh: ReadonlyMap<string, readonly TypedFunction[]>): Typed {
  const { kept, own, libraries } = work;
  const functions = new Map<string, TypedFunction>();
  const leantOn = new Map<string, TypedFunction[]>(libraries.map((file) => [file.path, []]));
  for (const symbol of libraryOf(work)) {
    const of = symbol.kind === "type" ? undefined : kept.types.functions.get(symbol.full);
    if (of !== undefined) leantOn.get(of.file)?.push(of);
  }
  for (const each of leantOn.values()) {
    for (const of of each.sort((a, b) => a.span.start - b.span.start)) functions.set(of.name, of);
  }
  for (const path of own.keys()) {
    for (const of of fresh.get(path) ?? kept.parts.get(path)!.functions) functions.set(of.name, of);
  }
  const programs = [...own.keys()].flatMap((path) => kept.types.programs.get(path) ?? []);
  return { declarations: kept.types.d, functions, programs };
}

/** What the files, and what they lean on, ask of the library and of what is known. */
export function libraryOf({ kept, own }: Work): ReadonlySet<LibrarySymbol> {
  const found = new Set<LibrarySymbol>();
  const { asks } = kept.types.d;
  for (const path of own.keys()) for (const symbol of asks.get(path) ?? []) found.add(symbol);
  for (const symbol of found) for (const other of asks.get(symbol) ?? []) found.add(other);
  return found;
}
