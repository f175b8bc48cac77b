/**
 * The Fiat–Shamir transcript. Its state is eight words. What is absorbed waits in a buffer; the first challenge after
 * it hashes state and buffer into a new state, and challenges are hashes of the state and a counter:
 *
 *     state' = BLAKE3(0 ‖ state ‖ buffer)      block i = BLAKE3(1 ‖ state ‖ i)      work = BLAKE3(2 ‖ state ‖ nonce)
 *
 * The first word tells the three apart. Everything absorbed has a length that the reader already knows, or is preceded
 * by it.
 */
import { BabyBear, type Ext } from "../field/index.ts";
import * as Blake3 from "./Blake3.ts";

const ABSORB = 0;
const SQUEEZE = 1;
const WORK = 2;

export type Transcript = {
  absorb(words: ArrayLike<number>): void;
  absorbExt(value: Ext.Ext): void;
  /** A uniform element of the extension. */
  ext(): Ext.Ext;
  /** A uniform number below 2^bits, bits ≤ 31. */
  index(bits: number): number;
  /** The state that a proof of work is made over; settles the buffer. */
  workState(): Blake3.Digest;
  /** True when the nonce has the work for `bits`; absorbs it. */
  checkWork(nonce: number, bits: number): boolean;
  /** An independent continuation from the present state. */
  fork(): Transcript;
};

export const start = (label: string): Transcript => {
  const words = Uint32Array.from(label, (character) => character.charCodeAt(0));
  return from(Blake3.ofWords(words));
};

/** True when the hash of the nonce starts with `bits` zero bits (lowest bits of the first word). */
export function hasWork(state: Blake3.Digest, nonce: number, bits: number): boolean {
  const words = new Uint32Array(10);
  words[0] = WORK;
  words.set(state, 1);
  words[9] = nonce;
  const first = Blake3.ofWords(words)[0]!;
  return bits === 0 || (bits < 32 && first % 2 ** bits === 0);
}

function from(initial: Blake3.Digest): Transcript {
  let state = initial;
  let buffer = new Uint32Array(64);
  let buffered = 0;
  let block: Blake3.Digest = initial;
  let used = Blake3.DIGEST_WORDS;
  let counter = 0;

  const push = (word: number): void => {
    if (buffered === buffer.length) {
      const larger = new Uint32Array(2 * buffer.length);
      larger.set(buffer);
      buffer = larger;
    }
    buffer[buffered++] = word;
  };
  const settle = (): void => {
    if (buffered === 0) return;
    const words = new Uint32Array(9 + buffered);
    words[0] = ABSORB;
    words.set(state, 1);
    words.set(buffer.subarray(0, buffered), 9);
    state = Blake3.ofWords(words);
    buffered = 0;
    counter = 0;
    used = Blake3.DIGEST_WORDS;
  };
  const word = (): number => {
    settle();
    if (used === Blake3.DIGEST_WORDS) {
      const words = new Uint32Array(10);
      words[0] = SQUEEZE;
      words.set(state, 1);
      words[9] = counter++;
      block = Blake3.ofWords(words);
      used = 0;
    }
    return block[used++]!;
  };
  /** Rejection keeps it uniform: one try in sixteen is thrown away. */
  const base = (): number => {
    for (;;) {
      const candidate = word() & 0x7fffffff;
      if (candidate < BabyBear.P) return candidate;
    }
  };
  const transcript: Transcript = {
    absorb(words) {
      for (let i = 0; i < words.length; i++) push(words[i]!);
    },
    absorbExt(value) {
      for (const limb of value) push(limb);
    },
    ext: () => [base(), base(), base(), base(), base()],
    index: (bits) => word() & (2 ** bits - 1),
    workState() {
      settle();
      return state;
    },
    checkWork(nonce, bits) {
      settle();
      if (!hasWork(state, nonce, bits)) return false;
      push(nonce);
      return true;
    },
    fork() {
      settle();
      return from(state);
    },
  };
  return transcript;
}
