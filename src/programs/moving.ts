/**
 * Effects that move assets inside the account: transfers to other accounts, and Funds, which a run holds in reserve
 * until it sends, pays or releases them, or ends.
 *
 * An asset may lie on several timelines. What names no timeline takes from them in the order of their names, and arrives
 * on the same ones: the sum per timeline and asset never changes. Each answer is logged with its moves, so that a request
 * that is asked again moves nothing.
 */
import { type ContentHash, Decimal, Value } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import {
  type Answer,
  errorValue,
  type OutsideContext,
  type OutsideRequest,
  receiptValue,
  report,
  text,
  unsupported,
} from "./answers.ts";
import {
  accountStream,
  appendAccount,
  type Bandit,
  finerThan,
  type LogReader,
  loadAccount,
  loadInstance,
  type Recorder,
  showBanditError,
  transact,
} from "./Bandit.ts";

interface Portion {
  readonly timeline: string;
  readonly asset: string;
  readonly amount: Decimal.Decimal;
}

/** `transfer!`: from the free balance to another account. */
export function transfer(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const [to, asset, quantity] = [text(request.arguments[0]), text(request.arguments[1]), amount(request.arguments[2])];
  return once(
    bandit,
    context,
    request,
    `transfer ${Decimal.print(quantity)} ${asset} to ${to}`,
    (recorder, account) => {
      const portions = portionsOf(account.balances, asset, quantity);
      if (!portions.ok) return portions;
      return deliver(bandit, recorder, context, request, to, portions.value);
    },
  );
}

/** `reserve!`: free balance becomes Funds. */
export function reserve(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const [asset, quantity] = [text(request.arguments[0]), amount(request.arguments[1])];
  return once(bandit, context, request, `reserve ${Decimal.print(quantity)} ${asset}`, (recorder, account) => {
    const portions = portionsOf(account.balances, asset, quantity);
    if (!portions.ok) return portions;
    for (const portion of portions.value)
      appendAccount(recorder, context.instance.owner, { kind: "Reserved", ...portion, by: context.run });
    return ok(
      Value.okValue(
        Value.record([
          ["amount", quantity],
          ["asset", asset],
        ]),
      ),
    );
  });
}

/** `send!`: Funds to another account. */
export function send(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const to = text(request.arguments[0]);
  const funds = fundsOf(request.arguments[1]);
  return once(
    bandit,
    context,
    request,
    `send ${Decimal.print(funds.amount)} ${funds.asset} to ${to}`,
    (recorder, account) => {
      const portions = portionsOf(heldFor(account, context.run), funds.asset, funds.amount);
      if (!portions.ok) return portions;
      // The Funds are used up whether or not they arrive: what is not delivered is free again.
      free(recorder, context, portions.value);
      return deliver(bandit, recorder, context, request, to, portions.value);
    },
  );
}

/** `release!`: Funds back into the free balance. */
export function release(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const funds = fundsOf(request.arguments[0]);
  return once(
    bandit,
    context,
    request,
    `release ${Decimal.print(funds.amount)} ${funds.asset}`,
    (recorder, account) => {
      const portions = portionsOf(heldFor(account, context.run), funds.asset, funds.amount);
      if (portions.ok) free(recorder, context, portions.value);
      return ok(Value.unit);
    },
  );
}

/**
 * Does it and logs the answer in one transaction, or gives the answer that was logged. `Err` of `work` is an answer too,
 * and moves nothing.
 */
async function once(
  bandit: Bandit,
  context: OutsideContext,
  request: OutsideRequest,
  what: string,
  work: (recorder: Recorder, account: Account.Account) => Result<Value.Value, Value.Value>,
): Answer {
  const owner = context.instance.owner;
  const done = await transact(bandit, (recorder) => {
    const view = loadAccount(recorder, owner);
    if (!view.ok) return view;
    const known = view.value.account.answers.get(context.run)?.get(request.key);
    if (known !== undefined) return ok(known);
    const given = work(recorder, view.value.account);
    const answer = given.ok ? given.value : given.error;
    appendAccount(recorder, owner, { kind: "Performed", run: context.run, request: request.key, answer });
    return ok(answer);
  });
  if (!done.ok) return unsupported(showBanditError(done.error));
  report(bandit, request, what);
  return ok(done.value);
}

