/** Values at the point, the reduced word, its folds, and the opened rows: the second half of a segment's proof. */

import { BabyBear, Ext, Ntt } from "../field/index.ts";
import { type Claim, claims, distinct, Layout, type Openings, type Transcript } from "../verifier/index.ts";
import { type Domain, domainPoints } from "./Domain.ts";
import type { Engine } from "./Engine.ts";
import { findWork } from "./findWork.ts";
import { extWords, fromMontgomery, program, toMontgomery } from "./Program.ts";
import { commitColumns, open, type Tree } from "./Tree.ts";
import type { Columns } from "./tablePrograms.ts";
import type { Writer } from "./Writer.ts";

export type LowDegreeTask = {
  readonly engine: Engine;
  readonly claim: Claim;
  readonly layout: Layout.Segment;
  readonly roots: Domain;
  readonly trees: ReadonlyMap<string, Tree>;
  readonly columnsOf: (place: number, kind: Layout.MatrixKind) => Columns;
  readonly z: Ext.Ext;
  readonly transcript: Transcript.Transcript;
  readonly output: Writer;
  readonly writeExt: (value: Ext.Ext) => void;
};

export async function proveLowDegree(task: LowDegreeTask): Promise<void> {
  const { engine, layout, transcript, output, writeExt } = task;
  const { profile } = task.claim;
  const { openings, mask } = await openAtPoint(task);
  for (const opened of openings) {
    const { fixed, main, bus, quotient, nextFixed, nextMain, nextBus } = opened;
    for (const list of [fixed, main, bus, quotient, nextFixed, nextMain, nextBus]) list.forEach(writeExt);
  }
  mask.forEach(writeExt);
  await findWork(engine, transcript, profile.grinding.batch, output);
  const words = await reducedWords(task, openings, mask, transcript.ext());

  const logLength = layout.logMax + layout.blowupBits;
  let word = words.get(logLength)!;
  const folds: Tree[] = [];
  for (const { logLength: log, bits } of layout.folds) {
    const rows = 2 ** (log - bits);
    const columns = 5 * 2 ** bits;
    const gathered: Columns = { address: engine.alloc(4 * rows * columns), stride: 4 * rows };
    await engine.run("gather", columns, 1, word.address, word.stride, gathered.address, gathered.stride, rows, bits);
    const tree = await commitColumns(engine, log - bits, gathered, columns);
    folds.push(tree);
    output.words(tree.root);
    transcript.absorb(tree.root);
    await findWork(engine, transcript, profile.grinding.fold, output);
    const beta = transcript.ext();
    word = await fold(task, word, log, bits, beta);
    const joining = words.get(log - bits);
    if (joining !== undefined) await addScaled(engine, word, joining, Ext.pow(beta, 2 ** bits), rows);
  }
  for (const coefficient of finalPolynomial(engine, word, Layout.FINAL_LOG_DEGREE + layout.blowupBits)) {
    writeExt(coefficient);
  }
  await findWork(engine, transcript, profile.grinding.query, output);
  const queries = distinct(Array.from({ length: profile.queries }, () => transcript.index(logLength)));
  for (const of of layout.trees) {
    const isKey = of.name === "constants" || of.name === "program";
    const spare = isKey ? Layout.KEY_BLOWUP_BITS - layout.blowupBits : 0;
    const leaves = distinct(queries.map((query) => query >>> (logLength - (of.logLeaves - spare))));
    open(engine, task.trees.get(of.name)!, leaves, output);
  }
  let positions = queries;
  layout.folds.forEach(({ bits }, i) => {
    positions = distinct(positions.map((position) => position >>> bits));
    open(engine, folds[i]!, positions, output);
  });
}

/** Columns that a worker sums at a time. */
const GRAIN_COLUMNS = 8;

