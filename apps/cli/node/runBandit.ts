/**
 * `tb bandit`: passes over the accounts of a store, with the store open only during a pass. Between passes it sleeps until
 * something is due or it is time to look at the timelines again, and other commands have the store. All that it knows is
 * in the store, so that it can end at any moment.
 */
import { mkdirSync } from "node:fs";
import { show, toJson, Value } from "../../../src/content/index.ts";
import {
  type Bandit,
  loadAccount,
  nextInstant,
  showBanditError,
  type Tended,
  tend,
} from "../../../src/programs/index.ts";
import { parseDuration } from "../../../src/schema/index.ts";
import { acquireProcessLock } from "../../../src/stores/lmdb/index.ts";
import type { BanditOptions } from "../commands/bandit.ts";
import { CliFailure, Exit } from "../exit.ts";
import { askPassphrase, type Keys, keyNames, openKeys } from "../keystore.ts";
import { paint, print } from "../output.ts";
import { banditLock, onInterrupt, StoreUnready, storeDirectory, withStore } from "../session.ts";
import { take } from "./accounts.ts";
import { type Connected, connectReached, disconnect, NODE_KEYS, openNodeKeys, systemClock } from "./bandit.ts";
import { readNetwork } from "./networkFile.ts";
import { type TendedDocument, tendedDocument } from "./tendedDocument.ts";
import { sentence } from "./tendedSentence.ts";

const POLL_MILLISECONDS_MIN = 100;
/** Other commands take the store in between, however much is due. */
const PAUSE_MILLISECONDS = 200;
/** After trouble; twice as long each time, up to the poll interval. */
const RETRY_MILLISECONDS = 1_000;

/** One line about something that happened: words, and the same as a document. */
type Say = (words: string, document: TendedDocument) => void;

interface Node {
  readonly directory: string;
  readonly keys: readonly Keys[];
  readonly node: Keys;
  /** How often the timelines are looked at, in milliseconds. */
  readonly poll: number;
  readonly say: Say;
}

/** How a pass went, and when the next one has something to do. */
interface Pass {
  /** The first instant at which something is due; undefined: nothing is by a clock. */
  readonly next: number | undefined;
  /** What could not be done, as it was said; empty when all was. */
  readonly troubles: readonly string[];
}

export async function runBandit(options: BanditOptions): Promise<void> {
  const poll = pollOf(options.poll);
  const directory = storeDirectory(options);
  const say = options.json === true ? sayDocument : sayWords;
  mkdirSync(directory, { recursive: true });
  const lock = acquireProcessLock(banditLock(directory));
  if ("heldBy" in lock)
    throw new CliFailure(
      Exit.usage,
      `a Bandit runs for ${directory} already (process ${lock.heldBy})`,
      "one is enough: it tends every account whose keys are here",
    );
  const forget = onInterrupt(() => {
    lock.release();
    say("stopped; what is open goes on at the next start", { event: "stopped" });
  });
  try {
    readNetwork(directory);
    const node = { directory, poll, say, ...(await openAll(directory, options)) };
    const names = node.keys.map(({ name }) => name);
    say(
      options.once === true
        ? `this Bandit looks after ${names.join(", ")} once`
        : `this Bandit looks after ${names.join(", ")}; Ctrl-C ends it`,
      { event: "started", accounts: names, poll },
    );
    if (options.once === true) {
      const { troubles } = await pass(node, options, []);
      if (troubles.length > 0) process.exitCode = Exit.store;
    } else await passOnAndOn(node, options);
  } finally {
    forget();
    lock.release();
  }
}

async function passOnAndOn(node: Node, options: BanditOptions): Promise<never> {
  let troubles: readonly string[] = [];
  let retry = RETRY_MILLISECONDS;
  for (;;) {
    const done = await pass(node, options, troubles);
    if (troubles.length > 0 && done.troubles.length === 0) node.say("all goes on again", { event: "recovered" });
    troubles = done.troubles;
    const isWell = troubles.length === 0;
    const now = systemClock.now();
    const latest = now + (isWell ? node.poll : Math.min(retry, node.poll));
    // What is due and cannot be done stays due: it is not tried without a pause.
    const soonest = now + (isWell ? PAUSE_MILLISECONDS : RETRY_MILLISECONDS);
    retry = isWell ? RETRY_MILLISECONDS : Math.min(retry * 2, node.poll);
    await systemClock.until(Math.max(soonest, Math.min(latest, done.next ?? latest)));
  }
}

