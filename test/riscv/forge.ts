/**
 * Forged runs: one instruction gets a wrong outcome, and everything after it is computed honestly from that, so that
 * registers, memory, tapes, control flow and the counts of lookups all agree with the lie. What refuses such a run can
 * only be the row of the instruction itself.
 */
import { BabyBear } from "../../src/field/index.ts";
import { Counts, closingTables, instructionTables } from "../../src/prover/witness/index.ts";
import {
  ENTRIES,
  type ExecutionRecord,
  emptyRecord,
  history,
  Machine,
  Op,
  type Program,
  record,
} from "../../src/riscv/index.ts";
import type { Air, TraceProblem } from "../../src/verifier/index.ts";
import { columnsOf, LOOKUP_BUSES, type Run, search } from "./mutation.ts";
import { type Lookups, rowAt } from "./Row.ts";
import type { Random } from "./randomProgram.ts";
import { checkOf, statementOf } from "./tables.ts";

/** Changes what step `i` of the record did; the machine stands right after it. */
export type Tamper = (machine: Machine.Machine, steps: ExecutionRecord, i: number) => void;

/** The run with the tampered step, or undefined when it does not end by itself after the lie. */
export function forgedRun(program: Program.Program, input: readonly number[], at: number, tamper: Tamper) {
  const machine = Machine.of(program, Uint32Array.from(input));
  const past = history();
  const counts = Counts.of(program);
  const before = emptyRecord(at + 1);
  record(machine, past, before);
  tamper(machine, before, at);
  const after = emptyRecord(20_000);
  record(machine, past, after);
  if (machine.status.kind !== "exited") return undefined;
  const first = instructionTables(program, before, counts);
  const second = instructionTables(program, after, counts);
  const closing = closingTables(machine, past, counts);
  const statement = statementOf(machine);
  return { machine, statement, check: checkOf(program, statement, [first, new Map([...second, ...closing])]) };
}

export const wrongResult =
  (change: (value: number) => number): Tamper =>
  (machine, steps, i) => {
    const right = steps.rdAfter[i]!;
    const changed = change(right) >>> 0;
    const wrong = changed === right ? changed ^ 1 : changed;
    steps.rdAfter[i] = wrong;
    machine.registers[rdOf(machine, steps.place[i]!)] = wrong;
  };

const rdOf = (machine: Machine.Machine, place: number): number =>
  machine.program.code.op[place] === Op.ecall ? 10 : machine.program.code.rd[place]!;

export const wrongWord =
  (change: (value: number) => number): Tamper =>
  (machine, steps, i) => {
    const wrong = change(steps.wordAfter[i]!) >>> 0;
    steps.wordAfter[i] = wrong;
    machine.words[steps.word[i]!] = wrong;
  };

export const wrongNext =
  (change: (pc: number, machine: Machine.Machine, place: number) => number): Tamper =>
  (machine, steps, i) => {
    const wrong = change(steps.next[i]!, machine, steps.place[i]!) >>> 0;
    steps.next[i] = wrong;
    machine.pc = wrong;
  };

/** The other way of a branch: its target when it was not taken, the next word when it was. */
export const otherWay: Tamper = wrongNext((pc, { program: { code } }, place) => {
  const on = code.start + 4 * place + 4;
  return pc === on ? code.start + 4 * code.imm[place]! : on;
});

/** True for a problem that a bus between rows shows, rather than the row of the instruction. */
export const isBetweenRows = (problem: TraceProblem): boolean =>
  problem.kind === "unbalanced" && !LOOKUP_BUSES.includes(problem.bus);

/** Lies about each kind of outcome; a comparison can only be answered with another bit, a link with another word. */
export function liesAbout(name: string): Tamper[] {
  if (/^(beq|bne|blt|bge|bltu|bgeu)$/.test(name)) return [otherWay];
  if (/^(sb|sh|sw)$/.test(name)) return [1, 0x100, 0x80000000].map((flip) => wrongWord((value) => value ^ flip));
  if (/^slt/.test(name)) return [wrongResult((value) => 1 - value)];
  if (name === "jalr") return [4, -4, BabyBear.P].map((by) => wrongResult((value) => value + by - (by % 4)));
  return [
    ...[1, 0x100, 0x80000000].map((flip) => wrongResult((value) => value ^ flip)),
    ...[BabyBear.P, -BabyBear.P].map((by) => wrongResult((value) => value + by)),
    wrongResult((value) => -value),
  ];
}

/** The columns that hold an outcome, for each table; what they should be is forged, together. */
export const OUTCOMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  add: [bytes("r")],
  bitwise: [bytes("r")],
  compare: [["less"]],
  shift: [bytes("r")],
  branch: [["next"]],
  constant: [bytes("r"), ["target"]],
  jump: [
    ["link.quarter", "link.0", "link.1", "link.2"],
    ["quarter", "t.0", "t.1", "t.2"],
  ],
  load: [bytes("r"), ["quarter", "t.0", "t.1", "t.2"]],
  store: [bytes("n"), ["quarter", "t.0", "t.1", "t.2"]],
  multiply: [bytes("r")],
  "multiply-high": [bytes("r")],
  divide: [bytes("r")],
  call: [bytes("r")],
};

