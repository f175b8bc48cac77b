/**
 * What a running program's effects do: each request of an entry becomes an observation with a proof, a transaction, an
 * event in the log, and its answer becomes the value that the program sees (shapes: language's prelude).
 *
 * Every request has the key (run, index). Asking again with the same key, after a crash, gives the same deed's answer
 * and never does it twice.
 */
import { type ContentHash, hashValue, show, Value } from "../content/index.ts";
import {
  Bindings,
  Fact,
  LogEntry,
  resolveAction,
  resolveFact,
  showBindingError,
  showTimelineError,
  type TimelineError,
} from "../protocol/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { observeFact, settle } from "./accounts.ts";
import { type Bandit, programStream, record, showBanditError, type TimelineAccess, timelineOf } from "./Bandit.ts";
import * as Instance from "./Instance.ts";

export interface OutsideRequest {
  readonly index: number;
  /** The same whenever this request of this run is asked again. */
  readonly key: ContentHash.ContentHash;
  readonly operation: string;
  readonly arguments: readonly Value.Value[];
}

export interface OutsideContext {
  readonly instance: string;
  readonly account: string;
  readonly run: ContentHash.ContentHash;
  readonly bindings: Bindings.Bindings;
}

/** No answer: now (the timeline is away; asking again repeats nothing), or ever (this node cannot do it). */
export interface Unavailable {
  readonly kind: "Unavailable" | "Unsupported";
  readonly reason: string;
}

type Answer = Promise<Result<Value.Value, Unavailable>>;

const unsupported = (reason: string) => err({ kind: "Unsupported", reason } as const);

const unavailable = (reason: string) => err({ kind: "Unavailable", reason } as const);

/** The answer to one request of a run. */
export async function perform(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const [first, second] = request.arguments;
  switch (request.operation) {
    case "observe":
      return observe(bandit, context, request, text(first), declared(second));
    case "act":
      return act(bandit, context, request, text(first), declared(second));
    case "emit":
      return emit(bandit, context, request, first!);
    default:
      return err({ kind: "Unsupported", reason: `this node does not ${request.operation} for programs` });
  }
}

async function observe(
  bandit: Bandit,
  context: OutsideContext,
  request: OutsideRequest,
  timelineName: string,
  fact: Value.Variant,
): Answer {
  const timeline = timelineOf(bandit, timelineName);
  if (!timeline.ok) return unsupported(showBanditError(timeline.error));
  const query = resolveFact(bindingsAt(context, timeline.value), ask(timeline.value, fact));
  if (!query.ok) return unsupported(showBindingError(query.error));
  const seen = await observeFact(bandit, timeline.value, query.value, show(fact));
  if (!seen.ok) return unavailable(showBanditError(seen.error));
  const { value, observedAt } = seen.value.body;
  bandit.report({
    kind: "effect",
    index: request.index,
    what: `observe ${timelineName} ${show(fact)} = ${show(value)}`,
  });
  return ok(
    Value.record([
      ["value", value],
      ["observedAt", Value.instant(observedAt)],
      ["proof", Value.hash(Fact.hash(seen.value))],
    ]),
  );
}

async function act(
  bandit: Bandit,
  context: OutsideContext,
  request: OutsideRequest,
  timelineName: string,
  action: Value.Variant,
): Answer {
  const timeline = timelineOf(bandit, timelineName);
  if (!timeline.ok) return ok(refused(showBanditError(timeline.error)));
  const call = resolveAction(bindingsAt(context, timeline.value), ask(timeline.value, action));
  if (!call.ok) return ok(refused(showBindingError(call.error)));
  const receipt = await timeline.value.adapter.act(call.value, request.key);
  if (!receipt.ok) {
    bandit.report({
      kind: "effect",
      index: request.index,
      what: `act ${timelineName} ${show(action)}: ${showTimelineError(receipt.error)}`,
    });
    return ok(actError(receipt.error));
  }
  const fact = await settle(bandit, context.account, timeline.value, receipt.value, show(action));
  // The trade happened, but its proof is not accepted yet: asking again settles it.
  if (!fact.ok) return unavailable(showBanditError(fact.error));
  bandit.report({
    kind: "effect",
    index: request.index,
    what: `act ${timelineName} ${show(action)} = ${show(receipt.value.answer)}`,
  });
  return ok(
    Value.okValue(
      Value.record([
        ["value", receipt.value.answer],
        ["at", Value.instant(fact.value.body.observedAt)],
        ["reference", Fact.hash(fact.value)],
      ]),
    ),
  );
}

async function emit(bandit: Bandit, context: OutsideContext, request: OutsideRequest, event: Value.Value): Answer {
  const entry: Instance.InstanceEvent = { kind: "Emitted", run: context.run, index: request.index, event };
  const value = Instance.InstanceEvent.toValue(entry);
  if (!alreadyEmitted(bandit, context, value))
    await record(bandit, [{ stream: programStream(context.instance), event: value }]);
  bandit.report({ kind: "effect", index: request.index, what: `emit ${show(event)}` });
  return ok(Value.unit);
}

/** After a crash between log and answer the event stands already: it is the last ones' business, so a look back suffices. */
function alreadyEmitted(bandit: Bandit, context: OutsideContext, event: Value.Value): boolean {
  const wanted = hashValue(event);
  const stream = programStream(context.instance);
  const head = bandit.store.logHead(stream);
  if (head === undefined) return false;
  return bandit.store.logEntries(stream, Math.max(0, head.sequence - EVENTS_BACK)).some((entry) => {
    const block = bandit.store.blocks.get(entry.entry);
    const read = block === undefined ? undefined : LogEntry.decode(block);
    return read?.ok === true && hashValue(read.value.body.event) === wanted;
  });
}

const EVENTS_BACK = 256;

/** The bindings of the manifest, with the addresses that the network gives to the contracts' names. */
const bindingsAt = (context: OutsideContext, timeline: TimelineAccess): Bindings.Bindings =>
  Bindings.withContracts(context.bindings, timeline.name, timeline.contracts);

const ask = (timeline: TimelineAccess, declaredValue: Value.Variant) => ({
  timeline: timeline.name,
  name: declaredValue.case,
  arguments:
    typeof declaredValue.payload === "object" && declaredValue.payload.tag === "record"
      ? declaredValue.payload
      : Value.record([]),
  account: timeline.adapter.account,
});

const refused = (reason: string): Value.Value =>
  Value.errValue(Value.variant("ActRefused", Value.record([["reason", reason]])));

/** `Refused` promises that nothing was done; a revert did nothing either; of all else nobody knows. */
function actError(error: TimelineError): Value.Value {
  const reason = showTimelineError(error);
  if (error.kind === "Refused" || error.kind === "OverGas" || error.kind === "Unsupported") return refused(reason);
  const effects = Value.variant(error.kind === "Reverted" ? "NoneDone" : "Unknown");
  return Value.errValue(
    Value.variant(
      "ActFailed",
      Value.record([
        ["reason", reason],
        ["effects", effects],
      ]),
    ),
  );
}

function text(value: Value.Value | undefined): string {
  if (typeof value !== "string") throw new Error("internal error: the checker lets only a Timeline through here");
  return value;
}

function declared(value: Value.Value | undefined): Value.Variant {
  if (typeof value !== "object" || value.tag !== "variant")
    throw new Error("internal error: the checker lets only a fact or action through here");
  return value;
}
