/** `tb deploy`, `tb activate`, `tb call`, `tb upgrade`, `tb status`: a program's life after it was written. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions } from "../session.ts";

export interface DeployOptions extends CommonOptions {
  readonly account: string;
  readonly component?: string;
  readonly plan?: boolean;
  readonly to?: string;
  readonly through?: readonly string[];
}

export interface StatusOptions extends CommonOptions {
  readonly verify?: boolean;
}

const gather = (directory: string, before: readonly string[]): readonly string[] => [...before, directory];

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("deploy <directory>")
      .description("compile a program and deploy it through an account: distribute, register, verify")
      .requiredOption("--account <name>", "the account that will own it"),
  ).action(async (directory: string, options: DeployOptions) => {
    const { deploy } = await import("../node/deployments.ts");
    await deploy(directory, options);
  });

  withCommonOptions(
    program
      .command("activate <program>")
      .description("consent to the activation of a deployed program, in the order of its strategy")
      .requiredOption("--account <name>", "the account that owns it")
      .option("--component <timeline>", "only this component (ManualStepwise)"),
  ).action(async (name: string, options: DeployOptions) => {
    const { activate } = await import("../node/deployments.ts");
    await activate(name, options);
  });

  withCommonOptions(
    program
      .command("call <program> <entry> [arguments...]")
      .description("run an entry of an active program; arguments are TEL expressions")
      .requiredOption("--account <name>", "the account that owns it"),
  ).action(async (name: string, entry: string, args: string[], options: DeployOptions) => {
    const { call } = await import("../node/deployments.ts");
    await call(name, entry, args, options);
  });

  withCommonOptions(
    program
      .command("upgrade <program>")
      .description("move a live program and its state to a new version; shows the plan first")
      .requiredOption("--account <name>", "the account that owns it")
      .requiredOption("--to <directory>", "the new version's folder")
      .option(
        "--through <directory>",
        "a version on the way, if it is not in the store; may be given again",
        gather,
        [],
      )
      .option("--plan", "show the plan and change nothing"),
  ).action(async (name: string, options: DeployOptions) => {
    const { upgrade } = await import("../node/deployments.ts");
    await upgrade(name, options);
  });

  withCommonOptions(
    program
      .command("status [program]")
      .description("programs, their versions, state and safety")
      .option("--verify", "recompute every upgrade from the log: its migrations, its record, its state"),
  ).action(async (name: string | undefined, options: StatusOptions) => {
    const { status } = await import("../node/deployments.ts");
    await status(name, options);
  });
}
