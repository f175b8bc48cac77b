/** proof.md, "Proven soundness". */

export type Profile = {
  name: string;
  promised: number;
  blowUpBits: number;
  queries: number;
  johnson: boolean;
  work: { bus: number; point: number; batch: number; fold: number; queries: number };
};

export const profiles: ReadonlyMap<number, Profile> = new Map([
  [
    1,
    {
      name: "std100",
      promised: 100,
      blowUpBits: 1,
      queries: 193,
      johnson: false,
      work: { bus: 0, point: 0, batch: 0, fold: 0, queries: 20 },
    },
  ],
  [
    2,
    {
      name: "std128",
      promised: 128,
      blowUpBits: 1,
      queries: 262,
      johnson: false,
      work: { bus: 16, point: 5, batch: 16, fold: 5, queries: 20 },
    },
  ],
  [
    3,
    {
      name: "compact100",
      promised: 100,
      blowUpBits: 2,
      queries: 84,
      johnson: true,
      work: { bus: 0, point: 0, batch: 10, fold: 0, queries: 20 },
    },
  ],
]);

/** What the bits of a segment depend on. */
export type Shape = {
  /** Fractions of its active rows, and the fields of the widest tuple. */
  fractions: number;
  fields: number;
  constraints: number;
  /** log₂ of the tallest table. */
  height: number;
  /** For each length of a domain, by log₂: how many values are batched. */
  columns: ReadonlyMap<number, number>;
  /** For each fold: log₂ of how many become one, log₂ of the length of the result. */
  folds: readonly { by: number; to: number }[];
};

/** Of a proof with segments of these shapes, and `said` messages of its statement. */
export function bits(profile: Profile, shapes: readonly Shape[], said: number): number {
  if (!profile.johnson) return level(profile, shapes, said, 0);
  return Math.max(...Array.from({ length: 998 }, (_, i) => level(profile, shapes, said, i + 3)));
}

function level(profile: Profile, shapes: readonly Shape[], said: number, m: number): number {
  const { log2, sqrt } = Math;
  const { work } = profile;
  const field = 5 * log2(2013265921);
  const rho = 2 ** -profile.blowUpBits;
  const theta = profile.johnson ? 1 - sqrt(rho) * (1 + 1 / m) : (1 - rho) / 2;
  const list = profile.johnson ? m / (2 * rho) : 1;
  const gap = (length: number): number =>
    profile.johnson
      ? ((2 * (m + 0.5) ** 5 + 3 * (m + 0.5) * theta * rho) / (3 * rho ** 1.5)) * length + (m + 0.5) / sqrt(rho)
      : length;
  const fractions = shapes.reduce((sum, shape) => sum + shape.fractions, said);
  const fields = Math.max(...shapes.map((shape) => shape.fields));
  const bus = field + work.bus - log2(2 * fractions * fields) - shapes.length * log2(list);
  const rest = shapes.flatMap((shape) => [
    field - log2(list * shape.constraints),
    field + work.point - log2(list * 4 * 2 ** shape.height),
    field + work.batch - log2([...shape.columns].reduce((sum, [length, count]) => sum + count * gap(2 ** length), 0)),
    ...shape.folds.map(({ by, to }) => field + work.fold - log2(2 ** by * gap(2 ** to))),
  ]);
  return Math.min(bus, ...rest, work.queries - profile.queries * log2(1 - theta), 128);
}
