/** Tables of roots and shifts in the kernels' memory. */
import { BabyBear } from "../field/index.ts";
import { Layout } from "../verifier/index.ts";
import type { Engine } from "./Engine.ts";
import { program, toMontgomery } from "./Program.ts";

/** Words that a worker takes at a time in jobs over plain words. */
export const GRAIN_WORDS = 1 << 14;

export type Domain = {
  /** ω^bitrev(i), of a subgroup twice as large as the largest evaluation domain: the same table for every size. */
  readonly twiddles: number;
  /** Their inverses. */
  readonly inverses: number;
  /** By log2 of the height n: for each of four cosets, shiftᵏ/n for k < n, the factors of coefficients. */
  readonly scales: ReadonlyMap<number, number>;
};

/** Tables for these heights, each extended by up to 2^KEY_BLOWUP_BITS. */
export async function domain(engine: Engine, logHeights: Iterable<number>): Promise<Domain> {
  const heights = [...new Set(logHeights)];
  const maxLog = Math.max(...heights) + Layout.KEY_BLOWUP_BITS;
  const count = 2 ** maxLog;
  const twiddles = engine.alloc(4 * count);
  const inverses = engine.alloc(4 * count);
  const scales = new Map<number, number>();
  for (const log of heights) {
    const address = engine.alloc(16 * 2 ** log);
    scales.set(log, address);
    const first = toMontgomery(BabyBear.inv(2 ** log));
    for (let coset = 0; coset < 4; coset++) {
      await powers(engine, address + 4 * coset * 2 ** log, 2 ** log, first, cosetShift(log, coset));
    }
  }
  const mark = engine.mark();
  const natural = engine.alloc(4 * count);
  const root = BabyBear.rootOfUnity(maxLog + 1);
  for (const [table, ratio] of [
    [twiddles, root],
    [inverses, BabyBear.inv(root)],
  ] as const) {
    await powers(engine, natural, count, toMontgomery(1), ratio);
    await engine.run("reorder", 1, 1, natural, 0, table, 0, maxLog);
  }
  engine.release(mark);
  return { twiddles, inverses, scales };
}

/** first, first·ratio, … at an address; `first` is a Montgomery word. */
export const powers = (engine: Engine, address: number, count: number, first: number, ratio: number): Promise<void> =>
  engine.run("powers", count, GRAIN_WORDS, address, first, toMontgomery(ratio));

const COSETS_REVERSED = [0, 2, 1, 3];

/** The shift of a coset of 2^log points: cosets of a longer bit-reversed word stand one behind the other. */
export const cosetShift = (log: number, coset: number): number =>
  BabyBear.mul(BabyBear.GENERATOR, BabyBear.pow(BabyBear.rootOfUnity(log + 2), COSETS_REVERSED[coset]!));

/** x at each position of an evaluation domain of `count` points: g·(ω^bitrev)². */
export async function domainPoints(engine: Engine, roots: Domain, address: number, count: number): Promise<void> {
  const p = program();
  const root = p.column(roots.twiddles);
  p.storeBase(p.mul(p.mul(root, root), p.constant(BabyBear.GENERATOR)), address);
  const mark = engine.mark();
  await p.load(engine).run(count);
  engine.release(mark);
}
