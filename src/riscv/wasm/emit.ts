/** The computing instructions in WebAssembly: each leaves its result on the stack. */
import { never } from "../../std/index.ts";
import { Op } from "../table.ts";
import { type Body, Code, I32 } from "./encoder.ts";

const IMMEDIATE: Readonly<Record<number, number>> = {
  [Op.addi]: Code.i32Add,
  [Op.slti]: Code.i32LtS,
  [Op.sltiu]: Code.i32LtU,
  [Op.xori]: Code.i32Xor,
  [Op.ori]: Code.i32Or,
  [Op.andi]: Code.i32And,
  [Op.slli]: Code.i32Shl,
  [Op.srli]: Code.i32ShrU,
  [Op.srai]: Code.i32ShrS,
};

/** WebAssembly takes shift amounts modulo 32, as RISC-V does. */
const REGISTER: Readonly<Record<number, number>> = {
  [Op.add]: Code.i32Add,
  [Op.sub]: Code.i32Sub,
  [Op.sll]: Code.i32Shl,
  [Op.slt]: Code.i32LtS,
  [Op.sltu]: Code.i32LtU,
  [Op.xor]: Code.i32Xor,
  [Op.srl]: Code.i32ShrU,
  [Op.sra]: Code.i32ShrS,
  [Op.or]: Code.i32Or,
  [Op.and]: Code.i32And,
  [Op.mul]: Code.i32Mul,
};

export function emitComputation(w: Body, op: number, first: () => void, second: () => void, imm: number): void {
  const immediate = IMMEDIATE[op];
  const register = REGISTER[op];
  if (op === Op.lui || op === Op.auipc) w.i32(imm);
  else if (immediate !== undefined) {
    first();
    w.i32(imm);
    w.op(immediate);
  } else if (register !== undefined) {
    first();
    second();
    w.op(register);
  } else if (op === Op.mulh || op === Op.mulhsu || op === Op.mulhu) {
    first();
    w.op(op === Op.mulhu ? Code.i64ExtendI32U : Code.i64ExtendI32S);
    second();
    w.op(op === Op.mulh ? Code.i64ExtendI32S : Code.i64ExtendI32U, Code.i64Mul, Code.i64Const, 32);
    w.op(Code.i64ShrU, Code.i32WrapI64);
  } else emitDivision(w, op, first, second);
}

/** WebAssembly traps on a divisor of 0 and on MIN / −1, where RISC-V gives a result. */
function emitDivision(w: Body, op: number, first: () => void, second: () => void): void {
  const instruction = {
    [Op.div]: Code.i32DivS,
    [Op.divu]: Code.i32DivU,
    [Op.rem]: Code.i32RemS,
    [Op.remu]: Code.i32RemU,
  }[op];
  if (instruction === undefined) never(op as never);
  const quotient = op === Op.div || op === Op.divu;
  second();
  w.op(Code.i32Eqz);
  w.iff(I32);
  if (quotient) w.i32(-1);
  else first();
  w.op(Code.else);
  if (op === Op.div) {
    second();
    w.i32(-1);
    w.op(Code.i32Eq);
    w.iff(I32);
    w.i32(0);
    first();
    w.op(Code.i32Sub, Code.else);
  }
  first();
  second();
  w.op(instruction);
  if (op === Op.div) w.op(Code.end);
  w.op(Code.end);
}
