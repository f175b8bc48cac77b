/**
 * Names of definitions: a map with its whole history. Every change is compare-and-set, so that a writer who did not see
 * the last change is told both values. Renaming moves a name and writes no code.
 */
import { ContentHash } from "../content/index.ts";
import { parse } from "../language/index.ts";
import { closest, err, ok, type Result } from "../std/index.ts";
import {
  type CodebaseReads,
  type CodebaseTransaction,
  isDefinitionName,
  isMetaName,
  metaName,
  type NameChange,
  type NameMoved,
  type Note,
} from "./Codebase.ts";
import { codeRepository, putMeta, putTyping } from "./CodeRepository.ts";
import * as Meta from "./Meta.ts";
import * as Typing from "./Typing.ts";
import { declaredName } from "./toHashed.ts";

export interface UnknownName {
  readonly kind: "UnknownName";
  readonly name: string;
  /** The nearest known name. */
  readonly suggestion: string | undefined;
}

export interface NameTaken {
  readonly kind: "NameTaken";
  readonly name: string;
  readonly got: ContentHash.ContentHash;
}

export interface InvalidName {
  readonly kind: "InvalidName";
  readonly name: string;
}

/** The new name would say something else than the code does. */
export interface NameFixed {
  readonly kind: "NameFixed";
  readonly name: string;
  readonly reason: string;
}

export type NameError = UnknownName | NameTaken | InvalidName | NameFixed | NameMoved;

export function showNameError(error: NameError): string {
  switch (error.kind) {
    case "UnknownName":
      return `there is no definition named ${error.name}${error.suggestion === undefined ? "" : `; did you mean ${error.suggestion}?`}`;
    case "NameTaken":
      return `${error.name} already names #${error.got}`;
    case "InvalidName":
      return `${error.name} is not a name: use words joined by dots, like arb.math.spread`;
    case "NameFixed":
      return `${error.name} cannot be renamed so: ${error.reason}`;
    case "NameMoved":
      return `${error.name} was changed by another writer: expected ${shown(error.expected)}, it is ${shown(error.got)}`;
  }
}

const shown = (hash: ContentHash.ContentHash | undefined): string => (hash === undefined ? "nothing" : `#${hash}`);

const NAME_CHARS_MAX = 255;

/** Words of letters, digits and `_`, joined by dots; lambdas and tests have further parts after a `/`. */
export const isName = (name: string): boolean =>
  name.length <= NAME_CHARS_MAX && /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(name);

export const get = (reads: CodebaseReads, name: string): Result<ContentHash.ContentHash, UnknownName> => {
  const hash = isDefinitionName(name) ? reads.name(name) : undefined;
  return hash === undefined ? err(unknown(reads, name)) : ok(hash);
};

export const unknown = (reads: CodebaseReads, name: string): UnknownName => ({
  kind: "UnknownName",
  name,
  suggestion: nearest(name, reads.namesEver(), (known) => reads.name(known) !== undefined),
});

/** The nearest name; a bare last word counts as its full name. */
function nearest(name: string, known: readonly string[], isThere: (name: string) => boolean): string | undefined {
  const whole = known.find((one) => one.endsWith(`.${name}`) && isThere(one));
  if (whole !== undefined) return whole;
  const found = closest(name, known);
  return found === undefined || isThere(found) ? found : closest(name, known.filter(isThere));
}

/** Names of definitions that begin with `prefix`, ascending by code point. */
export const list = (reads: CodebaseReads, prefix = ""): readonly (readonly [string, ContentHash.ContentHash])[] =>
  reads.names(prefix).filter(([name]) => isDefinitionName(name));

/** What a name stood for after change number `sequence`. */
export const at = (reads: CodebaseReads, name: string, sequence: number): ContentHash.ContentHash | undefined =>
  reads.nameAt(name, sequence);

