/** The actions of `tb network`. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CliFailure, Exit } from "../exit.ts";
import { paint, print, printJson } from "../output.ts";
import { type CommonOptions, onInterrupt, storeDirectory } from "../session.ts";
import { startChains } from "./chains.ts";
import { holderOf, isAlive, takeLock } from "./lockFile.ts";
import { readNetwork } from "./networkFile.ts";

export async function startNetwork(options: CommonOptions): Promise<void> {
  const directory = storeDirectory(options);
  mkdirSync(directory, { recursive: true });
  // Taken before anything starts: two that begin at the same instant do not both get it.
  const lock = takeLock(join(directory, LOCK));
  if (!lock.ok) {
    throw new CliFailure(
      Exit.usage,
      `the network of ${directory} is running already${lock.error === undefined ? "" : ` (process ${lock.error})`}`,
      "stop it with: tb network stop",
    );
  }
  const release = onInterrupt(lock.value);
  try {
    await runChains(directory, options);
  } finally {
    release();
    lock.value();
  }
}

const LOCK = "network.pid";

async function runChains(directory: string, options: CommonOptions): Promise<void> {
  const chains = await startChains(directory, true);
  let isStopping = false;
  onInterrupt(() => {
    isStopping = true;
    return chains.stop();
  });
  if (options.json) printJson({ ok: true, ...chains.network });
  else {
    for (const [name, entry] of Object.entries(chains.network.timelines)) {
      print(`${paint.green("●")} ${name.padEnd(10)} chain ${entry.chainId}  ${entry.rpc}`);
    }
    print("Ctrl-C stops them; their state is kept.");
  }
  const { reason } = await Promise.race(chains.anvils.map((anvil) => anvil.ended));
  if (isStopping) return;
  // One chain alone is no network: nothing would work, and `tb network start` would say that it runs.
  await chains.stop();
  throw new CliFailure(
    Exit.store,
    `a node of the network has ended: ${reason}; the other is stopped too`,
    "start them again with: tb network start",
  );
}

/** Ends a network that runs in the background, and waits until it has. */
export async function stopNetwork(options: CommonOptions): Promise<void> {
  const directory = storeDirectory(options);
  const pid = holderOf(join(directory, LOCK));
  if (pid === undefined) throw new CliFailure(Exit.usage, `no network runs for ${directory}`);
  process.kill(pid, "SIGINT");
  for (let waited = 0; isAlive(pid) && waited < STOP_MILLISECONDS_MAX; waited += 50)
    await new Promise((resolve) => setTimeout(resolve, 50));
  if (isAlive(pid)) throw new CliFailure(Exit.store, `the network (process ${pid}) does not end`);
  if (options.json) printJson({ ok: true, stopped: pid });
  else print("the network is stopped; its state is kept");
}

const STOP_MILLISECONDS_MAX = 15_000;

export async function showNetwork(options: CommonOptions): Promise<void> {
  const network = readNetwork(storeDirectory(options));
  if (options.json) return printJson({ ok: true, ...network });
  for (const [name, entry] of Object.entries(network.timelines)) {
    print(`${paint.bold(name)}  chain ${entry.chainId}  ${entry.rpc}  finality depth ${entry.depth}`);
    for (const [contract, address] of Object.entries(entry.contracts)) print(`  ${contract.padEnd(10)} ${address}`);
  }
}
