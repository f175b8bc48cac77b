/**
 * Moving a live program, state and all, to a new version: the plan is judged, then, when the rules, its migrations and the
 * instance's safety allow it, applied in one durable transaction (ADR 010). A refusal changes nothing but the log.
 */
import semver from "semver";
import { ContentHash, encode, encodeValue, hashValue, type Value } from "../content/index.ts";
import type { Message } from "../protocol/index.ts";
import { compilePlan, EvolutionRecord, type Plan, type Problem, stateForm, Tombstone } from "../schema/index.ts";
import { assert, err, ok, type Result } from "../std/index.ts";
import type * as Account from "./Account.ts";
import { submit } from "./accounts.ts";
import { appendInstance, type Bandit, type BanditError, loadInstance } from "./Bandit.ts";
import type { CompiledProgram } from "./CompiledProgram.ts";
import * as Instance from "./Instance.ts";
import { pendingValue, planFrom, STEPS_MAX, type UpgradePlan, type UpgradeStep } from "./planning.ts";

export interface Upgraded {
  readonly before: Value.Value;
  readonly after: Value.Value;
  /** The evolution record of each step. */
  readonly records: readonly ContentHash.ContentHash[];
}

/**
 * Takes an UpgradeProgram or UpgradeThrough message. The plan is made again in the transaction that applies it, so that it
 * is of the state as it then is. What the rules, a migration or the instance's safety refuse is logged with its reasons,
 * and changes nothing: all steps are taken, or none.
 */
export async function upgrade(bandit: Bandit, message: Message): Promise<Result<Upgraded, BanditError>> {
  let outcome: Result<Upgraded, readonly string[]> | undefined;
  const taken = await submit(bandit, message, (recorder, { message: hash, action, account }) => {
    const refused = (reason: string) => err({ kind: "Refused", reason } as const);
    const asked = upgradeAsked(action);
    if (asked === undefined) return refused("the message does not upgrade a program");
    const { program, versions } = asked;
    if (versions.length === 0 || versions.length > STEPS_MAX)
      return refused(`an upgrade goes through 1 to ${STEPS_MAX} versions, not ${versions.length}`);
    const view = loadInstance(recorder, program);
    if (!view.ok) return view;
    const planned = planFrom(recorder, view.value, versions);
    if (!planned.ok) return planned;
    const { instance, steps } = planned.value;
    if (instance.owner !== account.name)
      return refused(`${instance.id} belongs to ${instance.owner}, not to ${account.name}`);
    const judged = judge(planned.value, hash);
    if (!judged.ok) {
      outcome = judged;
      const reasons = judged.error;
      const { to, toHash } = steps.at(-1)!;
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
      for (const event of judged.value.events) appendInstance(recorder, instance.id, event);
    });
  });
  if (!taken.ok) return taken;
  assert(outcome !== undefined, "a taken message was judged");
  return outcome.ok ? outcome : err({ kind: "Refused", reason: outcome.error.join("\n") });
}

export interface UpgradeAsked {
  readonly program: string;
  /** To go through, the wanted one last. */
  readonly versions: readonly ContentHash.ContentHash[];
}

export function upgradeAsked(action: Account.Action): UpgradeAsked | undefined {
  if (action.kind === "UpgradeProgram") return { program: action.program, versions: [action.to] };
  return action.kind === "UpgradeThrough" ? action : undefined;
}

/** What the upgrade would make of the state as it is now, or why it is refused. Nothing is changed. */
export function preview(planned: UpgradePlan): Result<Upgraded, readonly string[]> {
  const judged = judge(planned, planned.steps.at(-1)!.toHash);
  return judged.ok ? ok(judged.value.upgraded) : judged;
}

type UpgradedEvent = Instance.InstanceEvent & { readonly kind: "Upgraded" };

interface Judged {
  readonly upgraded: Upgraded;
  readonly events: readonly UpgradedEvent[];
  readonly blocks: readonly Uint8Array[];
}

