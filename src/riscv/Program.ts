/**
 * A program as the machine loads it: initial memory in regions, the entry point, and its code decoded once.
 * Programs come from ELF files (`Elf.decode`) and from the assembler; both go through `of`, which checks the laws:
 * regions are whole words, disjoint, sorted, inside one window, and the entry point is code.
 */
import { err, ok, type Result } from "../std/index.ts";
import { decode } from "./Instruction.ts";
import { Op, UNKNOWN } from "./table.ts";

/** The memory of a machine: one window of this size, which starts at the page of the lowest region. */
export const WINDOW_BYTES = 2 ** 26;
const PAGE_BYTES = 4096;
/** From the first code word to the last. */
export const CODE_SPAN_MAX_BYTES = 2 ** 23;
export const REGIONS_MAX_COUNT = 64;
/** Initial contents of all regions together: a table of their words stays below the tallest that can be proven. */
export const IMAGE_MAX_BYTES = 2 ** 23;

/** `code` is executed and read, `constant` is read, `data` is read and written. */
export type Access = "code" | "constant" | "data";

/** Initial memory from `address` on, a multiple of 4. */
export type Region = { readonly address: number; readonly words: Uint32Array; readonly access: Access };

/** A place between regions in the span of the code; like UNKNOWN, no instruction. */
export const NO_CODE = 49;
/** A branch or jump whose target is not a multiple of 4. */
export const BAD_TARGET = 50;

export type Program = {
  /** Unsigned address of the first instruction. */
  readonly entry: number;
  /** Unsigned address where the window starts. */
  readonly base: number;
  readonly regions: readonly Region[];
  readonly code: Code;
  /** For each 4096 bytes of the window: 1 when some word in them is read-only. */
  readonly guarded: Uint8Array;
};

/**
 * The code decoded: one element for each word from `start` to the last code word.
 * `rd` is 32 where the instruction's is 0: the machine has a 33rd register that takes what is written to x0 and is
 * never read, so that x0 stays 0 without a test. `imm` is the operand, except: the constant that lui and auipc
 * write, and the place in these arrays that jal and branches go to.
 */
export type Code = {
  readonly start: number;
  readonly length: number;
  readonly op: Uint8Array;
  readonly rd: Uint8Array;
  readonly rs1: Uint8Array;
  readonly rs2: Uint8Array;
  readonly imm: Int32Array;
  readonly words: Uint32Array;
};

export type ProgramError = {
  readonly kind:
    | "no-code"
    | "entry-outside-code"
    | "regions-overlap"
    | "outside-window"
    | "too-many-regions"
    | "image-too-large"
    | "code-too-wide";
  readonly message: string;
};

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

export const end = (region: Region): number => region.address + 4 * region.words.length;

/** Start of the window of a program whose lowest region starts at the address; the window ends by 2^32. */
export const windowAt = (lowest: number): number => Math.min(lowest - (lowest % PAGE_BYTES), 2 ** 32 - WINDOW_BYTES);

/** Where the stack starts: 16 bytes below the end of the window, 16-byte aligned as the ABI asks. */
export const stackTop = (program: Program): number => program.base + WINDOW_BYTES - 16;

export function of(entry: number, unsorted: readonly Region[]): Result<Program, ProgramError> {
  const refuse = (kind: ProgramError["kind"], message: string) => err({ kind, message });
  const regions = unsorted.filter((region) => region.words.length > 0).sort((a, b) => a.address - b.address);
  if (regions.length > REGIONS_MAX_COUNT) {
    return refuse("too-many-regions", `expected at most ${REGIONS_MAX_COUNT} regions, got ${regions.length}`);
  }
  const bytes = regions.reduce((sum, region) => sum + 4 * region.words.length, 0);
  if (bytes > IMAGE_MAX_BYTES) {
    return refuse("image-too-large", `expected at most ${IMAGE_MAX_BYTES} bytes of initial memory, got ${bytes}`);
  }
  for (const [i, region] of regions.entries()) {
    const next = regions[i + 1];
    if (next !== undefined && end(region) > next.address) {
      return refuse(
        "regions-overlap",
        `the region at ${hex(region.address)} runs into the one at ${hex(next.address)}`,
      );
    }
  }
  const code = regions.filter((region) => region.access === "code");
  const first = code[0];
  const last = code.at(-1);
  if (first === undefined || last === undefined) return refuse("no-code", "the program has no executable region");
  const base = windowAt(regions[0]!.address);
  const top = end(regions.at(-1)!);
  if (top > base + WINDOW_BYTES) {
    return refuse(
      "outside-window",
      `memory must lie between ${hex(base)} and ${hex(base + WINDOW_BYTES - 1)}, but a region ends at ${hex(top)}`,
    );
  }
  if (end(last) - first.address > CODE_SPAN_MAX_BYTES) {
    return refuse("code-too-wide", `code may span ${CODE_SPAN_MAX_BYTES} bytes, got ${end(last) - first.address}`);
  }
  if (entry % 4 !== 0 || !code.some((region) => entry >= region.address && entry < end(region))) {
    return refuse("entry-outside-code", `the entry point ${hex(entry)} is not a code word`);
  }
  const guarded = new Uint8Array(WINDOW_BYTES / PAGE_BYTES);
  for (const region of regions) {
    if (region.access === "data") continue;
    const from = (region.address - base) >>> 12;
    guarded.fill(1, from, ((end(region) - base - 1) >>> 12) + 1);
  }
  return ok({ entry, base, regions, code: predecode(code, first.address, end(last)), guarded });
}

function predecode(regions: readonly Region[], start: number, stop: number): Code {
  const length = (stop - start) / 4;
  const code: Code = {
    start,
    length,
    op: new Uint8Array(length).fill(NO_CODE),
    rd: new Uint8Array(length),
    rs1: new Uint8Array(length),
    rs2: new Uint8Array(length),
    imm: new Int32Array(length),
    words: new Uint32Array(length),
  };
  for (const region of regions) {
    for (const [i, word] of region.words.entries()) {
      const place = (region.address - start) / 4 + i;
      const { op, rd, rs1, rs2, imm } = decode(word);
      code.words[place] = word;
      code.op[place] = op;
      code.rd[place] = rd === 0 ? 32 : rd;
      code.rs1[place] = rs1;
      code.rs2[place] = rs2;
      code.imm[place] = imm;
      if (op === Op.auipc) code.imm[place] = (start + 4 * place + imm) | 0;
      if (op === Op.jal || (op >= Op.beq && op <= Op.bgeu)) {
        code.imm[place] = place + (imm >> 2);
        if (imm % 4 !== 0) code.op[place] = BAD_TARGET;
      }
      if (op === UNKNOWN) code.rd[place] = 0;
    }
  }
  return code;
}

/** Whether the word at this distance from the window's start is read-only. */
export function isReadOnly(program: Program, offset: number): boolean {
  if (program.guarded[offset >>> 12] === 0) return false;
  const address = program.base + offset;
  return program.regions.some(
    (region) => region.access !== "data" && address >= region.address && address < end(region),
  );
}
