/**
 * A Traveler's whole world in memory: two chains with stocked markets, a store that can crash at any write, a clock
 * that runs only when everything waits. A new Bandit over the same store and chains is the process after a crash.
 */
import type { Keys } from "../../apps/cli/keystore.ts";
import { nodeSigner, nodeVerify } from "../../apps/cli/node/ed25519.ts";
import { Decimal, show, Value } from "../../src/content/index.ts";
import type { AbortSignalLike, Clock, Store } from "../../src/execution/index.ts";
import {
  Account,
  type Bandit,
  type BanditError,
  loadAccount,
  showBanditError,
  storeJournal,
  type TimelineAccess,
} from "../../src/programs/index.ts";
import { keyId, startKeeper } from "../../src/protocol/index.ts";
import { Bytes, type Result } from "../../src/std/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { connectMemory, createMemoryChain, type MemoryChain } from "../../src/timelines/memory/index.ts";

const seed = (byte: number) => new Uint8Array(32).fill(byte);
const OWNER = new Uint8Array(20).fill(5);

export const ALICE: Keys = { name: "alice", ed25519Seed: seed(1), secp256k1: seed(2) };
export const aliceSigner = nodeSigner(ALICE.ed25519Seed);
const banditSigner = nodeSigner(seed(3));
const keeperSigner = nodeSigner(seed(4));
const FEE_BASIS_POINTS = 5;

export interface World {
  readonly store: Store;
  readonly chains: ReadonlyMap<string, MemoryChain>;
}

export function createWorld(): World {
  const chain = (id: number, usdc: bigint) =>
    createMemoryChain({
      timeline: `eip155:${id}`,
      base: 1000n * 10n ** 18n,
      quote: usdc * 10n ** 6n,
      feeBasisPoints: FEE_BASIS_POINTS,
      grants: [{ to: OWNER, coins: 1000n * 10n ** 18n, usdc: 1_000_000n * 10n ** 6n }],
    });
  return {
    store: openMemoryStore(),
    chains: new Map([
      ["ethereum", chain(31337, 2_900_000n)],
      ["optimism", chain(42001, 3_100_000n)],
    ]),
  };
}

/** The process as it begins: nothing but store and chains is left from the one before. */
export function startBandit(world: World, store: Store = world.store, clock: Clock = idleClock()): Bandit {
  const timelines = new Map<string, TimelineAccess>();
  for (const [name, chain] of world.chains) {
    const adapter = connectMemory({
      chain,
      sender: OWNER,
      traveler: aliceSigner.publicKey,
      journal: storeJournal(store),
    });
    timelines.set(name, {
      name,
      adapter,
      keepers: [{ keeping: startKeeper(adapter, keeperSigner, { depth: 0 }), signer: keeperSigner }],
      policy: { keepers: [{ timeline: chain.timeline, key: keyId(keeperSigner.publicKey) }], quorum: 1, depth: 0 },
      owner: OWNER,
      contracts: new Map(Object.entries(chain.contracts)),
      assets: [
        { name: "ETH", timeline: name, contract: undefined, decimals: 18 },
        { name: "USDC", timeline: name, contract: chain.contracts.usdc, decimals: 6 },
      ],
    });
  }
  return { store, clock, signer: banditSigner, verify: nodeVerify, timelines, report: () => {} };
}

const START = 1_750_000_000_000;

/** Time stands still while there is work, and jumps to the next instant that somebody waits for when there is none. */
export function idleClock(): Clock {
  let now = START;
  let isRunning = false;
  const waiters = new Set<{ readonly instant: number; readonly wake: () => void }>();
  const tick = () => {
    const next = [...waiters].sort((a, b) => a.instant - b.instant)[0];
    if (next === undefined) {
      isRunning = false;
      return;
    }
    now = Math.max(now, next.instant);
    next.wake();
    setImmediate(tick);
  };
  return {
    now: () => now++,
    until: (instant, signal?: AbortSignalLike) =>
      new Promise((resolve) => {
        if (instant <= now || signal?.aborted === true) {
          resolve();
          return;
        }
        const waiter = {
          instant,
          wake: () => {
            waiters.delete(waiter);
            resolve();
          },
        };
        waiters.add(waiter);
        signal?.addEventListener("abort", waiter.wake);
        if (!isRunning) {
          isRunning = true;
          setImmediate(tick);
        }
      }),
  };
}

export class Crash extends Error {}

/** A store whose process dies at write number `at` (from 1): just before it is durable, or just after. */
export function crashingStore(
  store: Store,
  at: number,
  when: "before" | "after",
): { readonly store: Store; readonly writes: () => number } {
  let writes = 0;
  let isDead = false;
  return {
    writes: () => writes,
    store: {
      ...store,
      async write(work) {
        if (isDead) throw new Crash("the process is dead");
        writes++;
        if (writes !== at) return store.write(work);
        isDead = true;
        if (when === "after") await store.write(work);
        throw new Crash(`crash ${when} write ${at}`);
      },
    },
  };
}

export function take<T>(result: Result<T, BanditError>): T {
  if (!result.ok) throw new Error(showBanditError(result.error));
  return result.value;
}

export const balanceOf = (bandit: Bandit, account: string, timeline: string, asset: string): string =>
  Decimal.print(Account.balance(take(loadAccount(bandit, account)).account, timeline, asset));

/** What the vault holds for the account on a chain, in whole units. */
export function vaultOf(world: World, bandit: Bandit, timeline: string, asset: "ETH" | "USDC"): Decimal.Decimal {
  const chain = world.chains.get(timeline)!;
  const access = bandit.timelines.get(timeline)!;
  const token = asset === "ETH" ? new Uint8Array(20) : chain.contracts.usdc;
  // Slot 1 of the vault: account → asset → amount.
  const keys = [access.adapter.account, token].map((key) => show(Value.bytes(key)));
  const word = [Bytes.toHex(chain.contracts.vault), "1", ...keys].join("/");
  return Decimal.of(chain.latest().ledger.words.get(word) ?? 0n, asset === "ETH" ? -18 : -6);
}

/** Names of the events that a chain's contracts have emitted, in order. */
export function eventsOf(chain: MemoryChain): readonly string[] {
  const names: string[] = [];
  for (let number = 0; ; number++) {
    const block = chain.blockAt(number);
    if (block === undefined) return names;
    for (const executed of block.executed) for (const event of executed.events) names.push(event.name);
  }
}

/** The law of conservation: free and reserved of all accounts are what the vault holds. */
export function gaps(world: World, bandit: Bandit, accounts: readonly string[]): readonly string[] {
  const wrong: string[] = [];
  for (const timeline of world.chains.keys()) {
    for (const asset of ["ETH", "USDC"] as const) {
      let sum = Decimal.zero;
      for (const name of accounts) {
        const { account } = take(loadAccount(bandit, name));
        const key = Account.balanceKey(timeline, asset);
        sum = Decimal.add(sum, account.balances.get(key) ?? Decimal.zero);
        sum = Decimal.add(sum, account.reserved.get(key) ?? Decimal.zero);
      }
      const vault = vaultOf(world, bandit, timeline, asset);
      if (Decimal.compare(sum, vault) !== 0)
        wrong.push(`${asset} on ${timeline}: accounts ${Decimal.print(sum)}, vault ${Decimal.print(vault)}`);
    }
  }
  return wrong;
}
