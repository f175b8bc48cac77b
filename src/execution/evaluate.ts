/**
 * Runs a pure function at once, without a trace: all that its end rests on is its hash, its arguments and its limits, so
 * whoever runs it again comes to the same end. What asks the outside for anything is refused where it asks.
 */
import type { ContentHash, Value } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { ExecutionError } from "./ExecutionError.ts";
import type { Library } from "./machine/Library.ts";
import type { Limits } from "./machine/Machine.ts";
import { fuelUsed, run, start } from "./machine/schedule.ts";
import { startError } from "./restore.ts";

export interface Evaluated {
  readonly value: Value.Value;
  readonly fuel: number;
}

export function evaluate(
  library: Library,
  hash: ContentHash.ContentHash,
  args: readonly Value.Value[],
  limits: Limits,
): Result<Evaluated, ExecutionError> {
  const machine = start(library, hash, args, limits);
  if (!machine.ok) return err(startError(hash, machine.error));
  const outcome = run(machine.value);
  switch (outcome.kind) {
    case "done":
      return ok({ value: outcome.value, fuel: fuelUsed(machine.value) });
    case "fault":
      return err({ ...outcome, kind: "Fault" });
    case "outOfFuel":
      return err({ kind: "OutOfFuel", fuel: limits.fuel });
    case "outOfMemory":
      return err({ kind: "OutOfMemory", memoryBytes: limits.memoryBytes });
    case "invalid":
      return err(outcome.error);
    case "suspended": {
      const { label, operation } = outcome.requests[0] ?? { label: "Clock", operation: "wait" };
      return err({ kind: "EffectDenied", label, operation, reason: "it must be pure" });
    }
    case "paused":
      throw new Error("internal error: a run without a pause paused");
  }
}
