/**
 * What an account asks of timelines, each under a key and each once: written down (`Begun`), asked, settled by the fact
 * of it, and closed (`Ended`). A crash anywhere leaves it outstanding, and `reconcile` finishes it: what was signed is
 * sent again, never anything else; what was never signed did nothing and is closed as such.
 */
import { Decimal, encodeValue, show, Value } from "../content/index.ts";
import {
  ActionCall,
  Fact,
  outcomeFrom,
  type Receipt,
  showTimelineError,
  type TimelineError,
} from "../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import {
  appendAccount,
  assetOf,
  type Bandit,
  type BanditError,
  loadAccount,
  type Recorder,
  readBlock,
  type TimelineAccess,
  timelineOf,
  transact,
} from "./Bandit.ts";
import { wasSigned } from "./Journal.ts";
import { observeFact } from "./observing.ts";

/** Why an undertaking has no fact. */
export type Undone =
  /** Nothing was done and nothing will be: it is closed. */
  | { readonly kind: "NothingDone"; readonly reason: string }
  /** It may be done, or will be when it is asked again under the same key: it stays outstanding. */
  | { readonly kind: "Open"; readonly reason: string };

export interface Settled {
  readonly fact: Fact;
  readonly receipt: Receipt;
}

/** Asks the timeline for it: begins it if it is not begun, and settles what came of it. */
export async function undertake(
  bandit: Bandit,
  account: string,
  effect: string,
  undertaking: Account.Undertaking,
  action?: ActionCall,
  alsoBegin: (recorder: Recorder) => Result<undefined, BanditError> = () => ok(undefined),
): Promise<Result<Settled, Undone | BanditError>> {
  const begun = await transact(bandit, (recorder): Result<undefined, BanditError> => {
    const view = loadAccount(recorder, account);
    if (!view.ok) return view;
    const id = timelineOf(bandit, undertaking.timeline);
    if (!id.ok) return id;
    if (view.value.account.outstanding.has(effect) || wasSigned(recorder.store, id.value.adapter.timeline, effect))
      return ok(undefined);
    const also = alsoBegin(recorder);
    if (!also.ok) return also;
    if (action !== undefined) recorder.store.put(encodeValue(ActionCall.toValue(action)));
    appendAccount(recorder, account, { kind: "Begun", effect, undertaking });
    return ok(undefined);
  });
  return begun.ok ? ask(bandit, account, effect, undertaking) : begun;
}

async function ask(
  bandit: Bandit,
  account: string,
  effect: string,
  undertaking: Account.Undertaking,
): Promise<Result<Settled, Undone | BanditError>> {
  const timeline = timelineOf(bandit, undertaking.timeline);
  if (!timeline.ok) return timeline;
  const receipt = await askTimeline(bandit, timeline.value, effect, undertaking);
  if (!receipt.ok) return receipt;
  if (!receipt.value.ok) {
    const error = receipt.value.error;
    const reason = showTimelineError(error);
    // What was signed may happen at any time, whatever the timeline says now: only its revert is an end.
    const isOver =
      error.kind === "Reverted" ||
      (!isPassing(error) && !wasSigned(bandit.store, timeline.value.adapter.timeline, effect));
    if (!isOver) return err({ kind: "Open", reason });
    await closeUndone(bandit, account, effect, reason);
    return err({ kind: "NothingDone", reason });
  }
  const fact = await settle(bandit, account, timeline.value, receipt.value.value, describe(bandit, undertaking));
  if (fact.ok) return ok({ fact: fact.value, receipt: receipt.value.value });
  // It is done, but its proof is not accepted yet: asking again settles it.
  return fact.error.kind === "Timeline" || fact.error.kind === "BadFact"
    ? err({ kind: "Open", reason: fact.error.reason })
    : fact;
}

/** The timeline is away for the moment; asking again may help. */
export const isPassing = (error: TimelineError): boolean =>
  error.kind === "Unreachable" ||
  error.kind === "MalformedAnswer" ||
  error.kind === "NotFinal" ||
  error.kind === "Unknown";

