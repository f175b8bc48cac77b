/**
 * What a running program's effects do: each request of an entry becomes an observation with a proof, a transaction, a
 * move of assets, a call, an event in the log, and its answer becomes the value that the program sees (shapes: language's
 * prelude).
 *
 * Every request has the key (run, index). Asking again with the same key, after a crash, gives the same deed's answer
 * and never does it twice.
 */
import { hashValue, show, Value } from "../content/index.ts";
import { Fact, resolveFact, showBindingError } from "../protocol/index.ts";
import { ok } from "../std/index.ts";
import { act, payOut, takeIn } from "./acting.ts";
import {
  type Answer,
  ask,
  bindingsAt,
  declared,
  type OutsideContext,
  type OutsideRequest,
  report,
  text,
  unavailable,
  unsupported,
} from "./answers.ts";
import { appendInstance, type Bandit, loadInstance, showBanditError, timelineOf, transact } from "./Bandit.ts";
import { call, query } from "./calling.ts";
import { release, reserve, send, transfer } from "./moving.ts";
import { observeFact } from "./observing.ts";

/** The answer to one request of a run. */
export async function perform(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const given = request.arguments;
  switch (request.operation) {
    case "observe":
      return observe(bandit, context, request, text(given[0]), declared(given[1]));
    case "act":
      return act(bandit, context, request, text(given[0]), declared(given[1]));
    case "emit":
      return emit(bandit, context, request, given[0]!);
    case "deposit":
      return takeIn(bandit, context, request);
    case "withdraw":
    case "pay":
      return payOut(bandit, context, request);
    case "transfer":
      return transfer(bandit, context, request);
    case "reserve":
      return reserve(bandit, context, request);
    case "send":
      return send(bandit, context, request);
    case "release":
      return release(bandit, context, request);
    case "invoke":
      return call(bandit, context, request);
    case "query":
      return query(bandit, context, request);
    default:
      return unsupported(`this node does not ${request.operation} for programs`);
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
  report(bandit, request, `observe ${timelineName} ${show(fact)} = ${show(value)}`);
  return ok(
    Value.record([
      ["value", value],
      ["observedAt", Value.instant(observedAt)],
      ["proof", Value.hash(Fact.hash(seen.value))],
    ]),
  );
}

async function emit(bandit: Bandit, context: OutsideContext, request: OutsideRequest, event: Value.Value): Answer {
  const { index } = request;
  const wanted = hashValue(event);
  await transact(bandit, (recorder) => {
    const view = loadInstance(recorder, context.instance.id);
    // After a crash between log and answer the event stands already.
    const stands =
      view.ok &&
      view.value.events.some(
        ({ event: logged }) =>
          logged.kind === "Emitted" &&
          logged.run === context.run &&
          logged.index === index &&
          hashValue(logged.event) === wanted,
      );
    if (!stands) appendInstance(recorder, context.instance.id, { kind: "Emitted", run: context.run, index, event });
  });
  report(bandit, request, `emit ${show(event)}`);
  return ok(Value.unit);
}
