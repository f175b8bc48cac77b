/**
 * Tapes are sequences of 32-bit words. Bytes travel on them as a frame: a word with their number, then the bytes,
 * little-endian, zero-filled to whole words. The argument of a run is one frame, and so is the answer of each effect.
 */

/** The frame of some bytes. */
export function framed(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(1 + Math.ceil(bytes.length / 4));
  words[0] = bytes.length;
  for (let i = 0; i < bytes.length; i++) words[1 + (i >>> 2)]! |= bytes[i]! << (8 * (i & 3));
  return words;
}

/** Words as bytes, little-endian: how the output tape is written to a file. */
export function bytesOf(words: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  for (let i = 0; i < words.length; i++) {
    for (let j = 0; j < 4; j++) bytes[4 * i + j] = words[i]! >>> (8 * j);
  }
  return bytes;
}
