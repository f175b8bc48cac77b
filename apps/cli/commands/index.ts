/** Every command of `tb`, in the groups and the order in which `tb --help` lists them. */
import type { Command } from "commander";
import * as account from "./account.ts";
import * as add from "./add.ts";
import * as bandit from "./bandit.ts";
import * as check from "./check.ts";
import * as compile from "./compile.ts";
import * as coprocessor from "./coprocessor.ts";
import * as remove from "./delete.ts";
import * as dependents from "./dependents.ts";
import * as deploy from "./deploy.ts";
import * as deps from "./deps.ts";
import * as diff from "./diff.ts";
import * as evaluate from "./eval.ts";
import * as explain from "./explain.ts";
import * as exportCar from "./export.ts";
import * as find from "./find.ts";
import * as fmt from "./fmt.ts";
import * as gc from "./gc.ts";
import * as graph from "./graph.ts";
import * as history from "./history.ts";
import * as importCar from "./import.ts";
import * as lsp from "./lsp.ts";
import * as network from "./network.ts";
import * as prove from "./prove.ts";
import * as pull from "./pull.ts";
import * as push from "./push.ts";
import * as rename from "./rename.ts";
import * as repl from "./repl.ts";
import * as replay from "./replay.ts";
import * as run from "./run.ts";
import * as schema from "./schema.ts";
import * as serve from "./serve.ts";
import * as test from "./test.ts";
import * as todo from "./todo.ts";
import * as trace from "./trace.ts";
import * as undo from "./undo.ts";
import * as update from "./update.ts";
import * as verify from "./verify.ts";
import * as view from "./view.ts";
import * as watch from "./watch.ts";

const write = [check, test, watch, fmt, compile, graph, explain, lsp];
const execute = [run, evaluate, repl, trace, replay];
const codebase = [
  add,
  update,
  view,
  find,
  deps,
  dependents,
  diff,
  history,
  undo,
  rename,
  remove,
  todo,
  gc,
  exportCar,
  importCar,
  push,
  pull,
  serve,
];
const live = [network, account, deploy, bandit, schema];
const proofs = [prove, verify, coprocessor];

const groups = [
  ["Write:", write],
  ["Run:", execute],
  ["Codebase:", codebase],
  ["Live programs:", live],
  ["Proofs:", proofs],
] as const;

export function registerAll(program: Command): void {
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const command of commands) command.register(program);
  }
  program.commandsGroup("Help:").helpCommand("help [command]", "display help for command");
}
