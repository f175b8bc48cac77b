/**
 * The shape of a segment: which tables take part, at which height, with how many columns in which tree, and the
 * schedule of folds. Prover and verifier compute it from the same small header; nothing else in a proof has a length.
 */
import { degree, type FixedGroup, type Interaction, MAX_DEGREE, type Machine, type Table } from "./air.ts";
import type * as Blake3 from "./Blake3.ts";
import type { Profile } from "./Profile.ts";

/** Heights of tables: at least one vector register of rows after every split, at most what 32-bit memory can extend. */
export const MIN_LOG_HEIGHT = 4;
export const MAX_LOG_HEIGHT = 22;
/** Stands for a table that takes no part. */
export const ABSENT = 255;
export const MAX_SEGMENTS_COUNT = 4096;
/** The last polynomial of the folding has 2^3 coefficients. */
export const FINAL_LOG_DEGREE = 3;
/** At most eight values are folded into one. */
export const MAX_FOLD_BITS = 3;
/** Keys are committed once, at the largest blow-up of any profile. */
export const KEY_BLOWUP_BITS = 2;
/** Hiding: the last rows of each table are random and outside of the constraints; more than a profile ever reveals. */
export const HIDDEN_ROWS = 1024;
/** Hiding: below this height the pieces of a quotient would not hold it. */
export const MIN_HIDING_LOG_HEIGHT = 12;
/** Hiding: random words behind each opened row. */
export const SALT_WORDS = 8;

/** The least k with 2^k ≥ count. */
export const ceilLog2 = (count: number): number => (count <= 1 ? 0 : 32 - Math.clz32(count - 1));

/** Interactions that share one column of inverses: the sum of m/d over the batch. */
export type Batch = readonly Interaction[];

const denominatorDegree = (interaction: Interaction): number => Math.max(0, ...interaction.tuple.map(degree));

function fits(batch: Batch): boolean {
  const total = batch.reduce((sum, one) => sum + denominatorDegree(one), 0);
  const numerator = Math.max(...batch.map((one) => degree(one.multiplicity) + total - denominatorDegree(one)));
  return 1 + total <= MAX_DEGREE && numerator <= MAX_DEGREE;
}

/** Tables are values that never change, so each is sorted into batches once: a proof may have thousands of segments. */
const known = new WeakMap<Table, readonly Batch[]>();

export function batches(table: Table): readonly Batch[] {
  const before = known.get(table);
  if (before !== undefined) return before;
  const list = firstFit(table);
  known.set(table, list);
  return list;
}

/** First fit, in the order of declaration. */
function firstFit(table: Table): Batch[] {
  const list: Interaction[][] = [];
  for (const interaction of table.interactions) {
    const open = list.find((batch) => fits([...batch, interaction]));
    if (open === undefined) list.push([interaction]);
    else open.push(interaction);
  }
  return list;
}

export type Placed = {
  readonly table: Table;
  readonly index: number;
  readonly logHeight: number;
  readonly batches: readonly Batch[];
  /** One column of inverses for each batch but the last, whose terms go into the running sum; five limbs each. */
  readonly busColumns: number;
  readonly quotientColumns: number;
};

/** The fixed columns of a group of tables, committed: the verifier's key. */
export type Key = { readonly root: Blake3.Digest; readonly logHeights: readonly number[] };
export type Keys = { readonly constants?: Key | undefined; readonly program?: Key | undefined };

export const groupTables = (machine: Machine, group: FixedGroup): Table[] =>
  machine.tables.filter((table) => table.fixedGroup === group);

/** The height that the key gives a table, or undefined for one without fixed columns. */
export function keyHeight(machine: Machine, keys: Keys, table: Table): number | undefined {
  if (table.fixedGroup === undefined) return undefined;
  return keys[table.fixedGroup]?.logHeights[groupTables(machine, table.fixedGroup).indexOf(table)];
}

export type MatrixKind = "fixed" | "main" | "bus" | "quotient" | "mask";
export type Matrix = {
  /** Position in `Segment.tables`; −1 for the mask. */
  readonly place: number;
  readonly kind: MatrixKind;
  readonly columns: number;
  /** log2 of the number of committed rows. */
  readonly logRows: number;
};

export type Tree = {
  readonly name: FixedGroup | "main" | "bus" | "quotient" | "mask";
  /** log2 of the number of leaves. */
  readonly logLeaves: number;
  readonly matrices: readonly Matrix[];
  readonly salted: boolean;
};

