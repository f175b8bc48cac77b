/** The tables of the RISC-V machine. */
export { TIME_LOW_BITS } from "./adapter.ts";
export { Add } from "./add.ts";
export { Bitwise } from "./bitwise.ts";
export { Boundary, GAP_LOW_BITS } from "./boundary.ts";
export { Branch } from "./branch.ts";
export { INPUT_CELL_ADDRESS, OUTPUT_CELL_ADDRESS, WORDS_AT } from "./buses.ts";
export { CallTable } from "./call.ts";
export { Compare } from "./compare.ts";
export { Constant } from "./constant.ts";
export { Divide } from "./divide.ts";
export { Jump } from "./jump.ts";
export { Load } from "./load.ts";
export { Lookups } from "./lookups.ts";
export { RiscV, RV32IM } from "./machine.ts";
export { Multiply, MultiplyHigh } from "./multiply.ts";
export { imageColumns, NOWHERE, ProgramTable, rowsOfCode } from "./program.ts";
export { Shift } from "./shift.ts";
export { Store } from "./store.ts";
