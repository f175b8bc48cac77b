/**
 * Bytes → Node, refusing whatever `encode` would not have written, so that a block has one address.
 * (Usual DAG-CBOR decoders are lenient: they take unsorted maps, floats and invalid UTF-8.)
 */
import { Bytes, err, ok, type Result } from "../std/index.ts";
import * as ContentHash from "./ContentHash.ts";
import { link, type Node } from "./Node.ts";

/** Larger blocks are refused before they are read: nothing of this system writes one. */
export const BLOCK_BYTES_MAX = 16 * 1024 * 1024;
/** Nesting bound, so that hostile input cannot exhaust the host's stack. */
export const NODE_DEPTH_MAX = 1000;

export type DecodeError =
  | { readonly kind: "TooLarge"; readonly bytes: number; readonly bytesMax: number }
  | { readonly kind: "NotCanonical"; readonly at: number; readonly reason: string };

export function showDecodeError(error: DecodeError): string {
  return error.kind === "TooLarge"
    ? `the block has ${error.bytes} bytes, more than ${error.bytesMax}`
    : `not a canonical block: ${error.reason} at byte ${error.at}`;
}

export function decode(bytes: Uint8Array): Result<Node, DecodeError> {
  if (bytes.length > BLOCK_BYTES_MAX) return err({ kind: "TooLarge", bytes: bytes.length, bytesMax: BLOCK_BYTES_MAX });
  const reader: Reader = { bytes, at: 0 };
  try {
    const node = read(reader, 0);
    if (reader.at !== bytes.length) throw new Refusal(reader.at, "bytes follow the end of the block");
    return ok(node);
  } catch (error) {
    if (error instanceof Refusal) return err({ kind: "NotCanonical", at: error.at, reason: error.reason });
    throw error;
  }
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

/** Leaves the recursive reader; never escapes `decode`. */
class Refusal {
  readonly at: number;
  readonly reason: string;
  constructor(at: number, reason: string) {
    this.at = at;
    this.reason = reason;
  }
}

function read(reader: Reader, depth: number): Node {
  const start = reader.at;
  if (depth > NODE_DEPTH_MAX) throw new Refusal(start, `nesting deeper than ${NODE_DEPTH_MAX}`);
  const initial = byte(reader);
  const major = initial >> 5;
  if (major === 7) {
    if (initial === 0xf4) return false;
    if (initial === 0xf5) return true;
    if (initial === 0xf6) return null;
    throw new Refusal(start, "only false, true and null are allowed as simple values (no floats)");
  }
  const argument = readArgument(reader, initial & 31, start);
  switch (major) {
    case 0:
      return argument;
    case 1: {
      const value = -1 - argument;
      if (!Number.isSafeInteger(value)) throw new Refusal(start, "an integer past 2^53 must be a byte string");
      return value;
    }
    case 2:
      return take(reader, argument, start).slice();
    case 3: {
      const text = Bytes.toText(take(reader, argument, start));
      if (text === undefined) throw new Refusal(start, "text is not valid UTF-8");
      return text;
    }
    case 4: {
      if (argument > reader.bytes.length - reader.at) throw new Refusal(start, "the list is longer than the block");
      const items: Node[] = [];
      for (let i = 0; i < argument; i++) items.push(read(reader, depth + 1));
      return items;
    }
    case 6: {
      if (argument !== 42) throw new Refusal(start, "only tag 42 (a link) is allowed");
      const inner = read(reader, depth + 1);
      const hash = inner instanceof Uint8Array && inner[0] === 0 ? ContentHash.fromBytes(inner.subarray(1)) : undefined;
      if (hash === undefined) throw new Refusal(start, "the link is not a CIDv1 dag-cbor sha2-256");
      return link(hash);
    }
    default:
      throw new Refusal(start, "maps are not allowed");
  }
}

function readArgument(reader: Reader, info: number, start: number): number {
  if (info < 24) return info;
  const width = info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0;
  if (width === 0) throw new Refusal(start, "indefinite lengths are not allowed");
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + byte(reader);
  if (!Number.isSafeInteger(value)) throw new Refusal(start, "an integer past 2^53 must be a byte string");
  const least = width === 1 ? 24 : width === 2 ? 0x100 : width === 4 ? 0x10000 : 0x100000000;
  if (value < least) throw new Refusal(start, "a number is not in its shortest form");
  return value;
}

function take(reader: Reader, length: number, start: number): Uint8Array {
  if (length > reader.bytes.length - reader.at) throw new Refusal(start, "the block ends inside a string");
  const part = reader.bytes.subarray(reader.at, reader.at + length);
  reader.at += length;
  return part;
}

function byte(reader: Reader): number {
  const value = reader.bytes[reader.at];
  if (value === undefined) throw new Refusal(reader.at, "the block ends too early");
  reader.at++;
  return value;
}
