/** Recursive Length Prefix (Ethereum Yellow Paper, appendix B), strict: one item has one encoding, all else is refused. */
import { Bytes, err, ok, type Result } from "../../std/index.ts";

export type Rlp = Uint8Array | readonly Rlp[];

export interface RlpError {
  readonly kind: "MalformedRlp";
  readonly at: number;
  readonly reason: string;
}

/** Headers, transactions, receipts and trie nodes nest at most six deep. */
export const RLP_DEPTH_MAX = 16;
export const RLP_ITEMS_MAX = 65_536;

export const isList = (item: Rlp | undefined): item is readonly Rlp[] => Array.isArray(item);
export const isBytes = (item: Rlp | undefined): item is Uint8Array => item instanceof Uint8Array;

export function encode(item: Rlp): Uint8Array {
  if (isBytes(item)) {
    if (item.length === 1 && item[0]! < 0x80) return item;
    return Bytes.concat(head(0x80, item.length), item);
  }
  const body = Bytes.concat(...item.map(encode));
  return Bytes.concat(head(0xc0, body.length), body);
}

/** A natural number without leading zeros; zero is the empty string. */
export function fromNumber(value: number | bigint): Uint8Array {
  let hex = value.toString(16);
  if (hex === "0") return Bytes.empty;
  if (hex.length % 2 === 1) hex = `0${hex}`;
  return Bytes.fromHex(hex)!;
}

/** `undefined` when the bytes are no natural number in its one form, or more than 32 bytes. */
export function toBigInt(item: Rlp | undefined): bigint | undefined {
  if (!isBytes(item) || item.length > 32 || item[0] === 0) return undefined;
  return item.length === 0 ? 0n : BigInt(`0x${Bytes.toHex(item)}`);
}

/** As `toBigInt`, up to 2^53−1. */
export function toCount(item: Rlp | undefined): number | undefined {
  const value = toBigInt(item);
  return value === undefined || value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
}

function head(base: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(base + length);
  const size = fromNumber(length);
  return Bytes.concat(Uint8Array.of(base + 55 + size.length), size);
}

export function decode(bytes: Uint8Array): Result<Rlp, RlpError> {
  const reader: Reader = { bytes, items: 0 };
  try {
    const { item, end } = read(reader, 0, bytes.length, 0);
    if (end !== bytes.length) throw new Refusal(end, "bytes follow the end of the item");
    return ok(item);
  } catch (error) {
    if (error instanceof Refusal) return err({ kind: "MalformedRlp", at: error.at, reason: error.reason });
    throw error;
  }
}

interface Reader {
  readonly bytes: Uint8Array;
  items: number;
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

function read(reader: Reader, at: number, limit: number, depth: number): { readonly item: Rlp; readonly end: number } {
  if (depth > RLP_DEPTH_MAX) throw new Refusal(at, `nesting deeper than ${RLP_DEPTH_MAX}`);
  if (++reader.items > RLP_ITEMS_MAX) throw new Refusal(at, `more than ${RLP_ITEMS_MAX} items`);
  if (at >= limit) throw new Refusal(at, "the item is missing");
  const first = reader.bytes[at]!;
  if (first < 0x80) return { item: reader.bytes.slice(at, at + 1), end: at + 1 };
  const isString = first < 0xc0;
  const short = first - (isString ? 0x80 : 0xc0);
  const { start, length } = short < 56 ? { start: at + 1, length: short } : readLength(reader, at, short - 55, limit);
  const end = start + length;
  if (end > limit) throw new Refusal(at, "the item is longer than what holds it");
  if (isString) {
    if (length === 1 && reader.bytes[start]! < 0x80) throw new Refusal(at, "a single byte below 128 stands for itself");
    return { item: reader.bytes.slice(start, end), end };
  }
  const items: Rlp[] = [];
  for (let next = start; next < end; ) {
    const one = read(reader, next, end, depth + 1);
    items.push(one.item);
    next = one.end;
  }
  return { item: items, end };
}

function readLength(reader: Reader, at: number, size: number, limit: number) {
  if (at + 1 + size > limit) throw new Refusal(at, "the length is cut short");
  // Six bytes of length are far past any input, and still exact as a number.
  if (size > 6) throw new Refusal(at, "the length is absurd");
  let length = 0;
  for (let i = 0; i < size; i++) length = length * 256 + reader.bytes[at + 1 + i]!;
  if (reader.bytes[at + 1] === 0 || length < 56) throw new Refusal(at, "a length is not in its shortest form");
  return { start: at + 1 + size, length };
}
