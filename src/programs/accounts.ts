/** What a Bandit does for accounts: open them, take signed messages, credit what keepers saw on timelines. */
import { Decimal } from "../content/index.ts";
import {
  checkFacts,
  Fact,
  type FactQuery,
  type FactRefusal,
  Message,
  outcomeFrom,
  type Receipt,
  type Signer,
  showProofError,
  showTimelineError,
} from "../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import {
  accountEventValue,
  accountStream,
  assetOf,
  type Bandit,
  type BanditError,
  loadAccount,
  record,
  recordAccount,
  type TimelineAccess,
  timelineOf,
} from "./Bandit.ts";

/** Opens an account for a Traveler's key. */
export async function openAccount(
  bandit: Bandit,
  name: string,
  owner: Uint8Array,
): Promise<Result<undefined, BanditError>> {
  if (bandit.store.logHead(accountStream(name)) !== undefined) return err({ kind: "AccountExists", account: name });
  await recordAccount(bandit, name, [{ kind: "Opened", traveler: name, owner }]);
  return ok(undefined);
}

/** A message that the owner's key signs with the account's next nonce. */
export function signMessage(
  bandit: Bandit,
  name: string,
  owner: Signer,
  action: Account.Action,
): Result<Message, BanditError> {
  const view = loadAccount(bandit, name);
  if (!view.ok) return view;
  return ok(Message.sign({ to: name, nonce: view.value.account.nonce, action: Account.Action.toValue(action) }, owner));
}

/**
 * Takes a signed message: checks signature, owner, shape and nonce, decides, and logs what follows. A refusal is logged
 * too. Gives the events, of which the caller carries out what reaches outside.
 */
export async function submit(
  bandit: Bandit,
  message: Message,
): Promise<Result<readonly Account.AccountEvent[], BanditError>> {
  const { to, nonce, action: actionValue } = message.body;
  const view = loadAccount(bandit, to);
  if (!view.ok) return view;
  const hash = Message.hash(message);
  const refuse = async (error: BanditError, reason: string) => {
    await record(
      bandit,
      [{ stream: accountStream(to), event: accountEventValue({ kind: "Refused", message: hash, reason }) }],
      (transaction) => {
        transaction.put(Message.encode(message));
      },
    );
    return err(error);
  };
  if (!Message.isSigned(message) || !Bytes.equal(message.signer, view.value.account.owner)) {
    return refuse({ kind: "NotTheOwner", account: to }, "the message is not signed by the account's owner");
  }
  const action = Account.Action.fromValue(actionValue);
  if (!action.ok) {
    const reason = `the action is malformed: ${action.error.path}: expected ${action.error.expected}, got ${action.error.got}`;
    return refuse({ kind: "Refused", reason }, reason);
  }
  const events = Account.decide(view.value.account, { hash, nonce, action: action.value });
  if (!events.ok) {
    const reason = Account.showRefusal(events.error);
    return refuse({ kind: "Refused", reason }, reason);
  }
  const received = events.value.flatMap((event) =>
    event.kind === "Sent"
      ? [{ stream: accountStream(event.to), event: { ...event, kind: "Received", from: to } as const }]
      : [],
  );
  for (const { stream, event } of received) {
    if (bandit.store.logHead(stream) === undefined) {
      const reason = `there is no account named ${(event as { readonly to?: string }).to ?? stream}`;
      return refuse({ kind: "Refused", reason }, reason);
    }
  }
  await record(
    bandit,
    [
      ...events.value.map((event) => ({ stream: accountStream(to), event: accountEventValue(event) })),
      // Both sides in one transaction: what leaves one account arrives in the other.
      ...received.map(({ stream, event }) => ({
        stream,
        event: accountEventValue({
          kind: "Received",
          timeline: event.timeline,
          asset: event.asset,
          amount: event.amount,
          from: to,
          transfer: event.transfer,
        }),
      })),
    ],
    (transaction) => {
      transaction.put(Message.encode(message));
    },
  );
  return events;
}

