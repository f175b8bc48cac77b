/** What `tb account show` says of an account that a reorganisation left in debt. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Decimal, hashValue } from "../../../src/content/index.ts";
import { type Account, openAccount, recordAccount } from "../../../src/programs/index.ts";
import { offlineBandit, openNodeKeys } from "../node/bandit.ts";
import { nodeSigner } from "../node/ed25519.ts";
import { withStore } from "../session.ts";
import { register } from "./account.ts";

const amount = (text: string) => Decimal.parse(text)!;

describe("tb account show", () => {
  let store: string;

  beforeAll(async () => {
    store = mkdtempSync(join(tmpdir(), "tb-account-"));
    const node = openNodeKeys(store, "secret");
    const settled = {
      timeline: "ethereum",
      asset: "USDC",
      amount: amount("100"),
      transaction: "0xabc",
      fact: hashValue("fact"),
    };
    const events: readonly Account.AccountEvent[] = [
      { kind: "Credited", ...settled },
      { kind: "Sent", timeline: "ethereum", asset: "USDC", amount: amount("60"), to: "bob", transfer: hashValue("t") },
      { kind: "Retracted", ...settled, retraction: hashValue("gone") },
    ];
    await withStore({ store }, async (opened) => {
      const bandit = offlineBandit({ store: opened, node, report: () => {} });
      await openAccount(bandit, "alice", nodeSigner(node.ed25519Seed).publicKey);
      await recordAccount(bandit, "alice", events);
    });
  });
  afterAll(() => rmSync(store, { recursive: true }));

  async function show(...options: readonly string[]): Promise<string> {
    let out = "";
    const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      out += String(text);
      return true;
    });
    try {
      const program = new Command().exitOverride();
      register(program);
      await program.parseAsync(["account", "show", "alice", "--store", store, ...options], { from: "user" });
      return out;
    } finally {
      stdout.mockRestore();
    }
  }

  it("says in plain words what was taken back, what is owed, and what that stops", async () => {
    const text = await show();
    expect(text).toContain(
      "-60  owed: it was spent before a reorganisation took it back; nothing is paid out until it is in",
    );
    expect(text).toContain(
      "taken back: 100 USDC on ethereum: a reorganisation undid the payment; it counts again once",
    );
  });

  it("says the same as data", async () => {
    expect(JSON.parse(await show("--json"))).toMatchObject({
      balances: { "ethereum/USDC": "-60" },
      retracted: [{ timeline: "ethereum", asset: "USDC", amount: "100", transaction: "0xabc" }],
    });
  });
});
