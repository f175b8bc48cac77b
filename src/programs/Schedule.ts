/**
 * When a program's triggers come due: a fold over the program's log, and pure functions of it and the clock. Whoever
 * replays the log knows what has fired; what is due follows from that and from the triggers of the versions that ran.
 */
import { type ContentHash, Value } from "../content/index.ts";
import type { InstanceEvent } from "./Instance.ts";
import type { Trigger } from "./Trigger.ts";

export interface Schedule {
  /** The version that runs, or will once it is active. */
  readonly program: ContentHash.ContentHash | undefined;
  /** The versions that have run, oldest first, with the instant of the log at which each began; none before activation. */
  readonly versions: readonly { readonly program: ContentHash.ContentHash; readonly since: number }[];
  /** What each trigger did last. */
  readonly fired: ReadonlyMap<ContentHash.ContentHash, Fired>;
}

export interface Fired {
  readonly due: number;
  /** When it fired, by the Bandit's clock. */
  readonly at: number;
  readonly missed: number;
  readonly run: ContentHash.ContentHash;
  /** `on fact`: what it saw; undefined too when a reorganisation took that back. */
  readonly seen: { readonly fact: ContentHash.ContentHash; readonly value: Value.Value } | undefined;
  /** undefined while the run goes on. */
  readonly outcome: "returned" | "faulted" | undefined;
  /** Runs that faulted in a row, up to the last one that ended. */
  readonly faults: number;
}

export const empty: Schedule = { program: undefined, versions: [], fired: new Map() };

/** `at` is the instant of the log entry, in milliseconds. */
export function evolve(schedule: Schedule, event: InstanceEvent, at: number): Schedule {
  const fired = (trigger: ContentHash.ContentHash, now: Fired): Schedule => ({
    ...schedule,
    fired: new Map(schedule.fired).set(trigger, now),
  });
  switch (event.kind) {
    case "Created":
      return { ...empty, program: event.program };
    case "Activated":
      return schedule.program === undefined
        ? schedule
        : { ...schedule, versions: [{ program: schedule.program, since: at }] };
    case "Upgraded": {
      const { versions } = schedule;
      return {
        ...schedule,
        program: event.to,
        versions: versions.length === 0 ? versions : [...versions, { program: event.to, since: at }],
      };
    }
    case "Triggered": {
      const { trigger, due, missed, run, seen } = event;
      const faults = schedule.fired.get(trigger)?.faults ?? 0;
      return fired(trigger, { due: Number(due), at, missed, run, seen, outcome: undefined, faults });
    }
    case "TriggerRetracted": {
      const last = schedule.fired.get(event.trigger);
      return last?.seen?.fact === event.fact ? fired(event.trigger, { ...last, seen: undefined }) : schedule;
    }
    case "RunEnded": {
      for (const [trigger, last] of schedule.fired)
        if (last.run === event.run)
          return fired(trigger, {
            ...last,
            outcome: event.outcome,
            faults: event.outcome === "faulted" ? last.faults + 1 : 0,
          });
      return schedule;
    }
    default:
      return schedule;
  }
}

/** A trigger of the version that runs, and since when it stands without a gap: a version that lacks it ends that. */
export interface Armed {
  readonly trigger: Trigger;
  readonly anchor: number;
  readonly last: Fired | undefined;
}

/**
 * The triggers that may fire. `triggersOf` gives those of a version; it is asked for earlier versions only as long as they
 * had one of the triggers that stand now.
 */
export function armed(
  { versions, fired }: Schedule,
  triggersOf: (program: ContentHash.ContentHash) => readonly Trigger[],
): readonly Armed[] {
  const now = versions.at(-1);
  if (now === undefined) return [];
  const standing = triggersOf(now.program);
  const anchors = new Map(standing.map(({ id }) => [id, now.since]));
  let open = new Set(anchors.keys());
  for (const { program, since } of versions.toReversed().slice(1)) {
    if (open.size === 0) break;
    const had = new Set(triggersOf(program).map(({ id }) => id));
    open = new Set([...open].filter((id) => had.has(id)));
    for (const id of open) anchors.set(id, since);
  }
  return standing.map((trigger) => ({ trigger, anchor: anchors.get(trigger.id)!, last: fired.get(trigger.id) }));
}

export interface Due {
  /** The last instant at which it came due, in milliseconds. */
  readonly due: number;
  /** How many came due before that one since it last fired. */
  readonly missed: number;
}

/** Whether a trigger of the clock is due; an `on fact` is due when `isNews` says so. */
export function dueBy({ trigger, anchor, last }: Armed, now: number): Due | undefined {
  switch (trigger.kind) {
    case "at":
      return last === undefined && trigger.instant <= now ? { due: trigger.instant, missed: 0 } : undefined;
    case "every": {
      const { period } = trigger;
      const due = anchor + Math.floor((now - anchor) / period) * period;
      const before = Math.max(anchor, last?.due ?? anchor);
      return due > before ? { due, missed: Math.ceil((due - before) / period) - 1 } : undefined;
    }
    case "fact":
      return undefined;
  }
}

/** Whether a value differs from what an `on fact` saw last; what it sees first is new. */
export const isNews = ({ last }: Armed, value: Value.Value): boolean =>
  last?.seen === undefined || !Value.equal(last.seen.value, value);

/** When it comes due the next time, given that it is not due now; undefined: no clock says so. */
export function nextDue({ trigger, anchor, last }: Armed): number | undefined {
  switch (trigger.kind) {
    case "at":
      return last === undefined ? trigger.instant : undefined;
    case "every": {
      const { period } = trigger;
      const before = Math.max(anchor, last?.due ?? anchor);
      return anchor + (Math.floor((before - anchor) / period) + 1) * period;
    }
    case "fact":
      return undefined;
  }
}
