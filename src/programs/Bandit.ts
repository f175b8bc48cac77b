/**
 * A Bandit: the node that keeps logs, runs programs and talks to timelines, as a value made of ports.
 * Everything that it knows stands in its Store; a new Bandit over the same Store goes on where the last one stopped.
 */
import { Codec, type ContentHash, decodeValue, encodeValue, type Value } from "../content/index.ts";
import type { Clock, Store, StoreTransaction } from "../execution/index.ts";
import type { Asset, FactPolicy, Keeping, Signer, TimelineAdapter } from "../protocol/index.ts";
import { assert, Bytes, err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import * as Deployment from "./Deployment.ts";
import * as Instance from "./Instance.ts";
import * as Ledger from "./Ledger.ts";

/** One timeline as this Bandit reaches it. */
export interface TimelineAccess {
  /** The name that manifests use. */
  readonly name: string;
  readonly adapter: TimelineAdapter;
  /** Never empty. `signer` is the keeper's own key, for its word on deployments. */
  readonly keepers: readonly { readonly keeping: Keeping; readonly signer: Signer }[];
  readonly policy: FactPolicy;
  readonly assets: readonly Asset[];
  /** Addresses by the names that bindings use. */
  readonly contracts: ReadonlyMap<string, Uint8Array>;
}

export interface Bandit {
  readonly store: Store;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly timelines: ReadonlyMap<string, TimelineAccess>;
  /** Tells people what is going on; never a result. */
  readonly report: (event: Progress) => void;
}

export type Progress =
  | {
      readonly kind: "fact";
      readonly timeline: string;
      readonly what: string;
      readonly block: number;
      readonly fact: ContentHash.ContentHash;
    }
  | {
      readonly kind: "component";
      readonly component: string;
      readonly status: Deployment.Status;
      readonly reason: string;
    }
  | { readonly kind: "effect"; readonly index: number; readonly what: string };

export type BanditError =
  | { readonly kind: "NoAccount"; readonly account: string }
  | { readonly kind: "AccountExists"; readonly account: string }
  | { readonly kind: "NoTimeline"; readonly timeline: string; readonly known: readonly string[] }
  | { readonly kind: "NoAsset"; readonly timeline: string; readonly asset: string; readonly known: readonly string[] }
  | { readonly kind: "NoProgram"; readonly program: string; readonly known: readonly string[] }
  | { readonly kind: "NoDeployment"; readonly deployment: string }
  | { readonly kind: "NoBlock"; readonly hash: ContentHash.ContentHash; readonly what: string }
  | { readonly kind: "Damaged"; readonly reason: string }
  | { readonly kind: "NotTheOwner"; readonly account: string }
  | { readonly kind: "Refused"; readonly reason: string }
  | { readonly kind: "Timeline"; readonly timeline: string; readonly reason: string }
  | { readonly kind: "BadFact"; readonly timeline: string; readonly reason: string };

export const accountStream = (account: string): string => `account/${account}`;
export const programStream = (program: string): string => `program/${program}`;

/** What an account's log holds: its own events and those of its deployments. */
export type AccountLogEvent = Account.AccountEvent | Deployment.DeploymentEvent;

const DEPLOYMENT_CASES = ["DeploymentOpened", "ComponentMoved", "ActivationApproved", "ConditionMet"];

const isDeploymentEvent = (event: Value.Value) =>
  typeof event === "object" && event.tag === "variant" && DEPLOYMENT_CASES.includes(event.case);

export interface AccountView {
  readonly name: string;
  readonly account: Account.Account;
  readonly deployments: ReadonlyMap<ContentHash.ContentHash, Deployment.Deployment>;
  readonly entries: readonly Ledger.Entry[];
}

/** Rebuilds an account and its deployments from its log. */
export function loadAccount(bandit: Bandit, name: string): Result<AccountView, BanditError> {
  const entries = readLog(bandit, accountStream(name));
  if (!entries.ok) return entries;
  if (entries.value.length === 0) return err({ kind: "NoAccount", account: name });
  let account: Account.Account | undefined;
  const deployments = new Map<ContentHash.ContentHash, Deployment.Deployment>();
  for (const entry of entries.value) {
    if (isDeploymentEvent(entry.event)) {
      const event = Deployment.DeploymentEvent.fromValue(entry.event);
      if (!event.ok) return damaged(entry, Codec.showShapeError(event.error));
      const now = deployments.get(event.value.deployment);
      if (event.value.kind === "DeploymentOpened") {
        const config = readBlock(bandit, event.value.config, Deployment.DeploymentConfig, "deployment config");
        if (!config.ok) return config;
        deployments.set(event.value.deployment, Deployment.open(event.value, config.value));
      } else if (now === undefined) return damaged(entry, "it belongs to no open deployment");
      else deployments.set(event.value.deployment, Deployment.evolve(now, event.value));
    } else {
      const event = Account.AccountEvent.fromValue(entry.event);
      if (!event.ok) return damaged(entry, Codec.showShapeError(event.error));
      if (event.value.kind === "Opened") account = Account.opened(event.value.traveler, event.value.owner);
      else if (account === undefined) return damaged(entry, "the account was not opened");
      else account = Account.evolve(account, event.value);
    }
  }
  assert(account !== undefined, "a log that is not empty opens its account");
  return ok({ name, account, deployments, entries: entries.value });
}

export interface InstanceView {
  readonly instance: Instance.Instance;
  readonly events: readonly { readonly entry: Ledger.Entry; readonly event: Instance.InstanceEvent }[];
}

/** Rebuilds a program instance from its log. */
export function loadInstance(bandit: Bandit, id: string): Result<InstanceView, BanditError> {
  const entries = readLog(bandit, programStream(id));
  if (!entries.ok) return entries;
  let instance: Instance.Instance | undefined;
  const events: { entry: Ledger.Entry; event: Instance.InstanceEvent }[] = [];
  for (const entry of entries.value) {
    const event = Instance.InstanceEvent.fromValue(entry.event);
    if (!event.ok) return damaged(entry, Codec.showShapeError(event.error));
    if (event.value.kind === "Created") instance = Instance.created(id, event.value);
    else if (instance === undefined) return damaged(entry, "the instance was not created");
    else instance = Instance.evolve(instance, event.value);
    events.push({ entry, event: event.value });
  }
  return instance === undefined
    ? err({ kind: "NoProgram", program: id, known: programIds(bandit) })
    : ok({ instance, events });
}

export const accountNames = (bandit: Bandit): readonly string[] =>
  bandit.store.logStreams("account/").map((stream) => stream.slice("account/".length));

export const programIds = (bandit: Bandit): readonly string[] =>
  bandit.store.logStreams("program/").map((stream) => stream.slice("program/".length));

/** Appends events in one durable transaction. The streams' heads are those that the transaction sees. */
export async function record(
  bandit: Bandit,
  events: readonly { readonly stream: string; readonly event: Value.Value }[],
  alsoInTransaction: (transaction: StoreTransaction) => void = () => {},
): Promise<void> {
  const at = bandit.clock.now();
  await bandit.store.write((transaction) => {
    alsoInTransaction(transaction);
    for (const { stream, event } of events) {
      const appended = Ledger.append(transaction, bandit.signer, stream, at, event);
      assert(appended.ok, "a head cannot move inside its own transaction");
    }
  });
}

export const recordAccount = (bandit: Bandit, account: string, events: readonly AccountLogEvent[]): Promise<void> =>
  record(
    bandit,
    events.map((event) => ({ stream: accountStream(account), event: accountEventValue(event) })),
  );

export function accountEventValue(event: AccountLogEvent): Value.Value {
  switch (event.kind) {
    case "DeploymentOpened":
    case "ComponentMoved":
    case "ActivationApproved":
    case "ConditionMet":
      return Deployment.DeploymentEvent.toValue(event);
    default:
      return Account.AccountEvent.toValue(event);
  }
}

/** Stores typed data as a value block; gives its address. */
export async function putData<T>(bandit: Bandit, codec: Codec.Codec<T>, data: T): Promise<ContentHash.ContentHash> {
  return bandit.store.write((transaction) => transaction.put(encodeValue(codec.toValue(data))));
}

/** Reads typed data from a value block. */
export function readBlock<T>(
  bandit: Pick<Bandit, "store">,
  hash: ContentHash.ContentHash,
  codec: Codec.Codec<T>,
  what: string,
): Result<T, BanditError> {
  const block = bandit.store.blocks.get(hash);
  if (block === undefined) return err({ kind: "NoBlock", hash, what });
  const value = decodeValue(block);
  if (!value.ok) return err({ kind: "Damaged", reason: `the ${what} ${hash} is not a value block` });
  const data = codec.fromValue(value.value);
  return data.ok ? data : err({ kind: "Damaged", reason: `the ${what} ${hash}: ${Codec.showShapeError(data.error)}` });
}

export function timelineOf(bandit: Bandit, name: string): Result<TimelineAccess, BanditError> {
  const timeline = bandit.timelines.get(name);
  return timeline === undefined
    ? err({ kind: "NoTimeline", timeline: name, known: [...bandit.timelines.keys()].sort() })
    : ok(timeline);
}

export function assetOf(timeline: TimelineAccess, name: string): Result<Asset, BanditError> {
  const asset = timeline.assets.find((a) => a.name === name);
  return asset === undefined
    ? err({ kind: "NoAsset", timeline: timeline.name, asset: name, known: timeline.assets.map((a) => a.name).sort() })
    : ok(asset);
}

export function showBanditError(error: BanditError): string {
  const list = (names: readonly string[]) => (names.length > 0 ? names.join(", ") : "none");
  switch (error.kind) {
    case "NoAccount":
      return `there is no account named ${error.account}`;
    case "AccountExists":
      return `the account ${error.account} exists already`;
    case "NoTimeline":
      return `there is no timeline named ${error.timeline}; known: ${list(error.known)}`;
    case "NoAsset":
      return `the timeline ${error.timeline} has no asset ${error.asset}; known: ${list(error.known)}`;
    case "NoProgram":
      return `there is no program ${error.program}; known: ${list(error.known)}`;
    case "NoDeployment":
      return `there is no deployment ${error.deployment}`;
    case "NoBlock":
      return `the ${error.what} ${error.hash} is not in the store`;
    case "Damaged":
      return `the store is damaged: ${error.reason}`;
    case "NotTheOwner":
      return `the message is not signed by the owner of ${error.account}`;
    case "Timeline":
    case "Refused":
      return error.reason;
    case "BadFact":
      return `the fact from ${error.timeline} is not accepted: ${error.reason}`;
  }
}

function readLog(bandit: Bandit, stream: string): Result<readonly Ledger.Entry[], BanditError> {
  const entries = Ledger.read(bandit.store, stream, (key) => Bytes.equal(key, bandit.signer.publicKey));
  return entries.ok ? entries : err({ kind: "Damaged", reason: Ledger.showLedgerError(entries.error) });
}

const damaged = (entry: Ledger.Entry, reason: string) =>
  err({ kind: "Damaged", reason: `log entry ${entry.sequence} (${entry.hash}): ${reason}` } as const);
