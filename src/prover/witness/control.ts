/** Rows of the tables branch, jump and call. */

import { BabyBear } from "../../field/index.ts";
import { Call, ENTRIES, Instruction, Op, Program, SLOT } from "../../riscv/index.ts";
import { assert } from "../../std/index.ts";
import { Tables } from "../../verifier/index.ts";
import { fillComparison } from "./comparison.ts";
import * as Sheet from "./Sheet.ts";
import { byteOf, putWord, type Source } from "./Sheet.ts";

/** Sums of four bytes and their inverses in the field. */
export const INVERSES: Uint32Array = Uint32Array.from({ length: 4 * 255 + 1 }, (_, i) =>
  i === 0 ? 0 : BabyBear.inv(i),
);
export const byteSum = (word: number): number => byteOf(word, 0) + byteOf(word, 1) + byteOf(word, 2) + byteOf(word, 3);

export function branchRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const { code } = program;
  const sheet = Sheet.of(Tables.Branch, steps.length);
  const is = new Map(
    [Op.beq, Op.bne, Op.blt, Op.bge, Op.bltu, Op.bgeu].map((op, i) => [op as number, sheet.columns[i]!]),
  );
  const [target, equal, inverse] = [sheet.at("target"), sheet.at("equal"), sheet.at("inverse")];
  const [taken, next] = [sheet.at("taken"), sheet.at("next")];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.secondReader(sheet, source);
  const compare = fillComparison(sheet, counts);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const place = record.place[i]!;
    const known = code.op[place]!;
    const between = known === Program.BAD_TARGET;
    const op = between ? Instruction.decode(code.words[place]!).op : known;
    const time = step(row, i, is.get(op)!);
    const a = first(row, i, time);
    const c = second(row, i, time);
    compare(row, a, c, op === Op.blt || op === Op.bge);
    equal[row] = a === c ? 1 : 0;
    inverse[row] = INVERSES[byteSum((a - c) >>> 0)]!;
    target[row] = between ? Tables.NOWHERE : code.start / 4 + code.imm[place]!;
    taken[row] = ENTRIES[op]!.taken!(a | 0, c | 0) ? 1 : 0;
    next[row] = record.next[i]! / 4;
  }
  return sheet.columns;
}

export function jumpRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const { pair } = counts;
  const sheet = Sheet.of(Tables.Jump, steps.length);
  const is = sheet.at("is.jalr");
  const [constant, upper, link] = [sheet.many("i", 4), sheet.many("t", 3), sheet.many("link", 3)];
  const [quarter, bit0, linkQuarter] = [sheet.at("quarter"), sheet.at("bit0"), sheet.at("link.quarter")];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const write = Sheet.writer(sheet, source);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const time = step(row, i, is);
    const a = first(row, i, time);
    const imm = program.code.imm[record.place[i]!]! >>> 0;
    putWord(constant, row, imm);
    // The target that was taken, with the low bit that was cleared.
    const target = (record.next[i]! | ((a + imm) & 1)) >>> 0;
    const linked = write(row, i, time);
    quarter[row] = (target & 255) >>> 2;
    bit0[row] = target & 1;
    linkQuarter[row] = (linked & 255) >>> 2;
    for (let k = 0; k < 3; k++) {
      upper[k]![row] = byteOf(target, k + 1);
      link[k]![row] = byteOf(linked, k + 1);
    }
    countQuarter(pair, target);
    countQuarter(pair, linked);
    pair[byteOf(linked, 1) + 256 * byteOf(linked, 2)]!++;
    pair[byteOf(target, 1) + 256 * byteOf(target, 2)]!++;
    pair[byteOf(target, 3) + 256 * byteOf(linked, 3)]!++;
  }
  return sheet.columns;
}

/** The lookup that shows that a quarter of the lowest byte is below 64. */
export function countQuarter(pair: Uint32Array, address: number): void {
  const quarter = (address & 255) >>> 2;
  pair[quarter + 256 * 4 * quarter]!++;
}

const CALLS: readonly (readonly [number, string])[] = [
  [Call.exit, "is.exit"],
  [Call.read, "is.read"],
  [Call.write, "is.write"],
  [Call.effect, "is.effect"],
];

export function callRows(source: Source): readonly Uint32Array[] {
  const { record, steps, counts } = source;
  const sheet = Sheet.of(Tables.CallTable, steps.length);
  const is = new Map(CALLS.map(([number, name]) => [number, sheet.at(name)]));
  const [inputAt, outputAt] = [sheet.at("input.at"), sheet.at("output.at")];
  const [old, r] = [sheet.many("old", 4), sheet.many("r", 4)];
  const step = Sheet.stepper(sheet, source);
  const a7 = Sheet.accessor(sheet, counts, "a7");
  const input = Sheet.accessor(sheet, counts, "input");
  const output = Sheet.accessor(sheet, counts, "output");
  const a0 = Sheet.accessor(sheet, counts, "a0");
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const selector = is.get(record.rs1Value[i]!);
    assert(selector !== undefined, "a call that cannot be proven was recorded");
    const time = step(row, i, selector);
    a7(row, record.rs1Time[i]!, time + SLOT.rs1);
    input(row, record.rs2Time[i]!, time + SLOT.rs2);
    output(row, record.wordTime[i]!, time + SLOT.word);
    a0(row, record.rdTime[i]!, time + SLOT.rd);
    inputAt[row] = record.rs2Value[i]!;
    outputAt[row] = record.wordBefore[i]!;
    putWord(old, row, record.rdBefore[i]!);
    putWord(r, row, record.rdAfter[i]!);
  }
  return sheet.columns;
}
