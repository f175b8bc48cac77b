/** Every instruction's corners, on every engine. Expected values are literals from the manual's definitions. */
import { describe, expect, test } from "vitest";
import { agreed } from "./engines.ts";

const MIN = -0x80000000;
const MAX = 0x7fffffff;
const END = "  li a7, 93\n  ecall\n";

/** Exit code of `_start` with the body. */
const exit = (body: string): number => {
  const { status } = agreed(`_start:\n${body}\n${END}`);
  if (status.kind !== "exited") throw new Error(JSON.stringify(status));
  return status.code;
};

type Case = readonly [name: string, a: number, b: number, result: number];
const computing: readonly Case[] = [
  ["add", MAX, 1, MIN],
  ["add", MIN, -1, MAX],
  ["add", -1, 1, 0],
  ["sub", MIN, 1, MAX],
  ["sub", 0, MIN, MIN],
  ["sub", 5, 7, -2],
  ["and", -1, 0x0f0f0f0f, 0x0f0f0f0f],
  ["or", MIN, MAX, -1],
  ["xor", -1, MAX, MIN],
  ["slt", MIN, MAX, 1],
  ["slt", MAX, MIN, 0],
  ["slt", -1, 0, 1],
  ["slt", 3, 3, 0],
  ["sltu", MIN, MAX, 0],
  ["sltu", MAX, MIN, 1],
  ["sltu", 0, -1, 1],
  ["sltu", -1, -1, 0],
  ["sll", 1, 31, MIN],
  ["sll", 1, 32, 1],
  ["sll", -1, 33, -2],
  ["sll", 5, -1, MIN],
  ["srl", MIN, 31, 1],
  ["srl", MIN, 32, MIN],
  ["srl", -1, -31, MAX],
  ["srl", -1, 0, -1],
  ["sra", MIN, 31, -1],
  ["sra", MIN, 63, -1],
  ["sra", MIN, 32, MIN],
  ["sra", MAX, 30, 1],
  ["mul", MIN, MIN, 0],
  ["mul", -1, -1, 1],
  ["mul", 0x10001, 0x10001, 0x20001],
  ["mulh", MIN, MIN, 0x40000000],
  ["mulh", -1, -1, 0],
  ["mulh", -1, 1, -1],
  ["mulh", MAX, MAX, 0x3fffffff],
  ["mulh", MIN, MAX, -0x40000000],
  ["mulhsu", -1, -1, -1],
  ["mulhsu", MIN, -1, MIN],
  ["mulhsu", MAX, -1, 0x7ffffffe],
  ["mulhsu", MIN, MIN, -0x40000000],
  ["mulhu", -1, -1, -2],
  ["mulhu", MIN, MIN, 0x40000000],
  ["mulhu", MIN, 2, 1],
  ["mulhu", MAX, 2, 0],
  ["div", 7, 2, 3],
  ["div", -7, 2, -3],
  ["div", 7, -2, -3],
  ["div", -7, -2, 3],
  ["div", 1, -1, -1],
  ["div", MIN, -1, MIN],
  ["div", MIN, 1, MIN],
  ["div", MIN, MIN, 1],
  ["div", 5, 0, -1],
  ["div", MIN, 0, -1],
  ["div", 0, -5, 0],
  ["divu", -1, 2, MAX],
  ["divu", MIN, -1, 0],
  ["divu", -1, -1, 1],
  ["divu", 9, 0, -1],
  ["divu", MIN, 1, MIN],
  ["rem", 7, 3, 1],
  ["rem", -7, 3, -1],
  ["rem", 7, -3, 1],
  ["rem", -7, -3, -1],
  ["rem", MIN, -1, 0],
  ["rem", MIN, 0, MIN],
  ["rem", -6, 3, 0],
  ["rem", 3, MIN, 3],
  ["remu", -1, 10, 5],
  ["remu", MIN, -1, MIN],
  ["remu", 77, 0, 77],
  ["remu", 3, MIN, 3],
];

