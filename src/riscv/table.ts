/**
 * RV32IM as data: every instruction's name, shape, fixed bits and meaning, once.
 * Encoding, decoding, printing, the assembler and the recording step are made from this table; the fast
 * interpreter and the translation are compared with it. Source: The RISC-V Instruction Set Manual, volume I,
 * 20191213, chapters 2, 7 and 24.
 */

/** The instruction's bit layout; `fence` and `system` are I-type words that take no operands here. */
export type Format = "R" | "I" | "shift" | "load" | "S" | "B" | "U" | "J" | "jalr" | "fence" | "system";

export type Entry = {
  readonly name: string;
  readonly format: Format;
  /** Bits 0–6. */
  readonly opcode: number;
  /** Bits 12–14; absent in U and J. */
  readonly funct3?: number;
  /** Bits 25–31 of R and shift words. */
  readonly funct7?: number;
  /** Bits 7–31 of a system word, all fixed. */
  readonly word?: number;
  /** The result of a computing instruction from its two operands, as signed 32-bit numbers. */
  readonly result?: (a: number, b: number) => number;
  /** Whether a branch is taken. */
  readonly taken?: (a: number, b: number) => boolean;
  /** Bytes moved by a load or store. */
  readonly bytes?: 1 | 2 | 4;
  /** Whether a narrow load extends the sign. */
  readonly signed?: boolean;
};

/** The high 32 bits of a 64-bit product of two unsigned factors. */
export function mulhu(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = (aLow * bLow) >>> 16;
  const middle = aHigh * bLow + low;
  const other = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (other >>> 16)) | 0;
}

/** A negative factor is its unsigned reading less 2^32, which takes the other factor off the high word. */
export const mulhsu = (a: number, b: number): number => (mulhu(a, b) - (a < 0 ? b : 0)) | 0;
export const mulh = (a: number, b: number): number => (mulhsu(a, b) - (b < 0 ? a : 0)) | 0;

/** Division by zero gives −1, and MIN / −1 gives MIN (which `| 0` wraps to). */
export const div = (a: number, b: number): number => (b === 0 ? -1 : (a / b) | 0);
export const divu = (a: number, b: number): number => (b === 0 ? -1 : ((a >>> 0) / (b >>> 0)) | 0);
/** Remainder by zero gives the dividend; the sign is the dividend's, and `| 0` clears −0. */
export const rem = (a: number, b: number): number => (b === 0 ? a : (a % b) | 0);
export const remu = (a: number, b: number): number => (b === 0 ? a : ((a >>> 0) % (b >>> 0)) | 0);

const add = (a: number, b: number): number => (a + b) | 0;
const less = (a: number, b: number): number => (a < b ? 1 : 0);
const below = (a: number, b: number): number => (a >>> 0 < b >>> 0 ? 1 : 0);
const xor = (a: number, b: number): number => a ^ b;
const or = (a: number, b: number): number => a | b;
const and = (a: number, b: number): number => a & b;
const shiftLeft = (a: number, b: number): number => a << (b & 31);
const shiftRight = (a: number, b: number): number => (a >>> (b & 31)) | 0;
const shiftRightSigned = (a: number, b: number): number => a >> (b & 31);

const computing = (funct7: number, funct3: number, name: string, result: (a: number, b: number) => number): Entry => ({
  name,
  format: "R",
  opcode: 0x33,
  funct3,
  funct7,
  result,
});
const immediate = (funct3: number, name: string, result: (a: number, b: number) => number): Entry => ({
  name,
  format: "I",
  opcode: 0x13,
  funct3,
  result,
});
const shift = (funct7: number, funct3: number, name: string, result: (a: number, b: number) => number): Entry => ({
  name,
  format: "shift",
  opcode: 0x13,
  funct3,
  funct7,
  result,
});
const branch = (funct3: number, name: string, taken: (a: number, b: number) => boolean): Entry => ({
  name,
  format: "B",
  opcode: 0x63,
  funct3,
  taken,
});
const load = (funct3: number, name: string, bytes: 1 | 2 | 4, signed: boolean): Entry => ({
  name,
  format: "load",
  opcode: 0x03,
  funct3,
  bytes,
  signed,
});
const store = (funct3: number, name: string, bytes: 1 | 2 | 4): Entry => ({
  name,
  format: "S",
  opcode: 0x23,
  funct3,
  bytes,
});

