/** `tb network`: two real chains on loopback to try programs on. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

export function register(program: Command): void {
  const network = program.command("network").description("chains to try programs on");
  withCommonOptions(
    network
      .command("start")
      .description(
        "start two real Ethereum nodes on loopback with the project's contracts; Ctrl-C stops them, their state is kept",
      ),
  ).action(async (options: CommonOptions) => {
    const { startNetwork } = await import("../node/network.ts");
    await startNetwork(options);
  });
  withCommonOptions(network.command("stop").description("stop a network that runs in the background")).action(
    async (options: CommonOptions) => {
      const { stopNetwork } = await import("../node/network.ts");
      await stopNetwork(options);
    },
  );
  withCommonOptions(network.command("show").description("the timelines that this store knows")).action(
    async (options: CommonOptions) => {
      const { showNetwork } = await import("../node/network.ts");
      await showNetwork(options);
    },
  );
}
