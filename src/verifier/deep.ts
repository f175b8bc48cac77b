/**
 * The word that the low-degree test is run on: for each height, the sum over all columns f and the points z they were
 * opened at of φ^e · (v − f(x)) / (z − x), where v is the claimed value. It is a polynomial only when every claim is
 * true (DEEP, eprint 2019/336). Exponents count up within a height: tables in order; in each table the values at z
 * (fixed, main, bus, quotient), then those at ω·z (fixed and main if the next row is read, then the running sum).
 */
import { BabyBear, Ext, Ntt } from "../field/index.ts";
import type { Openings } from "./constraints.ts";
import type { MatrixKind, Segment } from "./layout.ts";
import type { OpenedRows } from "./opening.ts";

/** A run of columns of one matrix, opened at one point with consecutive exponents. */
export type Claim = {
  readonly place: number;
  readonly kind: MatrixKind;
  /** First column of the run within the matrix. */
  readonly from: number;
  readonly values: readonly Ext.Ext[];
  readonly exponent: number;
};

export type HeightClaims = {
  readonly logHeight: number;
  /** Opened at z and at ω·z, ω the generator of this height. */
  readonly here: readonly Claim[];
  readonly next: readonly Claim[];
  readonly count: number;
};

/** All claims of a segment, tallest height first. `mask` is the five limbs of the mask at z. */
export function claims(segment: Segment, openings: readonly Openings[], mask: readonly Ext.Ext[]): HeightClaims[] {
  const heights = [...new Set(segment.tables.map((placed) => placed.logHeight))].sort((a, b) => b - a);
  return heights.map((logHeight) => {
    const here: Claim[] = [];
    const next: Claim[] = [];
    let exponent = 0;
    const put = (list: Claim[], place: number, kind: MatrixKind, from: number, values: readonly Ext.Ext[]): void => {
      if (values.length === 0) return;
      list.push({ place, kind, from, values, exponent });
      exponent += values.length;
    };
    segment.tables.forEach((placed, place) => {
      if (placed.logHeight !== logHeight) return;
      const open = openings[place]!;
      put(here, place, "fixed", 0, open.fixed);
      put(here, place, "main", 0, open.main);
      put(here, place, "bus", 0, open.bus);
      put(here, place, "quotient", 0, open.quotient);
      put(next, place, "fixed", 0, open.nextFixed);
      put(next, place, "main", 0, open.nextMain);
      put(next, place, "bus", placed.busColumns - 5, open.nextBus);
    });
    if (segment.hiding && logHeight === segment.logMax) put(here, -1, "mask", 0, mask);
    return { logHeight, here, next, count: exponent };
  });
}

/** Values of the reduced word of one height at the given positions of its bit-reversed order. */
export function reducedWord(
  segment: Segment,
  height: HeightClaims,
  opened: readonly OpenedRows[],
  positions: readonly number[],
  z: Ext.Ext,
  phi: Ext.Ext,
): Map<number, Ext.Ext> {
  const logLength = height.logHeight + segment.blowupBits;
  const powers = Ext.powers(phi, height.count);
  const nextZ = Ext.mulBase(z, BabyBear.rootOfUnity(height.logHeight));
  const groups = [
    { point: z, claims: height.here },
    { point: nextZ, claims: height.next },
  ].filter((group) => group.claims.length > 0);
  const prepared = groups.map((group) => ({
    point: group.point,
    claimed: group.claims.reduce(
      (sum, claim) => claim.values.reduce((s, v, i) => Ext.add(s, Ext.mul(v, powers[claim.exponent + i]!)), sum),
      Ext.ZERO,
    ),
    runs: group.claims.map((claim) => ({
      rows: opened.find((rows) => rows.matrix.place === claim.place && rows.matrix.kind === claim.kind)!.rows,
      from: claim.from,
      weights: Uint32Array.from(powers.slice(claim.exponent, claim.exponent + claim.values.length).flat()),
    })),
  }));
  const root = BabyBear.rootOfUnity(logLength);
  const points = positions.map((position) =>
    BabyBear.mul(BabyBear.GENERATOR, BabyBear.pow(root, Ntt.reverseBits(position, logLength))),
  );
  const inverses = prepared.map((group) => Ext.invAll(points.map((x) => Ext.subBase(group.point, x))));
  const word = new Map<number, Ext.Ext>();
  positions.forEach((position, i) => {
    let value: Ext.Ext = Ext.ZERO;
    prepared.forEach((group, g) => {
      let sum: Ext.Ext = Ext.ZERO;
      for (const run of group.runs) sum = Ext.add(sum, weigh(run.rows.get(position)!, run.from, run.weights));
      value = Ext.add(value, Ext.mul(Ext.sub(group.claimed, sum), inverses[g]![i]!));
    });
    word.set(position, value);
  });
  return word;
}

/** Σ weightᵢ · row[from+i]; sums of products stay exact in double precision up to 2^22 terms. */
function weigh(row: Uint32Array, from: number, weights: Uint32Array): Ext.Ext {
  const { mul, of } = BabyBear;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  for (let w = 0, i = from; w < weights.length; w += 5, i++) {
    const value = row[i]!;
    s0 += mul(value, weights[w]!);
    s1 += mul(value, weights[w + 1]!);
    s2 += mul(value, weights[w + 2]!);
    s3 += mul(value, weights[w + 3]!);
    s4 += mul(value, weights[w + 4]!);
  }
  return [of(s0), of(s1), of(s2), of(s3), of(s4)];
}
