/** Pseudo-instructions: names that stand for one or two instructions (RISC-V Assembly Programmer's Manual). */
import type { Instruction } from "./Instruction.ts";
import { type Name, Op } from "./table.ts";

export type Operands = {
  /** Words kept for the statement. */
  readonly words: number;
  /** Address of the statement. */
  readonly address: number;
  readonly value: (text: string) => number;
  readonly register: (text: string | undefined) => number;
  readonly fail: (message: string) => never;
};

const make = (name: Name, fields: Partial<Omit<Instruction, "op">>): Instruction => ({
  op: Op[name],
  rd: 0,
  rs1: 0,
  rs2: 0,
  imm: 0,
  ...fields,
});

const low = (value: number): number => (value << 20) >> 20;
const high = (value: number): number => (value - low(value)) | 0;
const isSmall = (value: number): boolean => low(value) === (value | 0);

/** Words that a statement takes. `li` of a value not known yet takes two, so that the size never changes. */
export function sizeOf(name: string, operands: readonly string[], known: (text: string) => number | undefined): number {
  if (name === "la") return 2;
  if (name !== "li") return 1;
  const value = known(operands[1] ?? "");
  return value !== undefined && (isSmall(value) || low(value) === 0) ? 1 : 2;
}

/** Branches that compare with zero, and those with their operands exchanged: the real name, and which operand moves. */
const ZERO_BRANCHES: ReadonlyMap<string, { name: Name; zeroFirst: boolean }> = new Map([
  ["beqz", { name: "beq", zeroFirst: false }],
  ["bnez", { name: "bne", zeroFirst: false }],
  ["bltz", { name: "blt", zeroFirst: false }],
  ["bgez", { name: "bge", zeroFirst: false }],
  ["bgtz", { name: "blt", zeroFirst: true }],
  ["blez", { name: "bge", zeroFirst: true }],
]);
const SWAPPED_BRANCHES: ReadonlyMap<string, Name> = new Map([
  ["bgt", "blt"],
  ["ble", "bge"],
  ["bgtu", "bltu"],
  ["bleu", "bgeu"],
]);

/** The instructions of a pseudo-instruction; undefined when the name is none. */
export function expand(name: string, operands: readonly string[], context: Operands): Instruction[] | undefined {
  const { words, address, value, register, fail } = context;
  const expect = (count: number): void => {
    if (operands.length !== count) fail(`${name} takes ${count} operands, got ${operands.length}`);
  };
  const [first, second, third] = operands;
  const target = (text: string | undefined): number => value(text ?? "") - address;

  const zero = ZERO_BRANCHES.get(name);
  if (zero !== undefined) {
    expect(2);
    const rs = register(first);
    return [make(zero.name, { rs1: zero.zeroFirst ? 0 : rs, rs2: zero.zeroFirst ? rs : 0, imm: target(second) })];
  }
  const swapped = SWAPPED_BRANCHES.get(name);
  if (swapped !== undefined) {
    expect(3);
    return [make(swapped, { rs1: register(second), rs2: register(first), imm: target(third) })];
  }
  const two = (build: (rd: number, rs: number) => Instruction): Instruction[] => {
    expect(2);
    return [build(register(first), register(second))];
  };
  switch (name) {
    case "nop":
      expect(0);
      return [make("addi", {})];
    case "li": {
      expect(2);
      const rd = register(first);
      const number = value(second!) | 0;
      if (words === 1) {
        return isSmall(number) ? [make("addi", { rd, imm: number })] : [make("lui", { rd, imm: number })];
      }
      return [make("lui", { rd, imm: high(number) }), make("addi", { rd, rs1: rd, imm: low(number) })];
    }
    case "la": {
      expect(2);
      const rd = register(first);
      const number = value(second!) | 0;
      return [make("lui", { rd, imm: high(number) }), make("addi", { rd, rs1: rd, imm: low(number) })];
    }
    case "mv":
      return two((rd, rs1) => make("addi", { rd, rs1 }));
    case "not":
      return two((rd, rs1) => make("xori", { rd, rs1, imm: -1 }));
    case "neg":
      return two((rd, rs2) => make("sub", { rd, rs2 }));
    case "seqz":
      return two((rd, rs1) => make("sltiu", { rd, rs1, imm: 1 }));
    case "snez":
      return two((rd, rs2) => make("sltu", { rd, rs2 }));
    case "sltz":
      return two((rd, rs1) => make("slt", { rd, rs1 }));
    case "sgtz":
      return two((rd, rs2) => make("slt", { rd, rs2 }));
    case "j":
    case "tail":
      expect(1);
      return [make("jal", { imm: target(first) })];
    case "call":
      expect(1);
      return [make("jal", { rd: 1, imm: target(first) })];
    case "jal":
      return operands.length === 1 ? [make("jal", { rd: 1, imm: target(first) })] : undefined;
    case "jr":
      expect(1);
      return [make("jalr", { rs1: register(first) })];
    case "jalr":
      return operands.length === 1 ? [make("jalr", { rd: 1, rs1: register(first) })] : undefined;
    case "ret":
      expect(0);
      return [make("jalr", { rs1: 1 })];
    default:
      return undefined;
  }
}
