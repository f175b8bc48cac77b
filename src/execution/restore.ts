/** What a resumed run starts from: the machine as its trace left it, and what counts against its sandbox. */
import type { ContentHash } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { ExecutionError } from "./ExecutionError.ts";
import type { Before } from "./execute.ts";
import type { Library } from "./machine/Library.ts";
import type { Machine, Request } from "./machine/Machine.ts";
import { openSnapshot } from "./machine/openSnapshot.ts";
import { pending, run, type StartError, start } from "./machine/schedule.ts";
import type { Store } from "./ports.ts";
import { FUEL_PER_MILLISECOND } from "./Resources.ts";
import { causeOf, follow } from "./replay.ts";
import type * as Event from "./trace/Event.ts";
import type { Trace } from "./trace/Trace.ts";

export interface Restored {
  readonly machine: Machine;
  readonly ended: Event.Event | undefined;
}

/** The machine as it stood after its last recorded event: from the newest snapshot, if there is one. */
export function restore(
  library: Library,
  store: Store,
  trace: Trace,
  last: ContentHash.ContentHash,
): Result<Restored, ExecutionError> {
  const { started, entries } = trace;
  const limits = { fuel: started.fuel, memoryBytes: started.memoryBytes };
  const cause = () => causeOf(library, started, started.definition, limits);
  const at = entries.findLastIndex((entry) => entry.event.kind === "SnapshotTaken");
  const event = entries[at]?.event;
  const snapshot =
    event?.kind === "SnapshotTaken"
      ? openSnapshot(library, event.snapshot, (hash) => store.blocks.get(hash))
      : undefined;
  const isFromSnapshot = snapshot?.ok === true;
  const machine = isFromSnapshot
    ? snapshot
    : start(library, started.definition, started.arguments, limits, started.state);
  if (!machine.ok) return err(startError(started.definition, machine.error as StartError));
  const followed = follow(machine.value, run(machine.value), entries, isFromSnapshot ? at + 1 : 1, cause, last);
  if (!followed.ok)
    return err(followed.error.kind === "Diverged" ? followed.error : startError(started.definition, followed.error));
  return ok({ machine: machine.value, ended: followed.value.ending });
}

/** What the trace says was asked and answered, and what was about to act. */
export function doneBefore(trace: Trace, machine: Machine): Before {
  const open = new Set(pending(machine).map((request) => request.index));
  const asked = new Map<number, Event.Asked>();
  const intended = new Set<number>();
  for (const { event } of trace.entries) {
    if ("asked" in event && event.asked !== undefined) asked.set(event.index, event.asked);
    if (event.kind === "EffectIntent" && open.has(event.index)) intended.add(event.index);
  }
  const answered: Request[] = [...asked].flatMap(([index, one]) => (open.has(index) ? [] : [{ index, ...one }]));
  return { intended, answered };
}

/** The error of a run that the host ended, as far as its trace tells. */
export function hostEnd(event: Event.Event, granted: Event.RunStarted): ExecutionError {
  if (event.kind !== "ExecutionError") throw new Error("internal error: a run without an end");
  const colon = event.message.indexOf(": ");
  const operation = event.message.slice(0, Math.max(0, colon));
  const reason = event.message.slice(colon < 0 ? 0 : colon + 2);
  switch (event.code) {
    case "EffectDenied":
      return { kind: "EffectDenied", label: operation, operation, reason };
    case "ExternalCallDenied":
      return { kind: "ExternalCallDenied", call: event.message };
    case "Timeout":
      return { kind: "Timeout", timeoutMillis: Math.floor(granted.fuel / FUEL_PER_MILLISECOND), by: "clock" };
    case "EffectBudget":
      return { kind: "EffectBudget", effectCount: event.end.requests - 1 };
    case "IoBudget":
      return { kind: "IoBudget", ioOperations: event.end.requests - 1 };
    default:
      return { kind: "EffectRefused", operation, reason };
  }
}

export function startError(hash: ContentHash.ContentHash, error: StartError): ExecutionError {
  if (error.kind !== "WrongArguments") return error;
  const expected = `${error.expected} argument${error.expected === 1 ? "" : "s"}`;
  return { kind: "TypeMismatch", hash, expected, got: String(error.got) };
}
