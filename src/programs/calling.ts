/**
 * Calls between programs of one Traveler on one Bandit: the callee's entry runs as a run of its own, with its own log
 * entries, under the call's key. A call that is asked again after a crash finds that run and gives its answer.
 *
 * The caller is never held for longer than its own deadline; calls in a circle are refused (design/programs §3).
 */
import { ContentHash, Value } from "../content/index.ts";
import { idempotencyKey } from "../execution/index.ts";
import { ok } from "../std/index.ts";
import { type Answer, doubt, errorValue, type OutsideContext, type OutsideRequest, report, text } from "./answers.ts";
import { type Bandit, type InstanceView, type LogReader, loadInstance, programIds } from "./Bandit.ts";
import { type CompiledProgram, loadCompiled } from "./CompiledProgram.ts";

export async function call(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const asked = callOf(context, request);
  const caller = context.instance;
  const target = targetOf(bandit, caller.owner, asked.program);
  if (typeof target === "string") return refused(target);
  const { id, view, program } = target;
  const what = `invoke ${id}.${asked.entry}`;
  const mine = view.events.some(({ event }) => event.kind === "RunStarted" && event.run === request.key);
  if (context.chain.includes(id)) {
    // After a crash the callee may have begun: then nobody can promise that it did nothing.
    const reason = `${id} waits for this run itself: calls in a circle are refused`;
    return mine ? failed(reason, false) : refused(reason);
  }
  if (!mine) {
    if (context.safeStateStrategy === "strict")
      return refused(`${caller.id} has the safe-state strategy strict, which allows no calls`);
    if (view.instance.owner !== caller.owner)
      return refused(`${id} belongs to ${view.instance.owner}; only programs of ${caller.owner} are called from here`);
    if (view.instance.status === "deployed") return refused(`${id} is not active`);
    const away = [...program.components.keys()].find((name) => !bandit.timelines.has(name));
    if (away !== undefined) return refused(`${id} needs ${away}, which is not reached from here now`);
  }
  const entry = program.entries.find((e) => e.name === asked.entry);
  if (entry === undefined) return refused(`${id} has no entry ${asked.entry}`);
  const args: Value.Value[] = [];
  for (const { name } of entry.parameters) {
    const value = Value.field(asked.arguments, name);
    if (value === undefined) return refused(`the call gives no ${name}`);
    args.push(value);
  }
  report(bandit, request, what);
  const started = bandit.clock.now();
  const run = await context.runCall(id, {
    entry: asked.entry,
    arguments: args,
    key: request.key,
    chain: context.chain,
    deadline: context.deadline,
    signal: context.signal,
  });
  switch (run.kind) {
    case "ended":
      return run.outcome === "returned" ? ok(Value.okValue(run.result)) : failed(String(run.result), false);
    case "late":
      return ok(errorValue("TimedOut", [["after", Value.duration(bandit.clock.now() - started)]]));
    case "refused":
      return refused(run.reason);
  }
}

/** What became of the last such call of this run. */
export async function query(bandit: Bandit, context: OutsideContext, request: OutsideRequest): Answer {
  const asked = callOf(context, request);
  const target = targetOf(bandit, context.instance.owner, asked.program);
  if (typeof target === "string") return refused(target);
  const keys = new Set<string>();
  for (let index = 0; index < request.index; index++) keys.add(idempotencyKey(context.traceRun, index));
  const wanted = target.program.entries
    .find((e) => e.name === asked.entry)
    ?.parameters.map(({ name }) => Value.field(asked.arguments, name) ?? Value.unit);
  const started = target.view.events.findLast(
    ({ event }) =>
      event.kind === "RunStarted" &&
      keys.has(event.run) &&
      event.entry === asked.entry &&
      wanted !== undefined &&
      Value.equal(Value.list(event.arguments), Value.list(wanted)),
  )?.event;
  if (started?.kind !== "RunStarted") return refused("this run made no such call, or it never began");
  const ended = target.view.events.find(({ event }) => event.kind === "RunEnded" && event.run === started.run)?.event;
  if (ended?.kind !== "RunEnded") return failed(`${target.id} has not answered yet`, false);
  return ended.outcome === "returned" ? ok(Value.okValue(ended.result)) : failed(String(ended.result), false);
}

interface Asked {
  readonly program: string;
  readonly entry: string;
  readonly arguments: Value.Record;
}

function callOf(context: OutsideContext, request: OutsideRequest): Asked {
  const value = request.arguments[0];
  const args = typeof value === "object" && value.tag === "record" ? Value.field(value, "arguments") : undefined;
  if (typeof value !== "object" || value.tag !== "record" || typeof args !== "object" || args.tag !== "record")
    throw new Error("internal error: the checker lets only a call through here");
  const named = text(Value.field(value, "program"));
  const program = context.programs.get(named) ?? named;
  return { program, entry: text(Value.field(value, "entry")), arguments: args };
}

interface Target {
  readonly id: string;
  readonly view: InstanceView;
  readonly program: CompiledProgram;
}

/** By id, by its name in the caller's account, or by the hash of the program that it runs; else the reason why not. */
function targetOf(reader: LogReader, owner: string, name: string): Target | string {
  const bare = name.startsWith("#") ? name.slice(1) : name;
  const ids = programIds(reader);
  for (const id of [name, `${owner}/${name}`, ...(ContentHash.parse(bare) === undefined ? [] : ids)]) {
    if (!ids.includes(id)) continue;
    const view = loadInstance(reader, id);
    if (!view.ok) continue;
    const { instance } = view.value;
    const program = loadCompiled(reader.store, instance.program);
    if (!program.ok) continue;
    const isNamed = id === name || id === `${owner}/${name}`;
    if (isNamed || instance.program === bare || program.value.definition === bare)
      return { id, view: view.value, program: program.value };
  }
  return `there is no program ${name} here`;
}

const refused = async (reason: string): Answer => ok(errorValue("Refused", [["reason", reason]]));

const failed = async (reason: string, isKnown: boolean): Answer =>
  ok(
    errorValue("Failed", [
      ["reason", reason],
      ["effects", doubt(isKnown)],
    ]),
  );
