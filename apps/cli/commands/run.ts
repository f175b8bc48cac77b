/** `tb run`: runs a definition by name or hash, and keeps its trace. */
import { type Command, InvalidArgumentError } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

export interface RunOptions extends CommonOptions {
  readonly file: readonly string[];
  readonly cpu?: number;
}

const gather = (path: string, before: readonly string[]): readonly string[] => [...before, path];

function milliseconds(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1 up is needed");
  return value;
}

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
      .option("--cpu <ms>", "CPU milliseconds that the run may use, counted in steps", milliseconds)
      .addHelpText(
        "after",
        "\nEffects: the clock and random numbers are there; nothing else outside is. Live programs run with `tb call`.",
      ),
  ).action(async (name: string, args: string[], options: RunOptions) => {
    const { run } = await import("../node/runCommands.ts");
    await run(name, args, options);
  });
}
