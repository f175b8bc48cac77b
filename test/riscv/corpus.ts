/** A program that visits every instruction at its corners, for the tests that tamper with witnesses. */
import { randomProgram, TAPE_TAIL } from "./randomProgram.ts";

const VALUES = [0, 1, -1, 2, -3, 7, 31, 255, 0x7fffffff, -0x80000000, 0x12345678, -0x12345600];
const COMPUTING = "add sub sll slt sltu xor srl sra or and mul mulh mulhsu mulhu div divu rem remu".split(" ");
const BRANCHES = "beq bne blt bge bltu bgeu".split(" ");

/** All pairs of corner values through all instructions with two operands. */
export function corners(): string {
  const lines: string[] = ["_start:", "  la s0, area"];
  let label = 0;
  for (const a of VALUES) {
    for (const b of [0, 1, -1, 5, -0x80000000, 0x7fffffff]) {
      lines.push(`  li t0, ${a}`, `  li t1, ${b}`);
      for (const name of COMPUTING) lines.push(`  ${name} t2, t0, t1`);
      for (const name of BRANCHES) {
        lines.push(`  ${name} t0, t1, B${label}`, "  addi t3, t3, 1", `B${label}:`);
        label++;
      }
    }
  }
  return lines.join("\n");
}

const MEMORY = `
  li t0, 0x8091f27f
  sw t0, 0(s0)
  sw t0, 4(s0)
  lb t1, 0(s0)
  lb t1, 1(s0)
  lb t1, 3(s0)
  lbu t1, 2(s0)
  lh t1, 0(s0)
  lh t1, 2(s0)
  lhu t1, 2(s0)
  lw t1, 4(s0)
  lw zero, 4(s0)
  lb zero, 5(s0)
  sb t0, 5(s0)
  sb t0, 7(s0)
  sh t0, 4(s0)
  sh t0, 6(s0)
  sw t0, -256(s0)
  la t2, _start
  lw t1, 0(t2)
  auipc t1, 0x80000
  lui t1, 0xfffff
  slli t1, t0, 0
  srai t1, t0, 31
  srli t1, t0, 9
  slti t1, t0, -2048
  sltiu t1, t0, -1
  xori t1, t0, -1
  ori t1, t0, 0x7f
  andi t1, t0, -256
  add t0, t0, t0
  mul t0, t0, t0
  sub t0, t0, t0
  add zero, t2, t2
  fence
  call over
  la t1, land
  jalr t1, 1(t1)
  nop
land:
  jalr zero, 0(ra)
over:
  li a7, 1024
  ecall
  li a7, 1026
  ecall
  li a7, 1025
  ecall
`;

/** Everything once; it reads two words of input. */
export const CORPUS = (): string =>
  randomProgram(
    5,
    120,
    `${MEMORY.replace("  jalr zero, 0(ra)\nover:", "over:").replace("  call over\n", "  jal ra, next\nnext:\n")}\n${TAPE_TAIL}`,
  );

export const CORNERS = (): string => `${corners()}\n  li a0, 3\n  li a7, 93\n  ecall\n.data\narea: .zero 64\n`;
