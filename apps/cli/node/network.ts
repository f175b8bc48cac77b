/** The actions of `tb network`. */
import { mkdirSync } from "node:fs";
import { paint, print, printJson } from "../output.ts";
import { type CommonOptions, onInterrupt, storeDirectory } from "../session.ts";
import { startChains } from "./chains.ts";
import { readNetwork } from "./networkFile.ts";

export async function startNetwork(options: CommonOptions): Promise<void> {
  const directory = storeDirectory(options);
  mkdirSync(directory, { recursive: true });
  const chains = await startChains(directory, true);
  onInterrupt(() => chains.stop());
  if (options.json) printJson({ ok: true, ...chains.network });
  else {
    for (const [name, entry] of Object.entries(chains.network.timelines)) {
      print(`${paint.green("●")} ${name.padEnd(10)} chain ${entry.chainId}  ${entry.rpc}`);
    }
    print("Ctrl-C stops them; their state is kept.");
  }
  await Promise.race(chains.anvils.map((anvil) => anvil.ended));
}

export async function showNetwork(options: CommonOptions): Promise<void> {
  const network = readNetwork(storeDirectory(options));
  if (options.json) return printJson({ ok: true, ...network });
  for (const [name, entry] of Object.entries(network.timelines)) {
    print(`${paint.bold(name)}  chain ${entry.chainId}  ${entry.rpc}  finality depth ${entry.depth}`);
    for (const [contract, address] of Object.entries(entry.contracts)) print(`  ${contract.padEnd(10)} ${address}`);
  }
}
