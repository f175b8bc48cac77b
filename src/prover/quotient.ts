/** The quotient of a table: constraints over their vanishing polynomials, cut into pieces that fit the low-degree test. */

import { BabyBear } from "../field/index.ts";
import { assert } from "../std/index.ts";
import { type Claim, Layout, type Placed } from "../verifier/index.ts";
import { cosetShift, type Domain, domainPoints, powers } from "./Domain.ts";
import type { Engine } from "./Engine.ts";
import { hiddenColumn } from "./hiddenColumn.ts";
import { toMontgomery } from "./Program.ts";
import type { SegmentRandomness } from "./Randomness.ts";
import { type Columns, type QuotientInputs, quotientProgram } from "./tablePrograms.ts";

type QuotientTask = Omit<QuotientInputs, "activeRows" | "inverseVanishing" | "points" | "hidden"> & {
  readonly random: SegmentRandomness | undefined;
};

/** Evaluates the folded constraints on two cosets (four when hiding), interpolates, cuts and extends the pieces. */
export async function makeQuotient(engine: Engine, claim: Claim, roots: Domain, task: QuotientTask): Promise<Columns> {
  const { placed } = task;
  const { blowupBits } = claim.profile;
  const height = 2 ** placed.logHeight;
  const cosetBits = claim.hiding ? 2 : 1;
  const cosets = 2 ** cosetBits;
  const stride = 4 * height * 2 ** blowupBits;
  const result: Columns = { address: engine.alloc(placed.quotientColumns * stride), stride };
  const mark = engine.mark();
  const whole: Columns = { address: engine.alloc(20 * height * cosets), stride: 4 * height * cosets };
  const points = engine.alloc(4 * height * cosets);
  await domainPoints(engine, roots, points, height * cosets);
  const hidden = claim.hiding ? await hiddenColumn(engine, roots, placed.logHeight) : 0;
  for (let coset = 0; coset < cosets; coset++) {
    const offset = 4 * height * coset;
    const shift = BabyBear.pow(cosetShift(placed.logHeight, coset), height);
    const moved = (columns: Columns): Columns => ({ address: columns.address + offset, stride: columns.stride });
    const inner = engine.mark();
    const built = quotientProgram(
      {
        ...task,
        fixed: moved(task.fixed),
        main: moved(task.main),
        bus: moved(task.bus),
        activeRows: Layout.activeRows(placed, claim.hiding),
        inverseVanishing: BabyBear.inv(BabyBear.sub(shift, 1)),
        points: points + offset,
        hidden: hidden + offset,
      },
      moved(whole),
    );
    // A row's successor is on the same coset, so the order within the coset is all that counts.
    await built.load(engine).run(height, { log: placed.logHeight, step: 1 });
    engine.release(inner);
  }
  const unscale = engine.alloc(4 * height * cosets);
  const ratio = BabyBear.inv(BabyBear.GENERATOR);
  await powers(engine, unscale, height * cosets, toMontgomery(BabyBear.inv(cosets)), ratio);
  const logWhole = placed.logHeight + cosetBits;
  await engine.run("interpolate", 5, 1, whole.address, whole.stride, logWhole, unscale, roots.inverses);
  const pieces = placed.quotientColumns / 5;
  const parts = task.random === undefined ? whole : hidePieces(engine, task.random, placed, whole, pieces);
  const apart = task.random === undefined ? 4 * height : 4 * height * 5;
  for (let piece = 0; piece < pieces; piece++) {
    await engine.run(
      "extendCoefficients",
      5,
      1,
      parts.address + apart * piece,
      parts.stride,
      result.address + 5 * piece * stride,
      stride,
      placed.logHeight,
      2 ** blowupBits,
      roots.scales.get(placed.logHeight)!,
      roots.twiddles,
    );
  }
  engine.release(mark);
  return result;
}

/**
 * Cuts the coefficients into pieces shorter than the table; each but the last gets random terms on top, which the next
 * has less at its bottom. Pieces of five limbs, one behind the other.
 */
function hidePieces(
  engine: Engine,
  random: SegmentRandomness,
  placed: Placed,
  whole: Columns,
  pieces: number,
): Columns {
  const height = 2 ** placed.logHeight;
  const length = Layout.pieceLength(placed, true);
  const address = engine.alloc(4 * height * 5 * pieces);
  for (let limb = 0; limb < 5; limb++) {
    const coefficients = engine.words(whole.address + limb * whole.stride, 4 * height);
    assert(
      coefficients.subarray(pieces * length).every((word) => word === 0),
      `the quotient of ${placed.table.name} is too long`,
    );
    let less = new Uint32Array(Layout.HIDDEN_ROWS);
    for (let piece = 0; piece < pieces; piece++) {
      const target = engine.words(address + 4 * height * (5 * piece + limb), height);
      target.fill(0);
      target.set(coefficients.subarray(piece * length, (piece + 1) * length));
      for (let i = 0; i < less.length; i++) target[i] = BabyBear.sub(target[i]!, less[i]!);
      if (piece === pieces - 1) continue;
      const more = new Uint32Array(Layout.HIDDEN_ROWS);
      random.elements(`quotient ${placed.table.name} ${limb} ${piece}`, more);
      target.set(more, length);
      less = more;
    }
  }
  return { address, stride: 4 * height };
}
