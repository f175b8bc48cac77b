/** What the commands of the codebase share: files checked beside it, definitions by name or hash, who changes what when. */
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import {
  type AddressedUnit,
  addressUnit,
  asOf,
  type CodebaseReads,
  type CodeRepository,
  CodeTooLarge,
  displayName,
  knownCode,
  lastChangeAt,
  Meta,
  moduleFile,
  moduleOf,
  NameRegistry,
  type Note,
  namedDependents,
  namesMeant,
  outdated,
  typed,
  written,
} from "../../../src/code/index.ts";
import { ContentHash } from "../../../src/content/index.ts";
import type { Store } from "../../../src/execution/index.ts";
import {
  type Checked,
  type Core,
  check,
  type Environment,
  type Problem,
  parse,
  type Source,
} from "../../../src/language/index.ts";
import { previousOf } from "../../../src/programs/index.ts";
import type { Manifest } from "../../../src/schema/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { paint } from "../output.ts";
import { type CommonOptions, storeDirectory, withStore } from "../session.ts";
import { checkFiles, environmentOf, isUnknownName, readSources } from "./checkFiles.ts";
import { libraryDefinition, libraryHash } from "./library.ts";

/** Who and when, as the history keeps it. */
export function noteOf(reason: string): Note {
  return { author: author(), time: Date.now(), reason };
}

function author(): string {
  try {
    return process.env["TB_AUTHOR"] ?? userInfo().username;
  } catch {
    return "unknown";
  }
}

/** `#bafyreiabc…`, enough to tell definitions apart. */
export const shortHash = (hash: ContentHash.ContentHash): string => paint.dim(`#${ContentHash.short(hash)}`);

export interface Target {
  readonly hash: ContentHash.ContentHash;
  /** As it was asked for, or what the definition is called. */
  readonly name: string | undefined;
}

/** The codebase as `--at` asks for it: after a change by its number, or at a time; without it as it is. */
export function readsAt(store: Store, at: string | undefined): CodebaseReads {
  if (at === undefined) return store;
  const newest = store.nameHistory(undefined, 1)[0];
  if (/^\d{1,15}$/.test(at)) {
    if (newest === undefined || Number(at) > newest.sequence)
      throw new CliFailure(
        Exit.source,
        `there is no change ${at}`,
        newest === undefined
          ? "the codebase is empty: tb add FILES"
          : `the newest is ${newest.sequence}: see tb history`,
      );
    return asOf(store, Number(at));
  }
  const time = /^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time))
    throw new CliFailure(
      Exit.usage,
      `--at takes the number of a change or a time, not ${at}`,
      "like 12, 2026-01-31 or 2026-01-31T12:00:00Z; tb history shows both",
    );
  const change = lastChangeAt(store, time);
  if (change === undefined) throw new CliFailure(Exit.source, `the codebase had nothing in it at ${at}`);
  return asOf(store, change.sequence);
}

/** Enough characters of a hash to mean one, after `#`. */
const HASH_CHARS_MIN = 10;

/** A definition by name, by `#hash`, or by the beginning of the hash of a named one. */
export function target(store: CodebaseReads, text: string): Target {
  if (!text.startsWith("#")) {
    const found = NameRegistry.get(store, text);
    if (found.ok) return { hash: found.value, name: text };
    if (ContentHash.parse(text) !== undefined) return target(store, `#${text}`);
    const used = usedOfLibrary(store, text);
    if (used === undefined)
      throw new CliFailure(
        Exit.source,
        `there is no definition named ${text}`,
        isModule(store, text)
          ? `${text} is a module: tb view --module ${text} prints it`
          : found.error.suggestion === undefined
            ? "tb find lists what there is"
            : `did you mean ${found.error.suggestion}?`,
      );
    return { hash: used, name: text };
  }
  const digits = text.slice(1);
  const whole = ContentHash.parse(digits);
  if (whole !== undefined) {
    if (store.blocks.has(whole)) return { hash: whole, name: displayName(store, whole) };
    throw new CliFailure(Exit.source, `${text} is not in this codebase`, "tb import or tb pull brings code in");
  }
  if (!/^[a-z2-7]+$/.test(digits) || digits.length < HASH_CHARS_MIN)
    throw new CliFailure(Exit.usage, `${text} is not a hash`, `write at least ${HASH_CHARS_MIN} characters of it`);
  const near = NameRegistry.withPrefix(store, digits);
  const [first, second] = near;
  if (first === undefined)
    throw new CliFailure(Exit.source, `no named definition has a hash that begins with ${digits}`);
  if (second !== undefined)
    throw new CliFailure(Exit.usage, `${near.size} hashes begin with ${digits}`, "write more of it");
  return { hash: first[0], name: first[1] };
}

