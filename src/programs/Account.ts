/**
 * The AccountProgram: the only gateway between a Traveler and the rest (ADR 010 addendum §1). It holds balances per
 * timeline and asset, checks signed messages in nonce order, and answers each with the events to append to its log.
 *
 * Pure: `decide` says what a message leads to, `evolve` applies one event; replaying the log rebuilds the account.
 * Law (conservation): over all accounts, the sum of balances per timeline and asset changes only by observed facts.
 */
import { Codec, type ContentHash, Decimal, type Value } from "../content/index.ts";
import { err, never, ok, type Result } from "../std/index.ts";

/** What a Traveler or a program may ask of an account. The ADR's AccountProgramEffect, and the messages programs need. */
export const Action = Codec.variant({
  Withdraw: Codec.record({ timeline: Codec.text, asset: Codec.text, amount: Codec.decimal, to: Codec.text }),
  Transfer: Codec.record({ timeline: Codec.text, asset: Codec.text, amount: Codec.decimal, to: Codec.text }),
  Invoke: Codec.record({ program: Codec.text, entry: Codec.text, arguments: Codec.list(Codec.value) }),
  DeployProgram: Codec.record({ program: Codec.hash, config: Codec.hash }),
  ActivateProgram: Codec.record({ deployment: Codec.hash, component: Codec.option(Codec.text) }),
  UpgradeProgram: Codec.record({ program: Codec.text, to: Codec.hash, config: Codec.hash }),
  /** Through several versions at once, the wanted one last: all of them, or none. */
  UpgradeThrough: Codec.record({ program: Codec.text, versions: Codec.list(Codec.hash), config: Codec.hash }),
});
export type Action = Codec.Of<typeof Action>;

/** What an account asks of a timeline: written down before it is asked, so that after a crash it is asked for again. */
export const Undertaking = Codec.variant({
  /** A program's action; `action` is the address of the ActionCall. */
  Act: Codec.record({ timeline: Codec.text, action: Codec.hash }),
  Deposit: Codec.record({ timeline: Codec.text, asset: Codec.text, amount: Codec.decimal }),
  /** Pays out what `by` (a message, a run) holds in reserve. */
  Withdraw: Codec.record({
    timeline: Codec.text,
    asset: Codec.text,
    amount: Codec.decimal,
    to: Codec.bytes,
    by: Codec.hash,
  }),
});
export type Undertaking = Codec.Of<typeof Undertaking>;

/** What a transaction moved, and the fact that shows it. */
const settled = {
  timeline: Codec.text,
  asset: Codec.text,
  amount: Codec.decimal,
  transaction: Codec.text,
  fact: Codec.hash,
};

export const AccountEvent = Codec.variant({
  Opened: Codec.record({ traveler: Codec.text, owner: Codec.bytes }),
  /** A signed message passed every check; `message` is the address of the signed block. */
  Accepted: Codec.record({ message: Codec.hash, nonce: Codec.count, action: Action }),
  Refused: Codec.record({ message: Codec.hash, reason: Codec.text }),
  /** `fact` was observed on the timeline with a proof: value came in or went out there. */
  Credited: Codec.record(settled),
  Debited: Codec.record(settled),
  /** A reorganisation took the fact of a credit back; what was spent of it becomes a debt. */
  Retracted: Codec.record({
    ...settled,
    /** The keeper's signed word that the block is gone. */
    retraction: Codec.hash,
  }),
  /** The same for a debit: what went out is in the vault again. */
  Restored: Codec.record({
    ...settled,
    retraction: Codec.hash,
  }),
  /** These facts have so many blocks on top that nobody looks at them again. */
  Final: Codec.record({ facts: Codec.list(Codec.hash) }),
  /** Held back for `by`: a withdrawal's message until it is paid out or fails, a run until it spends it or ends. */
  Reserved: Codec.record({ timeline: Codec.text, asset: Codec.text, amount: Codec.decimal, by: Codec.hash }),
  Released: Codec.record({ timeline: Codec.text, asset: Codec.text, amount: Codec.decimal, by: Codec.hash }),
  Sent: Codec.record({
    timeline: Codec.text,
    asset: Codec.text,
    amount: Codec.decimal,
    to: Codec.text,
    transfer: Codec.hash,
  }),
  Received: Codec.record({
    timeline: Codec.text,
    asset: Codec.text,
    amount: Codec.decimal,
    from: Codec.text,
    transfer: Codec.hash,
  }),
  /** About to ask a timeline under the key `effect`; until `Ended` the account answers for what comes of it. */
  Begun: Codec.record({ effect: Codec.text, undertaking: Undertaking }),
  Ended: Codec.record({
    effect: Codec.text,
    outcome: Codec.word("done", "nothing-done"),
    reason: Codec.text,
  }),
  /** A request of a run was carried out: asked again, it gets this answer and nothing happens. */
  Performed: Codec.record({ run: Codec.hash, request: Codec.hash, answer: Codec.value }),
  /** The run is over: its answers are no longer asked for. */
  RunClosed: Codec.record({ run: Codec.hash }),
});
export type AccountEvent = Codec.Of<typeof AccountEvent>;