function bytes(name: string): string[] {
  return [0, 1, 2, 3].map((i) => `${name}.${i}`);
}

export type Forgery = { total: number; killed: number; readonly found: string[] };

/**
 * For each operation of a table, takes rows that perform it, replaces an outcome, and searches for values of the
 * row's inner columns that would let it pass. Everything that the row says to other rows stays as forged.
 */
export function forgeTable(
  run: Run,
  table: Air.Table,
  lookups: Lookups,
  rowsPerOperation: number,
  tries: number,
  random: Random,
): Forgery {
  const columns = run.witnesses[0]!.get(table.name)!;
  const tally: Forgery = { total: 0, killed: 0, found: [] };
  const outer = outerColumns(table);
  for (const row of sample(table, columns, rowsPerOperation)) {
    const honest = rowAt(columns, row);
    if (table.name === "call" && isReading(table, honest)) continue;
    for (const group of OUTCOMES[table.name]!) {
      const places = group.map((column) => table.main.indexOf(column));
      for (const wrong of wrongValues(
        places.map((place) => honest[place]!),
        random,
      )) {
        const forged = [...honest];
        for (const [i, place] of places.entries()) forged[place] = wrong[i]!;
        tally.total++;
        if (search(table, forged, new Set([...outer, ...places]), lookups, random, tries) === undefined) tally.killed++;
        else tally.found.push(`${show(table, honest)} with ${group.join()} = ${wrong.join()}`);
      }
    }
  }
  return tally;
}

/** A word read from the tape is what the statement says, so any is right as far as the row goes. */
const isReading = (table: Air.Table, row: readonly number[]): boolean =>
  row[table.main.indexOf("is.read")] === 1 || row[table.main.indexOf("is.effect")] === 1;

const show = (table: Air.Table, row: readonly number[]): string =>
  `${table.name} ${table.main.filter((name, i) => name.startsWith("is.") && row[i] === 1).join()} at pc ${row[table.main.indexOf("pc")]}`;

/** Up to `count` rows of each operation, of different forms where there are any. */
function sample(table: Air.Table, columns: readonly Uint32Array[], count: number): number[] {
  const bits = table.main.flatMap((name, i) => (/^(is\.|immediate|sign|top\.|zero)/.test(name) ? [i] : []));
  const seen = new Map<string, number>();
  const rows: number[] = [];
  for (let row = 0; row < columns[0]!.length; row++) {
    const key = bits.map((i) => Number(columns[i]![row] !== 0)).join("");
    const times = seen.get(key) ?? 0;
    if (times >= count) continue;
    seen.set(key, times + 1);
    rows.push(row);
  }
  return rows;
}

/** Columns that occur in messages to other rows, or in what is fetched from the program. */
const outerColumns = (table: Air.Table): Set<number> =>
  columnsOf(
    table.interactions
      .filter(({ bus }) => bus.name === "program" || !LOOKUP_BUSES.includes(bus.name))
      .flatMap(({ multiplicity, tuple }) => [multiplicity, ...tuple]),
  );

/** Outcomes near the right one, and far from it. Bytes stay bytes, since whoever reads a value relies on that. */
function wrongValues(right: readonly number[], random: Random): number[][] {
  if (right.length === 1) {
    const [value] = right as [number];
    return [value + 1, value - 1, 1 - value, 0, random(BabyBear.P)]
      .map((wrong) => [BabyBear.of(wrong)])
      .filter(([wrong]) => wrong !== value);
  }
  const list = right.flatMap((_, i) =>
    [1, 255, 128].map((by) => right.map((value, j) => (i === j ? (value + by) & 255 : value))),
  );
  list.push(
    right.map(() => random(256)),
    right.map((value) => 255 - value),
    right.map(() => 0),
    right.map(() => 255),
  );
  // The negation, which confuses signs.
  let carry = 1;
  list.push(
    right.map((value) => {
      const sum = 255 - value + carry;
      carry = sum >>> 8;
      return sum & 255;
    }),
  );
  // Words that are equal modulo p, or modulo p in one half: what a recomposition that overflows would let pass.
  const word = right.reduce((sum, value, i) => sum + value * 2 ** (8 * i), 0);
  for (const by of [BabyBear.P, -BabyBear.P, 30720 * 65536 + 1, 30720 * 65536 - 1]) {
    list.push(right.map((_, i) => Math.floor(((word + by) >>> 0) / 2 ** (8 * i)) & 255));
  }
  return list.filter((wrong) => wrong.some((value, i) => value !== right[i]));
}

/** For each instruction that the run executes, the first steps that execute it. */
export function stepsByOperation(run: Run, count: number): Map<string, number[]> {
  const machine = Machine.of(run.program, run.machine.input);
  const steps = emptyRecord(run.machine.cycles);
  record(machine, history(), steps);
  const found = new Map<string, number[]>();
  for (let i = 0; i < steps.length; i++) {
    const name = ENTRIES[run.program.code.op[steps.place[i]!]!]!.name;
    const list = found.get(name) ?? [];
    found.set(name, list);
    if (list.length < count) list.push(i);
  }
  return found;
}
