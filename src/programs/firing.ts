/**
 * Fires what is due: each trigger that came due begins one run of its entry, written down together with why. A crash at
 * any moment leaves both or neither, so that nothing fires twice; what came due while no Bandit was there, or while a run
 * of the program went on, is one run, and the log says how many it stands for.
 */
import { type ContentHash, hashValue, Value } from "../content/index.ts";
import { Bindings, Fact, Retraction, resolveFact, showBindingError } from "../protocol/index.ts";
import { assert, err, ok, type Result } from "../std/index.ts";
import { ask } from "./answers.ts";
import {
  appendInstance,
  type Bandit,
  type BanditError,
  type InstanceView,
  type LogReader,
  loadInstance,
  programStream,
  timelineOf,
  transact,
} from "./Bandit.ts";
import { loadCompiled } from "./CompiledProgram.ts";
import { type Attested, attest } from "./observing.ts";
import { type RunReport, runOwn } from "./running.ts";
import * as Schedule from "./Schedule.ts";
import { showTrigger, type Trigger, triggersOf } from "./Trigger.ts";
import { recheck } from "./watching.ts";

/** What came of one trigger. */
export type Firing =
  | {
      readonly kind: "fired";
      readonly trigger: Trigger;
      readonly report: RunReport;
      /** Of its runs, those that faulted in a row, this one included. */
      readonly faults: number;
    }
  | { readonly kind: "retracted"; readonly trigger: Trigger; readonly fact: ContentHash.ContentHash }
  /** It was not fired, or its run cannot go on now: looked at again the next time. */
  | { readonly kind: "failed"; readonly trigger: Trigger; readonly error: BanditError };

/** The triggers of an active program, with what they did last; none before it is active. */
export function armedOf(
  reader: LogReader,
  { schedule }: Pick<InstanceView, "schedule">,
): Result<readonly Schedule.Armed[], BanditError> {
  let failure: BanditError | undefined;
  const armed = Schedule.armed(schedule, (program) => {
    const triggers = triggersOf(reader.store, program);
    if (triggers.ok) return triggers.value;
    failure ??= triggers.error;
    return [];
  });
  return failure === undefined ? ok(armed) : err(failure);
}

/** Fires each trigger of an instance that is due now, once at most, in the order of the source. */
export async function fireDue(bandit: Bandit, id: string): Promise<Result<readonly Firing[], BanditError>> {
  const view = loadInstance(bandit, id);
  if (!view.ok) return view;
  const armed = armedOf(bandit, view.value);
  if (!armed.ok) return armed;
  const firings: Firing[] = [];
  for (const one of armed.value) {
    const { trigger } = one;
    if (trigger.kind === "fact") firings.push(...(await look(bandit, view.value.instance.program, id, one, trigger)));
    else if (Schedule.dueBy(one, bandit.clock.now()) !== undefined) firings.push(...(await fire(bandit, id, trigger)));
  }
  return ok(firings);
}

/** Begins the run of a trigger, if it still is due in the transaction that records it. */
async function fire(bandit: Bandit, id: string, trigger: Trigger, attested?: Attested): Promise<readonly Firing[]> {
  const done = await runOwn(bandit, id, (recorder, view) => {
    const armed = armedOf(recorder, view);
    if (!armed.ok) return armed;
    const one = armed.value.find((each) => each.trigger.id === trigger.id);
    if (one === undefined) return ok(undefined);
    const fact = attested?.fact;
    const isNew = fact !== undefined && Schedule.isNews(one, fact.body.value);
    const due = isNew ? { due: fact.body.observedAt, missed: 0 } : Schedule.dueBy(one, recorder.at);
    if (due === undefined) return ok(undefined);
    for (const each of attested?.all ?? []) recorder.store.put(Fact.encode(each));
    const run = runName(recorder, id, trigger);
    const seen = fact && { fact: Fact.hash(fact), value: fact.body.value };
    const what = showTrigger(trigger);
    return ok({
      run,
      entry: trigger.entry,
      arguments: trigger.arguments,
      because: { kind: "Triggered", trigger: trigger.id, ...due, seen, run },
      progress: { kind: "trigger", program: id, what, ...due, seen: seen?.value, run },
    });
  });
  if (!done.ok) return [{ kind: "failed", trigger, error: done.error }];
  if (done.value === undefined) return [];
  const after = loadInstance(bandit, id);
  const faults = after.ok ? (after.value.schedule.fired.get(trigger.id)?.faults ?? 0) : 0;
  return [{ kind: "fired", trigger, report: done.value, faults }];
}

