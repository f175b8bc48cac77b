/** One segment: its columns extended and committed, then everything that follows the shared challenge. */

import { BabyBear, Ext } from "../field/index.ts";
import { assert } from "../std/index.ts";
import {
  type Air,
  BLIND_COLUMNS,
  type BusChallenge,
  type Claim,
  Layout,
  type Placed,
  type Transcript,
} from "../verifier/index.ts";
import { type Extended, extend, extendedBits, load } from "./columns.ts";
import { type Domain, domain } from "./Domain.ts";
import type { Engine } from "./Engine.ts";
import { findWork } from "./findWork.ts";
import type { FixedSide } from "./keys.ts";
import { proveLowDegree } from "./lowDegree.ts";
import { extWords, fromMontgomery } from "./Program.ts";
import type { Meter } from "./prove.ts";
import { makeQuotient } from "./quotient.ts";
import type { SegmentRandomness } from "./Randomness.ts";
import { commit, type Tree } from "./Tree.ts";
import { busProgram, type Columns } from "./tablePrograms.ts";
import type { Writer } from "./Writer.ts";

/** Parts of the time of a segment that bus columns and quotients take. */
const BUS_PART = 0.3;
const QUOTIENT_PART = 0.4;

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
