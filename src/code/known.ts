/**
 * What the codebase knows of definitions without their texts, for checking new files beside it. Typing records are made
 * of checked files, and loaded for the names that files may mean; how many definitions there are else does not matter.
 *
 * A record is believed as far as the code says the same: its types must be those of the definition's signature, fields
 * or cases. A definition whose record is missing, of another checker or unlike its code is left out.
 */
import { ContentHash, encode, link } from "../content/index.ts";
import { builtinLabels, type Checked, type Core, describer, Known, printType } from "../language/index.ts";
import { Bytes } from "../std/index.ts";
import { isLibraryName } from "./address.ts";
import type { CodebaseReads } from "./Codebase.ts";
import { codeRepository } from "./CodeRepository.ts";
import { intrinsics } from "./intrinsics.ts";
import { namesOf } from "./NameRegistry.ts";
import * as Typing from "./Typing.ts";
import { type CoreItem, hashedSignature, type Resolve, toHashed } from "./toHashed.ts";

type Hash = ContentHash.ContentHash;
type Addresses = ReadonlyMap<string, Hash>;

/** Typing entries of checked files, by full name; undefined for what is only understood with its text. */
export function typed(checked: Checked): (name: string, addresses: Addresses) => Typing.TypingEntry | undefined {
  const describe = describer(checked);
  const operations = new Map(
    [...checked.resolved.declared.values()]
      .flatMap(({ effects }) => effects)
      .map((effect) => [effect.full, effect.operations.map((one) => one.full).sort()[0] ?? ""]),
  );
  return (name, addresses) => {
    const known = describe(name);
    if (known === undefined) return undefined;
    const types = new Map<string, Hash>();
    const effects = new Map<string, Hash>();
    const put = (map: Map<string, Hash>, mentioned: string, address: string): string => {
      const hash = addresses.get(address);
      if (hash !== undefined) map.set(mentioned, hash);
      return mentioned;
    };
    renamed(known, name, {
      type: (mentioned) => put(types, mentioned, mentioned),
      label: (mentioned) => put(effects, mentioned, operations.get(mentioned) ?? ""),
    });
    return { known, types, effects };
  };
}

const isOfLanguage = (label: string): boolean => (builtinLabels as readonly string[]).includes(label);

interface Naming {
  readonly type: (name: string) => string;
  /** Of effects that are declared somewhere; those of the language are called the same everywhere. */
  readonly label: (name: string) => string;
}

/** The same declaration under another name, with other names for what it mentions. */
function renamed(known: Known.Known, name: string, to: Naming): Known.Known {
  const row = (of: Core.Row): Core.Row => ({
    ...of,
    labels: of.labels.map((label) => (isOfLanguage(label) ? label : to.label(label))),
  });
  const type = (of: Core.Type): Core.Type => {
    switch (of.kind) {
      case "builtin":
        return { ...of, arguments: of.arguments.map(type) };
      case "declared": {
        const { reference } = of;
        const now = reference.kind === "symbol" ? to.type(reference.name) : reference.hash;
        return { ...of, reference: { kind: "symbol", name: now }, arguments: of.arguments.map(type) };
      }
      case "variable":
        return of;
      case "tuple":
        return { ...of, items: of.items.map(type) };
      case "record":
        return { ...of, types: of.types.map(type) };
      case "function":
        return { ...of, parameters: of.parameters.map(type), result: type(of.result), row: row(of.row) };
    }
  };
  const fields = (of: readonly Core.Field[]) => of.map((field) => ({ ...field, type: type(field.type) }));
  switch (known.kind) {
    case "function":
      return {
        ...known,
        name,
        parameters: fields(known.parameters),
        result: type(known.result),
        row: row(known.row),
      };
    case "record":
      return {
        ...known,
        name,
        cases: known.cases.map((one) => ({ name: Known.wordOf(name), fields: fields(one.fields) })),
      };
    case "sum":
      return { ...known, name, cases: known.cases.map((one) => ({ ...one, fields: fields(one.fields) })) };
    default:
      return { ...known, name, parameters: fields(known.parameters), result: type(known.result) };
  }
}

/** The entry of a name, where the definition's record holds and says what its code says. */
export function typingOf(reads: CodebaseReads, hash: Hash, name: string): Typing.TypingEntry | undefined {
  const record = reads.typing(hash);
  const typing = record === undefined ? undefined : Typing.decode(record);
  if (typing?.ok !== true || typing.value.definition !== hash) return undefined;
  const { entries } = typing.value;
  const told = name.split("#")[0];
  const entry = entries.find((one) => one.known.name === told) ?? (entries.length === 1 ? entries[0] : undefined);
  return entry !== undefined && agrees(reads, hash, entry) ? entry : undefined;
}

/** The signature of a function under today's names, as its record tells it, for lists of many; undefined for all else. */
export function recordedSignature(reads: CodebaseReads, hash: Hash, name: string): string | undefined {
  const record = reads.typing(hash);
  const typing = record === undefined ? undefined : Typing.decode(record);
  if (typing?.ok !== true || typing.value.definition !== hash) return undefined;
  const { entries } = typing.value;
  const entry = entries.find((one) => one.known.name === name) ?? (entries.length === 1 ? entries[0] : undefined);
  if (entry?.known.kind !== "function") return undefined;
  const known = renamed(entry.known, name, {
    type: (mentioned) => currentName(reads, mentioned, entry.types.get(mentioned)),
    label: (mentioned) => mentioned,
  }) as Known.KnownFunction;
  const parameters = known.parameters.map((one) => one.type);
  return printType({ kind: "function", parameters, result: known.result, row: known.row });
}

