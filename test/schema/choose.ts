/** Where generated schemas get their choices from: fast-check (which shrinks them), or a plain generator for long runs. */
import fc from "fast-check";

export interface Choose {
  /** A number from 0 to n − 1. */
  readonly int: (n: number) => number;
}

export const one = <T>(choose: Choose, items: readonly T[]): T => items[choose.int(items.length)]!;
export const chance = (choose: Choose, outOf: number): boolean => choose.int(outOf) === 0;

/** Choices that fast-check records and shrinks. */
export const choices = (): fc.Arbitrary<Choose> =>
  fc.gen().map((g) => ({ int: (n: number) => (n <= 1 ? 0 : g(fc.nat, { max: n - 1 })) }));

/** Marsaglia's xorshift32: fast, and the same everywhere. */
export function chooseFrom(seed: number): Choose {
  let state = (seed | 0) === 0 ? 0x9e3779b9 : seed | 0;
  return {
    int: (n) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % n;
    },
  };
}
