/**
 * A TimeKeeper at work: observes one timeline, checks each proof itself, signs what holds, takes back what a
 * reorganisation undid, and reports blocks that contradict each other.
 */
import type { ContentHash } from "../content/index.ts";
import { assert, Bytes, err, ok, type Result } from "../std/index.ts";
import { type Equivocation, equivocation, Fact, type FactQuery, Retraction } from "./Fact.ts";
import type { TimeKeeper } from "./parties.ts";
import { keyId, type Signer, type VerifySignature } from "./Signer.ts";
import type { Head, ProofError, TimelineAdapter, TimelineError } from "./TimelineAdapter.ts";

export interface Keeping {
  readonly keeper: TimeKeeper;
  /** Observes at the finality depth, checks the proof and signs. */
  observe(query: FactQuery): Promise<Result<Fact, TimelineError>>;
  /** Looks again at the blocks of all facts that stand; signs a retraction for each whose block is gone. */
  review(): Promise<Result<readonly Retraction[], TimelineError>>;
  /** Looks again at the blocks of these facts, whichever keeper signed them and when: the same for each that is gone. */
  recheck(facts: readonly Fact[]): Promise<Result<readonly Retraction[], TimelineError>>;
  /** Facts signed and not retracted, oldest first. */
  standing(): readonly Fact[];
}

/** Asked for together: a node answers so many in one batch. */
const BLOCKS_AT_ONCE = 100;

/** `depth`: blocks that must stand on top of a block before a fact of it is signed. */
export function startKeeper(adapter: TimelineAdapter, signer: Signer, policy: { readonly depth: number }): Keeping {
  const standing = new Map<ContentHash.ContentHash, Fact>();

  async function recheck(facts: readonly Fact[]): Promise<Result<readonly Retraction[], TimelineError>> {
    const retractions: Retraction[] = [];
    const blocks = new Map<number, Head | undefined>();
    const numbers = [...new Set(facts.map(({ body }) => body.block.number))];
    for (let from = 0; from < numbers.length; from += BLOCKS_AT_ONCE) {
      const some = numbers.slice(from, from + BLOCKS_AT_ONCE);
      for (const [i, now] of (await Promise.all(some.map((number) => adapter.blockAt(number)))).entries()) {
        if (!now.ok) return now;
        blocks.set(some[i]!, now.value);
      }
    }
    for (const fact of facts) {
      const { block } = fact.body;
      const now = blocks.get(block.number);
      if (now !== undefined && Bytes.equal(now.hash, block.hash)) continue;
      const hash = Fact.hash(fact);
      standing.delete(hash);
      const replacedBy = now === undefined ? undefined : { number: now.number, hash: now.hash };
      retractions.push(Retraction.sign({ timeline: adapter.timeline, fact: hash, block, replacedBy }, signer));
    }
    return ok(retractions);
  }

  return {
    keeper: { timeline: adapter.timeline, key: keyId(signer.publicKey) },
    standing: () => [...standing.values()],

    async observe(query) {
      const seen = await adapter.observe(query, policy.depth);
      if (!seen.ok) return seen;
      const observation = seen.value;
      if (observation.finality.depth < policy.depth) {
        const { depth } = observation.finality;
        return err({ kind: "NotFinal", timeline: adapter.timeline, depth, needed: policy.depth });
      }
      const verified = adapter.verify(observation);
      if (!verified.ok) return err({ kind: "BadProof", timeline: adapter.timeline, error: verified.error });
      const fact = Fact.sign(observation, signer);
      standing.set(Fact.hash(fact), fact);
      return ok(fact);
    },

    review: () => recheck([...standing.values()]),
    recheck,
  };
}

/** How a Bandit trusts headers: `quorum` of these keepers must have signed the same block. */
export interface FactPolicy {
  readonly keepers: readonly TimeKeeper[];
  readonly quorum: number;
  readonly depth: number;
}

