/** `tb replay`: runs a trace again with nothing outside, and compares everything. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

interface Options extends CommonOptions {
  readonly with?: string;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("replay <cid>")
      .description("run a trace again from its recorded answers; any difference is reported (exit 4)")
      .option("--with <name>", "replay another definition (NAME or #HASH) against the trace, to see where it differs"),
  ).action(async (cid: string, options: Options) => {
    const { replayRun } = await import("../node/traceCommands.ts");
    await replayRun(cid, options.with, options);
  });
}
