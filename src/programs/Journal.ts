/**
 * The transaction journal over a Store: what was signed for a timeline, written down before it is sent, so that after a
 * crash the same bytes are sent again and no others. One stream per timeline.
 */
import { Codec, decodeValue, encodeValue } from "../content/index.ts";
import type { Store, StoreReads } from "../execution/index.ts";
import type { SignedTransaction, TransactionJournal } from "../protocol/index.ts";
import { Bytes } from "../std/index.ts";

const Line = Codec.record({
  timeline: Codec.text,
  effect: Codec.text,
  action: Codec.hash,
  sender: Codec.bytes,
  nonce: Codec.count,
  hash: Codec.bytes,
  raw: Codec.bytes,
});

const streamOf = (timeline: string) => `journal/${timeline}`;

function readLines(store: StoreReads, timeline: string, from: number): readonly SignedTransaction[] {
  return store.logEntries(streamOf(timeline), from).map((head) => {
    const block = store.blocks.get(head.entry);
    const value = block === undefined ? undefined : decodeValue(block);
    const line = value?.ok ? Line.fromValue(value.value) : undefined;
    if (!line?.ok)
      throw new Error(`internal error: the transaction journal of ${timeline} is damaged at ${head.sequence}`);
    return line.value;
  });
}

/** Whether a transaction was ever signed for this effect. If not, the effect did nothing and will do nothing. */
export const wasSigned = (store: StoreReads, timeline: string, effect: string): boolean =>
  readLines(store, timeline, 0).some((line) => line.effect === effect);

/** The effect for which a transaction (0x and hex) was signed. */
export const effectOf = (store: StoreReads, timeline: string, transaction: string): string | undefined =>
  readLines(store, timeline, 0).find((line) => `0x${Bytes.toHex(line.hash)}` === transaction)?.effect;

export function storeJournal(store: Store): TransactionJournal {
  const read = new Map<string, SignedTransaction[]>();
  /** Lines are only ever appended: what was read before stays. */
  const lines = (timeline: string): readonly SignedTransaction[] => {
    const known = read.get(timeline) ?? [];
    // One by one: a call takes only so many arguments, and a journal has no longest.
    for (const line of readLines(store, timeline, known.length)) known.push(line);
    read.set(timeline, known);
    return known;
  };
  return {
    find: async (timeline, effect) => lines(timeline).find((line) => line.effect === effect),
    signedBy: async (timeline, sender) =>
      lines(timeline)
        .filter((line) => Bytes.equal(line.sender, sender))
        .sort((a, b) => a.nonce - b.nonce),
    record: async (transaction) => {
      await store.write((tx) => {
        const stream = streamOf(transaction.timeline);
        const appended = tx.append(stream, tx.logHead(stream)?.entry, encodeValue(Line.toValue(transaction)));
        if (!appended.ok) throw new Error("internal error: the head moved inside its own transaction");
      });
    },
  };
}
