/**
 * The state of a run. Mutable: this is the hot buffer of the project. One array buffer holds the memory window and,
 * after it, the registers, so that a translation to WebAssembly works on the same state as the interpreter.
 */
import { assert } from "../std/index.ts";
import { isReadOnly, type Program, stackTop, WINDOW_BYTES } from "./Program.ts";

/** Where the registers start in the buffer, in bytes. */
export const REGISTERS_AT_BYTES = WINDOW_BYTES;
/** The window and one page of 64 KiB for the registers. */
export const BUFFER_BYTES = WINDOW_BYTES + 65536;
export const OUTPUT_MAX_WORDS = 2 ** 24;
/** Takes what is written to x0; never read. */
export const SINK_REGISTER = 32;

export type TrapKind =
  | "misaligned-load"
  | "misaligned-store"
  | "misaligned-jump"
  | "load-outside"
  | "store-outside"
  | "jump-outside"
  | "store-to-constant"
  | "unknown-instruction"
  | "unknown-call"
  | "breakpoint"
  | "input-ended"
  | "output-full";

/** Why a run cannot go on. `pc` is the instruction; `value` is the address, the word or the call number concerned. */
export type Trap = { readonly kind: TrapKind; readonly pc: number; readonly value: number };

export type Status =
  | { readonly kind: "running" }
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "trapped"; readonly trap: Trap };

export type Machine = {
  readonly program: Program;
  readonly buffer: ArrayBuffer;
  /** The window as words, halves and bytes; index 0 is the window's start. */
  readonly words: Int32Array;
  readonly halves: Int16Array;
  readonly bytes: Uint8Array;
  /** x0 to x31, then the sink. x0 is 0 and nothing writes it. */
  readonly registers: Int32Array;
  /** Unsigned. */
  pc: number;
  /** Instructions executed. */
  cycles: number;
  status: Status;
  /** The words that the guest can read; a host may append answers between runs. */
  input: Uint32Array;
  inputAt: number;
  /** The words that the guest has written. */
  readonly output: number[];
  /** Places in `output` of the marked words: one for each effect. */
  readonly marks: number[];
};

const RUNNING: Status = { kind: "running" };

/** A machine ready at the entry point. A new buffer of BUFFER_BYTES, all zero, may be given (of a WebAssembly memory). */
export function of(program: Program, input: Uint32Array = new Uint32Array(0), given?: ArrayBuffer): Machine {
  assert(given === undefined || given.byteLength >= BUFFER_BYTES, "the machine's buffer is too small");
  const buffer = given ?? new ArrayBuffer(BUFFER_BYTES);
  const machine: Machine = {
    program,
    buffer,
    words: new Int32Array(buffer, 0, WINDOW_BYTES / 4),
    halves: new Int16Array(buffer, 0, WINDOW_BYTES / 2),
    bytes: new Uint8Array(buffer, 0, WINDOW_BYTES),
    registers: new Int32Array(buffer, REGISTERS_AT_BYTES, 33),
    pc: program.entry,
    cycles: 0,
    status: RUNNING,
    input,
    inputAt: 0,
    output: [],
    marks: [],
  };
  for (const region of program.regions) machine.words.set(region.words, (region.address - program.base) / 4);
  machine.registers[2] = stackTop(program) | 0;
  return machine;
}

export function trap(machine: Machine, kind: TrapKind, value: number): void {
  machine.status = { kind: "trapped", trap: { kind, pc: machine.pc, value: value >>> 0 } };
}

/**
 * The distance of an address from the window's start, for a naturally aligned access of `bytes`; traps and gives −1
 * when the access is not allowed. Alignment is checked first, then the window, then writing to constants.
 */
export function locate(machine: Machine, address: number, bytes: number, writes: boolean): number {
  const refuse = (kind: TrapKind): number => {
    trap(machine, kind, address);
    return -1;
  };
  if ((address & (bytes - 1)) !== 0) return refuse(writes ? "misaligned-store" : "misaligned-load");
  const offset = (address - machine.program.base) >>> 0;
  if (offset >= WINDOW_BYTES) return refuse(writes ? "store-outside" : "load-outside");
  if (writes && isReadOnly(machine.program, offset)) return refuse("store-to-constant");
  return offset;
}

/** One line for a person. */
export function showTrap({ kind, pc, value }: Trap): string {
  const at = `at pc 0x${pc.toString(16)}`;
  const address = `0x${value.toString(16)}`;
  switch (kind) {
    case "misaligned-load":
    case "misaligned-store":
    case "misaligned-jump":
      return `misaligned ${kind.slice(11)} ${kind === "misaligned-jump" ? "to" : "at"} address ${address} ${at}`;
    case "load-outside":
    case "store-outside":
      return `${kind.slice(0, -8)} outside memory, address ${address}, ${at}`;
    case "jump-outside":
      return `jump outside the code, ${at}`;
    case "store-to-constant":
      return `store to code or constants, address ${address}, ${at}`;
    case "unknown-instruction":
      return `unknown instruction ${address} ${at}`;
    case "unknown-call":
      return `unknown call number ${value} ${at}`;
    case "breakpoint":
      return `breakpoint ${at}`;
    case "input-ended":
      return `the guest reads past the end of the input tape ${at}`;
    case "output-full":
      return `the output tape is full (${OUTPUT_MAX_WORDS} words) ${at}`;
  }
}
