import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, operandRange, show } from "./Instruction.ts";
import { ENTRIES, Op, UNKNOWN } from "./table.ts";

const register = fc.integer({ min: 0, max: 31 });
const instruction = fc
  .tuple(fc.integer({ min: 0, max: ENTRIES.length - 1 }), register, register, register, fc.integer({ min: 0 }))
  .map(([op, rd, rs1, rs2, chance]) => {
    const { format } = ENTRIES[op]!;
    const { least, most, step } = operandRange(format);
    const imm = least + step * (chance % (Math.floor((most - least) / step) + 1));
    const has = (...formats: string[]): boolean => formats.includes(format);
    return {
      op,
      rd: has("R", "I", "shift", "load", "jalr", "U", "J") ? rd : 0,
      rs1: has("R", "I", "shift", "load", "jalr", "S", "B") ? rs1 : 0,
      rs2: has("R", "S", "B") ? rs2 : 0,
      imm,
    };
  });

describe("an instruction", () => {
  test("the numbers in Op are the places in the table", () => {
    expect(Object.entries(Op)).toEqual(ENTRIES.map((entry, place) => [entry.name, place]));
    expect(ENTRIES.length).toBe(UNKNOWN);
  });
  test("survives encoding and decoding", () => {
    fc.assert(
      fc.property(instruction, (each) => {
        expect(decode(encode(each))).toEqual(each);
      }),
      { numRuns: 3000 },
    );
  });
  test("any word decodes; one that is an instruction encodes to itself, fence's free bits aside", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (word) => {
        const decoded = decode(word);
        if (decoded.op !== UNKNOWN && decoded.op !== Op.fence) expect(encode(decoded)).toBe(word);
      }),
      { numRuns: 20_000 },
    );
  });

  // Words and texts as printed by GNU objdump 2.40.
  const known: readonly (readonly [number, string])[] = [
    [0x00a00513, "addi a0, zero, 10"],
    [0xfff00513, "addi a0, zero, -1"],
    [0x123452b7, "lui t0, 0x12345"],
    [0x00001297, "auipc t0, 0x1"],
    [0xfe5214e3, "bne tp, t0, -24"],
    [0x7fffff6f, "jal t5, 1048574"],
    [0x80000fef, "jal t6, -1048576"],
    [0x80008067, "jalr zero, -2048(ra)"],
    [0xfe112e23, "sw ra, -4(sp)"],
    [0x80a58023, "sb a0, -2048(a1)"],
    [0x7ff5d503, "lhu a0, 2047(a1)"],
    [0x41f55513, "srai a0, a0, 31"],
    [0x40b50533, "sub a0, a0, a1"],
    [0x02b56533, "rem a0, a0, a1"],
    [0x02b53533, "mulhu a0, a0, a1"],
    [0x00000073, "ecall"],
    [0x00100073, "ebreak"],
    [0x0ff0000f, "fence"],
  ];
  test.each(known)("0x%s is printed and encoded", (word, text) => {
    expect(show(decode(word))).toBe(text);
    expect(encode(decode(word))).toBe(word);
  });

  const none: readonly (readonly [string, number])[] = [
    ["all zeros", 0],
    ["all ones", 0xffffffff],
    ["fence.i", 0x0000100f],
    ["csrrw", 0x30001073],
    ["mret", 0x30200073],
    ["wfi", 0x10500073],
    ["amoadd.w", 0x00b5252f],
    ["flw", 0x00052507],
    ["add with funct7 2", 0x04b50533],
    ["slli with amount 32", 0x02051513],
    ["srai with amount 32", 0x42055513],
    ["ld (RV64)", 0x00053503],
    ["addw (RV64)", 0x00b5053b],
    ["jalr with funct3 1", 0x00009067],
    ["branch with funct3 2", 0x00002063],
    ["sltu with funct7 32", 0x40b53533],
  ];
  test.each(none)("%s is no instruction", (_, word) => {
    expect(decode(word).op).toBe(UNKNOWN);
  });
  test("targets are absolute when the pc is known", () => {
    expect(show(decode(0xfe5214e3), 0x10020)).toBe("bne tp, t0, 0x10008");
  });
});
