/**
 * A reorganisation takes back blocks on which an account rests: nothing is edited, what was spent becomes a debt that
 * blocks payments, and what was signed comes into the chain again and counts again. On the twin, and on real chains.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectBandit } from "../../apps/cli/node/bandit.ts";
import { type Chains, fund, startChains } from "../../apps/cli/node/chains.ts";
import { compileFolder } from "../../apps/cli/node/compile.ts";
import { Decimal } from "../../src/content/index.ts";
import type { Store } from "../../src/execution/index.ts";
import {
  Account,
  type Bandit,
  Deployment,
  deposit,
  FINAL_BLOCKS,
  loadAccount,
  loadInstance,
  openAccount,
  reconcile,
  review,
  submit,
  withdraw,
} from "../../src/programs/index.ts";
import { Retraction } from "../../src/protocol/index.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { evmKey } from "../../src/timelines/evm/index.ts";
import { type Compiled, finishWhatWasCutOff, liveOn, PROGRAM, sign } from "./life.ts";
import {
  ALICE,
  aliceSigner,
  balanceOf,
  Crash,
  crashingStore,
  createWorld,
  eventsOf,
  gaps,
  startBandit,
  take,
  type World,
} from "./memoryWorld.ts";

/** What the scenarios need of a world: a Bandit that has just begun, and a chain's past to change. */
interface Place {
  readonly bandit: () => Promise<Bandit>;
  readonly reorganise: (timeline: string, blocks: number) => Promise<void>;
  readonly mine: (timeline: string, blocks: number) => Promise<void>;
}

const number = (text: string) => Decimal.parse(text)!;
const eventsIn = (bandit: Bandit, account: string) =>
  take(loadAccount(bandit, account)).entries.flatMap(({ event }) => {
    const read = Account.AccountEvent.fromValue(event);
    return read.ok ? [read.value] : [];
  });
const kindsIn = (bandit: Bandit, account: string) => eventsIn(bandit, account).map((event) => event.kind);
const kinds = (bandit: Bandit, wanted: readonly string[]) =>
  kindsIn(bandit, "alice").filter((kind) => wanted.includes(kind));

const payOut = {
  kind: "Withdraw",
  timeline: "ethereum",
  asset: "ETH",
  to: `0x${"05".repeat(20)}`,
} as const;

/** Alice pays 5 ETH in and gives 4 of them to Bob; then the payment is no longer on the chain. */
async function spendAndLose(place: Place): Promise<void> {
  const bandit = await place.bandit();
  for (const name of ["alice", "bob"])
    if (!loadAccount(bandit, name).ok) take(await openAccount(bandit, name, aliceSigner.publicKey));
  await place.mine("ethereum", 3);
  take(await deposit(bandit, "alice", "ethereum", "ETH", number("5"), "alice/deposit/lost"));
  take(
    await submit(
      bandit,
      sign(bandit, { kind: "Transfer", timeline: "ethereum", asset: "ETH", amount: number("4"), to: "bob" }),
    ),
  );
  await place.reorganise("ethereum", 1);
}

async function owesAndIsMadeWhole(place: Place): Promise<void> {
  await spendAndLose(place);
  // The process that credited it is gone; another one looks.
  const bandit = await place.bandit();
  expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe("1");
  const reviewed = take(await review(bandit, "alice"));
  expect(reviewed.unreached).toEqual([]);
  expect(reviewed.retracted.flatMap((fact) => fact.settled)).toMatchObject([
    { direction: "in", asset: "ETH", amount: number("5") },
  ]);
  expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe("-4");
  const { account } = take(loadAccount(bandit, "alice"));
  expect([...account.retracted.values()]).toMatchObject([{ timeline: "ethereum", asset: "ETH" }]);
  expect([...account.outstanding.keys()]).toEqual(["alice/deposit/lost"]);
  const word = Retraction.open(bandit.store.blocks.get(reviewed.retracted[0]!.retraction)!);
  expect(word.ok && word.value.body.fact).toBe(reviewed.retracted[0]!.fact);

  // Declared, and in the way of every payment.
  const pay = sign(bandit, { ...payOut, amount: number("1") });
  expect(await withdraw(bandit, pay)).toMatchObject({
    ok: false,
    error: { kind: "Refused", reason: expect.stringContaining("owes 4 ETH on ethereum after a reorganisation") },
  });
  // Looked at again, it is the same.
  expect(take(await review(bandit, "alice")).retracted).toEqual([]);
  expect(kinds(bandit, ["Credited", "Retracted"])).toEqual(["Credited", "Retracted"]);

  // The bytes that were signed are sent again, and count again.
  expect(take(await reconcile(bandit, "alice"))).toMatchObject([{ effect: "alice/deposit/lost", outcome: "done" }]);
  expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe("1");
  expect(kinds(bandit, ["Credited", "Retracted"])).toEqual(["Credited", "Retracted", "Credited"]);
  expect(take(loadAccount(bandit, "alice")).account.retracted.size).toBe(0);
  expect(take(await review(bandit, "alice")).retracted).toEqual([]);
  take(await withdraw(bandit, sign(bandit, { ...payOut, amount: number("1") })));
  expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe("0");
}

