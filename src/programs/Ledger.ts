/**
 * Signed, hash-chained logs over a Store: what a program, account or keeper did, in order, and who says so.
 *
 * An entry is `[Kind.logEntry, 1, [stream, sequence, previous, time, body], author, signature]`; the Ed25519 signature is
 * over the same block without it. Truncation, reordering and forgery show when the chain is read. Spec: docs/spec/log.md.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import {
  ContentHash,
  decode,
  encode,
  isLink,
  isList,
  Kind,
  link,
  type Node,
  showDecodeError,
  type Value,
  valueFromNode,
  valueToNode,
} from "../content/index.ts";
import type { HeadMoved, LogHead, StoreReads, StoreTransaction } from "../execution/index.ts";
import { err, ok, type Result } from "../std/index.ts";

const VERSION = 1;

/** Whoever signs: an Ed25519 key behind a port, so that a server may use the host's faster implementation. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

export const signerOf = (seed: Uint8Array): Signer => ({
  publicKey: ed25519.getPublicKey(seed),
  sign: (message) => ed25519.sign(message, seed),
});

/** Strict verification (RFC 8032, no small-order keys), so that every implementation gives the same verdict. */
export function verifies(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    // Not a point of the curve.
    return false;
  }
}

export interface Entry {
  readonly hash: ContentHash.ContentHash;
  readonly stream: string;
  readonly sequence: number;
  readonly previous: ContentHash.ContentHash | undefined;
  /** Milliseconds, by the author's clock. */
  readonly time: number;
  readonly body: Value.Value;
  readonly author: Uint8Array;
}

export type LedgerError =
  | { readonly kind: "EntryMissing"; readonly stream: string; readonly sequence: number; readonly entry: ContentHash.ContentHash }
  | { readonly kind: "EntryInvalid"; readonly stream: string; readonly sequence: number; readonly reason: string };

export function showLedgerError(error: LedgerError): string {
  return error.kind === "EntryMissing"
    ? `entry ${error.sequence} of the log ${error.stream} is missing (${error.entry})`
    : `entry ${error.sequence} of the log ${error.stream} is not valid: ${error.reason}`;
}

/** Signs and appends one entry; its address is what the next entry links to. */
export function append(
  transaction: StoreTransaction,
  signer: Signer,
  stream: string,
  time: number,
  body: Value.Value,
): Result<LogHead, HeadMoved> {
  const head = transaction.logHead(stream);
  const content: Node = [
    stream,
    head === undefined ? 0 : head.sequence + 1,
    head === undefined ? null : link(head.entry),
    time,
    valueToNode(body),
  ];
  const signature = signer.sign(encode([Kind.logEntry, VERSION, content, signer.publicKey]));
  return transaction.append(stream, head?.entry, encode([Kind.logEntry, VERSION, content, signer.publicKey, signature]));
}

/** Reads a whole stream and checks chain, numbering and signatures. `authors` limits who may have signed. */
export function read(
  store: StoreReads,
  stream: string,
  isAuthor: (key: Uint8Array) => boolean = () => true,
): Result<readonly Entry[], LedgerError> {
  const entries: Entry[] = [];
  for (const head of store.logEntries(stream)) {
    const sequence = entries.length;
    const block = store.blocks.get(head.entry);
    if (block === undefined) return err({ kind: "EntryMissing", stream, sequence, entry: head.entry });
    const entry = parse(block);
    if (!entry.ok) return err({ kind: "EntryInvalid", stream, sequence, reason: entry.error });
    const wrong =
      entry.value.hash !== head.entry
        ? "its bytes do not match its address"
        : entry.value.stream !== stream || entry.value.sequence !== sequence
          ? `it says it is entry ${entry.value.sequence} of ${entry.value.stream}`
          : entry.value.previous !== entries.at(-1)?.hash
            ? "it does not follow the entry before it"
            : isAuthor(entry.value.author)
              ? undefined
              : "its author may not write here";
    if (wrong !== undefined) return err({ kind: "EntryInvalid", stream, sequence, reason: wrong });
    entries.push(entry.value);
  }
  return ok(entries);
}

/** One entry from its block, signature checked. */
export function parse(block: Uint8Array): Result<Entry, string> {
  const decoded = decode(block);
  if (!decoded.ok) return err(showDecodeError(decoded.error));
  const node = decoded.value;
  if (!isList(node) || node.length !== 5 || node[0] !== Kind.logEntry || node[1] !== VERSION) return err("it is not a log entry of format 1");
  const [, , content, author, signature] = node;
  if (!(author instanceof Uint8Array) || !(signature instanceof Uint8Array)) return err("author or signature is missing");
  if (content === undefined || !isList(content) || content.length !== 5) return err("its content is incomplete");
  const [stream, sequence, previous, time, body] = content;
  if (typeof stream !== "string" || typeof sequence !== "number" || sequence < 0 || typeof time !== "number" || time < 0) {
    return err("stream, sequence or time has the wrong form");
  }
  if (previous !== null && (previous === undefined || !isLink(previous))) return err("the link to the entry before is wrong");
  const value = valueFromNode(body!);
  if (!value.ok) return err(showDecodeError(value.error));
  if (!verifies(author, encode([Kind.logEntry, VERSION, content, author]), signature)) return err("the signature does not match");
  return ok({
    hash: ContentHash.of(block),
    stream,
    sequence,
    previous: previous === null ? undefined : previous.link,
    time,
    body: value.value,
    author,
  });
}
