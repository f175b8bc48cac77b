/**
 * A program as one WebAssembly module: one function for each region of its code, one block for each basic block,
 * registers as locals, the instruction counter checked once a block.
 *
 * A region's function takes a place in the code and a number of instructions still allowed. It runs until control
 * leaves the region, the next block does not fit the allowance, or an instruction needs `step` (a call, a trap, a jump
 * to a word where no block starts); then registers and allowance are in memory and the result is the place reached,
 * at an instruction that has not been executed.
 *
 *     block $out
 *       loop $top
 *         block $b2 { block $b1 { block $b0 { block $none { br_table (at − start) … } br $out }
 *           …code of block 0; falls into block 1; a jump forward is a plain `br`… } … } …
 *         …code of block 2; a jump back sets `at` and goes to $top…
 */

import { endsBlock } from "../Instruction.ts";
import { BUFFER_BYTES, REGISTERS_AT_BYTES } from "../Machine.ts";
import { BAD_TARGET, end, NO_CODE, type Program, WINDOW_BYTES } from "../Program.ts";
import { Op } from "../table.ts";
import { emitComputation } from "./emit.ts";
import { type Body, body, Code, encodeModule, type FunctionOf } from "./encoder.ts";
import { findLeaders } from "./leaders.ts";

/** Larger functions are slow to compile, smaller ones exchange their registers more often. */
export const REGION_PLACES = 2048;
/** Where a region's function leaves its unused allowance: after the registers. */
export const LEFT_AT_BYTES = REGISTERS_AT_BYTES + 256;
export const PAGES = BUFFER_BYTES / 65536;

const AT = 0;
const LEFT = 1;
const ADDRESS = 2;
const FIRST_REGISTER = 3;

export type Translation = {
  readonly bytes: Uint8Array;
  /** Which regions have a function; its name is `r` and the region's number. */
  readonly regions: readonly boolean[];
};

type Span = { readonly from: number; readonly bytes: number };

export function translate(program: Program): Translation {
  const leaders = findLeaders(program);
  const { code } = program;
  const constants: Span[] = program.regions
    .filter((region) => region.access !== "data")
    .map((region) => ({ from: region.address - program.base, bytes: end(region) - region.address }));
  const joined: Span[] = [];
  for (const span of constants) {
    const last = joined.at(-1);
    if (last !== undefined && last.from + last.bytes === span.from) {
      joined[joined.length - 1] = { from: last.from, bytes: last.bytes + span.bytes };
    } else joined.push(span);
  }
  const functions: FunctionOf[] = [];
  const regions: boolean[] = [];
  for (let from = 0; from < code.length; from += REGION_PLACES) {
    const to = Math.min(code.length, from + REGION_PLACES);
    const used = code.op.subarray(from, to).some((op) => op < NO_CODE);
    regions.push(used);
    if (!used) continue;
    functions.push({
      exported: `r${regions.length - 1}`,
      parameters: 2,
      locals: { i32: 32, i64: 0 },
      body: translateRegion(program, from, to, leaders, joined),
    });
  }
  return { bytes: encodeModule(functions, PAGES), regions };
}

/** Local of a register; x0 has none. */
const local = (register: number): number => FIRST_REGISTER + register - 1;

function translateRegion(
  program: Program,
  from: number,
  to: number,
  leaders: Uint8Array,
  constants: readonly Span[],
): Uint8Array {
  const { code } = program;
  const starts: number[] = [];
  for (let place = from; place < to; place++) if (place === from || leaders[place] === 1) starts.push(place);
  const blocks = new Map(starts.map((place, i) => [place, i]));
  const used = new Set<number>();
  for (let place = from; place < to; place++) {
    for (const register of [code.rd[place]!, code.rs1[place]!, code.rs2[place]!]) {
      if (register > 0 && register < 32) used.add(register);
    }
  }
  const registers = [...used].sort((a, b) => a - b);

  const w = body();
  for (const register of registers) {
    w.i32(0);
    w.memory(Code.i32Load, 2, REGISTERS_AT_BYTES + 4 * register);
    w.set(local(register));
  }
  w.block();
  w.loop();
  for (let i = 0; i <= starts.length; i++) w.block();
  w.get(AT);
  w.i32(from);
  w.op(Code.i32Sub);
  const table: number[] = [];
  for (let place = from; place < to; place++) table.push((blocks.get(place) ?? -1) + 1);
  w.brTable(table, 0);
  w.op(Code.end);
  w.br(starts.length + 1);
  for (const [i, start] of starts.entries()) {
    w.op(Code.end);
    const stop = starts[i + 1] ?? to;
    emitBlock({ w, program, from, to, start, stop, index: i, blocks, constants });
  }
  w.br(1);
  w.op(Code.end, Code.end);
  for (const register of registers) {
    w.i32(0);
    w.get(local(register));
    w.memory(Code.i32Store, 2, REGISTERS_AT_BYTES + 4 * register);
  }
  w.i32(0);
  w.get(LEFT);
  w.memory(Code.i32Store, 2, LEFT_AT_BYTES);
  w.get(AT);
  w.op(Code.end);
  return w.bytes();
}

type Block = {
  readonly w: Body;
  readonly program: Program;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly stop: number;
  readonly index: number;
  /** Number of the block that starts at a place of this region. */
  readonly blocks: ReadonlyMap<number, number>;
  readonly constants: readonly Span[];
};

