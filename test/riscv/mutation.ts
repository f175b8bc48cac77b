/**
 * Soundness by mutation, at the level of tables. `flipTable` changes one cell of an honest witness; `search` helps
 * `forgeTable`, which gives an instruction a wrong outcome and looks for a row that would carry it.
 */
import { BabyBear } from "../../src/field/index.ts";
import { Air, checkTrace } from "../../src/verifier/index.ts";
import { checkRow, type Lookups, ringOf, rowAt } from "./Row.ts";
import type { Random } from "./randomProgram.ts";
import type { honest } from "./tables.ts";

export type Run = ReturnType<typeof honest>;

export function lookupsOf(run: Run): Lookups {
  const columns = run.check.fixed.get("program")!.slice(0, 11);
  const program = new Set<string>();
  for (let row = 0; row < columns[0]!.length; row++) program.add(columns.map((column) => column[row]!).join());
  return { program, publics: run.check.publics ?? [] };
}

export type Tally = { total: number; killed: number; readonly survivors: Map<string, number> };

/** A column that is free on some rows, and why that forges nothing. */
type Free = {
  readonly table: string;
  readonly columns: readonly string[];
  readonly when: (cell: Cell) => boolean;
  readonly why: string;
};
type Cell = (column: string) => number;

const INSTRUCTIONS_WITH_CONSTANTS = ["add", "bitwise", "compare", "shift"];

export const FREE: readonly Free[] = [
  ...INSTRUCTIONS_WITH_CONSTANTS.map((table) => ({
    table,
    columns: ["rs2.last", "rs2.low"],
    when: (cell: Cell) => cell("immediate") === 1,
    why: "with a constant no second register is read, so these say nothing on any bus",
  })),
  {
    table: "branch",
    columns: ["inverse"],
    when: (cell) => cell("equal") === 1,
    why: "the inverse of a difference of 0 is multiplied by 0",
  },
  {
    table: "divide",
    columns: ["inverse", "d.0", "d.1", "d.2", "d.3"],
    when: (cell) => cell("zero") === 1,
    why: "with a divisor of 0 there is no bound on the remainder; the dividend is the remainder by the product",
  },
  {
    table: "boundary",
    columns: ["offset.low", "offset.high"],
    when: (cell) => cell("image") === 1,
    why: "places of the image are bound by the program's key, not by their offset",
  },
  {
    table: "boundary",
    columns: ["gap.low", "gap.high"],
    when: (cell) => cell("last row") === 1,
    why: "the last place has no neighbour",
  },
];

/**
 * Tables that only count what the others say. A count breaks no row but a bus, and that takes a check of the whole run,
 * so of their rows fewer are changed.
 */
const COUNTING = ["program", "lookups"];
const FEWER = 16;

/** Changes cells one at a time, in `perColumn` rows of each column. */
export function flipTable(run: Run, table: Air.Table, lookups: Lookups, perColumn: number, random: Random): Tally {
  const columns = run.witnesses[0]!.get(table.name);
  if (columns === undefined) throw new Error(`the run has no row of ${table.name}`);
  const tally: Tally = { total: 0, killed: 0, survivors: new Map() };
  const rows = columns[0]!.length;
  const counting = COUNTING.includes(table.name);
  for (const [index, column] of table.main.entries()) {
    for (let n = 0; n < (counting ? Math.ceil(perColumn / FEWER) : perColumn); n++) {
      // The row after the last stands for padding.
      const row = n === 0 && !counting ? rows : random(rows);
      const value = columns[index]![row] ?? 0;
      for (const changed of variants(value, random)) {
        tally.total++;
        const killed = counting
          ? isUnbalanced(run, table, columns, row, index, changed)
          : isKilled(table, columns, row, index, changed, lookups);
        if (killed) {
          tally.killed++;
          continue;
        }
        const cell: Cell = (name) =>
          name === "last row" ? Number(row >= rows - 1) : (columns[table.main.indexOf(name)]![row] ?? 0);
        const free = FREE.find((each) => each.table === table.name && each.columns.includes(column) && each.when(cell));
        const why = row === rows ? PADDING : (free?.why ?? `${UNEXPLAINED}: ${column} = ${value} passes as ${changed}`);
        tally.survivors.set(why, (tally.survivors.get(why) ?? 0) + 1);
      }
    }
  }
  return tally;
}

/** Why a changed cell of a padding row is no forgery; that it says nothing is checked. */
export const PADDING = "a padding row says nothing on any bus, whatever else it holds";
export const UNEXPLAINED = "UNEXPLAINED";

function variants(value: number, random: Random): number[] {
  const list = [value + 1, value - 1, value + 256, value ^ 1, 1 - value, 255, value + 65536, random(BabyBear.P)];
  return [...new Set(list.map(BabyBear.of))].filter((changed) => changed !== value);
}

