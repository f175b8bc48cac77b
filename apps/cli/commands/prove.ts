/** `tb prove`: a proof of one run of a RISC-V program. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import type { Progress, RunProblem } from "../../../src/prover/index.ts";
import type { Machine as Machines } from "../../../src/riscv/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { note, print, printJson, progress } from "../output.ts";
import { onInterrupt, readBytes } from "../session.ts";

interface ProveOptions {
  readonly elf: string;
  readonly input?: string;
  readonly output: string;
  readonly profile: string;
  readonly zk?: boolean;
  readonly threads: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("prove")
    .description("run an RV32IM ELF file and prove the run (unaudited)")
    .requiredOption("--elf <file>", "the program")
    .option("--input <file>", "bytes for the input tape, as one frame")
    .requiredOption("-o, --output <file>", "where the proof goes")
    .option("--profile <name>", "std100, std128 or compact100", "std100")
    .option("--zk", "hide everything but the statement; the bytes of the proof are then random")
    .option("--threads <n>", "worker threads", threads, 2)
    .option("--json", "print one JSON document")
    .action(prove);
}

const MAX_THREADS = 64;

function threads(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value > MAX_THREADS) {
    throw new InvalidArgumentError(`expected a whole number up to ${MAX_THREADS}`);
  }
  return value;
}

async function prove(options: ProveOptions): Promise<void> {
  const { framed, Machine } = await import("../../../src/riscv/index.ts");
  const { Blake3, Profile, Statement, showRefusal, verifyRun } = await import("../../../src/verifier/index.ts");
  const { kernelRows, proveRun } = await import("../../../src/prover/index.ts");
  const { load } = await import("./coprocessor.ts");
  const profile = Profile.byName(options.profile);
  if (profile === undefined) {
    const names = Profile.PROFILES.map(({ name }) => name).join(", ");
    throw new CliFailure(Exit.usage, `there is no profile ${options.profile}`, `profiles: ${names}`);
  }
  const elf = await load(options.elf);
  const tape = framed(options.input === undefined ? new Uint8Array(0) : readBytes(options.input));
  const stop = new AbortController();
  const temporary = `${options.output}.${process.pid}.part`;
  const forget = onInterrupt(() => {
    stop.abort();
    rmSync(temporary, { force: true });
  });
  const line = progress();
  const started = performance.now();
  try {
    const result = await proveRun(elf, tape, {
      profile,
      threads: options.threads,
      signal: stop.signal,
      onProgress: (at) => line.update(describe(at, performance.now() - started)),
      ...(options.zk ? { seed: new Uint8Array((await import("node:crypto")).randomBytes(32)) } : {}),
    });
    line.done();
    if (!result.ok) {
      const { error } = result;
      const exit = error.kind === "trapped" ? Exit.program : Exit.grant;
      const message = `the run cannot be proven: ${reason(error, Machine.showTrap)}`;
      throw new CliFailure(exit, message, "tb coprocessor run --trace shows the steps", { ok: false, error });
    }
    const { proof, statement } = result.value;
    // A proof that does not hold is a bug of ours, and better found here than by whoever relies on it.
    const checked = verifyRun(proof, {}, kernelRows);
    if (!checked.ok) throw new Error(`internal error: the proof does not hold: ${showRefusal(checked.error)}`);
    write(temporary, options.output, proof);
    const seconds = (performance.now() - started) / 1000;
    const imageId = Blake3.show(Statement.imageId(statement.image));
    if (options.json) {
      const { exitCode, cycles } = statement;
      printJson({ ok: true, proof: options.output, bytes: proof.length, imageId, exitCode, cycles, unaudited: true });
    } else {
      print(`${options.output}: ${proof.length} bytes\nimage id ${imageId}\nexit code ${statement.exitCode}`);
      print(`cycles ${statement.cycles}`);
      note(`proven in ${seconds.toFixed(1)} s, ${(statement.cycles / seconds / 1000).toFixed(1)} kHz; unaudited`);
    }
  } finally {
    line.done();
    forget();
  }
}

function reason(problem: RunProblem, showTrap: (trap: Machines.Trap) => string): string {
  switch (problem.kind) {
    case "trapped":
      return `trap after ${problem.cycles} cycles: ${showTrap(problem.trap)}`;
    case "too-long":
      return `it takes more than ${problem.maxSteps} steps`;
    case "tape-too-long":
      return `a tape has ${problem.words} words, more than ${problem.maxWords}`;
    case "too-much-memory":
      return `it touches ${problem.words} words of memory, more than ${problem.maxWords}`;
    case "too-many-segments":
      return `${problem.profile} reaches its bits only for runs of up to ${problem.maxSteps} steps; std100 and std128 have no such limit`;
  }
}

/** Below this share of the work the time left cannot be told. */
const LEAST_SHARE = 0.05;

function describe({ phase, done, total }: Progress, elapsed: number): string {
  const share = done / total;
  const left = share < LEAST_SHARE ? "" : `, about ${Math.ceil((elapsed * (1 - share)) / share / 1000)} s left`;
  return `${phase}: ${Math.floor(100 * share)} %${left}`;
}

/** The whole proof appears at once, or nothing does. */
function write(temporary: string, path: string, proof: Uint8Array): void {
  try {
    writeFileSync(temporary, proof);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new CliFailure(Exit.source, `cannot write ${path}: ${String((error as { code?: string }).code ?? error)}`);
  }
}
