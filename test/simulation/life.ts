/**
 * The life of the arbitrage as its owner types it: each step looks at what is there and does what is missing, as the
 * commands do. Run to its end once, or again after every crash, it comes to the same place.
 */
import { type compileFolder, storeCompiled } from "../../apps/cli/node/compile.ts";
import { configOf } from "../../apps/cli/node/deployments.ts";
import { Decimal, Value } from "../../src/content/index.ts";
import {
  Account,
  advance,
  approveActivation,
  type Bandit,
  Deployment,
  deposit,
  hashCompiled,
  invoke,
  loadAccount,
  loadInstance,
  openAccount,
  openDeployment,
  programIds,
  putData,
  reconcile,
  recover,
  retry,
  review,
  signMessage,
  upgrade,
} from "../../src/programs/index.ts";
import { aliceSigner, take } from "./memoryWorld.ts";

export type Compiled = Awaited<ReturnType<typeof compileFolder>>;
export const PROGRAM = "alice/CrossChainArb";
export const PAIR = Value.record([
  ["base", "ETH"],
  ["quote", "USDC"],
]);

const DEPOSITS = [
  ["ethereum", "40000", "USDC"],
  ["optimism", "40000", "USDC"],
  ["ethereum", "15", "ETH"],
  ["optimism", "15", "ETH"],
] as const;

const sign = (bandit: Bandit, action: Account.Action) => take(signMessage(bandit, "alice", aliceSigner, action));

/** What every command does first. */
export async function finishWhatWasCutOff(bandit: Bandit): Promise<void> {
  const undone = loadAccount(bandit, "alice").ok ? take(await review(bandit, "alice")).retracted : [];
  for (const id of programIds(bandit)) take(await recover(bandit, id));
  if (loadAccount(bandit, "alice").ok) take(await reconcile(bandit, "alice"));
  for (const { deployment } of undone.flatMap((fact) => fact.components))
    take(await advance(bandit, "alice", deployment));
}

export async function liveOn(bandit: Bandit, first: Compiled, second?: Compiled): Promise<void> {
  await finishWhatWasCutOff(bandit);
  if (!loadAccount(bandit, "alice").ok) take(await openAccount(bandit, "alice", aliceSigner.publicKey));
  for (const [timeline, amount, asset] of DEPOSITS) {
    const view = take(loadAccount(bandit, "alice"));
    // After the trade the balances differ; what was paid in stands in the log.
    const isIn = view.entries.some(({ event }) => {
      const read = Account.AccountEvent.fromValue(event);
      return (
        read.ok && read.value.kind === "Credited" && read.value.timeline === timeline && read.value.asset === asset
      );
    });
    if (!isIn)
      take(
        await deposit(bandit, "alice", timeline, asset, Decimal.parse(amount)!, `alice/deposit/${view.entries.length}`),
      );
  }
  const deployment = await deploy(bandit, first);
  if (!Deployment.isLive(deployment)) {
    take(
      await approveActivation(
        bandit,
        sign(bandit, { kind: "ActivateProgram", deployment: deployment.id, component: undefined }),
      ),
    );
    take(await advance(bandit, "alice", deployment.id));
  }
  if (take(loadInstance(bandit, PROGRAM)).instance.runs === 0) {
    take(
      await invoke(bandit, sign(bandit, { kind: "Invoke", program: PROGRAM, entry: "rebalance", arguments: [PAIR] })),
    );
  }
  if (second === undefined || take(loadInstance(bandit, PROGRAM)).instance.version === second.program.version) return;
  const to = await storeCompiled(bandit.store, second);
  const config = await putData(bandit, Deployment.DeploymentConfig, configOf(second, bandit.clock.now()));
  take(await upgrade(bandit, sign(bandit, { kind: "UpgradeProgram", program: PROGRAM, to, config })));
}

export async function deploy(bandit: Bandit, compiled: Compiled): Promise<Deployment.Deployment> {
  const known = [...take(loadAccount(bandit, "alice")).deployments.values()].findLast(
    (d) => d.program === hashCompiled(compiled.program),
  );
  if (known !== undefined && !known.components.every((c) => c.status === "withdrawn")) {
    take(await retry(bandit, "alice", known.id));
    return take(await advance(bandit, "alice", known.id));
  }
  const program = await storeCompiled(bandit.store, compiled);
  const config = await putData(bandit, Deployment.DeploymentConfig, configOf(compiled, bandit.clock.now()));
  const id = take(await openDeployment(bandit, sign(bandit, { kind: "DeployProgram", program, config })));
  return take(await advance(bandit, "alice", id));
}

export { sign };