describe("computing instructions", () => {
  test.each(computing)("%s of %i and %i is %i", (name, a, b, result) => {
    expect(exit(`  li t0, ${a}\n  li t1, ${b}\n  ${name} a0, t0, t1`)).toBe(result);
    // The destination may be either source or both; what is computed does not change.
    expect(exit(`  li a0, ${a}\n  li t1, ${b}\n  ${name} a0, a0, t1`)).toBe(result);
    expect(exit(`  li t0, ${a}\n  li a0, ${b}\n  ${name} a0, t0, a0`)).toBe(result);
  });
  test("with both sources and the destination the same register", () => {
    const same: readonly (readonly [string, number, number])[] = [
      ["add", MIN, 0],
      ["sub", 5, 0],
      ["xor", -1, 0],
      ["mul", -3, 9],
      ["mulhu", -1, -2],
      ["div", MIN, 1],
      ["div", 0, -1],
      ["remu", 0, 0],
      ["sll", 33, 66],
      ["sltu", 9, 0],
    ];
    for (const [name, a, result] of same) expect(exit(`  li a0, ${a}\n  ${name} a0, a0, a0`)).toBe(result);
  });
});

const immediate: readonly (readonly [name: string, a: number, imm: number, result: number])[] = [
  ["addi", MAX, 1, MIN],
  ["addi", 0, -2048, -2048],
  ["addi", MIN, -1, MAX],
  ["slti", -1, 0, 1],
  ["slti", MIN, -2048, 1],
  ["slti", 2047, 2047, 0],
  ["sltiu", 5, -1, 1],
  ["sltiu", -1, -1, 0],
  ["sltiu", 0, 1, 1],
  ["sltiu", MAX, -2048, 1],
  ["xori", 0x0ff, -1, -256],
  ["ori", 0, -1, -1],
  ["andi", -1, -2048, -2048],
  ["andi", -1, 2047, 2047],
  ["slli", -1, 31, MIN],
  ["slli", 7, 0, 7],
  ["srli", MIN, 31, 1],
  ["srai", MIN, 31, -1],
  ["srai", MAX, 31, 0],
];
describe("instructions with a constant", () => {
  test.each(immediate)("%s of %i with %i is %i", (name, a, imm, result) => {
    expect(exit(`  li t0, ${a}\n  ${name} a0, t0, ${imm}`)).toBe(result);
    expect(exit(`  li a0, ${a}\n  ${name} a0, a0, ${imm}`)).toBe(result);
  });
  test("lui and auipc fill the upper 20 bits", () => {
    expect(exit("  lui a0, 0xfffff")).toBe(-4096);
    expect(exit("  auipc a0, 0")).toBe(0x10000);
    expect(exit("  nop\n  auipc a0, 0xfffff")).toBe(0x10004 - 4096);
    expect(exit("  auipc a0, 0x80000")).toBe(MIN + 0x10000);
  });
});

describe("x0", () => {
  const writers = [
    "add zero, t0, t0",
    "addi zero, t0, 1",
    "lui zero, 5",
    "auipc zero, 5",
    "mul zero, t0, t0",
    "div zero, t0, zero",
    "lw zero, 0(sp)",
    "lb zero, 1(sp)",
    "slti zero, t0, 99",
    "jal zero, on\n on:",
  ];
  test.each(writers)("stays 0 after %s", (line) => {
    expect(exit(`  addi sp, sp, -16\n  li t0, 7\n  sw t0, 0(sp)\n  ${line}\n  add a0, zero, zero`)).toBe(0);
  });
  test("a load into it still traps", () => {
    expect(agreed("_start:\n  lw zero, 2(sp)").status).toMatchObject({ trap: { kind: "misaligned-load" } });
  });
});

const branches: readonly (readonly [name: string, a: number, b: number, taken: boolean])[] = [
  ["beq", 5, 5, true],
  ["beq", MIN, 0, false],
  ["bne", 5, 5, false],
  ["bne", 0x100, 0, true],
  ["blt", -1, 0, true],
  ["blt", MAX, MIN, false],
  ["blt", 4, 4, false],
  ["bge", 4, 4, true],
  ["bge", MIN, MAX, false],
  ["bge", 0, -1, true],
  ["bltu", -1, 0, false],
  ["bltu", MAX, MIN, true],
  ["bltu", 4, 4, false],
  ["bgeu", 4, 4, true],
  ["bgeu", -1, 0, true],
  ["bgeu", 0, MIN, false],
];
describe("branches", () => {
  test.each(branches)("%s of %i and %i: %s", (name, a, b, taken) => {
    const forward = `  li t0, ${a}\n  li t1, ${b}\n  li a0, 1\n  ${name} t0, t1, yes\n  li a0, 0\nyes:`;
    expect(exit(forward)).toBe(taken ? 1 : 0);
    const back = `  j test\nyes:\n  li a0, 1\n  j end\ntest:\n  li t0, ${a}\n  li t1, ${b}\n  ${name} t0, t1, yes\n  li a0, 0\nend:`;
    expect(exit(back)).toBe(taken ? 1 : 0);
  });
});