export interface Account {
  readonly traveler: string;
  /** Ed25519 public key. */
  readonly owner: Uint8Array;
  /** The nonce that the next message must carry. */
  readonly nonce: number;
  /** Free balances by `balanceKey`; negative is a declared debt after a retraction, which blocks withdrawals. */
  readonly balances: ReadonlyMap<string, Decimal.Decimal>;
  /** In sum, by `balanceKey`. */
  readonly reserved: ReadonlyMap<string, Decimal.Decimal>;
  /** The same by holder (`by` of Reserved), then by `balanceKey`; no zeros. */
  readonly held: ReadonlyMap<ContentHash.ContentHash, ReadonlyMap<string, Decimal.Decimal>>;
  /** What was credited and debited, by `settledKey`: a transaction moves an asset once, however often it is reported. */
  readonly settled: ReadonlySet<string>;
  /** Settled by facts that a reorganisation may still undo, by `settledKey`. */
  readonly standing: ReadonlyMap<string, Standing>;
  /** Credits that were taken back and have not come again, by `settledKey`. */
  readonly retracted: ReadonlyMap<string, Settlement>;
  /** Facts that stand for good. */
  readonly final: ReadonlySet<ContentHash.ContentHash>;
  readonly transfers: ReadonlySet<ContentHash.ContentHash>;
  /** Begun and not ended, by effect, oldest first. */
  readonly outstanding: ReadonlyMap<string, Undertaking>;
  /** Answers given to runs that are not closed, by run, then by request. */
  readonly answers: ReadonlyMap<ContentHash.ContentHash, ReadonlyMap<ContentHash.ContentHash, Value.Value>>;
}

export type AccountRefusal =
  | { readonly kind: "WrongNonce"; readonly expected: number; readonly got: number }
  | {
      readonly kind: "InsufficientFunds";
      readonly timeline: string;
      readonly asset: string;
      readonly free: Decimal.Decimal;
      readonly asked: Decimal.Decimal;
    }
  | { readonly kind: "NotPositive"; readonly amount: Decimal.Decimal }
  | { readonly kind: "InDebt"; readonly timeline: string; readonly asset: string; readonly debt: Decimal.Decimal }
  | { readonly kind: "AlreadySettled"; readonly transaction: string }
  | { readonly kind: "NotSettled"; readonly transaction: string };

export function showRefusal(refusal: AccountRefusal): string {
  switch (refusal.kind) {
    case "WrongNonce":
      return `the message has nonce ${refusal.got}, the account expects ${refusal.expected}: ${refusal.got < refusal.expected ? "it was already used" : "an earlier message is missing"}`;
    case "InsufficientFunds":
      return `${Decimal.print(refusal.asked)} ${refusal.asset} asked on ${refusal.timeline}, ${Decimal.print(refusal.free)} free`;
    case "NotPositive":
      return `an amount must be greater than zero, got ${Decimal.print(refusal.amount)}`;
    case "InDebt":
      return `the account owes ${Decimal.print(refusal.debt)} ${refusal.asset} on ${refusal.timeline} after a reorganisation; it must be paid in first`;
    case "AlreadySettled":
      return `the transaction ${refusal.transaction} was already settled`;
    case "NotSettled":
      return `the transaction ${refusal.transaction} was never settled, so it cannot be retracted`;
    default:
      return never(refusal);
  }
}