async function askTimeline(
  bandit: Bandit,
  timeline: TimelineAccess,
  effect: string,
  undertaking: Account.Undertaking,
): Promise<Result<Result<Receipt, TimelineError>, BanditError>> {
  if (undertaking.kind === "Act") {
    const call = readBlock(bandit, undertaking.action, ActionCall, "action");
    return call.ok ? ok(await timeline.adapter.act(call.value, effect)) : call;
  }
  const asset = assetOf(timeline, undertaking.asset);
  if (!asset.ok) return asset;
  const request = { effect, asset: asset.value, amount: undertaking.amount };
  return ok(
    undertaking.kind === "Deposit"
      ? await timeline.adapter.deposit(request)
      : await timeline.adapter.withdraw({ ...request, to: undertaking.to }),
  );
}

const whatOf = (undertaking: Account.Undertaking): string => {
  if (undertaking.kind === "Act") return "action";
  const what = `${Decimal.print(undertaking.amount)} ${undertaking.asset}`;
  return undertaking.kind === "Deposit" ? `deposit of ${what}` : `withdrawal of ${what}`;
};

/** With the action's name and arguments, where its block is here. */
function describe(bandit: Bandit, undertaking: Account.Undertaking): string {
  if (undertaking.kind !== "Act") return whatOf(undertaking);
  const call = readBlock(bandit, undertaking.action, ActionCall, "action");
  return call.ok ? show(Value.variant(call.value.action, call.value.arguments)) : whatOf(undertaking);
}

/** An undertaking in words, as progress and messages name it. */
export const showUndertaking = (undertaking: Account.Undertaking): string =>
  `${whatOf(undertaking)} on ${undertaking.timeline}`;

/** Closes what did nothing; what was held back for it is free again. */
async function closeUndone(bandit: Bandit, account: string, effect: string, reason: string): Promise<void> {
  await transact(bandit, (recorder) => {
    const view = loadAccount(recorder, account);
    const undertaking = view.ok ? view.value.account.outstanding.get(effect) : undefined;
    if (undertaking === undefined) return;
    if (undertaking.kind === "Withdraw") appendAccount(recorder, account, releaseOf(undertaking));
    appendAccount(recorder, account, { kind: "Ended", effect, outcome: "nothing-done", reason });
  });
}

const releaseOf = ({
  timeline,
  asset,
  amount,
  by,
}: Account.Undertaking & { readonly kind: "Withdraw" }): Account.AccountEvent => ({
  kind: "Released",
  timeline,
  asset,
  amount,
  by,
});

/** Stops asking: what was never signed is closed as nothing done; else it stays outstanding, and nobody knows. */
export async function giveUp(
  bandit: Bandit,
  account: string,
  effect: string,
  reason: string,
): Promise<"nothing-done" | "unknown"> {
  const view = loadAccount(bandit, account);
  const undertaking = view.ok ? view.value.account.outstanding.get(effect) : undefined;
  if (undertaking === undefined) return "nothing-done";
  const timeline = timelineOf(bandit, undertaking.timeline);
  if (!timeline.ok || wasSigned(bandit.store, timeline.value.adapter.timeline, effect)) return "unknown";
  await closeUndone(bandit, account, effect, reason);
  return "nothing-done";
}

/** Has the keepers attest what a receipt claims, checks it, and applies the moves to the account: once per transaction. */
async function settle(
  bandit: Bandit,
  account: string,
  timeline: TimelineAccess,
  receipt: Receipt,
  what: string,
): Promise<Result<Fact, BanditError>> {
  const fact = await observeFact(bandit, timeline, receipt.observation.query, what);
  if (!fact.ok) return fact;
  const outcome = outcomeFrom(fact.value.body.query, fact.value.body.value);
  if (!outcome.ok || outcome.value.kind === "Reverted") {
    const reason = outcome.ok ? `the transaction of the ${what} was reverted` : "it is no outcome of a transaction";
    return err({ kind: "BadFact", timeline: timeline.name, reason });
  }
  const { moves } = outcome.value;
  const transaction = `0x${Bytes.toHex(receipt.transaction)}`;
  return transact(bandit, (recorder): Result<Fact, BanditError> => {
    const view = loadAccount(recorder, account);
    if (!view.ok) return view;
    const undertaking = view.value.account.outstanding.get(receipt.effect);
    const events: Account.AccountEvent[] = [];
    for (const { direction, asset, amount } of moves) {
      const change = { timeline: timeline.name, asset, amount, transaction, fact: Fact.hash(fact.value) };
      const event = Account.settle(view.value.account, direction, change);
      if (event.ok) events.push(event.value);
      // Settled before: the crash came between the log and the answer.
      else if (event.error.kind !== "AlreadySettled")
        return err({ kind: "Refused", reason: Account.showRefusal(event.error) });
    }
    // The reservation ends with the payment: the amount is never both free and sent.
    if (undertaking?.kind === "Withdraw") events.unshift(releaseOf(undertaking));
    if (undertaking !== undefined) events.push({ kind: "Ended", effect: receipt.effect, outcome: "done", reason: "" });
    for (const event of events) appendAccount(recorder, account, event);
    return ok(fact.value);
  });
}

