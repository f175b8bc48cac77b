/**
 * The low-degree test: FRI (eprint 2018/828) over words of several lengths. A word is a list of values in bit-reversed
 * order; 2^bits neighbours are the values on one coset and fold into one value of the next word. Where tables of a
 * smaller height join, their word is added with the next power of the same challenge.
 */
import { BabyBear, Ext, Ntt } from "../field/index.ts";
import { MAX_FOLD_BITS } from "./layout.ts";

const HALF = BabyBear.inv(2);

/** By log2 of the number of pairs in a coset: 1/(2·η) for each pair, η its place on the coset relative to the first. */
const HALF_TURNS: readonly (readonly number[])[] = Array.from({ length: MAX_FOLD_BITS }, (_, pairBits) =>
  Array.from({ length: 2 ** pairBits }, (_, pair) => {
    const turn = BabyBear.pow(BabyBear.rootOfUnity(pairBits + 1), Ntt.reverseBits(pair, pairBits));
    return BabyBear.mul(HALF, BabyBear.inv(turn));
  }),
);

/**
 * Folds the values at positions index·2^bits … of a word of length 2^logLength. With y the point of a pair,
 * f(y), f(−y) → (f(y)+f(−y))/2 + β·(f(y)−f(−y))/2y, then the same with β² and so on.
 */
export function foldCoset(values: readonly Ext.Ext[], index: number, logLength: number, beta: Ext.Ext): Ext.Ext {
  let level = values;
  let challenge = beta;
  let pairBits = 30 - Math.clz32(values.length);
  // The first pair's y squares from level to level.
  const first = BabyBear.pow(BabyBear.rootOfUnity(logLength), Ntt.reverseBits(index, logLength - pairBits - 1));
  let inverse = BabyBear.inv(first);
  for (; pairBits >= 0; pairBits--) {
    const turns = HALF_TURNS[pairBits]!;
    level = turns.map((turn, pair) => {
      const [a, b] = [level[2 * pair]!, level[2 * pair + 1]!];
      const slope = Ext.mulBase(Ext.sub(a, b), BabyBear.mul(inverse, turn));
      return Ext.add(Ext.mulBase(Ext.add(a, b), HALF), Ext.mul(challenge, slope));
    });
    challenge = Ext.mul(challenge, challenge);
    inverse = BabyBear.mul(inverse, inverse);
  }
  return level[0]!;
}

/** The point, on the subgroup of order 2^logLength, that position `index` of a bit-reversed word stands for. */
export const pointAt = (index: number, logLength: number): number =>
  BabyBear.pow(BabyBear.rootOfUnity(logLength), Ntt.reverseBits(index, logLength));

export function evaluateAt(coefficients: readonly Ext.Ext[], point: number): Ext.Ext {
  let sum: Ext.Ext = Ext.ZERO;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = Ext.add(Ext.mulBase(sum, point), coefficients[i]!);
  return sum;
}
