/**
 * From an execution record to the columns of the tables. A run is cut into segments; each has rows for its own steps,
 * and the last also holds the tables that there is one of: the memory boundary, the program and the lookups.
 */
import {
  type ExecutionRecord,
  emptyRecord,
  type History,
  history,
  Machine,
  Op,
  type Program,
  record,
} from "../../riscv/index.ts";
import { assert } from "../../std/index.ts";
import { type Air, Tables } from "../../verifier/index.ts";
import { addRows, bitwiseRows, compareRows, constantRows, shiftRows } from "./arithmetic.ts";
import * as Counts from "./Counts.ts";
import { branchRows, callRows, jumpRows } from "./control.ts";
import { boundaryRows, loadRows, storeRows } from "./memory.ts";
import { divideRows, multiplyHighRows, multiplyRows } from "./multiply.ts";
import type { Source } from "./Sheet.ts";

type Family = {
  readonly table: string;
  readonly rows: (source: Source) => readonly Uint32Array[];
  readonly ops: readonly number[];
};

const FAMILIES: readonly Family[] = [
  { table: "add", rows: addRows, ops: [Op.add, Op.addi, Op.sub, Op.fence] },
  { table: "bitwise", rows: bitwiseRows, ops: [Op.and, Op.andi, Op.or, Op.ori, Op.xor, Op.xori] },
  { table: "compare", rows: compareRows, ops: [Op.slt, Op.slti, Op.sltu, Op.sltiu] },
  { table: "shift", rows: shiftRows, ops: [Op.sll, Op.slli, Op.srl, Op.srli, Op.sra, Op.srai] },
  { table: "branch", rows: branchRows, ops: [Op.beq, Op.bne, Op.blt, Op.bge, Op.bltu, Op.bgeu] },
  { table: "constant", rows: constantRows, ops: [Op.lui, Op.auipc, Op.jal] },
  { table: "jump", rows: jumpRows, ops: [Op.jalr] },
  { table: "load", rows: loadRows, ops: [Op.lb, Op.lh, Op.lw, Op.lbu, Op.lhu] },
  { table: "store", rows: storeRows, ops: [Op.sb, Op.sh, Op.sw] },
  { table: "multiply", rows: multiplyRows, ops: [Op.mul] },
  { table: "multiply-high", rows: multiplyHighRows, ops: [Op.mulh, Op.mulhsu, Op.mulhu] },
  { table: "divide", rows: divideRows, ops: [Op.div, Op.divu, Op.rem, Op.remu] },
  { table: "call", rows: callRows, ops: [Op.ecall] },
];

/** Place in FAMILIES by instruction number. A branch between words, which was not taken, is a branch. */
const FAMILY_OF = (() => {
  const places = new Uint8Array(256).fill(FAMILIES.findIndex((family) => family.table === "branch"));
  for (const [i, family] of FAMILIES.entries()) for (const op of family.ops) places[op] = i;
  return places;
})();

/** The rows of the instructions' tables for the steps of a record. */
export function instructionTables(
  program: Program.Program,
  steps: ExecutionRecord,
  counts: Counts.Counts,
): Map<string, readonly Uint32Array[]> {
  const { op } = program.code;
  const sizes = new Uint32Array(FAMILIES.length);
  for (let i = 0; i < steps.length; i++) sizes[FAMILY_OF[op[steps.place[i]!]!]!]!++;
  const lists = [...sizes].map((size) => new Uint32Array(size));
  sizes.fill(0);
  for (let i = 0; i < steps.length; i++) {
    const family = FAMILY_OF[op[steps.place[i]!]!]!;
    lists[family]![sizes[family]!++] = i;
  }
  const tables = new Map<string, readonly Uint32Array[]>();
  for (const [i, family] of FAMILIES.entries()) {
    if (sizes[i]! > 0) tables.set(family.table, family.rows({ program, record: steps, steps: lists[i]!, counts }));
  }
  return tables;
}

/** The tables of which a run has one: to be called when all steps are counted and the machine has exited. */
export function closingTables(
  machine: Machine.Machine,
  past: History,
  counts: Counts.Counts,
): Map<string, readonly Uint32Array[]> {
  assert(machine.status.kind === "exited", "only a run that has exited can be proven");
  const boundary = boundaryRows(machine, past, counts);
  return new Map([
    ["boundary", boundary],
    ["program", [counts.program]],
    ["lookups", [counts.and, counts.pair, counts.range]],
  ]);
}

/**
 * Runs a machine from its start and gives one segment's witness after the other, each of at most `steps` steps. When
 * the run traps, the segments end without the closing tables, and `machine.status` says why.
 */
export function* segments(machine: Machine.Machine, steps: number): Generator<Air.Witness> {
  assert(machine.cycles === 0, "a witness starts with the run");
  const past = history();
  const counts = Counts.of(machine.program);
  const into = emptyRecord(steps);
  while (machine.status.kind === "running") {
    record(machine, past, into);
    const tables = instructionTables(machine.program, into, counts);
    const after = machine.status as Machine.Status;
    if (after.kind === "trapped") return;
    if (after.kind === "exited") {
      for (const [name, columns] of closingTables(machine, past, counts)) tables.set(name, columns);
    }
    yield tables;
  }
}

/** Places that the memory boundary of a run has: those of the image, and the other words that the run touches. */
export function countPlaces(program: Program.Program, tape: Uint32Array): number {
  const machine = Machine.of(program, tape);
  const past = history();
  const into = emptyRecord(2 ** 16);
  while (machine.status.kind === "running") record(machine, past, into);
  const image = Tables.imageColumns(program)[1]!;
  const inImage = new Set(image);
  return image.length + past.order.filter((offset) => !inImage.has(Tables.WORDS_AT + offset)).length;
}
