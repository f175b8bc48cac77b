/**
 * Moving a live program, state and all, to a new version: plan first, then, when the rules and the instance's safety
 * allow it, one durable transaction (ADR 010). Nothing is changed by a plan or by a refusal but the log of the refusal.
 */
import {
  type ContentHash,
  decodeValue,
  encodeValue,
  hashValue,
  showDecodeError,
  type Value,
} from "../content/index.ts";
import { compilePlan, decodeSchema, type Plan, plan, type Schema, stateForm, type Uses } from "../schema/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { type Bandit, type BanditError, loadInstance, programStream, record } from "./Bandit.ts";
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
}

/** What an upgrade would do. `uses` answers for removed fields; without it every removal is refused. */
export function planUpgrade(
  bandit: Pick<Bandit, "store" | "signer">,
  instanceId: string,
  toHash: ContentHash.ContentHash,
  uses?: Uses,
): Result<UpgradePlan, BanditError> {
  const view = loadInstance(bandit as Bandit, instanceId);
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
    plan: plan(before.value, after.value, uses === undefined ? {} : { uses }),
    safety: Instance.safety(instance),
    state: state.value,
  });
}

export interface Upgraded {
  readonly before: Value.Value;
  readonly after: Value.Value;
  readonly record: ContentHash.ContentHash;
}

/** Applies a plan that is not refused, on a safe instance. A refusal is logged with its reasons. */
export async function upgrade(
  bandit: Bandit,
  planned: UpgradePlan,
  message: ContentHash.ContentHash,
): Promise<Result<Upgraded, BanditError>> {
  const { instance, plan: schemaPlan, to, toHash, safety, state } = planned;
  const refuse = async (reasons: readonly string[]) => {
    const event: Instance.InstanceEvent = { kind: "UpgradeRefused", to: toHash, version: to.version, reasons, message };
    await record(bandit, [{ stream: programStream(instance.id), event: Instance.InstanceEvent.toValue(event) }]);
    return err({ kind: "Refused", reason: reasons.join("\n") } as const);
  };
  if (instance.upgradePolicy === "pinned") return refuse([`${instance.id} is pinned to version ${instance.version}`]);
  if (schemaPlan.verdict === "refused") {
    return refuse(schemaPlan.problems.map((problem) => problem.what));
  }
  if (safety.kind === "Unsafe") return refuse([`${instance.id} is not in a safe state: ${safety.reason}`]);
  const misfit = stateForm(schemaPlan.before).check(state);
  if (misfit !== undefined) return refuse(["the state does not fit the schema of its own version"]);
  const applied = compilePlan(schemaPlan).apply(state);
  if (!applied.ok) return refuse([applied.error.what]);
  const before = hashValue(state);
  const after = encodeValue(applied.value.value);
  const evidence = evolutionEvidence(planned, before, hashValue(applied.value.value));
  const event: Instance.InstanceEvent = {
    kind: "Upgraded",
    from: instance.program,
    to: toHash,
    version: to.version,
    record: hashValue(evidence),
    before,
    after: hashValue(applied.value.value),
    message,
  };
  await record(
    bandit,
    [{ stream: programStream(instance.id), event: Instance.InstanceEvent.toValue(event) }],
    (transaction) => {
      transaction.put(after);
      transaction.put(encodeValue(evidence));
    },
  );
  return ok({ before: state, after: applied.value.value, record: hashValue(evidence) });
}

export function schemaOf(program: CompiledProgram): Result<Schema.Schema, BanditError> {
  const schema = decodeSchema(program.schema);
  return schema.ok
    ? schema
    : err({ kind: "Damaged", reason: `the schema of ${program.name} ${program.version} cannot be read` });
}

export function loadState(
  bandit: Pick<Bandit, "store">,
  hash: ContentHash.ContentHash,
): Result<Value.Value, BanditError> {
  const block = bandit.store.blocks.get(hash);
  if (block === undefined) return err({ kind: "NoBlock", hash, what: "state" });
  const value = decodeValue(block);
  return value.ok ? value : err({ kind: "Damaged", reason: `the state ${hash}: ${showDecodeError(value.error)}` });
}
