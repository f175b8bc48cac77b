/**
 * What a reorganisation undid is taken back. A Bandit has its keepers look again at the blocks of the facts on which an
 * account's balances and registrations rest. Of one whose block is gone nothing is edited: the account's log says that it
 * is retracted, with the keepers' signed word, and what asked for its transaction is open again.
 */
import type { ContentHash } from "../content/index.ts";
import { DeploymentObservation, Fact, isRetracted, Retraction, showTimelineError } from "../protocol/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import * as Account from "./Account.ts";
import {
  type AccountLogEvent,
  type AccountView,
  appendAccount,
  type Bandit,
  type BanditError,
  type LogReader,
  loadAccount,
  type Recorder,
  type TimelineAccess,
  transact,
} from "./Bandit.ts";
import type * as Deployment from "./Deployment.ts";
import { effectOf } from "./Journal.ts";

/** With so many blocks on top of its own a fact stands for good. */
export const FINAL_BLOCKS = 1_024;

export interface Reviewed {
  readonly retracted: readonly RetractedFact[];
  /** Timelines that could not be asked, with the reason: what rests on them is looked at the next time. */
  readonly unreached: readonly { readonly timeline: string; readonly reason: string }[];
}

export interface RetractedFact {
  readonly timeline: string;
  readonly block: number;
  readonly fact: ContentHash.ContentHash;
  readonly retraction: ContentHash.ContentHash;
  /** The moves that were taken back. */
  readonly settled: readonly Account.Standing[];
  /** The components whose registration is gone. */
  readonly components: readonly { readonly deployment: ContentHash.ContentHash; readonly component: string }[];
}

/** A fact that may be undone. */
export interface Watched {
  readonly fact: Fact;
  readonly hash: ContentHash.ContentHash;
}

/** Looks again at all facts of an account that are not final. Asked again, or cut off by a crash, it retracts each once. */
export async function review(bandit: Bandit, account: string): Promise<Result<Reviewed, BanditError>> {
  const view = loadAccount(bandit, account);
  if (!view.ok) return view;
  const retracted: RetractedFact[] = [];
  const unreached: { timeline: string; reason: string }[] = [];
  for (const [name, facts] of factsOf(bandit, view.value)) {
    const timeline = bandit.timelines.get(name);
    if (timeline === undefined) {
      unreached.push({ timeline: name, reason: `there is no timeline ${name} here` });
      continue;
    }
    const looked = await recheck(bandit, timeline, facts);
    if (!looked.ok) {
      unreached.push({ timeline: name, reason: looked.error });
      continue;
    }
    const { gone, final } = looked.value;
    if (gone.length === 0 && final.length === 0) continue;
    const taken = await transact(bandit, (recorder) => takeBack(recorder, account, timeline, gone, final));
    if (!taken.ok) return taken;
    retracted.push(...taken.value);
  }
  return ok({ retracted, unreached });
}

/** The facts that may still be undone, by timeline. */
function factsOf(reader: LogReader, { account, deployments }: AccountView): ReadonlyMap<string, readonly Watched[]> {
  const hashes = new Map<string, Set<ContentHash.ContentHash>>();
  const add = (timeline: string, fact: ContentHash.ContentHash) => {
    if (!account.final.has(fact)) hashes.set(timeline, (hashes.get(timeline) ?? new Set()).add(fact));
  };
  for (const { timeline, fact } of account.standing.values()) add(timeline, fact);
  for (const deployment of deployments.values())
    for (const component of deployment.components) {
      const fact = registrationOf(reader, component);
      if (fact !== undefined) add(component.name, fact);
    }
  const facts = [...hashes].map(([timeline, all]) => {
    const watched = [...all].flatMap((hash) => {
      const block = reader.store.blocks.get(hash);
      const fact = block === undefined ? undefined : Fact.decode(block);
      return fact?.ok === true ? [{ hash, fact: fact.value }] : [];
    });
    return [timeline, watched] as const;
  });
  return new Map(facts);
}

/** The fact on which a verified component rests. */
function registrationOf(reader: LogReader, component: Deployment.Component): ContentHash.ContentHash | undefined {
  const { status, evidence } = component;
  if (evidence === undefined || (status !== "verified" && status !== "activating" && status !== "active"))
    return undefined;
  const block = reader.store.blocks.get(evidence);
  const observation = block === undefined ? undefined : DeploymentObservation.decode(block);
  return observation?.ok === true ? observation.value.body.fact : undefined;
}

