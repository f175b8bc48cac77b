/** `tb` from a new store to an upgraded program, on two real chains, with Ctrl-C, wrong words and dead chains between. */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { example, makeTb, type Tb } from "./tb.ts";

const PAIR = 'Pair("ETH", "USDC")';
const NOBODY = `0x${"ab".repeat(20)}`;
let tb: Tb;
let network: ChildProcess | undefined;

const startNetwork = async () => {
  network = await tb.background(/Ctrl-C stops them/, "network", "start");
};

/** Processes that a process started; by /proc, so on Linux. */
const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

beforeAll(async () => {
  tb = await makeTb();
});

afterAll(async () => {
  if (network !== undefined && network.exitCode === null) {
    network.kill("SIGINT");
    await new Promise((resolve) => network?.once("close", resolve));
  }
  tb.dispose();
});

describe("before there is anything", () => {
  it.each<[string, readonly string[], number, string]>([
    ["no command of a group", ["account"], 2, "unknown option '--json'"],
    ["an unknown command", ["frobnicate"], 2, "unknown command 'frobnicate'"],
    ["a missing argument", ["account", "show"], 2, "missing required argument 'name'"],
    ["a missing option", ["deploy", "x"], 2, "required option '--account <name>' not specified"],
    ["a name that cannot be one", ["account", "create", "Alice!"], 2, '"Alice!" cannot be a name'],
    ["the node's own name", ["account", "create", "node"], 2, "taken by this node"],
    [
      "an amount that is none",
      ["account", "deposit", "alice", "lots", "ETH", "--on", "ethereum"],
      2,
      '"lots" is not an amount',
    ],
    [
      "an amount of nothing",
      ["account", "deposit", "alice", "0", "ETH", "--on", "ethereum"],
      2,
      '"0" is not an amount',
    ],
    ["a store that has nothing", ["status"], 3, "there is no node in"],
    ["a network that is not there", ["network", "show"], 3, "there is no network in"],
    ["a folder that is not there", ["deploy", "nowhere", "--account", "alice"], 3, "there is no folder nowhere"],
  ])("refuses %s with one JSON document and its exit code", async (_, args, exit, message) => {
    const refused = await tb.json(...args);
    expect(refused).toMatchObject({
      exit,
      document: { ok: false, error: { message: expect.stringContaining(message) } },
    });
  });

  it("says what is wrong in a program's files, each with its place, and exits with 3", async () => {
    const folder = join(tb.folder, "broken");
    mkdirSync(folder);
    writeFileSync(join(folder, "program.toml"), '[program\nname = "X"\n');
    expect(await tb("deploy", folder, "--account", "alice")).toMatchObject({
      exit: 3,
      err: expect.stringContaining("no .tel file"),
    });
    writeFileSync(join(folder, "x.tel"), "program X { entry f() -> Int { 1 + } }\n");
    expect(await tb("deploy", folder, "--account", "alice")).toMatchObject({
      exit: 3,
      err: expect.stringContaining("program.toml:2:1"),
    });
    writeFileSync(join(folder, "program.toml"), '[program]\nname = "X"\nversion = "1.0.0"\n\n[timelines]\n');
    expect(await tb("deploy", folder, "--account", "alice")).toMatchObject({
      exit: 3,
      err: expect.stringContaining("x.tel:1"),
    });
    writeFileSync(join(folder, "x.tel"), Buffer.from([0xff, 0xfe, 0x00]));
    expect(await tb("deploy", folder, "--account", "alice")).toMatchObject({
      exit: 3,
      err: expect.stringContaining("not valid UTF-8"),
    });
  });
});

describe("results that cannot be written", () => {
  it.runIf(existsSync("/dev/full"))("end the command with a reason and exit 3", async () => {
    const ended = await tb.into("/dev/full", "explain");
    expect(ended).toMatchObject({ exit: 3, err: expect.stringContaining("no room is left on the disk") });
    expect(ended.err).not.toContain("    at ");
  });
});