/** A function of the library is in a codebase when something there uses it. */
function usedOfLibrary(store: CodebaseReads, name: string): ContentHash.ContentHash | undefined {
  const found = libraryDefinition(name);
  if (found === undefined) return undefined;
  const hash = libraryHash(found.name);
  if (hash !== undefined && store.blocks.has(hash)) return hash;
  throw new CliFailure(
    Exit.source,
    hash === undefined
      ? `${name} is of the language: it has no code of its own`
      : `${name} is of the library, and nothing in this codebase uses it`,
    `tb view ${name} shows it`,
  );
}

const isModule = (store: CodebaseReads, text: string): boolean => text !== "" && namesIn(store, text).length > 0;

/** The names in a module, or below a program or effect. */
const namesIn = (store: CodebaseReads, module: string): readonly string[] =>
  NameRegistry.list(store, `${module}.`).map(([name]) => name);

/**
 * What people wrote around these: lambdas and initial values are parts of a definition, and `next` leads on from them (to
 * what mentions them, or to what they mention).
 */
export function withoutParts(
  repository: CodeRepository,
  hashes: readonly ContentHash.ContentHash[],
  next: (hash: ContentHash.ContentHash) => readonly ContentHash.ContentHash[],
): readonly ContentHash.ContentHash[] {
  const found = new Set<ContentHash.ContentHash>();
  const seen = new Set<ContentHash.ContentHash>();
  const visit = (hash: ContentHash.ContentHash): void => {
    if (seen.has(hash)) return;
    seen.add(hash);
    const code = repository.get(hash);
    const isPart = code.ok && code.value.form === "definition" && ["lambda", "value"].includes(code.value.item.kind);
    if (isPart) next(hash).forEach(visit);
    else found.add(hash);
  };
  hashes.forEach(visit);
  return [...found];
}

/** Definitions by name, by hash, or all of a module by its name. */
export const targets = (store: CodebaseReads, text: string): readonly Target[] =>
  store.name(text) === undefined && isModule(store, text)
    ? namesIn(store, text).map((name) => target(store, name))
    : [target(store, text)];

export interface CheckedBeside {
  readonly checked: Checked;
  /** The user's files. */
  readonly own: readonly Source[];
  /** With the modules of the codebase that they use. */
  readonly sources: readonly Source[];
  /** The names that the user's files declare. */
  readonly names: readonly string[];
  readonly unit: AddressedUnit | undefined;
}

/** Of a name with its module, or a test's title: an export takes no longer ones. */
const NAME_CHARS_MAX = 300;

/** How the modules of the codebase are called in problems. */
const CODEBASE_PATH = "codebase:";

/**
 * Checks files beside the codebase. What they mean of it is known by its typing records, so that no text is read again.
 * Where that does not do (the files have errors, change what they use, or use what is only understood with its text),
 * they are checked together with the texts of the modules that they use and do not bring themselves. A file may hold a
 * part of its module: what it misses then comes from the codebase.
 */
export function checkBeside(store: Store, paths: readonly string[]): CheckedBeside {
  const { sources: own, manifest } = readSources(paths);
  const previous = manifest === undefined ? undefined : previousOf(manifest, store);
  const environment = { ...environmentOf(manifest), ...(previous === undefined ? {} : { previous }) };
  const known = checkKnown(store, own, environment);
  if (known?.isSure === true) return known.checked;
  const alone = checkSources(store, own, own.flatMap(usedModules), environment);
  if (isWhole(alone)) return honest(store, alone);
  if (known !== undefined) return known.checked;
  if (!ownErrors(alone.checked).some(isUnknownName)) return { ...alone, unit: undefined };
  const together = checkSources(store, own, [...own.flatMap(usedModules), ...own.map(moduleOfSource)], environment);
  return isWhole(together) ? honest(store, together) : { ...alone, unit: undefined };
}

