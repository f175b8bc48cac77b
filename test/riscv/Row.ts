/**
 * One row of a table on its own: which constraints fail, which lookups are not in their tables, and what it says on
 * the buses that tie rows together. This is how the mutation tests look at a witness: the counts of lookups are the
 * prover's to choose, so a lookup is only wrong when no table holds it; everything else must be answered elsewhere.
 */
import { BabyBear } from "../../src/field/index.ts";
import { Air } from "../../src/verifier/index.ts";

export type RowCheck = {
  /** Constraints that fail and lookups that no table holds. */
  readonly failures: readonly string[];
  /** Messages on all other buses, sorted: the row's relation to the rest. */
  readonly messages: string;
};

export type Lookups = {
  /** Tuples of the program bus. */
  readonly program: ReadonlySet<string>;
  readonly publics: readonly number[];
};

const isByte = (value: number): boolean => value < 256;

function holds(bus: string, tuple: readonly number[], lookups: Lookups): boolean | undefined {
  const [a, b, c] = tuple as [number, number, number];
  switch (bus) {
    case "range":
      return a < 65536;
    case "pair":
      return isByte(a) && isByte(b);
    case "and":
      return isByte(a) && isByte(b) && c === (a & b);
    case "program":
      return lookups.program.has(tuple.join());
    default:
      return undefined;
  }
}

/** Evaluates expressions on a row; `below` is the next one. */
export const ringOf = (
  row: readonly number[],
  below: readonly number[],
  publics: readonly number[],
): Air.Ring<number> => ({
  constant: (value) => value,
  main: (index, next) => (next ? below : row)[index]!,
  fixed: () => {
    throw new Error("a table with fixed columns has no rows of its own");
  },
  public: (index) => publics[index]!,
  add: BabyBear.add,
  sub: BabyBear.sub,
  mul: BabyBear.mul,
});

/** `above` and `below` are the neighbours, for tables that look at them. */
export function checkRow(
  table: Air.Table,
  row: readonly number[],
  lookups: Lookups,
  neighbours?: { readonly above?: readonly number[]; readonly below: readonly number[] },
): RowCheck {
  const failures: string[] = [];
  const messages: string[] = [];
  const zeros = table.main.map(() => 0);
  const here = ringOf(row, neighbours?.below ?? zeros, lookups.publics);
  const before = neighbours?.above && ringOf(neighbours.above, row, lookups.publics);
  for (const { name, when, expr } of table.constraints) {
    if (when === "first" && (neighbours === undefined || neighbours.above !== undefined)) continue;
    if (Air.evaluate(expr, here) !== 0) failures.push(name);
    if (when === "step" && before !== undefined && Air.evaluate(expr, before) !== 0) failures.push(`${name} (above)`);
  }
  for (const { bus, sign, multiplicity, tuple } of table.interactions) {
    const times = Air.evaluate(multiplicity, here);
    if (times === 0) continue;
    const values = tuple.map((term) => Air.evaluate(term, here));
    const known = sign === 1 ? holds(bus.name, values, lookups) : undefined;
    if (known === false) failures.push(`${bus.name}(${values.join()})`);
    if (known === undefined || times !== 1) messages.push(`${sign * times} ${bus.name}(${values.join()})`);
  }
  return { failures, messages: messages.sort().join("\n") };
}

/** A row of columns; zeros past their end. */
export const rowAt = (columns: readonly Uint32Array[], row: number): number[] =>
  columns.map((column) => column[row] ?? 0);