function pollOf(text: string): number {
  const poll = parseDuration(text);
  if (typeof poll !== "number" || poll < POLL_MILLISECONDS_MIN)
    throw new CliFailure(Exit.usage, `--poll takes a duration of at least ${POLL_MILLISECONDS_MIN}ms, not ${text}`);
  return poll;
}

/** The keys are opened once, with a passphrase each where it is asked for. */
async function openAll(
  directory: string,
  options: BanditOptions,
): Promise<{ readonly keys: readonly Keys[]; readonly node: Keys }> {
  const names = [...new Set(options.account ?? keyNames(directory).filter((name) => name !== NODE_KEYS))];
  if (names.length === 0)
    throw new CliFailure(Exit.source, `there is no account in ${directory}`, "make one with: tb account create NAME");
  const opened: { readonly keys: Keys; readonly passphrase: string }[] = [];
  for (const name of names) {
    const passphrase = await askPassphrase(`open the keys of ${name}`);
    opened.push({ keys: openKeys(directory, name, passphrase), passphrase });
  }
  return { keys: opened.map(({ keys }) => keys), node: openNodeKeys(directory, opened[0]!.passphrase) };
}

/** Everything that is due now, for every account. What went wrong the last time already is not said again. */
async function pass(node: Node, options: BanditOptions, before: readonly string[]): Promise<Pass> {
  const troubles = new Set<string>();
  const trouble: Say = (words, document) => {
    if (!before.includes(words) && !troubles.has(words)) node.say(paint.yellow(words), document);
    troubles.add(words);
  };
  let next: number | undefined;
  try {
    // Read anew: a network that was started again may be reached elsewhere.
    const network = readNetwork(node.directory);
    await withStore(options, async (store) => {
      const accounts = await Promise.allSettled(
        node.keys.map(async (keys) => {
          const parts = { store, node: node.node, report: reporter(node.say) };
          const connected = await connectReached(parts, network, keys);
          try {
            const due = await tendAccount(connected, keys.name, node, trouble);
            if (due !== undefined) next = Math.min(next ?? due, due);
          } finally {
            await disconnect(connected.bandit);
          }
        }),
      );
      // All are done before the store closes; then the first that could not go on ends the pass.
      for (const account of accounts) if (account.status === "rejected") throw account.reason;
    });
  } catch (error) {
    if (!(error instanceof StoreUnready)) throw error;
    trouble(error.message, { event: "trouble", message: error.message });
  }
  return { next, troubles: [...troubles] };
}

/** Says when the account has something to do the next time. */
async function tendAccount(
  { bandit, away }: Connected,
  account: string,
  { poll, say }: Node,
  trouble: Say,
): Promise<number | undefined> {
  for (const { timeline, reason } of away)
    trouble(`${timeline} is away, and what needs it waits: ${reason}`, { event: "away", timeline, reason });
  // Keys may be here before their account is.
  if (!loadAccount(bandit, account).ok) return undefined;
  const tended = await tend(
    bandit,
    account,
    (event) => {
      if (event.kind === "unreached" && away.some(({ timeline }) => timeline === event.timeline)) return;
      (isTrouble(event) ? trouble : say)(sentence(event), tendedDocument(event));
    },
    poll,
  );
  if (!tended.ok) {
    if (tended.error.kind === "Damaged") return take(tended);
    const reason = showBanditError(tended.error);
    trouble(`${account} cannot go on now: ${reason}`, { event: "failed", what: account, reason });
  }
  return nextInstant(bandit, account);
}

const isTrouble = (event: Tended): boolean =>
  event.kind === "failed" ||
  event.kind === "unreached" ||
  (event.kind === "firing" && event.firing.kind === "failed") ||
  (event.kind === "reconciled" && event.reconciled.outcome === "open");

const reporter =
  (say: Say): Bandit["report"] =>
  (event) => {
    if (event.kind !== "trigger") return;
    const { program, what: trigger, missed, seen, run } = event;
    const why = seen === undefined ? "is due" : `saw ${show(seen)}`;
    const times = missed === 0 ? "" : `; ${missed} earlier time${missed === 1 ? "" : "s"} missed`;
    const due = show(Value.instant(event.due)).slice(1);
    say(`${program}: ${trigger} ${why}${times}`, {
      event: "due",
      program,
      trigger,
      due,
      missed,
      ...(seen === undefined ? {} : { seen: toJson(seen) }),
      run,
    });
  };

const sayWords: Say = (words) => print(`${paint.dim(new Date(systemClock.now()).toISOString())} ${words}`);

const sayDocument: Say = (_, document) =>
  print(JSON.stringify({ at: new Date(systemClock.now()).toISOString(), ...document }));
