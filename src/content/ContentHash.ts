/**
 * The address of a block: CIDv1, codec dag-cbor (0x71), multihash sha2-256, written in base32 (`bafyrei…`).
 *
 * A branded string, because the string is what users paste, what Maps compare and what JSON holds. Stores that index by
 * bytes take the 36-byte key from `toBytes`. Source: multiformats CID and multihash specifications.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { Bytes } from "../std/index.ts";

declare const brand: unique symbol;
export type ContentHash = string & { readonly [brand]: "ContentHash" };

/** CIDv1, dag-cbor, sha2-256, 32 bytes of digest. */
const PREFIX = Uint8Array.of(0x01, 0x71, 0x12, 0x20);
export const HASH_BYTES = 36;
export const TEXT_CHARS = 59;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const CODES = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0));
/** `b`: base32, small letters. */
const MULTIBASE = 98;
/** Value of each digit by its character code; 255 for what is no digit. A table, since every read of a store comes here. */
const DIGITS = new Uint8Array(128).fill(255);
for (let value = 0; value < ALPHABET.length; value++) DIGITS[ALPHABET.charCodeAt(value)] = value;

/** The hash of a block's bytes. */
export function of(block: Uint8Array): ContentHash {
  return fromDigest(sha256(block));
}

/** The hash whose sha2-256 digest is already known (32 bytes). */
export function fromDigest(digest: Uint8Array): ContentHash {
  return toBase32(Bytes.concat(PREFIX, digest)) as ContentHash;
}

/** Reads the text form. `undefined` for any other CID version, codec, hash function, case or alphabet. */
export function parse(text: string): ContentHash | undefined {
  return fromBase32(text) === undefined ? undefined : (text as ContentHash);
}

/** The 36 bytes that the text stands for. */
export function toBytes(hash: ContentHash): Uint8Array {
  const bytes = fromBase32(hash);
  if (bytes === undefined) throw new Error(`internal error: not a content hash: ${hash}`);
  return bytes;
}

/** Reads the 36-byte form; `undefined` when length or prefix differ. */
export function fromBytes(bytes: Uint8Array): ContentHash | undefined {
  if (bytes.length !== HASH_BYTES || !PREFIX.every((byte, i) => bytes[i] === byte)) return undefined;
  return toBase32(bytes) as ContentHash;
}

/** The first characters that people compare by eye: `bafyreif3q7…` keeps the 12 that vary. */
export function short(hash: ContentHash): string {
  return hash.slice(0, 19);
}

function toBase32(bytes: Uint8Array): string {
  // All digits at once: a text that grew digit by digit stays a chain of its pieces, fifty times as large.
  const codes = new Uint8Array(1 + Math.ceil((bytes.length * 8) / 5));
  codes[0] = MULTIBASE;
  let at = 1;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < bytes.length; i++) {
    held = (held << 8) | bytes[i]!;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      codes[at++] = CODES[(held >> bits) & 31]!;
    }
    held &= (1 << bits) - 1;
  }
  if (bits > 0) codes[at] = CODES[(held << (5 - bits)) & 31]!;
  return String.fromCharCode.apply(null, codes as unknown as number[]);
}

function fromBase32(text: string): Uint8Array | undefined {
  if (text.length !== TEXT_CHARS || text[0] !== "b") return undefined;
  const bytes = new Uint8Array(HASH_BYTES);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const digit = code < 128 ? DIGITS[code]! : 255;
    if (digit === 255) return undefined;
    held = (held << 5) | digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  // Padding bits must be zero, else two texts would name one hash.
  if (held !== 0) return undefined;
  return PREFIX.every((byte, i) => bytes[i] === byte) ? bytes : undefined;
}
