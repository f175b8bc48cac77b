/**
 * The whole life of the arbitrage on two real chains over the real store: the same bytes from the same sources, trades
 * that the vaults confirm, a replay without chains, upgrades by the rules, names that never come back.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectBandit } from "../../apps/cli/node/bandit.ts";
import { type Chains, fund, startChains } from "../../apps/cli/node/chains.ts";
import { compileFolder, storeCompiled } from "../../apps/cli/node/compile.ts";
import { configOf } from "../../apps/cli/node/deployments.ts";
import { addressText, readNetwork } from "../../apps/cli/node/networkFile.ts";
import { Decimal, show } from "../../src/content/index.ts";
import { codeSource, newLibrary, readTrace, replay, type Store } from "../../src/execution/index.ts";
import {
  Account,
  type Bandit,
  Deployment,
  hashCompiled,
  invoke,
  loadAccount,
  loadInstance,
  planUpgrade,
  putData,
  upgrade,
} from "../../src/programs/index.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { evmKey } from "../../src/timelines/evm/index.ts";
import { type Compiled, liveOn, PAIR, PROGRAM, sign } from "./life.ts";
import { ALICE, take } from "./memoryWorld.ts";

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

describe("the arbitrage on two real chains", () => {
  let directory: string;
  let chains: Chains;
  let store: Store;
  let bandit: Bandit;
  let first: Compiled;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "tb-program-"));
    first = await compileFolder(example("cross-chain-arb"));
    chains = await startChains(directory, false);
    const key = evmKey(ALICE.secp256k1);
    if (!key.ok) throw new Error("not a key");
    for (const entry of Object.values(chains.network.timelines)) await fund(entry, key.value.address, "100", "100000");
    store = await openLmdbStore(join(directory, "store"));
    bandit = await connectBandit({ store, node: ALICE, report: () => {} }, chains.network, ALICE);
  });

  afterAll(async () => {
    await store.close();
    await chains.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("compiles to the same bytes wherever its files lie and whatever their order", async () => {
    const elsewhere = join(directory, "copy");
    cpSync(example("cross-chain-arb"), elsewhere, { recursive: true });
    expect(hashCompiled((await compileFolder(elsewhere)).program)).toBe(hashCompiled(first.program));
    // Named so that the files are read in the other order.
    cpSync(join(elsewhere, "arb.tel"), join(elsewhere, "z.tel"));
    rmSync(join(elsewhere, "arb.tel"));
    expect(hashCompiled((await compileFolder(elsewhere)).program)).toBe(hashCompiled(first.program));
    const changed = readFileSync(join(elsewhere, "z.tel"), "utf8").replace("/ 10", "/ 20");
    writeFileSync(join(elsewhere, "z.tel"), changed);
    expect(hashCompiled((await compileFolder(elsewhere)).program)).not.toBe(hashCompiled(first.program));
  });

  it("deploys, activates, trades with profit, and owns what the vaults hold", async () => {
    await liveOn(bandit, first);
    const { account } = take(loadAccount(bandit, "alice"));
    const total = (asset: string) =>
      ["ethereum", "optimism"].reduce(
        (sum, timeline) => Decimal.add(sum, Account.balance(account, timeline, asset)),
        Decimal.zero,
      );
    expect(Decimal.print(total("ETH"))).toBe("30");
    expect(Decimal.compare(total("USDC"), Decimal.parse("81000")!)).toBe(1);
    for (const [name, entry] of Object.entries(readNetwork(directory).timelines)) {
      for (const asset of entry.assets) {
        const held = await vaultBalance(entry, bandit.timelines.get(name)!.adapter.account, asset.contract);
        const owned = Account.balance(account, name, asset.name);
        expect(`${name} ${asset.name} ${Decimal.print(owned)}`).toBe(
          `${name} ${asset.name} ${Decimal.print(Decimal.of(held, -asset.decimals))}`,
        );
      }
    }
  });

  it("adds a field with its default, keeps a removed one for ever, refuses its name and a rename", async () => {
    const to = async (folder: string) => {
      const compiled = await compileFolder(folder);
      const hash = await storeCompiled(store, compiled);
      const config = await putData(bandit, Deployment.DeploymentConfig, configOf(compiled, bandit.clock.now()));
      const planned = take(planUpgrade(bandit, PROGRAM, hash));
      const done = await upgrade(bandit, sign(bandit, { kind: "UpgradeProgram", program: PROGRAM, to: hash, config }));
      return { planned, done };
    };
    const added = await to(example("cross-chain-arb-1.3.0"));
    expect(take(added.done).after).toMatchObject({ names: ["balances", "lastPrice", "riskTolerance"] });
    const before = take(loadInstance(bandit, PROGRAM)).instance.state;

    const renamed = await to(example("cross-chain-arb-renamed"));
    expect(renamed.done).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("rename") },
    });
    const after = take(loadInstance(bandit, PROGRAM));
    expect(after.instance.state).toBe(before);
    expect(after.events.at(-1)?.event).toMatchObject({ kind: "UpgradeRefused", version: "1.4.0" });

    // An upgrade goes forward: the earlier texts come as later versions.
    const removed = await to(later("cross-chain-arb", "1.2.0", "1.4.0"));
    expect(removed.planned.steps[0]!.plan.changes).toMatchObject([
      { rule: "remove-unused-field", path: "$.riskTolerance" },
    ]);
    expect(removed.planned.steps[0]!.plan.changes[0]?.evidence).toMatch(/^bafyrei/);
    expect(take(loadInstance(bandit, PROGRAM)).instance.retired).toEqual(["$.riskTolerance"]);

    const back = await to(later("cross-chain-arb-1.3.0", "1.3.0", "1.5.0"));
    expect(back.done).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("retired") },
    });
  });

  it("replays with the chains stopped, and says so when it is called", async () => {
    await chains.stop();
    const { instance } = take(loadInstance(bandit, PROGRAM));
    const trace = readTrace(store.blocks, instance.lastTrace!);
    if (!trace.ok) throw new Error("no trace");
    const replayed = replay(newLibrary(codeSource(store.blocks)), trace.value, instance.lastTrace!);
    expect(replayed).toMatchObject({ ok: true, value: { events: trace.value.entries.length } });
    const call = sign(bandit, { kind: "Invoke", program: PROGRAM, entry: "rebalance", arguments: [PAIR] });
    // The program's own deadline of 20 s answers: Stale.
    const report = take(await invoke({ ...bandit, clock: hurried(bandit) }, call));
    expect(show(report.value)).toContain("Err(Stale(");
    expect(take(loadInstance(bandit, PROGRAM)).instance.pending).toEqual([]);
  });

  /** A copy of an example as another version of it. */
  function later(name: string, version: string, as: string): string {
    const folder = join(directory, as);
    cpSync(example(name), folder, { recursive: true });
    const manifest = join(folder, "program.toml");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll(`"${version}"`, `"${as}"`));
    return folder;
  }
});

/** A clock on which waits of the program and of retries are a hundred times shorter. */
function hurried(bandit: Bandit): Bandit["clock"] {
  const start = bandit.clock.now();
  const now = () => start + (bandit.clock.now() - start) * 100;
  return { now, until: (instant, signal) => bandit.clock.until(start + (instant - start) / 100, signal) };
}

async function vaultBalance(
  entry: { readonly rpc: string; readonly contracts: { readonly [name: string]: string } },
  account: Uint8Array,
  token: string | undefined,
): Promise<bigint> {
  const { createPublicClient, http, parseAbi } = await import("viem");
  const client = createPublicClient({ transport: http(entry.rpc) });
  return client.readContract({
    address: entry.contracts["vault"] as `0x${string}`,
    abi: parseAbi(["function balanceOf(bytes32 account, address asset) view returns (uint256)"]),
    functionName: "balanceOf",
    args: [addressText(account) as `0x${string}`, (token ?? `0x${"00".repeat(20)}`) as `0x${string}`],
  });
}
