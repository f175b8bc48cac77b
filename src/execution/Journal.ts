/** The events of one run on their way to the store: collected, then written and durable in one transaction. */
import { type ContentHash, ContentHash as Hash } from "../content/index.ts";
import { assert } from "../std/index.ts";
import { isStoreKey, type Store } from "./ports.ts";
import * as Event from "./trace/Event.ts";
import { saltedStream, streamOf } from "./trace/Trace.ts";

export interface Journal {
  readonly store: Store;
  readonly run: ContentHash.ContentHash;
  /** Of a program's run, whose trace is found by it. */
  readonly salt: string | undefined;
  /** Address of the last event, whether durable or not. */
  head: ContentHash.ContentHash;
  count: number;
  readonly waiting: { readonly hash: ContentHash.ContentHash; readonly bytes: Uint8Array }[];
  /** Blocks that events link: snapshots. */
  readonly blocks: Uint8Array[];
}

/** A journal that begins with its RunStarted. */
export function open(store: Store, started: Event.RunStarted): Journal {
  const bytes = Event.encode({ previous: undefined, event: started });
  const hash = Hash.of(bytes);
  const salt = started.state === undefined ? undefined : started.salt;
  return { store, run: hash, salt, head: hash, count: 1, waiting: [{ hash, bytes }], blocks: [] };
}

/** A journal whose events are in the store already. */
export const reopen = (
  store: Store,
  run: ContentHash.ContentHash,
  head: ContentHash.ContentHash,
  count: number,
): Journal => ({
  store,
  run,
  salt: undefined,
  head,
  count,
  waiting: [],
  blocks: [],
});

export function add(journal: Journal, event: Event.Event): void {
  const bytes = Event.encode({ previous: journal.head, event });
  journal.head = Hash.of(bytes);
  journal.count++;
  journal.waiting.push({ hash: journal.head, bytes });
}

/** Makes all that was added durable. A run that is in the store already, event for event, is left as it is. */
export async function flush(journal: Journal): Promise<void> {
  if (journal.waiting.length === 0) return;
  const events = journal.waiting.splice(0);
  const blocks = journal.blocks.splice(0);
  const stream = streamOf(journal.run);
  await journal.store.write((transaction) => {
    for (const block of blocks) transaction.put(block);
    let head = transaction.logHead(stream)?.entry;
    if (head !== undefined && events[0]!.hash === journal.run) {
      // The same pure run was recorded before; its events are these.
      if (head === events.at(-1)!.hash) return;
    }
    for (const { bytes, hash } of events) {
      const appended = transaction.append(stream, head, bytes);
      assert(appended.ok && appended.value.entry === hash, "a run has one writer");
      head = hash;
    }
    const [first] = events;
    if (journal.salt === undefined || first!.hash !== journal.run) return;
    const salted = saltedStream(journal.salt);
    if (!isStoreKey(salted)) return;
    const indexed = transaction.append(salted, transaction.logHead(salted)?.entry, first!.bytes);
    assert(indexed.ok, "a head cannot move inside its own transaction");
  });
}
