/** The buses of the RISC-V machine and the numbers that its tables agree on. `docs/spec/proof.md` is the contract. */
import { type Name, Op } from "../../riscv/index.ts";
import { bus } from "../air.ts";

/** Control: where the next instruction is (word address) and its time. One message at any moment of a run. */
export const stateBus = bus("state", "pc", "time");
/** Offline memory: the contents of a place and when they were last touched. Values are four bytes, lowest first. */
export const memoryBus = bus("memory", "space", "address", "v0", "v1", "v2", "v3", "time");
/** The program: the instruction at a pc. */
export const programBus = bus(
  "program",
  ...["pc", "op", "immediate", "rd", "rs1", "rs2", "i0", "i1", "i2", "i3", "target"],
);
/** Initial contents that the program's key fixes. */
export const imageBus = bus("image", "space", "address", "v0", "v1", "v2", "v3");
/** c = a and b, for bytes. */
export const andBus = bus("and", "a", "b", "c");
/** Two bytes. */
export const pairBus = bus("pair", "a", "b");
/** A number below 2^16. */
export const rangeBus = bus("range", "value");
/** The words that the guest read and wrote, by number. */
export const inputBus = bus("input", "index", "v0", "v1", "v2", "v3");
export const outputBus = bus("output", "index", "marked", "v0", "v1", "v2", "v3");
/** The end of the run: exit code and the time of the last step. */
export const exitBus = bus("exit", "v0", "v1", "v2", "v3", "time");
/** Held by the one table that may give memory its initial contents. */
export const boundaryBus = bus("boundary", "token");

/**
 * The spaces of the memory bus. An instruction names the space of what it accesses, so a store cannot reach a constant,
 * and neither loads nor stores can reach a register, whatever their address. Addresses are unique over all spaces.
 */
export const SPACE = { data: 0, constant: 1, registers: 2 } as const;
/**
 * Memory words follow the registers, the sink and the two cells: their address is their distance from the window's
 * start, in words, plus this. So all addresses are below 2^25, far from p.
 */
export const WORDS_AT = 64;
export const INPUT_CELL_ADDRESS = 33;
export const OUTPUT_CELL_ADDRESS = 34;
/** Registers, sink and cells: addresses 0 to 34. */
export const CELLS = 35;

/**
 * Number of an operation on the program bus: one more than the instruction's number, so that 0, which padding rows of
 * the program table hold, is none. An instruction with a constant has the number of its register form.
 */
export const opNumber = (name: Name): number => Op[name] + 1;

/** Public values of the statement, by index. */
export const PUBLIC_BASE_WORD = 0;
