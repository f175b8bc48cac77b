/** `tb bandit` on two real chains: fires, is cut off, is refused twice over one store, loses its chains, sees reorganisations. */
import type { ChildProcess } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { example, type Json, makeTb, type Tb } from "./tb.ts";

const PAIR = 'Pair("ETH", "USDC")';
let tb: Tb;
let network: ChildProcess | undefined;

const startNetwork = async () => {
  network = await tb.background(/Ctrl-C stops them/, "network", "start");
};

const ended = (child: ChildProcess) => new Promise((resolve) => child.once("close", resolve));

beforeAll(async () => {
  tb = await makeTb();
  // The example, faster and more curious.
  const folder = join(tb.folder, "arb");
  cpSync(example("cross-chain-arb"), folder, { recursive: true });
  const source = readFileSync(join(folder, "arb.tel"), "utf8");
  const faster = source.replace(
    /on every 1m => (.*)/,
    `on every 1h => $1\n  on every 1s => $1\n  on fact (ethereum, PriceOf(${PAIR})) => $1`,
  );
  expect(faster).not.toBe(source);
  writeFileSync(join(folder, "arb.tel"), faster);
  await startNetwork();
  expect((await tb.json("account", "create", "alice")).exit).toBe(0);
  for (const [amount, asset, timeline] of [
    ["40000", "USDC", "ethereum"],
    ["40000", "USDC", "optimism"],
    ["15", "ETH", "ethereum"],
    ["15", "ETH", "optimism"],
  ] as const)
    expect((await tb.json("account", "deposit", "alice", amount, asset, "--on", timeline)).exit).toBe(0);
}, 120_000);

afterAll(async () => {
  if (network !== undefined && network.exitCode === null) {
    network.kill("SIGINT");
    await ended(network);
  }
  tb.dispose();
});

