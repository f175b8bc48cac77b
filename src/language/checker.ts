/**
 * The walk from text to Core: parse, names, types, effects, lower. A checker keeps what it found and checks again only
 * what a change can reach; the result is the same as that of a new one.
 *
 *     edit in app.base ──▶ check app.base ──▶ does one of its names say something else (outside.ts)?
 *                                               no ──▶ done
 *                                               yes ─▶ check the modules that asked for that name as well, and so on
 *
 * The unit of work is a module. What is known of a module stays as long as its files, and all that it asked other modules
 * for, say the same. Symbols and types keep their identity over edits (collect.ts), so what was found elsewhere still holds.
 */
import { byName, type Lowered, type LoweredFunction, lower, lowerFunction, typeDefinition } from "./core/lower.ts";
import type * as Core from "./core/Tree.ts";
import { checkTotal } from "./effects/total.ts";
import { share, validate } from "./effects/validate.ts";
import { type LibraryFile, libraryFiles, libraryModules } from "./library/files.ts";
import { moduleName, type SourceFile, symbolsOf } from "./names/collect.ts";
import { cycles } from "./names/imports.ts";
import { order } from "./names/order.ts";
import { declare, declareUnread, type Names, names, resolve } from "./names/resolve.ts";
import type { AnySymbol } from "./names/Tree.ts";
import { type Outside, outsideOf } from "./outside.ts";
import { compare, error, type Problem } from "./problems/Problem.ts";
import { type Parsed, parse } from "./syntax/index.ts";
import type { Span } from "./syntax/Tree.ts";
import type { State } from "./types/Checking.ts";
import { checkTypes, forget, type Typed, type Checked as TypedFunction, types } from "./types/check.ts";
import type { LibrarySymbol } from "./types/Declarations.ts";

export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What the manifest and the codebase say. */
export interface Environment {
  /** Names under [timelines]; undefined: any name may be used. */
  readonly timelines?: readonly string[];
  /** Names under [assets]; undefined: any text may be an asset. */
  readonly assets?: readonly string[];
  /** [bindings]: interface → the program it stands for. */
  readonly bindings?: ReadonlyMap<string, string>;
  /** Labels that the manifest grants; undefined: all. */
  readonly granted?: readonly string[];
  /** The full name under which the files hold what `#hash` stands for; undefined where there is no codebase. */
  readonly nameOf?: (hash: string) => string | undefined;
  readonly safeState?: { readonly strategy: string; readonly handshake: string };
}

export interface Checked {
  /** All of them, by file and place. */
  readonly problems: readonly Problem[];
  /** Present when there are no errors. */
  readonly unit: Core.Unit | undefined;
  /** Every definition that is free of errors itself, whatever else is wrong. */
  readonly sound: Core.Unit;
  /** Where a call, request or fault of a definition stands, in the file of that definition. */
  readonly spanOf: (definition: string, node: Core.Expression) => Span | undefined;
  /** For the editor and for printers. */
  readonly resolved: Names;
  readonly typed: Typed;
  readonly files: readonly SourceFile[];
}

export interface Checker {
  /** A result holds until the next check: what both share is brought up to date in place. */
  readonly check: (sources: readonly Source[], environment?: Environment) => Checked;
  /** Files as text, and beside them files that are trees already, with what is wrong in those. */
  readonly checkTrees: (
    sources: readonly Source[],
    trees: readonly SourceFile[],
    environment: Environment,
    before: readonly Problem[],
  ) => Checked;
}

/** A file of the codebase, parsed. */
interface Own {
  readonly file: SourceFile;
  readonly problems: readonly Problem[];
}

/** What is known of one file. */
interface Part {
  readonly file: SourceFile;
  readonly problems: readonly Problem[];
  readonly hasErrors: boolean;
  /** Other files at which its problems point. */
  readonly pointsAt: ReadonlySet<string>;
  readonly functions: readonly TypedFunction[];
  readonly lowered: Lowered;
}

/** What is known of one module. */
interface Home {
  /** Full names of other modules that its files looked up. */
  readonly asked: ReadonlySet<string>;
  /** The modules of those. */
  readonly leansOn: ReadonlySet<string>;
  readonly outside: ReadonlyMap<string, Outside>;
}