describe("jumps", () => {
  test("jal links the next word", () => expect(exit("  jal a0, on\non:")).toBe(0x10004));
  test("jalr clears the lowest bit of its target", () => {
    expect(exit("  la t0, on\n  jalr a0, 1(t0)\n  nop\non:")).toBe(0x1000c);
  });
  test("jalr may link into its own source", () => expect(exit("  la a0, on\n  jalr a0, 0(a0)\non:")).toBe(0x1000c));
  test("jalr may go to a word that no label names", () => {
    const three = "  addi a0, a0, 1\n".repeat(3);
    expect(exit(`  li a0, 0\n  la t0, block\n  jalr zero, 8(t0)\nblock:\n${three}`)).toBe(1);
  });
});

describe("loads and stores", () => {
  const word = "  addi sp, sp, -16\n  li t0, 0x83f2917e\n  sw t0, 4(sp)\n";
  const loads: readonly (readonly [string, number, number])[] = [
    ["lb", 0, 0x7e],
    ["lb", 1, 0x91 - 256],
    ["lb", 2, 0xf2 - 256],
    ["lb", 3, 0x83 - 256],
    ["lbu", 0, 0x7e],
    ["lbu", 1, 0x91],
    ["lbu", 2, 0xf2],
    ["lbu", 3, 0x83],
    ["lh", 0, 0x917e - 65536],
    ["lh", 2, 0x83f2 - 65536],
    ["lhu", 0, 0x917e],
    ["lhu", 2, 0x83f2],
    ["lw", 0, 0x83f2917e - 2 ** 32],
  ];
  test.each(loads)("%s at offset %i gives %i", (name, offset, result) => {
    expect(exit(`${word}  ${name} a0, ${4 + offset}(sp)`)).toBe(result);
    expect(exit(`${word}  addi a0, sp, 2047\n  ${name} a0, ${4 + offset - 2047}(a0)`)).toBe(result);
  });
  const stores: readonly (readonly [string, number, number])[] = [
    ["sb", 0, 0x83f291cd],
    ["sb", 1, 0x83f2cd7e],
    ["sb", 2, 0x83cd917e],
    ["sb", 3, 0xcdf2917e],
    ["sh", 0, 0x83f2abcd],
    ["sh", 2, 0xabcd917e],
    ["sw", 0, 0x1234abcd],
  ];
  test.each(stores)("%s at offset %i leaves the other bytes", (name, offset, result) => {
    expect(exit(`${word}  li t1, 0x1234abcd\n  ${name} t1, ${4 + offset}(sp)\n  lw a0, 4(sp)`)).toBe(result | 0);
    expect(exit(`${word}  li t1, 0x1234abcd\n  ${name} t1, ${4 + offset}(sp)\n  lw a0, 8(sp)`)).toBe(0);
  });
  test("code and constants can be read", () => {
    expect(exit("  la t0, _start\n  lw a0, 0(t0)")).toBe(0x000102b7);
    expect(exit("  la t0, there\n  lhu a0, 2(t0)\n  j end\n.rodata\nthere: .word 0x12345678\n.text\nend:")).toBe(
      0x1234,
    );
  });
  test("the last word of the window can be written", () => {
    expect(exit("  li t0, 77\n  sw t0, 12(sp)\n  lw a0, 12(sp)")).toBe(77);
  });
});