function deliver(
  bandit: Bandit,
  recorder: Recorder,
  context: OutsideContext,
  request: OutsideRequest,
  to: string,
  portions: readonly Portion[],
): Result<Value.Value, Value.Value> {
  const from = context.instance.owner;
  const receiver = partyOf(recorder, from, to);
  if (receiver === undefined) return err(refusal(`there is no account or program named ${to}`));
  for (const { timeline, asset, amount: part } of portions) {
    const tooFine = finerThan(bandit.timelines.get(timeline), asset, part);
    if (tooFine !== undefined) return err(refusal(tooFine));
  }
  for (const portion of portions) {
    appendAccount(recorder, from, { kind: "Sent", ...portion, to: receiver, transfer: request.key });
    appendAccount(recorder, receiver, { kind: "Received", ...portion, from, transfer: request.key });
  }
  return ok(receiptValue(Value.unit, recorder.at, request.key));
}

function free(recorder: Recorder, context: OutsideContext, portions: readonly Portion[]): void {
  for (const portion of portions)
    appendAccount(recorder, context.instance.owner, { kind: "Released", ...portion, by: context.run });
}

/** A party is an account, or a program, which means its owner's account. */
function partyOf(reader: LogReader, from: string, to: string): string | undefined {
  if (reader.store.logHead(accountStream(to)) !== undefined) return to;
  for (const id of [to, `${from}/${to}`]) {
    const program = loadInstance(reader, id);
    if (program.ok) return program.value.instance.owner;
  }
  return undefined;
}

/** What a run holds and has not promised to a payment that is on its way, by `balanceKey`. */
export function heldFor(account: Account.Account, run: ContentHash.ContentHash): ReadonlyMap<string, Decimal.Decimal> {
  const held = new Map(account.held.get(run) ?? []);
  for (const undertaking of account.outstanding.values()) {
    if (undertaking.kind !== "Withdraw" || undertaking.by !== run) continue;
    const key = Account.balanceKey(undertaking.timeline, undertaking.asset);
    held.set(key, Decimal.subtract(held.get(key) ?? Decimal.zero, undertaking.amount));
  }
  return held;
}

/** Frees what a run still holds when it is over, and forgets its answers. */
export function closeRun(recorder: Recorder, owner: string, run: ContentHash.ContentHash): void {
  const view = loadAccount(recorder, owner);
  if (!view.ok) return;
  const { account } = view.value;
  for (const [key, left] of heldFor(account, run)) {
    if (left.coefficient <= 0n) continue;
    appendAccount(recorder, owner, { kind: "Released", ...placeOf(key), amount: left, by: run });
  }
  if (account.answers.has(run)) appendAccount(recorder, owner, { kind: "RunClosed", run });
}

/** Takes an amount from timelines in the order of their names; an Err is the answer that refuses it. */
function portionsOf(
  balances: ReadonlyMap<string, Decimal.Decimal>,
  asset: string,
  quantity: Decimal.Decimal,
): Result<readonly Portion[], Value.Value> {
  if (quantity.coefficient <= 0n) return err(refusal(Account.showRefusal({ kind: "NotPositive", amount: quantity })));
  const portions: Portion[] = [];
  let left = quantity;
  let available = Decimal.zero;
  for (const key of [...balances.keys()].sort(Value.compareText)) {
    const place = placeOf(key);
    const has = balances.get(key)!;
    if (place.asset !== asset || has.coefficient <= 0n) continue;
    available = Decimal.add(available, has);
    if (left.coefficient === 0n) continue;
    const taken = Decimal.compare(has, left) < 0 ? has : left;
    portions.push({ ...place, amount: taken });
    left = Decimal.subtract(left, taken);
  }
  return left.coefficient === 0n ? ok(portions) : err(notEnough(asset, quantity, available));
}

/** The parts of a `balanceKey`; names of assets have no slash. */
function placeOf(key: string): { readonly timeline: string; readonly asset: string } {
  const at = key.lastIndexOf("/");
  return { timeline: key.slice(0, at), asset: key.slice(at + 1) };
}

export const notEnough = (asset: string, needed: Decimal.Decimal, available: Decimal.Decimal): Value.Value =>
  errorValue("NotEnough", [
    ["asset", asset],
    ["needed", needed],
    ["available", available],
  ]);

const refusal = (reason: string): Value.Value => errorValue("AccountRefused", [["reason", reason]]);

export const refusedBy = async (reason: string): Answer => ok(refusal(reason));

/** A Decimal, or an Int where a Decimal is meant. */
export function amount(value: Value.Value | undefined): Decimal.Decimal {
  if (typeof value === "object" && value.tag === "decimal") return value;
  if (typeof value === "number" || typeof value === "bigint") return Decimal.fromInt(value);
  throw new Error("internal error: the checker lets only a Decimal through here");
}

export function fundsOf(value: Value.Value | undefined): { readonly asset: string; readonly amount: Decimal.Decimal } {
  if (typeof value !== "object" || value.tag !== "record")
    throw new Error("internal error: the checker lets only Funds through here");
  return { asset: text(Value.field(value, "asset")), amount: amount(Value.field(value, "amount")) };
}
