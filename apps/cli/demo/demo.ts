/** The seven steps of the demo. Each calls what the commands call; nothing here is staged. */
import { randomBytes } from "node:crypto";
import { join, relative } from "node:path";
import { ContentHash, Decimal, show, type Value } from "../../../src/content/index.ts";
import {
  Account,
  type Bandit,
  deposit,
  invoke,
  loadAccount,
  loadInstance,
  openAccount,
  planUpgrade,
  upgrade,
} from "../../../src/programs/index.ts";
import { signerFromSeed } from "../../../src/protocol/index.ts";
import { openLmdbStore } from "../../../src/stores/lmdb/index.ts";
import { evmKey } from "../../../src/timelines/evm/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { createKeys, type Keys } from "../keystore.ts";
import { take } from "../node/accounts.ts";
import { connectBandit, openNodeKeys } from "../node/bandit.ts";
import { CHAINS, fund, startChains } from "../node/chains.ts";
import { compileFolder, storeCompiled } from "../node/compile.ts";
import { activateDeployment, consent, deployCompiled, printPlan, sign } from "../node/deployments.ts";
import { addressText } from "../node/networkFile.ts";
import { evaluateArguments } from "../node/runs.ts";
import { note, paint, print } from "../output.ts";
import { onInterrupt } from "../session.ts";
import { adrExample } from "./adrExample.ts";

export interface DemoOptions {
  readonly root: string;
  readonly program: string;
  readonly directory: string;
}

const ACCOUNT = "alice";

export async function runDemo({ root, program, directory }: DemoOptions): Promise<void> {
  const started = performance.now();
  const step = stepper();
  const examples = (name: string) => join(root, "examples", name);
  const passphrase = process.env["TB_PASSPHRASE"] ?? randomBytes(12).toString("hex");

  step("Two real Ethereum nodes start on this machine, and the contracts are deployed");
  const chains = await startChains(directory, false);
  const stopOnInterrupt = onInterrupt(() => chains.stop());
  try {
    for (const plan of CHAINS) {
      const entry = chains.network.timelines[plan.name]!;
      print(`  ${plan.name.padEnd(9)} chain ${entry.chainId}  ${entry.rpc}  1 ETH = ${priceOf(plan)} USDC`);
    }

    step("A Traveler gets keys and an account; deposits on both chains are proven and credited");
    const keys = createKeys(directory, ACCOUNT, passphrase);
    const node = openNodeKeys(directory, passphrase);
    const key = evmKey(keys.secp256k1);
    if (!key.ok) throw new Error("internal error: new keys are keys");
    for (const entry of Object.values(chains.network.timelines))
      await fund(entry, key.value.address, "1000", "1000000");
    const store = await openLmdbStore(join(directory, "store"));
    const closeOnInterrupt = onInterrupt(() => store.close());
    const bandit = await connectBandit({ store, node, report: reporter() }, chains.network, keys);
    take(await openAccount(bandit, ACCOUNT, signerFromSeed(keys.ed25519Seed).publicKey));
    print(`  ${ACCOUNT} owns ${addressText(key.value.address)} on both chains`);
    let number = 0;
    for (const [timeline, amount, asset] of [
      ["ethereum", "40000", "USDC"],
      ["optimism", "40000", "USDC"],
      ["ethereum", "15", "ETH"],
      ["optimism", "15", "ETH"],
    ] as const) {
      take(await deposit(bandit, ACCOUNT, timeline, asset, Decimal.parse(amount)!, `${ACCOUNT}/deposit/${number++}`));
    }
    printBalances(bandit);

    step("The program is checked, compiled to content-addressed definitions, deployed and activated");
    const compiled = await compileFolder(program);
    for (const [name, hash] of compiled.addressed.definitions) {
      if (!name.includes("/")) print(`  ${paint.dim(ContentHash.short(hash))}…  ${name}`);
    }
    const deployed = await deployCompiled(bandit, ACCOUNT, keys, compiled);
    print(
      `  ${compiled.program.name} ${compiled.program.version} is registered on both chains; now the owner consents:`,
    );
    await activateDeployment(bandit, ACCOUNT, keys, deployed.id, undefined);
    const id = deployed.instance;
    print(`  ${paint.green("●")} ${id} is ${take(loadInstance(bandit, id)).instance.status}`);

    step("rebalance runs: prices by storage proof, a decision, two real trades");
    const args = await evaluateArguments(bandit, id, "rebalance", ['Pair("ETH", "USDC")']);
    const before = balances(bandit);
    const message = sign(bandit, ACCOUNT, keys, { kind: "Invoke", program: id, entry: "rebalance", arguments: args });
    const run = take(await invoke(bandit, message));
    print(`  result ${paint.bold(show(run.value))}`);
    const after = balances(bandit);
    print(
      `  profit ${paint.green(`${Decimal.print(Decimal.subtract(total(after, "USDC"), total(before, "USDC")))} USDC`)}, ETH held before and after: ${Decimal.print(total(before, "ETH"))} and ${Decimal.print(total(after, "ETH"))}`,
    );
    await printGap(bandit);

    step("The chains are switched off; the run is replayed from its trace alone");
    await chains.stop();
    const { printTrace, replayTrace } = await import("../node/runs.ts");
    await printTrace(store, run.trace);
    await replayTrace(store, run.trace);

    step("The program is upgraded with its live state; a rename is refused");
    await upgradeTo(bandit, keys, id, examples("cross-chain-arb-1.3.0"));
    adrExample();
    await refuseRename(bandit, keys, id, examples("cross-chain-arb-renamed"));

    step("Look further");
    const where = relative(process.cwd(), directory) || ".";
    print(`  Everything is kept in ${paint.bold(where)}. The passphrase of its keys is ${passphrase}`);
    for (const command of [
      `tb status --store ${where}`,
      `tb account log ${ACCOUNT} --store ${where}`,
      `tb trace ${run.trace} --store ${where}`,
      `tb replay ${run.trace} --store ${where}`,
    ]) {
      print(`    node bin/${command.replace(/^tb/, "tb.js")}`);
    }
    closeOnInterrupt();
    await store.close();
    note(paint.dim(`demo finished in ${((performance.now() - started) / 1000).toFixed(1)} s`));
  } finally {
    stopOnInterrupt();
    await chains.stop();
  }
}