export type FactRefusal =
  | { readonly kind: "NoFacts" }
  | { readonly kind: "BadSignature"; readonly signer: string }
  | { readonly kind: "UnknownKeeper"; readonly signer: string; readonly timeline: string }
  | { readonly kind: "DifferentFacts" }
  | { readonly kind: "NoQuorum"; readonly got: number; readonly needed: number }
  | { readonly kind: "TooShallow"; readonly depth: number; readonly needed: number }
  | { readonly kind: "Equivocation"; readonly evidence: Equivocation }
  | { readonly kind: "BadProof"; readonly error: ProofError };

/**
 * A Bandit's whole check of an answer: each signature, each keeper, one and the same answer at one and the same block,
 * the depth, and the proof. `verify` is the adapter's pure check.
 */
export function checkFacts(
  facts: readonly Fact[],
  policy: FactPolicy,
  verify: TimelineAdapter["verify"],
  verifySignature?: VerifySignature,
): Result<Fact, FactRefusal> {
  assert(policy.quorum >= 1, "a quorum of no keepers trusts nobody");
  const first = facts[0];
  if (first === undefined) return err({ kind: "NoFacts" });
  const signers = new Set<string>();
  for (const fact of facts) {
    const signer = keyId(fact.signer);
    const { timeline } = fact.body;
    if (!policy.keepers.some((keeper) => keeper.key === signer && keeper.timeline === timeline))
      return err({ kind: "UnknownKeeper", signer, timeline });
    if (!Fact.isSigned(fact, verifySignature)) return err({ kind: "BadSignature", signer });
    const evidence = equivocation(first, fact);
    if (evidence !== undefined) return err({ kind: "Equivocation", evidence });
    if (fact !== first && !isSameAnswer(first, fact)) return err({ kind: "DifferentFacts" });
    if (fact.body.finality.depth < policy.depth)
      return err({ kind: "TooShallow", depth: fact.body.finality.depth, needed: policy.depth });
    const verified = verify(fact.body);
    if (!verified.ok) return err({ kind: "BadProof", error: verified.error });
    signers.add(signer);
  }
  if (signers.size < policy.quorum) return err({ kind: "NoQuorum", got: signers.size, needed: policy.quorum });
  return ok(first);
}

/**
 * Whether enough keepers take a fact back: as many as it takes to have one believed, each in a signed word about this fact
 * and its block, which names another block at that height, or none.
 */
export function isRetracted(
  fact: Fact,
  retractions: readonly Retraction[],
  policy: FactPolicy,
  verifySignature?: VerifySignature,
): boolean {
  assert(policy.quorum >= 1, "a quorum of no keepers trusts nobody");
  const { timeline, block } = fact.body;
  const hash = Fact.hash(fact);
  const signers = new Set<string>();
  for (const retraction of retractions) {
    const { body, signer } = retraction;
    const other = body.replacedBy;
    const isAbout =
      body.timeline === timeline &&
      body.fact === hash &&
      body.block.number === block.number &&
      Bytes.equal(body.block.hash, block.hash) &&
      (other === undefined || (other.number === block.number && !Bytes.equal(other.hash, block.hash)));
    const isKeeper = policy.keepers.some((one) => one.key === keyId(signer) && one.timeline === timeline);
    if (isAbout && isKeeper && Retraction.isSigned(retraction, verifySignature)) signers.add(keyId(signer));
  }
  return signers.size >= policy.quorum;
}

/** Same question, same block, same answer; the finality seen and the signer may differ. */
function isSameAnswer(a: Fact, b: Fact): boolean {
  const stripped = (fact: Fact): Fact => ({
    body: { ...fact.body, finality: { kind: "Depth", depth: 0 } },
    signer: NOBODY,
    signature: NOBODY,
  });
  return Fact.hash(stripped(a)) === Fact.hash(stripped(b));
}

const NOBODY = new Uint8Array(0);
