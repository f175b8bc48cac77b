/** `tb repl`: TEL, one expression at a time. */
import type { Command } from "commander";
import { Exit } from "../exit.ts";

export function register(program: Command): void {
  program
    .command("repl [paths...]")
    .description("evaluate TEL line by line, with the declarations of these files and folders in scope")
    .action(run);
}

async function run(paths: readonly string[]): Promise<void> {
  const { checkFiles, environmentOf } = await import("../node/checkFiles.ts");
  const { openMemoryStore } = await import("../../../src/stores/memory/index.ts");
  const { colourOn } = await import("../output.ts");
  const { session } = await import("../repl/Session.ts");
  const { repl } = await import("../repl/repl.ts");
  const files = paths.length === 0 ? undefined : await checkFiles(paths);
  const of = session(
    files?.sources ?? [],
    environmentOf(files?.manifest),
    openMemoryStore(),
    colourOn,
    () => process.stdout.columns,
  );
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const failed = await repl(of, { input: process.stdin, output: process.stdout }, isTerminal);
  if (failed > 0 && !isTerminal) process.exitCode = Exit.program;
}