describe("one life", () => {
  it("starts a network once", async () => {
    await startNetwork();
    expect(await tb.json("network", "show")).toMatchObject({ exit: 0, document: { ok: true } });
    expect(await tb.json("network", "start")).toMatchObject({ exit: 2, document: { ok: false } });
  });

  it("makes an account whose keys only the passphrase opens", async () => {
    expect(await tb.json("account", "create", "alice")).toMatchObject({
      exit: 0,
      document: { ok: true, account: "alice" },
    });
    expect(statSync(join(tb.folder, ".tb/keys/alice.json")).mode & 0o777).toBe(0o600);
    expect(await tb.json("account", "create", "alice")).toMatchObject({ exit: 2, document: { ok: false } });
    const key = join(tb.folder, ".tb/keys/alice.json");
    const whole = readFileSync(key, "utf8");
    writeFileSync(
      key,
      whole.replace(/"sealed": "(.)/, (_, digit) => `"sealed": "${digit === "0" ? "1" : "0"}`),
    );
    const damaged = await tb("account", "deposit", "alice", "1", "ETH", "--on", "ethereum");
    expect(damaged).toMatchObject({
      exit: 3,
      err: expect.stringContaining("the passphrase is wrong, or the file was changed"),
    });
    writeFileSync(key, whole);
  });

  it("brings assets in, and finishes a deposit that Ctrl-C cut off before the next one", async () => {
    const cut = await tb.interrupt(
      "SIGINT",
      /seen, proven/,
      "account",
      "deposit",
      "alice",
      "40000",
      "USDC",
      "--on",
      "optimism",
    );
    expect([0, 130]).toContain(cut.exit);
    for (const [amount, asset, timeline] of [
      ["40000", "USDC", "ethereum"],
      ["15", "ETH", "ethereum"],
      ["15", "ETH", "optimism"],
    ] as const)
      expect((await tb.json("account", "deposit", "alice", amount, asset, "--on", timeline)).exit).toBe(0);
    const { document } = await tb.json("account", "show", "alice");
    expect(document.balances).toEqual({
      "ethereum/ETH": "15",
      "ethereum/USDC": "40000",
      "optimism/ETH": "15",
      "optimism/USDC": "40000",
    });
    expect(await tb.json("account", "deposit", "alice", "1", "DAI", "--on", "ethereum")).toMatchObject({ exit: 3 });
    for (const [verb, to] of [
      ["withdraw", NOBODY],
      ["transfer", "bob"],
    ] as const)
      expect(
        await tb.json("account", verb, "alice", "0.0000001", "USDC", "--on", "ethereum", "--to", to),
      ).toMatchObject({
        exit: 2,
        document: {
          error: { message: "0.0000001 has more digits than USDC on ethereum: at most 6 after the point" },
        },
      });
    expect(
      await tb.json("account", "withdraw", "alice", "99", "ETH", "--on", "ethereum", "--to", NOBODY),
    ).toMatchObject({
      exit: 5,
      document: { error: { message: "99 ETH asked on ethereum, 15 free" } },
    });
  });

  it("deploys once, however often it is typed or cut off, and activates with consent", async () => {
    const cut = await tb.interrupt(
      "SIGTERM",
      /ethereum: registered/,
      "deploy",
      example("cross-chain-arb"),
      "--account",
      "alice",
    );
    expect([0, 130]).toContain(cut.exit);
    const once = await tb.json("deploy", example("cross-chain-arb"), "--account", "alice");
    expect(once).toMatchObject({
      exit: 0,
      document: { live: false, components: [{ status: "verified" }, { status: "verified" }] },
    });
    const twice = await tb.json("deploy", example("cross-chain-arb"), "--account", "alice");
    expect(twice.document.deployment).toBe(once.document.deployment);
    expect(await tb.json("call", "CrossChainArb", "rebalance", PAIR, "--account", "alice")).toMatchObject({ exit: 5 });
    const live = await tb.json("activate", "CrossChainArb", "--account", "alice");
    expect(live).toMatchObject({ exit: 0, document: { live: true } });
    expect(await tb.json("activate", "CrossChainArb", "--account", "alice")).toMatchObject(live);
  });

  it("goes on with a run that Ctrl-C cut off, and trades once", async () => {
    const cut = await tb.interrupt(
      "SIGINT",
      /effect 1/,
      "call",
      "CrossChainArb",
      "rebalance",
      PAIR,
      "--account",
      "alice",
    );
    expect(cut).toMatchObject({
      exit: 130,
      err: expect.stringContaining("the next command of this account goes on with it"),
    });
    expect((await tb("status")).out).toContain("1 run(s) have not ended");
    const next = await tb("activate", "CrossChainArb", "--account", "alice");
    expect(next).toMatchObject({ exit: 0, err: expect.stringContaining("rebalance returned: Ok(Swap(") });
    const { document } = await tb.json("account", "show", "alice");
    expect(document.balances).toMatchObject({ "ethereum/ETH": "25", "optimism/ETH": "5" });
    expect((await tb.json("status")).document.programs).toMatchObject([{ runs: 1, safety: "Safe", status: "active" }]);
    expect(await tb.json("call", "CrossChainArb", "rebalance", PAIR, "--account", "alice")).toMatchObject({
      exit: 0,
      document: { ok: true, value: { Ok: "Hold" } },
    });
    const shown = await tb("call", "CrossChainArb", "rebalance", PAIR, "--account", "alice");
    expect(shown).toMatchObject({ exit: 0, out: expect.stringContaining("✓ Ok(Hold)") });
  });

  it.each<[string, readonly string[], number, string]>([
    ["an unknown program", ["Nothing", "rebalance"], 3, "there is no program Nothing"],
    ["an unknown entry", ["CrossChainArb", "balance"], 2, "has no entry balance"],
    ["too few arguments", ["CrossChainArb", "rebalance"], 2, "takes 1 argument(s), got 0"],
    ["an argument that is no expression", ["CrossChainArb", "rebalance", "Pair("], 3, "cannot be evaluated"],
    ["an argument of another type", ["CrossChainArb", "rebalance", "3"], 2, "wrong arguments"],
  ])("does not begin a call of %s", async (_, args, exit, message) => {
    const refused = await tb.json("call", ...args, "--account", "alice");
    expect(refused).toMatchObject({
      exit,
      document: { ok: false, error: { message: expect.stringContaining(message) } },
    });
  });

  it("shows the plan, refuses a rename, upgrades once", async () => {
    const upgrade = (version: string, ...more: readonly string[]) =>
      tb.json("upgrade", "CrossChainArb", "--account", "alice", "--to", example(`cross-chain-arb-${version}`), ...more);
    expect(await upgrade("1.3.0", "--plan")).toMatchObject({
      exit: 0,
      document: { ok: true, applied: false, verdict: "auto" },
    });
    expect(await upgrade("renamed")).toMatchObject({
      exit: 5,
      document: { ok: false, applied: false, verdict: "refused" },
    });
    expect(await upgrade("1.3.0")).toMatchObject({
      exit: 0,
      document: { applied: true, stateAfter: { riskTolerance: 0.05 } },
    });
    expect(await upgrade("1.3.0")).toMatchObject({ exit: 0, document: { applied: false, verdict: "identical" } });
  });

  it("ends as a whole, and says so, when one of its nodes dies; then it can be started again", async () => {
    const { document: before } = await tb.json("network", "show");
    const running = network!;
    let told = "";
    running.stderr?.on("data", (chunk) => {
      told += String(chunk);
    });
    const ended = new Promise<number | null>((resolve) => running.once("close", resolve));
    process.kill(childrenOf(running.pid!)[0]!, "SIGTERM");
    expect(await ended).toBe(7);
    expect(told).toContain("a node of the network has ended");
    expect((await tb("network", "stop")).err).toContain("no network runs");
    await startNetwork();
    const { document: after } = await tb.json("network", "show");
    expect(Object.keys(after.timelines)).toEqual(Object.keys(before.timelines));
  });

  it("tells a second process that the store is in use", async () => {
    const store = await openLmdbStore(join(tb.folder, ".tb", "store"));
    try {
      const second = await tb("status", "--json");
      expect(second.exit).toBe(7);
      expect(JSON.parse(second.out)).toMatchObject({
        ok: false,
        error: { message: expect.stringContaining("in use by another process") },
      });
    } finally {
      await store.close();
    }
    expect((await tb("status")).exit).toBe(0);
  });

  it("keeps chains and contracts over a restart; without chains, commands say so and change nothing", async () => {
    const { document: before } = await tb.json("account", "show", "alice");
    expect((await tb("network", "stop")).exit).toBe(0);
    expect(await tb.json("account", "withdraw", "alice", "1", "ETH", "--on", "ethereum", "--to", NOBODY)).toMatchObject(
      {
        exit: 7,
        document: { error: { hint: expect.stringContaining("tb network start") } },
      },
    );
    expect((await tb.json("account", "show", "alice")).document).toEqual(before);
    await startNetwork();
    expect((await tb.json("account", "withdraw", "alice", "1", "ETH", "--on", "ethereum", "--to", NOBODY)).exit).toBe(
      0,
    );
  });
});
