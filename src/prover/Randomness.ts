/** The random words of a hiding proof, all from one seed, so that a segment that is made twice is the same twice. */
import { createCipheriv } from "node:crypto";
import { BabyBear } from "../field/index.ts";
import { Bytes } from "../std/index.ts";
import { Blake3 } from "../verifier/index.ts";

export type SegmentRandomness = {
  /** Fills with uniform words; equal labels give equal words. */
  words(label: string, target: Uint32Array): void;
  /** Fills with uniform field elements, as words below p: in Montgomery form as good as out of it. */
  elements(label: string, target: Uint32Array): void;
};

export type Randomness = { segment(index: number): SegmentRandomness };

const WORDS_PER_DRAW = 1 << 14;

export function randomness(seed: Uint8Array): Randomness {
  const stream = (label: string): (() => Uint32Array) => {
    const key = Blake3.toBytes(Blake3.ofBytes(Bytes.concat(seed, Bytes.fromText(label))));
    const cipher = createCipheriv("aes-256-ctr", key, new Uint8Array(16));
    const zeros = new Uint8Array(4 * WORDS_PER_DRAW);
    return () => {
      const bytes = Uint8Array.from(cipher.update(zeros));
      return new Uint32Array(bytes.buffer);
    };
  };
  const fill = (label: string, target: Uint32Array, accept: (word: number) => number | undefined): void => {
    const draw = stream(label);
    let at = 0;
    while (at < target.length) {
      for (const word of draw()) {
        const value = accept(word);
        if (value !== undefined && at < target.length) target[at++] = value;
      }
    }
  };
  return {
    segment: (index) => ({
      words: (label, target) => fill(`${index} ${label}`, target, (word) => word),
      elements: (label, target) =>
        fill(`${index} ${label}`, target, (word) => {
          const candidate = word & 0x7fffffff;
          return candidate < BabyBear.P ? candidate : undefined;
        }),
    }),
  };
}
