/** A transfer moves the claim and not the coins: what the receiver can do with it, and what the chain refuses. */
import { describe, expect, it } from "vitest";
import { nodeSigner } from "../../apps/cli/node/ed25519.ts";
import { Decimal } from "../../src/content/index.ts";
import {
  type Bandit,
  deposit,
  loadAccount,
  openAccount,
  signMessage,
  storeJournal,
  submit,
  withdraw,
} from "../../src/programs/index.ts";
import { connectMemory } from "../../src/timelines/memory/index.ts";
import { aliceSigner, balanceOf, createWorld, startBandit, take, vaultOf, type World } from "./memoryWorld.ts";

const bobSigner = nodeSigner(new Uint8Array(32).fill(7));
const HIS_ADDRESS = new Uint8Array(20).fill(9);

/** The same node at work for Bob, whose vault is his own. */
function forBob(world: World): Bandit {
  const bandit = startBandit(world);
  const timelines = [...bandit.timelines].map(([name, access]) => {
    const chain = world.chains.get(name)!;
    const journal = storeJournal(world.store);
    const adapter = connectMemory({ chain, sender: HIS_ADDRESS, traveler: bobSigner.publicKey, journal });
    return [name, { ...access, adapter }] as const;
  });
  return { ...bandit, timelines: new Map(timelines) };
}

describe("what was transferred", () => {
  it("can be given on, and is not paid out of a vault that does not hold it", async () => {
    const world = createWorld();
    const bandit = startBandit(world);
    take(await openAccount(bandit, "alice", aliceSigner.publicKey));
    take(await openAccount(bandit, "bob", bobSigner.publicKey));
    take(await deposit(bandit, "alice", "ethereum", "ETH", Decimal.fromInt(5), "alice/deposit/0"));
    const transfer = (amount: number, to: string) =>
      ({ kind: "Transfer", timeline: "ethereum", asset: "ETH", amount: Decimal.fromInt(amount), to }) as const;
    take(await submit(bandit, take(signMessage(bandit, "alice", aliceSigner, transfer(4, "bob")))));
    expect(Decimal.print(vaultOf(world, bandit, "ethereum", "ETH"))).toBe("5");

    const bobs = forBob(world);
    const pay = {
      kind: "Withdraw",
      timeline: "ethereum",
      asset: "ETH",
      amount: Decimal.fromInt(3),
      to: `0x${"09".repeat(20)}`,
    } as const;
    expect(await withdraw(bobs, take(signMessage(bobs, "bob", bobSigner, pay)))).toMatchObject({ ok: false });
    // Nothing was done, nothing is open, and the claim stands.
    expect(balanceOf(bobs, "bob", "ethereum", "ETH")).toBe("4");
    expect(take(loadAccount(bobs, "bob")).account.outstanding.size).toBe(0);
    expect(Decimal.print(vaultOf(world, bandit, "ethereum", "ETH"))).toBe("5");
    take(await submit(bobs, take(signMessage(bobs, "bob", bobSigner, transfer(3, "alice")))));
    expect(balanceOf(bobs, "alice", "ethereum", "ETH")).toBe("4");
  });
});
