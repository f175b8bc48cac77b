/** The memory twin of the store: the same promises without a disk. What it holds is gone with it. */

import { isDefinitionName, shapeOf } from "../../code/index.ts";
import { ContentHash, Value } from "../../content/index.ts";
import {
  checkStoreKey,
  type LogHead,
  type NameChange,
  type Store,
  type StoreReads,
  type StoreTransaction,
} from "../../execution/index.ts";
import { Bytes, err, ok } from "../../std/index.ts";

export function openMemoryStore(): Store {
  const blocks = new Map<ContentHash.ContentHash, Uint8Array>();
  const dependents = new Map<ContentHash.ContentHash, Set<ContentHash.ContentHash>>();
  const logs = new Map<string, LogHead[]>();
  const names = new Map<string, ContentHash.ContentHash>();
  const typings = new Map<ContentHash.ContentHash, Uint8Array>();
  const changes: NameChange[] = [];
  const changesOf = new Map<string, NameChange[]>();
  const shaped = new Map<string, Set<ContentHash.ContentHash>>();
  let closed = false;

  const reads: StoreReads = {
    blocks: {
      get: (hash) => blocks.get(hash)?.slice(),
      has: (hash) => blocks.has(hash),
    },
    logHead: (stream) => logs.get(stream)?.at(-1),
    logEntries: (stream, from = 0, limit = Number.POSITIVE_INFINITY) =>
      (logs.get(stream) ?? []).slice(from, from + limit),
    logStreams: (prefix) => [...logs.keys()].filter((stream) => stream.startsWith(prefix)).sort(Value.compareText),
    name: (name) => names.get(name),
    nameAt: (name, sequence) => changesOf.get(name)?.findLast((change) => change.sequence <= sequence)?.new,
    names: (prefix) =>
      [...names].filter(([name]) => name.startsWith(prefix)).sort((a, b) => Value.compareText(a[0], b[0])),
    nameHistory: (name, last) => {
      const all = name === undefined ? changes : (changesOf.get(name) ?? []);
      return last === undefined ? [...all] : all.slice(Math.max(0, all.length - last));
    },
    dependents: (hash) => [...(dependents.get(hash) ?? [])].filter((one) => blocks.has(one)).sort(byBytes),
    namesEver: () => [...changesOf].flatMap(([name, all]) => (all.length > 0 && isDefinitionName(name) ? [name] : [])),
    replaced: () => [
      ...new Map(
        changes.flatMap(({ name, old }) =>
          old === undefined || !isDefinitionName(name) ? [] : [[`${old} ${name}`, [old, name] as const] as const],
        ),
      ).values(),
    ],
    shapes: () => [...shaped].flatMap(([shape, all]) => (all.size > 0 ? [shape] : [])).sort(Value.compareText),
    ofShape: (shape) => [...(shaped.get(shape) ?? [])].filter((one) => blocks.has(one)).sort(byBytes),
    typing: (definition) => typings.get(definition)?.slice(),
    blockSizes: (after, limit) => {
      const sorted = [...blocks.keys()].sort(byBytes);
      const from = after === undefined ? 0 : sorted.findIndex((hash) => byBytes(hash, after) > 0);
      return from < 0 ? [] : sorted.slice(from, from + limit).map((hash) => [hash, blocks.get(hash)!.length] as const);
    },
  };

  const transact = <T>(work: (transaction: StoreTransaction) => T): T => {
    const undo: (() => void)[] = [];
    let open = true;
    const writing = () => {
      if (!open) throw new Error("internal error: the transaction is over");
    };
    const put = (block: Uint8Array): ContentHash.ContentHash => {
      writing();
      const hash = ContentHash.of(block);
      if (!blocks.has(hash)) {
        blocks.set(hash, block.slice());
        undo.push(() => blocks.delete(hash));
      }
      return hash;
    };
    const transaction: StoreTransaction = {
      ...reads,
      put,
      putDefinition(block, links) {
        const hash = put(block);
        for (const link of links) {
          const known = dependents.get(link) ?? new Set();
          dependents.set(link, known);
          if (known.has(hash)) continue;
          known.add(hash);
          undo.push(() => known.delete(hash));
        }
        const shape = shapeOf(block, reads.blocks.get);
        const alike = shape === undefined ? undefined : (shaped.get(shape) ?? new Set());
        if (shape !== undefined && alike !== undefined && !alike.has(hash)) {
          shaped.set(shape, alike.add(hash));
          undo.push(() => alike.delete(hash));
        }
        return hash;
      },
      remove(hash) {
        writing();
        const block = blocks.get(hash);
        if (block === undefined) return;
        const typing = typings.get(hash);
        blocks.delete(hash);
        typings.delete(hash);
        undo.push(() => {
          blocks.set(hash, block);
          if (typing !== undefined) typings.set(hash, typing);
        });
      },
      setTyping(definition, record) {
        writing();
        const before = typings.get(definition);
        typings.set(definition, record.slice());
        undo.push(() => {
          if (before === undefined) typings.delete(definition);
          else typings.set(definition, before);
        });
      },
      append(stream, expected, block) {
        writing();
        checkStoreKey("stream", stream);
        const entries = logs.get(stream) ?? [];
        const got = entries.at(-1)?.entry;
        if (got !== expected) return err({ kind: "HeadMoved", stream, expected, got });
        const entry = put(block);
        if (entry === got) throw new Error(`internal error: the head of ${stream} is appended again`);
        const head = { sequence: entries.length, entry };
        entries.push(head);
        logs.set(stream, entries);
        undo.push(() => {
          entries.pop();
          if (entries.length === 0) logs.delete(stream);
        });
        return ok(head);
      },
      setName(name, expected, next, note) {
        writing();
        checkStoreKey("name", name);
        const got = names.get(name);
        if (got !== expected) return err({ kind: "NameMoved", name, expected, got });
        const change: NameChange = { sequence: changes.length, name, old: got, new: next, ...note };
        const own = changesOf.get(name) ?? [];
        changes.push(change);
        own.push(change);
        changesOf.set(name, own);
        if (next === undefined) names.delete(name);
        else names.set(name, next);
        undo.push(() => {
          changes.pop();
          own.pop();
          if (got === undefined) names.delete(name);
          else names.set(name, got);
        });
        return ok(change);
      },
    };
    try {
      return work(transaction);
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    } finally {
      open = false;
    }
  };

  return {
    ...reads,
    async write(work) {
      if (closed) throw new Error("internal error: the store is closed");
      return transact(work);
    },
    async close() {
      closed = true;
    },
  };
}

const byBytes = (a: ContentHash.ContentHash, b: ContentHash.ContentHash): number =>
  Bytes.compare(ContentHash.toBytes(a), ContentHash.toBytes(b));