/** Whether the whole run is refused with the changed cell. */
function isUnbalanced(
  run: Run,
  table: Air.Table,
  columns: readonly Uint32Array[],
  row: number,
  index: number,
  changed: number,
): boolean {
  const copy = columns.map((column, i) => (i === index ? column.slice() : column));
  copy[index]![row] = changed;
  const [first, ...rest] = run.witnesses;
  return checkTrace({ ...run.check, witnesses: [new Map([...first!, [table.name, copy]]), ...rest] }).length > 0;
}

function isKilled(
  table: Air.Table,
  columns: readonly Uint32Array[],
  row: number,
  index: number,
  changed: number,
  lookups: Lookups,
): boolean {
  const here = rowAt(columns, row);
  const neighbours = table.usesNext
    ? { ...(row > 0 ? { above: rowAt(columns, row - 1) } : {}), below: rowAt(columns, row + 1) }
    : undefined;
  const honest = checkRow(table, here, lookups, neighbours);
  if (honest.failures.length > 0) throw new Error(`the honest row fails: ${honest.failures.join("; ")}`);
  here[index] = changed;
  const after = checkRow(table, here, lookups, neighbours);
  return after.failures.length > 0 || after.messages !== honest.messages;
}

/**
 * Looks for a row that carries a wrong outcome: the cells in `fixed` hold it, the others may be anything. It repairs one
 * failure after the other: picks a column of a failing constraint or lookup and solves the constraint for it where that
 * is linear, or tries likely values. Gives the row when nothing fails any more.
 */
export function search(
  table: Air.Table,
  start: readonly number[],
  fixed: ReadonlySet<number>,
  lookups: Lookups,
  random: Random,
  tries: number,
): number[] | undefined {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const parts = partsOf(table, fixed);
  const failing = (row: readonly number[]): Part[] => parts.filter((part) => part.fails(row, lookups));
  let best = [...start];
  let failures = failing(best);
  let bestCount = failures.length;
  let row = [...best];
  for (let n = 0; n < tries; n++) {
    if (failures.length === 0) return row;
    if (n % 25 === 24) {
      row = [...best];
      failures = failing(row);
    }
    const part = pick(failures);
    // A failure of nothing but fixed cells cannot be repaired.
    if (part.free.length === 0) return undefined;
    const column = pick(part.free);
    const old = row[column]!;
    const near = [1, -1, 256, -256].map((by) => BabyBear.of(old + by));
    const root = part.expr === undefined ? undefined : linearRoot(part.expr, row, column, lookups);
    row[column] = pick(root === undefined ? [0, 1, 255, ...near] : [root, root, root, root, 0, 1, 255, ...near]);
    failures = failing(row);
    if (failures.length < bestCount) {
      best = [...row];
      bestCount = failures.length;
    }
  }
  return failures.length === 0 ? row : undefined;
}

/** A constraint or a lookup, with the columns in it that may be changed. */
type Part = {
  readonly free: readonly number[];
  readonly expr: Air.Expr | undefined;
  readonly fails: (row: readonly number[], lookups: Lookups) => boolean;
};

function partsOf(table: Air.Table, fixed: ReadonlySet<number>): Part[] {
  const free = (exprs: readonly Air.Expr[]): number[] => [...columnsOf(exprs)].filter((column) => !fixed.has(column));
  const constraints = table.constraints
    .filter((constraint) => constraint.when === "always")
    .map(
      ({ expr }): Part => ({
        free: free([expr]),
        expr,
        fails: (row, { publics }) => valueOn(expr, row, publics) !== 0,
      }),
    );
  const messages = table.interactions.map((one): Part => {
    const alone = { ...table, constraints: [], interactions: [one] };
    return {
      free: free([one.multiplicity, ...one.tuple]),
      expr: undefined,
      fails: (row, lookups) => checkRow(alone, row, lookups).failures.length > 0,
    };
  });
  return [...constraints, ...messages];
}

/** The main columns that occur in expressions. */
export function columnsOf(exprs: readonly Air.Expr[]): Set<number> {
  const found = new Set<number>();
  const visit = (expr: Air.Expr): void => {
    if (expr.kind === "main") found.add(expr.index);
    else if ("left" in expr) {
      visit(expr.left);
      visit(expr.right);
    }
  };
  for (const expr of exprs) visit(expr);
  return found;
}

/** The value of a column that makes an expression 0, when the expression is linear in the column. */
function linearRoot(expr: Air.Expr, row: number[], column: number, { publics }: Lookups): number | undefined {
  const old = row[column]!;
  const at = (value: number): number => {
    row[column] = value;
    return valueOn(expr, row, publics);
  };
  const [zero, one, two] = [at(0), at(1), at(2)];
  row[column] = old;
  const slope = BabyBear.sub(one, zero);
  if (slope === 0 || BabyBear.sub(two, one) !== slope) return undefined;
  return BabyBear.mul(BabyBear.neg(zero), BabyBear.inv(slope));
}

/** Without the next row, which only the boundary looks at. */
const valueOn = (expr: Air.Expr, row: readonly number[], publics: readonly number[]): number =>
  Air.evaluate(expr, ringOf(row, row, publics));

/** Buses whose counts are the prover's to choose. */
export const LOOKUP_BUSES: readonly string[] = ["and", "pair", "range", "program"];