/** Whether the code has the types that a record tells of. */
function agrees(reads: CodebaseReads, hash: Hash, { known, types }: Typing.TypingEntry): boolean {
  const code = codeRepository(reads).get(hash);
  if (!code.ok) return false;
  const missing = ContentHash.of(new Uint8Array(0));
  const resolve: Resolve = (reference) =>
    link(reference.kind === "hash" ? reference.hash : (types.get(reference.name) ?? missing));
  if (known.kind === "function") {
    if (code.value.form !== "definition" || code.value.item.signature === undefined) return false;
    const signature: Core.FunctionType = {
      kind: "function",
      parameters: known.parameters.map((one) => one.type),
      result: known.result,
      row: known.row,
    };
    return Bytes.equal(
      encode(hashedSignature(signature, resolve)),
      encode(hashedSignature(code.value.item.signature, resolve)),
    );
  }
  const form = (item: CoreItem) => encode(toHashed(item, resolve, intrinsics).form);
  return Bytes.equal(form(itemOf(known)), form(code.value));
}

function itemOf(known: Exclude<Known.Known, Known.KnownFunction>): CoreItem {
  const { name, doc } = known;
  switch (known.kind) {
    case "record":
      return {
        form: "type",
        item: { kind: "record", name, parameters: known.parameters.length, fields: known.cases[0]?.fields ?? [], doc },
      };
    case "sum":
      return {
        form: "type",
        item: { kind: "sum", name, parameters: known.parameters.length, cases: known.cases, doc },
      };
    default:
      return { form: "outside", item: { ...known, kind: known.kind } };
  }
}

export interface KnownCode {
  readonly known: readonly Known.Known[];
  /** The address of each. */
  readonly addresses: Addresses;
  /** Types that the files declare themselves, and that what is known takes to have these addresses. */
  readonly assumed: Addresses;
}

/**
 * What is known of these names and of all that their types mention. `isDeclared` says which names the files declare
 * themselves: those are the files' business.
 */
export function knownCode(
  reads: CodebaseReads,
  wanted: Iterable<string>,
  isDeclared: (name: string) => boolean,
): KnownCode {
  const found = new Map<string, { readonly hash: Hash; readonly known: Known.Known; readonly needs: string[] }>();
  const assumed = new Map<string, Hash>();
  const todo = new Map<string, Hash>();
  const seen = new Set<string>();
  for (const name of wanted) {
    const hash = reads.name(name);
    if (hash !== undefined && !isDeclared(name)) todo.set(name, hash);
  }
  for (const [name, hash] of todo) {
    todo.delete(name);
    if (seen.has(name)) continue;
    seen.add(name);
    const entry = typingOf(reads, hash, name);
    if (entry === undefined) continue;
    const needs: string[] = [];
    const type = (mentioned: string): string => {
      const current = currentName(reads, mentioned, entry.types.get(mentioned));
      const target = entry.types.get(mentioned);
      if (isDeclared(current) && target !== undefined) assumed.set(current, target);
      if (isLibraryName(current) || isDeclared(current)) return current;
      needs.push(current);
      if (target !== undefined) todo.set(current, target);
      return current;
    };
    const label = (mentioned: string): string => {
      const operation = entry.effects.get(mentioned);
      const names = operation === undefined ? [] : namesOf(reads, operation).map(Known.ownerOf);
      return names.includes(mentioned) ? mentioned : (names[0] ?? mentioned);
    };
    found.set(name, { hash, known: renamed(entry.known, name, { type, label }), needs });
  }
  // What mentions something that is not known is not known.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [name, { needs }] of found) if (needs.some((one) => !found.has(one))) found.delete(name);
  }
  return {
    known: [...found.values()].map((one) => one.known),
    addresses: new Map([...found].map(([name, { hash }]) => [name, hash])),
    assumed,
  };
}

/** What a type is called now: as it was written, else by the same word, else in any way. */
function currentName(reads: CodebaseReads, written: string, hash: Hash | undefined): string {
  if (hash === undefined || reads.name(written) === hash || isLibraryName(written)) return written;
  const names = namesOf(reads, hash);
  const same = names.find((name) => Known.wordOf(name) === Known.wordOf(written));
  return same ?? names[0] ?? `${written}#${hash}`;
}

/**
 * The names of the codebase that files may mean by their words, from these modules. Functions are called by their own
 * word; a case is called by its own and not by its type's, so all types are there, and with them all that is written
 * with a capital: facts, actions, events, effects.
 */
export function namesMeant(
  reads: CodebaseReads,
  modules: Iterable<string>,
  words: Iterable<string>,
): readonly string[] {
  const functions = [...words].filter((word) => !CAPITALS.includes(word[0]!));
  return [...new Set(modules)].flatMap((module) => {
    const prefix = module === "" ? "" : `${module}.`;
    const capital = [...CAPITALS].flatMap((letter) => reads.names(prefix + letter).map(([name]) => name));
    return [...functions.map((word) => prefix + word).filter((name) => reads.name(name) !== undefined), ...capital];
  });
}

const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