function emitBlock(context: Block): void {
  const { w, program, from, to, start, stop, index, blocks, constants } = context;
  const { code, base } = program;
  // Depths outside of any `if`: the blocks that start later, then $top, then $out.
  const top = blocks.size - 1 - index;
  const out = top + 1;
  let length = 0;
  while (start + length < stop) {
    const op = code.op[start + length]!;
    length++;
    if (endsBlock(op) || op === BAD_TARGET || op === NO_CODE) break;
  }

  const leave = (place: number, refund: number, depth: number): void => {
    if (refund !== 0) {
      w.get(LEFT);
      w.i32(refund);
      w.op(Code.i32Add);
      w.set(LEFT);
    }
    w.i32(place);
    w.set(AT);
    w.br(out + depth);
  };
  const goTo = (place: number, depth: number): void => {
    const later = blocks.get(place) ?? -1;
    if (later > index) {
      w.br(later - index - 1 + depth);
      return;
    }
    w.i32(place);
    w.set(AT);
    w.br((place >= from && place < to ? top : out) + depth);
  };
  const get = (register: number): void => (register === 0 ? w.i32(0) : w.get(local(register)));
  const put = (register: number): void => (register === 32 ? w.op(0x1a) : w.set(local(register)));

  w.get(LEFT);
  w.i32(length);
  w.op(Code.i32Sub);
  w.tee(LEFT);
  w.i32(0);
  w.op(Code.i32LtS);
  w.iff();
  leave(start, length, 1);
  w.op(Code.end);

  for (let i = 0; i < length; i++) {
    const place = start + i;
    const op = code.op[place]!;
    const rd = code.rd[place]!;
    const rs1 = code.rs1[place]!;
    const rs2 = code.rs2[place]!;
    const imm = code.imm[place]!;
    const refund = length - i;
    /** Leaves the address in ADDRESS, or the region when `step` must look at the access. */
    const locate = (bytes: number, writes: boolean): void => {
      get(rs1);
      w.i32((imm - base) | 0);
      w.op(Code.i32Add);
      w.tee(ADDRESS);
      w.i32(~(WINDOW_BYTES - 1) | (bytes - 1));
      w.op(Code.i32And);
      for (const span of writes ? constants : []) {
        w.get(ADDRESS);
        w.i32(span.from);
        w.op(Code.i32Sub);
        w.i32(span.bytes);
        w.op(Code.i32LtU, Code.i32Or);
      }
      w.iff();
      leave(place, refund, 1);
      w.op(Code.end);
    };
    const load = (bytes: number, instruction: number): void => {
      locate(bytes, false);
      w.get(ADDRESS);
      w.memory(instruction, Math.log2(bytes), 0);
      put(rd);
    };
    const store = (bytes: number, instruction: number): void => {
      locate(bytes, true);
      w.get(ADDRESS);
      get(rs2);
      w.memory(instruction, Math.log2(bytes), 0);
    };
    const branch = (comparison: number): void => {
      get(rs1);
      get(rs2);
      w.op(comparison);
      const later = blocks.get(imm) ?? -1;
      if (later > index) {
        w.brIf(later - index - 1);
        return;
      }
      w.iff();
      goTo(imm, 1);
      w.op(Code.end);
    };
    const link = (): void => {
      if (rd === 32) return;
      w.i32((code.start + 4 * place + 4) | 0);
      put(rd);
    };
    switch (op) {
      case Op.lb:
        load(1, Code.i32Load8S);
        break;
      case Op.lh:
        load(2, Code.i32Load16S);
        break;
      case Op.lw:
        load(4, Code.i32Load);
        break;
      case Op.lbu:
        load(1, Code.i32Load8U);
        break;
      case Op.lhu:
        load(2, Code.i32Load16U);
        break;
      case Op.sb:
        store(1, Code.i32Store8);
        break;
      case Op.sh:
        store(2, Code.i32Store16);
        break;
      case Op.sw:
        store(4, Code.i32Store);
        break;
      case Op.beq:
        branch(Code.i32Eq);
        break;
      case Op.bne:
        branch(Code.i32Ne);
        break;
      case Op.blt:
        branch(Code.i32LtS);
        break;
      case Op.bge:
        branch(Code.i32GeS);
        break;
      case Op.bltu:
        branch(Code.i32LtU);
        break;
      case Op.bgeu:
        branch(Code.i32GeU);
        break;
      case Op.jal:
        link();
        goTo(imm, 0);
        break;
      case Op.jalr:
        get(rs1);
        w.i32(imm);
        w.op(Code.i32Add);
        w.i32(-2);
        w.op(Code.i32And);
        w.i32(code.start | 0);
        w.op(Code.i32Sub);
        w.tee(ADDRESS);
        w.i32(3);
        w.op(Code.i32And);
        w.get(ADDRESS);
        w.i32(4 * code.length);
        w.op(Code.i32GeU, Code.i32Or);
        w.iff();
        leave(place, refund, 1);
        w.op(Code.end);
        link();
        w.get(ADDRESS);
        w.i32(2);
        w.op(Code.i32ShrU);
        w.set(AT);
        w.br(top);
        break;
      case Op.fence:
        break;
      default:
        if (op >= Op.lui && op <= Op.remu && op !== Op.ecall && op !== Op.ebreak) {
          if (rd === 32) break;
          emitComputation(
            w,
            op,
            () => get(rs1),
            () => get(rs2),
            imm,
          );
          put(rd);
        } else leave(place, refund, 0);
    }
  }
  // Past the region's last word, or past a word that no block of this region follows.
  const last = code.op[start + length - 1]!;
  const jumps = last === Op.jal || last === Op.jalr || last === Op.ecall || last === Op.ebreak || last >= 48;
  if (!jumps && start + length === to) leave(to, 0, 0);
}
