/**
 * CAR files (content-addressed archives, version 1): bytes ↔ one root and blocks. Only what is written here is read: one
 * root, addresses under SHA2-256 and DAG-CBOR, lengths in their shortest form, no block twice.
 *
 *     file    header section, then a section for each block
 *     header  length, DAG-CBOR of { roots: [link], version: 1 }
 *     section length, address (36 bytes), block
 *
 * Source: IPLD, "Specification: Content Addressable aRchives (CAR / .car) v1".
 */
import { ContentHash } from "../content/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import type { CodeBlock } from "./address.ts";

export interface Car {
  readonly root: ContentHash.ContentHash;
  readonly blocks: readonly CodeBlock[];
}

/** Bounds of what is taken in at once. */
export const CAR_BLOCKS_MAX = 2_000_000;
/** The root of a very large export has this many bytes; code has a thousand times less. */
export const CAR_BLOCK_BYTES_MAX = 64 * 1024 * 1024;

/** `{ roots: [` … `], version: 1 }` around the one root, a link of 37 bytes. */
const HEADER_BEFORE = Bytes.concat(
  Uint8Array.of(0xa2, 0x65),
  Bytes.fromText("roots"),
  Uint8Array.of(0x81, 0xd8, 0x2a, 0x58, 0x25, 0x00),
);
const HEADER_AFTER = Bytes.concat(Uint8Array.of(0x67), Bytes.fromText("version"), Uint8Array.of(0x01));
const HEADER_BYTES = HEADER_BEFORE.length + ContentHash.HASH_BYTES + HEADER_AFTER.length;

/** Writes the root first, then the blocks in the given order: the same blocks are the same bytes. */
export function encodeCar(root: CodeBlock, blocks: readonly CodeBlock[]): Uint8Array {
  const parts: Uint8Array[] = [varint(HEADER_BYTES), HEADER_BEFORE, ContentHash.toBytes(root.hash), HEADER_AFTER];
  for (const { hash, bytes } of [root, ...blocks])
    parts.push(varint(ContentHash.HASH_BYTES + bytes.length), ContentHash.toBytes(hash), bytes);
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Reads the form; whether blocks are what their addresses say is for `unpack` to verify. The error is the reason. */
export function decodeCar(bytes: Uint8Array): Result<Car, string> {
  const first = readVarint(bytes, 0);
  if (first === undefined) return err("it does not begin with the length of a header");
  const headerEnd = first.next + first.value;
  const header = bytes.subarray(first.next, headerEnd);
  const at = HEADER_BEFORE.length + ContentHash.HASH_BYTES;
  const root = ContentHash.fromBytes(header.subarray(HEADER_BEFORE.length, at));
  if (
    first.value !== HEADER_BYTES ||
    root === undefined ||
    !Bytes.equal(header.subarray(0, HEADER_BEFORE.length), HEADER_BEFORE) ||
    !Bytes.equal(header.subarray(at), HEADER_AFTER)
  )
    return err("its header is not that of version 1 with one DAG-CBOR root under SHA2-256");
  const blocks: CodeBlock[] = [];
  const seen = new Set<ContentHash.ContentHash>();
  for (let next = headerEnd; next < bytes.length; ) {
    const length = readVarint(bytes, next);
    const which = `block ${blocks.length}`;
    if (length === undefined) return err(`the length of ${which} is cut off or not in its shortest form`);
    const end = length.next + length.value;
    if (end > bytes.length) return err(`${which} is cut off: ${end - bytes.length} bytes are missing`);
    if (length.value > ContentHash.HASH_BYTES + CAR_BLOCK_BYTES_MAX)
      return err(`${which} has more than ${CAR_BLOCK_BYTES_MAX} bytes`);
    const hash = ContentHash.fromBytes(bytes.subarray(length.next, length.next + ContentHash.HASH_BYTES));
    if (hash === undefined) return err(`${which} is not DAG-CBOR under SHA2-256`);
    if (seen.has(hash)) return err(`${which} is there twice: #${hash}`);
    if (blocks.length === CAR_BLOCKS_MAX) return err(`it has more than ${CAR_BLOCKS_MAX} blocks`);
    seen.add(hash);
    blocks.push({ hash, bytes: bytes.subarray(length.next + ContentHash.HASH_BYTES, end) });
    next = end;
  }
  return ok({ root, blocks });
}

/** Unsigned LEB128, at most four bytes: lengths here are below 2^28. */
const VARINT_BYTES_MAX = 4;

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let i = 0; i < VARINT_BYTES_MAX; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return byte === 0 && i > 0 ? undefined : { value, next: at + i + 1 };
  }
  return undefined;
}
