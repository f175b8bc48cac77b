/**
 * The transaction journal over a Store: what was signed for a timeline, written down before it is sent, so that after a
 * crash the same bytes are sent again and no others. One stream per timeline.
 */
import { Codec, decodeValue, encodeValue } from "../content/index.ts";
import type { Store } from "../execution/index.ts";
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

export function storeJournal(store: Store): TransactionJournal {
  const streamOf = (timeline: string) => `journal/${timeline}`;
  const lines = (timeline: string): readonly SignedTransaction[] =>
    store.logEntries(streamOf(timeline)).map((head) => {
      const block = store.blocks.get(head.entry);
      const value = block === undefined ? undefined : decodeValue(block);
      const line = value?.ok ? Line.fromValue(value.value) : undefined;
      if (!line?.ok)
        throw new Error(`internal error: the transaction journal of ${timeline} is damaged at ${head.sequence}`);
      return line.value;
    });
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
