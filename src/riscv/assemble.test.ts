import { describe, expect, test } from "vitest";
import { assemble } from "./assemble.ts";
import { decode, show } from "./Instruction.ts";

/** The text section as printed back. */
const listing = (source: string): string[] => {
  const program = assemble(source);
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  return [...program.value.regions[0]!.words].map((word) => show(decode(word)));
};
const problems = (source: string): readonly string[] => {
  const program = assemble(source);
  return program.ok ? [] : program.error.map(({ line, message }) => `${line}: ${message}`);
};

describe("the assembler", () => {
  const pseudo: readonly (readonly [string, readonly string[]])[] = [
    ["nop", ["addi zero, zero, 0"]],
    ["li a0, -2048", ["addi a0, zero, -2048"]],
    ["li a0, 0x1000", ["lui a0, 0x1"]],
    ["li a0, 0x12345fff", ["lui a0, 0x12346", "addi a0, a0, -1"]],
    ["li a0, 0xffffffff", ["addi a0, zero, -1"]],
    ["li a0, 0x7fffffff", ["lui a0, 0x80000", "addi a0, a0, -1"]],
    ["li a0, 'A'", ["addi a0, zero, 65"]],
    ["mv a0, a1", ["addi a0, a1, 0"]],
    ["not a0, a1", ["xori a0, a1, -1"]],
    ["neg a0, a1", ["sub a0, zero, a1"]],
    ["seqz a0, a1", ["sltiu a0, a1, 1"]],
    ["snez a0, a1", ["sltu a0, zero, a1"]],
    ["sltz a0, a1", ["slt a0, a1, zero"]],
    ["sgtz a0, a1", ["slt a0, zero, a1"]],
    ["x: bgtz a0, x", ["blt zero, a0, 0"]],
    ["x: blez a0, x", ["bge zero, a0, 0"]],
    ["x: bleu a0, a1, x", ["bgeu a1, a0, 0"]],
    ["x: nop\n j x", ["addi zero, zero, 0", "jal zero, -4"]],
    ["call x\nx: ret", ["jal ra, 4", "jalr zero, 0(ra)"]],
    ["jr t0\njalr t0", ["jalr zero, 0(t0)", "jalr ra, 0(t0)"]],
    ["lw fp, (sp)", ["lw s0, 0(sp)"]],
    ["add x1, x31, x10", ["add ra, t6, a0"]],
    [".equ n, 12\n.equ m, n+4\naddi a0, a0, m", ["addi a0, a0, 16"]],
    ["la a0, d+4\n.data\nd: .word 1, 2", ["lui a0, 0x11", "addi a0, a0, 4"]],
    ["lui a0, %hi(d)\nlw a0, %lo(d)(a0)\n.data\n.zero 2052\nd: .word 1", ["lui a0, 0x12", "lw a0, -2044(a0)"]],
    ["li a0, d\n.data\nd: .word 1", ["lui a0, 0x11", "addi a0, a0, 0"]],
  ];
  test.each(pseudo)("%s", (source, expected) => {
    expect(listing(source)).toEqual(expected);
  });
  test("puts data where the directives say", () => {
    const program = assemble(
      'nop\n.data\n.byte 1, -1\n.align 2\n.half 0x8000 # half\n.ascii "a#\\n"\n.asciz "é"\n.space 2\n.word d\nd:',
    );
    const data = program.ok ? program.value.regions[1]! : undefined;
    expect(data && [...new Uint8Array(data.words.buffer)]).toEqual([
      1, 0xff, 0, 0, 0, 0x80, 97, 35, 10, 0xc3, 0xa9, 0, 0, 0, 0x12, 0x10, 1, 0, 0, 0,
    ]);
  });
  test("collects problems with their lines", () => {
    expect(
      problems(
        "add a0, a1\naddi a0, a0, 2048\nfoo a0\nlw a0, 4\nj nowhere\nadd a0, a1, q7\nx:\nx:\n.data\nadd a0, a0, a0\n.word 1e9\n.huh\n.byte 256\n.ascii 5",
      ),
    ).toEqual([
      "8: x is defined twice",
      "10: add must stand in .text",
      "12: unknown directive .huh",
      "14: expected one quoted text",
      "1: add takes 3 operands, got 2",
      "2: addi takes an operand from -2048 to 2047, got 2048",
      "3: unknown instruction foo",
      "4: lw takes an address as offset(register), got 4",
      "5: nowhere is not defined",
      "6: q7 is no register",
      "11: 1e9 is not defined",
      "13: 256 does not fit in 1 bytes",
    ]);
  });
  test("refuses a branch out of reach", () => {
    expect(problems(`b: nop\n${"nop\n".repeat(1100)}beqz a0, b`)[0]).toMatch(/beq takes an operand from -4096/);
  });
  test("an empty program has no code", () => expect(problems("")).toEqual(["0: the program has no executable region"]));
});
