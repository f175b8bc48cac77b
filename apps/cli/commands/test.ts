/** `tb test`: runs the tests and props of TEL files. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

export interface TestOptions extends CommonOptions {
  readonly cache: boolean;
  readonly filter?: string;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("test [paths...]")
      .description("run the tests and props of TEL files and folders (default: this folder)")
      .option("--filter <text>", "only those whose name contains this text")
      .option("--no-cache", "run those too that passed before under the same hash"),
  ).action(async (paths: string[], options: TestOptions) => {
    const { testFiles } = await import("../node/testCommand.ts");
    await testFiles(paths, options);
  });
}
