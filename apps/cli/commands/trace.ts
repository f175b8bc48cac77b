/** `tb trace`: the events of a run. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

interface Options extends CommonOptions {
  readonly calls?: boolean;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("trace <cid>")
      .description("list the events of a run, by the address of its last event")
      .option("--calls", "calls and returns too, derived by running it again"),
  ).action(async (cid: string, options: Options) => {
    const { trace } = await import("../node/traceCommands.ts");
    await trace(cid, options.calls === true, options);
  });
}