/** The names that a definition has now. */
export function namesOf(reads: CodebaseReads, hash: ContentHash.ContentHash): readonly string[] {
  const block = blockNamed(reads, metaName(hash));
  const meta = block === undefined ? undefined : Meta.decode(block);
  if (meta?.ok !== true) return [];
  return meta.value.entries.map((entry) => entry.name).filter((name) => reads.name(name) === hash);
}

/** Named definitions whose hash begins so, each under one of its names. Reads only the blocks that begin so. */
export function withPrefix(reads: CodebaseReads, prefix: string): ReadonlyMap<ContentHash.ContentHash, string> {
  const found = new Map<ContentHash.ContentHash, string>();
  const add = (hash: ContentHash.ContentHash) => {
    const [name] = namesOf(reads, hash);
    if (name !== undefined) found.set(hash, name);
  };
  // `a` stands for zeros.
  const first = ContentHash.parse(prefix.padEnd(ContentHash.TEXT_CHARS, "a"));
  if (first === undefined) return found;
  if (reads.blocks.has(first)) add(first);
  for (let after = first; ; ) {
    const page = reads.blockSizes(after, 64);
    for (const [hash] of page) {
      if (!hash.startsWith(prefix)) return found;
      add(hash);
      after = hash;
    }
    if (page.length === 0) return found;
  }
}

function blockNamed(reads: CodebaseReads, name: string): Uint8Array | undefined {
  const at = reads.name(name);
  return at === undefined ? undefined : reads.blocks.get(at);
}

/** Points a name at a definition where it still stands as `expected`. */
export const set = (
  tx: CodebaseTransaction,
  name: string,
  next: ContentHash.ContentHash,
  expected: ContentHash.ContentHash | undefined,
  note: Note,
): Result<NameChange, NameMoved> => tx.setName(name, expected, next, note);

/** Moves a name, and every name below it (`m.f`, and `m.P.entry` with `m.P`). Writes no code. Gives what moved. */
export function rename(
  tx: CodebaseTransaction,
  from: string,
  to: string,
  note: Note,
): Result<readonly (readonly [string, string])[], NameError> {
  if (!isName(to)) return err({ kind: "InvalidName", name: to });
  const moving = list(tx, from).filter(([name]) => name === from || below(from, name));
  if (moving.length === 0) return err(unknown(tx, from));
  const moves = moving.map(([name, hash]) => [name, to + name.slice(from.length), hash] as const);
  for (const [name, target, hash] of moves) {
    const reason = fixed(tx, name, target, hash);
    if (reason !== undefined) return err({ kind: "NameFixed", name, reason });
  }
  const leaving = new Set(moves.map(([name]) => name));
  for (const [, target, hash] of moves) {
    const taken = tx.name(target);
    if (taken !== undefined && taken !== hash && !leaving.has(target))
      return err({ kind: "NameTaken", name: target, got: taken });
  }
  for (const [name, , hash] of moves) tx.setName(name, hash, undefined, note);
  for (const [name, target, hash] of moves) {
    tx.setName(target, tx.name(target), hash, note);
    carryMeta(tx, hash, name, target, note);
    carryTyping(tx, hash, name, target);
  }
  return ok(moves.map(([name, target]) => [name, target] as const));
}

/** Why a definition cannot be called so: what its code says would no longer be what its text says. */
function fixed(reads: CodebaseReads, from: string, to: string, hash: ContentHash.ContentHash): string | undefined {
  const code = codeRepository(reads).get(hash);
  if (!code.ok || from.includes(" ")) return undefined;
  const { form, item } = code.value;
  if (form === "outside") {
    const declared = declaredName({ kind: item.kind, name: to });
    return declared === item.name
      ? undefined
      : `adapters are asked for the ${item.kind} ${item.name}; only its module may change`;
  }
  const owner = from.slice(0, Math.max(0, from.lastIndexOf(".")));
  const isPart = reads.name(owner) !== undefined;
  if (isPart) return to.endsWith(from.slice(owner.length)) ? undefined : `it is a part of ${owner}`;
  const word = to.slice(to.lastIndexOf(".") + 1);
  const module = to.slice(0, Math.max(0, to.length - word.length - 1));
  const declaration =
    form === "type" ? `type ${word}(a: Int)` : form === "program" ? `program ${word} {}` : `fn ${word}() -> Int { 1 }`;
  const text = `${module === "" ? "" : `module ${module}\n`}${declaration}\n`;
  const kind = form === "definition" ? "function" : form;
  const modulesFit = module === "" || module.split(".").every((one) => /^[a-z_]/.test(one));
  return modulesFit && parse(text, "name").problems.length === 0 ? undefined : `${to} is no name for a ${kind}`;
}

