/**
 * What execution needs from the outside, as arguments: time, and a durable store of blocks, logs and names.
 * Each port has a memory twin (`stores/memory`) and a conformance suite that the real driver passes too.
 */
import type { BlockStore, ContentHash } from "../content/index.ts";
import { Bytes, type Result } from "../std/index.ts";

/** Milliseconds since 1970-01-01T00:00:00Z. Real time comes in here and is recorded; nothing else reads a clock. */
export interface Clock {
  now(): number;
  /** Resolves when `now()` has reached `instant`, or at once when it is past; rejects never. */
  until(instant: number, signal?: AbortSignalLike): Promise<void>;
}

/** The part of the host's AbortSignal that a port may use, so that pure layers need no DOM or Node types. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** One append-only history: of a program, an account, a keeper or a run. `sequence` counts from 0. */
export interface LogHead {
  readonly sequence: number;
  readonly entry: ContentHash.ContentHash;
}

export interface HeadMoved {
  readonly kind: "HeadMoved";
  readonly stream: string;
  readonly expected: ContentHash.ContentHash | undefined;
  readonly got: ContentHash.ContentHash | undefined;
}

export interface NameMoved {
  readonly kind: "NameMoved";
  readonly name: string;
  readonly expected: ContentHash.ContentHash | undefined;
  readonly got: ContentHash.ContentHash | undefined;
}

/** One change of a name, kept for ever. */
export interface NameChange {
  readonly sequence: number;
  readonly name: string;
  readonly old: ContentHash.ContentHash | undefined;
  /** `undefined` = deleted. */
  readonly new: ContentHash.ContentHash | undefined;
  readonly author: string;
  /** Milliseconds, from the caller's Clock. */
  readonly time: number;
  readonly reason: string;
}

/** What is known now: every read sees the last committed transaction. */
export interface StoreReads {
  readonly blocks: Pick<BlockStore, "get" | "has">;
  logHead(stream: string): LogHead | undefined;
  /** Entries from `from` on, oldest first, at most `limit`. */
  logEntries(stream: string, from?: number, limit?: number): readonly LogHead[];
  logStreams(prefix: string): readonly string[];
  name(name: string): ContentHash.ContentHash | undefined;
  /** The name as it stood after change number `sequence`. */
  nameAt(name: string, sequence: number): ContentHash.ContentHash | undefined;
  names(prefix: string): readonly (readonly [string, ContentHash.ContentHash])[];
  /** Oldest first, of one name or of all; with `last`, only that many of the newest. */
  nameHistory(name?: string, last?: number): readonly NameChange[];
  /** Definitions whose block links to this one. */
  dependents(hash: ContentHash.ContentHash): readonly ContentHash.ContentHash[];
  /** What was last kept beside a definition by `setTyping`. */
  typing(definition: ContentHash.ContentHash): Uint8Array | undefined;
  /** Every name of a definition that ever stood for something, in no order: what a search goes through. */
  namesEver(): readonly string[];
  /** What names of definitions stood for until something else took its place, or nothing; each pair once, in no order. */
  replaced(): readonly (readonly [ContentHash.ContentHash, string])[];
  /** The shapes of all definitions (`shapeOf` of code), each once, ascending. */
  shapes(): readonly string[];
  /** Definitions of a shape, ascending by address. */
  ofShape(shape: string): readonly ContentHash.ContentHash[];
  /** Addresses of stored blocks and their sizes, ascending by address, from the first one past `after`. */
  blockSizes(
    after: ContentHash.ContentHash | undefined,
    limit: number,
  ): readonly (readonly [ContentHash.ContentHash, number])[];
}

/** Inside one write transaction: all of it becomes durable, or none. Reads see the transaction's own writes. */
export interface StoreTransaction extends StoreReads {
  put(block: Uint8Array): ContentHash.ContentHash;
  /** Adds links of a definition block to the reverse index that `dependents` reads, and the block to its shape. */
  putDefinition(block: Uint8Array, links: readonly ContentHash.ContentHash[]): ContentHash.ContentHash;
  /** Keeps what a checker found out about a definition: derived, without a history, forgotten with the definition. */
  setTyping(definition: ContentHash.ContentHash, record: Uint8Array): void;
  /** Forgets a block that nothing needs any more; absent blocks are no error. Only garbage collection calls it. */
  remove(hash: ContentHash.ContentHash): void;
  /** Appends a block whose address must differ from every earlier entry of the stream. */
  append(stream: string, expected: ContentHash.ContentHash | undefined, block: Uint8Array): Result<LogHead, HeadMoved>;
  /** Compare-and-set. `new: undefined` deletes and leaves a tombstone in the history. */
  setName(
    name: string,
    expected: ContentHash.ContentHash | undefined,
    next: ContentHash.ContentHash | undefined,
    note: { readonly author: string; readonly time: number; readonly reason: string },
  ): Result<NameChange, NameMoved>;
}

export type StoreError =
  | { readonly kind: "Locked"; readonly where: string }
  | { readonly kind: "DiskFull"; readonly where: string }
  /** The place can hold no store: a file stands there, or nothing may be written. */
  | { readonly kind: "Unusable"; readonly where: string; readonly reason: string }
  /** It can be read, and nothing can be written to it. */
  | { readonly kind: "ReadOnly"; readonly where: string }
  /** Written by a newer version: in a format that this one does not know. */
  | { readonly kind: "TooNew"; readonly where: string; readonly format: number; readonly known: number }
  | { readonly kind: "Damaged"; readonly where: string; readonly reason: string };

/**
 * `write` runs `work` in one transaction and resolves after it is durable; concurrent writes share a commit.
 * When `work` throws, nothing of it is written and the promise rejects with what it threw; a full disk or damage
 * rejects with a StoreFailure.
 */
export interface Store extends StoreReads {
  write<T>(work: (transaction: StoreTransaction) => T): Promise<T>;
  close(): Promise<void>;
}

/** The host failed, not the program: carries a StoreError. */
export class StoreFailure extends Error {
  readonly detail: StoreError;
  constructor(detail: StoreError) {
    super(
      detail.kind === "Locked"
        ? `the store ${detail.where} is in use by another process`
        : detail.kind === "DiskFull"
          ? `no room left on the disk of the store ${detail.where}`
          : detail.kind === "ReadOnly"
            ? `the store ${detail.where} may only be read`
            : detail.kind === "TooNew"
              ? `the store ${detail.where} has format ${detail.format}; this version reads formats up to ${detail.known}`
              : detail.kind === "Unusable"
                ? `there can be no store at ${detail.where}: ${detail.reason}`
                : `the store ${detail.where} is damaged: ${detail.reason}`,
    );
    this.name = "StoreFailure";
    this.detail = detail;
  }
}

/** Names and streams are keys of an index, so they have a longest form. */
export const STORE_KEY_BYTES_MAX = 1024;

/** Whether a store can hold something under this name or stream. Reading any other finds nothing. */
export const isStoreKey = (key: string): boolean =>
  key !== "" &&
  key.length <= STORE_KEY_BYTES_MAX &&
  !key.includes("\0") &&
  Bytes.isWellFormed(key) &&
  Bytes.fromText(key).length <= STORE_KEY_BYTES_MAX;

/** Callers check what users write; writing under a name or stream that no store could hold is their bug. */
export function checkStoreKey(what: "name" | "stream", key: string): void {
  if (!isStoreKey(key))
    throw new Error(`internal error: ${JSON.stringify(key.slice(0, 80))} cannot be a ${what} of the store`);
}