/**
 * Refuses texts of the codebase that are not the code under their names: whoever gives code away can write anything
 * beside it. What uses something that has changed has another address by right.
 */
function honest(store: Store, of: CheckedBeside): CheckedBeside {
  const unit = of.unit!;
  const own = new Set(of.names);
  const borrowed = unit.named.filter((name) => !own.has(name));
  const differs = borrowed.filter((name) => store.name(name) !== unit.definitions.get(name));
  if (differs.length === 0) return of;
  const changed = of.names.flatMap((name) => {
    const old = store.name(name);
    return old === undefined || old === unit.definitions.get(name) ? [] : [old];
  });
  const behind = outdated(store);
  const byRight = new Set([
    ...namedDependents(store, [...changed, ...behind.map((one) => one.hash)]).keys(),
    ...behind.map((one) => one.name),
  ]);
  const wrong = differs.find((name) => !byRight.has(name));
  if (wrong === undefined) return of;
  throw new CliFailure(
    Exit.source,
    `the text of ${wrong} in the codebase is not the code that it stands beside`,
    `it was changed where it came from: delete ${wrong}, or add a text of your own`,
  );
}

/** Files that are checked, beside the codebase where they need it. */
export interface CheckedWithCodebase {
  readonly manifest: Manifest.Manifest | undefined;
  readonly checked: Checked;
  /** The user's files, and modules of the codebase that were read with them. */
  readonly sources: readonly Source[];
  /** Open, where the codebase was looked into. */
  readonly store: Store | undefined;
  /** The files' definitions under their addresses, where the codebase was looked into and there are no errors. */
  readonly unit: AddressedUnit | undefined;
}

/** Checks files; those that name what they do not declare are checked beside the codebase, if there is one. */
export async function checkWithCodebase<T>(
  paths: readonly string[],
  options: CommonOptions,
  work: (files: CheckedWithCodebase) => Promise<T> | T,
): Promise<T> {
  const alone = await checkFiles(paths, options);
  const isPuzzled = ownErrors(alone.checked).some(isUnknownName);
  if (!isPuzzled || !existsSync(join(storeDirectory(options), "store")))
    return work({ ...alone, store: undefined, unit: undefined });
  return withStore(options, (store) => work({ ...checkBeside(store, paths), store, manifest: alone.manifest }));
}

/** Whether everything of the files can be added: nothing that it needs of the codebase is broken beside them. */
function isWhole({ checked, own, unit }: CheckedBeside): boolean {
  const paths = new Set(own.map((source) => source.path));
  const functions = [...checked.typed.functions.values()].filter((one) => paths.has(one.file));
  return unit !== undefined && functions.every((one) => unit.definitions.has(one.name));
}

/**
 * Checks sources beside typing records alone; undefined where that does not do. Not sure is what uses definitions that
 * themselves use what the files change: with the texts of all, what calls one another becomes one again, and what
 * follows the change is used as it will be. Where it cannot follow, the version that is there is used.
 */
function checkKnown(
  store: Store,
  own: readonly Source[],
  environment: Environment,
): { readonly checked: CheckedBeside; readonly isSure: boolean } | undefined {
  const tops = declared(own);
  const pins = pinsOf(store, own);
  const { names, isDeclared } = namesMeantBy(store, own);
  const pinned = [...pins.values()].flatMap((name) => name ?? []);
  const { known, addresses, assumed } = knownCode(store, [...names, ...pinned], isDeclared);
  const checked = check(own, { ...environment, nameOf: nameIn(pins), known });
  if (checked.unit === undefined) return undefined;
  const unit = addressed(checked, checked.unit, own, addresses);
  checkPins(pins, unit);
  for (const [name, hash] of assumed) if (unit.definitions.get(name) !== hash) return undefined;
  const changed = [...unit.definitions].flatMap(([name, hash]) => {
    const old = belongs(name, tops) ? store.name(name) : undefined;
    return old === undefined || old === hash ? [] : [old];
  });
  const followers = changed.length === 0 ? undefined : namedDependents(store, changed);
  const isSure = followers === undefined || ![...addresses.keys()].some((name) => followers.has(name));
  return { checked: { checked, own, sources: own, names: ownNames(unit, tops), unit }, isSure };
}