/** Asks every keeper of a timeline, and accepts the answer only if the policy's quorum signed the same one. */
export async function observeFact(
  bandit: Bandit,
  timeline: TimelineAccess,
  query: FactQuery,
  what: string,
): Promise<Result<Fact, BanditError>> {
  const facts: Fact[] = [];
  let failure: string | undefined;
  for (const { keeping } of timeline.keepers) {
    const fact = await keeping.observe(query);
    if (fact.ok) facts.push(fact.value);
    else failure = showTimelineError(fact.error);
  }
  if (facts.length < timeline.policy.quorum && failure !== undefined)
    return err({ kind: "Timeline", timeline: timeline.name, reason: failure });
  const accepted = checkFacts(facts, timeline.policy, timeline.adapter.verify);
  if (!accepted.ok) return err({ kind: "BadFact", timeline: timeline.name, reason: showFactRefusal(accepted.error) });
  const fact = accepted.value;
  await bandit.store.write((transaction) => {
    for (const each of facts) transaction.put(Fact.encode(each));
  });
  bandit.report({ kind: "fact", timeline: timeline.name, what, block: fact.body.block.number, fact: Fact.hash(fact) });
  return ok(fact);
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
  const view = loadAccount(bandit, account);
  if (!view.ok) return view;
  const receipt = await timeline.value.adapter.deposit({ effect, asset: asset.value, amount });
  if (!receipt.ok) return err({ kind: "Timeline", timeline: timelineName, reason: showTimelineError(receipt.error) });
  return settle(bandit, account, timeline.value, receipt.value, `deposit of ${Decimal.print(amount)} ${assetName}`);
}

/** Sends what a Withdraw message reserved; the reservation ends with the fact of it, or when nothing was done. */
export async function carryOutWithdrawal(
  bandit: Bandit,
  account: string,
  reserved: Account.AccountEvent & { readonly kind: "Reserved" },
  to: Uint8Array,
): Promise<Result<Fact, BanditError>> {
  const timeline = timelineOf(bandit, reserved.timeline);
  if (!timeline.ok) return timeline;
  const asset = assetOf(timeline.value, reserved.asset);
  if (!asset.ok) return asset;
  const { timeline: name, asset: assetName, amount, message } = reserved;
  const released: Account.AccountEvent = { kind: "Released", timeline: name, asset: assetName, amount, message };
  const receipt = await timeline.value.adapter.withdraw({ effect: message, asset: asset.value, amount, to });
  if (!receipt.ok) {
    // After `Unknown` the transaction may still happen: the money stays reserved until it is known.
    if (receipt.error.kind !== "Unknown") await recordAccount(bandit, account, [released]);
    return err({ kind: "Timeline", timeline: name, reason: showTimelineError(receipt.error) });
  }
  return settle(
    bandit,
    account,
    timeline.value,
    receipt.value,
    `withdrawal of ${Decimal.print(amount)} ${assetName}`,
    released,
  );
}

/**
 * Has the keepers attest what a receipt claims, checks it, and applies the moves to the account: once per transaction.
 * `released` ends a reservation in the same step, so that the amount is never both free and sent.
 */
export async function settle(
  bandit: Bandit,
  account: string,
  timeline: TimelineAccess,
  receipt: Receipt,
  what: string,
  released?: Account.AccountEvent,
): Promise<Result<Fact, BanditError>> {
  const fact = await observeFact(bandit, timeline, receipt.observation.query, what);
  if (!fact.ok) return fact;
  const outcome = outcomeFrom(fact.value.body.query, fact.value.body.value);
  if (!outcome.ok)
    return err({ kind: "BadFact", timeline: timeline.name, reason: "it is not the outcome of a transaction" });
  if (outcome.value.kind === "Reverted")
    return err({ kind: "Timeline", timeline: timeline.name, reason: `the transaction of the ${what} was reverted` });
  const view = loadAccount(bandit, account);
  if (!view.ok) return view;
  const transaction = `0x${Bytes.toHex(receipt.transaction)}`;
  const events: Account.AccountEvent[] = [];
  for (const { direction, asset, amount } of outcome.value.moves) {
    const event = Account.settle(view.value.account, direction, {
      timeline: timeline.name,
      asset,
      amount,
      transaction,
      fact: Fact.hash(fact.value),
    });
    if (event.ok) events.push(event.value);
    // Settled before: the crash came between the log and the answer.
    else if (event.error.kind !== "AlreadySettled")
      return err({ kind: "Refused", reason: Account.showRefusal(event.error) });
  }
  if (events.length > 0) await recordAccount(bandit, account, released === undefined ? events : [released, ...events]);
  return fact;
}

export function showFactRefusal(refusal: FactRefusal): string {
  switch (refusal.kind) {
    case "NoFacts":
      return "no keeper answered";
    case "BadSignature":
      return `the signature of ${refusal.signer} does not hold`;
    case "UnknownKeeper":
      return `${refusal.signer} is no keeper of ${refusal.timeline}`;
    case "DifferentFacts":
      return "the keepers contradict each other";
    case "NoQuorum":
      return `${refusal.got} keeper(s) signed, ${refusal.needed} are needed`;
    case "TooShallow":
      return `its block has ${refusal.depth} blocks on top, ${refusal.needed} are needed`;
    case "Equivocation":
      return `two different blocks were signed at height ${refusal.evidence.number}`;
    case "BadProof":
      return showProofError(refusal.error);
  }
}