function stepper(): (title: string) => void {
  let number = 0;
  return (title) => print(`\n${paint.bold(paint.cyan(`${++number}.`))} ${paint.bold(title)}`);
}

const priceOf = (plan: { readonly eth: string; readonly usdc: string }) =>
  Decimal.print(Decimal.divide(Decimal.parse(plan.usdc)!, Decimal.parse(plan.eth)!));

function reporter(): Bandit["report"] {
  return (event) => {
    if (event.kind === "fact")
      print(
        `  ${event.timeline.padEnd(9)} block ${String(event.block).padEnd(3)} ${event.what} ${paint.dim("— seen, proven, signed")}`,
      );
    else if (event.kind === "component")
      print(`  ${event.component.padEnd(9)} ${event.status}${event.reason === "" ? "" : ` — ${event.reason}`}`);
    else if (event.kind === "effect") print(`  effect ${event.index}: ${event.what}`);
  };
}

const balances = (bandit: Bandit): ReadonlyMap<string, Decimal.Decimal> =>
  take(loadAccount(bandit, ACCOUNT)).account.balances;

function total(held: ReadonlyMap<string, Decimal.Decimal>, asset: string): Decimal.Decimal {
  let sum = Decimal.zero;
  for (const [key, amount] of held) if (key.endsWith(`/${asset}`)) sum = Decimal.add(sum, amount);
  return sum;
}

function printBalances(bandit: Bandit): void {
  const { account } = take(loadAccount(bandit, ACCOUNT));
  const parts = ["ethereum", "optimism"].flatMap((timeline) =>
    ["ETH", "USDC"].map(
      (asset) => `${Decimal.print(Account.balance(account, timeline, asset))} ${asset} on ${timeline}`,
    ),
  );
  print(`  ${ACCOUNT} holds ${parts.join(", ")}`);
}

/** What the prices are after the trades, read and proven as the program would. */
async function printGap(bandit: Bandit): Promise<void> {
  const { readPrice } = await import("../node/prices.ts");
  const prices: Decimal.Decimal[] = [];
  for (const timeline of bandit.timelines.values()) prices.push(await readPrice(bandit, timeline));
  const [a, b] = prices as [Decimal.Decimal, Decimal.Decimal];
  const low = Decimal.compare(a, b) < 0 ? a : b;
  const gap = Decimal.divide(Decimal.subtract(low === a ? b : a, low), low);
  const percent = Decimal.print(Decimal.round(Decimal.multiply(gap, Decimal.fromInt(100)), 2));
  print(
    `  prices now ${Decimal.print(Decimal.round(a, 2))} and ${Decimal.print(Decimal.round(b, 2))} USDC: the gap shrank from 6.9 to ${percent} percent`,
  );
}

async function upgradeTo(bandit: Bandit, keys: Keys, id: string, folder: string): Promise<void> {
  const compiled = await compileFolder(folder);
  const to = await storeCompiled(bandit.store, compiled);
  const planned = take(planUpgrade(bandit, id, to));
  await printPlan(planned);
  const done = take(await upgrade(bandit, await consent(bandit, ACCOUNT, keys, id, compiled, [to])));
  print(`  state before  ${show(done.before)}\n  state after   ${show(done.after)}`);
  print(`  evolution record ${paint.dim(done.records.join(", "))}`);
}

async function refuseRename(bandit: Bandit, keys: Keys, id: string, folder: string): Promise<void> {
  const compiled = await compileFolder(folder);
  const to = await storeCompiled(bandit.store, compiled);
  const planned = take(planUpgrade(bandit, id, to));
  const before: Value.Value = planned.state;
  await printPlan(planned);
  const refused = await upgrade(bandit, await consent(bandit, ACCOUNT, keys, id, compiled, [to]));
  if (refused.ok) throw new CliFailure(Exit.divergence, "the rename was not refused");
  const after = take(planUpgrade(bandit, id, to)).state;
  print(`  refused, and logged; the state is as it was: ${show(after) === show(before) ? "identical" : "CHANGED"}`);
}
