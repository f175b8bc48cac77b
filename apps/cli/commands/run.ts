/** `tb run`: runs a definition by name or hash, and keeps its trace. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

interface Options extends CommonOptions {
  readonly file: readonly string[];
}

const gather = (path: string, before: readonly string[]): readonly string[] => [...before, path];

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("run <name> [arguments...]")
      .description("run a definition (NAME or #HASH) of the store; arguments are TEL expressions")
      .option(
        "--file <path>",
        "TEL file or folder: what it declares is added to the store first (may be repeated)",
        gather,
        [],
      )
      .addHelpText(
        "after",
        "\nEffects: the clock and random numbers are there; nothing else outside is. Live programs run with `tb call`.",
      ),
  ).action(async (name: string, args: string[], options: Options) => {
    const { run } = await import("../node/runCommands.ts");
    await run(name, args, options.file, options);
  });
}
