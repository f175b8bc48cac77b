/**
 * Moving a live program, state and all, to a new version: plan first, then, when the rules and the instance's safety
 * allow it, one durable transaction (ADR 010). Nothing is changed by a plan or by a refusal but the log of the refusal.
 */
import { decodeDefinition } from "../code/index.ts";
import { ContentHash, decodeValue, encode, encodeValue, hashValue, showDecodeError, Value } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import type { Message } from "../protocol/index.ts";
import {
  compilePlan,
  decodeSchema,
  EvolutionRecord,
  type Plan,
  plan,
  type Schema,
  stateForm,
  Tombstone,
  type Uses,
} from "../schema/index.ts";
import { assert, err, ok, type Result } from "../std/index.ts";
import { submit } from "./accounts.ts";
import { appendInstance, type Bandit, type BanditError, type LogReader, loadInstance } from "./Bandit.ts";
import { type CompiledProgram, loadCompiled } from "./CompiledProgram.ts";
import * as Instance from "./Instance.ts";

export interface UpgradePlan {
  readonly instance: Instance.Instance;
  readonly from: CompiledProgram;
  readonly to: CompiledProgram;
  readonly toHash: ContentHash.ContentHash;
  readonly plan: Plan;
  readonly safety: Instance.Safety;
  readonly state: Value.Value;
  /** Length of the program's log when it was planned. */
  readonly height: number;
}

/** What an upgrade would do. Nothing is changed. */
export function planUpgrade(
  bandit: LogReader,
  instanceId: string,
  toHash: ContentHash.ContentHash,
): Result<UpgradePlan, BanditError> {
  const view = loadInstance(bandit, instanceId);
  if (!view.ok) return view;
  const { instance } = view.value;
  const from = loadCompiled(bandit.store, instance.program);
  if (!from.ok) return from;
  const to = loadCompiled(bandit.store, toHash);
  if (!to.ok) return to;
  const before = schemaOf(from.value);
  if (!before.ok) return before;
  const after = schemaOf(to.value);
  if (!after.ok) return after;
  const state = loadState(bandit, instance.state);
  if (!state.ok) return state;
  return ok({
    instance,
    from: from.value,
    to: to.value,
    toHash,
    plan: plan(before.value, after.value, {
      uses: usesOf(bandit, instance, to.value, toHash),
      retired: instance.retired,
    }),
    safety: Instance.safety(instance),
    state: state.value,
    height: view.value.events.length,
  });
}

export interface Upgraded {
  readonly before: Value.Value;
  readonly after: Value.Value;
  readonly record: ContentHash.ContentHash;
}

/**
 * Takes an UpgradeProgram message. The plan is made again in the transaction that applies it, so that it is of the state
 * as it then is. What the rules or the instance's safety refuse is logged with its reasons, and changes nothing.
 */
export async function upgrade(bandit: Bandit, message: Message): Promise<Result<Upgraded, BanditError>> {
  let outcome: Result<Upgraded, readonly string[]> | undefined;
  const taken = await submit(bandit, message, (recorder, { message: hash, action, account }) => {
    const refused = (reason: string) => err({ kind: "Refused", reason } as const);
    if (action.kind !== "UpgradeProgram") return refused("the message does not upgrade a program");
    const planned = planUpgrade(recorder, action.program, action.to);
    if (!planned.ok) return planned;
    const { instance, to, toHash } = planned.value;
    if (instance.owner !== account.name)
      return refused(`${instance.id} belongs to ${instance.owner}, not to ${account.name}`);
    const judged = judge(planned.value, hash);
    if (!judged.ok) {
      outcome = judged;
      const reasons = judged.error;
      return ok(() =>
        appendInstance(recorder, instance.id, {
          kind: "UpgradeRefused",
          to: toHash,
          version: to.version,
          reasons,
          message: hash,
        }),
      );
    }
    outcome = ok(judged.value.upgraded);
    return ok(() => {
      for (const block of judged.value.blocks) recorder.store.put(block);
      appendInstance(recorder, instance.id, judged.value.event);
    });
  });
  if (!taken.ok) return taken;
  assert(outcome !== undefined, "a taken message was judged");
  return outcome.ok ? outcome : err({ kind: "Refused", reason: outcome.error.join("\n") });
}

interface Judged {
  readonly upgraded: Upgraded;
  readonly event: Instance.InstanceEvent;
  readonly blocks: readonly Uint8Array[];
}

