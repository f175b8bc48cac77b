/** The actions of `tb network`. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CliFailure, Exit } from "../exit.ts";
import { paint, print, printJson } from "../output.ts";
import { type CommonOptions, onInterrupt, storeDirectory } from "../session.ts";
import { startChains } from "./chains.ts";
import { readNetwork } from "./networkFile.ts";

export async function startNetwork(options: CommonOptions): Promise<void> {
  const directory = storeDirectory(options);
  mkdirSync(directory, { recursive: true });
  const pidFile = join(directory, "network.pid");
  const running = runningPid(pidFile);
  if (running !== undefined) {
    throw new CliFailure(
      Exit.usage,
      `the network of ${directory} is running already (process ${running})`,
      "stop it with: tb network stop",
    );
  }
  const chains = await startChains(directory, true);
  writeFileSync(pidFile, `${process.pid}\n`);
  onInterrupt(async () => {
    rmSync(pidFile, { force: true });
    await chains.stop();
  });
  if (options.json) printJson({ ok: true, ...chains.network });
  else {
    for (const [name, entry] of Object.entries(chains.network.timelines)) {
      print(`${paint.green("●")} ${name.padEnd(10)} chain ${entry.chainId}  ${entry.rpc}`);
    }
    print("Ctrl-C stops them; their state is kept.");
  }
  await Promise.race(chains.anvils.map((anvil) => anvil.ended));
}

/** Ends a network that runs in the background, and waits until it has. */
export async function stopNetwork(options: CommonOptions): Promise<void> {
  const directory = storeDirectory(options);
  const pid = runningPid(join(directory, "network.pid"));
  if (pid === undefined) throw new CliFailure(Exit.usage, `no network runs for ${directory}`);
  process.kill(pid, "SIGINT");
  for (let waited = 0; isAlive(pid) && waited < STOP_MILLISECONDS_MAX; waited += 50)
    await new Promise((resolve) => setTimeout(resolve, 50));
  if (isAlive(pid)) throw new CliFailure(Exit.store, `the network (process ${pid}) does not end`);
  if (options.json) printJson({ ok: true, stopped: pid });
  else print("the network is stopped; its state is kept");
}

const STOP_MILLISECONDS_MAX = 15_000;

function runningPid(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8").trim());
  return Number.isSafeInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function showNetwork(options: CommonOptions): Promise<void> {
  const network = readNetwork(storeDirectory(options));
  if (options.json) return printJson({ ok: true, ...network });
  for (const [name, entry] of Object.entries(network.timelines)) {
    print(`${paint.bold(name)}  chain ${entry.chainId}  ${entry.rpc}  finality depth ${entry.depth}`);
    for (const [contract, address] of Object.entries(entry.contracts)) print(`  ${contract.padEnd(10)} ${address}`);
  }
}
