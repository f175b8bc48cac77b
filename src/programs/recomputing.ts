/**
 * Another party's check of a program's upgrades: each is planned, its migrations run and its record made again from the
 * log before it and the code it names. Every byte must come out as it stands in the log.
 */
import { ContentHash } from "../content/index.ts";
import { Message, showSignedError } from "../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import {
  type BanditError,
  type InstanceView,
  type LogReader,
  loadAccount,
  loadInstance,
  showBanditError,
} from "./Bandit.ts";
import * as Instance from "./Instance.ts";
import { planFrom } from "./planning.ts";
import { judge, upgradeAsked } from "./upgrading.ts";

export interface RecomputedUpgrade {
  readonly from: string;
  readonly to: string;
  readonly record: ContentHash.ContentHash;
}

type Before = Pick<InstanceView, "instance" | "events">;
type Upgraded = Instance.InstanceEvent & { readonly kind: "Upgraded" };

/** All upgrades of a program, oldest first; refused at the first that does not come out as it was logged. */
export function recomputeUpgrades(reader: LogReader, id: string): Result<readonly RecomputedUpgrade[], BanditError> {
  const view = loadInstance(reader, id);
  if (!view.ok) return view;
  const { events } = view.value;
  const done: RecomputedUpgrade[] = [];
  let instance: Instance.Instance | undefined;
  for (const [height, { event }] of events.entries()) {
    if (instance !== undefined && event.kind === "Upgraded") {
      const wrong = recompute(reader, { instance, events: events.slice(0, height) }, event);
      if (wrong !== undefined)
        return err({ kind: "Refused", reason: `${id} ${instance.version} → ${event.version}: ${wrong}` });
      done.push({ from: instance.version, to: event.version, record: event.record });
    }
    if (event.kind === "Created") instance = Instance.created(id, event);
    else if (instance !== undefined) instance = Instance.evolve(instance, event);
  }
  return ok(done);
}

/** Why an upgrade is not what the program and its log give; undefined: it is. */
function recompute(reader: LogReader, before: Before, event: Upgraded): string | undefined {
  const asked = consentTo(reader, before, event);
  if (asked !== undefined) return asked;
  const planned = planFrom(reader, before, [event.to]);
  if (!planned.ok) return `it cannot be planned again: ${showBanditError(planned.error)}`;
  const judged = judge(planned.value, event.message);
  if (!judged.ok) return `it is refused when it is judged again: ${judged.error.join("; ")}`;
  const [again] = judged.value.events;
  for (const key of ["record", "after", "before", "from", "version", "retired"] as const)
    if (JSON.stringify(again![key]) !== JSON.stringify(event[key]))
      return `its ${key} is ${JSON.stringify(event[key])}, and comes out as ${JSON.stringify(again![key])}`;
  const lost = judged.value.blocks.some((block) => !reader.store.blocks.has(ContentHash.of(block)));
  return lost ? "what it gives is not in the store" : undefined;
}

/** Whether the message that the log names asks for this upgrade, in the words of the account's owner. */
function consentTo(reader: LogReader, { instance }: Before, event: Upgraded): string | undefined {
  const block = reader.store.blocks.get(event.message);
  if (block === undefined) return `the message ${event.message} that asked for it is not in the store`;
  const message = Message.open(block, reader.verify);
  if (!message.ok) return `the message that asked for it cannot be read: ${showSignedError(message.error)}`;
  const account = loadAccount(reader, instance.owner);
  if (!account.ok) return showBanditError(account.error);
  if (!Bytes.equal(message.value.signer, account.value.account.owner))
    return `the message that asked for it is not signed by the owner of ${instance.owner}`;
  const action = Account.Action.fromValue(message.value.body.action);
  const asked = action.ok ? upgradeAsked(action.value) : undefined;
  return asked?.program === instance.id && asked.versions.includes(event.to)
    ? undefined
    : "no message of the owner asks for it";
}
