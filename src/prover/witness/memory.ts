/** Rows of the tables load, store and boundary. */

import { type History, type Machine, Op, Program, SLOT } from "../../riscv/index.ts";
import { assert } from "../../std/index.ts";
import { Tables } from "../../verifier/index.ts";
import type { Counts } from "./Counts.ts";
import { countQuarter } from "./control.ts";
import * as Sheet from "./Sheet.ts";
import { byteOf, putWord, type Source } from "./Sheet.ts";

/** The columns of an address: constant, quarter, offset, upper bytes. Gives the address. */
function addresser(
  sheet: Sheet.Sheet,
  { program, record, counts }: Source,
): (row: number, i: number, a: number, shared: number) => number {
  const [constant, upper, offset] = [sheet.many("i", 4), sheet.many("t", 3), sheet.many("offset", 4)];
  const quarter = sheet.at("quarter");
  const { pair } = counts;
  return (row, i, a, shared) => {
    const imm = program.code.imm[record.place[i]!]!;
    const address = (a + imm) >>> 0;
    putWord(constant, row, imm >>> 0);
    quarter[row] = (address & 255) >>> 2;
    offset[address & 3]![row] = 1;
    for (let k = 0; k < 3; k++) upper[k]![row] = byteOf(address, k + 1);
    countQuarter(pair, address);
    pair[byteOf(address, 1) + 256 * byteOf(address, 2)]!++;
    pair[byteOf(address, 3) + 256 * shared]!++;
    return address;
  };
}

export function loadRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const sheet = Sheet.of(Tables.Load, steps.length);
  const is = new Map(
    ["lb", "lh", "lw", "lbu", "lhu"].map((name) => [Op[name as "lb"] as number, sheet.at(`is.${name}`)]),
  );
  const [w, r] = [sheet.many("w", 4), sheet.many("r", 4)];
  const [signs, tops, spaces] = [sheet.at("sign"), sheet.at("top"), sheet.at("space")];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const locate = addresser(sheet, source);
  const word = Sheet.accessor(sheet, counts, "word");
  const write = Sheet.writer(sheet, source);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const op = program.code.op[record.place[i]!]!;
    const time = step(row, i, is.get(op)!);
    const a = first(row, i, time);
    const result = write(row, i, time);
    const top = op === Op.lb ? byteOf(result, 0) : op === Op.lh ? byteOf(result, 1) : 0;
    signs[row] = top >>> 7;
    tops[row] = top;
    locate(row, i, a, 2 * (top & 127));
    spaces[row] = Program.isReadOnly(program, 4 * record.word[i]!) ? 1 : 0;
    word(row, record.wordTime[i]!, time + SLOT.word);
    putWord(w, row, record.wordBefore[i]!);
    putWord(r, row, result);
  }
  return sheet.columns;
}

export function storeRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const sheet = Sheet.of(Tables.Store, steps.length);
  const is = new Map([
    [Op.sb as number, sheet.at("is.sb")],
    [Op.sh as number, sheet.at("is.sh")],
    [Op.sw as number, sheet.at("is.sw")],
  ]);
  const [w, n] = [sheet.many("w", 4), sheet.many("n", 4)];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.secondReader(sheet, source);
  const locate = addresser(sheet, source);
  const word = Sheet.accessor(sheet, counts, "word");
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const time = step(row, i, is.get(program.code.op[record.place[i]!]!)!);
    const a = first(row, i, time);
    second(row, i, time);
    locate(row, i, a, 0);
    word(row, record.wordTime[i]!, time + SLOT.word);
    putWord(w, row, record.wordBefore[i]!);
    putWord(n, row, record.wordAfter[i]!);
  }
  return sheet.columns;
}

/** The memory boundary of a finished run: the places of the image and the other words touched, merged by address. */
export function boundaryRows(machine: Machine.Machine, past: History, counts: Counts): readonly Uint32Array[] {
  const image = Tables.imageColumns(machine.program);
  const [spaces, known] = image as [Uint32Array, Uint32Array];
  const touched = Uint32Array.from(past.order).sort();
  const inImage = new Set(known);
  const others = touched.filter((offset) => !inImage.has(Tables.WORDS_AT + offset));
  const rows = known.length + others.length;
  const sheet = Sheet.of(Tables.Boundary, rows);
  const [active, space, address] = [sheet.at("active"), sheet.at("space"), sheet.at("address")];
  const [firsts, lasts, time] = [sheet.many("first", 4), sheet.many("last", 4), sheet.at("time")];
  const [images, offsetLow, offsetHigh] = [sheet.at("image"), sheet.at("offset.low"), sheet.at("offset.high")];
  sheet.at("begin")[0] = 1;
  for (let row = 0, i = 0, j = 0; row < rows; row++) {
    const other = j < others.length ? others[j]! : Number.POSITIVE_INFINITY;
    const isImage = i < known.length && known[i]! < Tables.WORDS_AT + other;
    const at = isImage ? known[i]! : Tables.WORDS_AT + other;
    active[row] = 1;
    address[row] = at;
    if (isImage) {
      images[row] = 1;
      space[row] = spaces[i]!;
      for (let k = 0; k < 4; k++) firsts[k]![row] = image[2 + k]![i]!;
      i++;
    } else {
      offsetLow[row] = other & 0xffff;
      offsetHigh[row] = other >>> 16;
      counts.range[other & 0xffff]!++;
      counts.pair[other >>> 16]!++;
      j++;
    }
    if (at < Tables.WORDS_AT) {
      // A cell's count is one number, not bytes.
      if (at === Tables.INPUT_CELL_ADDRESS) lasts[0]![row] = machine.inputAt;
      else if (at === Tables.OUTPUT_CELL_ADDRESS) lasts[0]![row] = machine.output.length;
      else putWord(lasts, row, machine.registers[at]! >>> 0);
      time[row] = past.registers[at]!;
    } else {
      putWord(lasts, row, machine.words[at - Tables.WORDS_AT]! >>> 0);
      time[row] = past.words[at - Tables.WORDS_AT]!;
    }
  }
  fillGaps(sheet, rows, counts);
  return sheet.columns;
}

/** The distance of each place to the next one, in two parts. */
function fillGaps(sheet: Sheet.Sheet, rows: number, counts: Counts): void {
  const [address, gapLow, gapHigh] = [sheet.at("address"), sheet.at("gap.low"), sheet.at("gap.high")];
  const mask = 2 ** Tables.GAP_LOW_BITS - 1;
  for (let row = 0; row < rows; row++) {
    const gap = row + 1 < rows ? address[row + 1]! - address[row]! - 1 : 0;
    assert(gap >= 0, "places of the boundary are out of order");
    gapLow[row] = gap & mask;
    gapHigh[row] = gap >>> Tables.GAP_LOW_BITS;
    counts.range[gap & mask]!++;
    counts.range[gap >>> Tables.GAP_LOW_BITS]!++;
  }
}