/** What applying the plan would write, or why it is refused: one step after the other, on what the one before gave. */
export function judge(planned: UpgradePlan, message: ContentHash.ContentHash): Result<Judged, readonly string[]> {
  const events: UpgradedEvent[] = [];
  const blocks: Uint8Array[] = [];
  let at: Before = planned;
  for (const step of planned.steps) {
    const judged = judgeStep(at, step, message);
    if (!judged.ok) {
      const where = planned.steps.length === 1 ? "" : `${step.from.version} → ${step.to.version}: `;
      return err(judged.error.map((reason) => where + reason));
    }
    const { event, after } = judged.value;
    events.push(event);
    blocks.push(...judged.value.blocks);
    at = { instance: Instance.evolve(at.instance, event), state: after, height: at.height + 1 };
  }
  const records = events.map((event) => event.record);
  return ok({ upgraded: { before: planned.state, after: at.state, records }, events, blocks });
}

type Before = Pick<UpgradePlan, "instance" | "state" | "height">;

interface JudgedStep {
  readonly event: UpgradedEvent;
  readonly after: Value.Value;
  readonly blocks: readonly Uint8Array[];
}

function judgeStep(
  { instance, state, height }: Before,
  { plan: schemaPlan, from, to, toHash, functions }: UpgradeStep,
  message: ContentHash.ContentHash,
): Result<JudgedStep, readonly string[]> {
  const reasons = [...misfits(instance, from, to)];
  if (schemaPlan.verdict === "refused") reasons.push(...schemaPlan.problems.map(reasonOf));
  const safety = Instance.safety(instance, from);
  if (safety.kind === "Unsafe") reasons.push(`${instance.id} is not in a safe state: ${safety.reason}`);
  if (reasons.length > 0) return err(reasons);
  const misfit = stateForm(schemaPlan.before).check(state);
  if (misfit !== undefined) return err(["the state does not fit the schema of its own version"]);
  const applied = compilePlan(schemaPlan).apply(state);
  if (!applied.ok) return err([applied.error.what]);
  const evolution = EvolutionRecord.of(
    {
      before: schemaPlan.before,
      after: schemaPlan.after,
      evidence: evidenceOf(schemaPlan),
      retired: instance.retired,
      state,
      program: { before: instance.program, after: toHash },
      safeState: { strategy: from.safeStateStrategy, pending: hashValue(pendingValue(instance)), height },
    },
    functions,
  );
  if (!evolution.ok) return err(evolution.error.map((problem) => problem.what));
  const block = EvolutionRecord.encode(evolution.value);
  const after = applied.value.value;
  return ok({
    after,
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

/** What forbids the new version whatever its schema says. */
export function* misfits(
  { id, version }: Instance.Instance,
  from: CompiledProgram,
  to: CompiledProgram,
): Generator<string> {
  if (from.upgradePolicy === "pinned") yield `${id} is pinned to version ${version}`;
  if (to.name !== from.name) yield `${id} is ${from.name}; ${to.name} is another program`;
  // What it lacks would be dropped, and its name retired for ever: typed by mistake, there would be no way back.
  else if (semver.lt(to.version, from.version))
    yield `${to.version} is older than ${from.version}, which runs: an upgrade goes forward; give that code a higher version`;
  for (const [name, chain] of to.components)
    if (from.components.get(name) !== chain)
      yield `${name} on ${chain} is no component of ${id}: an upgrade does not reach new timelines`;
}

/** A migration that does not fit says what to do in one line: its reason stands in the log. */
const reasonOf = (problem: Problem): string =>
  problem.why === undefined || problem.path !== undefined ? problem.what : `${problem.what}: ${problem.why}`;

const evidenceOf = (upgradePlan: Plan): ReadonlyMap<string, string> =>
  new Map(upgradePlan.changes.flatMap((c) => (c.evidence === undefined ? [] : [[c.path, c.evidence] as const])));
