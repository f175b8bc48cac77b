/**
 * Conditions of an activation: facts of the manifest that take no arguments. One is met when it holds on every timeline of
 * the deployment that has its contract, at once and before the deadline; what the keepers signed is its evidence.
 */
import { encodeValue, Value } from "../content/index.ts";
import { Bindings, Fact, resolveFact, showBindingError } from "../protocol/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { appendAccount, type Bandit, type BanditError, timelineOf, transact } from "./Bandit.ts";
import type * as Deployment from "./Deployment.ts";
import { type Attested, attest, reportFact } from "./observing.ts";

/** Looks at each condition that is not met yet, and records those that are now; tells whether there was one. */
export async function observeConditions(
  bandit: Bandit,
  account: string,
  deployment: Deployment.Deployment,
): Promise<Result<boolean, BanditError>> {
  const strategy = deployment.config.activation;
  if (strategy.kind !== "ConditionBased" || bandit.clock.now() > strategy.deadline) return ok(false);
  if (!deployment.components.every((c) => c.status === "verified")) return ok(false);
  const bindings = Bindings.fromValue(deployment.config.bindings);
  if (!bindings.ok) return err({ kind: "Damaged", reason: `the bindings of ${deployment.instance} cannot be read` });
  let isAnyMet = false;
  for (const condition of strategy.conditions) {
    if (deployment.conditions.has(condition)) continue;
    const facts = await factsOf(bandit, deployment, bindings.value, condition);
    if (!facts.ok) return facts;
    if (!facts.value.every(({ fact }) => holds(fact.body.value))) continue;
    const evidence = encodeValue(Value.list(facts.value.map(({ fact }) => Value.hash(Fact.hash(fact)))));
    await transact(bandit, (recorder) => {
      if (recorder.at > strategy.deadline) return;
      // Only what decides is kept: a Bandit looks often.
      for (const each of facts.value.flatMap(({ all }) => all)) recorder.store.put(Fact.encode(each));
      appendAccount(recorder, account, {
        kind: "ConditionMet",
        deployment: deployment.id,
        condition,
        evidence: recorder.store.put(evidence),
      });
      isAnyMet = true;
    });
  }
  return ok(isAnyMet);
}

/** The condition as each timeline that has its contract shows it now; never empty. */
async function factsOf(
  bandit: Bandit,
  deployment: Deployment.Deployment,
  bindings: Bindings.Bindings,
  condition: string,
): Promise<Result<readonly Attested[], BanditError>> {
  const facts: Attested[] = [];
  let missing = "";
  for (const { name } of deployment.components) {
    const timeline = timelineOf(bandit, name);
    if (!timeline.ok) return timeline;
    const { adapter, contracts } = timeline.value;
    const asked = { timeline: name, name: condition, arguments: Value.record([]), account: adapter.account };
    const query = resolveFact(Bindings.withContracts(bindings, name, contracts), asked);
    if (query.ok) {
      const attested = await attest(bandit, timeline.value, query.value);
      if (!attested.ok) return attested;
      reportFact(bandit, attested.value.fact, name, `condition ${condition}`);
      facts.push(attested.value);
    } else if (query.error.kind === "UnknownContract") missing = showBindingError(query.error);
    else return cannot(condition, showBindingError(query.error));
  }
  return facts.length > 0 ? ok(facts) : cannot(condition, missing);
}

const cannot = (condition: string, reason: string) =>
  err({ kind: "Refused", reason: `the condition ${condition} cannot be observed: ${reason}` } as const);

/** `true`, or a number above zero. */
function holds(value: Value.Value): boolean {
  if (typeof value === "number" || typeof value === "bigint") return value > 0;
  return value === true || (typeof value === "object" && value.tag === "decimal" && value.coefficient > 0n);
}
