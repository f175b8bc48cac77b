/**
 * Proven soundness, from published theorems and no conjecture. Every challenge is a round; a cheating prover must be
 * lucky in one of them, and proof of work makes each try at a round dearer. The security level is that of the weakest
 * round (round-by-round soundness, as in ethSTARK and in the Ethereum Foundation's soundcalc, whose formulas these are
 * except where noted).
 *
 * - Unique decoding: distance θ = (1−ρ)/2, one candidate; a random combination of l+1 words by powers errs with at
 *   most l·|D|/|F| (Ben-Sasson, Carmon, Ishai, Kopparty, Saraf 2020, theorem 1.5).
 * - Johnson: θ = 1 − √ρ − η with η = √ρ/m, at most m/(2ρ) candidates; such a combination errs with at most
 *   l·((2·(m+½)⁵ + 3·(m+½)·θ·ρ)/(3·ρ^1.5)·|D| + (m+½)/√ρ)/|F| (Ben-Sasson, Carmon, Haböck, Kopparty, Saraf 2025,
 *   theorem 4.2). m is chosen so that the weakest round is strongest.
 */
import { BabyBear } from "../field/index.ts";
import { MAX_DEGREE } from "./air.ts";
import { activeRows, HIDDEN_ROWS, type Segment } from "./layout.ts";
import type { Profile } from "./Profile.ts";

export type SoundnessTerm = {
  readonly round: string;
  /** log2 of one over the error, proof of work included. */
  readonly bits: number;
  readonly grinding: number;
  readonly formula: string;
};

export type Soundness = {
  readonly regime: Profile["regime"];
  /** The parameter of the Johnson regime. */
  readonly m: number | undefined;
  readonly terms: readonly SoundnessTerm[];
  /** The weakest round, rounded down. */
  readonly bits: number;
};

/** log2 |F| for the extension. The logarithm is only ever shown, never hashed. */
const FIELD_BITS = 5 * Math.log2(BabyBear.P);
/** A collision of a 256-bit hash costs this much. */
const HASH_BITS = 128;
const JOHNSON_MAX_M = 1000;

type Regime = {
  readonly theta: number;
  readonly candidates: number;
  /** log2 of the error of combining two words over a domain of 2^logDomain points, times |F|. */
  readonly gap: (logDomain: number) => number;
};

const uniqueDecoding = (rate: number): Regime => ({
  theta: (1 - rate) / 2,
  candidates: 1,
  gap: (logDomain) => logDomain,
});

function johnson(rate: number, m: number): Regime {
  const root = Math.sqrt(rate);
  const theta = 1 - root - root / m;
  const shifted = m + 0.5;
  return {
    theta,
    candidates: m / (2 * rate),
    gap: (logDomain) =>
      Math.log2(
        ((2 * shifted ** 5 + 3 * shifted * theta * rate) / (3 * rate * root)) * 2 ** logDomain + shifted / root,
      ),
  };
}

/** Soundness of a proof of segments of this shape; `messages` are those of the statement. */
export function soundness(segments: readonly Segment[], profile: Profile, messages: number): Soundness {
  const rate = 2 ** -profile.blowupBits;
  if (profile.regime === "unique decoding") {
    return result(profile, undefined, terms(segments, profile, messages, uniqueDecoding(rate)));
  }
  let best: Soundness | undefined;
  for (let m = 3; m <= JOHNSON_MAX_M; m++) {
    const candidate = result(profile, m, terms(segments, profile, messages, johnson(rate, m)));
    const weakest = (of: Soundness): number => Math.min(...of.terms.map((term) => term.bits));
    if (best === undefined || weakest(candidate) > weakest(best)) best = candidate;
  }
  return best!;
}

const result = (profile: Profile, m: number | undefined, list: readonly SoundnessTerm[]): Soundness => ({
  regime: profile.regime,
  m,
  terms: list,
  bits: Math.floor(Math.min(...list.map((term) => term.bits))),
});

