/** `tb watch`: problems, watch lines and tests, again whenever a file is saved. */
import type { Command } from "commander";
import type { CommonOptions } from "../session.ts";

export interface WatchOptions extends CommonOptions {
  readonly once?: boolean;
}

export function register(program: Command): void {
  program
    .command("watch [paths...]")
    .description(
      "tell problems, the values of `> …` lines and the results of tests, again whenever a file is saved; Ctrl-C ends it (default: this folder)",
    )
    .option("--once", "tell them once, and end")
    .option("--store <dir>", "store directory (default: $TB_STORE or .tb)")
    .action(async (paths: string[], options: WatchOptions) => {
      const { watchFiles } = await import("../node/watchFiles.ts");
      await watchFiles(paths, options);
    });
}
