/** Puts a Bandit together from a store, the node's keys, the Traveler's key and the network. */
import { hkdfSync } from "node:crypto";
import type { AbortSignalLike, Clock, Store } from "../../../src/execution/index.ts";
import type { Bandit, Progress, TimelineAccess } from "../../../src/programs/index.ts";
import { keyId, type Signer, showTimelineError } from "../../../src/protocol/index.ts";
import { Bytes } from "../../../src/std/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { createKeys, type Keys, keysExist, openKeys, publicKeyOf } from "../keystore.ts";
import { type CommonOptions, storeDirectory, withStore } from "../session.ts";
import { nodeSigner, nodeVerify } from "./ed25519.ts";
import { addressBytes, assetsOf, type NetworkFile } from "./networkFile.ts";

/** The keys of this node: its Ed25519 key is the Bandit's; the TimeKeepers' follow from it. */
export const NODE_KEYS = "node";

export const systemClock: Clock = {
  now: () => Date.now(),
  until: (instant, signal) => waitUntil(instant, signal),
};

/** Lets a Ctrl-C through while a program computes. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Timers of the host overflow past 2^31 ms: longer waits go in steps. */
const TIMER_MILLISECONDS_MAX = 2 ** 31 - 1;

function waitUntil(instant: number, signal: AbortSignalLike | undefined): Promise<void> {
  return new Promise((resolve) => {
    const step = (): void => {
      const left = instant - Date.now();
      if (left <= 0 || signal?.aborted === true) {
        resolve();
        return;
      }
      const timer = setTimeout(step, Math.min(left, TIMER_MILLISECONDS_MAX));
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    };
    step();
  });
}

/** One secret, many keys: each role's seed follows from the node's by HKDF. */
function roleSigner(node: Keys, role: string): Signer {
  return nodeSigner(
    new Uint8Array(hkdfSync("sha256", node.ed25519Seed, new Uint8Array(0), `time-bandits/${role}`, 32)),
  );
}

export function openNodeKeys(directory: string, passphrase: string): Keys {
  return keysExist(directory, NODE_KEYS)
    ? openKeys(directory, NODE_KEYS, passphrase)
    : createKeys(directory, NODE_KEYS, passphrase);
}

export interface NodeParts {
  readonly store: Store;
  readonly node: Keys;
  readonly report: (event: Progress) => void;
}

/** A Bandit that can act for one Traveler on every timeline of the network. */
export async function connectBandit(parts: NodeParts, network: NetworkFile, traveler: Keys): Promise<Bandit> {
  const { bandit, away } = await connectReached(parts, network, traveler);
  const [first] = away;
  if (first === undefined) return bandit;
  await disconnect(bandit);
  const hint = "is the network running? start it with: tb network start";
  throw new CliFailure(Exit.store, `${first.timeline}: ${first.reason}`, hint);
}

export async function disconnect(bandit: Bandit): Promise<void> {
  for (const { adapter } of bandit.timelines.values()) await adapter.close();
}

export interface Connected {
  readonly bandit: Bandit;
  /** The timelines that do not answer now. */
  readonly away: readonly { readonly timeline: string; readonly reason: string }[];
}

/** A Bandit that can act for one Traveler on those timelines of the network that answer. */
export async function connectReached(parts: NodeParts, network: NetworkFile, traveler: Keys): Promise<Connected> {
  const { storeJournal } = await import("../../../src/programs/index.ts");
  const { connectEvm, evmKey } = await import("../../../src/timelines/evm/index.ts");
  const { startKeeper } = await import("../../../src/protocol/index.ts");
  const timelines = new Map<string, TimelineAccess>();
  const away: { timeline: string; reason: string }[] = [];
  const key = evmKey(traveler.secp256k1);
  if (!key.ok) throw new CliFailure(Exit.source, `the keys of ${traveler.name} are damaged`);
  for (const [name, entry] of Object.entries(network.timelines)) {
    const adapter = await connectEvm({
      now: systemClock.now,
      chainId: entry.chainId,
      url: entry.rpc,
      contracts: {
        registry: addressBytes(entry.contracts["registry"]!),
        vault: addressBytes(entry.contracts["vault"]!),
      },
      key: key.value,
      traveler: nodeSigner(traveler.ed25519Seed).publicKey,
      journal: storeJournal(parts.store),
      depth: entry.depth,
    });
    if (!adapter.ok) {
      away.push({ timeline: name, reason: showTimelineError(adapter.error) });
      continue;
    }
    const signer = roleSigner(parts.node, `keeper/${name}`);
    const keeping = startKeeper(adapter.value, signer, { depth: entry.depth });
    timelines.set(name, {
      name,
      adapter: adapter.value,
      keepers: [{ keeping, signer }],
      owner: key.value.address,
      policy: {
        keepers: [{ timeline: adapter.value.timeline, key: keyId(signer.publicKey) }],
        quorum: 1,
        depth: entry.depth,
      },
      contracts: new Map(
        Object.entries(entry.contracts).map(([contract, address]) => [contract, addressBytes(address)]),
      ),
      assets: assetsOf(name, entry),
    });
  }
  const bandit: Bandit = {
    store: parts.store,
    verify: nodeVerify,
    clock: systemClock,
    signer: nodeSigner(parts.node.ed25519Seed),
    timelines,
    report: parts.report,
    breathe,
  };
  return { bandit, away };
}

/** A Bandit without timelines: reads logs, appends to them, reaches nothing outside. */
export function offlineBandit(parts: NodeParts): Bandit {
  return {
    store: parts.store,
    verify: nodeVerify,
    clock: systemClock,
    signer: nodeSigner(parts.node.ed25519Seed),
    timelines: new Map(),
    report: parts.report,
  };
}

/** A Bandit that can only read: it knows its public key and needs no passphrase. */
export async function withReader<T>(options: CommonOptions, work: (bandit: Bandit) => Promise<T> | T): Promise<T> {
  const directory = storeDirectory(options);
  const publicKey = publicKeyOf(directory, NODE_KEYS);
  if (publicKey === undefined)
    throw new CliFailure(Exit.source, `there is no node in ${directory}`, "begin with: tb account create NAME");
  return withStore(options, (store) =>
    work({
      store,
      verify: nodeVerify,
      clock: systemClock,
      signer: { publicKey, sign: () => Bytes.empty },
      timelines: new Map(),
      report: () => {},
    }),
  );
}
