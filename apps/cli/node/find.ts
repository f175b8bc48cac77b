/**
 * Looking definitions up by what one remembers of them. What is looked at is kept small by what the store lists: names in
 * one place, and definitions by the shape of their signatures.
 */
import {
  ANY_SHAPE,
  type CodebaseReads,
  type CodeRepository,
  codeRepository,
  Meta,
  NameRegistry,
  recordedSignature,
  signatureOf,
} from "../../../src/code/index.ts";
import type { ContentHash } from "../../../src/content/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { library } from "./library.ts";

export interface Found {
  readonly name: string;
  /** Undefined for what is of the library. */
  readonly hash: ContentHash.ContentHash | undefined;
  readonly signature: string;
}

/** The rank of a name that holds what was asked; the next only spells it out. */
const HOLDS = 3;
/** After every rank of a name of the codebase. */
const LIBRARY_RANK = 10;

export interface Wanted {
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly text: string | undefined;
}

/**
 * Exact names first, then names that begin, hold, and spell out what was asked. What is asked for is also looked for in
 * the library; what is there comes last.
 */
export function findDefinitions(store: CodebaseReads, wanted: Wanted): readonly Found[] {
  const repository = codeRepository(store);
  const shape = wanted.type === undefined ? undefined : shapeOf(wanted.type);
  const found: (Found & { readonly rank: number })[] = [];
  const rankOf = ranking(wanted.name ?? "");
  const hump = (wanted.name ?? "").charAt(0).toUpperCase() + (wanted.name ?? "").slice(1);
  for (const name of shape === undefined ? store.namesEver() : namesShaped(store, shape)) {
    const rank = rankOf(name);
    const hash = rank === undefined ? undefined : store.name(name);
    if (rank === undefined || hash === undefined) continue;
    const signature = signatureAt(store, hash, name, repository);
    if (shape !== undefined && !matches(normalised(signature), shape)) continue;
    if (wanted.text !== undefined && !textOf(repository.meta(hash), name).includes(wanted.text)) continue;
    found.push({ name, hash, signature, rank });
  }
  if (wanted.name !== undefined || shape !== undefined || wanted.text !== undefined)
    for (const { name, signature, text } of library().values()) {
      const rank = store.name(name) === undefined ? rankOf(name) : undefined;
      // Of so many names, those that hold it inside a word are mostly noise.
      if (
        rank === undefined ||
        (rank >= HOLDS && !name.includes(hump)) ||
        (shape !== undefined && !matches(normalised(signature), shape))
      )
        continue;
      if (wanted.text === undefined || text.includes(wanted.text))
        found.push({ name, hash: undefined, signature, rank: rank + LIBRARY_RANK });
    }
  return found
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ name, hash, signature }) => ({ name, hash, signature }));
}

/** How well a name fits; undefined where it does not. */
function ranking(wanted: string): (name: string) => number | undefined {
  const part = wanted.toLowerCase();
  const letters = [...part];
  return (name) => {
    const whole = name.toLowerCase();
    let at = -1;
    for (const letter of letters) {
      at = whole.indexOf(letter, at + 1);
      if (at < 0) return undefined;
    }
    if (whole === part) return 0;
    const last = whole.slice(whole.lastIndexOf(".") + 1);
    if (last === part) return 1;
    if (last.startsWith(part) || whole.startsWith(part)) return 2;
    return whole.includes(part) ? HOLDS : HOLDS + 1;
  };
}

/** The names of what may have a signature, by the shapes that may be it. */
function namesShaped(store: CodebaseReads, wanted: readonly string[]): readonly string[] {
  const shapes = store.shapes().filter((shape) => shape === ANY_SHAPE || matches(normalised(shape), wanted));
  const names = shapes.flatMap((shape) => store.ofShape(shape)).flatMap((hash) => NameRegistry.namesOf(store, hash));
  return [...new Set(names)];
}

const textOf = (meta: Meta.Meta | undefined, name: string): string => {
  const entry = meta === undefined ? undefined : Meta.entryFor(meta, name);
  return (entry?.source?.parts ?? []).map((part) => (typeof part === "string" ? part : part.name)).join("");
};

/** What a definition is and takes, in one line. */
export function signatureAt(
  store: CodebaseReads,
  hash: ContentHash.ContentHash,
  name: string | undefined,
  repository: CodeRepository = codeRepository(store),
): string {
  const recorded = name === undefined ? undefined : recordedSignature(store, hash, name);
  if (recorded !== undefined) return recorded;
  const code = repository.get(hash);
  return code.ok ? signatureOf(store, code.value) : code.error.kind;
}

/** What is asked for as a type, where its brackets fit. */
function shapeOf(type: string): readonly string[] {
  const open: string[] = [];
  const closing: Readonly<Record<string, string>> = { ")": "(", ">": "<" };
  const words = normalised(type);
  const fits = words.every((word) => {
    if ("(<".includes(word)) open.push(word);
    return !Object.hasOwn(closing, word) || open.pop() === closing[word];
  });
  if (!fits || open.length > 0 || words.length === 0)
    throw new CliFailure(Exit.usage, `${type} is not a type`, "like 'fn(Decimal, _) -> Option<Decimal>'");
  return words;
}

const KEYWORDS = new Set(["fn", "uses", "type", "fact", "action", "event", "operation"]);

/** Words and signs; type variables by first occurrence, declared types by their last word. */
function normalised(type: string): readonly string[] {
  const seen = new Map<string, string>();
  return (type.match(/[\p{L}_][\p{L}\p{N}_.]*|->|[^\s]/gu) ?? []).map((word) => {
    if (/^[a-z]\w*$/.test(word) && !KEYWORDS.has(word)) {
      if (!seen.has(word)) seen.set(word, `'${seen.size}`);
      return seen.get(word)!;
    }
    return word.slice(word.lastIndexOf(".") + 1);
  });
}

/**
 * Whether a signature is the wanted one, where `_` stands for any one type. In a shape, `*` stands for declared ones.
 * Where a function type ends is not always plain (`fn(a) -> b uses e, Int`), so each end that fits is tried.
 */
function matches(signature: readonly string[], wanted: readonly string[], from = 0, asked = 0): boolean {
  let at = from;
  for (let i = asked; i < wanted.length; i++) {
    const word = wanted[i]!;
    if (word === "_") return endsOfType(signature, at).some((end) => matches(signature, wanted, end, i + 1));
    const own = signature[at++];
    if (own !== word && !(own === "*" && /^\p{Lu}/u.test(word))) return false;
  }
  return at === signature.length;
}

/** Where a type that begins at `from` may end. */
function endsOfType(signature: readonly string[], from: number): readonly number[] {
  const stops = signature[from] === "fn" ? [")", ">"] : [",", ")", ">", "->", "uses"];
  const ends: number[] = [];
  for (let [at, depth] = [from, 0]; at < signature.length; at++) {
    const sign = signature[at]!;
    if (depth === 0 && stops.includes(sign)) break;
    if ("(<".includes(sign)) depth++;
    if (")>".includes(sign)) depth--;
    if (depth === 0 && !["fn", ",", "->", "uses"].includes(sign)) ends.push(at + 1);
  }
  return ends;
}
