/** One run of a closed definition in memory: of a test, of a case of a prop, of a watch line. */
import type { ContentHash, Value } from "../../content/index.ts";
import type { Library } from "../machine/Library.ts";
import type { CallFrame, Limits } from "../machine/Machine.ts";
import { fuelUsed, pending, run } from "../machine/schedule.ts";
import { startAccelerated } from "../optimised.ts";

export type Attempt =
  | { readonly value: Value.Value; readonly failure: undefined; readonly fuel: number }
  | { readonly failure: Failure; readonly fuel: number };

export interface Failure {
  /** `AssertionFailed`, `DivisionByZero`, `OutOfFuel`, … */
  readonly code: string;
  readonly message: string;
  readonly stack: readonly CallFrame[];
}

/** `hash` must be in `library`. */
export function attempt(
  library: Library,
  hash: ContentHash.ContentHash,
  args: readonly Value.Value[],
  limits: Limits,
): Attempt {
  const machine = startAccelerated(library, hash, args, limits);
  if (!machine.ok) return { failure: { code: machine.error.kind, message: "", stack: [] }, fuel: 0 };
  const outcome = run(machine.value);
  const fuel = fuelUsed(machine.value);
  switch (outcome.kind) {
    case "done":
      return { value: outcome.value, failure: undefined, fuel };
    case "fault":
      return { failure: outcome, fuel };
    case "outOfFuel":
      return { failure: { code: "OutOfFuel", message: `more than ${limits.fuel} steps`, stack: outcome.stack }, fuel };
    case "outOfMemory":
      return {
        failure: { code: "OutOfMemory", message: `more than ${limits.memoryBytes} bytes`, stack: outcome.stack },
        fuel,
      };
    case "invalid":
      return {
        failure: {
          code: outcome.error.kind,
          message: "reason" in outcome.error ? outcome.error.reason : "",
          stack: outcome.stack,
        },
        fuel,
      };
    case "suspended": {
      const asked = pending(machine.value)
        .map((request) => `${request.operation}!`)
        .join(", ");
      return { failure: { code: "Unanswered", message: `nothing in the test answers ${asked}`, stack: [] }, fuel };
    }
    case "paused":
      throw new Error("internal error: a test paused");
  }
}