describe("traps name the cause, the instruction and the address", () => {
  const traps: readonly (readonly [string, string, object])[] = [
    ["lw at 2", "  lw a0, 2(sp)", { kind: "misaligned-load", value: 0x400fff2 }],
    ["lh at 1", "  lh a0, 1(sp)", { kind: "misaligned-load", value: 0x400fff1 }],
    ["sw at 1", "  sw a0, 1(sp)", { kind: "misaligned-store", value: 0x400fff1 }],
    ["sh at 3", "  sh a0, 3(sp)", { kind: "misaligned-store", value: 0x400fff3 }],
    ["a load past the window", "  lw a0, 16(sp)", { kind: "load-outside", value: 0x4010000 }],
    ["a null pointer", "  lw a0, 0(zero)", { kind: "load-outside", value: 0 }],
    ["a store below the window", "  lui t0, 0x10\n  sw t0, -4(t0)", { kind: "store-outside", value: 0xfffc }],
    ["a load at −1", "  lbu a0, -1(zero)", { kind: "load-outside", value: 0xffffffff }],
    ["a store past the window", "  sb a0, 16(sp)", { kind: "store-outside", value: 0x4010000 }],
    ["misaligned and outside", "  sw a0, 18(sp)", { kind: "misaligned-store", value: 0x4010002 }],
    ["a store to code", "  la t0, _start\n  sw zero, 4(t0)", { kind: "store-to-constant", value: 0x10004 }],
    ["the same value stored to code", "  la t0, _start\n  lw t1, 0(t0)\n  sw t1, 0(t0)", { kind: "store-to-constant" }],
    [
      "a byte stored to a constant",
      "  la t0, k\n  sb t0, 3(t0)\n.rodata\nk: .word 1",
      { kind: "store-to-constant", value: 0x11003 },
    ],
    ["a jump between words", "  la t0, _start\n  jalr zero, 2(t0)", { kind: "misaligned-jump", value: 0x10002 }],
    ["a jump to zero", "  jr zero", { kind: "jump-outside", pc: 0, value: 0 }],
    ["a jump to data", "  la t0, d\n  jr t0\n.data\nd: .word 0x13", { kind: "jump-outside", pc: 0x11000 }],
    ["falling off the end", "  nop", { kind: "jump-outside", pc: 0x10004 }],
    [
      "a word that is no instruction",
      "  nop\n  .word 0xffffffff",
      { kind: "unknown-instruction", pc: 0x10004, value: 0xffffffff },
    ],
    ["ebreak", "  ebreak", { kind: "breakpoint", pc: 0x10000 }],
    ["an unknown call", "  li a7, 4\n  ecall", { kind: "unknown-call", pc: 0x10004, value: 4 }],
    ["reading an empty tape", "  li a7, 1024\n  ecall", { kind: "input-ended", pc: 0x10004 }],
    // Words, because the assembler has no branch to half a word.
    ["a taken branch between words", "  .word 0x00000163", { kind: "misaligned-jump", pc: 0x10000, value: 0x10002 }],
    ["a jal between words", "  .word 0x006000ef", { kind: "misaligned-jump", pc: 0x10000, value: 0x10006 }],
  ];
  test.each(traps)("%s", (_, body, expected) => {
    const { status, cycles } = agreed(`_start:\n${body}`);
    expect(status).toMatchObject({ kind: "trapped", trap: expected });
    expect(cycles).toBeLessThan(5);
  });
  test("a branch between words that is not taken is no trap", () => {
    expect(exit("  .word 0x00001163\n  li a0, 3")).toBe(3);
  });
  test("a misaligned jump does not link", () => {
    expect(agreed("_start:\n  la t0, _start\n  jalr a0, 2(t0)").registers[10]).toBe(0);
  });
});

describe("calls", () => {
  test("read takes words in order, write appends them, effect marks and reads", () => {
    const body = `  li a7, 1024
  ecall
  addi a0, a0, 1
  li a7, 1025
  ecall
  li a7, 1026
  ecall
  li a7, 1025
  ecall
  li a0, -7`;
    const got = agreed(`_start:\n${body}\n${END}`, [41, 0xfffffff0]);
    expect(got).toMatchObject({
      output: [42, 42, 0xfffffff0],
      marks: [1],
      inputAt: 2,
      status: { kind: "exited", code: -7 },
    });
  });
  test("a call number is compared in full", () => {
    expect(agreed("_start:\n  li a7, 0x0001005d\n  ecall").status).toMatchObject({ trap: { kind: "unknown-call" } });
  });
});
