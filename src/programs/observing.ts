/** How a Bandit comes to know something of a timeline: its keepers sign it, and the Bandit checks the proof itself. */
import {
  checkFacts,
  Fact,
  type FactQuery,
  type FactRefusal,
  showProofError,
  showTimelineError,
} from "../protocol/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { Bandit, BanditError, TimelineAccess } from "./Bandit.ts";

export interface Attested {
  /** The one that is accepted. */
  readonly fact: Fact;
  /** What each keeper signed. */
  readonly all: readonly Fact[];
}

/** Asks every keeper of a timeline, and accepts the answer only if the policy's quorum signed the same one; keeps nothing. */
export async function attest(
  bandit: Bandit,
  timeline: TimelineAccess,
  query: FactQuery,
): Promise<Result<Attested, BanditError>> {
  const facts: Fact[] = [];
  let failure: string | undefined;
  for (const { keeping } of timeline.keepers) {
    const fact = await keeping.observe(query);
    if (fact.ok) facts.push(fact.value);
    else failure = showTimelineError(fact.error);
  }
  if (facts.length < timeline.policy.quorum && failure !== undefined)
    return err({ kind: "Timeline", timeline: timeline.name, reason: failure });
  const accepted = checkFacts(facts, timeline.policy, timeline.adapter.verify, bandit.verify);
  if (!accepted.ok) return err({ kind: "BadFact", timeline: timeline.name, reason: showFactRefusal(accepted.error) });
  return ok({ fact: accepted.value, all: facts });
}

/** Has a fact attested, and keeps what the keepers signed. */
export async function observeFact(
  bandit: Bandit,
  timeline: TimelineAccess,
  query: FactQuery,
  what: string,
): Promise<Result<Fact, BanditError>> {
  const attested = await attest(bandit, timeline, query);
  if (!attested.ok) return attested;
  const { fact, all } = attested.value;
  await bandit.store.write((transaction) => {
    for (const each of all) transaction.put(Fact.encode(each));
  });
  reportFact(bandit, fact, timeline.name, what);
  return ok(fact);
}

/** Tells people that a fact was seen and proven. */
export const reportFact = (bandit: Bandit, fact: Fact, timeline: string, what: string): void =>
  bandit.report({ kind: "fact", timeline, what, block: fact.body.block.number, fact: Fact.hash(fact) });

export function showFactRefusal(refusal: FactRefusal): string {
  switch (refusal.kind) {
    case "NoFacts":
      return "no keeper answered";
    case "BadSignature":
      return `the signature of ${refusal.signer} does not hold`;
    case "UnknownKeeper":
      return `${refusal.signer} is no keeper of ${refusal.timeline}`;
    case "DifferentFacts":
      return "the keepers contradict each other";
    case "NoQuorum":
      return `${refusal.got} keeper(s) signed, ${refusal.needed} are needed`;
    case "TooShallow":
      return `its block has ${refusal.depth} blocks on top, ${refusal.needed} are needed`;
    case "Equivocation":
      return `two different blocks were signed at height ${refusal.evidence.number}`;
    case "BadProof":
      return showProofError(refusal.error);
  }
}
