/** Keys of the tables as bytes. Text is UTF-8, whose byte order is the order of code points; numbers are big-endian. */
import { Bytes } from "../../std/index.ts";

const SEQUENCE_BYTES = 8;

export const textKey = (text: string): Uint8Array => Bytes.fromText(text);

export const textOf = (key: Uint8Array): string => Bytes.toText(key)!;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Like `textOf`, at a tenth of the cost where the text is long. */
export const longTextOf = (bytes: Uint8Array): string => decoder.decode(bytes);

export function keyOfSequence(sequence: number): Uint8Array {
  const key = new Uint8Array(SEQUENCE_BYTES);
  const view = new DataView(key.buffer);
  view.setUint32(0, Math.floor(sequence / 0x100000000));
  view.setUint32(4, sequence % 0x100000000);
  return key;
}

/** The number in the last eight bytes of a key, or in the eight at `from`. */
export function sequenceOf(key: Uint8Array, from: number = key.length - SEQUENCE_BYTES): number {
  const view = new DataView(key.buffer, key.byteOffset + from, SEQUENCE_BYTES);
  return view.getUint32(0) * 0x100000000 + view.getUint32(4);
}

/** NUL ends the text, which holds none, so that no text's keys stand among those of another. */
export const withSequence = (text: string, sequence: number): Uint8Array =>
  Bytes.concat(textKey(text), Uint8Array.of(0), keyOfSequence(sequence));

export interface KeyRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array | undefined;
}

/** All keys that begin with these bytes. */
export function prefixRange(prefix: Uint8Array): KeyRange {
  const end = prefix.slice();
  // UTF-8 has no byte 0xff, so the last byte always has a successor.
  if (end.length > 0) end[end.length - 1]!++;
  return { start: prefix, end: end.length === 0 ? undefined : end };
}