interface Kept {
  /** All that is not in the files, and which files there are. */
  readonly setting: string;
  readonly names: Names;
  readonly types: State;
  readonly parts: Map<string, Part>;
  /** By name. */
  readonly homes: Map<string, Home>;
  /** Functions of the library, by name. */
  readonly library: Map<string, LoweredFunction>;
}

interface Work {
  readonly kept: Kept;
  readonly libraries: readonly LibraryFile[];
  /** By path, in order. */
  readonly own: ReadonlyMap<string, Own>;
  readonly environment: Environment;
  readonly hasFunds: boolean;
}

/** After so many, all modules that lean on what is being checked are checked with it. */
const ROUNDS_MAX = 3;

export function checker(): Checker {
  const texts = new Map<string, { readonly text: string; readonly parsed: Parsed }>();
  let kept: Kept | undefined;

  const parsed = (source: Source): Parsed => {
    const known = texts.get(source.path);
    if (known !== undefined && known.text === source.text) return known.parsed;
    const made = parse(source.text, source.path);
    texts.set(source.path, { text: source.text, parsed: made });
    return made;
  };

  const checkTrees: Checker["checkTrees"] = (sources, trees, environment, before) => {
    const own = ownFiles(sources, trees, parsed, (path) => kept?.parts.get(path)?.file);
    for (const path of texts.keys()) if (!own.has(path)) texts.delete(path);
    const hasFunds = [...own.values()].some(({ file }) => file.hasFunds === true);
    const setting = settingOf(own, environment, hasFunds);
    const last = kept;
    // If anything goes wrong in between, nothing is kept.
    kept = undefined;
    const isReserved = [...own.values()].some(({ file }) => libraryModules.has(moduleName(file.tree)));
    const mayStay = !isReserved && environment.nameOf === undefined;
    const on = (using: Kept): Work => ({ kept: using, libraries: libraryFiles, own, environment, hasFunds });
    if (last !== undefined && mayStay && last.setting === setting) {
      const work = on(last);
      const typed = again(work);
      if (typed !== undefined) {
        const made = assemble(work, typed, before);
        kept = last;
        return made;
      }
    }
    const work = on(begin(libraryFiles, setting, hasFunds));
    const typed = all(work);
    const made = assemble(work, typed, before);
    if (mayStay && !work.kept.types.isMixed) {
      for (const name of modulesOf(own).keys()) work.kept.homes.set(name, homeOf(work.kept, modulesOf(own), name));
      kept = work.kept;
    }
    return made;
  };
  return { check: (sources, environment = {}) => checkTrees(sources, [], environment, []), checkTrees };
}

/** Once, from nothing. */
export function checkOnce(
  sources: readonly Source[],
  trees: readonly SourceFile[],
  environment: Environment,
  before: readonly Problem[],
): Checked {
  const own = ownFiles(
    sources,
    trees,
    (source) => parse(source.text, source.path),
    () => undefined,
  );
  return checkAll(libraryFiles, own, environment, before);
}

/** Checks the library itself, which otherwise is only looked into where it is used. */
export function checkLibrary(): Checked {
  const own = new Map<string, Own>();
  for (const file of libraryFiles) own.set(file.path, { file: { ...file, library: false }, problems: [] });
  return checkAll([], own, {}, []);
}

function checkAll(
  libraries: readonly LibraryFile[],
  own: ReadonlyMap<string, Own>,
  environment: Environment,
  before: readonly Problem[],
): Checked {
  const hasFunds = [...own.values()].some(({ file }) => file.hasFunds === true);
  const work: Work = { kept: begin(libraries, "", hasFunds), libraries, own, environment, hasFunds };
  return assemble(work, all(work), before);
}

// ------------------------------------------------------------------------------------------------- files