export const balanceKey = (timeline: string, asset: string): string => `${timeline}/${asset}`;

export const balance = (account: Account, timeline: string, asset: string): Decimal.Decimal =>
  account.balances.get(balanceKey(timeline, asset)) ?? Decimal.zero;

/** What a message with a good signature leads to. Nothing is changed here. */
export function decide(
  account: Account,
  message: { readonly hash: ContentHash.ContentHash; readonly nonce: number; readonly action: Action },
): Result<readonly AccountEvent[], AccountRefusal> {
  if (message.nonce !== account.nonce) return err({ kind: "WrongNonce", expected: account.nonce, got: message.nonce });
  const accepted: AccountEvent = {
    kind: "Accepted",
    message: message.hash,
    nonce: message.nonce,
    action: message.action,
  };
  const action = message.action;
  switch (action.kind) {
    case "Withdraw":
    case "Transfer": {
      const { timeline, asset, amount } = action;
      const free = checkFree(account, timeline, asset, amount);
      if (!free.ok) return free;
      return ok([
        accepted,
        action.kind === "Withdraw"
          ? { kind: "Reserved", timeline, asset, amount, by: message.hash }
          : { kind: "Sent", timeline, asset, amount, to: action.to, transfer: message.hash },
      ]);
    }
    case "Invoke":
    case "DeployProgram":
    case "ActivateProgram":
    case "UpgradeProgram":
    case "UpgradeThrough":
      return ok([accepted]);
    default:
      return never(action);
  }
}

/** An observed move of an asset: `fact` is the evidence, `transaction` (hex) what happened on the timeline. */
export interface Settlement {
  readonly timeline: string;
  readonly asset: string;
  readonly amount: Decimal.Decimal;
  readonly transaction: string;
  readonly fact: ContentHash.ContentHash;
}

/** Applies an observed change of what the account owns on a timeline: once, whoever reports it again. */
export function settle(
  account: Account,
  direction: "in" | "out",
  change: Settlement,
): Result<AccountEvent, AccountRefusal> {
  const { timeline, asset, amount, transaction, fact } = change;
  if (amount.coefficient <= 0n) return err({ kind: "NotPositive", amount });
  if (account.settled.has(settledKey(direction, change))) return err({ kind: "AlreadySettled", transaction });
  return ok({ kind: direction === "in" ? "Credited" : "Debited", timeline, asset, amount, transaction, fact });
}

/** A settlement with its direction. */
export interface Standing extends Settlement {
  readonly direction: "in" | "out";
}

/** Takes a settlement back after a reorganisation: once, and only the one that stands. */
export function retract(
  account: Account,
  settled: Standing,
  retraction: ContentHash.ContentHash,
): Result<AccountEvent, AccountRefusal> {
  const { direction, timeline, asset, amount, transaction, fact } = settled;
  if (account.standing.get(settledKey(direction, settled))?.fact !== fact)
    return err({ kind: "NotSettled", transaction });
  const kind = direction === "in" ? "Retracted" : "Restored";
  return ok({ kind, timeline, asset, amount, transaction, fact, retraction });
}

export function checkFree(
  account: Account,
  timeline: string,
  asset: string,
  amount: Decimal.Decimal,
): Result<undefined, AccountRefusal> {
  if (amount.coefficient <= 0n) return err({ kind: "NotPositive", amount });
  const free = balance(account, timeline, asset);
  if (free.coefficient < 0n) return err({ kind: "InDebt", timeline, asset, debt: Decimal.negate(free) });
  if (Decimal.compare(free, amount) < 0)
    return err({ kind: "InsufficientFunds", timeline, asset, free, asked: amount });
  return ok(undefined);
}

export const opened = (traveler: string, owner: Uint8Array): Account => ({
  traveler,
  owner,
  nonce: 0,
  balances: new Map(),
  reserved: new Map(),
  settled: new Set(),
  standing: new Map(),
  retracted: new Map(),
  final: new Set(),
  transfers: new Set(),
  held: new Map(),
  outstanding: new Map(),
  answers: new Map(),
});

