/** One instruction: from a word and back, and as text. Words come from a program file, so any word is possible. */
import { assert } from "../std/index.ts";
import { ENTRIES, type Entry, Op, REGISTER_NAMES, UNKNOWN } from "./table.ts";

/** `imm` is the signed operand; for lui and auipc its low 12 bits are zero. Unused fields are 0. */
export type Instruction = {
  readonly op: number;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly imm: number;
};

const unknown: Instruction = { op: UNKNOWN, rd: 0, rs1: 0, rs2: 0, imm: 0 };

/** Table places by opcode, funct3 and funct7 where the format has them: one look-up decodes a word. */
const places = new Map<number, number>();
const key = (opcode: number, funct3: number, funct7: number): number => (funct7 << 10) | (funct3 << 7) | opcode;
for (const [place, entry] of ENTRIES.entries()) {
  if (entry.format === "system") continue;
  const funct3s = entry.funct3 === undefined ? [0, 1, 2, 3, 4, 5, 6, 7] : [entry.funct3];
  for (const funct3 of funct3s) places.set(key(entry.opcode, funct3, entry.funct7 ?? 0), place);
}

const hasFunct7 = (opcode: number, funct3: number): boolean =>
  opcode === 0x33 || (opcode === 0x13 && (funct3 === 1 || funct3 === 5));

/** Decodes any 32-bit word; a word outside RV32IM has `op` UNKNOWN. FENCE's operand bits carry no meaning here. */
export function decode(word: number): Instruction {
  const opcode = word & 0x7f;
  const funct3 = (word >>> 12) & 7;
  if (opcode === 0x73) {
    const place = ENTRIES.findIndex((entry) => entry.format === "system" && entry.word === word >>> 7);
    return place < 0 ? unknown : { ...unknown, op: place };
  }
  const op = places.get(key(opcode, funct3, hasFunct7(opcode, funct3) ? word >>> 25 : 0));
  if (op === undefined) return unknown;
  const rd = (word >>> 7) & 31;
  const rs1 = (word >>> 15) & 31;
  const rs2 = (word >>> 20) & 31;
  switch (ENTRIES[op]!.format) {
    case "R":
      return { op, rd, rs1, rs2, imm: 0 };
    case "I":
    case "load":
    case "jalr":
      return { op, rd, rs1, rs2: 0, imm: word >> 20 };
    case "shift":
      return { op, rd, rs1, rs2: 0, imm: rs2 };
    case "S":
      return { op, rd: 0, rs1, rs2, imm: ((word >> 20) & ~31) | rd };
    case "B":
      return {
        op,
        rd: 0,
        rs1,
        rs2,
        imm: ((word >> 19) & ~0xfff) | ((word << 4) & 0x800) | ((word >>> 20) & 0x7e0) | ((word >>> 7) & 0x1e),
      };
    case "U":
      return { op, rd, rs1: 0, rs2: 0, imm: word & ~0xfff };
    case "J":
      return {
        op,
        rd,
        rs1: 0,
        rs2: 0,
        imm: ((word >> 11) & ~0xfffff) | (word & 0xff000) | ((word >>> 9) & 0x800) | ((word >>> 20) & 0x7fe),
      };
    default:
      return { ...unknown, op };
  }
}

/** The range of a format's operand: least, greatest, and the step between values. */
export function operandRange(format: Entry["format"]): { least: number; most: number; step: number } {
  switch (format) {
    case "I":
    case "load":
    case "jalr":
    case "S":
      return { least: -2048, most: 2047, step: 1 };
    case "shift":
      return { least: 0, most: 31, step: 1 };
    case "B":
      return { least: -4096, most: 4094, step: 2 };
    case "U":
      return { least: -(2 ** 31), most: 2 ** 31 - 4096, step: 4096 };
    case "J":
      return { least: -(2 ** 20), most: 2 ** 20 - 2, step: 2 };
    default:
      return { least: 0, most: 0, step: 1 };
  }
}

/** The word of an instruction, as an unsigned number. Operands out of range are a caller's bug. */
export function encode({ op, rd, rs1, rs2, imm }: Instruction): number {
  const entry = ENTRIES[op];
  assert(entry !== undefined, `no instruction has number ${op}`);
  const range = operandRange(entry.format);
  assert(
    imm >= range.least && imm <= range.most && imm % range.step === 0,
    `${entry.name} cannot hold the operand ${imm}`,
  );
  const base = entry.opcode | ((entry.funct3 ?? 0) << 12);
  switch (entry.format) {
    case "R":
      return (base | (rd << 7) | (rs1 << 15) | (rs2 << 20) | (entry.funct7! << 25)) >>> 0;
    case "I":
    case "load":
    case "jalr":
      return (base | (rd << 7) | (rs1 << 15) | (imm << 20)) >>> 0;
    case "shift":
      return (base | (rd << 7) | (rs1 << 15) | (imm << 20) | (entry.funct7! << 25)) >>> 0;
    case "S":
      return (base | ((imm & 31) << 7) | (rs1 << 15) | (rs2 << 20) | ((imm >> 5) << 25)) >>> 0;
    case "B":
      return (
        (base |
          ((imm & 0x1e) << 7) |
          ((imm & 0x800) >> 4) |
          (rs1 << 15) |
          (rs2 << 20) |
          ((imm & 0x7e0) << 20) |
          ((imm & 0x1000) << 19)) >>>
        0
      );
    case "U":
      return (base | (rd << 7) | imm) >>> 0;
    case "J":
      return (
        (base |
          (rd << 7) |
          (imm & 0xff000) |
          ((imm & 0x800) << 9) |
          ((imm & 0x7fe) << 20) |
          ((imm & 0x100000) << 11)) >>>
        0
      );
    case "fence":
      return (base | (0xff << 20)) >>> 0;
    case "system":
      return (entry.opcode | (entry.word! << 7)) >>> 0;
  }
}

/** Assembly text. With `pc`, targets of branches and jumps are absolute addresses. */
export function show(instruction: Instruction, pc?: number): string {
  const { op, imm } = instruction;
  if (op === UNKNOWN) return "unknown";
  const entry = ENTRIES[op]!;
  const [rd, rs1, rs2] = [instruction.rd, instruction.rs1, instruction.rs2].map((r) => REGISTER_NAMES[r]!);
  const target = pc === undefined ? `${imm}` : `0x${((pc + imm) >>> 0).toString(16)}`;
  const operands = (): string => {
    switch (entry.format) {
      case "R":
        return `${rd}, ${rs1}, ${rs2}`;
      case "I":
      case "shift":
        return `${rd}, ${rs1}, ${imm}`;
      case "load":
      case "jalr":
        return `${rd}, ${imm}(${rs1})`;
      case "S":
        return `${rs2}, ${imm}(${rs1})`;
      case "B":
        return `${rs1}, ${rs2}, ${target}`;
      case "U":
        return `${rd}, 0x${(imm >>> 12).toString(16)}`;
      case "J":
        return `${rd}, ${target}`;
      default:
        return "";
    }
  };
  return `${entry.name} ${operands()}`.trimEnd();
}

/** True when control does not simply pass to the next word: the end of a basic block. */
export const endsBlock = (op: number): boolean =>
  (op >= Op.jal && op <= Op.bgeu) || op === Op.ecall || op === Op.ebreak || op === UNKNOWN;