const linesOf = (out: string): readonly Json[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** One look, and what it said. */
async function once(): Promise<readonly Json[]> {
  const { exit, out, err } = await tb("bandit", "--once", "--json");
  expect([exit, err]).toEqual([0, ""]);
  return linesOf(out).slice(1);
}

const program = async () => (await tb.json("status", "CrossChainArb")).document.programs[0];

async function rpc(method: string, ...params: readonly unknown[]): Promise<Json> {
  const { document } = await tb.json("network", "show");
  const answer = await fetch(document.timelines.ethereum.rpc, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = (await answer.json()) as { result?: Json; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

describe("tb bandit", () => {
  it.each<[string, readonly string[], number, string]>([
    ["a poll that is no duration", ["--poll", "often"], 2, "--poll takes a duration of at least 100ms, not often"],
    ["a poll that is too short", ["--poll", "1ms"], 2, "--poll takes a duration of at least 100ms, not 1ms"],
    ["an account whose keys are not here", ["--account", "bob"], 3, "bob"],
  ])("refuses %s", async (_, args, exit, message) => {
    expect(await tb.json("bandit", "--once", ...args)).toMatchObject({
      exit,
      document: { ok: false, error: { message: expect.stringContaining(message) } },
    });
  });

  it("moves a deployment on that waits for nobody, and fires nothing before it is active", async () => {
    const cut = await tb.interrupt("SIGKILL", /ethereum: registered/, "deploy", "arb", "--account", "alice");
    expect(cut.exit === null || cut.exit === 0).toBe(true);
    const said = await once();
    expect(said.filter(({ event }) => event === "due")).toEqual([]);
    const { document } = await tb.json("account", "show", "alice");
    expect(document.deployments[0].components).toMatchObject([{ status: "verified" }, { status: "verified" }]);
    expect((await program()).triggers).toEqual([]);
    expect(await tb.json("activate", "CrossChainArb", "--account", "alice")).toMatchObject({
      exit: 0,
      document: { live: true },
    });
    const status = await tb("status");
    expect(status.err).toContain("no Bandit runs here");
    expect(status.out).toContain("on every 1h => rebalance");
  });

  it("fires what is due: by the clock, and for the price that it sees first", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const said = await once();
    const due = said.filter(({ event }) => event === "due");
    expect(due.map(({ trigger }) => /on (every 1s|fact)/.exec(trigger)?.[1])).toEqual(["every 1s", "fact"]);
    expect(due[1].seen).toBeGreaterThan(2800);
    expect(said.filter(({ event }) => event === "ended")).toMatchObject([
      { outcome: "returned", value: { Ok: { Swap: { buyOn: "ethereum" } } }, faults: 0 },
      { outcome: "returned" },
    ]);
    expect(await program()).toMatchObject({
      runs: 2,
      safety: "Safe",
      triggers: [
        { next: expect.any(String), faults: 0 },
        { next: expect.any(String), last: { outcome: "returned" }, faults: 0 },
        { last: { outcome: "returned", missed: 0 } },
      ],
    });
  });

  it("loses nothing and does nothing twice when it is killed in a run", async () => {
    const { runs } = await program();
    const killed = await tb.interrupt("SIGKILL", /"event":"due"/, "bandit", "--poll", "1s", "--json");
    const begun = linesOf(killed.out).filter(({ event }) => event === "due");
    const said = await once();
    const more = said.filter(({ event }) => event === "due");
    const after = await program();
    expect(after.safety).toBe("Safe");
    // What was said stands in the log; a run may have begun of which there was no time to say it.
    expect([0, 1]).toContain(after.runs - runs - begun.length - more.length);
  });

  it("ends on Ctrl-C, and says so", async () => {
    const stopped = await tb.interrupt("SIGINT", /rebalance returned/, "bandit", "--poll", "1s");
    expect(stopped.exit).toBe(130);
    expect(stopped.out).toMatch(/this Bandit looks after alice[\s\S]*is due[\s\S]*stopped; what is open goes on/);
  });

  it("lets commands in while it runs, is alone, and waits for chains that are away", async () => {
    const running = await tb.background(/rebalance returned/, "bandit", "--poll", "500ms");
    let said = "";
    running.stdout?.on("data", (chunk) => {
      said += String(chunk);
    });
    const until = async (wanted: RegExp) => {
      while (!wanted.test(said)) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    expect(await tb.json("bandit", "--once")).toMatchObject({
      exit: 2,
      document: { error: { message: expect.stringContaining(`process ${running.pid}`) } },
    });
    expect((await tb("status")).err).not.toContain("no Bandit runs here");
    expect(await tb.json("call", "CrossChainArb", "rebalance", PAIR, "--account", "alice")).toMatchObject({ exit: 0 });

    network?.kill("SIGINT");
    if (network !== undefined) await ended(network);
    await until(/ethereum is away, and what needs it waits/);
    await startNetwork();
    await until(/all goes on again/);
    said = "";
    await until(/rebalance returned/);
    expect(running.exitCode).toBeNull();
    running.kill("SIGTERM");
    expect(await ended(running)).toBe(130);
  });

  it("says with its exit code that one look was not enough", async () => {
    network?.kill("SIGINT");
    if (network !== undefined) await ended(network);
    const { exit, out } = await tb("bandit", "--once");
    expect(exit).toBe(7);
    expect(out).toContain("optimism is away");
    await startNetwork();
  });

  it("fires for a new price, and takes it back when a reorganisation undid it", async () => {
    await once();
    const { document } = await tb.json("network", "show");
    const { market } = document.timelines.ethereum.contracts;
    const quote = BigInt(await rpc("eth_getStorageAt", market, "0x1", "latest"));
    await rpc("anvil_setStorageAt", market, "0x1", `0x${((quote * 101n) / 100n).toString(16).padStart(64, "0")}`);
    await rpc("anvil_mine", "0x1");
    const onFact = (said: readonly Json[], wanted: string) =>
      said.filter(({ event, trigger }) => event === wanted && /^on fact/.test(trigger));
    const risen = onFact(await once(), "due");
    expect(risen.length).toBe(1);
    expect(onFact(await once(), "due")).toEqual([]);
    await rpc("anvil_reorg", 1, []);
    const said = await once();
    expect(onFact(said, "retracted").length).toBe(1);
    const again = onFact(said, "due");
    expect(again.length).toBe(1);
    expect(onFact(await once(), "due")).toEqual([]);
  });

  it("ends when the store is damaged: waiting does not mend it", async () => {
    writeFileSync(join(tb.folder, ".tb", "store", "data.mdb"), "x".repeat(10_000));
    expect(await tb("bandit", "--poll", "1s")).toMatchObject({
      exit: 7,
      err: expect.stringContaining("data.mdb is not an LMDB file"),
    });
  });
});