function memoryPlace(): Place & { readonly world: World } {
  const world = createWorld();
  return {
    world,
    bandit: async () => startBandit(world),
    reorganise: async (timeline, blocks) => world.chains.get(timeline)!.reorganise(blocks),
    mine: async (timeline, blocks) => world.chains.get(timeline)!.mine(blocks),
  };
}

describe("a credit that a reorganisation took back, in memory", () => {
  it("is retracted, owed, and credited again when it is on the chain again", async () => {
    const place = memoryPlace();
    await owesAndIsMadeWhole(place);
    expect(gaps(place.world, await place.bandit(), ["alice", "bob"])).toEqual([]);
  });

  it("comes to the same end with a crash before or after any write", async () => {
    const finish = async (bandit: Bandit) => {
      await finishWhatWasCutOff(bandit);
      return bandit;
    };
    const whole = memoryPlace();
    await spendAndLose(whole);
    const counted = crashingStore(whole.world.store, 0, "before");
    await finish(startBandit(whole.world, counted.store));
    expect(counted.writes()).toBeGreaterThan(1);
    for (let at = 1; at <= counted.writes(); at++) {
      for (const when of ["before", "after"] as const) {
        const place = memoryPlace();
        await spendAndLose(place);
        const { store } = crashingStore(place.world.store, at, when);
        await expect(finish(startBandit(place.world, store))).rejects.toThrow(Crash);
        const bandit = await finish(startBandit(place.world));
        expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe("1");
        expect(kinds(bandit, ["Credited", "Retracted"])).toEqual(["Credited", "Retracted", "Credited"]);
        expect(gaps(place.world, bandit, ["alice", "bob"])).toEqual([]);
      }
    }
  });

  it("is not looked at for ever: with enough blocks on top a fact is final", async () => {
    const place = memoryPlace();
    const bandit = await place.bandit();
    take(await openAccount(bandit, "alice", aliceSigner.publicKey));
    take(await deposit(bandit, "alice", "ethereum", "ETH", number("5"), "alice/deposit/0"));
    await place.mine("ethereum", FINAL_BLOCKS - 1);
    take(await review(bandit, "alice"));
    expect(take(loadAccount(bandit, "alice")).account.standing.size).toBe(1);
    await place.mine("ethereum", 1);
    take(await review(bandit, "alice"));
    take(await review(bandit, "alice"));
    const { account } = take(loadAccount(bandit, "alice"));
    expect([account.standing.size, account.final.size]).toEqual([0, 1]);
    expect(kinds(bandit, ["Final"])).toEqual(["Final"]);
    expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe("5");
  });

  it("needs the word of a quorum: one keeper of two takes nothing back", async () => {
    const place = memoryPlace();
    await spendAndLose(place);
    const bandit = await place.bandit();
    const ethereum = bandit.timelines.get("ethereum")!;
    const wary = { ...ethereum, policy: { ...ethereum.policy, quorum: 2 } };
    const two = { ...bandit, timelines: new Map([...bandit.timelines, ["ethereum", wary] as const]) };
    expect(take(await review(two, "alice")).retracted).toEqual([]);
    expect(balanceOf(two, "alice", "ethereum", "ETH")).toBe("1");
  });

  it("is looked at the next time when the timeline is away", async () => {
    const place = memoryPlace();
    await spendAndLose(place);
    const bandit = await place.bandit();
    place.world.chains.get("ethereum")!.garble(true);
    expect(take(await review(bandit, "alice"))).toMatchObject({ retracted: [], unreached: [{ timeline: "ethereum" }] });
    place.world.chains.get("ethereum")!.garble(false);
    expect(take(await review(bandit, "alice")).retracted.length).toBe(1);
  });
});

