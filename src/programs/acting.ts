/** Effects that a timeline carries out for a program: actions, deposits, payments. Each is an undertaking of its account. */
import { Decimal, hashValue, show, Value } from "../content/index.ts";
import { ActionCall, Fact, resolveAction, showBindingError } from "../protocol/index.ts";
import { Bytes, err, ok } from "../std/index.ts";
import * as Account from "./Account.ts";
import {
  type Answer,
  ask,
  bindingsAt,
  doubt,
  errorValue,
  type OutsideContext,
  type OutsideRequest,
  receiptValue,
  report,
  text,
  unsupported,
} from "./answers.ts";
import { appendAccount, assetOf, type Bandit, loadAccount, showBanditError, timelineOf } from "./Bandit.ts";
import { amount, fundsOf, heldFor, notEnough, refusedBy } from "./moving.ts";
import { giveUp, undertake } from "./undertakings.ts";

type Words = { readonly refused: string; readonly failed: string };
const ACT: Words = { refused: "ActRefused", failed: "ActFailed" };
const ACCOUNT: Words = { refused: "AccountRefused", failed: "AccountFailed" };

export async function act(
  bandit: Bandit,
  context: OutsideContext,
  request: OutsideRequest,
  timelineName: string,
  action: Value.Variant,
): Answer {
  const timeline = timelineOf(bandit, timelineName);
  if (!timeline.ok) return ok(errorValue(ACT.refused, [["reason", showBanditError(timeline.error)]]));
  const call = resolveAction(bindingsAt(context, timeline.value), ask(timeline.value, action));
  if (!call.ok) return ok(errorValue(ACT.refused, [["reason", showBindingError(call.error)]]));
  const undertaking: Account.Undertaking = {
    kind: "Act",
    timeline: timelineName,
    action: hashValue(ActionCall.toValue(call.value)),
  };
  return carryOut(bandit, context, request, undertaking, `act ${timelineName} ${show(action)}`, ACT, call.value);
}

/** `deposit!`: from the Traveler's own holdings on the timeline into the account. */
export async function takeIn(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const [timelineName, asset, given] = [text(request.arguments[0]), text(request.arguments[1]), request.arguments[2]];
  const quantity = amount(given);
  if (quantity.coefficient <= 0n) return refusedBy(Account.showRefusal({ kind: "NotPositive", amount: quantity }));
  const known = where(bandit, timelineName, asset);
  if (known !== undefined) return refusedBy(known);
  const undertaking: Account.Undertaking = { kind: "Deposit", timeline: timelineName, asset, amount: quantity };
  const what = `deposit ${Decimal.print(quantity)} ${asset} on ${timelineName}`;
  return carryOut(bandit, context, request, undertaking, what, ACCOUNT);
}

/** `withdraw!` from the free balance, `pay!` from Funds: out of the account, to an address on the timeline. */
export async function payOut(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const timelineName = text(request.arguments[0]);
  const isPay = request.operation === "pay";
  const asset = isPay ? fundsOf(request.arguments[1]).asset : text(request.arguments[1]);
  const quantity = isPay ? fundsOf(request.arguments[1]).amount : amount(request.arguments[2]);
  const account = context.instance.owner;
  const unknown = where(bandit, timelineName, asset);
  if (unknown !== undefined) return refusedBy(unknown);
  const to = receiver(bandit, timelineName, request.arguments.at(-1));
  if (to === undefined) return refusedBy("the receiver is not an address: 0x and 40 hex digits");
  const view = loadAccount(bandit, account);
  if (!view.ok) return unsupported(showBanditError(view.error));
  const undertaking: Account.Undertaking = {
    kind: "Withdraw",
    timeline: timelineName,
    asset,
    amount: quantity,
    to,
    by: context.run,
  };
  const what = `${request.operation} ${Decimal.print(quantity)} ${asset} on ${timelineName}`;
  if (!view.value.account.outstanding.has(request.key)) {
    if (isPay) {
      const held = heldFor(view.value.account, context.run).get(Account.balanceKey(timelineName, asset));
      if (held === undefined || Decimal.compare(held, quantity) < 0)
        return refusedBy(
          `the funds are not on ${timelineName}, which holds ${Decimal.print(held ?? Decimal.zero)} of them`,
        );
    } else if (!Account.checkFree(view.value.account, timelineName, asset, quantity).ok) {
      if (quantity.coefficient <= 0n) return refusedBy(Account.showRefusal({ kind: "NotPositive", amount: quantity }));
      return ok(notEnough(asset, quantity, Account.balance(view.value.account, timelineName, asset)));
    }
  }
  return carryOut(bandit, context, request, undertaking, what, ACCOUNT, undefined, isPay ? undefined : quantity);
}

async function carryOut(
  bandit: Bandit,
  context: OutsideContext,
  request: OutsideRequest,
  undertaking: Account.Undertaking,
  what: string,
  words: Words,
  action?: ActionCall,
  reserving?: Decimal.Decimal,
): Answer {
  const account = context.instance.owner;
  const done = await undertake(bandit, account, request.key, undertaking, action, (recorder) => {
    if (reserving === undefined || undertaking.kind !== "Withdraw") return ok(undefined);
    const { timeline, asset, by } = undertaking;
    const view = loadAccount(recorder, account);
    if (!view.ok) return view;
    // Looked at again inside the transaction: a run beside this one may have spent it.
    const free = Account.checkFree(view.value.account, timeline, asset, reserving);
    if (!free.ok) return err({ kind: "Refused", reason: Account.showRefusal(free.error) });
    appendAccount(recorder, account, { kind: "Reserved", timeline, asset, amount: reserving, by });
    return ok(undefined);
  });
  if (done.ok) {
    const { fact, receipt } = done.value;
    const value = undertaking.kind === "Act" ? receipt.answer : Value.unit;
    report(bandit, request, undertaking.kind === "Act" ? `${what} = ${show(value)}` : what);
    return ok(receiptValue(value, fact.body.observedAt, Fact.hash(fact)));
  }
  const { error } = done;
  if (error.kind === "NothingDone" || error.kind === "Refused") {
    report(bandit, request, `${what}: ${error.reason}`);
    return ok(errorValue(words.refused, [["reason", error.reason]]));
  }
  if (error.kind !== "Open") return unsupported(showBanditError(error));
  return err({
    kind: "Unavailable",
    reason: error.reason,
    giveUp: async () => {
      const known = await giveUp(bandit, account, request.key, error.reason);
      report(bandit, request, `${what}: ${error.reason}`);
      return errorValue(words.failed, [
        ["reason", error.reason],
        ["effects", doubt(known === "nothing-done")],
      ]);
    },
  });
}

/** Why assets of this kind cannot move there. */
function where(bandit: Bandit, timelineName: string, asset: string): string | undefined {
  const timeline = timelineOf(bandit, timelineName);
  const known = timeline.ok ? assetOf(timeline.value, asset) : timeline;
  return known.ok ? undefined : showBanditError(known.error);
}

/** `Some(address)`, or the Traveler's own. */
function receiver(bandit: Bandit, timelineName: string, given: Value.Value | undefined): Uint8Array | undefined {
  if (typeof given === "object" && given.tag === "variant" && given.case === "Some") {
    const { payload } = given;
    return typeof payload === "string" && /^0x[0-9a-f]{40}$/i.test(payload)
      ? Bytes.fromHex(payload.slice(2).toLowerCase())
      : undefined;
  }
  return bandit.timelines.get(timelineName)?.owner;
}