/** What applying the plan would write, or why it is refused. */
function judge(planned: UpgradePlan, message: ContentHash.ContentHash): Result<Judged, readonly string[]> {
  const { instance, plan: schemaPlan, from, to, toHash, safety, state } = planned;
  if (instance.upgradePolicy === "pinned") return err([`${instance.id} is pinned to version ${instance.version}`]);
  if (to.name !== from.name) return err([`${instance.id} is ${from.name}; ${to.name} is another program`]);
  const added = [...to.components].find(([name, chain]) => from.components.get(name) !== chain);
  if (added !== undefined)
    return err([
      `${added[0]} on ${added[1]} is no component of ${instance.id}: an upgrade does not reach new timelines`,
    ]);
  if (schemaPlan.verdict === "refused") return err(schemaPlan.problems.map((problem) => problem.what));
  if (safety.kind === "Unsafe") return err([`${instance.id} is not in a safe state: ${safety.reason}`]);
  const misfit = stateForm(schemaPlan.before).check(state);
  if (misfit !== undefined) return err(["the state does not fit the schema of its own version"]);
  const applied = compilePlan(schemaPlan).apply(state);
  if (!applied.ok) return err([applied.error.what]);
  const evolution = EvolutionRecord.of({
    before: schemaPlan.before,
    after: schemaPlan.after,
    evidence: evidenceOf(schemaPlan),
    retired: instance.retired,
    state,
    program: { before: instance.program, after: toHash },
    safeState: {
      strategy: instance.safeStateStrategy,
      pending: hashValue(pendingValue(instance)),
      height: planned.height,
    },
  });
  if (!evolution.ok) return err(evolution.error.map((problem) => problem.what));
  const block = EvolutionRecord.encode(evolution.value);
  const after = applied.value.value;
  return ok({
    upgraded: { before: state, after, record: ContentHash.of(block) },
    event: {
      kind: "Upgraded",
      from: instance.program,
      to: toHash,
      version: to.version,
      record: ContentHash.of(block),
      before: hashValue(state),
      after: hashValue(after),
      retired: schemaPlan.retired,
      message,
    },
    // Removed values stay beside the state, so that a rollback is exact.
    blocks: [
      encodeValue(after),
      block,
      ...applied.value.tombstones.map((tombstone) => encode(Tombstone.toNode(tombstone, schemaPlan.hash))),
    ],
  });
}

const pendingValue = (instance: Instance.Instance): Value.Value => Value.list(instance.pending.map(Value.hash));

const evidenceOf = (upgradePlan: Plan): ReadonlyMap<string, string> =>
  new Map(upgradePlan.changes.flatMap((c) => (c.evidence === undefined ? [] : [[c.path, c.evidence] as const])));

/**
 * Answers who reads a field that is removed. A whole field of the state is unused when no definition that the new
 * version can run touches it and no run of the old one is open; parts of fields are not analysed and count as used.
 */
function usesOf(
  bandit: LogReader,
  instance: Instance.Instance,
  to: CompiledProgram,
  toHash: ContentHash.ContentHash,
): Uses {
  return (path) => {
    const name = /^\$\.([^.[\]{}?#]+)$/.exec(path)?.[1];
    if (name === undefined) return { kind: "unknown", reason: "only whole fields of the state are analysed" };
    if (instance.pending.length > 0) return { kind: "unknown", reason: "runs of the old version are still open" };
    for (const hash of to.dependencies) {
      const block = bandit.store.blocks.get(hash);
      const code =
        block === undefined
          ? undefined
          : decodeDefinition(block, hash, { load: (link) => bandit.store.blocks.get(link) });
      if (code === undefined || !code.ok) return { kind: "unknown", reason: `the definition ${hash} is not here` };
      if (code.value.form === "definition" && touches(code.value.item.body, name)) {
        return { kind: "used", witness: [hash] };
      }
    }
    const certificate = Value.record([
      ["path", path],
      ["pending", pendingValue(instance)],
      ["program", Value.hash(toHash)],
    ]);
    return { kind: "unused", certificate: hashValue(certificate) };
  };
}

export function schemaOf(program: CompiledProgram): Result<Schema.Schema, BanditError> {
  const schema = decodeSchema(program.schema);
  return schema.ok
    ? schema
    : err({ kind: "Damaged", reason: `the schema of ${program.name} ${program.version} cannot be read` });
}

export function loadState(
  bandit: Pick<LogReader, "store">,
  hash: ContentHash.ContentHash,
): Result<Value.Value, BanditError> {
  const block = bandit.store.blocks.get(hash);
  if (block === undefined) return err({ kind: "NoBlock", hash, what: "state" });
  const value = decodeValue(block);
  return value.ok ? value : err({ kind: "Damaged", reason: `the state ${hash}: ${showDecodeError(value.error)}` });
}

/** Whether an expression reads or writes a field of the program's state. */
function touches(expression: Core.Expression, field: string): boolean {
  switch (expression.kind) {
    case "stateGet":
    case "stateSet":
      return expression.field === field;
    case "let":
      return touches(expression.value, field) || touches(expression.body, field);
    case "if":
      return touches(expression.then, field) || touches(expression.else, field);
    case "switch":
      return (
        expression.cases.some((c) => touches(c.body, field)) ||
        (expression.otherwise !== undefined && touches(expression.otherwise, field))
      );
    case "within":
      return touches(expression.body, field) || touches(expression.otherwise, field);
    case "with":
      return touches(expression.body, field);
    default:
      return false;
  }
}
