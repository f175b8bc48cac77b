/** Writing a proof: the reader's counterpart. */
import type { Ext } from "../field/index.ts";

export type Writer = {
  byte(value: number): void;
  bytes(values: ArrayLike<number>): void;
  word(value: number): void;
  words(values: ArrayLike<number>): void;
  ext(value: Ext.Ext): void;
  finish(): Uint8Array;
};

export function writer(): Writer {
  let buffer = new Uint8Array(1 << 16);
  let at = 0;
  const room = (count: number): void => {
    if (at + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * buffer.length, at + count));
    larger.set(buffer.subarray(0, at));
    buffer = larger;
  };
  const word = (value: number): void => {
    room(4);
    buffer[at++] = value;
    buffer[at++] = value >>> 8;
    buffer[at++] = value >>> 16;
    buffer[at++] = value >>> 24;
  };
  const words = (values: ArrayLike<number>): void => {
    for (let i = 0; i < values.length; i++) word(values[i]!);
  };
  return {
    byte(value) {
      room(1);
      buffer[at++] = value;
    },
    bytes(values) {
      room(values.length);
      buffer.set(values, at);
      at += values.length;
    },
    word,
    words,
    ext: words,
    finish: () => buffer.slice(0, at),
  };
}
