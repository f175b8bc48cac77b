/**
 * The machine against an independent one: qemu-riscv32 and programs of GNU's compiler. `npm run test:qemu` runs this;
 * without the two (Debian: qemu-user and gcc-riscv64-unknown-elf) it fails and says so.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bytesOf, Elf } from "../../src/riscv/index.ts";
import { Blake3, imageOf, Statement } from "../../src/verifier/index.ts";
import { imageId, readElf } from "../verifier/second/imageId.ts";
import { hex } from "../verifier/second/verify.ts";
import { agreed, assembled } from "./engines.ts";
import { LINUX_TAIL, randomProgram, TAPE_TAIL } from "./randomProgram.ts";

const RANDOM_PROGRAMS = 300;
const folder = mkdtempSync(join(tmpdir(), "machine-qemu-"));
afterAll(() => rmSync(folder, { recursive: true }));

function qemu(elf: Uint8Array): { code: number | null; output: Uint8Array } {
  const path = join(folder, "program.elf");
  writeFileSync(path, elf, { mode: 0o755 });
  const { status, stdout, error } = spawnSync("qemu-riscv32", [path], { maxBuffer: 2 ** 20 });
  if (error !== undefined) throw new Error(`qemu-riscv32 cannot be started: ${error.message}`);
  return { code: status, output: new Uint8Array(stdout) };
}

function compiled(source: string, ...options: readonly string[]): Uint8Array {
  const path = join(folder, "compiled.elf");
  const programs = join(import.meta.dirname, "programs");
  execFileSync("riscv64-unknown-elf-gcc", [
    ...["-march=rv32im", "-mabi=ilp32", "-nostdlib", "-static", "-ffreestanding", "-fno-builtin", ...options],
    ...["-o", path, join(programs, "start.S"), join(programs, source), "-lgcc"],
  ]);
  return new Uint8Array(readFileSync(path));
}

describe("the machine and qemu agree", () => {
  test(`on ${RANDOM_PROGRAMS} random programs`, () => {
    for (let seed = 1000; seed < 1000 + RANDOM_PROGRAMS; seed++) {
      const theirs = qemu(Elf.encode(assembled(randomProgram(seed, 400, LINUX_TAIL))));
      const ours = agreed(randomProgram(seed, 400, TAPE_TAIL));
      expect({ seed, code: theirs.code, output: [...theirs.output] }).toEqual({
        seed,
        code: 0,
        output: [...bytesOf(ours.output)],
      });
    }
  });
  for (const source of ["mixed.c", "digest.c"]) {
    for (const level of ["-O0", "-O1", "-O2", "-O3", "-Os"]) {
      for (const layout of [[], ["-Wl,-N"], ["-Wl,-Ttext=0x80000000"]]) {
        test(`on ${source} with ${[level, ...layout].join(" ")}`, () => {
          const elf = compiled(source, level, ...layout);
          const program = Elf.decode(elf);
          if (!program.ok) throw new Error(program.error.message);
          const { status } = agreed(program.value, [], 50_000_000);
          expect(status).toEqual({ kind: "exited", code: qemu(elf).code });
          expect(hex(imageId(readElf(elf)))).toBe(Blake3.show(Statement.imageId(imageOf(program.value))));
        });
      }
    }
  }
});
