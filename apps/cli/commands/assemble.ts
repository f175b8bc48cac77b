/** `tb coprocessor asm`: assembly text to an ELF file. */
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { print, printJson } from "../output.ts";
import { readText } from "../session.ts";

/** Registers under `tb coprocessor`. */
export function register(coprocessor: Command): void {
  coprocessor
    .command("asm <file>")
    .description("assemble RV32IM assembly to an ELF file")
    .requiredOption("-o, --output <file>", "where the ELF file goes")
    .option("--json", "print one JSON document")
    .action(assembleFile);
}

async function assembleFile(
  file: string,
  options: { readonly output: string; readonly json?: boolean },
): Promise<void> {
  const { assemble, Elf } = await import("../../../src/riscv/index.ts");
  const program = assemble(readText(file));
  if (!program.ok) {
    const lines = program.error.map(({ line, message }) => `${file}:${line}: ${message}`);
    throw new CliFailure(Exit.source, lines.join("\n"), undefined, {
      ok: false,
      error: { message: `${file} has errors` },
      problems: program.error,
    });
  }
  const bytes = Elf.encode(program.value);
  try {
    writeFileSync(options.output, bytes);
  } catch (error) {
    const reason = String((error as { code?: string }).code ?? error);
    throw new CliFailure(Exit.source, `cannot write ${options.output}: ${reason}`);
  }
  if (options.json === true) printJson({ ok: true, file: options.output, bytes: bytes.length });
  else print(`${options.output}: ${bytes.length} bytes`);
}
