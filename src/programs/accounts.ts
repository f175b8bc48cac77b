/** What a Bandit does for accounts: opens them, and takes the signed messages of their owners. */
import type { ContentHash } from "../content/index.ts";
import { type Fact, Message, type Signer } from "../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import {
  type AccountView,
  accountStream,
  appendAccount,
  assetOf,
  type Bandit,
  type BanditError,
  finerThan,
  loadAccount,
  type Recorder,
  showBanditError,
  timelineOf,
  transact,
} from "./Bandit.ts";
import { carryOutUndertaking, undone } from "./undertakings.ts";

/** Opens an account for a Traveler's key. */
export function openAccount(bandit: Bandit, name: string, owner: Uint8Array): Promise<Result<undefined, BanditError>> {
  return transact(bandit, (recorder) => {
    if (recorder.store.logHead(accountStream(name)) !== undefined) return err({ kind: "AccountExists", account: name });
    appendAccount(recorder, name, { kind: "Opened", traveler: name, owner });
    return ok(undefined);
  });
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

export interface Taken {
  /** The address of the signed message. */
  readonly message: ContentHash.ContentHash;
  readonly action: Account.Action;
}

/**
 * What else a message leads to: checks it against what the transaction sees, and gives the writes, which become durable
 * with the message or not at all. A refusal is logged in its place, and the nonce stays free.
 */
export type Consequence = (
  recorder: Recorder,
  taken: Taken & { readonly account: AccountView },
) => Result<() => void, BanditError>;

const nothingElse: Consequence = () => ok(() => {});

/** Takes a signed message: checks signature, owner, shape and nonce, decides, and logs what follows, in one transaction. */
export function submit(
  bandit: Bandit,
  message: Message,
  consequence: Consequence = nothingElse,
): Promise<Result<Taken, BanditError>> {
  return transact(bandit, (recorder) => {
    const { to, nonce, action: actionValue } = message.body;
    const view = loadAccount(recorder, to);
    if (!view.ok) return view;
    const hash = Message.hash(message);
    recorder.store.put(Message.encode(message));
    const refuse = (error: BanditError, reason: string) => {
      appendAccount(recorder, to, { kind: "Refused", message: hash, reason });
      return err(error);
    };
    const refused = (reason: string) => refuse({ kind: "Refused", reason }, reason);

    if (!Message.isSigned(message, bandit.verify) || !Bytes.equal(message.signer, view.value.account.owner))
      return refuse({ kind: "NotTheOwner", account: to }, "the message is not signed by the account's owner");
    const action = Account.Action.fromValue(actionValue);
    if (!action.ok) {
      const { path, expected, got } = action.error;
      return refused(`the action is malformed: ${path}: expected ${expected}, got ${got}`);
    }
    const events = Account.decide(view.value.account, { hash, nonce, action: action.value });
    if (!events.ok) return refused(Account.showRefusal(events.error));
    const moves = moveOf(bandit, recorder, to, hash, action.value);
    if (!moves.ok) return refused(moves.error);
    const taken = { message: hash, action: action.value };
    const writes = consequence(recorder, { ...taken, account: view.value });
    if (!writes.ok) return refuse(writes.error, showBanditError(writes.error));
    for (const event of events.value) appendAccount(recorder, to, event);
    moves.value();
    writes.value();
    return ok(taken);
  });
}

/** What an action that moves assets needs beside its own account: a receiver that exists, a place where to pay out. */
function moveOf(
  bandit: Bandit,
  recorder: Recorder,
  from: string,
  message: ContentHash.ContentHash,
  action: Account.Action,
): Result<() => void, string> {
  if (action.kind === "Transfer") {
    const { timeline, asset, amount, to } = action;
    const tooFine = finerThan(bandit.timelines.get(timeline), asset, amount);
    if (tooFine !== undefined) return err(tooFine);
    if (recorder.store.logHead(accountStream(to)) === undefined) return err(`there is no account named ${to}`);
    // Both sides in one transaction: what leaves one account arrives in the other.
    return ok(() =>
      appendAccount(recorder, to, { kind: "Received", timeline, asset, amount, from, transfer: message }),
    );
  }
  if (action.kind !== "Withdraw") return ok(() => {});
  const { timeline, asset, amount } = action;
  const to = /^0x[0-9a-f]{40}$/i.test(action.to) ? Bytes.fromHex(action.to.slice(2).toLowerCase()) : undefined;
  if (to === undefined) return err(`${action.to} is not an address: 0x and 40 hex digits`);
  const access = timelineOf(bandit, timeline);
  if (!access.ok || !assetOf(access.value, asset).ok) return err(`${asset} on ${timeline} is not reached from here`);
  const undertaking: Account.Undertaking = { kind: "Withdraw", timeline, asset, amount, to, by: message };
  return ok(() => appendAccount(recorder, from, { kind: "Begun", effect: message, undertaking }));
}

/** Takes a Withdraw message and pays it out; asked again after a crash, `reconcile` finishes it. */
export async function withdraw(bandit: Bandit, message: Message): Promise<Result<Fact, BanditError>> {
  const taken = await submit(bandit, message);
  if (!taken.ok) return taken;
  const view = loadAccount(bandit, message.body.to);
  if (!view.ok) return view;
  const undertaking = view.value.account.outstanding.get(taken.value.message);
  if (undertaking === undefined) return err({ kind: "Refused", reason: "the message is no withdrawal" });
  const done = await carryOutUndertaking(bandit, message.body.to, taken.value.message, undertaking);
  return done.ok ? done : undone(bandit, message.body.to, taken.value.message, done.error);
}