/** Sources in the order of their paths, then the trees. */
function ownFiles(
  sources: readonly Source[],
  trees: readonly SourceFile[],
  parsed: (source: Source) => Parsed,
  known: (path: string) => SourceFile | undefined,
): ReadonlyMap<string, Own> {
  const own = new Map<string, Own>();
  for (const source of [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const { tree, problems } = parsed(source);
    const before = known(source.path);
    const file: SourceFile =
      before?.tree === tree
        ? before
        : { path: source.path, tree, library: false, hasFunds: /\breserve\b|\bFunds\b/.test(source.text) };
    const { module } = tree;
    const taken =
      module !== undefined && libraryModules.has(module.text)
        ? [
            error("TEL0216", source.path, module.span, `\`${module.text}\` is a module of the library`, {
              hints: ["choose another name"],
            }),
          ]
        : [];
    own.set(source.path, { file, problems: [...problems, ...taken] });
  }
  for (const file of trees) own.set(file.path, { file, problems: [] });
  return own;
}

/** Where this differs, nothing that was found before is used. */
const settingOf = (own: ReadonlyMap<string, Own>, environment: Environment, hasFunds: boolean): string => {
  const { timelines, assets, granted, safeState } = environment;
  const files = [...own.values()].map(({ file }) => [file.path, moduleName(file.tree)]);
  return JSON.stringify([files, timelines, assets, granted, safeState, hasFunds]);
};

function modulesOf(own: ReadonlyMap<string, Own>): ReadonlyMap<string, readonly SourceFile[]> {
  const found = new Map<string, SourceFile[]>();
  for (const { file } of own.values()) {
    const name = moduleName(file.tree);
    const known = found.get(name);
    if (known === undefined) found.set(name, [file]);
    else known.push(file);
  }
  return found;
}

function begin(libraries: readonly LibraryFile[], setting: string, hasFunds: boolean): Kept {
  const tables = names();
  const paths = new Set(libraries.map((file) => file.path));
  return {
    setting,
    names: tables,
    types: types(tables, (file) => paths.has(file), hasFunds),
    parts: new Map(),
    homes: new Map(),
    library: new Map(),
  };
}

// ---------------------------------------------------------------------------------------------- the walk

function all(work: Work): Typed {
  const files = [...work.own.values()].map(({ file }) => file);
  return back(work, files, front(work, files, work.libraries));
}

/** Names and types of some files, with all files of their modules. What is wrong, by file. */
function front(
  { kept, environment }: Work,
  files: readonly SourceFile[],
  libraries: readonly LibraryFile[],
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
  const mixed = files.some((file) => libraryModules.has(moduleName(file.tree))) ? libraries : [];
  if (mixed.length === 0) declareUnread(kept.names, libraries, options);
  declare(kept.names, [...mixed, ...files], problems);
  resolve(kept.names, [...mixed, ...files], options, problems);
  checkTypes(kept.types, [...paths], problems);
  const byFile = new Map<string, Problem[]>(files.map((file) => [file.path, []]));
  for (const problem of problems) byFile.get(problem.file)?.push(problem);
  return byFile;
}

/** Effects and Core of some files whose types are known. */
function back(work: Work, files: readonly SourceFile[], found: ReadonlyMap<string, readonly Problem[]>): Typed {
  const { kept, own, environment, hasFunds } = work;
  const functions = new Map<string, TypedFunction[]>(files.map((file) => [file.path, []]));
  for (const of of kept.types.functions.values()) functions.get(of.file)?.push(of);
  for (const each of functions.values()) each.sort((a, b) => a.span.start - b.span.start);
  const typed = typedOf(work, functions);
  const shared = share(kept.names, typed);
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

const isError = (problem: Problem): boolean => problem.severity === "error";

/** The names of functions in which there is an error. */
function hit(functions: readonly TypedFunction[], problems: readonly Problem[]): ReadonlySet<string> {
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

/** What the files, and what they lean on, ask of the library. */
function libraryOf({ kept, own }: Work): ReadonlySet<LibrarySymbol> {
  const found = new Set<LibrarySymbol>();
  const { asks } = kept.types.d;
  for (const path of own.keys()) for (const symbol of asks.get(path) ?? []) found.add(symbol);
  for (const symbol of found) for (const other of asks.get(symbol) ?? []) found.add(other);
  return found;
}

function assemble(work: Work, typed: Typed, before: readonly Problem[]): Checked {
  const { kept, libraries, own } = work;
  const files: readonly SourceFile[] = [...libraries, ...[...own.values()].map(({ file }) => file)];
  const paths = new Set(libraries.map((file) => file.path));
  const parts = [...own.keys()].map((path) => kept.parts.get(path)!);
  const across: Problem[] = [];
  cycles(
    parts.map((part) => part.file),
    across,
  );
  const late: Problem[] = [];
  checkTotal(kept.names, typed, (file) => paths.has(file), late);
  const problems = [...before, ...across, ...parts.flatMap((part) => part.problems), ...late].sort(compare);
  const wrong = late.length === 0 ? new Set<string>() : hit([...typed.functions.values()], late);
  const sound = unitOf(work, typed, parts, wrong);
  return {
    problems: distinct(problems),
    unit: problems.some(isError) ? undefined : sound,
    sound,
    spanOf: (definition, node) => {
      const of = typed.functions.get(definition) ?? typed.functions.get(definition.replace(/\/\d+$/, ""));
      if (of === undefined) return undefined;
      const lowered = kept.library.get(of.name) ?? kept.parts.get(of.file)?.lowered.functions.get(of.name);
      return lowered?.places.spans[lowered.places.nodes.indexOf(node)];
    },
    resolved: kept.names,
    typed,
    files,
  };
}

/** One problem at one place is told once, however many ways led to it. */
const distinct = (sorted: readonly Problem[]): readonly Problem[] =>
  sorted.filter(
    (problem, i) => i === 0 || compare(sorted[i - 1]!, problem) !== 0 || sorted[i - 1]!.message !== problem.message,
  );

function unitOf(work: Work, typed: Typed, parts: readonly Part[], wrong: ReadonlySet<string>): Core.Unit {
  const { kept } = work;
  const definitions: Core.Definition[] = [];
  const typeDefinitions: Core.TypeDefinition[] = [];
  for (const symbol of libraryOf(work)) {
    if (symbol.kind === "type") {
      typeDefinitions.push(typeDefinition(kept.types.d.infos.get(symbol)!));
      continue;
    }
    const of = typed.functions.get(symbol.full);
    if (of === undefined) continue;
    let lowered = kept.library.get(of.name);
    if (lowered === undefined) {
      lowered = lowerFunction(of);
      kept.library.set(of.name, lowered);
    }
    definitions.push(...lowered.definitions);
  }
  // Nearly in order already, so that sorting takes one walk: the names of a file have their module in common.
  const byFirst = parts.filter(({ lowered }) => lowered.definitions.length > 0);
  byFirst.sort((a, b) => (a.lowered.definitions[0]!.name < b.lowered.definitions[0]!.name ? -1 : 1));
  for (const { lowered } of byFirst) {
    const without = new Set<Core.Definition>();
    for (const name of wrong) for (const each of lowered.functions.get(name)?.definitions ?? []) without.add(each);
    for (const each of lowered.definitions) if (!without.has(each)) definitions.push(each);
  }
  for (const { lowered } of parts) typeDefinitions.push(...lowered.types);
  return {
    definitions: byName(definitions),
    types: byName(typeDefinitions),
    outside: byName(parts.flatMap((part) => part.lowered.outside)),
    programs: byName(parts.flatMap((part) => part.lowered.programs)),
  };
}

// ------------------------------------------------------------------------------------------- what changed

/** Checks what differs from the last time, and what that reaches; undefined where nothing can be kept after all. */
function again(work: Work): Typed | undefined {
  const { kept, own } = work;
  const modules = modulesOf(own);
  const dirty = new Set<string>();
  for (const [name, files] of modules) {
    if (files.some((file) => kept.parts.get(file.path)?.file !== file)) dirty.add(name);
  }
  for (const name of unsettled(kept)) dirty.add(name);
  for (let round = 1; ; round++) {
    const files = [...own.values()].map(({ file }) => file).filter((file) => dirty.has(moduleName(file.tree)));
    const found = front(work, files, []);
    if (kept.types.isMixed) return undefined;
    const homes = new Map(kept.homes);
    for (const name of dirty) homes.set(name, homeOf(kept, modules, name));
    const more = reached(kept, modules, homes, dirty, round);
    if (more.size === 0) {
      for (const name of dirty) kept.homes.set(name, homes.get(name)!);
      return back(work, files, found);
    }
    for (const name of more) dirty.add(name);
  }
}

function homeOf(kept: Kept, modules: ReadonlyMap<string, readonly SourceFile[]>, name: string): Home {
  const asked = new Set<string>();
  for (const { path } of modules.get(name)!) for (const full of kept.names.scopes.get(path)!.asked) asked.add(full);
  const leansOn = new Set<string>();
  for (const full of asked) {
    const home = full.slice(0, Math.max(0, full.lastIndexOf(".")));
    if (home !== name && modules.has(home)) leansOn.add(home);
  }
  return { asked, leansOn, outside: outsideOf(kept.types, kept.names.modules.get(name)!) };
}

/** Modules in which a type is decided by who uses it first, and those that use it. */
function unsettled(kept: Kept): ReadonlySet<string> {
  const found = new Set<string>();
  const open = new Set<string>();
  for (const [name, { outside }] of kept.homes) {
    for (const [full, { isOpen }] of outside) {
      if (!isOpen) continue;
      found.add(name);
      open.add(full);
    }
  }
  if (open.size === 0) return found;
  for (const [name, { asked }] of kept.homes) for (const full of open) if (asked.has(full)) found.add(name);
  return found;
}

/** The modules that must be checked too, when those in `dirty` have become what `homes` says. */
function reached(
  kept: Kept,
  modules: ReadonlyMap<string, readonly SourceFile[]>,
  homes: ReadonlyMap<string, Home>,
  dirty: ReadonlySet<string>,
  round: number,
): ReadonlySet<string> {
  const changed = changedNames(kept, homes, dirty);
  const more = new Set<string>();
  const files = new Set([...dirty].flatMap((name) => modules.get(name)!.map((file) => file.path)));
  for (const [name, { asked }] of homes) {
    if (dirty.has(name)) continue;
    const parts = modules.get(name)!.map((file) => kept.parts.get(file.path)!);
    const isReached =
      intersects(asked, changed) ||
      // What is said about something wrong may be about any name there is.
      (changed.size > 0 && parts.some((part) => part.hasErrors)) ||
      parts.some((part) => intersects(part.pointsAt, files));
    if (isReached) more.add(name);
  }
  // Modules that lean on each other are understood only together.
  for (const group of order(homes.keys(), (name) => homes.get(name)!.leansOn)) {
    if (group.length === 1 || !group.some((name) => dirty.has(name) || more.has(name))) continue;
    for (const name of group) if (!dirty.has(name)) more.add(name);
  }
  if (round < ROUNDS_MAX || more.size === 0) return more;
  for (let before = -1; before < more.size; ) {
    before = more.size;
    for (const [name, { leansOn }] of homes) {
      if (!dirty.has(name) && (intersects(leansOn, dirty) || intersects(leansOn, more))) more.add(name);
    }
  }
  return more;
}

const intersects = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const each of small) if (large.has(each)) return true;
  return false;
};

/** The names of `dirty` modules that say something else than the last time, themselves or by what they lean on. */
function changedNames(kept: Kept, homes: ReadonlyMap<string, Home>, dirty: ReadonlySet<string>): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const name of dirty) {
    const before = kept.homes.get(name)!.outside;
    const now = homes.get(name)!.outside;
    for (const [full, said] of before) if (now.get(full)?.text !== said.text) changed.add(full);
    for (const [full, { isOpen, isLoose }] of now) if (isOpen || isLoose || !before.has(full)) changed.add(full);
  }
  for (let before = -1; before < changed.size; ) {
    before = changed.size;
    for (const name of dirty) {
      for (const [full, { mentions }] of homes.get(name)!.outside) {
        if (!changed.has(full) && intersects(mentions, changed)) changed.add(full);
      }
    }
  }
  return changed;
}