/** Checks sources and, from the codebase, the texts of these modules and of what they use, without what is declared here. */
export function checkSources(
  store: Store,
  own: readonly Source[],
  modules: readonly string[],
  environment: Environment,
): CheckedBeside {
  const tops = declared(own);
  const borrowed = new Map<string, Source>();
  const pins = pinsOf(store, own);
  const todo = [...modules, ...[...pins.values()].flatMap((name) => (name === undefined ? [] : [moduleOf(name)]))];
  for (let module = todo.pop(); module !== undefined; module = todo.pop()) {
    if (borrowed.has(module)) continue;
    const text = moduleFile(store, module, (name) => belongs(name, tops));
    if (text === undefined) continue;
    const source = { path: `${CODEBASE_PATH}${module === "" ? "main" : module}`, text };
    borrowed.set(module, source);
    todo.push(...usedModules(source));
  }
  const sources = [...own, ...borrowed.values()];
  const found = check(sources, { ...environment, nameOf: nameIn(pins) });
  // By their hashes, modules of a codebase may use each other: additions and renames lead there.
  const problems = found.problems.filter((one) => one.code !== "TEL0209" || !isOfCodebase(one.file));
  const checked = { ...found, problems };
  // What is wrong with code of the codebase does not keep the user's own out.
  const core = checked.unit ?? (ownErrors(checked).length === 0 ? closed(checked.sound) : undefined);
  if (core === undefined) return { checked, own, sources, names: [], unit: undefined };
  const unit = addressed(checked, core, sources);
  checkPins(pins, unit);
  return { checked, own, sources, names: ownNames(unit, tops), unit };
}

function addressed(
  checked: Checked,
  core: Core.Unit,
  sources: readonly Source[],
  known?: ReadonlyMap<string, ContentHash.ContentHash>,
): AddressedUnit {
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  try {
    return addressUnit(core, {
      source: written(checked, texts),
      typing: typed(checked),
      ...(known === undefined ? {} : { known }),
    });
  } catch (error) {
    if (error instanceof CodeTooLarge) throw new CliFailure(Exit.source, error.message);
    throw error;
  }
}

/** The names of a unit that files declare; one that no codebase could hold is refused. */
function ownNames(unit: AddressedUnit, tops: ReadonlySet<string>): readonly string[] {
  const names = unit.named.filter((name) => belongs(name, tops));
  const odd = names.find((name) => name.length > NAME_CHARS_MAX || !Meta.isShowable(name) || /[\n\t\r]/.test(name));
  if (odd !== undefined)
    throw new CliFailure(
      Exit.source,
      `${JSON.stringify(odd.slice(0, 60))}… cannot be a name of the codebase`,
      `names and titles have at most ${NAME_CHARS_MAX} characters and no control characters`,
    );
  return names;
}

/** The names of the codebase that files may mean, and which names they declare themselves. */
export function namesMeantBy(
  store: CodebaseReads,
  sources: readonly Source[],
): { readonly names: readonly string[]; readonly isDeclared: (name: string) => boolean } {
  const tops = declared(sources);
  const modules = [...sources.flatMap(usedModules), ...sources.map(moduleOfSource)];
  return { names: namesMeant(store, modules, wordsOf(sources)), isDeclared: (name) => belongs(name, tops) };
}

type Pins = ReadonlyMap<ContentHash.ContentHash, string | undefined>;

const pinsOf = (store: Store, own: readonly Source[]): Pins =>
  new Map([...new Set(own.flatMap(pinnedHashes))].map((hash) => [hash, NameRegistry.namesOf(store, hash)[0]] as const));

function checkPins(pins: Pins, unit: AddressedUnit): void {
  for (const [hash, name] of pins) {
    const now = name === undefined ? undefined : unit.definitions.get(name);
    if (now !== undefined && now !== hash)
      throw new CliFailure(
        Exit.source,
        `${name}#${ContentHash.short(hash)}… is pinned, and these files change ${name} to #${ContentHash.short(now)}…`,
        "leave the hash out, or keep the definition as it is",
      );
  }
}