function terms(segments: readonly Segment[], profile: Profile, messages: number, regime: Regime): SoundnessTerm[] {
  const { grinding } = profile;
  const list: SoundnessTerm[] = [];
  const put = (round: string, error: number, work: number, formula: string): void => {
    list.push({ round, bits: FIELD_BITS - error + work, grinding: work, formula });
  };
  const { log2 } = Math;
  const all = segments.flatMap((segment) => segment.tables.map((placed) => ({ segment, placed })));
  const interactions = all.flatMap(({ placed }) => placed.table.interactions);
  const fractions =
    messages +
    all.reduce((sum, { segment, placed }) => {
      return sum + activeRows(placed, segment.hiding) * placed.table.interactions.length;
    }, 0);
  const width = Math.max(1, ...interactions.map((interaction) => interaction.tuple.length));
  // Ours: the numerator of the sum and the product of its denominators are polynomials of degree N·W in α and γ.
  put(
    "bus challenges",
    log2(2 * fractions * width),
    grinding.bus,
    `2·N·W/|F|, N = ${fractions} fractions, W = ${width}`,
  );

  const constraints = Math.max(
    ...segments.map((segment) =>
      segment.tables.reduce(
        (sum, placed) => sum + placed.table.constraints.length + placed.batches.length + (segment.hiding ? 2 : 0),
        0,
      ),
    ),
  );
  put("folding of constraints", log2(regime.candidates * constraints), 0, `L·${constraints}/|F|`);

  const logMax = Math.max(...segments.map((segment) => segment.logMax));
  const degree = MAX_DEGREE * 2 ** logMax + 2 ** logMax + (segments.some((s) => s.hiding) ? HIDDEN_ROWS : 0);
  put("point", log2(regime.candidates * degree), grinding.point, `L·(${MAX_DEGREE}+1)·n/|F|, n = 2^${logMax}`);

  const batch = Math.max(...segments.map((segment) => batchError(segment, regime)));
  put("batch of columns", batch, grinding.batch, "Σ over heights of (columns − 1) · gap(domain)/|F|");

  for (const [i, fold] of longest(segments).folds.entries()) {
    // Folding by 2^bits is a combination of degree 2^bits − 1; a table that joins makes it one more.
    const error = log2(2 ** fold.bits) + regime.gap(fold.logLength - fold.bits);
    put(`fold ${i + 1}`, error, grinding.fold, `${2 ** fold.bits}·gap(2^${fold.logLength - fold.bits})/|F|`);
  }

  const perQuery = -log2(1 - regime.theta);
  list.push({
    round: "queries",
    bits: profile.queries * perQuery + grinding.query,
    grinding: grinding.query,
    formula: `(1 − θ)^${profile.queries}, θ = ${regime.theta.toFixed(5)}, ${perQuery.toFixed(5)} bits a query`,
  });
  list.push({ round: "hash", bits: HASH_BITS, grinding: 0, formula: "collisions of BLAKE3 with 256 bits" });
  return list;
}

const longest = (segments: readonly Segment[]): Segment =>
  segments.reduce((a, b) => (b.folds.length > a.folds.length || b.logMax > a.logMax ? b : a));

function batchError(segment: Segment, regime: Regime): number {
  const columns = new Map<number, number>();
  for (const placed of segment.tables) {
    const opened = placed.table.fixed.length + placed.table.main.length;
    const next = (placed.table.usesNext ? opened : 0) + (placed.busColumns === 0 ? 0 : 5);
    const count = opened + next + placed.busColumns + placed.quotientColumns;
    columns.set(placed.logHeight, (columns.get(placed.logHeight) ?? 0) + count);
  }
  let sum = 0;
  for (const [logHeight, count] of columns) sum += count * 2 ** regime.gap(logHeight + segment.blowupBits);
  return Math.log2(sum);
}
