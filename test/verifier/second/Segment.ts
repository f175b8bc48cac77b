import {
  add,
  addE,
  type Ext,
  equalE,
  ext,
  inverse,
  inverseE,
  mul,
  mulE,
  one,
  pointAt,
  powE,
  rootOfUnity,
  scale,
  shift,
  subE,
  zero,
} from "./Field.ts";
import type { Present, Values } from "./Present.ts";
import { insist, type Reader } from "./Reader.ts";
import type { Profile, Shape } from "./Soundness.ts";
import type { Transcript } from "./Transcript.ts";
import { type Opening, readOpening } from "./Tree.ts";

/** The fixed columns of a group of tables. */
export type Group = { name: string; height: number; root: Uint32Array };
export type Segment = { tables: readonly Present[]; main: Uint32Array };
/** What all segments share. */
export type Shared = {
  profile: Profile;
  hiding: boolean;
  groups: readonly Group[];
  publics: readonly number[];
  alpha: Ext;
  gamma: Ext;
};

const fixedBlowUpBits = 2;
const saltWords = 8;

/** The folds: from a word of which length by how many into which length; all in log₂. */
export function foldsOf({ tables }: Segment, b: number): { from: number; by: number; to: number }[] {
  const lengths = tables.map((table) => table.height + b);
  const folds = [];
  for (let from = Math.max(...lengths); from > 3 + b; ) {
    const by = [3, 2, 1].find(
      (by) => from - by >= 3 + b && !lengths.some((length) => from - by < length && length < from),
    )!;
    folds.push({ from, by, to: from - by });
    from -= by;
  }
  return folds;
}

export function shapeOf(segment: Segment, hiding: boolean, b: number): Shape {
  const height = Math.max(...segment.tables.map((present) => present.height));
  const columns = new Map<number, number>();
  let [constraints, fractions, fields] = [0, 0, 1];
  for (const present of segment.tables) {
    const { table } = present;
    const length = present.height + b;
    const mask = hiding && present.height === height && !columns.has(length) ? 5 : 0;
    columns.set(length, (columns.get(length) ?? 0) + present.values + mask);
    constraints += table.constraints.length + table.batches.length + (hiding ? 2 : 0);
    fractions += present.active * table.messages.length;
    fields = Math.max(fields, ...table.messages.map((message) => message.tuple.length));
  }
  return { constraints, fractions, fields, height, columns, folds: foldsOf(segment, b) };
}

/** A column that is opened at z (point 0) or at ω·z (point 1): its value there, and where its opened rows are. */
type Column = { point: 0 | 1; claimed: Ext; rows: ReadonlyMap<number, Uint32Array>; at: number };

