/**
 * The tables of the environment, and the port's reads and writes over them. Keys and values are bytes; `u64` is
 * big-endian, so that key order is numeric order:
 *
 *     blocks       hash → block
 *     dependents   hash, hash of a definition that links to it → nothing
 *     heads        stream → u64 sequence, hash
 *     entries      stream NUL u64 → hash
 *     names        name → hash
 *     changes      u64 → [name, old | null, new | null, author, time, reason]
 *     nameChanges  name NUL u64 → hash, or nothing for a tombstone
 *     typings      hash of a definition → what a checker found out about it
 *     format       "format" → u64: how the tables are written
 *
 * Worked out from these, so that looking for something does not read all of them:
 *
 *     catalogue    u64 → names of definitions that ever stood for something, joined by NUL
 *     replaced     hash, name of a definition that stood for it until something else took its place → nothing
 *     shapes       shape of a definition → nothing
 *     shaped       shape NUL hash of a definition → nothing
 */
import type { Database, RootDatabase } from "lmdb";
import { ContentHash, decode, encode, isLink, isList, link, type Node } from "../../content/index.ts";
import {
  checkStoreKey,
  isStoreKey,
  type LogHead,
  type NameChange,
  StoreFailure,
  type StoreReads,
  type StoreTransaction,
} from "../../execution/index.ts";
import { Bytes, err, ok } from "../../std/index.ts";
import { indexes } from "./indexes.ts";
import { keyOfSequence, longTextOf, prefixRange, sequenceOf, textKey, textOf, withSequence } from "./keys.ts";

export type Table = Database<Uint8Array, Uint8Array>;

export interface Tables {
  readonly blocks: Table;
  readonly dependents: Table;
  readonly heads: Table;
  readonly entries: Table;
  readonly names: Table;
  readonly changes: Table;
  readonly nameChanges: Table;
  readonly typings: Table;
  readonly format: Table;
  readonly catalogue: Table;
  readonly replaced: Table;
  readonly shapes: Table;
  readonly shaped: Table;
}

export function openTables(env: RootDatabase): Tables {
  const table = (name: string): Table =>
    env.openDB<Uint8Array, Uint8Array>({ name, encoding: "binary", keyEncoding: "binary" });
  return {
    blocks: table("blocks"),
    dependents: table("dependents"),
    heads: table("heads"),
    entries: table("entries"),
    names: table("names"),
    changes: table("changes"),
    nameChanges: table("nameChanges"),
    typings: table("typings"),
    format: table("format"),
    catalogue: table("catalogue"),
    replaced: table("replaced"),
    shapes: table("shapes"),
    shaped: table("shaped"),
  };
}

const HEAD_HASH_AT = 8;
const HASH_BYTES = 36;
const NOTHING = new Uint8Array(0);
const MAX_KEY = Uint8Array.of(0xff);