export type Fold = {
  /** log2 of the length of the word that is folded, and of how many values fold into one. */
  readonly logLength: number;
  readonly bits: number;
};

export type Segment = {
  readonly tables: readonly Placed[];
  readonly logMax: number;
  readonly blowupBits: number;
  readonly hiding: boolean;
  readonly trees: readonly Tree[];
  readonly folds: readonly Fold[];
};

/** Lays a segment out; `heights` holds log2 of the height, or ABSENT, for each table of the machine. */
export function segment(
  machine: Machine,
  heights: ArrayLike<number>,
  keys: Keys,
  profile: Profile,
  hiding: boolean,
): Segment {
  const tables: Placed[] = [];
  machine.tables.forEach((table, index) => {
    const logHeight = heights[index]!;
    if (logHeight === ABSENT) return;
    const grouped = batches(table);
    tables.push({
      table,
      index,
      logHeight,
      batches: grouped,
      busColumns: 5 * grouped.length,
      quotientColumns: 5 * (hiding ? MAX_DEGREE : MAX_DEGREE - 1),
    });
  });
  const logMax = Math.max(...tables.map((placed) => placed.logHeight));
  const trees: Tree[] = [];
  for (const group of ["constants", "program"] as const) {
    const key = keys[group];
    if (key === undefined || !tables.some((placed) => placed.table.fixedGroup === group)) continue;
    const matrices = tables.flatMap((placed, place): Matrix[] =>
      placed.table.fixedGroup === group
        ? [{ place, kind: "fixed", columns: placed.table.fixed.length, logRows: placed.logHeight + KEY_BLOWUP_BITS }]
        : [],
    );
    trees.push(tree(group, matrices, false));
  }
  const committed = (kind: "main" | "bus" | "quotient", columns: (placed: Placed) => number): void => {
    const matrices = tables.flatMap((placed, place): Matrix[] =>
      columns(placed) === 0
        ? []
        : [{ place, kind, columns: columns(placed), logRows: placed.logHeight + profile.blowupBits }],
    );
    if (matrices.length > 0) trees.push(tree(kind, matrices, hiding));
  };
  committed("main", (placed) => placed.table.main.length);
  committed("bus", (placed) => placed.busColumns);
  committed("quotient", (placed) => placed.quotientColumns);
  if (hiding) {
    trees.push(tree("mask", [{ place: -1, kind: "mask", columns: 5, logRows: logMax + profile.blowupBits }], true));
  }
  return { tables, logMax, blowupBits: profile.blowupBits, hiding, trees, folds: foldSchedule(tables, profile) };
}

const tree = (name: Tree["name"], matrices: readonly Matrix[], salted: boolean): Tree => ({
  name,
  matrices,
  salted,
  logLeaves: Math.max(...matrices.map((matrix) => matrix.logRows)),
});

/** Folds by eight where no table joins in between, and never past a length at which one does. */
function foldSchedule(tables: readonly Placed[], profile: Profile): Fold[] {
  const stops = new Set(tables.map((placed) => placed.logHeight + profile.blowupBits));
  const final = FINAL_LOG_DEGREE + profile.blowupBits;
  const folds: Fold[] = [];
  let length = Math.max(...stops);
  while (length > final) {
    let bits = 1;
    while (bits < MAX_FOLD_BITS && length - bits > final && !stops.has(length - bits)) bits++;
    folds.push({ logLength: length, bits });
    length -= bits;
  }
  return folds;
}

/** Heights of the matrices of a tree, tallest first, with the words of a row at that height. */
export function rowGroups(of: Tree): { logRows: number; matrices: Matrix[]; words: number }[] {
  const heights = [...new Set(of.matrices.map((matrix) => matrix.logRows))].sort((a, b) => b - a);
  return heights.map((logRows) => {
    const matrices = of.matrices.filter((matrix) => matrix.logRows === logRows);
    const columns = matrices.reduce((sum, matrix) => sum + matrix.columns, 0);
    return { logRows, matrices, words: columns + (of.salted ? SALT_WORDS : 0) };
  });
}

/** Rows under the constraints. */
export const activeRows = (placed: Placed, hiding: boolean): number =>
  2 ** placed.logHeight - (hiding ? HIDDEN_ROWS : 0);

/**
 * Coefficients of the quotient in each of its pieces. Hiding pieces are shorter than the table, to leave room for the
 * random terms that one piece has too much and the next too little.
 */
export const pieceLength = (placed: Placed, hiding: boolean): number => activeRows(placed, hiding);
