/** A guest for tests of whole proofs: it echoes its argument's length, calls an effect, and computes on memory. */
import { assemble, framed, type Program } from "../../src/riscv/index.ts";

const source = (rounds: number): string => `_start:
  li a7, 1024
  ecall
  mv s2, a0
  li a7, 1025
  ecall
  li a0, 42
  li a7, 1026
  ecall
  la s0, area
  li s1, ${rounds}
loop:
  lw t0, 0(s0)
  mul t1, s1, s2
  add t0, t0, t1
  sw t0, 0(s0)
  sb s1, 5(s0)
  lbu t2, 5(s0)
  sltu t3, t2, t0
  srli t4, t0, 3
  divu t5, t0, s1
  mulhu t6, t0, t1
  xor a1, t5, t6
  addi s1, s1, -1
  bnez s1, loop
  mv a0, a1
  li a7, 1025
  ecall
  li a7, 93
  li a0, -5
  ecall
.data
area:
  .word 7, 0
`;

export function guest(rounds: number): Program.Program {
  const program = assemble(source(rounds));
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  return program.value;
}

/** An argument of three bytes; the effect is answered with no bytes. */
export const TAPE: Uint32Array = Uint32Array.from([...framed(Uint8Array.of(1, 2, 3)).subarray(0, 1), 0]);