const below = (parent: string, name: string): boolean => name.startsWith(`${parent}.`) || name.startsWith(`${parent}/`);

/** The words that were told under the old name are told under the new one too. */
function carryMeta(tx: CodebaseTransaction, hash: ContentHash.ContentHash, from: string, to: string, note: Note): void {
  const block = blockNamed(tx, metaName(hash));
  const meta = block === undefined ? undefined : Meta.decode(block);
  const entry = meta?.ok === true ? Meta.entryFor(meta.value, from) : undefined;
  putMeta(
    tx,
    {
      definition: hash,
      entries: [
        entry === undefined ? { name: to, localNames: [], doc: undefined, source: undefined } : { ...entry, name: to },
      ],
    },
    note,
  );
}

/** What was found out about the old name holds for the new one too. */
function carryTyping(tx: CodebaseTransaction, definition: ContentHash.ContentHash, from: string, to: string): void {
  const record = tx.typing(definition);
  const typing = record === undefined ? undefined : Typing.decode(record);
  const entry = typing?.ok === true ? typing.value.entries.find((one) => one.known.name === from) : undefined;
  if (entry !== undefined) putTyping(tx, { definition, entries: [{ ...entry, known: { ...entry.known, name: to } }] });
}

/** Deletes a name and those below it: tombstones in the history; the code stays. Gives the deleted names. */
export function remove(tx: CodebaseTransaction, name: string, note: Note): Result<readonly string[], NameError> {
  const leaving = list(tx, name).filter(([one]) => one === name || below(name, one));
  if (leaving.length === 0) return err(unknown(tx, name));
  for (const [one, hash] of leaving) tx.setName(one, hash, undefined, note);
  return ok(leaving.map(([one]) => one));
}

/** One change of the codebase: all name changes that were made together. */
export interface Step {
  readonly note: Note;
  /** In the order in which they were made; those of definitions only. */
  readonly changes: readonly NameChange[];
}

const UNDO_REASON = "undo";

/** The steps of the whole codebase or of one name, newest first; with `last`, of only so many of the newest changes. */
export const history = (reads: CodebaseReads, name?: string, last?: number): readonly Step[] =>
  stepsOf(reads.nameHistory(name, last))
    .map((step) => ({ ...step, changes: step.changes.filter((change) => isDefinitionName(change.name)) }))
    .filter((step) => step.changes.length > 0);

/** Changes of one note together, newest first. */
function stepsOf(changes: readonly NameChange[]): readonly Step[] {
  const steps: { readonly note: Note; readonly changes: NameChange[] }[] = [];
  for (const change of changes) {
    const { author, time, reason } = change;
    const current = steps[steps.length - 1];
    if (current !== undefined && sameNote(current.note, change)) current.changes.push(change);
    else steps.push({ note: { author, time, reason }, changes: [change] });
  }
  return steps.reverse();
}

const sameNote = (a: Note, b: Note): boolean => a.author === b.author && a.time === b.time && a.reason === b.reason;

/** A note whose step cannot run together with the one before it. */
export function freshNote(reads: CodebaseReads, note: Note): Note {
  const before = reads.nameHistory(undefined, 1)[0];
  return before !== undefined && note.time <= before.time ? { ...note, time: before.time + 1 } : note;
}

export interface NothingToUndo {
  readonly kind: "NothingToUndo";
}