export interface Looked {
  readonly gone: readonly (Watched & { readonly retractions: readonly Retraction[] })[];
  readonly final: readonly ContentHash.ContentHash[];
}

/** Which of the facts are gone by the word of a quorum, and which stand for good. */
export async function recheck(
  bandit: Bandit,
  timeline: TimelineAccess,
  watched: readonly Watched[],
): Promise<Result<Looked, string>> {
  const head = await timeline.adapter.head();
  if (!head.ok) return err(showTimelineError(head.error));
  const said: Retraction[] = [];
  let failure: string | undefined;
  let answers = 0;
  for (const { keeping } of timeline.keepers) {
    const retractions = await keeping.recheck(watched.map(({ fact }) => fact));
    if (retractions.ok) {
      said.push(...retractions.value);
      answers++;
    } else failure = showTimelineError(retractions.error);
  }
  if (failure !== undefined && answers < timeline.policy.quorum) return err(failure);
  const gone = watched.flatMap((one) => {
    const retractions = said.filter(({ body }) => body.fact === one.hash);
    return isRetracted(one.fact, retractions, timeline.policy, bandit.verify) ? [{ ...one, retractions }] : [];
  });
  // One keeper's doubt is enough to look again.
  const doubted = new Set(said.map(({ body }) => body.fact));
  const final = watched.flatMap(({ hash, fact }) =>
    !doubted.has(hash) && head.value.number - fact.body.block.number >= FINAL_BLOCKS ? [hash] : [],
  );
  return ok({ gone, final });
}

/** Logs what is gone, once: a settlement that does not stand any more was taken back before. */
function takeBack(
  recorder: Recorder,
  account: string,
  timeline: TimelineAccess,
  gone: Looked["gone"],
  final: Looked["final"],
): Result<readonly RetractedFact[], BanditError> {
  const view = loadAccount(recorder, account);
  if (!view.ok) return view;
  const done: RetractedFact[] = [];
  const append = (event: AccountLogEvent) => appendAccount(recorder, account, event);
  for (const { fact, hash, retractions } of gone) {
    for (const one of retractions) recorder.store.put(Retraction.encode(one));
    const retraction = Retraction.hash(retractions[0]!);
    const settled = [...view.value.account.standing.values()].filter((one) => one.fact === hash);
    for (const one of settled) {
      const event = Account.retract(view.value.account, one, retraction);
      if (event.ok) append(event.value);
    }
    const [first] = settled;
    if (first !== undefined) reopen(recorder, view.value, timeline, first.transaction, append);
    const components = [...view.value.deployments.values()].flatMap((deployment) =>
      deployment.components.flatMap((component) =>
        registrationOf(recorder, component) === hash ? [{ deployment: deployment.id, component: component.name }] : [],
      ),
    );
    const reason = "a reorganisation took its registration back";
    for (const one of components)
      append({ kind: "ComponentMoved", ...one, status: "distributed", evidence: retraction, reason });
    done.push({
      timeline: timeline.name,
      block: fact.body.block.number,
      fact: hash,
      retraction,
      settled,
      components,
    });
  }
  if (final.length > 0) append({ kind: "Final", facts: final });
  return ok(done);
}

/**
 * What was signed may come into a block again, by itself or behind the next transaction of its sender: the undertaking is
 * outstanding until that is seen, and `reconcile` sends the same bytes. A payment is held back again for it.
 */
function reopen(
  recorder: Recorder,
  view: AccountView,
  timeline: TimelineAccess,
  transaction: string,
  append: (event: AccountLogEvent) => void,
): void {
  const effect = effectOf(recorder.store, timeline.adapter.timeline, transaction);
  if (effect === undefined || view.account.outstanding.has(effect)) return;
  let undertaking: Account.Undertaking | undefined;
  for (const { event } of view.entries) {
    const read = Account.AccountEvent.fromValue(event);
    if (read.ok && read.value.kind === "Begun" && read.value.effect === effect) undertaking = read.value.undertaking;
  }
  if (undertaking === undefined) return;
  if (undertaking.kind === "Withdraw") {
    const { timeline: name, asset, amount, by } = undertaking;
    append({ kind: "Reserved", timeline: name, asset, amount, by });
  }
  append({ kind: "Begun", effect, undertaking });
}
