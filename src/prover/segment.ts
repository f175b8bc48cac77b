/** One segment: its columns extended and committed, then everything that follows the shared challenge. */

import { BabyBear, Ext } from "../field/index.ts";
import { assert } from "../std/index.ts";
import {
  type Air,
  BLIND_COLUMNS,
  type BusChallenge,
  type Claim,
  type FixedColumns,
  fixedLogHeight,
  Layout,
  type Placed,
  type Transcript,
} from "../verifier/index.ts";
import { cosetShift, type Domain, domain, GRAIN_WORDS, powers } from "./Domain.ts";
import type { Engine } from "./Engine.ts";
import { findWork } from "./findWork.ts";
import { hiddenColumn } from "./hiddenColumn.ts";
import { proveLowDegree } from "./lowDegree.ts";
import { extWords, fromMontgomery, program, toMontgomery } from "./Program.ts";
import type { Meter } from "./prove.ts";
import type { SegmentRandomness } from "./Randomness.ts";
import { commit, type Tree } from "./Tree.ts";
import { busProgram, type Columns, type QuotientInputs, quotientProgram } from "./tablePrograms.ts";
import type { Writer } from "./Writer.ts";

/** A matrix over a table's rows in natural order, and over its evaluation domain. */
export type Extended = { readonly natural: Columns; readonly extended: Columns };

export type FixedSide = {
  readonly trees: ReadonlyMap<string, Tree>;
  readonly columns: ReadonlyMap<string, Extended>;
};

/** Evaluation cosets that a matrix is extended to: the committed ones, and two or four to make a quotient on. */
const extendedBits = (claim: Claim): number => (claim.hiding ? 2 : claim.profile.blowupBits);

const GRAIN_COLUMNS = 1;

/** Parts of the time of a segment that bus columns and quotients take. */
const BUS_PART = 0.3;
const QUOTIENT_PART = 0.4;

async function extend(
  engine: Engine,
  roots: Domain,
  from: Columns,
  count: number,
  logHeight: number,
  cosetBits: number,
): Promise<Columns> {
  const stride = 4 * 2 ** (logHeight + cosetBits);
  const address = engine.alloc(count * stride);
  await engine.run(
    "extend",
    count,
    GRAIN_COLUMNS,
    from.address,
    from.stride,
    address,
    stride,
    logHeight,
    2 ** cosetBits,
    roots.scales.get(logHeight)!,
    roots.twiddles,
    roots.inverses,
    1,
  );
  return { address, stride };
}

/** Canonical columns → Montgomery columns of 2^logHeight rows, zero below what is given. */
async function load(
  engine: Engine,
  columns: readonly Uint32Array[],
  count: number,
  logHeight: number,
): Promise<Columns> {
  const height = 2 ** logHeight;
  const address = engine.alloc(4 * height * count);
  const words = engine.words(address, height * count);
  words.fill(0);
  columns.forEach((column, i) => {
    words.set(column, i * height);
  });
  await engine.run("toMontgomery", words.length, GRAIN_WORDS, address, address);
  return { address, stride: 4 * height };
}

