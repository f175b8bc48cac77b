/**
 * The low-degree test: FRI (eprint 2018/828) over words of several lengths. A word is a list of values in bit-reversed
 * order; 2^bits neighbours are the values on one coset and fold into one value of the next word. Where tables of a
 * smaller height join, their word is added with the next power of the same challenge.
 */
import { BabyBear, Ext, Ntt } from "../field/index.ts";

const HALF = BabyBear.inv(2);

/**
 * Folds the values that stand at position index·2^bits… of a word of length 2^logLength. With y the point of a pair,
 * f(y), f(−y) → (f(y)+f(−y))/2 + β·(f(y)−f(−y))/2y, then the same with β² and so on.
 */
export function foldCoset(values: readonly Ext.Ext[], index: number, logLength: number, beta: Ext.Ext): Ext.Ext {
  let level = values;
  let challenge = beta;
  let log = logLength;
  let first = index * values.length;
  while (level.length > 1) {
    const inverseRoot = BabyBear.inv(BabyBear.rootOfUnity(log));
    const next: Ext.Ext[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const pair = (first + i) >>> 1;
      const inverse = BabyBear.mul(HALF, BabyBear.pow(inverseRoot, Ntt.reverseBits(pair, log - 1)));
      const sum = Ext.mulBase(Ext.add(level[i]!, level[i + 1]!), HALF);
      const difference = Ext.mulBase(Ext.sub(level[i]!, level[i + 1]!), inverse);
      next.push(Ext.add(sum, Ext.mul(challenge, difference)));
    }
    level = next;
    challenge = Ext.mul(challenge, challenge);
    first >>>= 1;
    log -= 1;
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
