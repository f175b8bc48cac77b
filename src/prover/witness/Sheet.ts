/** The columns of a table under construction, by name, and the parts that all tables of instructions share. */
import { type ExecutionRecord, type Program, SLOT, timeOf } from "../../riscv/index.ts";
import { assert } from "../../std/index.ts";
import { type Air, Tables } from "../../verifier/index.ts";
import type { Counts } from "./Counts.ts";

export type Sheet = {
  readonly columns: readonly Uint32Array[];
  readonly at: (name: string) => Uint32Array;
  readonly many: (name: string, count: number) => readonly Uint32Array[];
};

export function of(table: Air.Table, rows: number): Sheet {
  const columns = table.main.map(() => new Uint32Array(rows));
  const at = (name: string): Uint32Array => {
    const column = columns[table.main.indexOf(name)];
    assert(column !== undefined, `table ${table.name} has no column ${name}`);
    return column;
  };
  return { columns, at, many: (name, count) => Array.from({ length: count }, (_, i) => at(`${name}.${i}`)) };
}

/** What the rows of one table are made from: some steps of a record. */
export type Source = {
  readonly program: Program.Program;
  readonly record: ExecutionRecord;
  /** Elements of the record, in order. */
  readonly steps: Uint32Array;
  readonly counts: Counts;
};

export function putWord(columns: readonly Uint32Array[], row: number, word: number): void {
  columns[0]![row] = word & 255;
  columns[1]![row] = (word >>> 8) & 255;
  columns[2]![row] = (word >>> 16) & 255;
  columns[3]![row] = word >>> 24;
}

export const byteOf = (word: number, i: number): number => (word >>> (8 * i)) & 255;

/** Counts the two pairs of bytes of a word. */
export function countWord(pair: Uint32Array, word: number): void {
  pair[word & 0xffff]!++;
  pair[word >>> 16]!++;
}

/** Fills `NAME.last` and `NAME.low`, and counts their lookups. */
export function accessor(
  sheet: Sheet,
  counts: Counts,
  name: string,
): (row: number, last: number, time: number) => void {
  const lasts = sheet.at(`${name}.last`);
  const lows = sheet.at(`${name}.low`);
  const { range } = counts;
  const mask = 2 ** Tables.TIME_LOW_BITS - 1;
  return (row, last, time) => {
    const difference = time - last - 1;
    lasts[row] = last;
    lows[row] = difference & mask;
    range[difference & mask]!++;
    range[difference >>> Tables.TIME_LOW_BITS]!++;
  };
}

/** Fills pc, time and selector, and counts the instruction; gives the row's time. */
export function stepper(
  sheet: Sheet,
  { program, record, counts }: Source,
): (row: number, i: number, is: Uint32Array) => number {
  const pcs = sheet.at("pc");
  const times = sheet.at("time");
  const start = program.code.start / 4;
  return (row, i, is) => {
    const place = record.place[i]!;
    const time = timeOf(record.first + i);
    pcs[row] = start + place;
    times[row] = time;
    is[row] = 1;
    const line = counts.rowOf[place]!;
    assert(line >= 0, "a step that cannot be proven was recorded");
    counts.program[line]!++;
    return time;
  };
}

export function firstReader(
  sheet: Sheet,
  { program, record, counts }: Source,
): (row: number, i: number, time: number) => number {
  const rs1 = sheet.at("rs1");
  const a = sheet.many("a", 4);
  const access = accessor(sheet, counts, "rs1");
  return (row, i, time) => {
    const value = record.rs1Value[i]!;
    rs1[row] = program.code.rs1[record.place[i]!]!;
    putWord(a, row, value);
    access(row, record.rs1Time[i]!, time + SLOT.rs1);
    return value;
  };
}

export function secondReader(
  sheet: Sheet,
  { program, record, counts }: Source,
): (row: number, i: number, time: number) => number {
  const rs2 = sheet.at("rs2");
  const c = sheet.many("c", 4);
  const access = accessor(sheet, counts, "rs2");
  return (row, i, time) => {
    const value = record.rs2Value[i]!;
    rs2[row] = program.code.rs2[record.place[i]!]!;
    putWord(c, row, value);
    access(row, record.rs2Time[i]!, time + SLOT.rs2);
    return value;
  };
}

/** The second operand, from rs2 or, where `constant` is true, from the instruction. */
export function operandReader(
  sheet: Sheet,
  source: Source,
): (row: number, i: number, time: number, constant: boolean) => number {
  const immediate = sheet.at("immediate");
  const c = sheet.many("c", 4);
  const read = secondReader(sheet, source);
  const { imm } = source.program.code;
  return (row, i, time, constant) => {
    if (!constant) return read(row, i, time);
    const value = imm[source.record.place[i]!]! >>> 0;
    immediate[row] = 1;
    putWord(c, row, value);
    return value;
  };
}

/** Fills rd and its old value; gives the new one, which the table's own columns hold. */
export function writer(
  sheet: Sheet,
  { program, record, counts }: Source,
): (row: number, i: number, time: number) => number {
  const rd = sheet.at("rd");
  const old = sheet.many("old", 4);
  const access = accessor(sheet, counts, "rd");
  return (row, i, time) => {
    rd[row] = program.code.rd[record.place[i]!]!;
    putWord(old, row, record.rdBefore[i]!);
    access(row, record.rdTime[i]!, time + SLOT.rd);
    return record.rdAfter[i]!;
  };
}