/** Extends and commits the fixed columns; they stay in memory for all segments. */
export async function loadKeys(
  engine: Engine,
  task: { readonly machine: Air.Machine; readonly fixed: FixedColumns; readonly hiding: boolean },
): Promise<{ keys: Layout.Keys; fixed: FixedSide }> {
  const trees = new Map<string, Tree>();
  const columns = new Map<string, Extended>();
  const keys: { constants?: Layout.Key; program?: Layout.Key } = {};
  for (const group of ["constants", "program"] as const) {
    const tables = Layout.groupTables(task.machine, group);
    if (tables.length === 0) continue;
    const logHeights = tables.map((table) => {
      const given = task.fixed.get(table.name);
      assert(given?.length === table.fixed.length, `fixed columns of ${table.name}`);
      return fixedLogHeight(group, given[0]!.length, task.hiding);
    });
    const matrices: Layout.Matrix[] = tables.map((table, place) => ({
      place,
      kind: "fixed",
      columns: table.fixed.length,
      logRows: logHeights[place]! + Layout.KEY_BLOWUP_BITS,
    }));
    const roots = await domain(engine, logHeights);
    for (const [place, table] of tables.entries()) {
      const natural = await load(engine, task.fixed.get(table.name)!, table.fixed.length, logHeights[place]!);
      const bits = Layout.KEY_BLOWUP_BITS;
      columns.set(table.name, {
        natural,
        extended: await extend(engine, roots, natural, table.fixed.length, logHeights[place]!, bits),
      });
    }
    const logLeaves = Math.max(...matrices.map((matrix) => matrix.logRows));
    const layout: Layout.Tree = { name: group, matrices, salted: false, logLeaves };
    const tree = await commit(engine, layout, (matrix) => columns.get(tables[matrix.place]!.name)!.extended);
    trees.set(group, tree);
    keys[group] = { root: tree.root, logHeights };
  }
  return { keys, fixed: { trees, columns } };
}

export type Committed = {
  readonly heights: Uint8Array;
  readonly layout: Layout.Segment;
  readonly roots: Domain;
  readonly fixed: FixedSide;
  /** By position in `layout.tables`. */
  readonly columns: readonly Extended[];
  readonly main: Tree;
  readonly random: SegmentRandomness | undefined;
};

function segmentHeights(claim: Claim, witness: Air.Witness): Uint8Array {
  const { machine, hiding } = claim;
  const rowsOf = (table: Air.Table): number => witness.get(table.name)?.[0]?.length ?? 0;
  const heights = machine.tables.map((table) => {
    if (table.fixedGroup !== undefined) {
      const group = Layout.groupTables(machine, table.fixedGroup);
      const used = group.some((other) => rowsOf(other) > 0);
      return used ? Layout.keyHeight(machine, claim.keys, table)! : Layout.ABSENT;
    }
    const rows = rowsOf(table);
    if (rows === 0) return Layout.ABSENT;
    if (hiding) return Math.max(Layout.MIN_HIDING_LOG_HEIGHT, Layout.ceilLog2(rows + Layout.HIDDEN_ROWS));
    return Math.max(Layout.MIN_LOG_HEIGHT, Layout.ceilLog2(rows));
  });
  return Uint8Array.from(heights);
}

function treeLayout(layout: Layout.Segment, name: Layout.Tree["name"]): Layout.Tree | undefined {
  return layout.trees.find((tree) => tree.name === name);
}

/** Salt for the rows of a tree at one height. */
const salts =
  (engine: Engine, random: SegmentRandomness | undefined, name: string) =>
  (logRows: number): Columns => {
    const count = Layout.SALT_WORDS * 2 ** logRows;
    const address = engine.alloc(4 * count);
    // A reader takes salt for field elements like the rest of a row.
    random!.salt(`${name} ${logRows}`, engine.words(address, count));
    return { address, stride: 4 * 2 ** logRows };
  };

