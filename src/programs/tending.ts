/**
 * What a Bandit does for an account without being asked: takes back what reorganisations undid, finishes what was cut
 * off, moves deployments on, and fires what is due. Each part may fail by itself, and is tried again the next time.
 */
import { ok, type Result } from "../std/index.ts";
import { type Bandit, type BanditError, type InstanceView, loadAccount, loadInstance, programIds } from "./Bandit.ts";
import type * as Deployment from "./Deployment.ts";
import { advance, isOver } from "./deploying.ts";
import { armedOf, type Firing, fireDue } from "./firing.ts";
import { type RunReport, recover } from "./running.ts";
import * as Schedule from "./Schedule.ts";
import { stopSignal } from "./turns.ts";
import { type Reconciled, reconcile } from "./undertakings.ts";
import { type RetractedFact, review } from "./watching.ts";

export type Tended =
  | { readonly kind: "retracted"; readonly retracted: RetractedFact }
  /** Whether a reorganisation of the timeline undid anything is not known. */
  | { readonly kind: "unreached"; readonly timeline: string; readonly reason: string }
  /** A run that was cut off goes on. */
  | { readonly kind: "resumed"; readonly program: string }
  | { readonly kind: "recovered"; readonly report: RunReport }
  | { readonly kind: "reconciled"; readonly reconciled: Reconciled }
  | { readonly kind: "deployment"; readonly deployment: Deployment.Deployment }
  | { readonly kind: "firing"; readonly program: string; readonly firing: Firing }
  /** `what` could not be done now. */
  | { readonly kind: "failed"; readonly what: string; readonly error: BanditError };

export type Tell = (event: Tended) => void;

interface Owned extends InstanceView {
  /** Whether every timeline of it is reached from here; else it waits. */
  readonly isReached: boolean;
}

function programsOf(bandit: Bandit, account: string): Result<readonly Owned[], BanditError> {
  const owner = loadAccount(bandit, account);
  if (!owner.ok) return owner;
  const owned: Owned[] = [];
  for (const id of programIds(bandit)) {
    const view = loadInstance(bandit, id);
    if (!view.ok) return view;
    const { instance } = view.value;
    if (instance.owner !== account) continue;
    const deployment = owner.value.deployments.get(instance.deployment);
    owned.push({ ...view.value, isReached: deployment !== undefined && isReached(bandit, deployment) });
  }
  return ok(owned);
}

function reachedOf(bandit: Bandit, account: string): Result<readonly Owned[], BanditError> {
  const owned = programsOf(bandit, account);
  return owned.ok ? ok(owned.value.filter((one) => one.isReached)) : owned;
}

/**
 * Before anything new begins: what reorganisations undid is taken back, and what was cut off is finished, runs first,
 * then what stands alone; registrations that are gone are made again. Only while no run of the account goes on.
 */
export async function finishInterrupted(
  bandit: Bandit,
  account: string,
  tell: Tell,
): Promise<Result<undefined, BanditError>> {
  const undone = await review(bandit, account);
  if (!undone.ok) return undone;
  for (const retracted of undone.value.retracted) tell({ kind: "retracted", retracted });
  for (const one of undone.value.unreached) tell({ kind: "unreached", ...one });
  const programs = programsOf(bandit, account);
  if (!programs.ok) return programs;
  let waits = false;
  for (const { instance, isReached } of programs.value) {
    if (instance.pending.length === 0) continue;
    if (!isReached) {
      waits = true;
      continue;
    }
    tell({ kind: "resumed", program: instance.id });
    const recovered = await recover(bandit, instance.id);
    if (!recovered.ok) return recovered;
    for (const report of recovered.value) tell({ kind: "recovered", report });
  }
  // What a run that waits has begun is its own to finish.
  const reconciled = waits ? ok([]) : await reconcile(bandit, account);
  if (!reconciled.ok) return reconciled;
  for (const one of reconciled.value) tell({ kind: "reconciled", reconciled: one });
  const again = new Set(undone.value.retracted.flatMap((fact) => fact.components.map((one) => one.deployment)));
  for (const deployment of again) {
    const advanced = await advance(bandit, account, deployment);
    if (!advanced.ok) tell({ kind: "failed", what: "a registration that is gone", error: advanced.error });
  }
  return ok(undefined);
}

