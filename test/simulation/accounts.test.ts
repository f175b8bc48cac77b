/**
 * Accounts and deployments over two real chains: deposits are proven by receipts, registered components by events, and
 * everything that a Bandit knows is rebuilt from its store alone.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Keys } from "../../apps/cli/keystore.ts";
import { connectBandit } from "../../apps/cli/node/bandit.ts";
import { type Chains, fund, startChains } from "../../apps/cli/node/chains.ts";
import { addressText } from "../../apps/cli/node/networkFile.ts";
import { Decimal } from "../../src/content/index.ts";
import type { Store } from "../../src/execution/index.ts";
import {
  Account,
  type Bandit,
  deposit,
  loadAccount,
  openAccount,
  showBanditError,
  signMessage,
  submit,
  withdraw,
} from "../../src/programs/index.ts";
import { Message, signerFromSeed } from "../../src/protocol/index.ts";
import type { Result } from "../../src/std/index.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { evmKey } from "../../src/timelines/evm/index.ts";

const keysOf = (name: string): Keys => ({
  name,
  ed25519Seed: new Uint8Array(randomBytes(32)),
  secp256k1: new Uint8Array(randomBytes(32)),
});
const take = <T>(result: Result<T, Parameters<typeof showBanditError>[0]>): T => {
  if (!result.ok) throw new Error(showBanditError(result.error));
  return result.value;
};
const balanceOf = (bandit: Bandit, name: string, timeline: string, asset: string) =>
  Decimal.print(Account.balance(take(loadAccount(bandit, name)).account, timeline, asset));

describe("accounts over two real chains", () => {
  let directory: string;
  let chains: Chains;
  let store: Store;
  let bandit: Bandit;
  const alice = keysOf("alice");
  const node = keysOf("node");

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "tb-accounts-"));
    chains = await startChains(directory, false);
    const key = evmKey(alice.secp256k1);
    if (!key.ok) throw new Error("not a key");
    for (const entry of Object.values(chains.network.timelines)) await fund(entry, key.value.address, "100", "100000");
    store = await openLmdbStore(join(directory, "store"));
    bandit = await connectBandit({ store, node, report: () => {} }, chains.network, alice);
    take(await openAccount(bandit, "alice", signerFromSeed(alice.ed25519Seed).publicKey));
    take(await openAccount(bandit, "bob", signerFromSeed(keysOf("bob").ed25519Seed).publicKey));
  });

  afterAll(async () => {
    await store.close();
    await chains.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("credits deposits of coins and tokens, once each", async () => {
    const amount = Decimal.parse("12.5")!;
    const fact = take(await deposit(bandit, "alice", "ethereum", "ETH", amount, "d1"));
    expect(fact.body.proof.kind).toBe("Receipt");
    take(await deposit(bandit, "alice", "ethereum", "ETH", amount, "d1"));
    take(await deposit(bandit, "alice", "optimism", "USDC", Decimal.parse("40000")!, "d2"));
    expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe("12.5");
    expect(balanceOf(bandit, "alice", "optimism", "USDC")).toBe("40000");
    expect(balanceOf(bandit, "alice", "optimism", "ETH")).toBe("0");
  });

  it("withdraws to an address, and what is reserved ends with the fact", async () => {
    const to = `0x${"ab".repeat(20)}`;
    const signer = signerFromSeed(alice.ed25519Seed);
    const action: Account.Action = {
      kind: "Withdraw",
      timeline: "ethereum",
      asset: "ETH",
      amount: Decimal.parse("2")!,
      to,
    };
    take(await withdraw(bandit, take(signMessage(bandit, "alice", signer, action))));
    expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe("10.5");
    const view = take(loadAccount(bandit, "alice"));
    expect([...view.account.reserved.values()].every((a) => a.coefficient === 0n)).toBe(true);
    expect(view.account.outstanding.size).toBe(0);
    const nowhere = take(signMessage(bandit, "alice", signer, { ...action, to: "0xabc" }));
    expect(await withdraw(bandit, nowhere)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("not an address") },
    });
    const unknown = take(signMessage(bandit, "alice", signer, { ...action, timeline: "etherum" }));
    expect(await withdraw(bandit, unknown)).toMatchObject({ ok: false, error: { kind: "Refused" } });
  });

  it("moves assets between accounts in one transaction", async () => {
    const signer = signerFromSeed(alice.ed25519Seed);
    const action: Account.Action = {
      kind: "Transfer",
      timeline: "optimism",
      asset: "USDC",
      amount: Decimal.parse("100")!,
      to: "bob",
    };
    take(await submit(bandit, take(signMessage(bandit, "alice", signer, action))));
    expect(balanceOf(bandit, "alice", "optimism", "USDC")).toBe("39900");
    expect(balanceOf(bandit, "bob", "optimism", "USDC")).toBe("100");
  });

  it("refuses, and logs the refusal of, messages that are replayed, forged, foreign or for nobody", async () => {
    const signer = signerFromSeed(alice.ed25519Seed);
    const action: Account.Action = {
      kind: "Transfer",
      timeline: "optimism",
      asset: "USDC",
      amount: Decimal.parse("1")!,
      to: "bob",
    };
    const message = take(signMessage(bandit, "alice", signer, action));
    take(await submit(bandit, message));
    const before = take(loadAccount(bandit, "alice")).entries.length;
    expect(await submit(bandit, message)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("already used") },
    });
    const foreign = Message.sign(
      { ...message.body, nonce: message.body.nonce + 1 },
      signerFromSeed(keysOf("eve").ed25519Seed),
    );
    expect(await submit(bandit, foreign)).toMatchObject({ ok: false, error: { kind: "NotTheOwner" } });
    const forged = { ...message, body: { ...message.body, nonce: message.body.nonce + 1 } };
    expect(await submit(bandit, forged)).toMatchObject({ ok: false, error: { kind: "NotTheOwner" } });
    const malformed = Message.sign({ to: "alice", nonce: message.body.nonce + 1, action: 7 }, signer);
    expect(await submit(bandit, malformed)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("malformed") },
    });
    const nobody = take(signMessage(bandit, "alice", signer, { ...action, to: "nobody" }));
    expect(await submit(bandit, nobody)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: "there is no account named nobody" },
    });
    const after = take(loadAccount(bandit, "alice"));
    expect(after.entries.length).toBe(before + 5);
    expect(await submit(bandit, { ...message, body: { ...message.body, to: "nobody" } })).toMatchObject({
      ok: false,
      error: { kind: "NoAccount" },
    });
  });

  it("says which timelines and assets there are when a name is wrong", async () => {
    const one = Decimal.parse("1")!;
    expect(await deposit(bandit, "alice", "etherum", "ETH", one, "x")).toMatchObject({
      ok: false,
      error: { kind: "NoTimeline", known: ["ethereum", "optimism"] },
    });
    expect(await deposit(bandit, "alice", "ethereum", "ETC", one, "x")).toMatchObject({
      ok: false,
      error: { kind: "NoAsset", known: ["ETH", "USDC"] },
    });
    expect(await deposit(bandit, "nobody", "ethereum", "ETH", one, "x")).toMatchObject({
      ok: false,
      error: { kind: "NoAccount" },
    });
    expect(await deposit(bandit, "alice", "ethereum", "ETH", Decimal.zero, "x")).toMatchObject({
      ok: false,
      error: { kind: "Refused" },
    });
  });

  it("is refused in words when a chain dies in the middle, and loses nothing", async () => {
    const held = balanceOf(bandit, "alice", "ethereum", "ETH");
    await chains.anvils.find((anvil) => anvil.chainId === 31337)!.stop();
    const dead = await deposit(bandit, "alice", "ethereum", "ETH", Decimal.parse("1")!, "d9");
    expect(dead).toMatchObject({ ok: false, error: { kind: "Timeline", timeline: "ethereum" } });
    expect(balanceOf(bandit, "alice", "ethereum", "ETH")).toBe(held);
    expect(addressText(bandit.timelines.get("ethereum")!.adapter.account).length).toBe(66);
  });
});
