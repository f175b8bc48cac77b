/** What `tb explain CODE` prints: the rule behind a problem, with a wrong and a right example. */
export type Explanation = {
  /** A few words, as a heading. */
  readonly title: string;
  /** Why the rule exists and what to do, in plain words. */
  readonly explanation: string;
  /** TEL text that produces exactly this code. Left out only where it would fill pages. */
  readonly wrong?: string;
  /** The same, repaired: no problem at all. */
  readonly right?: string;
};

/** One file of the table: code → explanation. */
export type Explanations = Readonly<Record<string, Explanation>>;
