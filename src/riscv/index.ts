/** The front door of riscv: the RV32IM machine, its programs and its assembler. */
export { type AssemblyProblem, assemble } from "./assemble.ts";
export { A0, A7, Call } from "./call.ts";
export * as Elf from "./Elf.ts";
export * as Instruction from "./Instruction.ts";
export { interpret } from "./interpret.ts";
export * as Machine from "./Machine.ts";
export * as Program from "./Program.ts";
export {
  type ExecutionRecord,
  emptyRecord,
  type History,
  history,
  INPUT_CELL,
  OUTPUT_CELL,
  record,
  SLOT,
  timeOf,
} from "./record.ts";
export { step, type Touched, touched } from "./step.ts";
export { ENTRIES, type Name, Op, REGISTER_NAMES, UNKNOWN } from "./table.ts";
export { bytesOf, framed } from "./tape.ts";
export { prepare, type Translated, type WebAssemblyHost } from "./wasm/run.ts";
