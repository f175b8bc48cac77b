/** Every command of `tb`, in the order in which `tb --help` lists them. */
import type { Command } from "commander";
import * as account from "./account.ts";
import * as check from "./check.ts";
import * as compile from "./compile.ts";
import * as coprocessor from "./coprocessor.ts";
import * as deploy from "./deploy.ts";
import * as evaluate from "./eval.ts";
import * as explain from "./explain.ts";
import * as fmt from "./fmt.ts";
import * as network from "./network.ts";
import * as prove from "./prove.ts";
import * as replay from "./replay.ts";
import * as run from "./run.ts";
import * as schema from "./schema.ts";
import * as test from "./test.ts";
import * as trace from "./trace.ts";
import * as verify from "./verify.ts";

const commands = [
  check,
  compile,
  run,
  evaluate,
  test,
  trace,
  replay,
  fmt,
  explain,
  network,
  account,
  deploy,
  schema,
  coprocessor,
  prove,
  verify,
];

export function registerAll(program: Command): void {
  for (const command of commands) command.register(program);
}
