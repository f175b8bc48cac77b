/**
 * Signed, hash-chained logs over a Store: what a program, account or keeper did, in order, and who says so.
 * Truncation in the middle, reordering and forgery show when the chain is read. Spec: docs/spec/protocol.md.
 */
import type { ContentHash, Value } from "../content/index.ts";
import type { HeadMoved, LogHead, StoreReads, StoreTransaction } from "../execution/index.ts";
import { LogEntry, type Signer, showSignedError, type VerifySignature } from "../protocol/index.ts";
import { err, ok, type Result } from "../std/index.ts";

export interface Entry {
  readonly hash: ContentHash.ContentHash;
  readonly sequence: number;
  /** Milliseconds, by the author's clock. */
  readonly at: number;
  readonly event: Value.Value;
  /** Ed25519 public key of who appended it. */
  readonly author: Uint8Array;
}

export type LedgerError =
  | {
      readonly kind: "EntryMissing";
      readonly stream: string;
      readonly sequence: number;
      readonly entry: ContentHash.ContentHash;
    }
  | { readonly kind: "EntryInvalid"; readonly stream: string; readonly sequence: number; readonly reason: string };

export function showLedgerError(error: LedgerError): string {
  return error.kind === "EntryMissing"
    ? `entry ${error.sequence} of the log ${error.stream} is missing (${error.entry})`
    : `entry ${error.sequence} of the log ${error.stream} is not valid: ${error.reason}`;
}

/** Signs and appends one event; the entry's address is what the next one links to. */
export function append(
  transaction: StoreTransaction,
  signer: Signer,
  stream: string,
  at: number,
  event: Value.Value,
): Result<LogHead, HeadMoved> {
  const head = transaction.logHead(stream);
  const sequence = head === undefined ? 0 : head.sequence + 1;
  const entry = LogEntry.sign({ stream, sequence, previous: head?.entry, event, at }, signer);
  return transaction.append(stream, head?.entry, LogEntry.encode(entry));
}

/**
 * Reads a stream and checks chain, numbering, signatures and authors: from its beginning, or on from an entry that was
 * checked before (`after`), of which the caller knows that it stands in this stream.
 */
export function read(
  store: StoreReads,
  stream: string,
  isAuthor: (publicKey: Uint8Array) => boolean,
  verify?: VerifySignature,
  after?: LogHead,
): Result<readonly Entry[], LedgerError> {
  const entries: Entry[] = [];
  const from = after === undefined ? 0 : after.sequence + 1;
  for (const head of store.logEntries(stream, from)) {
    const sequence = from + entries.length;
    const invalid = (reason: string) => err({ kind: "EntryInvalid", stream, sequence, reason } as const);
    const block = store.blocks.get(head.entry);
    if (block === undefined) return err({ kind: "EntryMissing", stream, sequence, entry: head.entry });
    const entry = LogEntry.open(block, verify);
    if (!entry.ok) return invalid(showSignedError(entry.error));
    const { body, signer } = entry.value;
    if (LogEntry.hash(entry.value) !== head.entry) return invalid("its bytes do not match its address");
    if (body.stream !== stream || body.sequence !== sequence)
      return invalid(`it says it is entry ${body.sequence} of ${body.stream}`);
    const previous = entries.at(-1)?.hash ?? after?.entry;
    if (body.previous !== previous) return invalid("it does not follow the entry before it");
    if (!isAuthor(signer)) return invalid("its author may not write here");
    entries.push({ hash: head.entry, sequence, at: body.at, event: body.event, author: signer });
  }
  return ok(entries);
}
