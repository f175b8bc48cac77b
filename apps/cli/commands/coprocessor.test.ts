import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { assemble, Elf } from "../../../src/riscv/index.ts";
import { CliFailure } from "../exit.ts";
import { register } from "./coprocessor.ts";

let folder: string;
let printed: string;
let noted: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "coprocessor-"));
  printed = "";
  noted = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    noted += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

/** Exit code of a command line, and the failure that a caller would print. */
async function tb(...args: readonly string[]): Promise<{ exit: number; message?: string; json?: unknown }> {
  const program = new Command().exitOverride();
  register(program);
  process.exitCode = 0;
  try {
    await program.parseAsync(["coprocessor", ...args], { from: "user" });
    return { exit: Number(process.exitCode ?? 0) };
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return { exit: error.exit, message: error.message, json: error.json };
  }
}

function elf(source: string): string {
  const program = assemble(source);
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  const path = join(folder, "guest.elf");
  writeFileSync(path, Elf.encode(program.value));
  return path;
}

/** Writes the argument's length and first word. */
const ECHO = `_start:
  li a7, 1024
  ecall
  li a7, 1025
  ecall
  li a7, 1024
  ecall
  li a7, 1025
  ecall
  li a0, 0
  li a7, 93
  ecall`;

describe("tb coprocessor run", () => {
  test("prints exit code and cycles, and exits with 0 when the guest does", async () => {
    expect(await tb("run", elf("li a7, 93\necall"))).toEqual({ exit: 0 });
    expect(printed).toBe("exit code 0\ncycles 2\n");
  });
  test("exits with 1 when the guest's code is not 0", async () => {
    expect(await tb("run", elf("li a0, -3\nli a7, 93\necall"))).toEqual({ exit: 1 });
    expect(printed).toBe("exit code -3\ncycles 3\n");
  });
  test("gives the input file as a frame and writes the output tape", async () => {
    writeFileSync(join(folder, "in"), "hello");
    expect(
      await tb("run", elf(ECHO), "--input", join(folder, "in"), "--output", join(folder, "out"), "--json"),
    ).toEqual({ exit: 0 });
    expect([...readFileSync(join(folder, "out"))]).toEqual([5, 0, 0, 0, 104, 101, 108, 108]);
    expect(JSON.parse(printed)).toEqual({
      ok: true,
      status: "exited",
      exitCode: 0,
      cycles: 11,
      outputBytes: 8,
      effects: 0,
    });
  });
  test("exits with 6 at the step limit", async () => {
    const got = await tb("run", elf("loop: j loop"), "--steps", "1000");
    expect(got).toMatchObject({ exit: 6, json: { status: "step-limit", cycles: 1000 } });
  });
  test("exits with 1 on a trap and names pc and cause", async () => {
    expect(await tb("run", elf("nop\nlw a0, 1(sp)"))).toMatchObject({
      exit: 1,
      message: "trap after 1 cycles: misaligned load at address 0x400fff1 at pc 0x10004",
      json: { trap: { kind: "misaligned-load", pc: 0x10004 } },
    });
  });
  test("exits with 3 when the file is refused or missing", async () => {
    writeFileSync(join(folder, "text"), "#!/bin/sh\n");
    expect(await tb("run", join(folder, "text"))).toMatchObject({ exit: 3, json: { error: { kind: "not-elf" } } });
    expect((await tb("run", join(folder, "none"))).exit).toBe(3);
  });
  test("traces every instruction on stderr, with the same result", async () => {
    expect(await tb("run", elf("li a7, 93\necall"), "--trace")).toEqual({ exit: 0 });
    expect(noted).toBe(
      "0x00010000  0x05d00893  addi a7, zero, 93  # a7 = 0x0000005d\n0x00010004  0x00000073  ecall  # a0 = 0x00000000\n",
    );
    expect(printed).toBe("exit code 0\ncycles 2\n");
  });
  test("refuses a step limit that is no number", async () => {
    await expect(tb("run", elf("nop"), "--steps", "1e3")).rejects.toThrow(/whole number/);
  });
});

describe("tb coprocessor disasm", () => {
  test("prints address, word and text", async () => {
    expect((await tb("disasm", elf("x: li a0, 10\nbeqz a0, x\n.word 0xffffffff"))).exit).toBe(0);
    expect(printed).toBe(
      "0x00010000  0x00a00513  addi a0, zero, 10\n0x00010004  0xfe050ee3  beq a0, zero, 0x10000\n0x00010008  0xffffffff  .word 0xffffffff\n",
    );
  });
});