/** Values of all columns at z and at ω·z, by the barycentric formula over the first coset. */
async function openAtPoint(task: LowDegreeTask): Promise<{ openings: Openings[]; mask: Ext.Ext[] }> {
  const { engine, layout, roots, z, columnsOf } = task;
  const mark = engine.mark();
  const weights = new Map<string, Columns>();
  const weightsFor = async (logHeight: number, next: boolean): Promise<Columns> => {
    const key = `${logHeight} ${next}`;
    const before = weights.get(key);
    if (before !== undefined) return before;
    const n = 2 ** logHeight;
    const point = next ? Ext.mulBase(z, BabyBear.rootOfUnity(logHeight)) : z;
    const unshifted = Ext.mulBase(point, BabyBear.inv(BabyBear.GENERATOR));
    const scale = Ext.mulBase(Ext.subBase(Ext.pow(unshifted, n), 1), BabyBear.inv(n));
    const made: Columns = { address: engine.alloc(20 * n), stride: 4 * n };
    const points = engine.alloc(4 * n);
    await domainPoints(engine, roots, points, n);
    const p = program();
    const x = p.column(points);
    const inverse = p.extInverse(p.combine(point, [[x, Ext.of(BabyBear.P - 1)]]));
    p.store(p.extMul(p.extMulBase(inverse, x), p.combine(scale, [])), made.address, made.stride);
    await p.load(engine).run(n);
    weights.set(key, made);
    return made;
  };
  const sum = async (addresses: readonly number[], logHeight: number, next: boolean): Promise<Ext.Ext[]> => {
    if (addresses.length === 0) return [];
    const { address, stride } = await weightsFor(logHeight, next);
    const inner = engine.mark();
    const list = engine.alloc(4 * addresses.length);
    engine.words(list, addresses.length).set(addresses);
    const out = engine.alloc(20 * addresses.length);
    await engine.run("dot", addresses.length, GRAIN_COLUMNS, list, address, stride, 2 ** logHeight, out);
    const words = [...engine.words(out, 5 * addresses.length)].map(fromMontgomery);
    engine.release(inner);
    return addresses.map((_, i) => words.slice(5 * i, 5 * i + 5) as unknown as Ext.Ext);
  };
  const openings: Openings[] = [];
  for (const [place, placed] of layout.tables.entries()) {
    const run = (kind: Layout.MatrixKind, count: number, from = 0): number[] => {
      if (count === 0) return [];
      const { address, stride } = columnsOf(place, kind);
      return Array.from({ length: count }, (_, i) => address + (from + i) * stride);
    };
    const { table, logHeight, busColumns, quotientColumns } = placed;
    const fixed = run("fixed", table.fixed.length);
    const main = run("main", table.main.length);
    const here = [...fixed, ...main, ...run("bus", busColumns), ...run("quotient", quotientColumns)];
    const nextBus = busColumns === 0 ? [] : run("bus", 5, busColumns - 5);
    const next = table.usesNext ? [...fixed, ...main, ...nextBus] : nextBus;
    const values = await sum(here, logHeight, false);
    const below = await sum(next, logHeight, true);
    const take = (list: Ext.Ext[], count: number): Ext.Ext[] => list.splice(0, count);
    openings.push({
      fixed: take(values, fixed.length),
      main: take(values, main.length),
      bus: take(values, busColumns),
      quotient: values,
      nextFixed: take(below, table.usesNext ? fixed.length : 0),
      nextMain: take(below, table.usesNext ? main.length : 0),
      nextBus: below,
    });
  }
  const mask = layout.hiding
    ? await sum(
        [0, 1, 2, 3, 4].map((l) => columnsOf(-1, "mask").address + l * columnsOf(-1, "mask").stride),
        layout.logMax,
        false,
      )
    : [];
  engine.release(mark);
  return { openings, mask };
}

/** The reduced word of each height, by log2 of its length. */
async function reducedWords(
  task: LowDegreeTask,
  openings: readonly Openings[],
  mask: readonly Ext.Ext[],
  phi: Ext.Ext,
): Promise<Map<number, Columns>> {
  const { engine, layout, roots, z, columnsOf } = task;
  const words = new Map<number, Columns>();
  for (const height of claims(layout, openings, mask)) {
    const log = height.logHeight + layout.blowupBits;
    const length = 2 ** log;
    const word: Columns = { address: engine.alloc(20 * length), stride: 4 * length };
    const mark = engine.mark();
    const points = engine.alloc(4 * length);
    await domainPoints(engine, roots, points, length);
    const powers = Ext.powers(phi, height.count);
    const p = program();
    const x = p.column(points);
    const part = (point: Ext.Ext, of: typeof height.here) => {
      let claimed: Ext.Ext = Ext.ZERO;
      const terms = of.flatMap((claim) => {
        const { address, stride } = columnsOf(claim.place, claim.kind);
        return claim.values.map((value, i) => {
          const weight = powers[claim.exponent + i]!;
          claimed = Ext.add(claimed, Ext.mul(value, weight));
          return [p.column(address + (claim.from + i) * stride), Ext.neg(weight)] as const;
        });
      });
      const inverse = p.extInverse(p.combine(point, [[x, Ext.of(BabyBear.P - 1)]]));
      return p.extMul(p.combine(claimed, terms), inverse);
    };
    let value = part(z, height.here);
    if (height.next.length > 0) {
      const nextZ = Ext.mulBase(z, BabyBear.rootOfUnity(height.logHeight));
      value = p.extAdd(value, part(nextZ, height.next));
    }
    p.store(value, word.address, word.stride);
    await p.load(engine).run(length);
    engine.release(mark);
    words.set(log, word);
  }
  return words;
}

const GRAIN_FOLD = 1 << 12;

async function fold(task: LowDegreeTask, word: Columns, log: number, bits: number, beta: Ext.Ext): Promise<Columns> {
  const { engine, roots } = task;
  const half = toMontgomery(BabyBear.inv(2));
  const challenge = engine.alloc(20);
  let from = word;
  let power = beta;
  for (let bit = 1; bit <= bits; bit++) {
    const length = 2 ** (log - bit);
    const to: Columns = { address: engine.alloc(20 * length), stride: 4 * length };
    engine.words(challenge, 5).set(extWords(power));
    await engine.run(
      "fold",
      length,
      GRAIN_FOLD,
      from.address,
      from.stride,
      to.address,
      to.stride,
      roots.inverses,
      half,
      challenge,
    );
    from = to;
    power = Ext.mul(power, power);
  }
  return from;
}

async function addScaled(engine: Engine, to: Columns, from: Columns, factor: Ext.Ext, rows: number): Promise<void> {
  const mark = engine.mark();
  const p = program();
  p.accumulate(p.extColumn(to.address, to.stride), p.extColumn(from.address, from.stride), factor);
  await p.load(engine).run(rows);
  engine.release(mark);
}

/** The lowest coefficients of the last word; an honest prover's has no others. */
function finalPolynomial(engine: Engine, word: Columns, logLength: number): Ext.Ext[] {
  const limbs = [0, 1, 2, 3, 4].map((l) => {
    const values = engine.words(word.address + l * word.stride, 2 ** logLength).map(fromMontgomery);
    return Ntt.interpolate(Ntt.bitReversed(values));
  });
  const count = 2 ** Layout.FINAL_LOG_DEGREE;
  return Array.from({ length: count }, (_, i) => limbs.map((limb) => limb[i]!) as unknown as Ext.Ext);
}