/** Brings assets of the Traveler into the account by a real transaction, and credits what the keepers then attest. */
export async function deposit(
  bandit: Bandit,
  account: string,
  timelineName: string,
  assetName: string,
  amount: Decimal.Decimal,
  effect: string,
): Promise<Result<Fact, BanditError>> {
  const timeline = timelineOf(bandit, timelineName);
  if (!timeline.ok) return timeline;
  const asset = assetOf(timeline.value, assetName);
  if (!asset.ok) return asset;
  if (amount.coefficient <= 0n)
    return err({ kind: "Refused", reason: Account.showRefusal({ kind: "NotPositive", amount }) });
  const undertaking: Account.Undertaking = { kind: "Deposit", timeline: timelineName, asset: assetName, amount };
  const done = await undertake(bandit, account, effect, undertaking);
  return done.ok ? ok(done.value.fact) : undone(bandit, account, effect, done.error);
}

/** Goes on with an undertaking that stands in the account's log. */
export async function carryOutUndertaking(
  bandit: Bandit,
  account: string,
  effect: string,
  undertaking: Account.Undertaking,
): Promise<Result<Fact, Undone | BanditError>> {
  const done = await ask(bandit, account, effect, undertaking);
  return done.ok ? ok(done.value.fact) : done;
}

/** What a caller who does not ask again is told. */
export async function undone(
  bandit: Bandit,
  account: string,
  effect: string,
  error: Undone | BanditError,
): Promise<Result<never, BanditError>> {
  if (error.kind !== "NothingDone" && error.kind !== "Open") return err(error);
  const view = loadAccount(bandit, account);
  const timeline = (view.ok ? view.value.account.outstanding.get(effect)?.timeline : undefined) ?? "";
  if (error.kind === "NothingDone") return err({ kind: "Refused", reason: error.reason });
  const known = await giveUp(bandit, account, effect, error.reason);
  const reason =
    known === "nothing-done"
      ? `${error.reason}; nothing was done`
      : `${error.reason}; it was signed and stays open: the next command for ${account} finishes it`;
  return err({ kind: "Timeline", timeline, reason });
}

export interface Reconciled {
  readonly effect: string;
  readonly undertaking: Account.Undertaking;
  readonly outcome: "done" | "nothing-done" | "open";
  readonly reason: string;
}

/**
 * Finishes what a crash or a dead timeline left outstanding. A withdrawal that its owner signed is carried out; of what a
 * run or a deposit asked, only what was signed for the timeline goes on, since the run was told or will ask again itself.
 */
export async function reconcile(bandit: Bandit, account: string): Promise<Result<readonly Reconciled[], BanditError>> {
  const view = loadAccount(bandit, account);
  if (!view.ok) return view;
  const finished: Reconciled[] = [];
  for (const [effect, undertaking] of view.value.account.outstanding) {
    const note = (outcome: Reconciled["outcome"], reason: string) =>
      finished.push({ effect, undertaking, outcome, reason });
    const timeline = timelineOf(bandit, undertaking.timeline);
    if (!timeline.ok) {
      note("open", `there is no timeline ${undertaking.timeline} here`);
      continue;
    }
    const isOwners = undertaking.kind === "Withdraw" && undertaking.by === effect;
    if (!isOwners && !wasSigned(bandit.store, timeline.value.adapter.timeline, effect)) {
      const reason = "it was interrupted before anything was sent";
      await closeUndone(bandit, account, effect, reason);
      note("nothing-done", reason);
      continue;
    }
    const done = await ask(bandit, account, effect, undertaking);
    if (done.ok) note("done", "");
    else if (done.error.kind === "NothingDone") note("nothing-done", done.error.reason);
    else if (done.error.kind === "Open") note("open", done.error.reason);
    else return err(done.error);
  }
  return ok(finished);
}