/**
 * Takes back the newest step that is not itself an undo and was not yet undone, by inverse entries: nothing is erased,
 * and what was told beside the definitions comes back too.
 */
export function undo(tx: CodebaseTransaction, note: Omit<Note, "reason">): Result<Step, NothingToUndo | NameMoved> {
  let skip = 0;
  for (const { note: by, changes } of rawSteps(tx)) {
    // Marks of test results and the like are no changes of the codebase.
    const step = {
      note: by,
      changes: changes.filter((change) => isDefinitionName(change.name) || isMetaName(change.name)),
    };
    if (step.changes.length === 0) continue;
    if (step.note.reason.startsWith(`${UNDO_REASON} `)) {
      skip++;
      continue;
    }
    if (skip > 0) {
      skip--;
      continue;
    }
    const fresh = freshNote(tx, { ...note, reason: `${UNDO_REASON} ${step.note.reason}` });
    for (const change of [...step.changes].reverse()) {
      const done = tx.setName(change.name, change.new, change.old, fresh);
      if (!done.ok) return done;
    }
    return ok({ note: step.note, changes: step.changes.filter((change) => isDefinitionName(change.name)) });
  }
  return err({ kind: "NothingToUndo" });
}

/** Steps newest first, read in growing pieces, so that undoing the last does not read the whole history. */
function* rawSteps(reads: CodebaseReads): Generator<Step> {
  let given = 0;
  for (let last = 256; ; last *= 8) {
    const changes = reads.nameHistory(undefined, last);
    const whole = changes.length < last;
    const steps = stepsOf(changes);
    // The oldest step of a piece may go on before it.
    const complete = whole ? steps : steps.slice(0, -1);
    for (; given < complete.length; given++) yield complete[given]!;
    if (whole) return;
  }
}

/** What two histories of one name come to. */
export type Merged =
  | { readonly kind: "same"; readonly hash: ContentHash.ContentHash | undefined }
  /** Only one side went on from what both knew. */
  | { readonly kind: "ours" | "theirs"; readonly hash: ContentHash.ContentHash | undefined }
  /** Both went on: never an arbitrary pick, but what there is to choose from, and what both knew last. */
  | {
      readonly kind: "conflict";
      readonly base: ContentHash.ContentHash | undefined;
      readonly candidates: readonly (ContentHash.ContentHash | undefined)[];
    };

/** Merges two histories that may have begun as one: per name, what follows from the values that each had in turn. */
export function merge(ours: readonly NameChange[], theirs: readonly NameChange[]): ReadonlyMap<string, Merged> {
  const left = valuesByName(ours);
  const right = valuesByName(theirs);
  const names = [...new Set([...left.keys(), ...right.keys()])].filter(isDefinitionName).sort();
  return new Map(names.map((name) => [name, mergeValues(left.get(name) ?? [], right.get(name) ?? [])]));
}

type Values = readonly (ContentHash.ContentHash | undefined)[];

function valuesByName(changes: readonly NameChange[]): ReadonlyMap<string, Values> {
  const values = new Map<string, (ContentHash.ContentHash | undefined)[]>();
  for (const change of changes) {
    const known = values.get(change.name);
    if (known === undefined) values.set(change.name, [change.new]);
    else known.push(change.new);
  }
  return values;
}

function mergeValues(ours: Values, theirs: Values): Merged {
  let shared = 0;
  while (shared < ours.length && shared < theirs.length && ours[shared] === theirs[shared]) shared++;
  const [ourLast, theirLast] = [ours[ours.length - 1], theirs[theirs.length - 1]];
  if (ourLast === theirLast) return { kind: "same", hash: ourLast };
  if (shared === theirs.length) return { kind: "ours", hash: ourLast };
  if (shared === ours.length) return { kind: "theirs", hash: theirLast };
  return { kind: "conflict", base: shared === 0 ? undefined : ours[shared - 1], candidates: [ourLast, theirLast] };
}
