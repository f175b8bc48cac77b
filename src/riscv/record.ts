/**
 * The execution record: what a prover must know of every step, in typed arrays. Each access carries the value before
 * it and the time of the access before it to the same place (offline memory checking: "receive the old, send the new").
 *
 * Time: step n, counted from 0, has the times 4(n+1) to 4(n+1)+3, for its four accesses in order: rs1, rs2, memory
 * word, rd. Time 0 stands for the initial contents. ECALL uses the four for a7, the input cell (words read so far),
 * the output cell (words written so far) and a0.
 */
import { assert } from "../std/index.ts";
import type { Machine } from "./Machine.ts";
import { WINDOW_BYTES } from "./Program.ts";
import { NONE, step, touched } from "./step.ts";
import { Op } from "./table.ts";

export const SLOT = { rs1: 0, rs2: 1, word: 2, rd: 3 } as const;
export const timeOf = (stepNumber: number): number => 4 * (stepNumber + 1);

/** Places in `History.registers` after the 33 registers. */
export const INPUT_CELL = 33;
export const OUTPUT_CELL = 34;

/** When each place was last accessed, over the whole run; 0 when never. Carried from one record to the next. */
export type History = {
  readonly registers: Uint32Array;
  readonly words: Uint32Array;
  /** Offsets of the memory words accessed so far, in words, in order of first access. */
  readonly order: number[];
};

export const history = (): History => ({
  registers: new Uint32Array(35),
  words: new Uint32Array(WINDOW_BYTES / 4),
  order: [],
});

/** Consecutive steps; element i of each array belongs to step `first + i`. Fields that a step does not use are 0. */
export type ExecutionRecord = {
  readonly capacity: number;
  first: number;
  length: number;
  /** Place of the instruction in `program.code`. */
  readonly place: Uint32Array;
  readonly rs1Value: Uint32Array;
  readonly rs1Time: Uint32Array;
  /** For ECALL: the input cell before the call. */
  readonly rs2Value: Uint32Array;
  readonly rs2Time: Uint32Array;
  /** Offset of the memory word from the window's start, in words. */
  readonly word: Uint32Array;
  /** For ECALL: the output cell before the call. */
  readonly wordBefore: Uint32Array;
  readonly wordAfter: Uint32Array;
  readonly wordTime: Uint32Array;
  readonly rdBefore: Uint32Array;
  readonly rdAfter: Uint32Array;
  readonly rdTime: Uint32Array;
  /** Unsigned pc after the step. */
  readonly next: Uint32Array;
};

export function emptyRecord(capacity: number): ExecutionRecord {
  const column = (): Uint32Array => new Uint32Array(capacity);
  return {
    capacity,
    first: 0,
    length: 0,
    place: column(),
    rs1Value: column(),
    rs1Time: column(),
    rs2Value: column(),
    rs2Time: column(),
    word: column(),
    wordBefore: column(),
    wordAfter: column(),
    wordTime: column(),
    rdBefore: column(),
    rdAfter: column(),
    rdTime: column(),
    next: column(),
  };
}

/**
 * Fills the record with the machine's next steps, until it is full or the run ends. A step that traps is not recorded:
 * a run that traps has no proof. The history must have seen every earlier step of the run.
 */
export function record(machine: Machine, past: History, into: ExecutionRecord): void {
  assert(timeOf(machine.cycles + into.capacity) < 2 ** 32, "the run is too long for 32-bit times");
  const seen = touched();
  const { op } = machine.program.code;
  into.first = machine.cycles;
  into.length = 0;
  while (into.length < into.capacity && machine.status.kind === "running") {
    const time = timeOf(machine.cycles);
    if (!step(machine, seen)) return;
    const i = into.length++;
    into.place[i] = seen.place;
    into.next[i] = machine.pc;
    into.rs1Value[i] = 0;
    into.rs1Time[i] = 0;
    if (seen.rs1 !== NONE) {
      into.rs1Value[i] = seen.rs1Value;
      into.rs1Time[i] = past.registers[seen.rs1]!;
      past.registers[seen.rs1] = time + SLOT.rs1;
    }
    const calls = op[seen.place] === Op.ecall;
    into.rs2Value[i] = 0;
    into.rs2Time[i] = 0;
    const second = calls ? INPUT_CELL : seen.rs2;
    if (second !== NONE) {
      into.rs2Value[i] = calls ? seen.inputAt : seen.rs2Value;
      into.rs2Time[i] = past.registers[second]!;
      past.registers[second] = time + SLOT.rs2;
    }
    into.word[i] = 0;
    into.wordBefore[i] = 0;
    into.wordAfter[i] = 0;
    into.wordTime[i] = 0;
    if (calls) {
      into.wordBefore[i] = seen.outputAt;
      into.wordAfter[i] = machine.output.length;
      into.wordTime[i] = past.registers[OUTPUT_CELL]!;
      past.registers[OUTPUT_CELL] = time + SLOT.word;
    } else if (seen.word !== NONE) {
      const before = past.words[seen.word]!;
      if (before === 0) past.order.push(seen.word);
      into.word[i] = seen.word;
      into.wordBefore[i] = seen.wordBefore;
      into.wordAfter[i] = seen.wordAfter;
      into.wordTime[i] = before;
      past.words[seen.word] = time + SLOT.word;
    }
    into.rdBefore[i] = 0;
    into.rdAfter[i] = 0;
    into.rdTime[i] = 0;
    if (seen.rd !== NONE) {
      into.rdBefore[i] = seen.rdBefore;
      into.rdAfter[i] = seen.rdAfter;
      into.rdTime[i] = past.registers[seen.rd]!;
      past.registers[seen.rd] = time + SLOT.rd;
    }
  }
}