export function evolve(account: Account, event: AccountEvent): Account {
  switch (event.kind) {
    case "Opened":
      return opened(event.traveler, event.owner);
    case "Accepted":
      return { ...account, nonce: event.nonce + 1 };
    case "Refused":
      return account;
    case "Credited":
      return { ...moved(account, event, 1), ...settling(account, "in", event) };
    case "Debited":
      return { ...moved(account, event, -1), ...settling(account, "out", event) };
    case "Retracted":
      return {
        ...moved(account, event, -1),
        ...unsettling(account, "in", event),
        retracted: new Map(account.retracted).set(settledKey("in", event), settlementOf(event)),
      };
    case "Restored":
      return { ...moved(account, event, 1), ...unsettling(account, "out", event) };
    case "Final": {
      const facts = new Set(event.facts);
      return {
        ...account,
        standing: new Map([...account.standing].filter(([, one]) => !facts.has(one.fact))),
        final: new Set([...account.final, ...facts]),
      };
    }
    case "Reserved":
      return { ...moved(account, event, -1), ...holding(account, event, 1) };
    case "Released":
      return { ...moved(account, event, 1), ...holding(account, event, -1) };
    case "Sent":
      return { ...moved(account, event, -1), transfers: new Set(account.transfers).add(event.transfer) };
    case "Received":
      return { ...moved(account, event, 1), transfers: new Set(account.transfers).add(event.transfer) };
    case "Begun":
      return { ...account, outstanding: new Map(account.outstanding).set(event.effect, event.undertaking) };
    case "Ended":
      return { ...account, outstanding: without(account.outstanding, event.effect) };
    case "Performed": {
      const answers = new Map(account.answers.get(event.run)).set(event.request, event.answer);
      return { ...account, answers: new Map(account.answers).set(event.run, answers) };
    }
    case "RunClosed":
      return { ...account, answers: without(account.answers, event.run) };
    default:
      return never(event);
  }
}

interface Change {
  readonly timeline: string;
  readonly asset: string;
  readonly amount: Decimal.Decimal;
}

/** One transaction may move two assets (a trade), each once. */
const settledKey = (direction: "in" | "out", change: Settlement) =>
  `${change.timeline}/${change.transaction}/${change.asset}/${direction}`;

const settlementOf = ({ timeline, asset, amount, transaction, fact }: Settlement): Settlement => ({
  timeline,
  asset,
  amount,
  transaction,
  fact,
});

function settling(account: Account, direction: "in" | "out", change: Settlement) {
  const key = settledKey(direction, change);
  return {
    settled: new Set(account.settled).add(key),
    standing: new Map(account.standing).set(key, { ...settlementOf(change), direction }),
    retracted: without(account.retracted, key),
  };
}

function unsettling(account: Account, direction: "in" | "out", change: Settlement) {
  const key = settledKey(direction, change);
  const settled = new Set(account.settled);
  settled.delete(key);
  return { settled, standing: without(account.standing, key) };
}

const moved = (account: Account, change: Change, sign: 1 | -1): Account => ({
  ...account,
  balances: plus(account.balances, change, sign),
});

function holding(account: Account, change: Change & { readonly by: ContentHash.ContentHash }, sign: 1 | -1) {
  const own = new Map(plus(account.held.get(change.by) ?? new Map(), change, sign));
  const key = balanceKey(change.timeline, change.asset);
  if (own.get(key)?.coefficient === 0n) own.delete(key);
  const held = own.size === 0 ? without(account.held, change.by) : new Map(account.held).set(change.by, own);
  return { reserved: plus(account.reserved, change, sign), held };
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

function plus(
  balances: ReadonlyMap<string, Decimal.Decimal>,
  change: Change,
  sign: 1 | -1,
): ReadonlyMap<string, Decimal.Decimal> {
  const key = balanceKey(change.timeline, change.asset);
  const amount = sign === 1 ? change.amount : Decimal.negate(change.amount);
  return new Map(balances).set(key, Decimal.add(balances.get(key) ?? Decimal.zero, amount));
}

/** The value that a signed message carries. */
export const actionValue = (action: Action): Value.Value => Action.toValue(action);
