/**
 * Security profiles. A profile names its regime of decoding and reaches its bits by proven bounds only
 * (see `soundness.ts`); the parameters are part of the transcript.
 */
export type Profile = {
  readonly name: "std100" | "std128" | "compact100";
  /** The byte that stands for the profile in a proof. */
  readonly code: number;
  readonly bits: number;
  readonly regime: "unique decoding" | "Johnson";
  /** log2 of the size of the evaluation domain over the height of a table. */
  readonly blowupBits: number;
  readonly queries: number;
  /** Proof of work, in bits, before each kind of challenge. */
  readonly grinding: {
    readonly bus: number;
    readonly point: number;
    readonly batch: number;
    readonly fold: number;
    readonly query: number;
  };
};

export const PROFILES: readonly Profile[] = [
  {
    name: "std100",
    code: 1,
    bits: 100,
    regime: "unique decoding",
    blowupBits: 1,
    queries: 193,
    grinding: { bus: 0, point: 0, batch: 0, fold: 0, query: 20 },
  },
  {
    name: "std128",
    code: 2,
    bits: 128,
    regime: "unique decoding",
    blowupBits: 1,
    queries: 262,
    grinding: { bus: 16, point: 5, batch: 16, fold: 5, query: 20 },
  },
  {
    name: "compact100",
    code: 3,
    bits: 100,
    regime: "Johnson",
    blowupBits: 2,
    queries: 84,
    grinding: { bus: 0, point: 0, batch: 10, fold: 0, query: 20 },
  },
];

export const STD100: Profile = PROFILES[0]!;

export const byName = (name: string): Profile | undefined => PROFILES.find((profile) => profile.name === name);
export const byCode = (code: number): Profile | undefined => PROFILES.find((profile) => profile.code === code);
