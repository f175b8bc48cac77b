/** Rows of the tables add, bitwise, compare, shift and constant. */

import { Op } from "../../riscv/index.ts";
import { Tables } from "../../verifier/index.ts";
import { fillComparison } from "./comparison.ts";
import * as Sheet from "./Sheet.ts";
import { byteOf, countWord, putWord, type Source } from "./Sheet.ts";

const isConstantForm = (op: number): boolean => op >= Op.addi && op <= Op.srai;

export function addRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const sheet = Sheet.of(Tables.Add, steps.length);
  const [isAdd, isSub] = [sheet.at("is.add"), sheet.at("is.sub")];
  const r = sheet.many("r", 4);
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.operandReader(sheet, source);
  const write = Sheet.writer(sheet, source);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const op = program.code.op[record.place[i]!]!;
    const time = step(row, i, op === Op.sub ? isSub : isAdd);
    first(row, i, time);
    second(row, i, time, op === Op.addi || op === Op.fence);
    const result = write(row, i, time);
    putWord(r, row, result);
    countWord(counts.pair, result);
  }
  return sheet.columns;
}

export function bitwiseRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const sheet = Sheet.of(Tables.Bitwise, steps.length);
  const [isAnd, isOr, isXor] = [sheet.at("is.and"), sheet.at("is.or"), sheet.at("is.xor")];
  const [both, r] = [sheet.many("both", 4), sheet.many("r", 4)];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.operandReader(sheet, source);
  const write = Sheet.writer(sheet, source);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const op = program.code.op[record.place[i]!]!;
    const is = op === Op.and || op === Op.andi ? isAnd : op === Op.or || op === Op.ori ? isOr : isXor;
    const time = step(row, i, is);
    const a = first(row, i, time);
    const c = second(row, i, time, isConstantForm(op));
    putWord(both, row, (a & c) >>> 0);
    for (let k = 0; k < 4; k++) counts.and[byteOf(a, k) + 256 * byteOf(c, k)]!++;
    putWord(r, row, write(row, i, time));
  }
  return sheet.columns;
}

export function compareRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps } = source;
  const sheet = Sheet.of(Tables.Compare, steps.length);
  const [signed, unsigned, less] = [sheet.at("is.slt"), sheet.at("is.sltu"), sheet.at("less")];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.operandReader(sheet, source);
  const write = Sheet.writer(sheet, source);
  const compare = fillComparison(sheet, source.counts);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const op = program.code.op[record.place[i]!]!;
    const isSigned = op === Op.slt || op === Op.slti;
    const time = step(row, i, isSigned ? signed : unsigned);
    const a = first(row, i, time);
    const c = second(row, i, time, isConstantForm(op));
    compare(row, a, c, isSigned);
    // The result is the comparison's own column; a record that disagrees makes a witness that no verifier accepts.
    less[row] = write(row, i, time);
  }
  return sheet.columns;
}

export function constantRows(source: Source): readonly Uint32Array[] {
  const { record, steps } = source;
  const sheet = Sheet.of(Tables.Constant, steps.length);
  const is = sheet.at("is.lui");
  const r = sheet.many("r", 4);
  const target = sheet.at("target");
  const step = Sheet.stepper(sheet, source);
  const write = Sheet.writer(sheet, source);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const time = step(row, i, is);
    putWord(r, row, write(row, i, time));
    target[row] = record.next[i]! / 4;
  }
  return sheet.columns;
}

export function shiftRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const sheet = Sheet.of(Tables.Shift, steps.length);
  const [sll, srl, sra] = [sheet.at("is.sll"), sheet.at("is.srl"), sheet.at("is.sra")];
  const [n, moves] = [sheet.many("n", 3), sheet.many("move", 4)];
  const [low, high, r] = [sheet.many("low", 4), sheet.many("high", 4), sheet.many("r", 4)];
  const [rest, power, factors] = [sheet.at("rest"), sheet.at("power"), sheet.at("factor")];
  const [signs, fills, tops] = [sheet.at("sign"), sheet.at("fill"), sheet.at("top")];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.operandReader(sheet, source);
  const write = Sheet.writer(sheet, source);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const op = program.code.op[record.place[i]!]!;
    const left = op === Op.sll || op === Op.slli;
    const arithmetic = op === Op.sra || op === Op.srai;
    const time = step(row, i, left ? sll : arithmetic ? sra : srl);
    const a = first(row, i, time);
    const c = second(row, i, time, isConstantForm(op));
    const bits = c & 7;
    for (let k = 0; k < 3; k++) n[k]![row] = (bits >>> k) & 1;
    moves[(c >>> 3) & 3]![row] = 1;
    rest[row] = (c >>> 5) & 7;
    power[row] = 1 << bits;
    const factor = left ? 1 << bits : 256 >>> bits;
    factors[row] = factor;
    for (let k = 0; k < 4; k++) {
      const product = byteOf(a, k) * factor;
      low[k]![row] = product & 255;
      high[k]![row] = product >>> 8;
      counts.pair[product]!++;
    }
    const sign = a >>> 31;
    signs[row] = sign;
    counts.pair[((c >>> 5) & 7) + 256 * (2 * ((a >>> 24) & 127))]!++;
    const fill = arithmetic ? sign : 0;
    fills[row] = fill;
    tops[row] = fill * (256 - factor);
    putWord(r, row, write(row, i, time));
  }
  return sheet.columns;
}