describe("other moves that a reorganisation took back, in memory", () => {
  let first: Compiled;
  beforeAll(async () => {
    first = await compileFolder(fileURLToPath(new URL("../../examples/cross-chain-arb", import.meta.url)));
  });

  it("a payment is held back again and paid once", async () => {
    const place = memoryPlace();
    const bandit = await place.bandit();
    take(await openAccount(bandit, "alice", aliceSigner.publicKey));
    take(await deposit(bandit, "alice", "ethereum", "ETH", number("5"), "alice/deposit/0"));
    take(await withdraw(bandit, sign(bandit, { ...payOut, amount: number("2") })));
    await place.reorganise("ethereum", 1);
    const again = await place.bandit();
    expect(take(await review(again, "alice")).retracted.flatMap((fact) => fact.settled)).toMatchObject([
      { direction: "out", amount: number("2") },
    ]);
    // In the vault again, and promised to the same payment.
    expect(balanceOf(again, "alice", "ethereum", "ETH")).toBe("3");
    expect(gaps(place.world, again, ["alice"])).toEqual([]);
    expect(take(await reconcile(again, "alice"))).toMatchObject([{ outcome: "done" }]);
    expect(balanceOf(again, "alice", "ethereum", "ETH")).toBe("3");
    expect(gaps(place.world, again, ["alice"])).toEqual([]);
    expect(eventsOf(place.world.chains.get("ethereum")!).filter((name) => name === "Withdrawn").length).toBe(1);
  });

  it("a trade and a registration are made again, as they were signed; the program stays active", async () => {
    const place = memoryPlace();
    await liveOn(await place.bandit(), first);
    const before = take(loadInstance(await place.bandit(), PROGRAM)).instance;
    const ethereum = place.world.chains.get("ethereum")!;
    const balances = (bandit: Bandit) =>
      ["ETH", "USDC"].map((asset) => balanceOf(bandit, "alice", "ethereum", asset)).join();
    const had = balances(await place.bandit());
    // Registration, then the purchase: both blocks are replaced.
    const events = eventsOf(ethereum);
    expect(events.slice(-2)).toEqual(["Registered", "Bought"]);
    ethereum.reorganise(2);
    const bandit = await place.bandit();
    const { retracted } = take(await review(bandit, "alice"));
    expect(retracted.flatMap((fact) => fact.settled.map((one) => `${one.asset} ${one.direction}`)).sort()).toEqual([
      "ETH in",
      "USDC out",
    ]);
    expect(retracted.flatMap((fact) => fact.components.map((one) => one.component))).toEqual(["ethereum"]);
    const statuses = () =>
      [...take(loadAccount(bandit, "alice")).deployments.values()].flatMap((d) => d.components.map((c) => c.status));
    expect(statuses()).toEqual(["distributed", "active"]);
    expect(take(loadInstance(bandit, PROGRAM)).instance).toEqual(before);

    await liveOn(bandit, first);
    expect(statuses()).toEqual(["active", "active"]);
    expect(balances(bandit)).toBe(had);
    expect(gaps(place.world, bandit, ["alice"])).toEqual([]);
    expect(eventsOf(ethereum).filter((name) => name === "Bought").length).toBe(1);
    expect(take(loadInstance(bandit, PROGRAM)).instance).toEqual(before);
  });

  it("a component that cannot be registered again after its activation is held, and nothing is compensated", () => {
    const id = first.program.definition;
    const deployment = Deployment.open(
      { deployment: id, program: id, instance: PROGRAM },
      {
        components: new Map([["ethereum", "eip155:31337"]]),
        activation: { kind: "FloodActivation" },
        onFailure: "compensate",
        upgradePolicy: "auto",
        safeStateStrategy: "always",
        bindings: first.program.bindings,
      },
    );
    const moved = (["distributed", "registered", "verified", "activating", "active", "distributed", "failed"] as const)
      .map((status) => ({
        kind: "ComponentMoved" as const,
        deployment: id,
        component: "ethereum",
        status,
        evidence: undefined,
        reason: "",
      }))
      .reduce(Deployment.evolve, deployment);
    expect(Deployment.nextSteps(moved, 0)).toMatchObject([
      { do: "wait", next: expect.stringContaining("deploy again") },
    ]);
  });
});

describe("a credit that a reorganisation took back, on a real chain", () => {
  let directory: string;
  let chains: Chains;
  let store: Store;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "tb-reorganisation-"));
    chains = await startChains(directory, false);
    const key = evmKey(ALICE.secp256k1);
    if (!key.ok) throw new Error("not a key");
    for (const entry of Object.values(chains.network.timelines)) await fund(entry, key.value.address, "100", "1000");
    store = await openLmdbStore(join(directory, "store"));
  });

  afterAll(async () => {
    await store.close();
    await chains.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const rpc = async (timeline: string, method: string, params: readonly unknown[]) => {
    const answer = await fetch(chains.network.timelines[timeline]!.rpc, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };

  it("is retracted, owed, and credited again when it is on the chain again", async () => {
    await owesAndIsMadeWhole({
      bandit: () => connectBandit({ store, node: ALICE, report: () => {} }, chains.network, ALICE),
      reorganise: async (timeline, blocks) => {
        await rpc(timeline, "anvil_reorg", [blocks, []]);
      },
      mine: async (timeline, blocks) => {
        await rpc(timeline, "anvil_mine", [`0x${blocks.toString(16)}`]);
      },
    });
  });
});