const nameIn =
  (pins: Pins) =>
  (text: string): string | undefined => {
    const hash = ContentHash.parse(text);
    return hash === undefined ? undefined : pins.get(hash);
  };

/** Everything in files that may be a name. */
const wordsOf = (sources: readonly Source[]): ReadonlySet<string> =>
  new Set(sources.flatMap((source) => source.text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []));

export const isOfCodebase = (path: string): boolean => path.startsWith(CODEBASE_PATH);

const ownErrors = (checked: Checked): readonly Problem.Problem[] =>
  checked.problems.filter((problem) => problem.severity === "error" && !isOfCodebase(problem.file));

const moduleOfSource = (source: Source): string => parse(source.text, source.path).tree.module?.text ?? "";

/** Without the definitions that mention, directly or not, one that the unit lacks. */
function closed(unit: Core.Unit): Core.Unit {
  const items = [...unit.definitions, ...unit.types, ...unit.outside, ...unit.programs];
  const mentions = new Map(items.map((item) => [item.name, symbolsIn(item)]));
  for (let before = -1; before !== mentions.size; ) {
    before = mentions.size;
    for (const [name, symbols] of mentions) if (symbols.some((symbol) => !mentions.has(symbol))) mentions.delete(name);
  }
  const kept = <T extends { readonly name: string }>(all: readonly T[]) => all.filter((one) => mentions.has(one.name));
  return {
    definitions: kept(unit.definitions),
    types: kept(unit.types),
    outside: kept(unit.outside),
    programs: kept(unit.programs),
  };
}

function symbolsIn(item: object): readonly string[] {
  const found = new Set<string>();
  const todo: unknown[] = [item];
  for (let node = todo.pop(); todo.length > 0 || node !== undefined; node = todo.pop()) {
    if (typeof node !== "object" || node === null || node instanceof Uint8Array) continue;
    const { kind, name } = node as { readonly kind?: unknown; readonly name?: unknown };
    if (kind === "symbol" && typeof name === "string") found.add(name);
    else if (kind !== "literal") todo.push(...Object.values(node));
  }
  return [...found];
}

/** Hashes in `name#bafy…`. */
function pinnedHashes(source: Source): readonly ContentHash.ContentHash[] {
  const found: ContentHash.ContentHash[] = [];
  const todo: unknown[] = [...parse(source.text, source.path).tree.items];
  for (let node = todo.pop(); todo.length > 0 || node !== undefined; node = todo.pop()) {
    if (typeof node !== "object" || node === null) continue;
    const { kind, hash } = node as { readonly kind?: unknown; readonly hash?: { readonly text?: unknown } };
    const pinned =
      (kind === "name" || kind === "use") && typeof hash?.text === "string" ? ContentHash.parse(hash.text) : undefined;
    if (pinned !== undefined) found.push(pinned);
    todo.push(...Object.values(node));
  }
  return found;
}

export function usedModules(source: Source): readonly string[] {
  return parse(source.text, source.path).tree.items.flatMap((item) =>
    item.kind === "use" && item.path.text !== "timelines" ? [item.path.text] : [],
  );
}

/** The full names that files declare at their top. */
export function declared(sources: readonly Source[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const source of sources) {
    const { tree } = parse(source.text, source.path);
    const prefix = tree.module === undefined ? "" : `${tree.module.text}.`;
    for (const item of tree.items) {
      if (item.kind === "use" || item.kind === "watch") continue;
      const name = item.kind === "test" || item.kind === "prop" ? `${item.kind} ${item.title.value}` : item.name.text;
      names.add(prefix + name);
    }
  }
  return names;
}

/** A name that the files declare, or a part of one (`m.P.go`, `m.Effect.operation`). */
export function belongs(name: string, tops: ReadonlySet<string>): boolean {
  if (tops.has(name)) return true;
  if (name.includes(" ")) return false;
  for (let cut = name.lastIndexOf("."); cut > 0; cut = name.lastIndexOf(".", cut - 1))
    if (tops.has(name.slice(0, cut))) return true;
  return false;
}

/** What a name is shown as in tables. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