export function reads(tables: Tables, where: string, verify: boolean): StoreReads {
  const damaged = (reason: string): never => {
    throw new StoreFailure({ kind: "Damaged", where, reason });
  };
  const hashOf = (bytes: Uint8Array | undefined, what: string): ContentHash.ContentHash =>
    (bytes === undefined ? undefined : ContentHash.fromBytes(bytes)) ?? damaged(`${what} is not a content hash`);

  const logHead = (stream: string): LogHead | undefined => {
    if (!isStoreKey(stream)) return undefined;
    const found = tables.heads.get(textKey(stream));
    if (found === undefined) return undefined;
    return { sequence: sequenceOf(found, 0), entry: hashOf(found.subarray(HEAD_HASH_AT), `the head of ${stream}`) };
  };

  const change = (sequence: number, bytes: Uint8Array): NameChange => {
    const node = decode(bytes);
    const parts = node.ok && isList(node.value) && node.value.length === 6 ? node.value : damaged("a name change");
    const [name, old, next, author, time, reason] = parts;
    const hash = (part: Node | undefined) =>
      part === null || part === undefined ? undefined : isLink(part) ? part.link : damaged("a name change");
    if (
      typeof name !== "string" ||
      typeof author !== "string" ||
      typeof time !== "number" ||
      typeof reason !== "string"
    )
      return damaged("a name change");
    return { sequence, name, old: hash(old), new: hash(next), author, time, reason };
  };

  /** The newest entries of a table of sequences, oldest first. */
  const newest = <T>(
    table: Table,
    prefix: Uint8Array,
    last: number | undefined,
    read: (sequence: number, value: Uint8Array) => T,
  ): T[] => {
    const { start, end } = prefixRange(prefix);
    const range =
      last === undefined
        ? table.getRange({ start, ...(end === undefined ? {} : { end }) })
        : table.getRange({
            start: end ?? MAX_KEY,
            end: start,
            reverse: true,
            limit: last,
            inclusiveEnd: true,
          } as object);
    const found = collect(range, ({ key, value }) => read(sequenceOf(key), value));
    return last === undefined ? found : found.reverse();
  };

  return {
    blocks: {
      get(hash) {
        const found = tables.blocks.get(ContentHash.toBytes(hash));
        if (found === undefined) return undefined;
        if (verify && ContentHash.of(found) !== hash)
          damaged(`the block #${hash} has other bytes than its address says`);
        return new Uint8Array(found);
      },
      has: (hash) => tables.blocks.doesExist(ContentHash.toBytes(hash)),
    },
    logHead,
    logEntries(stream, from = 0, limit = Number.MAX_SAFE_INTEGER) {
      if (limit <= 0 || !isStoreKey(stream)) return [];
      const range = tables.entries.getRange({
        start: withSequence(stream, Math.max(0, from)),
        end: Bytes.concat(textKey(stream), Uint8Array.of(1)),
        ...(limit < Number.MAX_SAFE_INTEGER ? { limit } : {}),
      });
      return [...range].map(({ key, value }) => ({
        sequence: sequenceOf(key),
        entry: hashOf(value, `an entry of ${stream}`),
      }));
    },
    logStreams: (prefix) => (isPrefix(prefix) ? [...tables.heads.getKeys(rangeOf(prefix))].map(textOf) : []),
    name: (name) => {
      if (!isStoreKey(name)) return undefined;
      const found = tables.names.get(textKey(name));
      return found === undefined ? undefined : hashOf(found, `the name ${name}`);
    },
    nameAt(name, sequence) {
      if (sequence < 0 || !isStoreKey(name)) return undefined;
      const before = tables.nameChanges.getRange({
        start: withSequence(name, sequence),
        end: withSequence(name, 0),
        reverse: true,
        inclusiveEnd: true,
        limit: 1,
      } as object);
      for (const { value } of before) return value.length === 0 ? undefined : hashOf(value, `the history of ${name}`);
      return undefined;
    },
    names: (prefix) =>
      isPrefix(prefix)
        ? collect(
            tables.names.getRange(rangeOf(prefix)),
            ({ key, value }) => [textOf(key), hashOf(value, "a name")] as const,
          )
        : [],
    nameHistory(name, last) {
      if ((last !== undefined && last <= 0) || (name !== undefined && !isStoreKey(name))) return [];
      if (name === undefined) return newest(tables.changes, new Uint8Array(0), last, change);
      const own = newest(
        tables.nameChanges,
        Bytes.concat(textKey(name), Uint8Array.of(0)),
        last,
        (sequence) => sequence,
      );
      return own.map((sequence) => {
        const found = tables.changes.get(keyOfSequence(sequence));
        return found === undefined ? damaged(`name change ${sequence} is missing`) : change(sequence, found);
      });
    },
    dependents: (hash) => {
      const start = ContentHash.toBytes(hash);
      // Every address begins with 1.
      const end = Bytes.concat(start, Uint8Array.of(2));
      return [...tables.dependents.getKeys({ start, end })]
        .map((key) => key.slice(HASH_BYTES))
        .filter((user) => tables.blocks.doesExist(user))
        .map((user) => hashOf(user, "a dependent"));
    },
    namesEver: () => {
      const found: string[] = [];
      for (const { value } of tables.catalogue.getRange({})) found.push(...longTextOf(value).split("\0"));
      return found;
    },
    replaced: () =>
      collect(
        tables.replaced.getKeys({}),
        (key) => [hashOf(key.slice(0, HASH_BYTES), "what was replaced"), textOf(key.slice(HASH_BYTES))] as const,
      ),
    shapes: () => collect(tables.shapes.getKeys({}), textOf),
    ofShape: (shape) => {
      const prefix = Bytes.concat(textKey(shape), Uint8Array.of(0));
      const { start, end } = prefixRange(prefix);
      return collect(tables.shaped.getKeys({ start, end: end! }), (key) => key.slice(prefix.length))
        .filter((key) => tables.blocks.doesExist(key))
        .map((key) => hashOf(key, "what has a shape"));
    },
    typing: (definition) => {
      const found = tables.typings.get(ContentHash.toBytes(definition));
      return found === undefined ? undefined : new Uint8Array(found);
    },
    blockSizes(after, limit) {
      const start =
        after === undefined ? new Uint8Array(0) : Bytes.concat(ContentHash.toBytes(after), Uint8Array.of(0));
      return collect(
        tables.blocks.getRange({ start, limit }),
        ({ key, value }) => [hashOf(key, "a block's key"), value.length] as const,
      );
    },
  };
}

/** Reads entries one by one: buffers that are not kept cost nothing, and a hundred thousand kept ones cost seconds. */
function collect<E, T>(range: Iterable<E>, read: (entry: E) => T): T[] {
  const found: T[] = [];
  for (const entry of range) found.push(read(entry));
  return found;
}

const isPrefix = (prefix: string): boolean => prefix === "" || isStoreKey(prefix);

function rangeOf(prefix: string): { readonly start: Uint8Array; readonly end?: Uint8Array } {
  const { start, end } = prefixRange(textKey(prefix));
  return end === undefined ? { start } : { start, end };
}

