/** Rows of the tables multiply, multiply-high and divide. */

import { Op } from "../../riscv/index.ts";
import { Tables } from "../../verifier/index.ts";
import { byteSum, INVERSES } from "./control.ts";
import * as Sheet from "./Sheet.ts";
import { byteOf, countWord, putWord, type Source } from "./Sheet.ts";

export function multiplyRows(source: Source): readonly Uint32Array[] {
  const { steps, counts } = source;
  const sheet = Sheet.of(Tables.Multiply, steps.length);
  const is = sheet.at("is.mul");
  const [r, carries] = [sheet.many("r", 4), sheet.many("carry", 4)];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.secondReader(sheet, source);
  const write = Sheet.writer(sheet, source);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const time = step(row, i, is);
    const a = first(row, i, time);
    const c = second(row, i, time);
    const result = write(row, i, time);
    putWord(r, row, result);
    countWord(counts.pair, result);
    let sum = 0;
    for (let k = 0; k < 4; k++) {
      for (let j = 0; j <= k; j++) sum += byteOf(a, j) * byteOf(c, k - j);
      sum >>>= 8;
      carries[k]![row] = sum;
      counts.range[sum]!++;
    }
  }
  return sheet.columns;
}

export function multiplyHighRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const sheet = Sheet.of(Tables.MultiplyHigh, steps.length);
  const is = new Map([
    [Op.mulh as number, sheet.at("is.mulh")],
    [Op.mulhsu as number, sheet.at("is.mulhsu")],
    [Op.mulhu as number, sheet.at("is.mulhu")],
  ]);
  const [low, r, carries] = [sheet.many("low", 4), sheet.many("r", 4), sheet.many("carry", 8)];
  const [signA, signC] = [sheet.at("sign.a"), sheet.at("sign.c")];
  const [extendA, extendC] = [sheet.at("extend.a"), sheet.at("extend.c")];
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.secondReader(sheet, source);
  const write = Sheet.writer(sheet, source);
  const wideA = new Uint32Array(8);
  const wideC = new Uint32Array(8);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const op = program.code.op[record.place[i]!]!;
    const time = step(row, i, is.get(op)!);
    const a = first(row, i, time);
    const c = second(row, i, time);
    const result = write(row, i, time);
    signA[row] = a >>> 31;
    signC[row] = c >>> 31;
    counts.pair[2 * ((a >>> 24) & 127) + 256 * (2 * ((c >>> 24) & 127))]!++;
    const fillA = op === Op.mulhu ? 0 : 255 * (a >>> 31);
    const fillC = op === Op.mulh ? 255 * (c >>> 31) : 0;
    extendA[row] = fillA;
    extendC[row] = fillC;
    for (let k = 0; k < 8; k++) {
      wideA[k] = k < 4 ? byteOf(a, k) : fillA;
      wideC[k] = k < 4 ? byteOf(c, k) : fillC;
    }
    let sum = 0;
    for (let k = 0; k < 8; k++) {
      for (let j = 0; j <= k; j++) sum += wideA[j]! * wideC[k - j]!;
      sum >>>= 8;
      carries[k]![row] = sum;
      counts.range[sum]!++;
    }
    const product = Math.imul(a, c) >>> 0;
    putWord(low, row, product);
    putWord(r, row, result);
    countWord(counts.pair, product);
    countWord(counts.pair, result);
  }
  return sheet.columns;
}

export function divideRows(source: Source): readonly Uint32Array[] {
  const { program, record, steps, counts } = source;
  const sheet = Sheet.of(Tables.Divide, steps.length);
  const is = new Map([Op.div, Op.divu, Op.rem, Op.remu].map((op, i) => [op as number, sheet.columns[i]!]));
  const words = ["A", "C", "Q", "R", "d", "chosen", "r"].map((name) => sheet.many(name, 4));
  const carries = sheet.many("carry", 3);
  const [topA, topC, signA, signC] = ["top.a", "top.c", "sign.a", "sign.c"].map(sheet.at) as Four;
  const [zero, inverse, ones, unlike] = ["zero", "inverse", "ones", "unlike"].map(sheet.at) as Four;
  const negated = sheet.at("negated");
  const step = Sheet.stepper(sheet, source);
  const first = Sheet.firstReader(sheet, source);
  const second = Sheet.secondReader(sheet, source);
  const write = Sheet.writer(sheet, source);
  for (let row = 0; row < steps.length; row++) {
    const i = steps[row]!;
    const op = program.code.op[record.place[i]!]!;
    const time = step(row, i, is.get(op)!);
    const a = first(row, i, time);
    const c = second(row, i, time);
    const result = write(row, i, time);
    const signed = op === Op.div || op === Op.rem;
    const wantsQuotient = op === Op.div || op === Op.divu;
    const negativeA = signed ? a >>> 31 : 0;
    const negativeC = signed ? c >>> 31 : 0;
    const absoluteA = negativeA === 1 ? -a >>> 0 : a;
    const absoluteC = negativeC === 1 ? -c >>> 0 : c;
    const quotient = c === 0 ? 0 : Math.floor(absoluteA / absoluteC);
    const remainder = c === 0 ? absoluteA : absoluteA % absoluteC;
    const chosen = wantsQuotient ? quotient : remainder;
    // By zero there is nothing to compare with; any bytes will do.
    const d = c === 0 ? 0 : absoluteC - remainder - 1;
    for (const [k, word] of [absoluteA, absoluteC, quotient, remainder, d, chosen, result].entries()) {
      putWord(words[k]!, row, word);
      if (k !== 5) countWord(counts.pair, word);
    }
    topA[row] = a >>> 31;
    topC[row] = c >>> 31;
    counts.pair[2 * ((a >>> 24) & 127) + 256 * (2 * ((c >>> 24) & 127))]!++;
    signA[row] = negativeA;
    signC[row] = negativeC;
    zero[row] = c === 0 ? 1 : 0;
    inverse[row] = INVERSES[byteSum(c)]!;
    ones[row] = c === 0 && wantsQuotient ? 1 : 0;
    unlike[row] = negativeA ^ negativeC;
    negated[row] = wantsQuotient ? (c === 0 ? 0 : negativeA ^ negativeC) : negativeA;
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      sum += byteOf(remainder, k);
      for (let j = 0; j <= k; j++) sum += byteOf(absoluteC, j) * byteOf(quotient, k - j);
      sum >>>= 8;
      carries[k]![row] = sum;
      counts.range[sum]!++;
    }
  }
  return sheet.columns;
}

type Four = [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
