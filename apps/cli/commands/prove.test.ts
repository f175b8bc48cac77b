import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CliFailure } from "../exit.ts";
import * as Assemble from "./assemble.ts";
import * as Prove from "./prove.ts";
import * as Soundness from "./soundness.ts";
import * as Verify from "./verify.ts";

let folder: string;
let printed: string;
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "prove-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

async function tb(...args: readonly string[]): Promise<{ exit: number; message?: string; json?: unknown }> {
  const program = new Command().exitOverride();
  for (const command of [Assemble, Prove, Soundness, Verify]) command.register(program);
  try {
    await program.parseAsync([...args], { from: "user" });
    return { exit: Number(process.exitCode ?? 0) };
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return { exit: error.exit, message: error.message, json: error.json };
  }
}

/** Writes the length of its argument and exits with 3. */
const GUEST = `_start:
  li a7, 1024
  ecall
  li a7, 1025
  ecall
  li a7, 93
  li a0, 3
  ecall
`;

async function assembled(name: string, source: string): Promise<string> {
  writeFileSync(at(`${name}.s`), source);
  expect(await tb("asm", at(`${name}.s`), "-o", at(`${name}.elf`))).toEqual({ exit: 0 });
  printed = "";
  return at(`${name}.elf`);
}

describe("tb prove and tb verify", () => {
  test("a proof of the command is accepted, names its statement, and is of its program only", async () => {
    const elf = await assembled("guest", GUEST);
    const other = await assembled("other", GUEST.replace("3", "4"));
    writeFileSync(at("input"), "hello");
    const proof = at("guest.proof");
    const proving = await tb("prove", "--elf", elf, "--input", at("input"), "-o", proof, "--threads", "0");
    expect(proving).toEqual({ exit: 0 });
    expect(printed).toMatch(/image id [0-9a-f]{64}\nexit code 3\ncycles 7\n$/);
    expect(readdirSync(folder).filter((name) => name.includes(".part"))).toEqual([]);

    printed = "";
    expect(await tb("verify", proof, "--elf", elf, "--json")).toEqual({ exit: 0 });
    const document = JSON.parse(printed);
    expect(document).toMatchObject({
      ok: true,
      exitCode: 3,
      cycles: 7,
      profile: "std100",
      bits: 100,
      hiding: false,
      input: { words: 1 },
      output: { words: 1 },
      programChecked: true,
      unaudited: true,
    });

    const ofOther = await tb("verify", proof, "--elf", other);
    expect(ofOther.exit).toBe(4);
    expect(ofOther.message).toContain("image id");

    const bytes = readFileSync(proof);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(at("changed.proof"), bytes);
    const changed = await tb("verify", at("changed.proof"));
    expect(changed.exit).toBe(4);
    expect(changed.json).toMatchObject({ ok: false, refusal: { kind: expect.any(String), where: expect.any(String) } });
  });

  test("a hiding proof in another profile", async () => {
    const elf = await assembled("hidden", GUEST);
    const proof = at("hidden.proof");
    const options = ["--profile", "compact100", "--zk", "--threads", "0", "--json"];
    expect(await tb("prove", "--elf", elf, "-o", proof, ...options)).toEqual({ exit: 0 });
    expect(JSON.parse(printed)).toMatchObject({ ok: true, exitCode: 3, cycles: 7, unaudited: true });
    printed = "";
    expect(await tb("verify", proof)).toEqual({ exit: 0 });
    expect(printed).toContain("bits, proven (compact100, Johnson); unaudited");
  });

  test("a run that traps, a wrong profile and a wrong file have plain reasons", async () => {
    const elf = await assembled("trap", "_start:\n  lw a0, 1(zero)\n");
    const trap = await tb("prove", "--elf", elf, "-o", at("trap.proof"), "--threads", "0");
    expect(trap.exit).toBe(1);
    expect(trap.message).toContain("cannot be proven: trap after 0 cycles");
    expect((await tb("prove", "--elf", elf, "-o", at("x"), "--profile", "std99")).exit).toBe(2);
    expect((await tb("prove", "--elf", at("missing.elf"), "-o", at("x"))).exit).toBe(3);
    expect((await tb("verify", elf)).message).toContain("format: first bytes");
    expect((await tb("asm", elf, "-o", at("x"))).exit).toBe(3);
    expect(readdirSync(folder)).not.toContain("x");
  });

  test("a run too long for the bits of its profile is refused before any work", async () => {
    const elf = await assembled(
      "long",
      "_start:\n  li s0, 0xC0000\nagain:\n  addi s0, s0, -1\n  bnez s0, again\n  li a7, 93\n  ecall\n",
    );
    const long = await tb("prove", "--elf", elf, "-o", at("long.proof"), "--profile", "compact100", "--threads", "0");
    expect(long.exit).toBe(6);
    expect(long.message).toContain("compact100 reaches its bits only for runs of up to 1572864 steps");
    expect(readdirSync(folder)).not.toContain("long.proof");
  });
});

test("tb coprocessor soundness prints every term of every profile", async () => {
  expect(await tb("soundness")).toEqual({ exit: 0 });
  for (const profile of ["std100: 100", "std128: 128", "compact100: 10"]) expect(printed).toContain(profile);
  for (const round of ["bus challenges", "point", "batch of columns", "fold 1", "queries", "hash"]) {
    expect(printed).toContain(`${round}: `);
  }
  printed = "";
  expect(await tb("soundness", "--profile", "std128", "--rows", "18", "--json")).toEqual({ exit: 0 });
  expect(JSON.parse(printed).profiles).toHaveLength(1);
  expect((await tb("soundness", "--profile", "no")).exit).toBe(2);
  printed = "";
  expect(await tb("soundness", "--profile", "compact100", "--segments", "6")).toEqual({ exit: 0 });
  expect(printed).toMatch(/^compact100: \d\d proven bits \(Johnson, m = \d+; 6 segments, /);
  expect(printed).toContain("bus challenges: L^6·2·N·W/|F|");
  for (const segments of ["0", "4097", "two"]) await expect(tb("soundness", "--segments", segments)).rejects.toThrow();
});
