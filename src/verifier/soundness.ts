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
 *
 * Segments are tested for low degree one by one. All that was committed within a segment is close to one of L joint
 * candidates, but a prover who has drawn the bus challenges may still choose another candidate in each of S segments:
 * L^S choices, none of which may balance. So only few segments can be proven in the Johnson regime.
 */
import { BabyBear } from "../field/index.ts";
import { MAX_DEGREE } from "./air.ts";
import { activeRows, type Fold, HIDDEN_ROWS, type Segment } from "./layout.ts";
import { log2 } from "./log2.ts";
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

/** log2 |F| for the extension. */
const FIELD_BITS = 5 * log2(BabyBear.P);
/** A collision of a 256-bit hash costs this much. */
const HASH_BITS = 128;
const JOHNSON_MAX_M = 1000;
const MASK_COLUMNS = 5;

type Regime = {
  readonly theta: number;
  readonly candidates: number;
  /** The error of combining two words over a domain of 2^logDomain points, times |F|. */
  readonly gap: (logDomain: number) => number;
};

const uniqueDecoding = (rate: number): Regime => ({
  theta: (1 - rate) / 2,
  candidates: 1,
  gap: (logDomain) => 2 ** logDomain,
});

function johnson(rate: number, m: number): Regime {
  const root = Math.sqrt(rate);
  const theta = 1 - root - root / m;
  const shifted = m + 0.5;
  const fifth = shifted * shifted * shifted * shifted * shifted;
  return {
    theta,
    candidates: m / (2 * rate),
    gap: (logDomain) =>
      ((2 * fifth + 3 * shifted * theta * rate) / (3 * rate * root)) * 2 ** logDomain + shifted / root,
  };
}

/** Soundness of a proof of segments of this shape; `messages` are those of the statement. */
export function soundness(segments: readonly Segment[], profile: Profile, messages: number): Soundness {
  const rate = 2 ** -profile.blowupBits;
  const figures = figuresOf(segments, messages);
  if (profile.regime === "unique decoding") {
    return result(profile, undefined, terms(figures, profile, uniqueDecoding(rate)));
  }
  let best: Soundness | undefined;
  for (let m = 3; m <= JOHNSON_MAX_M; m++) {
    const candidate = result(profile, m, terms(figures, profile, johnson(rate, m)));
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

/** What the errors depend on. */
type Figures = {
  readonly segments: number;
  readonly fractions: number;
  /** Fields of the widest tuple. */
  readonly width: number;
  /** Of the segment with the most. */
  readonly constraints: number;
  readonly logMax: number;
  /** Of the constraints' polynomials, at most. */
  readonly degree: number;
  /** For each different shape of a segment: how many values are batched, by log2 of the domain. */
  readonly columns: readonly ReadonlyMap<number, number>[];
  readonly folds: readonly Fold[];
};

function figuresOf(segments: readonly Segment[], messages: number): Figures {
  let fractions = messages;
  let width = 1;
  let constraints = 0;
  const columns = new Map<string, ReadonlyMap<number, number>>();
  for (const segment of segments) {
    let own = 0;
    for (const placed of segment.tables) {
      const { interactions } = placed.table;
      fractions += activeRows(placed, segment.hiding) * interactions.length;
      width = Math.max(width, ...interactions.map((interaction) => interaction.tuple.length));
      own += placed.table.constraints.length + placed.batches.length + (segment.hiding ? 2 : 0);
    }
    constraints = Math.max(constraints, own);
    const batched = columnsOf(segment);
    columns.set(JSON.stringify([...batched]), batched);
  }
  // The folds of the tallest tables err most.
  const tallest = segments.reduce((a, b) => (b.logMax > a.logMax ? b : a));
  const { logMax, folds, hiding } = tallest;
  const degree = (MAX_DEGREE + 1) * 2 ** logMax + (hiding ? HIDDEN_ROWS : 0);
  const distinct = [...columns.values()];
  return { segments: segments.length, fractions, width, constraints, logMax, degree, columns: distinct, folds };
}

function columnsOf(segment: Segment): ReadonlyMap<number, number> {
  const columns = new Map<number, number>();
  const add = (logHeight: number, count: number): void => {
    const logDomain = logHeight + segment.blowupBits;
    columns.set(logDomain, (columns.get(logDomain) ?? 0) + count);
  };
  for (const placed of segment.tables) {
    const opened = placed.table.fixed.length + placed.table.main.length;
    const next = (placed.table.usesNext ? opened : 0) + (placed.busColumns === 0 ? 0 : 5);
    add(placed.logHeight, opened + next + placed.busColumns + placed.quotientColumns);
  }
  if (segment.hiding) add(segment.logMax, MASK_COLUMNS);
  return columns;
}

function terms(figures: Figures, profile: Profile, regime: Regime): SoundnessTerm[] {
  const { segments, fractions, width, constraints, logMax, degree } = figures;
  const { grinding } = profile;
  const list: SoundnessTerm[] = [];
  const put = (round: string, error: number, work: number, formula: string): void => {
    list.push({ round, bits: FIELD_BITS - error + work, grinding: work, formula });
  };
  const choices = regime.candidates === 1 ? "" : `L^${segments}·`;
  put(
    "bus challenges",
    busError(fractions, width, segments, regime),
    grinding.bus,
    `${choices}2·N·W/|F|, N = ${fractions} fractions, W = ${width}`,
  );
  put("folding of constraints", log2(regime.candidates * constraints), 0, `L·${constraints}/|F|`);
  put("point", log2(regime.candidates * degree), grinding.point, `L·(${MAX_DEGREE}+1)·n/|F|, n = 2^${logMax}`);
  const batches = figures.columns.map((columns) =>
    [...columns].reduce((sum, [logDomain, count]) => sum + count * regime.gap(logDomain), 0),
  );
  put("batch of columns", log2(Math.max(...batches)), grinding.batch, "Σ over heights of columns · gap(domain)/|F|");
  for (const [i, fold] of figures.folds.entries()) {
    // Folding by 2^bits is a combination of degree 2^bits − 1; a table that joins makes it one more.
    const error = fold.bits + log2(regime.gap(fold.logLength - fold.bits));
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

/** Ours: the numerator of the sum and the product of its denominators are polynomials of degree N·W in α and γ. */
const busError = (fractions: number, width: number, segments: number, regime: Regime): number =>
  segments * log2(regime.candidates) + log2(2 * fractions * width);

/**
 * The segments that a proof of this profile may have and still reach its bits, however many messages they exchange
 * (a proof holds fewer than p), of tuples of up to `width` fields. Infinite for unique decoding.
 */
export function mostSegments(profile: Profile, width: number): number {
  if (profile.regime === "unique decoding") return Number.POSITIVE_INFINITY;
  const rate = 2 ** -profile.blowupBits;
  const reached = (segments: number): boolean => {
    for (let m = 3; m <= JOHNSON_MAX_M; m++) {
      const regime = johnson(rate, m);
      const bus = FIELD_BITS + profile.grinding.bus - busError(BabyBear.P, width, segments, regime);
      const queries = profile.grinding.query - profile.queries * log2(1 - regime.theta);
      if (Math.min(bus, queries) >= profile.bits) return true;
    }
    return false;
  };
  let most = 0;
  while (reached(most + 1)) most++;
  return most;
}