/**
 * All that an account needs now; `poll`: how often the timelines are looked at, in milliseconds. Programs and deployments
 * of which a timeline is not reached from here wait.
 */
export async function tend(
  bandit: Bandit,
  account: string,
  tell: Tell,
  poll: number,
): Promise<Result<undefined, BanditError>> {
  const finished = await finishInterrupted(bandit, account, tell);
  if (!finished.ok) return finished;
  const view = loadAccount(bandit, account);
  if (!view.ok) return view;
  for (const deployment of view.value.deployments.values()) {
    if (isOver(deployment) || !isReached(bandit, deployment)) continue;
    const advanced = await advance(bandit, account, deployment.id);
    if (!advanced.ok) tell({ kind: "failed", what: `the deployment of ${deployment.instance}`, error: advanced.error });
    else if (hasMoved(deployment, advanced.value)) tell({ kind: "deployment", deployment: advanced.value });
  }
  return fireAll(bandit, account, tell, poll);
}

/** How soon the programs are looked at again while the run of one goes on, at the earliest. */
const AGAIN_MILLISECONDS_MIN = 1_000;

/**
 * Fires what is due in every program, each by itself: while a run of one goes on, the others are looked at again, when
 * they are due and every `poll` milliseconds. When the runs that were due at first are over, nothing more is begun.
 */
async function fireAll(
  bandit: Bandit,
  account: string,
  tell: Tell,
  poll: number,
): Promise<Result<undefined, BanditError>> {
  const stop = stopSignal();
  const busy = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const fire = async (program: string): Promise<void> => {
    try {
      const fired = await fireDue(bandit, program);
      if (fired.ok) for (const firing of fired.value) tell({ kind: "firing", program, firing });
      else tell({ kind: "failed", what: `the triggers of ${program}`, error: fired.error });
    } catch (failure) {
      failures.push(failure);
      stop.abort();
    } finally {
      busy.delete(program);
    }
  };
  let first: Promise<unknown> | undefined;
  let programs = reachedOf(bandit, account);
  while (!stop.signal.aborted && programs.ok) {
    for (const { instance } of programs.value) if (!busy.has(instance.id)) busy.set(instance.id, fire(instance.id));
    first ??= Promise.all(busy.values()).then(stop.abort);
    const now = bandit.clock.now();
    const next = Math.min(now + poll, ...dueInstants(bandit, programs.value));
    await bandit.clock.until(Math.max(next, now + AGAIN_MILLISECONDS_MIN), stop.signal);
    programs = reachedOf(bandit, account);
  }
  // Whoever comes next finds nothing under way.
  await Promise.all([first, ...busy.values()]);
  if (failures.length > 0) throw failures[0];
  return programs.ok ? ok(undefined) : programs;
}

const isReached = (bandit: Bandit, { components }: Deployment.Deployment): boolean =>
  components.every(({ name }) => bandit.timelines.has(name));

const hasMoved = (before: Deployment.Deployment, after: Deployment.Deployment): boolean =>
  after.components.some((component, i) => component.status !== before.components[i]?.status);

/**
 * The first instant at which a clock makes a trigger of the account due, past ones included; undefined: none does. What
 * waits for a timeline is not counted.
 */
export function nextInstant(bandit: Bandit, account: string): number | undefined {
  const programs = reachedOf(bandit, account);
  const instants = dueInstants(bandit, programs.ok ? programs.value : []);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

const dueInstants = (bandit: Bandit, programs: readonly InstanceView[]): readonly number[] =>
  programs.flatMap((view) => {
    const armed = armedOf(bandit, view);
    return (armed.ok ? armed.value : []).flatMap((one) => Schedule.nextDue(one) ?? []);
  });
