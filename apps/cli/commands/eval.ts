/** `tb eval`: the value of a TEL expression. */
import type { Command } from "commander";
import type { CommonOptions } from "../session.ts";

interface Options extends CommonOptions {
  readonly file: readonly string[];
}

const gather = (path: string, before: readonly string[]): readonly string[] => [...before, path];

export function register(program: Command): void {
  program
    .command("eval <expression>")
    .description(
      "print the value of a TEL expression; it may name definitions of the codebase with their modules, like arb.math.spread",
    )
    .option("--file <path>", "TEL file or folder whose declarations it sees (may be repeated)", gather, [])
    .option("--json", "print one JSON document")
    .option(
      "--store <dir>",
      "name definitions of this store, and keep code and trace there (default: name those of $TB_STORE or .tb, keep nothing)",
    )
    .action(async (expression: string, options: Options) => {
      const { evaluate } = await import("../node/runCommands.ts");
      await evaluate(expression, options.file, options);
    });
}