/** Named by what stands before it in the program's log, which is there once. */
function runName(reader: LogReader, id: string, trigger: Trigger): ContentHash.ContentHash {
  const stream = programStream(id);
  const head = reader.store.logHead(stream);
  assert(head !== undefined, "a program that runs has a log");
  return hashValue(
    Value.record([
      ["stream", stream],
      ["after", Value.hash(head.entry)],
      ["trigger", Value.hash(trigger.id)],
    ]),
  );
}

type OnFact = Trigger & { readonly kind: "fact" };

/** Whether what was seen last still stands; then whether something else is seen now. */
async function look(
  bandit: Bandit,
  program: ContentHash.ContentHash,
  id: string,
  before: Schedule.Armed,
  trigger: OnFact,
): Promise<readonly Firing[]> {
  const failed = (error: BanditError): Firing => ({ kind: "failed", trigger, error });
  const retracted = await takeBack(bandit, id, before, trigger);
  if (!retracted.ok) return [failed(retracted.error)];
  const done: Firing[] = retracted.value === undefined ? [] : [retracted.value];
  const attested = await observe(bandit, program, trigger);
  if (!attested.ok) return [...done, failed(attested.error)];
  const { last } = before;
  const now = done.length === 0 || last === undefined ? before : { ...before, last: { ...last, seen: undefined } };
  if (!Schedule.isNews(now, attested.value.fact.body.value)) return done;
  return [...done, ...(await fire(bandit, id, trigger, attested.value))];
}

async function takeBack(
  bandit: Bandit,
  id: string,
  { last }: Schedule.Armed,
  trigger: OnFact,
): Promise<Result<Firing | undefined, BanditError>> {
  const hash = last?.seen?.fact;
  const block = hash === undefined ? undefined : bandit.store.blocks.get(hash);
  if (hash === undefined || block === undefined) return ok(undefined);
  const timeline = timelineOf(bandit, trigger.timeline);
  if (!timeline.ok) return timeline;
  const fact = Fact.decode(block);
  if (!fact.ok) return err({ kind: "Damaged", reason: `the fact ${hash} cannot be read` });
  const looked = await recheck(bandit, timeline.value, [{ hash, fact: fact.value }]);
  if (!looked.ok) return err({ kind: "Timeline", timeline: trigger.timeline, reason: looked.error });
  const [gone] = looked.value.gone;
  if (gone === undefined) return ok(undefined);
  return transact(bandit, (recorder): Result<Firing | undefined, BanditError> => {
    const view = loadInstance(recorder, id);
    if (!view.ok) return view;
    if (view.value.schedule.fired.get(trigger.id)?.seen?.fact !== hash) return ok(undefined);
    for (const one of gone.retractions) recorder.store.put(Retraction.encode(one));
    const retraction = Retraction.hash(gone.retractions[0]!);
    appendInstance(recorder, id, { kind: "TriggerRetracted", trigger: trigger.id, fact: hash, retraction });
    return ok({ kind: "retracted", trigger, fact: hash });
  });
}

async function observe(
  bandit: Bandit,
  program: ContentHash.ContentHash,
  trigger: OnFact,
): Promise<Result<Attested, BanditError>> {
  const compiled = loadCompiled(bandit.store, program);
  if (!compiled.ok) return compiled;
  const bindings = Bindings.fromValue(compiled.value.bindings);
  if (!bindings.ok) return err({ kind: "Damaged", reason: `the bindings of ${compiled.value.name} cannot be read` });
  const timeline = timelineOf(bandit, trigger.timeline);
  if (!timeline.ok) return timeline;
  const here = Bindings.withContracts(bindings.value, trigger.timeline, timeline.value.contracts);
  const query = resolveFact(here, ask(timeline.value, trigger.fact));
  if (!query.ok) return err({ kind: "Refused", reason: showBindingError(query.error) });
  return attest(bandit, timeline.value, query.value);
}
