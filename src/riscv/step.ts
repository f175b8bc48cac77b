/**
 * One instruction, by the table. This is the meaning of the machine; the fast interpreter and the translation hand
 * every unusual case (calls, traps, jumps that leave the code) to it, and are compared with it.
 * What the instruction touched is left in `Touched`, from which the execution record is made.
 */
import { A0, A7, call } from "./call.ts";
import { locate, type Machine, trap } from "./Machine.ts";
import { BAD_TARGET, NO_CODE } from "./Program.ts";
import { ENTRIES, Op, UNKNOWN } from "./table.ts";

/** No register, or no memory word, was touched. */
export const NONE = -1;

/** The accesses of one instruction, in their order in time: rs1, rs2, memory word, rd. Reused from step to step. */
export type Touched = {
  /** Place of the instruction in the code. */
  place: number;
  /** Registers read, 0–31, or NONE. ECALL reads a7 in the first. */
  rs1: number;
  rs1Value: number;
  rs2: number;
  rs2Value: number;
  /** Distance of the word accessed from the window's start, in words, or NONE. */
  word: number;
  wordBefore: number;
  wordAfter: number;
  /** Register written, 0–32, or NONE. ECALL rewrites a0, also when it leaves it as it is. */
  rd: number;
  rdBefore: number;
  rdAfter: number;
  /** For ECALL: words read from the input tape and written to the output tape, before the call. */
  inputAt: number;
  outputAt: number;
};

export const touched = (): Touched => ({
  place: 0,
  rs1: NONE,
  rs1Value: 0,
  rs2: NONE,
  rs2Value: 0,
  word: NONE,
  wordBefore: 0,
  wordAfter: 0,
  rd: NONE,
  rdBefore: 0,
  rdAfter: 0,
  inputAt: 0,
  outputAt: 0,
});

/**
 * Executes one instruction. False when it trapped: then `status` says why and nothing else has changed. After an exit
 * the pc stays at the call.
 */
export function step(machine: Machine, seen: Touched): boolean {
  const { program, registers } = machine;
  const code = program.code;
  const place = (machine.pc - code.start) / 4;
  if (machine.pc < code.start || place >= code.length || code.op[place] === NO_CODE) {
    trap(machine, "jump-outside", machine.pc);
    return false;
  }
  const op = code.op[place]!;
  const imm = code.imm[place]!;
  const rs1 = code.rs1[place]!;
  const rs2 = code.rs2[place]!;
  const a = registers[rs1]!;
  const b = registers[rs2]!;
  seen.place = place;
  seen.rs1 = rs1;
  seen.rs1Value = a;
  seen.rs2 = NONE;
  seen.word = NONE;
  seen.rd = NONE;
  let next = (machine.pc + 4) >>> 0;
  let result = 0;
  const entry = ENTRIES[op];
  const both = (): void => {
    seen.rs2 = rs2;
    seen.rs2Value = b;
  };
  switch (op === BAD_TARGET ? undefined : entry?.format) {
    case "R":
      both();
      result = entry!.result!(a, b);
      break;
    case "I":
    case "shift":
      result = entry!.result!(a, imm);
      break;
    case "U":
      seen.rs1 = NONE;
      result = imm;
      break;
    case "J":
      seen.rs1 = NONE;
      result = next | 0;
      next = (code.start + 4 * imm) >>> 0;
      break;
    case "jalr": {
      const target = ((a + imm) & ~1) >>> 0;
      if (target % 4 !== 0) {
        trap(machine, "misaligned-jump", target);
        return false;
      }
      result = next | 0;
      next = target;
      break;
    }
    case "B":
      both();
      if (entry!.taken!(a, b)) next = (code.start + 4 * imm) >>> 0;
      break;
    case "load": {
      const offset = locate(machine, (a + imm) >>> 0, entry!.bytes!, false);
      if (offset < 0) return false;
      const word = machine.words[offset >>> 2]!;
      seen.word = offset >>> 2;
      seen.wordBefore = word;
      seen.wordAfter = word;
      const unused = 32 - 8 * entry!.bytes!;
      const raised = (word >>> (8 * (offset & 3))) << unused;
      result = entry!.signed ? raised >> unused : (raised >>> unused) | 0;
      break;
    }
    case "S": {
      both();
      const offset = locate(machine, (a + imm) >>> 0, entry!.bytes!, true);
      if (offset < 0) return false;
      seen.word = offset >>> 2;
      seen.wordBefore = machine.words[offset >>> 2]!;
      if (entry!.bytes === 4) machine.words[offset >>> 2] = b;
      else if (entry!.bytes === 2) machine.halves[offset >>> 1] = b;
      else machine.bytes[offset] = b;
      seen.wordAfter = machine.words[offset >>> 2]!;
      break;
    }
    case "fence":
      // Nothing to order: it adds 0 to x0 into the sink.
      break;
    case "system":
      if (op === Op.ebreak) {
        trap(machine, "breakpoint", machine.pc);
        return false;
      }
      return environmentCall(machine, seen, next);
    default:
      return unusual(machine, seen, op, a, b, next);
  }
  if (entry!.format !== "B" && entry!.format !== "S") {
    const rd = code.rd[place]!;
    seen.rd = rd;
    seen.rdBefore = registers[rd]!;
    seen.rdAfter = result;
    registers[rd] = result;
  }
  machine.pc = next;
  machine.cycles++;
  return true;
}

function environmentCall(machine: Machine, seen: Touched, next: number): boolean {
  seen.rs1 = A7;
  seen.rs1Value = machine.registers[A7]!;
  seen.inputAt = machine.inputAt;
  seen.outputAt = machine.output.length;
  seen.rd = A0;
  seen.rdBefore = machine.registers[A0]!;
  if (!call(machine)) return false;
  seen.rdAfter = machine.registers[A0]!;
  if (machine.status.kind === "running") machine.pc = next;
  machine.cycles++;
  return true;
}

/** Words that are no instruction, and branches with a target between words, which trap only when taken. */
function unusual(machine: Machine, seen: Touched, op: number, a: number, b: number, next: number): boolean {
  const code = machine.program.code;
  const word = code.words[seen.place]!;
  if (op === UNKNOWN) {
    trap(machine, "unknown-instruction", word);
    return false;
  }
  const entry = ENTRIES.find((each) => each.opcode === (word & 0x7f) && (each.funct3 ?? -1) === ((word >>> 12) & 7));
  if (entry?.taken === undefined || entry.taken(a, b)) {
    // The two bits that a target can have besides whole words come from the operand alone.
    trap(machine, "misaligned-jump", machine.pc + 4 * (code.imm[seen.place]! - seen.place) + 2);
    return false;
  }
  seen.rs2 = code.rs2[seen.place]!;
  seen.rs2Value = b;
  machine.pc = next;
  machine.cycles++;
  return true;
}
