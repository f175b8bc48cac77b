/**
 * The row checker: a witness against the tables, without any cryptography. It reads the same description as the
 * prover and the verifier, and names what is wrong: table, row and constraint, or the tuples that a bus has too many of.
 */

import { BabyBear } from "../field/index.ts";
import { assert } from "../std/index.ts";
import { type Expr, evaluate, type Machine, type Message, type Ring, type Table, type Witness } from "./air.ts";
import { ceilLog2 } from "./layout.ts";

export type TraceProblem =
  | { readonly kind: "shape"; readonly table: string; readonly what: string }
  | {
      readonly kind: "constraint";
      readonly table: string;
      readonly row: number;
      readonly name: string;
      readonly value: number;
    }
  | {
      readonly kind: "unbalanced";
      readonly bus: string;
      readonly tuple: readonly number[];
      /** Sent minus received, modulo p, shown nearest to zero. */
      readonly excess: number;
      /** The first few places that send or receive the tuple. */
      readonly places: readonly string[];
    };

/** How many problems one check reports before it stops collecting. */
export const MAX_TRACE_PROBLEMS = 20;
const MAX_PLACES = 6;

/** Fixed columns of the machine's tables, by table name; the same shape as a witness. */
export type FixedColumns = ReadonlyMap<string, readonly Uint32Array[]>;

export type TraceCheck = {
  readonly machine: Machine;
  readonly fixed: FixedColumns;
  /** One witness, or one for each segment: buses balance over all of them. */
  readonly witnesses: readonly Witness[];
  readonly publics?: readonly number[];
  readonly messages?: readonly Message[];
};

/** An empty list when the trace is right. */
export function checkTrace(check: TraceCheck): TraceProblem[] {
  const problems: TraceProblem[] = [];
  const balance = new Map<string, Entry>();
  const publics = check.publics ?? [];
  for (const [segment, witness] of check.witnesses.entries()) {
    for (const name of witness.keys()) {
      if (!check.machine.tables.some((table) => table.name === name)) {
        problems.push({ kind: "shape", table: name, what: "the machine has no such table" });
      }
    }
    for (const table of check.machine.tables) {
      const main = witness.get(table.name);
      if (main === undefined || (main[0]?.length ?? 0) === 0) continue;
      const fixed = check.fixed.get(table.name) ?? [];
      const wrong = shapeProblem(table, main, fixed);
      if (wrong !== undefined) problems.push({ kind: "shape", table: table.name, what: wrong });
      else checkTable(table, main, fixed, publics, check.witnesses.length > 1 ? segment : undefined, balance, problems);
      if (problems.length >= MAX_TRACE_PROBLEMS) return problems;
    }
  }
  for (const message of check.messages ?? []) {
    record(balance, message.bus.name, message.tuple, BabyBear.of(message.multiplicity), "the statement");
  }
  for (const entry of balance.values()) {
    if (entry.excess === 0) continue;
    const { bus, tuple, places } = entry;
    problems.push({ kind: "unbalanced", bus, tuple, excess: signed(entry.excess), places });
    if (problems.length >= MAX_TRACE_PROBLEMS) break;
  }
  return problems;
}

export function showTraceProblem(problem: TraceProblem): string {
  switch (problem.kind) {
    case "shape":
      return `${problem.table}: ${problem.what}`;
    case "constraint":
      return `${problem.table}, row ${problem.row}: "${problem.name}" is ${signed(problem.value)}, not 0`;
    case "unbalanced":
      return `bus ${problem.bus}: (${problem.tuple.join(", ")}) is sent ${problem.excess} times more than received; ${problem.places.join(", ")}`;
  }
}

const signed = (value: number): number => (value > BabyBear.P / 2 ? value - BabyBear.P : value);

type Entry = { bus: string; tuple: readonly number[]; excess: number; places: string[] };

function record(
  balance: Map<string, Entry>,
  bus: string,
  tuple: readonly number[],
  excess: number,
  place: string,
): void {
  if (excess === 0) return;
  const key = `${bus}:${tuple.join(",")}`;
  let entry = balance.get(key);
  if (entry === undefined) {
    entry = { bus, tuple, excess: 0, places: [] };
    balance.set(key, entry);
  }
  entry.excess = BabyBear.add(entry.excess, excess);
  if (entry.places.length < MAX_PLACES) entry.places.push(place);
}

function shapeProblem(table: Table, main: readonly Uint32Array[], fixed: readonly Uint32Array[]): string | undefined {
  if (main.length !== table.main.length) return `expected ${table.main.length} main columns, got ${main.length}`;
  if (fixed.length !== table.fixed.length) return `expected ${table.fixed.length} fixed columns, got ${fixed.length}`;
  const rows = main[0]!.length;
  if (main.some((column) => column.length !== rows)) return "main columns of different lengths";
  const height = fixed[0]?.length;
  if (height !== undefined && rows > height) return `${rows} rows, but the fixed columns have ${height}`;
  for (const [index, column] of main.entries()) {
    const row = column.findIndex((value) => value >= BabyBear.P);
    if (row >= 0) return `row ${row}: ${table.main[index]} = ${column[row]} is no field element`;
  }
  return undefined;
}

function checkTable(
  table: Table,
  main: readonly Uint32Array[],
  fixed: readonly Uint32Array[],
  publics: readonly number[],
  segment: number | undefined,
  balance: Map<string, Entry>,
  problems: TraceProblem[],
): void {
  const used = Math.max(main[0]!.length, fixed[0]?.length ?? 0);
  const height = 2 ** ceilLog2(Math.max(used, 2));
  let row = 0;
  const cell = (columns: readonly Uint32Array[], index: number, next: boolean): number =>
    columns[index]![next ? (row + 1) % height : row] ?? 0;
  const ring: Ring<number> = {
    constant: (value) => value,
    main: (index, next) => cell(main, index, next),
    fixed: (index, next) => cell(fixed, index, next),
    public: (index) => {
      const value = publics[index];
      assert(value !== undefined, `no public value ${index}`);
      return value;
    },
    add: BabyBear.add,
    sub: BabyBear.sub,
    mul: BabyBear.mul,
  };
  const value = (expr: Expr): number => evaluate(expr, ring);
  // One row past the used ones stands for the whole padding; the last row matters for step and last constraints.
  const rows = [...Array(Math.min(used + 1, height)).keys()];
  if (height - 1 > used) rows.push(height - 1);
  for (row of rows) {
    for (const constraint of table.constraints) {
      if (constraint.when === "first" && row !== 0) continue;
      if (constraint.when === "last" && row !== height - 1) continue;
      if (constraint.when === "step" && row === height - 1) continue;
      const result = value(constraint.expr);
      if (result === 0) continue;
      problems.push({ kind: "constraint", table: table.name, row, name: constraint.name, value: result });
      if (problems.length >= MAX_TRACE_PROBLEMS) return;
    }
    for (const interaction of table.interactions) {
      const multiplicity = value(interaction.multiplicity);
      if (multiplicity === 0) continue;
      if (row >= used) {
        problems.push({
          kind: "shape",
          table: table.name,
          what: `a padding row has a message on ${interaction.bus.name}`,
        });
        return;
      }
      const excess = interaction.sign === 1 ? multiplicity : BabyBear.neg(multiplicity);
      const place = `${segment === undefined ? "" : `segment ${segment} `}${table.name} row ${row}`;
      record(balance, interaction.bus.name, interaction.tuple.map(value), excess, place);
    }
  }
}
