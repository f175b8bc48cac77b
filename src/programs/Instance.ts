/**
 * A program instance: typed state that outlives its code, as a fold over the program's log.
 * Pure: `evolve` applies one event; whoever replays the log has the instance (design/programs §1).
 */
import { Codec, type ContentHash } from "../content/index.ts";
import { never } from "../std/index.ts";

export const InstanceEvent = Codec.variant({
  /** Deployed: not yet callable. `state` is the address of the initial state's value block. */
  Created: Codec.record({
    owner: Codec.text,
    program: Codec.hash,
    name: Codec.text,
    version: Codec.text,
    deployment: Codec.hash,
    state: Codec.hash,
    safeStateStrategy: Codec.text,
    upgradePolicy: Codec.text,
  }),
  Activated: Codec.record({ deployment: Codec.hash }),
  RunStarted: Codec.record({
    run: Codec.hash,
    entry: Codec.text,
    arguments: Codec.list(Codec.value),
    before: Codec.hash,
  }),
  /**
   * A trigger of the program came due and began `run`: written together with the run's RunStarted. `due` is the last due
   * instant that it stands for, in milliseconds, and `missed` how many came due before it without a run of their own.
   */
  Triggered: Codec.record({
    trigger: Codec.hash,
    due: Codec.int,
    missed: Codec.count,
    /** What an `on fact` saw: the proven fact and its value. */
    seen: Codec.option(Codec.record({ fact: Codec.hash, value: Codec.value })),
    run: Codec.hash,
  }),
  /** A reorganisation took back the fact that a trigger saw last: what it sees next counts as new. */
  TriggerRetracted: Codec.record({ trigger: Codec.hash, fact: Codec.hash, retraction: Codec.hash }),
  /** `trace` names the whole run. A faulted run leaves the state of its last committed effect. */
  RunEnded: Codec.record({
    run: Codec.hash,
    /** None when the run never began: its arguments were wrong. */
    trace: Codec.option(Codec.hash),
    outcome: Codec.word("returned", "faulted"),
    result: Codec.value,
    fuel: Codec.count,
    after: Codec.hash,
  }),
  Emitted: Codec.record({ run: Codec.hash, index: Codec.count, event: Codec.value }),
  /** `record` is the evolution record that any Bandit recomputes. */
  Upgraded: Codec.record({
    from: Codec.hash,
    to: Codec.hash,
    version: Codec.text,
    record: Codec.hash,
    before: Codec.hash,
    after: Codec.hash,
    retired: Codec.list(Codec.text),
    message: Codec.hash,
  }),
  UpgradeRefused: Codec.record({
    to: Codec.hash,
    version: Codec.text,
    reasons: Codec.list(Codec.text),
    message: Codec.hash,
  }),
  Degraded: Codec.record({ run: Codec.hash, record: Codec.value }),
});
export type InstanceEvent = Codec.Of<typeof InstanceEvent>;

export interface Instance {
  readonly id: string;
  readonly owner: string;
  /** The CompiledProgram that it runs now. */
  readonly program: ContentHash.ContentHash;
  readonly name: string;
  readonly version: string;
  readonly deployment: ContentHash.ContentHash;
  readonly state: ContentHash.ContentHash;
  readonly status: "deployed" | "active" | "degraded";
  /** Runs that have begun and not ended: after a crash they are continued before anything else. */
  readonly pending: readonly ContentHash.ContentHash[];
  readonly runs: number;
  readonly lastTrace: ContentHash.ContentHash | undefined;
  /** Names that no later version may use for another field. */
  readonly retired: readonly string[];
  readonly upgrades: readonly { readonly version: string; readonly record: ContentHash.ContentHash }[];
}

export function created(id: string, event: InstanceEvent & { readonly kind: "Created" }): Instance {
  return {
    id,
    owner: event.owner,
    program: event.program,
    name: event.name,
    version: event.version,
    deployment: event.deployment,
    state: event.state,
    status: "deployed",
    pending: [],
    runs: 0,
    lastTrace: undefined,
    retired: [],
    upgrades: [],
  };
}

export function evolve(instance: Instance, event: InstanceEvent): Instance {
  switch (event.kind) {
    case "Created":
      return created(instance.id, event);
    case "Activated":
      return { ...instance, status: "active" };
    case "RunStarted":
      return { ...instance, pending: [...instance.pending, event.run] };
    case "RunEnded":
      return {
        ...instance,
        pending: instance.pending.filter((run) => run !== event.run),
        state: event.after,
        runs: instance.runs + 1,
        lastTrace: event.trace ?? instance.lastTrace,
        status: instance.status === "degraded" ? "active" : instance.status,
      };
    case "Emitted":
    case "Triggered":
    case "TriggerRetracted":
    case "UpgradeRefused":
      return instance;
    case "Upgraded":
      return {
        ...instance,
        program: event.to,
        version: event.version,
        state: event.after,
        retired: event.retired,
        upgrades: [...instance.upgrades, { version: event.version, record: event.record }],
      };
    case "Degraded":
      return { ...instance, status: "degraded" };
    default:
      return never(event);
  }
}

export type Safety = { readonly kind: "Safe" } | { readonly kind: "Unsafe"; readonly reason: string };

/** Whether the instance may be upgraded now, by the strategy of the program that it runs (design/programs §3). */
export function safety(instance: Instance, { safeStateStrategy }: { readonly safeStateStrategy: string }): Safety {
  switch (safeStateStrategy) {
    case "always":
      return { kind: "Safe" };
    case "manual":
      return { kind: "Unsafe", reason: "its safe-state strategy is manual: the owner must declare it safe" };
    default:
      return instance.pending.length === 0
        ? { kind: "Safe" }
        : {
            kind: "Unsafe",
            reason: `${instance.pending.length} run(s) have not ended; they end by themselves or at their deadline`,
          };
  }
}
