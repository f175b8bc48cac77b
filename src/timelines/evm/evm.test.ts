/** What only a real node can show: two chains, crashes around a broadcast, blocks with many kinds of transactions. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Decimal, hashValue, Value } from "../../content/index.ts";
import {
  type ActionCall,
  Bindings,
  HouseCalls,
  memoryJournal,
  type Observation,
  outcomeOf,
  parseBindings,
  resolveAction,
  resolveFact,
  signerFromSeed,
  startKeeper,
  type TimelineAdapter,
  type TransactionJournal,
} from "../../protocol/index.ts";
import { Bytes } from "../../std/index.ts";
import { connectMemory, createMemoryChain, marketManifest, tamperings } from "../memory/index.ts";
import {
  type Anvil,
  connectEvm,
  DEVELOPMENT_KEYS,
  type DevelopmentChain,
  type EvmConfig,
  evmKey,
  setUpChain,
  startAnvil,
  verify,
} from "./index.ts";

const d = (text: string) => Decimal.parse(text)!;
const PAIR = Value.record([
  ["base", "ETH"],
  ["quote", "USDC"],
]);
const [provider, traveler] = DEVELOPMENT_KEYS.map((key) => good(evmKey(key)));
const nodes: { anvil: Anvil; chain: DevelopmentChain }[] = [];

beforeAll(async () => {
  const started = await Promise.all(
    (
      [
        [31337, "2900000"],
        [42001, "3100000"],
      ] as const
    ).map(async ([chainId, quote]) => {
      const anvil = good(await startAnvil({ chainId }));
      const chain = good(
        await setUpChain({
          now: Date.now,
          chainId,
          url: anvil.url,
          key: provider!,
          base: d("1000"),
          quote: d(quote),
          feeBasisPoints: 30,
          grants: [{ to: traveler!.address, amount: d("1000000") }],
        }),
      );
      return { anvil, chain };
    }),
  );
  nodes.push(...started);
});
afterAll(async () => {
  for (const { anvil } of nodes) await anvil.stop();
});

const configOf = (at: number, change: Partial<EvmConfig> = {}): EvmConfig => ({
  chainId: nodes[at]!.anvil.chainId,
  url: nodes[at]!.anvil.url,
  contracts: nodes[at]!.chain,
  key: traveler!,
  traveler: new Uint8Array(32).fill(7),
  journal: memoryJournal(),
  waitMilliseconds: 3000,
  now: Date.now,
  ...change,
});
const connected = async (at: number, change: Partial<EvmConfig> = {}) => good(await connectEvm(configOf(at, change)));

const bindingsOf = (at: number) => {
  const { chain } = nodes[at]!;
  const parsed = good(parseBindings({ ...marketManifest, timelines: { here: chain.timeline } }));
  const { market, vault, usdc } = chain;
  return Bindings.withContracts(parsed, "here", new Map(Object.entries({ market, vault, usdc })));
};
const ask = (adapter: TimelineAdapter, name: string, fields: readonly (readonly [string, Value.Value])[]) => ({
  timeline: "here",
  name,
  arguments: Value.record(fields),
  account: adapter.account,
});
const priceOf = (at: number, adapter: TimelineAdapter) =>
  good(resolveFact(bindingsOf(at), ask(adapter, "PriceOf", [["pair", PAIR]])));
const tradeOf = (at: number, adapter: TimelineAdapter, side: "Buy" | "Sell", amount: string): ActionCall =>
  good(
    resolveAction(
      bindingsOf(at),
      ask(adapter, "Trade", [
        ["pair", PAIR],
        ["side", Value.variant(side)],
        ["amount", d(amount)],
      ]),
    ),
  );
const eth = { name: "ETH", timeline: "here", contract: undefined, decimals: 18 };
const usdcOn = (at: number) => ({ name: "USDC", timeline: "here", contract: nodes[at]!.chain.usdc, decimals: 6 });

async function control(at: number, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const headers = { "content-type": "application/json" };
  const response = await fetch(nodes[at]!.anvil.url, { method: "POST", headers, body });
  const answer = (await response.json()) as { result?: unknown; error?: unknown };
  expect(answer.error).toBeUndefined();
  return answer.result;
}

describe("two chains", () => {
  it("have the same addresses, other prices, and facts that do not pass for each other's", async () => {
    expect(Bytes.toHex(nodes[0]!.chain.market)).toBe(Bytes.toHex(nodes[1]!.chain.market));
    const [cheap, dear] = [await connected(0), await connected(1)];
    const keepers = [cheap, dear].map((adapter, i) =>
      startKeeper(adapter, signerFromSeed(new Uint8Array(32).fill(i + 1)), { depth: 0 }),
    );
    const low = good(await keepers[0]!.observe(priceOf(0, cheap)));
    const high = good(await keepers[1]!.observe(priceOf(1, dear)));
    expect(low.body.value).toEqual(d("2900"));
    expect(high.body.value).toEqual(d("3100"));
    expect(dear.verify(low.body)).toMatchObject({ ok: false, error: { kind: "WrongTimeline" } });
  });

  it("buying where it is cheap and selling where it is dear earns, and the gap shrinks", async () => {
    const [cheap, dear] = [await connected(0), await connected(1)];
    good(await cheap.deposit({ effect: "usdc", asset: usdcOn(0), amount: d("100000") }));
    good(await dear.deposit({ effect: "eth", asset: eth, amount: d("20") }));
    const bought = good(await cheap.act(tradeOf(0, cheap, "Buy", "10"), "buy"));
    const sold = good(await dear.act(tradeOf(1, dear, "Sell", "10"), "sell"));
    const profit = Decimal.subtract(sold.answer as Decimal.Decimal, bought.answer as Decimal.Decimal);
    expect(Decimal.compare(profit, d("1000"))).toBe(1);
    const after = [good(await cheap.observe(priceOf(0, cheap), 0)), good(await dear.observe(priceOf(1, dear), 0))];
    const gap = Decimal.subtract(after[1]!.value as Decimal.Decimal, after[0]!.value as Decimal.Decimal);
    expect(Decimal.compare(gap, d("200"))).toBe(-1);
    expect(sold.moves).toMatchObject([
      { asset: "ETH", direction: "out", amount: d("10") },
      { asset: "USDC", direction: "in" },
    ]);
  });

  it("answer as the memory twin does, trade for trade", async () => {
    const real = await connected(1, { traveler: new Uint8Array(32).fill(8) });
    good(await real.deposit({ effect: "eth", asset: eth, amount: d("50") }));
    const first = good(await real.observe({ ...priceOf(1, real), reading: { kind: "All" } }, 0)).value as Value.Record;
    const owner = traveler!.address;
    const chain = createMemoryChain({
      timeline: nodes[1]!.chain.timeline,
      base: BigInt(Value.field(first, "base") as bigint),
      quote: BigInt(Value.field(first, "quote") as bigint),
      feeBasisPoints: 30,
      grants: [{ to: owner, coins: 100n * 10n ** 18n, usdc: 0n }],
    });
    const twin = connectMemory({
      chain,
      sender: owner,
      traveler: new Uint8Array(32).fill(8),
      journal: memoryJournal(),
    });
    good(await twin.deposit({ effect: "eth", asset: eth, amount: d("50") }));
    const { market, vault, usdc } = chain.contracts;
    const here = Bindings.withContracts(bindingsOf(1), "here", new Map(Object.entries({ market, vault, usdc })));
    const steps = [
      ["Sell", "7.25"],
      ["Buy", "1.000000000000000001"],
      ["Sell", "0.000001"],
      ["Buy", "3.3"],
      ["Sell", "40"],
      ["Buy", "0.000000000000000001"],
    ] as const;
    for (const [side, amount] of steps) {
      const one = good(await real.act(tradeOf(1, real, side, amount), `${side} ${amount}`));
      const action = good(
        resolveAction(
          here,
          ask(twin, "Trade", [
            ["pair", PAIR],
            ["side", Value.variant(side)],
            ["amount", d(amount)],
          ]),
        ),
      );
      const other = good(await twin.act(action, `${side} ${amount}`));
      expect(other.answer, `${side} ${amount}`).toEqual(one.answer);
      expect(other.moves).toEqual(one.moves);
    }
  });

  it("a node of another chain is refused at once", async () => {
    const wrong = await connectEvm(configOf(0, { chainId: 42001 }));
    expect(wrong).toMatchObject({ ok: false, error: { kind: "Refused", reason: expect.stringContaining("31337") } });
  });
});

describe("a crash around a broadcast", () => {
  it("after the journal was written: the same bytes go out, once", async () => {
    const journal = memoryJournal();
    const first = await connected(0, { journal });
    good(await first.deposit({ effect: "before", asset: eth, amount: d("5") }));
    const action = HouseCalls.register(house(0), hashValue("crash"), "x");
    // The process dies when the entry is durable: what the journal holds was never sent.
    const crashing: TransactionJournal = {
      ...journal,
      async record(transaction) {
        await journal.record(transaction);
        throw new Error("power cut");
      },
    };
    const dying = await connected(0, { journal: crashing });
    await expect(dying.act(action, "crashed")).rejects.toThrow("power cut");
    const { length } = journal.entries;

    const revived = await connected(0, { journal });
    // Another effect comes first: the lost transaction is sent before it, so its nonce leaves no gap.
    good(await revived.deposit({ effect: "after", asset: eth, amount: d("1") }));
    const receipt = good(await revived.act(action, "crashed"));
    expect(receipt.transaction).toEqual(journal.entries[length - 1]!.hash);
    expect(journal.entries).toHaveLength(length + 1);
  });

  it("before the journal was written: nothing was sent", async () => {
    const broken: TransactionJournal = {
      ...memoryJournal(),
      record: async () => {
        throw new Error("disk full");
      },
    };
    const adapter = await connected(0, { journal: broken });
    const head = good(await adapter.head());
    await expect(adapter.act(HouseCalls.register(house(0), hashValue("y"), "y"), "z")).rejects.toThrow("disk full");
    expect(good(await adapter.head())).toEqual(head);
  });

  it("while the chain does not mine: the outcome is unknown, and asking again finds it", async () => {
    const adapter = await connected(0, { waitMilliseconds: 100 });
    await control(0, "evm_setAutomine", [false]);
    const action = HouseCalls.register(house(0), hashValue("slow"), "slow");
    const early = await adapter.act(action, "slow");
    expect(early).toMatchObject({ ok: false, error: { kind: "Unknown" } });
    await control(0, "evm_mine", []);
    await control(0, "evm_setAutomine", [true]);
    expect((await adapter.act(action, "slow")).ok).toBe(true);
  });
});

describe("limits", () => {
  it("an action that needs more gas than its binding allows is not signed", async () => {
    const journal = memoryJournal();
    const adapter = await connected(0, { journal });
    const action = { ...HouseCalls.register(house(0), hashValue("gas"), "gas"), gasMax: 22_000 };
    expect(await adapter.act(action, "gas")).toMatchObject({ ok: false, error: { kind: "OverGas", gasMax: 22_000 } });
    expect(journal.entries).toEqual([]);
  });

  it("gas that is dearer than allowed is not bought", async () => {
    const adapter = await connected(0, { weiPerGasMax: 1n });
    const done = await adapter.act(HouseCalls.register(house(0), hashValue("fee"), "fee"), "fee");
    expect(done).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("limit is 1") },
    });
  });

  it("a contract's refusal is told in its own words", async () => {
    const adapter = await connected(1);
    const done = await adapter.act(tradeOf(1, adapter, "Buy", "100"), "poor");
    expect(done).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("the contract says") },
    });
  });

  it("a call whose types do not fit is refused before anything is asked", async () => {
    const adapter = await connected(0);
    const action = { ...HouseCalls.register(house(0), hashValue("t"), "t"), function: "register(bytes32,string)" };
    expect(await adapter.act(action, "types")).toMatchObject({ ok: false, error: { kind: "Unsupported" } });
  });
});

describe("blocks with many transactions", () => {
  it("legacy, access-list and fee-market transactions, done and reverted, are each proven at their index", async () => {
    const adapter = await connected(0);
    const { chain, anvil } = nodes[0]!;
    const sender = privateKeyToAccount(DEVELOPMENT_KEYS[2] as `0x${string}`);
    const register = HouseCalls.register(
      { ...house(0), sender: Bytes.fromHex(sender.address)! },
      hashValue("many"),
      "many",
    );
    const selector = "0x2f926732"; // register(bytes32,bytes32)
    const ids = HouseCalls.registrationIds(hashValue("many"), "many");
    const data = `${selector}${Bytes.toHex(ids.deployment)}${Bytes.toHex(ids.component)}` as const;
    const to = `0x${Bytes.toHex(chain.registry)}` as const;
    const common = { chainId: anvil.chainId, to, data, gas: 100_000n };
    const nonce = Number(await control(0, "eth_getTransactionCount", [sender.address, "latest"]));
    const price = 20_000_000_000n;
    const fees = { maxFeePerGas: price, maxPriorityFeePerGas: 1n };
    const list = [{ address: to, storageKeys: [] }];
    const raws = await Promise.all([
      sender.signTransaction({ type: "legacy", ...common, nonce, gasPrice: price }),
      sender.signTransaction({ type: "eip2930", ...common, nonce: nonce + 1, gasPrice: price, accessList: list }),
      sender.signTransaction({ type: "eip1559", ...common, nonce: nonce + 2, ...fees }),
      sender.signTransaction({ type: "eip1559", ...common, data: "0xdeadbeef", nonce: nonce + 3, ...fees }),
      ...Array.from({ length: 20 }, (_, i) =>
        sender.signTransaction({ type: "eip1559", ...common, nonce: nonce + 4 + i, ...fees }),
      ),
    ]);
    await control(0, "evm_setAutomine", [false]);
    const hashes: string[] = [];
    for (const raw of raws) hashes.push((await control(0, "eth_sendRawTransaction", [raw])) as string);
    await control(0, "evm_mine", []);
    await control(0, "evm_setAutomine", [true]);

    for (const i of [0, 1, 2, 3, 12, 23]) {
      const seen = good(await adapter.observe(outcomeOf(register, Bytes.fromHex(hashes[i]!)!), 0));
      expect(seen.proof).toMatchObject({ kind: "Receipt", index: i });
      expect(seen.value).toMatchObject({ case: i === 3 ? "Reverted" : "Done" });
      expect(adapter.verify(seen).ok).toBe(true);
      for (const { name, observation, isOfEvent } of tamperings(seen)) {
        if (i === 3 && isOfEvent) continue;
        expect(adapter.verify(observation).ok, name).toBe(false);
      }
    }
  });
});

describe("the verifier", () => {
  it("answers any observation with a verdict: mutated ones are refused, and nothing throws", async () => {
    const adapter = await connected(0);
    const receipt = good(await adapter.register({ effect: "fuzz", deployment: hashValue("f"), component: "f" }));
    const seen = [good(await adapter.observe(priceOf(0, adapter), 0)), receipt.observation];
    fc.assert(
      fc.property(
        fc.constantFrom(...seen),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(3),
        (one, at, flip, what) => {
          const edit = (bytes: Uint8Array) => bytes.map((byte, i) => (i === at % bytes.length ? byte ^ flip : byte));
          const editOne = (list: readonly Uint8Array[]) => list.map((n, i) => (i === at % list.length ? edit(n) : n));
          const { proof } = one;
          const changed: Observation =
            what === 0
              ? { ...one, header: edit(one.header) }
              : what === 1
                ? { ...one, block: { ...one.block, hash: edit(one.block.hash) } }
                : proof.kind === "State"
                  ? what === 2
                    ? { ...one, proof: { ...proof, account: editOne(proof.account) } }
                    : { ...one, proof: { ...proof, slots: proof.slots.map(editOne) } }
                  : what === 2
                    ? { ...one, proof: { ...proof, transaction: editOne(proof.transaction) } }
                    : { ...one, proof: { ...proof, receipt: editOne(proof.receipt) } };
          expect(verify(one.timeline, changed).ok).toBe(false);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("reaches no network, no clock and no Node: its sources import pure files only", () => {
    const seen = new Set<string>();
    const queue = ["verify.ts"];
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      const text = readFileSync(new URL(file, import.meta.url), "utf8");
      expect(text, file).not.toMatch(/\b(Date|process|fetch|Buffer|setTimeout|Math\.random)\b/);
      for (const [, from] of text.matchAll(/from "([^"]+)"/g)) {
        if (from!.startsWith("./")) queue.push(from!.slice(2));
        else expect(from, file).toMatch(/^(@noble\/hashes\/sha3\.js|\.\.\/\.\.\/(std|content|protocol)\/index\.ts)$/);
      }
    }
    expect([...seen].sort()).toEqual([
      "Abi.ts",
      "Header.ts",
      "Rlp.ts",
      "TransactionReceipt.ts",
      "Trie.ts",
      "verify.ts",
    ]);
  });
});

describe("the node", () => {
  it("that cannot start says why", async () => {
    const { port } = nodes[0]!.anvil;
    const second = await startAnvil({ chainId: 5, port });
    expect(second).toMatchObject({ ok: false, error: { kind: "Died" } });
  });

  it.each(["SIGTERM", "SIGINT"] as const)("does not outlive a process that %s ends", async (signal) => {
    const bundle = fileURLToPath(new URL("../../../dist/anvil-signal-test.mjs", import.meta.url));
    const stdin = {
      contents: `import { startAnvil } from "./anvil.ts";
        const started = await startAnvil({ chainId: 9 });
        console.log(started.value.pid);
        setInterval(() => {}, 1000);`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
      loader: "ts" as const,
    };
    await build({ stdin, bundle: true, platform: "node", format: "esm", outfile: bundle, logLevel: "silent" });
    const child = spawn(process.execPath, [bundle], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = Number(await new Promise<Buffer>((resolve) => child.stdout.once("data", resolve)));
    expect(isAlive(pid)).toBe(true);
    child.kill(signal);
    await new Promise((resolve) => child.once("exit", resolve));
    expect(child.signalCode).toBe(signal);
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    rmSync(bundle);
  });

  it("that is killed reports it, and stopping it again does nothing", async () => {
    const anvil = good(await startAnvil({ chainId: 7 }));
    process.kill(anvil.pid, "SIGKILL");
    expect((await anvil.ended).reason).toContain("SIGKILL");
    await anvil.stop();
  });
});

it("the committed artifacts are what the contracts compile to", () => {
  const script = fileURLToPath(new URL("../../../scripts/contracts.mjs", import.meta.url));
  const run = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});

it("a secret that is no key is refused without being repeated", () => {
  for (const secret of ["", "0x00", `0x${"00".repeat(32)}`, `0x${"ff".repeat(32)}`, new Uint8Array(31)]) {
    const key = evmKey(secret);
    expect(key).toEqual({ ok: false, error: { kind: "NotAKey" } });
  }
});

const house = (at: number) => ({
  timeline: nodes[at]!.chain.timeline,
  registry: nodes[at]!.chain.registry,
  vault: nodes[at]!.chain.vault,
  traveler: new Uint8Array(32).fill(7),
  sender: traveler!.address,
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A dead child that nobody has collected yet still has an id.
    return !/^\d+ \(.*\) Z/.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "");
  } catch {
    return false;
  }
}

function good<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error, (_, v) => (typeof v === "bigint" ? String(v) : v)));
  return result.value;
}
