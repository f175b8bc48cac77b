/**
 * A Bandit: the node that keeps logs, runs programs and talks to timelines, as a value made of ports.
 * Everything that it knows stands in its Store; a new Bandit over the same Store goes on where the last one stopped.
 */
import { Codec, type ContentHash, Decimal, decodeValue, encodeValue, type Value } from "../content/index.ts";
import type { Clock, LogHead, Store, StoreReads, StoreTransaction } from "../execution/index.ts";
import type { Asset, FactPolicy, Keeping, Signer, TimelineAdapter, VerifySignature } from "../protocol/index.ts";
import { assert, Bytes, err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import * as Deployment from "./Deployment.ts";
import * as Instance from "./Instance.ts";
import * as Ledger from "./Ledger.ts";
import * as Schedule from "./Schedule.ts";

/** One timeline as this Bandit reaches it. */
export interface TimelineAccess {
  /** The name that manifests use. */
  readonly name: string;
  readonly adapter: TimelineAdapter;
  /** Never empty. `signer` is the keeper's own key, for its word on deployments. */
  readonly keepers: readonly { readonly keeping: Keeping; readonly signer: Signer }[];
  readonly policy: FactPolicy;
  readonly assets: readonly Asset[];
  /** The Traveler's own address on it: where programs withdraw to when they name nobody. */
  readonly owner?: Uint8Array;
  /** Addresses by the names that bindings use. */
  readonly contracts: ReadonlyMap<string, Uint8Array>;
}

/** What it takes to read logs: also inside a transaction, whose own writes are then seen. */
export interface LogReader {
  readonly store: StoreReads;
  /** Only entries of this key count. */
  readonly signer: Pick<Signer, "publicKey">;
  /** A faster check that agrees with protocol's; the default is protocol's own. */
  readonly verify?: VerifySignature | undefined;
}

export interface Bandit extends LogReader {
  readonly store: Store;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly timelines: ReadonlyMap<string, TimelineAccess>;
  /** Tells people what is going on; never a result. */
  readonly report: (event: Progress) => void;
  /** Lets the host do other things, such as hear a Ctrl-C; called now and then while a program computes. */
  readonly breathe?: () => Promise<void>;
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
  | { readonly kind: "effect"; readonly index: number; readonly what: string }
  | {
      readonly kind: "trigger";
      readonly program: string;
      /** `on every 1m => rebalance(…)` */
      readonly what: string;
      readonly due: number;
      readonly missed: number;
      /** What an `on fact` saw. */
      readonly seen: Value.Value | undefined;
      readonly run: ContentHash.ContentHash;
    };

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
  | { readonly kind: "WrongArguments"; readonly reason: string }
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

export interface InstanceView extends InstanceState {
  readonly events: readonly { readonly entry: Ledger.Entry; readonly event: Instance.InstanceEvent }[];
}

interface InstanceState {
  readonly instance: Instance.Instance;
  /** When which version began, and what its triggers last did. */
  readonly schedule: Schedule.Schedule;
}

/** Rebuilds an account and its deployments from its log. */
export function loadAccount(reader: LogReader, name: string): Result<AccountView, BanditError> {
  const log = readLog(reader, accountStream(name), accountFolds, (before, entry) => foldAccount(reader, before, entry));
  if (!log.ok) return log;
  const { state, items } = log.value;
  return state === undefined ? err({ kind: "NoAccount", account: name }) : ok({ name, ...state, entries: items });
}

/** Rebuilds a program instance from its log. */
export function loadInstance(reader: LogReader, id: string): Result<InstanceView, BanditError> {
  const log = readLog(reader, programStream(id), instanceFolds, (before, entry) => foldInstance(id, before, entry));
  if (!log.ok) return log;
  const { state, items } = log.value;
  return state === undefined
    ? err({ kind: "NoProgram", program: id, known: programIds(reader) })
    : ok({ ...state, events: items });
}

type AccountState = Pick<AccountView, "account" | "deployments">;

/** The state after an entry, and what the view lists of it. */
interface Folding<S, I> {
  readonly state: S;
  readonly item: I;
}

function foldAccount(
  reader: LogReader,
  before: AccountState | undefined,
  entry: Ledger.Entry,
): Result<Folding<AccountState, Ledger.Entry>, BanditError> {
  if (!isDeploymentEvent(entry.event)) {
    const event = Account.AccountEvent.fromValue(entry.event);
    if (!event.ok) return damaged(entry, Codec.showShapeError(event.error));
    if (event.value.kind === "Opened") {
      const account = Account.opened(event.value.traveler, event.value.owner);
      return ok({ state: { account, deployments: new Map() }, item: entry });
    }
    if (before === undefined) return damaged(entry, "the account was not opened");
    return ok({ state: { ...before, account: Account.evolve(before.account, event.value) }, item: entry });
  }
  const event = Deployment.DeploymentEvent.fromValue(entry.event);
  if (!event.ok) return damaged(entry, Codec.showShapeError(event.error));
  if (before === undefined) return damaged(entry, "the account was not opened");
  const deployments = new Map(before.deployments);
  const now = deployments.get(event.value.deployment);
  if (event.value.kind === "DeploymentOpened") {
    const config = readBlock(reader, event.value.config, Deployment.DeploymentConfig, "deployment config");
    if (!config.ok) return config;
    deployments.set(event.value.deployment, Deployment.open(event.value, config.value));
  } else if (now === undefined) return damaged(entry, "it belongs to no open deployment");
  else deployments.set(event.value.deployment, Deployment.evolve(now, event.value));
  return ok({ state: { ...before, deployments }, item: entry });
}

function foldInstance(
  id: string,
  before: InstanceState | undefined,
  entry: Ledger.Entry,
): Result<Folding<InstanceState, InstanceView["events"][number]>, BanditError> {
  const event = Instance.InstanceEvent.fromValue(entry.event);
  if (!event.ok) return damaged(entry, Codec.showShapeError(event.error));
  const item = { entry, event: event.value };
  const schedule = Schedule.evolve(before?.schedule ?? Schedule.empty, event.value, entry.at);
  if (event.value.kind === "Created")
    return ok({ state: { instance: Instance.created(id, event.value), schedule }, item });
  if (before === undefined) return damaged(entry, "the instance was not created");
  return ok({ state: { instance: Instance.evolve(before.instance, event.value), schedule }, item });
}

export const programIds = (reader: LogReader): readonly string[] =>
  reader.store.logStreams("program/").map((stream) => stream.slice("program/".length));

/** One transaction in which logs are read and written: what is decided in it rests on what it sees. */
export interface Recorder extends LogReader {
  readonly store: StoreTransaction;
  /** Milliseconds, as the entries say. */
  readonly at: number;
  append(stream: string, event: Value.Value): void;
}

/**
 * Reads, decides and appends in one durable transaction, so that nothing comes between a decision and its record. When
 * `work` throws, nothing is written; a Result that it returns is kept as it is, with all that it appended.
 */
export function transact<T>(bandit: Bandit, work: (recorder: Recorder) => T): Promise<T> {
  const at = bandit.clock.now();
  return bandit.store.write((store) =>
    work({
      store,
      at,
      signer: bandit.signer,
      verify: bandit.verify,
      append(stream, event) {
        const appended = Ledger.append(store, bandit.signer, stream, at, event);
        assert(appended.ok, "a head cannot move inside its own transaction");
      },
    }),
  );
}

/** Throws where a component cannot move so: whoever writes decided from an older log, which is our own mistake. */
export const appendAccount = (recorder: Recorder, account: string, event: AccountLogEvent): void => {
  if (event.kind === "ComponentMoved") {
    const view = loadAccount(recorder, account);
    const deployment = view.ok ? view.value.deployments.get(event.deployment) : undefined;
    const step = deployment && Deployment.checkStep(deployment, event.component, event.status);
    assert(step?.ok === true, `${event.component} cannot become ${event.status}`);
  }
  recorder.append(accountStream(account), accountEventValue(event));
};

export const appendInstance = (recorder: Recorder, program: string, event: Instance.InstanceEvent): void =>
  recorder.append(programStream(program), Instance.InstanceEvent.toValue(event));

export const recordAccount = (bandit: Bandit, account: string, events: readonly AccountLogEvent[]): Promise<void> =>
  transact(bandit, (recorder) => {
    for (const event of events) appendAccount(recorder, account, event);
  });

export const recordInstance = (bandit: Bandit, program: string, event: Instance.InstanceEvent): Promise<void> =>
  transact(bandit, (recorder) => appendInstance(recorder, program, event));

function accountEventValue(event: AccountLogEvent): Value.Value {
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
  reader: Pick<LogReader, "store">,
  hash: ContentHash.ContentHash,
  codec: Codec.Codec<T>,
  what: string,
): Result<T, BanditError> {
  const block = reader.store.blocks.get(hash);
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

/**
 * Why an amount is none that the timeline can pay: it has more digits than the asset. `undefined` when it can, and when the
 * asset is not known here.
 */
export function finerThan(
  timeline: Pick<TimelineAccess, "name" | "assets"> | undefined,
  name: string,
  amount: Decimal.Decimal,
): string | undefined {
  const asset = timeline?.assets.find((a) => a.name === name);
  if (timeline === undefined || asset === undefined || amount.exponent >= -asset.decimals) return undefined;
  return `${Decimal.print(amount)} has more digits than ${name} on ${timeline.name}: at most ${asset.decimals} after the point`;
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
    case "WrongArguments":
      return error.reason;
    case "BadFact":
      return `the fact from ${error.timeline} is not accepted: ${error.reason}`;
  }
}

/** What a log came to, and at which entry. `state` is undefined for an empty log. */
interface Folded<S, I> {
  readonly head: LogHead | undefined;
  readonly state: S | undefined;
  readonly items: readonly I[];
}

/** Folds of this process by author and stream. An entry's address fixes all before it, so a fold stays true of it for ever. */
type Folds<S, I> = Map<string, Folded<S, I>>;
const accountFolds: Folds<AccountState, Ledger.Entry> = new Map();
const instanceFolds: Folds<InstanceState, InstanceView["events"][number]> = new Map();
const FOLDS_MAX = 256;

function readLog<S, I>(
  reader: LogReader,
  stream: string,
  folds: Folds<S, I>,
  fold: (before: S | undefined, entry: Ledger.Entry) => Result<Folding<S, I>, BanditError>,
): Result<Folded<S, I>, BanditError> {
  const key = `${Bytes.toHex(reader.signer.publicKey)}/${stream}`;
  const kept = folds.get(key);
  // Another store, or a transaction that was undone, may hold something else there.
  const stands =
    kept?.head !== undefined && reader.store.logEntries(stream, kept.head.sequence, 1)[0]?.entry === kept.head.entry;
  const known: Folded<S, I> = stands ? kept : { head: undefined, state: undefined, items: [] };
  const isAuthor = (author: Uint8Array) => Bytes.equal(author, reader.signer.publicKey);
  const entries = Ledger.read(reader.store, stream, isAuthor, reader.verify, known.head);
  if (!entries.ok) return err({ kind: "Damaged", reason: Ledger.showLedgerError(entries.error) });
  const last = entries.value.at(-1);
  if (last === undefined) return ok(known);
  let { state } = known;
  const items = [...known.items];
  for (const entry of entries.value) {
    const next = fold(state, entry);
    if (!next.ok) return next;
    state = next.value.state;
    items.push(next.value.item);
  }
  if (folds.size >= FOLDS_MAX) folds.clear();
  const folded = { head: { sequence: last.sequence, entry: last.hash }, state, items };
  folds.set(key, folded);
  return ok(folded);
}

const damaged = (entry: Ledger.Entry, reason: string) =>
  err({ kind: "Damaged", reason: `log entry ${entry.sequence} (${entry.hash}): ${reason}` } as const);
