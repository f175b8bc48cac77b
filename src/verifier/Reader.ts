/**
 * Reading a proof: a cursor over bytes that refuses instead of throwing. The first refusal stays; after it every read
 * gives zeros, so that a caller may finish its bounded step before it looks.
 */
import { BabyBear, type Ext } from "../field/index.ts";
import * as Blake3 from "./Blake3.ts";

export type Refusal = {
  readonly kind:
    | "truncated"
    | "extended"
    | "not canonical"
    | "format"
    | "statement"
    | "profile"
    | "machine"
    | "program"
    | "shape"
    | "work"
    | "bus"
    | "constraint"
    | "opening"
    | "fold";
  /** Where in the proof, or which check. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
};

export const showRefusal = (refusal: Refusal): string =>
  `${refusal.kind}: ${refusal.where}: expected ${refusal.expected}, got ${refusal.got}`;

export type Reader = {
  readonly refusal: () => Refusal | undefined;
  refuse(kind: Refusal["kind"], where: string, expected: string, got: string): void;
  bytes(count: number, where: string): Uint8Array;
  byte(where: string): number;
  word(where: string): number;
  words(count: number, where: string): Uint32Array;
  /** Field elements in their only encoding. */
  elements(count: number, where: string): Uint32Array;
  ext(where: string): Ext.Ext;
  digest(where: string): Blake3.Digest;
  end(): void;
};

/** Then words can be read in place, from a copy of the next bytes of the input that starts at the right one. */
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
/** Bytes copied at once. */
const WINDOW_BYTES = 2 ** 20;

export function reader(input: Uint8Array): Reader {
  let at = 0;
  let failure: Refusal | undefined;
  const refuse: Reader["refuse"] = (kind, where, expected, got) => {
    failure ??= { kind, where, expected, got };
  };
  const take = (count: number, where: string): Uint8Array => {
    if (failure !== undefined) return new Uint8Array(count);
    if (input.length - at < count) {
      refuse("truncated", where, `${count} more bytes`, `${input.length - at}`);
      return new Uint8Array(count);
    }
    at += count;
    return input.subarray(at - count, at);
  };
  let window: { readonly from: number; readonly words: Uint32Array } = { from: 0, words: new Uint32Array(0) };
  const words = (count: number, where: string): Uint32Array => {
    const bytes = take(4 * count, where);
    if (HOST_IS_LITTLE_ENDIAN && failure === undefined) {
      const from = at - 4 * count;
      const skipped = (from - window.from) / 4;
      if (Number.isInteger(skipped) && skipped + count <= window.words.length) {
        return window.words.subarray(skipped, skipped + count);
      }
      const size = Math.min(input.length - from, Math.max(4 * count, WINDOW_BYTES));
      window = { from, words: new Uint32Array(Math.floor(size / 4)) };
      new Uint8Array(window.words.buffer).set(input.subarray(from, from + 4 * window.words.length));
      return window.words.subarray(0, count);
    }
    const result = new Uint32Array(count);
    for (let i = 0, b = 0; i < count; i++, b += 4) {
      result[i] = bytes[b]! | (bytes[b + 1]! << 8) | (bytes[b + 2]! << 16) | (bytes[b + 3]! << 24);
    }
    return result;
  };
  const elements = (count: number, where: string): Uint32Array => {
    const result = words(count, where);
    for (let i = 0; i < count; i++) {
      if (result[i]! >= BabyBear.P) {
        refuse("not canonical", where, `a field element below ${BabyBear.P}`, String(result[i]));
        return new Uint32Array(count);
      }
    }
    return result;
  };
  return {
    refusal: () => failure,
    refuse,
    bytes: take,
    byte: (where) => take(1, where)[0]!,
    word: (where) => words(1, where)[0]!,
    words,
    elements,
    ext(where) {
      const e = elements(5, where);
      return [e[0]!, e[1]!, e[2]!, e[3]!, e[4]!];
    },
    digest: (where) => words(Blake3.DIGEST_WORDS, where),
    end() {
      if (at !== input.length) refuse("extended", "end of proof", `${at} bytes`, `${input.length}`);
    },
  };
}
