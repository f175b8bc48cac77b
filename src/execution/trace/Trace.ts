/** A whole trace: read from the address of its last event, checked link by link. */
import { ContentHash } from "../../content/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import type { StoreReads } from "../ports.ts";
import * as Event from "./Event.ts";

export interface Entry {
  readonly hash: ContentHash.ContentHash;
  readonly event: Event.Event;
}

/** Oldest first; the first is RunStarted. */
export interface Trace {
  readonly run: ContentHash.ContentHash;
  readonly started: Event.RunStarted;
  readonly entries: readonly Entry[];
}

export type TraceError =
  /** There is a block at the address, but it is something else than an event. */
  | { readonly kind: "NotATrace"; readonly hash: ContentHash.ContentHash }
  | { readonly kind: "MissingEvent"; readonly hash: ContentHash.ContentHash; readonly following: number }
  /** The bytes at an address are not those of the address, or are no event. */
  | { readonly kind: "DamagedEvent"; readonly hash: ContentHash.ContentHash; readonly reason: string }
  | { readonly kind: "TraceTooLong"; readonly eventsMax: number };

export function showTraceError(error: TraceError): string {
  switch (error.kind) {
    case "NotATrace":
      return `#${error.hash} is no trace: the block at that address is something else`;
    case "MissingEvent":
      return error.following === 0
        ? `there is no trace #${error.hash} in this store`
        : `event #${error.hash} of the trace is missing (${error.following} events follow it)`;
    case "DamagedEvent":
      return `event #${error.hash} of the trace is damaged: ${error.reason}`;
    case "TraceTooLong":
      return `the trace has more than ${error.eventsMax} events`;
  }
}

export const TRACE_EVENTS_MAX = 10_000_000;

/** The log stream in which a run's events stand. */
export const streamOf = (run: ContentHash.ContentHash): string => `run/${run}`;

/** The beginnings of the program's runs that have this salt: their addresses are the runs. */
export const saltedStream = (salt: string): string => `salt/${salt}`;

/** The address of the run that begins with this event. */
export const runOf = (started: Event.RunStarted): ContentHash.ContentHash =>
  ContentHash.of(Event.encode({ previous: undefined, event: started }));

/** Follows the links from the last event to the first. */
export function readTrace(blocks: StoreReads["blocks"], last: ContentHash.ContentHash): Result<Trace, TraceError> {
  const entries: Entry[] = [];
  let next: ContentHash.ContentHash | undefined = last;
  while (next !== undefined) {
    const hash: ContentHash.ContentHash = next;
    if (entries.length >= TRACE_EVENTS_MAX) return err({ kind: "TraceTooLong", eventsMax: TRACE_EVENTS_MAX });
    const bytes = blocks.get(hash);
    if (bytes === undefined) return err({ kind: "MissingEvent", hash, following: entries.length });
    const damaged = (reason: string) => err({ kind: "DamagedEvent", hash, reason } as const);
    if (ContentHash.of(bytes) !== hash) return damaged("its bytes are not those of its address");
    const linked = Event.decode(bytes);
    if (!linked.ok) return entries.length === 0 ? err({ kind: "NotATrace", hash }) : damaged(linked.error.reason);
    entries.push({ hash, event: linked.value.event });
    next = linked.value.previous;
  }
  entries.reverse();
  const first = entries[0]!;
  // `decode` lets only RunStarted be without a previous event.
  return ok({ run: first.hash, started: first.event as Event.RunStarted, entries });
}

/** One line for people. */
export function headline(event: Event.Event): string {
  switch (event.kind) {
    case "RunStarted":
      return `run of ${event.name ?? `#${ContentHash.short(event.definition)}…`}`;
    case "EffectIntent":
      return `${event.index} ${event.asked.operation}!  about to act`;
    case "EffectApplication":
    case "ExternalDependencyCall":
      return event.asked === undefined ? `${event.index} answered` : `${event.index} ${event.asked.operation}!`;
    case "EffectDenied":
      return `${event.index}${event.asked === undefined ? "" : ` ${event.asked.operation}!`} denied: ${event.reason}`;
    case "DeadlineFired":
      return "deadline passed";
    case "LateReturn":
      return `${event.index} answered late, not applied`;
    case "SnapshotTaken":
      return `snapshot #${ContentHash.short(event.snapshot)}…`;
    case "ExecutionError":
      return `ended with ${event.code}${event.message === "" ? "" : `: ${event.message}`}`;
    case "RunEnded":
      return "ended";
  }
}
