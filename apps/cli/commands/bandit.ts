/** `tb bandit`: the node itself, at work for the accounts of a store until it is told to stop. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

export interface BanditOptions extends CommonOptions {
  readonly account?: readonly string[];
  readonly poll: string;
  readonly once?: boolean;
}

const gather = (name: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), name];

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("bandit")
      .description(
        "run this node: start what `on every`, `on at` and `on fact` say, watch the timelines, finish what is open; Ctrl-C ends it",
      )
      .option("--account <name>", "only this account; may be given again (default: all whose keys are here)", gather)
      .option("--poll <duration>", "how often the timelines are looked at", "15s")
      .option("--once", "do all that is due now, and end"),
  ).action(async (options: BanditOptions) => {
    const { runBandit } = await import("../node/runBandit.ts");
    await runBandit(options);
  });
}