/**
 * The table. An instruction's place in it is its number (`Op`) in predecoded programs, execution records and
 * proofs, so rows are never moved or removed.
 */
export const ENTRIES: readonly Entry[] = [
  { name: "lui", format: "U", opcode: 0x37 },
  { name: "auipc", format: "U", opcode: 0x17 },
  { name: "jal", format: "J", opcode: 0x6f },
  { name: "jalr", format: "jalr", opcode: 0x67, funct3: 0 },
  branch(0, "beq", (a, b) => a === b),
  branch(1, "bne", (a, b) => a !== b),
  branch(4, "blt", (a, b) => a < b),
  branch(5, "bge", (a, b) => a >= b),
  branch(6, "bltu", (a, b) => a >>> 0 < b >>> 0),
  branch(7, "bgeu", (a, b) => a >>> 0 >= b >>> 0),
  load(0, "lb", 1, true),
  load(1, "lh", 2, true),
  load(2, "lw", 4, true),
  load(4, "lbu", 1, false),
  load(5, "lhu", 2, false),
  store(0, "sb", 1),
  store(1, "sh", 2),
  store(2, "sw", 4),
  immediate(0, "addi", add),
  immediate(2, "slti", less),
  immediate(3, "sltiu", below),
  immediate(4, "xori", xor),
  immediate(6, "ori", or),
  immediate(7, "andi", and),
  shift(0x00, 1, "slli", shiftLeft),
  shift(0x00, 5, "srli", shiftRight),
  shift(0x20, 5, "srai", shiftRightSigned),
  computing(0x00, 0, "add", add),
  computing(0x20, 0, "sub", (a, b) => (a - b) | 0),
  computing(0x00, 1, "sll", shiftLeft),
  computing(0x00, 2, "slt", less),
  computing(0x00, 3, "sltu", below),
  computing(0x00, 4, "xor", xor),
  computing(0x00, 5, "srl", shiftRight),
  computing(0x20, 5, "sra", shiftRightSigned),
  computing(0x00, 6, "or", or),
  computing(0x00, 7, "and", and),
  { name: "fence", format: "fence", opcode: 0x0f, funct3: 0 },
  { name: "ecall", format: "system", opcode: 0x73, word: 0 },
  { name: "ebreak", format: "system", opcode: 0x73, word: 1 << 13 },
  computing(0x01, 0, "mul", Math.imul),
  computing(0x01, 1, "mulh", mulh),
  computing(0x01, 2, "mulhsu", mulhsu),
  computing(0x01, 3, "mulhu", mulhu),
  computing(0x01, 4, "div", div),
  computing(0x01, 5, "divu", divu),
  computing(0x01, 6, "rem", rem),
  computing(0x01, 7, "remu", remu),
];

/** Instruction numbers: the places in the table, as constants so that a `switch` over them compiles to a jump. */
export const Op = {
  lui: 0,
  auipc: 1,
  jal: 2,
  jalr: 3,
  beq: 4,
  bne: 5,
  blt: 6,
  bge: 7,
  bltu: 8,
  bgeu: 9,
  lb: 10,
  lh: 11,
  lw: 12,
  lbu: 13,
  lhu: 14,
  sb: 15,
  sh: 16,
  sw: 17,
  addi: 18,
  slti: 19,
  sltiu: 20,
  xori: 21,
  ori: 22,
  andi: 23,
  slli: 24,
  srli: 25,
  srai: 26,
  add: 27,
  sub: 28,
  sll: 29,
  slt: 30,
  sltu: 31,
  xor: 32,
  srl: 33,
  sra: 34,
  or: 35,
  and: 36,
  fence: 37,
  ecall: 38,
  ebreak: 39,
  mul: 40,
  mulh: 41,
  mulhsu: 42,
  mulhu: 43,
  div: 44,
  divu: 45,
  rem: 46,
  remu: 47,
} as const;

export type Name = keyof typeof Op;

/** What a word that is no instruction decodes to. */
export const UNKNOWN = 48;

/** The ABI names of the 32 registers (RISC-V calling convention). */
export const REGISTER_NAMES: readonly string[] =
  "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split(" ");
