/**
 * The tables of the environment, and the port's reads and writes over them. Keys and values are bytes; `u64` is
 * big-endian, so that key order is numeric order:
 *
 *     blocks       hash → block
 *     dependents   hash → hashes of definitions that link to it (a sorted set)
 *     heads        stream → u64 sequence, hash
 *     entries      stream NUL u64 → hash
 *     names        name → hash
 *     changes      u64 → [name, old | null, new | null, author, time, reason]
 *     nameChanges  name NUL u64 → hash, or nothing for a tombstone
 */
import type { Database, RootDatabase } from "lmdb";
import { ContentHash, decode, encode, isLink, isList, link, type Node } from "../../content/index.ts";
import {
  checkStoreKey,
  type LogHead,
  type NameChange,
  StoreFailure,
  type StoreReads,
  type StoreTransaction,
} from "../../execution/index.ts";
import { Bytes, err, ok } from "../../std/index.ts";
import { keyOfSequence, prefixRange, sequenceOf, textKey, textOf, withSequence } from "./keys.ts";

type Table = Database<Uint8Array, Uint8Array>;

export interface Tables {
  readonly blocks: Table;
  readonly dependents: Table;
  readonly heads: Table;
  readonly entries: Table;
  readonly names: Table;
  readonly changes: Table;
  readonly nameChanges: Table;
}

export function openTables(env: RootDatabase): Tables {
  const table = (name: string, dupSort = false): Table =>
    env.openDB<Uint8Array, Uint8Array>({ name, encoding: "binary", keyEncoding: "binary", dupSort });
  return {
    blocks: table("blocks"),
    dependents: table("dependents", true),
    heads: table("heads"),
    entries: table("entries"),
    names: table("names"),
    changes: table("changes"),
    nameChanges: table("nameChanges"),
  };
}

const HEAD_HASH_AT = 8;
const MAX_KEY = Uint8Array.of(0xff);

export function reads(tables: Tables, where: string, verify: boolean): StoreReads {
  const damaged = (reason: string): never => {
    throw new StoreFailure({ kind: "Damaged", where, reason });
  };
  const hashOf = (bytes: Uint8Array | undefined, what: string): ContentHash.ContentHash =>
    (bytes === undefined ? undefined : ContentHash.fromBytes(bytes)) ?? damaged(`${what} is not a content hash`);

  const logHead = (stream: string): LogHead | undefined => {
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

  /** The newest entries of a table of sequences, as `[sequence, value]`, oldest first. */
  const newest = (table: Table, prefix: Uint8Array, last: number | undefined): (readonly [number, Uint8Array])[] => {
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
    const found = [...range].map(({ key, value }) => [sequenceOf(key), value] as const);
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
      if (limit <= 0) return [];
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
    logStreams: (prefix) => [...tables.heads.getKeys(rangeOf(prefix))].map(textOf),
    name: (name) => {
      const found = tables.names.get(textKey(name));
      return found === undefined ? undefined : hashOf(found, `the name ${name}`);
    },
    nameAt(name, sequence) {
      if (sequence < 0) return undefined;
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
      [...tables.names.getRange(rangeOf(prefix))].map(
        ({ key, value }) => [textOf(key), hashOf(value, "a name")] as const,
      ),
    nameHistory(name, last) {
      if (last !== undefined && last <= 0) return [];
      if (name === undefined)
        return newest(tables.changes, new Uint8Array(0), last).map(([sequence, value]) => change(sequence, value));
      const own = newest(tables.nameChanges, Bytes.concat(textKey(name), Uint8Array.of(0)), last);
      return own.map(([sequence]) => {
        const found = tables.changes.get(keyOfSequence(sequence));
        return found === undefined ? damaged(`name change ${sequence} is missing`) : change(sequence, found);
      });
    },
    dependents: (hash) =>
      [...tables.dependents.getValues(ContentHash.toBytes(hash))]
        .filter((value) => tables.blocks.doesExist(value))
        .map((value) => hashOf(value, "a dependent")),
    blockSizes(after, limit) {
      const start =
        after === undefined ? new Uint8Array(0) : Bytes.concat(ContentHash.toBytes(after), Uint8Array.of(0));
      return [...tables.blocks.getRange({ start, limit })].map(
        ({ key, value }) => [hashOf(key, "a block's key"), value.length] as const,
      );
    },
  };
}

function rangeOf(prefix: string): { readonly start: Uint8Array; readonly end?: Uint8Array } {
  const { start, end } = prefixRange(textKey(prefix));
  return end === undefined ? { start } : { start, end };
}

/** A transaction's writes, and what ends it: after that it refuses every use. */
export function writes(
  tables: Tables,
  where: string,
  verify: boolean,
): { readonly transaction: StoreTransaction; readonly end: () => void } {
  let open = true;
  const writing = () => {
    if (!open) throw new Error("internal error: the transaction is over");
  };
  const now = reads(tables, where, verify);

  const put = (block: Uint8Array): ContentHash.ContentHash => {
    writing();
    const hash = ContentHash.of(block);
    const key = ContentHash.toBytes(hash);
    if (!tables.blocks.doesExist(key)) tables.blocks.putSync(key, block);
    return hash;
  };

  const transaction: StoreTransaction = {
    ...now,
    put,
    putDefinition(block, links) {
      const hash = put(block);
      const value = ContentHash.toBytes(hash);
      for (const target of links) tables.dependents.putSync(ContentHash.toBytes(target), value);
      return hash;
    },
    remove(hash) {
      writing();
      tables.blocks.removeSync(ContentHash.toBytes(hash));
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
      tables.entries.putSync(withSequence(stream, sequence), address);
      tables.heads.putSync(textKey(stream), Bytes.concat(keyOfSequence(sequence), address));
      return ok({ sequence, entry });
    },
    setName(name, expected, next, note) {
      writing();
      checkStoreKey("name", name);
      const got = now.name(name);
      if (got !== expected) return err({ kind: "NameMoved", name, expected, got });
      const sequence = (now.nameHistory(undefined, 1)[0]?.sequence ?? -1) + 1;
      const linkOrNull = (hash: ContentHash.ContentHash | undefined): Node => (hash === undefined ? null : link(hash));
      tables.changes.putSync(
        keyOfSequence(sequence),
        encode([name, linkOrNull(got), linkOrNull(next), note.author, note.time, note.reason]),
      );
      const value = next === undefined ? new Uint8Array(0) : ContentHash.toBytes(next);
      tables.nameChanges.putSync(withSequence(name, sequence), value);
      if (next === undefined) tables.names.removeSync(textKey(name));
      else tables.names.putSync(textKey(name), value);
      return ok({ sequence, name, old: got, new: next, ...note });
    },
  };
  return {
    transaction,
    end: () => {
      open = false;
    },
  };
}