export async function commitMain(
  engine: Engine,
  claim: Claim,
  fixed: FixedSide,
  witness: Air.Witness,
  random: SegmentRandomness | undefined,
  report: Meter,
): Promise<Committed> {
  const heights = segmentHeights(claim, witness);
  const layout = Layout.segment(claim.machine, heights, claim.keys, claim.profile, claim.hiding);
  assert(layout.tables.length > 0, "a witness without rows");
  const roots = await domain(
    engine,
    layout.tables.map((placed) => placed.logHeight),
  );
  const columns: Extended[] = [];
  const blinds = random?.blinds(layout.tables.length);
  for (const [place, placed] of layout.tables.entries()) {
    const { table, logHeight } = placed;
    const own = witness.get(table.name) ?? [];
    const width = table.main.length - (blinds === undefined ? 0 : BLIND_COLUMNS);
    assert(own.length === 0 || own.length === width, `columns of ${table.name}`);
    const given = blinds === undefined ? own : withBlinds(own, width, blinds[place]!);
    const active = Layout.activeRows(placed, claim.hiding);
    assert((given[0]?.length ?? 0) <= active, `rows of ${table.name}`);
    const natural = await load(engine, given, table.main.length, logHeight);
    if (random !== undefined) {
      for (let c = 0; c < table.main.length; c++) {
        const address = natural.address + c * natural.stride + 4 * active;
        random.elements(`main ${table.name} ${c}`, engine.words(address, Layout.HIDDEN_ROWS));
      }
    }
    const extended = await extend(engine, roots, natural, table.main.length, logHeight, extendedBits(claim));
    columns.push({ natural, extended });
    report((0.8 * columns.length) / layout.tables.length);
  }
  const main = await commit(
    engine,
    treeLayout(layout, "main")!,
    (matrix) => columns[matrix.place]!.extended,
    salts(engine, random, "main"),
  );
  report(1);
  return { heights, layout, roots, fixed, columns, main, random };
}

/** The table's own columns, empty when it has none, and the two that hiding adds. */
const withBlinds = (own: readonly Uint32Array[], width: number, counts: Uint32Array): Uint32Array[] => [
  ...(own.length > 0 ? own : Array.from({ length: width }, () => new Uint32Array(0))),
  counts,
  counts.map((_, row) => row),
];

/** The point of the extension's planar words: limb l of value i at address + l·stride + 4i. */
const readExt = (engine: Engine, address: number, stride: number): Ext.Ext =>
  [0, 1, 2, 3, 4].map((l) => fromMontgomery(engine.words(address + l * stride, 1)[0]!)) as unknown as Ext.Ext;

