/** `tb account`: keys, balances, deposits and the account's log. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

interface MoveOptions extends CommonOptions {
  readonly on: string;
  readonly to?: string;
}

export function register(program: Command): void {
  const account = program.command("account").description("keys, balances and messages of an account program");

  withCommonOptions(
    account.command("create <name>").description("make keys for a Traveler and open the account program"),
  ).action(async (name: string, options: CommonOptions) => {
    const { createAccount } = await import("../node/accounts.ts");
    await createAccount(name, options);
  });

  withCommonOptions(account.command("show <name>").description("balances, nonce and deployments")).action(
    async (name: string, options: CommonOptions) => {
      const { showAccount } = await import("../node/accounts.ts");
      await showAccount(name, options);
    },
  );

  withCommonOptions(account.command("log <name>").description("every event of the account, oldest first")).action(
    async (name: string, options: CommonOptions) => {
      const { showAccountLog } = await import("../node/accounts.ts");
      await showAccountLog(name, options);
    },
  );

  withCommonOptions(
    account
      .command("deposit <name> <amount> <asset>")
      .description("bring assets in by a transaction on a timeline")
      .requiredOption("--on <timeline>", "the timeline, by its name"),
  ).action(async (name: string, amount: string, asset: string, options: MoveOptions) => {
    const { depositTo } = await import("../node/accounts.ts");
    await depositTo(name, amount, asset, options);
  });

  withCommonOptions(
    account
      .command("withdraw <name> <amount> <asset>")
      .description("send assets out to an address on a timeline")
      .requiredOption("--on <timeline>", "the timeline, by its name")
      .requiredOption("--to <address>", "who receives them there"),
  ).action(async (name: string, amount: string, asset: string, options: MoveOptions) => {
    const { withdrawFrom } = await import("../node/accounts.ts");
    await withdrawFrom(name, amount, asset, options);
  });

  withCommonOptions(
    account
      .command("transfer <name> <amount> <asset>")
      .description("give another account a claim on assets; the coins stay in the vault of the sender")
      .requiredOption("--on <timeline>", "the timeline on which they are")
      .requiredOption("--to <account>", "the account that receives them"),
  ).action(async (name: string, amount: string, asset: string, options: MoveOptions) => {
    const { transferFrom } = await import("../node/accounts.ts");
    await transferFrom(name, amount, asset, options);
  });
}
