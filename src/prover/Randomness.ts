/** The random words of a hiding proof, all from one seed, so that a segment that is made twice is the same twice. */
import { createCipheriv } from "node:crypto";
import { BabyBear } from "../field/index.ts";
import { Bytes } from "../std/index.ts";
import { BLIND_ROWS, Blake3 } from "../verifier/index.ts";

export type SegmentRandomness = {
  /**
   * Fills with uniform field elements, as words below p: in Montgomery form as good as out of it. Equal labels give
   * equal elements.
   */
  elements(label: string, target: Uint32Array): void;
  /** Fills with uniform words of 30 bits: salt, of which only the number of bits counts. */
  salt(label: string, target: Uint32Array): void;
  /**
   * The multiplicities that blind the tables of the segment, five for each of `tables` tables. Each table hands a
   * secret on to the next, also from segment to segment, so that over the whole run they add up to zero.
   */
  blinds(tables: number): Uint32Array[];
};

export type Randomness = { segment(index: number, count: number): SegmentRandomness };

const WORDS_PER_DRAW = 1 << 14;
const SALT_MASK = 2 ** 30 - 1;

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
  const elements = (label: string, target: Uint32Array): void => {
    const draw = stream(label);
    for (let at = 0; at < target.length; ) {
      const words = draw();
      for (let i = 0; i < words.length && at < target.length; i++) {
        const candidate = words[i]! & 0x7fffffff;
        if (candidate < BabyBear.P) target[at++] = candidate;
      }
    }
  };
  const salt = (label: string, target: Uint32Array): void => {
    const draw = stream(label);
    for (let at = 0; at < target.length; ) {
      const words = draw();
      for (let i = 0; i < words.length && at < target.length; i++) target[at++] = words[i]! & SALT_MASK;
    }
  };
  const secret = (label: string): Uint32Array => {
    const values = new Uint32Array(BLIND_ROWS);
    elements(label, values);
    return values;
  };
  return {
    segment: (index, count) => {
      const between = (boundary: number): Uint32Array =>
        boundary === 0 || boundary === count ? new Uint32Array(BLIND_ROWS) : secret(`boundary ${boundary}`);
      return {
        elements: (label, target) => elements(`${index} ${label}`, target),
        salt: (label, target) => salt(`${index} ${label}`, target),
        blinds(tables) {
          let before = between(index);
          return Array.from({ length: tables }, (_, i) => {
            const after = i === tables - 1 ? between(index + 1) : secret(`${index} blind ${i}`);
            const difference = after.map((value, row) => BabyBear.sub(value, before[row]!));
            before = after;
            return difference;
          });
        },
      };
    },
  };
}