/** Step 6 of a proof. Gives the sum of the tables' fractions. */
export function verifySegment(reader: Reader, transcript: Transcript, shared: Shared, segment: Segment): Ext {
  const { profile, hiding, publics, alpha, gamma } = shared;
  const { work } = profile;
  const { tables } = segment;
  const b = profile.blowUpBits;
  const top = Math.max(...tables.map((table) => table.height));
  const readRoot = (): Uint32Array => {
    const root = reader.words(8);
    transcript.absorb(root);
    return root;
  };
  const readExt = (): Ext => {
    const value = reader.ext();
    transcript.absorb(value);
    return value;
  };
  const readExts = (count: number): Ext[] => Array.from({ length: count }, readExt);
  const checkWork = (bits: number): void => {
    if (bits > 0) insist(transcript.work(bits, reader.word()), "work");
  };

  const bus = readRoot();
  const sums = tables.map((present) => (present.busColumns === 0 ? zero : readExt()));
  const lambda = transcript.element();
  const quotient = readRoot();
  const mask = hiding ? readRoot() : undefined;
  checkWork(work.point);
  const z = transcript.element();
  const values = tables.map((present): Values => {
    const { fixed, main, next } = present.table;
    return {
      fixed: readExts(fixed.length),
      main: readExts(main.length),
      bus: readExts(present.busColumns),
      quotient: readExts(5 * present.pieces),
      fixedNext: readExts(next ? fixed.length : 0),
      mainNext: readExts(next ? main.length : 0),
      busNext: readExts(present.busColumns === 0 ? 0 : 5),
    };
  });
  const maskValues = readExts(hiding ? 5 : 0);
  for (const [i, present] of tables.entries()) {
    const inDomain = equalE(powE(scale(z, inverse(shift)), 2 ** (present.height + b)), one);
    insist(!inDomain, "z is in the evaluation domain");
    present.check(values[i]!, publics, sums[i]!, alpha, gamma, lambda, z);
  }
  checkWork(work.batch);
  const phi = transcript.element();
  const folds = foldsOf(segment, b).map((fold) => {
    const root = readRoot();
    checkWork(work.fold);
    return { ...fold, root, beta: transcript.element() };
  });
  const final = readExts(8);
  checkWork(work.queries);
  const queries = Array.from({ length: profile.queries }, () => transcript.index(top + b));

  /** Positions of the queries in a domain of 2^bits points. */
  const positions = (bits: number): number[] => queries.map((query) => Math.floor(query / 2 ** (top + b - bits)));
  const fixed = shared.groups.map(({ name, height, root }): Opening | undefined => {
    const member = tables.find(({ table }) => table.group === name);
    if (member === undefined) return undefined;
    const layers = [{ bits: height + fixedBlowUpBits, width: member.table.fixed.length }];
    return readOpening(reader, root, layers, positions(height + b));
  });
  const salt = hiding ? saltWords : 0;
  const openOf = (root: Uint32Array, width: (present: Present) => number): Opening => {
    const widths = new Map<number, number>();
    for (const present of tables) {
      if (width(present) === 0) continue;
      const bits = present.height + b;
      widths.set(bits, (widths.get(bits) ?? salt) + width(present));
    }
    const layers = [...widths].map(([bits, width]) => ({ bits, width })).sort((x, y) => y.bits - x.bits);
    return readOpening(reader, root, layers, positions(layers[0]!.bits));
  };
  const opened = {
    main: openOf(segment.main, ({ table }) => table.main.length),
    bus: openOf(bus, (present) => present.busColumns),
    quotient: openOf(quotient, (present) => 5 * present.pieces),
    mask: mask && readOpening(reader, mask, [{ bits: top + b, width: 5 + salt }], queries),
  };
  const words = folds.map(
    ({ root, to, by }) => readOpening(reader, root, [{ bits: to, width: 5 * 2 ** by }], positions(to)).get(to)!,
  );

  /** The reduced word of a height, Σ φᵉ·(v − f(x))/(ζ − x), at a position. */
  const reducedWord = (height: number): ((position: number) => Ext) => {
    const bits = height + b;
    const columns: Column[] = [];
    const put = (point: 0 | 1, rows: Column["rows"] | undefined, from: number, claims: readonly Ext[]): void => {
      for (const [i, claimed] of claims.entries()) columns.push({ point, claimed, rows: rows!, at: from + i });
    };
    const from = { main: 0, bus: 0, quotient: 0 };
    for (const [i, present] of tables.entries()) {
      if (present.height !== height) continue;
      const { table } = present;
      const value = values[i]!;
      const group = shared.groups.findIndex(({ name }) => name === table.group);
      const fixedRows = fixed[group]?.get(height + fixedBlowUpBits);
      put(0, fixedRows, 0, value.fixed);
      put(0, opened.main.get(bits), from.main, value.main);
      put(0, opened.bus.get(bits), from.bus, value.bus);
      put(0, opened.quotient.get(bits), from.quotient, value.quotient);
      put(1, fixedRows, 0, value.fixedNext);
      put(1, opened.main.get(bits), from.main, value.mainNext);
      put(1, opened.bus.get(bits), from.bus + present.busColumns - 5, value.busNext);
      from.main += table.main.length;
      from.bus += present.busColumns;
      from.quotient += 5 * present.pieces;
    }
    if (height === top) put(0, opened.mask?.get(bits), 0, maskValues);
    const powers: Ext[] = [one];
    while (powers.length < columns.length) powers.push(mulE(powers.at(-1)!, phi));
    const points = [z, scale(z, rootOfUnity(height))];
    const claimed = points.map((_, point) =>
      columns.reduce((sum, c, e) => (c.point === point ? addE(sum, mulE(powers[e]!, c.claimed)) : sum), zero),
    );
    return (position) => {
      const x = ext(mul(shift, pointAt(position, bits)));
      const sums = [
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ];
      columns.forEach(({ point, rows, at }, e) => {
        const value = rows.get(position)![at]!;
        const sum = sums[point]!;
        powers[e]!.forEach((limb, k) => {
          sum[k] = add(sum[k]!, mul(limb, value));
        });
      });
      return points.map((at, i) => mulE(subE(claimed[i]!, sums[i]!), inverseE(subE(at, x)))).reduce(addE);
    };
  };
  const heights = new Set(tables.map(({ height }) => height));
  const reducedAt = new Map([...heights].map((height) => [height + b, reducedWord(height)]));

  for (const query of new Set(queries)) {
    let position = query;
    let value = reducedAt.get(top + b)!(position);
    for (const [i, { from, by, to, beta }] of folds.entries()) {
      const leaf = Math.floor(position / 2 ** by);
      const row = words[i]!.get(leaf)!;
      let neighbours: Ext[] = Array.from({ length: 2 ** by }, (_, k) => [...row.subarray(5 * k, 5 * k + 5)]);
      insist(equalE(neighbours[position % 2 ** by]!, value), "a committed word does not agree with what folds into it");
      let factor: Ext = beta;
      for (let bits = from; bits > to; bits--) {
        const first = leaf * neighbours.length;
        neighbours = Array.from({ length: neighbours.length / 2 }, (_, k) => {
          const [f, g] = [neighbours[2 * k]!, neighbours[2 * k + 1]!];
          const even = scale(addE(f, g), inverse(2));
          const odd = scale(subE(f, g), inverse(mul(2, pointAt(first + 2 * k, bits))));
          return addE(even, mulE(factor, odd));
        });
        factor = mulE(factor, factor);
      }
      position = leaf;
      value = neighbours[0]!;
      const joining = reducedAt.get(to);
      if (joining !== undefined) value = addE(value, mulE(factor, joining(position)));
    }
    const y = pointAt(position, 3 + b);
    const last = final.reduceRight((sum, coefficient) => addE(scale(sum, y), coefficient), zero);
    insist(equalE(last, value), "the last word is not the final polynomial");
  }
  return sums.reduce(addE);
}