export async function finishSegment(
  engine: Engine,
  claim: Claim,
  committed: Committed,
  challenge: BusChallenge,
  transcript: Transcript.Transcript,
  output: Writer,
  report: Meter,
): Promise<void> {
  const { layout, roots, fixed, random } = committed;
  const { machine, publics, hiding, profile } = claim;
  const noColumns: Columns = { address: 0, stride: 0 };
  const fixedOf = (placed: Placed): Extended =>
    fixed.columns.get(placed.table.name) ?? { natural: noColumns, extended: noColumns };
  const writeExt = (value: Ext.Ext): void => {
    output.ext(value);
    transcript.absorbExt(value);
  };
  const trees = new Map<string, Tree>([...fixed.trees, ["main", committed.main]]);
  const publish = (name: string, tree: Tree): void => {
    trees.set(name, tree);
    output.words(tree.root);
    transcript.absorb(tree.root);
  };

  // Bus columns.
  const bus: Columns[] = [];
  const sums: Ext.Ext[] = [];
  for (const [place, placed] of layout.tables.entries()) {
    if (placed.busColumns === 0) {
      bus.push(noColumns);
      sums.push(Ext.ZERO);
      continue;
    }
    const height = 2 ** placed.logHeight;
    const active = Layout.activeRows(placed, hiding);
    const natural: Columns = { address: engine.alloc(4 * height * placed.busColumns), stride: 4 * height };
    const main = committed.columns[place]!.natural;
    const built = busProgram({ machine, placed, publics, challenge }, fixedOf(placed).natural, main, natural);
    const mark = engine.mark();
    await built.load(engine).run(height);
    const running = natural.address + (placed.busColumns - 5) * natural.stride;
    const out = engine.alloc(40);
    await engine.run("sumColumns", 5, 1, running, natural.stride, active, out);
    const sum = readExt(engine, out, 4);
    const share = hiding ? Ext.ZERO : Ext.mulBase(sum, BabyBear.inv(height));
    engine.words(out + 20, 5).set(extWords(share));
    await engine.run("runningSum", 5, 1, running, natural.stride, height, out + 20);
    engine.release(mark);
    if (random !== undefined) hideBus(engine, random, placed, natural, active);
    bus.push(await extend(engine, roots, natural, placed.busColumns, placed.logHeight, extendedBits(claim)));
    sums.push(sum);
    report((BUS_PART * bus.length) / layout.tables.length);
  }
  const busLayout = treeLayout(layout, "bus");
  if (busLayout !== undefined) {
    publish("bus", await commit(engine, busLayout, (matrix) => bus[matrix.place]!, salts(engine, random, "bus")));
  }
  layout.tables.forEach((placed, place) => {
    if (placed.busColumns > 0) writeExt(sums[place]!);
  });
  const lambda = transcript.ext();

  // Quotients.
  const quotient: Columns[] = [];
  for (const [place, placed] of layout.tables.entries()) {
    const columns = { fixed: fixedOf(placed).extended, main: committed.columns[place]!.extended, bus: bus[place]! };
    const input = { machine, placed, publics, challenge, hiding, lambda, sum: sums[place]!, random, ...columns };
    quotient.push(await makeQuotient(engine, claim, roots, input));
    report(BUS_PART + (QUOTIENT_PART * quotient.length) / layout.tables.length);
  }
  const quotientTree = treeLayout(layout, "quotient")!;
  publish(
    "quotient",
    await commit(engine, quotientTree, (matrix) => quotient[matrix.place]!, salts(engine, random, "quotient")),
  );
  let mask = noColumns;
  if (random !== undefined) {
    const natural: Columns = { address: engine.alloc(20 * 2 ** layout.logMax), stride: 4 * 2 ** layout.logMax };
    random.elements("mask", engine.words(natural.address, 5 * 2 ** layout.logMax));
    mask = await extend(engine, roots, natural, 5, layout.logMax, layout.blowupBits);
    publish("mask", await commit(engine, treeLayout(layout, "mask")!, () => mask, salts(engine, random, "mask")));
  }
  await findWork(engine, transcript, profile.grinding.point, output);
  const z = transcript.ext();

  const columnsOf = (place: number, kind: Layout.MatrixKind): Columns => {
    if (kind === "mask") return mask;
    if (kind === "bus") return bus[place]!;
    if (kind === "quotient") return quotient[place]!;
    return kind === "fixed" ? fixedOf(layout.tables[place]!).extended : committed.columns[place]!.extended;
  };
  await proveLowDegree({ engine, claim, layout, roots, trees, columnsOf, z, transcript, output, writeExt });
  report(1);
}

/** Hidden rows of the bus columns: random, but that the first of the running sum holds the whole sum. */
function hideBus(engine: Engine, random: SegmentRandomness, placed: Placed, bus: Columns, active: number): void {
  for (let c = 0; c < placed.busColumns; c++) {
    const keep = c >= placed.busColumns - 5 ? 1 : 0;
    const address = bus.address + c * bus.stride + 4 * (active + keep);
    random.elements(`bus ${placed.table.name} ${c}`, engine.words(address, Layout.HIDDEN_ROWS - keep));
  }
}

type QuotientTask = Omit<QuotientInputs, "activeRows" | "inverseVanishing" | "points" | "hidden"> & {
  readonly random: SegmentRandomness | undefined;
};

/** Evaluates the folded constraints on two cosets (four when hiding), interpolates, cuts and extends the pieces. */
async function makeQuotient(engine: Engine, claim: Claim, roots: Domain, task: QuotientTask): Promise<Columns> {
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

/** x at each position of an evaluation domain of `count` points: g·(ω^bitrev)². */
export async function domainPoints(engine: Engine, roots: Domain, address: number, count: number): Promise<void> {
  const p = program();
  const root = p.column(roots.twiddles);
  p.storeBase(p.mul(p.mul(root, root), p.constant(BabyBear.GENERATOR)), address);
  const mark = engine.mark();
  await p.load(engine).run(count);
  engine.release(mark);
}
