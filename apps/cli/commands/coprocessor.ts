/** `tb coprocessor run|disasm`: RISC-V programs on the machine whose runs can be proven. */
import { writeFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { Machine as MachineOf, Program as ProgramOf, WebAssemblyHost } from "../../../src/riscv/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { note, print, printJson } from "../output.ts";
import { readBytes } from "../session.ts";
import * as Assemble from "./assemble.ts";
import * as Soundness from "./soundness.ts";

/** Steps between two looks at signals. */
const SLICE_STEPS = 2 ** 24;

interface RunOptions {
  readonly input?: string;
  readonly output?: string;
  readonly steps?: number;
  readonly trace?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const coprocessor = program.command("coprocessor").description("run RISC-V programs on the provable machine");
  coprocessor
    .command("run <file>")
    .description("run an RV32IM ELF file; exits 0 when the guest's exit code is 0, 1 when it is not")
    .option("--input <file>", "bytes for the input tape, as one frame")
    .option("--output <file>", "write the output tape here, words in little-endian order")
    .option("--steps <n>", "stop after this many instructions (exit 6)", steps)
    .option("--trace", "print every instruction on stderr as it is executed")
    .option("--json", "print one JSON document")
    .action(run);
  coprocessor
    .command("disasm <file>")
    .description("print the instructions of an RV32IM ELF file")
    .option("--json", "print one JSON document")
    .action(disasm);
  Assemble.register(coprocessor);
  Soundness.register(coprocessor);
}

function steps(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("expected a whole number of instructions");
  }
  return value;
}

export async function load(file: string): Promise<ProgramOf.Program> {
  const { Elf } = await import("../../../src/riscv/index.ts");
  const program = Elf.decode(readBytes(file, Elf.ELF_MAX_BYTES));
  if (program.ok) return program.value;
  throw new CliFailure(
    Exit.source,
    `${file} is refused: ${program.error.message}`,
    "expected a static RV32IM executable, for example from gcc -march=rv32im -mabi=ilp32 -nostdlib -static",
    { ok: false, error: program.error },
  );
}

async function run(file: string, options: RunOptions): Promise<void> {
  const { bytesOf, framed, Machine } = await import("../../../src/riscv/index.ts");
  const program = await load(file);
  const tape = framed(options.input === undefined ? new Uint8Array(0) : readBytes(options.input));
  const limit = options.steps ?? Number.POSITIVE_INFINITY;
  const { machine, advance } = await engine(program, tape, options.trace === true);
  while (machine.status.kind === "running" && machine.cycles < limit) {
    advance(Math.min(SLICE_STEPS, limit - machine.cycles));
    await setImmediate();
  }
  const output = bytesOf(machine.output);
  if (options.output !== undefined) save(options.output, output);
  const { status } = machine;
  const exitCode = status.kind === "exited" ? status.code : null;
  const summary = {
    ok: exitCode === 0,
    status: status.kind === "running" ? "step-limit" : status.kind,
    exitCode,
    cycles: machine.cycles,
    outputBytes: output.length,
    effects: machine.marks.length,
    ...(status.kind === "trapped" ? { trap: { ...status.trap, message: Machine.showTrap(status.trap) } } : {}),
  };
  if (status.kind === "running") {
    throw new CliFailure(
      Exit.grant,
      `the step limit of ${limit} was reached at pc 0x${machine.pc.toString(16)}`,
      "give more with --steps N",
      summary,
    );
  }
  if (status.kind === "trapped") {
    throw new CliFailure(
      Exit.program,
      `trap after ${machine.cycles} cycles: ${Machine.showTrap(status.trap)}`,
      undefined,
      summary,
    );
  }
  if (options.json) printJson(summary);
  else print(`exit code ${exitCode}\ncycles ${machine.cycles}`);
  process.exitCode = exitCode === 0 ? Exit.ok : Exit.program;
}

type Engine = { readonly machine: MachineOf.Machine; readonly advance: (steps: number) => void };

async function engine(program: ProgramOf.Program, tape: Uint32Array, traced: boolean): Promise<Engine> {
  const { Machine, prepare } = await import("../../../src/riscv/index.ts");
  if (!traced) {
    // Node 20's types do not name the global.
    const host = (globalThis as unknown as { WebAssembly: WebAssemblyHost }).WebAssembly;
    const { machine, run } = prepare(host, program, tape);
    return { machine, advance: run };
  }
  const machine = Machine.of(program, tape);
  return { machine, advance: await tracer(machine) };
}

/** Steps that print one line each: pc, word, text, and what was written. */
async function tracer(machine: MachineOf.Machine): Promise<(steps: number) => void> {
  const { Instruction, REGISTER_NAMES, step, touched } = await import("../../../src/riscv/index.ts");
  const seen = touched();
  const { code } = machine.program;
  return (limit) => {
    for (let i = 0; i < limit && machine.status.kind === "running"; i++) {
      const pc = machine.pc;
      if (!step(machine, seen)) return;
      const word = code.words[seen.place]!;
      const writes = seen.rd > 0 && seen.rd < 32 ? `  # ${REGISTER_NAMES[seen.rd]} = ${hex(seen.rdAfter >>> 0)}` : "";
      note(`${hex(pc)}  ${hex(word)}  ${Instruction.show(Instruction.decode(word), pc)}${writes}`);
    }
  };
}

async function disasm(file: string, options: { readonly json?: boolean }): Promise<void> {
  const { Instruction, UNKNOWN } = await import("../../../src/riscv/index.ts");
  const program = await load(file);
  const lines = program.regions
    .filter((region) => region.access === "code")
    .flatMap((region) =>
      [...region.words].map((word, i) => {
        const pc = region.address + 4 * i;
        const instruction = Instruction.decode(word);
        const text = instruction.op === UNKNOWN ? `.word ${hex(word)}` : Instruction.show(instruction, pc);
        return { pc, word, text };
      }),
    );
  if (options.json) printJson({ ok: true, entry: program.entry, instructions: lines });
  else print(lines.map(({ pc, word, text }) => `${hex(pc)}  ${hex(word)}  ${text}`).join("\n"));
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;

function save(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new CliFailure(Exit.source, `cannot write ${path}: ${String((error as { code?: string }).code ?? error)}`);
  }
}
