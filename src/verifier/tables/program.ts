/**
 * The program table: its instructions, decoded, and the initial contents of registers, cells and memory. Its fixed
 * columns are what the program's key binds; a row holds one instruction and one place, which have nothing to do with
 * each other.
 */
import {
  Instruction,
  Machine,
  Op,
  type Program as ProgramOf,
  Program as Programs,
  UNKNOWN,
} from "../../riscv/index.ts";
import { defineTable } from "../air.ts";
import { CELLS, imageBus, opNumber, programBus, SPACE, WORDS_AT } from "./buses.ts";

export const ProgramTable = defineTable(
  "program",
  (t) => {
    const instruction = programBus.fields.map((field) => t.fixed(field));
    const place = t.fixed("place");
    const contents = imageBus.fields.map((field) => t.fixed(`image.${field}`));
    const count = t.column("count");
    // A padding row is operation 0, which no table has.
    t.receive(programBus, count, instruction);
    t.send(imageBus, place, contents);
    return { count };
  },
  { fixed: "program" },
);

/** A word address that no pc has: where a branch between words would go. */
export const NOWHERE = 2 ** 30;

/** The row of the program table for each place in the code; −1 for words that cannot be executed. */
export function rowsOfCode(program: ProgramOf.Program): Int32Array {
  const { op } = program.code;
  const rows = new Int32Array(op.length);
  let row = 0;
  for (let place = 0; place < op.length; place++) rows[place] = isExecutable(program, place) ? row++ : -1;
  return rows;
}

function isExecutable(program: ProgramOf.Program, place: number): boolean {
  const { op, words } = program.code;
  const known = op[place] === Programs.BAD_TARGET ? Instruction.decode(words[place]!).op : op[place]!;
  return known < UNKNOWN && known !== Op.ebreak && !(known === Op.jal && op[place] === Programs.BAD_TARGET);
}

const bytesOf = (word: number): number[] => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];

/** The fields of the program bus for an executable place in the code. */
export function instructionRow(program: ProgramOf.Program, place: number): number[] {
  const { code } = program;
  const pc = code.start / 4 + place;
  const { op, rs1, rs2, imm } = Instruction.decode(code.words[place]!);
  const rd = code.rd[place]!;
  const row = (number: number, immediate: number, fields: readonly [number, number, number], word = 0, target = 0) => [
    pc,
    number,
    immediate,
    ...fields,
    ...bytesOf(word),
    target,
  ];
  switch (op) {
    case Op.lui:
    case Op.auipc:
      return row(opNumber("lui"), 0, [rd, 0, 0], code.imm[place]!, pc + 1);
    case Op.jal:
      return row(opNumber("lui"), 0, [rd, 0, 0], 4 * (pc + 1), code.start / 4 + code.imm[place]!);
    case Op.fence:
      return row(opNumber("add"), 1, [Machine.SINK_REGISTER, 0, 0]);
    case Op.ecall:
      return row(opNumber("ecall"), 0, [0, 0, 0]);
    case Op.jalr:
      return row(opNumber("jalr"), 0, [rd, rs1, 0], imm);
  }
  if (op >= Op.beq && op <= Op.bgeu) {
    const between = code.op[place] === Programs.BAD_TARGET;
    return row(op + 1, 0, [0, rs1, rs2], 0, between ? NOWHERE : code.start / 4 + code.imm[place]!);
  }
  if (op >= Op.lb && op <= Op.lhu) return row(op + 1, 0, [rd, rs1, 0], imm);
  if (op >= Op.sb && op <= Op.sw) return row(op + 1, 0, [0, rs1, rs2], imm);
  if (op >= Op.addi && op <= Op.srai) return row(REGISTER_FORM[op]!, 1, [rd, rs1, 0], imm);
  return row(op + 1, 0, [rd, rs1, rs2]);
}

/** The operation of each instruction with a constant. */
const REGISTER_FORM: Readonly<Record<number, number>> = {
  [Op.addi]: opNumber("add"),
  [Op.slti]: opNumber("slt"),
  [Op.sltiu]: opNumber("sltu"),
  [Op.xori]: opNumber("xor"),
  [Op.ori]: opNumber("or"),
  [Op.andi]: opNumber("and"),
  [Op.slli]: opNumber("sll"),
  [Op.srli]: opNumber("srl"),
  [Op.srai]: opNumber("sra"),
};

/**
 * The fields of the image bus, column by column, for all initial places in order of address: registers, sink and
 * cells, then the words of all regions.
 */
export function imageColumns(program: ProgramOf.Program): Uint32Array[] {
  const rows = program.regions.reduce((sum, region) => sum + region.words.length, CELLS);
  const columns = imageBus.fields.map(() => new Uint32Array(rows));
  let row = 0;
  const put = (space: number, address: number, word: number): void => {
    columns[0]![row] = space;
    columns[1]![row] = address;
    for (let i = 0; i < 4; i++) columns[2 + i]![row] = (word >>> (8 * i)) & 255;
    row++;
  };
  for (let address = 0; address < CELLS; address++) {
    put(SPACE.registers, address, address === 2 ? Programs.stackTop(program) : 0);
  }
  for (const region of program.regions) {
    const space = region.access === "data" ? SPACE.data : SPACE.constant;
    const from = (region.address - program.base) / 4 + WORDS_AT;
    for (let i = 0; i < region.words.length; i++) put(space, from + i, region.words[i]!);
  }
  return columns;
}

/** The fixed columns of the program table. */
export function programColumns(program: ProgramOf.Program): Uint32Array[] {
  const places = [...rowsOfCode(program).keys()].filter((place) => isExecutable(program, place));
  const image = imageColumns(program);
  const height = Math.max(places.length, image[0]!.length);
  const columns = ProgramTable.fixed.map(() => new Uint32Array(height));
  for (const [row, place] of places.entries()) {
    for (const [i, value] of instructionRow(program, place).entries()) columns[i]![row] = value;
  }
  const first = programBus.fields.length;
  columns[first]!.fill(1, 0, image[0]!.length);
  for (const [i, column] of image.entries()) columns[first + 1 + i]!.set(column);
  return columns;
}