/** One write of many in a transaction: what it does, what takes it back, and what ends it. */
export interface Writing {
  readonly transaction: StoreTransaction;
  /** Takes back everything that this write did, and nothing of the others. */
  readonly undo: () => void;
  /** After it, the transaction refuses every use. */
  readonly end: () => void;
}

export function writes(tables: Tables, where: string, verify: boolean): Writing {
  let open = true;
  /** Looked up at the first change of a name in this transaction. */
  let nextChange: number | undefined;
  const inverse: (() => void)[] = [];
  const writing = () => {
    if (!open) throw new Error("internal error: the transaction is over");
  };
  const now = reads(tables, where, verify);

  /** Puts, and remembers what was there. */
  const set = (table: Table, key: Uint8Array, value: Uint8Array, before: Uint8Array | undefined) => {
    table.putSync(key, value);
    inverse.push(() => (before === undefined ? table.removeSync(key) : table.putSync(key, before)));
  };
  const copyOf = (table: Table, key: Uint8Array): Uint8Array | undefined => {
    const found = table.get(key);
    return found === undefined ? undefined : new Uint8Array(found);
  };

  const put = (block: Uint8Array): ContentHash.ContentHash => {
    writing();
    const hash = ContentHash.of(block);
    const key = ContentHash.toBytes(hash);
    if (!tables.blocks.doesExist(key)) set(tables.blocks, key, block, undefined);
    return hash;
  };

  const derived = indexes(tables, set, now.blocks.get);

  /** Whether a name never stood for anything. */
  const isNew = (name: string): boolean => {
    const { start, end } = prefixRange(Bytes.concat(textKey(name), Uint8Array.of(0)));
    return [...tables.nameChanges.getKeys({ start, end: end!, limit: 1 })].length === 0;
  };

  const transaction: StoreTransaction = {
    ...now,
    put,
    putDefinition(block, links) {
      const hash = put(block);
      const user = ContentHash.toBytes(hash);
      for (const target of links) {
        const key = Bytes.concat(ContentHash.toBytes(target), user);
        if (!tables.dependents.doesExist(key)) set(tables.dependents, key, NOTHING, undefined);
      }
      derived.definition(hash, block);
      return hash;
    },
    remove(hash) {
      writing();
      const key = ContentHash.toBytes(hash);
      const before = copyOf(tables.blocks, key);
      if (before === undefined) return;
      const typing = copyOf(tables.typings, key);
      tables.blocks.removeSync(key);
      if (typing !== undefined) tables.typings.removeSync(key);
      inverse.push(() => {
        tables.blocks.putSync(key, before);
        if (typing !== undefined) tables.typings.putSync(key, typing);
      });
    },
    setTyping(definition, record) {
      writing();
      const key = ContentHash.toBytes(definition);
      set(tables.typings, key, record, copyOf(tables.typings, key));
    },
    append(stream, expected, block) {
      writing();
      checkStoreKey("stream", stream);
      const head = now.logHead(stream);
      if (head?.entry !== expected) return err({ kind: "HeadMoved", stream, expected, got: head?.entry });
      const entry = put(block);
      if (entry === head?.entry) throw new Error(`internal error: the head of ${stream} is appended again`);
      const sequence = head === undefined ? 0 : head.sequence + 1;
      const address = ContentHash.toBytes(entry);
      const before =
        head === undefined ? undefined : Bytes.concat(keyOfSequence(head.sequence), ContentHash.toBytes(head.entry));
      set(tables.entries, withSequence(stream, sequence), address, undefined);
      set(tables.heads, textKey(stream), Bytes.concat(keyOfSequence(sequence), address), before);
      return ok({ sequence, entry });
    },
    setName(name, expected, next, note) {
      writing();
      checkStoreKey("name", name);
      const got = now.name(name);
      if (got !== expected) return err({ kind: "NameMoved", name, expected, got });
      nextChange ??= (now.nameHistory(undefined, 1)[0]?.sequence ?? -1) + 1;
      const sequence = nextChange++;
      const linkOrNull = (hash: ContentHash.ContentHash | undefined): Node => (hash === undefined ? null : link(hash));
      const change = encode([name, linkOrNull(got), linkOrNull(next), note.author, note.time, note.reason]);
      set(tables.changes, keyOfSequence(sequence), change, undefined);
      const value = next === undefined ? NOTHING : ContentHash.toBytes(next);
      if (got !== undefined) derived.replaced(name, got);
      else if (isNew(name)) derived.firstNamed(name);
      set(tables.nameChanges, withSequence(name, sequence), value, undefined);
      const before = got === undefined ? undefined : ContentHash.toBytes(got);
      const key = textKey(name);
      if (next !== undefined) set(tables.names, key, value, before);
      else if (before !== undefined) {
        tables.names.removeSync(key);
        inverse.push(() => tables.names.putSync(key, before));
      }
      return ok({ sequence, name, old: got, new: next, ...note });
    },
  };
  return {
    transaction,
    undo: () => {
      for (const step of inverse.reverse()) step();
    },
    end: () => {
      open = false;
    },
  };
}
