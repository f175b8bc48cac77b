/**
 * What ECALL does. The call number is in a7; at most one word goes in and one comes out, both in a0, so that a call is
 * one row of a proof. `docs/spec/machine.md`, "Calls", is the contract.
 */
import { type Machine, OUTPUT_MAX_WORDS, trap } from "./Machine.ts";

export const A0 = 10;
export const A7 = 17;

/** `exit` has the number that Linux gives it, so that a guest without input or output runs there too. */
export const Call = {
  /** Ends the run with the code in a0. */
  exit: 93,
  /** a0 := the next word of the input tape. */
  read: 1024,
  /** Appends a0 to the output tape. */
  write: 1025,
  /** Appends a0 to the output tape as a marked word, then a0 := the next word of the input tape: the answer's length. */
  effect: 1026,
} as const;

/** Performs the call. False when it trapped, with nothing changed. */
export function call(machine: Machine): boolean {
  const number = machine.registers[A7]!;
  const reads = number === Call.read || number === Call.effect;
  const writes = number === Call.write || number === Call.effect;
  if (number === Call.exit) {
    machine.status = { kind: "exited", code: machine.registers[A0]! };
    return true;
  }
  if (!reads && !writes) return refuse(machine, "unknown-call", number);
  if (reads && machine.inputAt >= machine.input.length) return refuse(machine, "input-ended", machine.inputAt);
  if (writes && machine.output.length >= OUTPUT_MAX_WORDS) {
    return refuse(machine, "output-full", machine.output.length);
  }
  if (number === Call.effect) machine.marks.push(machine.output.length);
  if (writes) machine.output.push(machine.registers[A0]! >>> 0);
  if (reads) machine.registers[A0] = machine.input[machine.inputAt++]! | 0;
  return true;
}

function refuse(machine: Machine, kind: Parameters<typeof trap>[1], value: number): false {
  trap(machine, kind, value);
  return false;
}
