/**
 * What people wrote around a definition and its address leaves out: names of locals, docs, the source text with its
 * comments. A META block points at the definition, never the other way, so none of it can change an address. One
 * definition may be known under several names with different words: there is one entry for each.
 */
import {
  type ContentHash,
  decode as decodeBlock,
  encode as encodeBlock,
  isLink,
  isList,
  Kind,
  link,
  type Node,
  Value,
} from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";

export interface Meta {
  readonly definition: ContentHash.ContentHash;
  /** Ascending by name, each name once. */
  readonly entries: readonly MetaEntry[];
}

export interface MetaEntry {
  /** Full name at the time of writing. */
  readonly name: string;
  /** `localNames[i]` is the name of local i of the hashed form; "" where it has none. */
  readonly localNames: readonly string[];
  readonly doc: string | undefined;
  readonly source: Source | undefined;
}

/** The declaration as written, so that it can be shown again under the names that hold now. */
export interface Source {
  /** The file as it was given, and where in it the text started (UTF-16 offset). */
  readonly file: string;
  readonly start: number;
  readonly parts: readonly Part[];
  /** Timelines that it names. */
  readonly timelines: readonly string[];
  /** Declarations that it needs and that have no address of their own (interfaces), as written. */
  readonly companions: readonly (readonly Part[])[];
}

/** Text, or a mention of another definition: what stands there is found through the hash. */
export type Part = string | Mention;

export interface Mention {
  readonly hash: ContentHash.ContentHash;
  /** The last word of the name as it was written; "" where only the definition must be in scope (cases, labels). */
  readonly name: string;
}

export interface InvalidMeta {
  readonly kind: "InvalidMeta";
  readonly reason: string;
}

const VERSION = 1;

export function encode(meta: Meta): Uint8Array {
  const entries = meta.entries.map(
    (entry): Node => [
      entry.name,
      entry.localNames,
      entry.doc ?? null,
      entry.source === undefined ? null : writeSource(entry.source),
    ],
  );
  return encodeBlock([Kind.meta, VERSION, link(meta.definition), entries]);
}

const writeParts = (parts: readonly Part[]): Node =>
  parts.map((part): Node => (typeof part === "string" ? part : [link(part.hash), part.name]));

const writeSource = (source: Source): Node => [
  source.file,
  source.start,
  writeParts(source.parts),
  source.timelines,
  source.companions.map(writeParts),
];

export function decode(bytes: Uint8Array): Result<Meta, InvalidMeta> {
  const node = decodeBlock(bytes);
  if (!node.ok) return invalid("not a canonical block");
  const block = node.value;
  if (!isList(block) || block.length !== 4 || block[0] !== Kind.meta || block[1] !== VERSION)
    return invalid("not a META block of version 1");
  const [, , definition, list] = block;
  if (!isLink(definition!) || !isList(list!)) return invalid("wrong shape");
  const entries: MetaEntry[] = [];
  for (const node of list) {
    const entry = readEntry(node);
    if (entry === undefined) return invalid(`entry ${entries.length} has the wrong shape`);
    const before = entries[entries.length - 1];
    if (before !== undefined && Value.compareText(before.name, entry.name) >= 0)
      return invalid("entries must be sorted by name, each once");
    entries.push(entry);
  }
  return ok({ definition: definition.link, entries });
}

/** The entries of both; where both know a name, `newer` wins. */
export function merge(older: Meta, newer: Meta): Meta {
  const entries = new Map([...older.entries, ...newer.entries].map((entry) => [entry.name, entry]));
  return {
    definition: newer.definition,
    entries: [...entries.values()].sort((a, b) => Value.compareText(a.name, b.name)),
  };
}

/** The entry of a name, else any. */
export const entryFor = (meta: Meta, name: string | undefined): MetaEntry | undefined =>
  meta.entries.find((entry) => entry.name === name) ?? meta.entries[0];

const invalid = (reason: string) => err({ kind: "InvalidMeta", reason } as const);

/** Words from elsewhere end up on terminals: no control characters but line ends and tabs, no marks that turn direction. */
export function isShowable(text: unknown): text is string {
  if (typeof text !== "string") return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isControl = (unit < 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) || (unit >= 0x7f && unit < 0xa0);
    const turns =
      unit === 0x61c ||
      unit === 0x200e ||
      unit === 0x200f ||
      (unit >= 0x202a && unit <= 0x202e) ||
      (unit >= 0x2066 && unit <= 0x2069);
    if (isControl || turns) return false;
  }
  return true;
}

function readEntry(node: Node): MetaEntry | undefined {
  if (!isList(node) || node.length !== 4) return undefined;
  const [name, localNames, doc, source] = node;
  if (!isShowable(name) || !isList(localNames!) || !localNames.every(isShowable)) return undefined;
  if (doc !== null && !isShowable(doc)) return undefined;
  const read = source === null ? undefined : readSource(source!);
  if (source !== null && read === undefined) return undefined;
  return { name, localNames: localNames as readonly string[], doc: doc ?? undefined, source: read };
}

function readSource(node: Node): Source | undefined {
  if (!isList(node) || node.length !== 5) return undefined;
  const [file, start, partNodes, timelines, companionNodes] = node;
  if (!isShowable(file) || typeof start !== "number" || start < 0) return undefined;
  if (!isList(timelines!) || !timelines.every(isShowable) || !isList(companionNodes!)) return undefined;
  const parts = readParts(partNodes!);
  const companions = companionNodes.map(readParts);
  if (parts === undefined || companions.some((one) => one === undefined)) return undefined;
  return {
    file,
    start,
    parts,
    timelines: timelines as readonly string[],
    companions: companions as readonly (readonly Part[])[],
  };
}

function readParts(node: Node): readonly Part[] | undefined {
  if (!isList(node)) return undefined;
  const parts: Part[] = [];
  for (const part of node) {
    if (isShowable(part)) parts.push(part);
    else {
      if (part === null || !isList(part) || part.length !== 2) return undefined;
      const [target, name] = part;
      if (!isLink(target!) || !isShowable(name)) return undefined;
      parts.push({ hash: target.link, name });
    }
  }
  return parts;
}
