/** Every way in which an execution can fail, as data. What the program itself returns (`Err`, `None`) is no error here. */
import type { ContentHash } from "../content/index.ts";
import { never } from "../std/index.ts";
import type { CallFrame } from "./machine/Machine.ts";
import type { Resource } from "./Resources.ts";
import type { Divergence } from "./trace/Divergence.ts";

export type ExecutionError =
  | { readonly kind: "UnknownHash"; readonly hash: ContentHash.ContentHash }
  | { readonly kind: "UnknownName"; readonly name: string; readonly similar: string | undefined }
  | {
      readonly kind: "TypeMismatch";
      readonly hash: ContentHash.ContentHash;
      readonly expected: string;
      readonly got: string;
    }
  | { readonly kind: "InvalidCode"; readonly hash: ContentHash.ContentHash; readonly reason: string }
  | {
      readonly kind: "IncompatibleFormat";
      readonly hash: ContentHash.ContentHash;
      readonly format: number;
      readonly formatMax: number;
    }
  /** A deterministic failure of the program: `assert`, division by zero, a position outside. */
  | {
      readonly kind: "Fault";
      readonly code: string;
      readonly message: string;
      readonly stack: readonly CallFrame[];
    }
  | { readonly kind: "OutOfFuel"; readonly fuel: number }
  | { readonly kind: "OutOfMemory"; readonly memoryBytes: number }
  /** `by: "fuel"` is deterministic; `by: "clock"` is a fault of the host, recorded as such. */
  | { readonly kind: "Timeout"; readonly timeoutMillis: number; readonly by: "fuel" | "clock" }
  | { readonly kind: "EffectBudget"; readonly effectCount: number }
  | { readonly kind: "IoBudget"; readonly ioOperations: number }
  | { readonly kind: "EffectDenied"; readonly label: string; readonly operation: string; readonly reason: string }
  | { readonly kind: "ExternalCallDenied"; readonly call: string }
  /** The host could not carry out an effect and says that nothing was done. */
  | { readonly kind: "EffectRefused"; readonly operation: string; readonly reason: string }
  | {
      readonly kind: "AllocationRefused";
      readonly resource: Resource;
      readonly requested: number;
      readonly available: number;
    }
  | { readonly kind: "ContextClosed"; readonly context: string }
  | { readonly kind: "Diverged"; readonly divergence: Divergence };

export function showExecutionError(error: ExecutionError): string {
  switch (error.kind) {
    case "UnknownHash":
      return `there is no definition #${error.hash} in this store`;
    case "UnknownName":
      return `there is no definition named ${error.name}${error.similar === undefined ? "" : ` (did you mean ${error.similar}?)`}`;
    case "TypeMismatch":
      return `wrong arguments: expected ${error.expected}, got ${error.got}`;
    case "InvalidCode":
      return `invalid code in #${error.hash}: ${error.reason}`;
    case "IncompatibleFormat":
      return `#${error.hash} has code format ${error.format}, this executor runs formats up to ${error.formatMax}: update time-bandits`;
    case "Fault":
      return error.message === "" ? error.code : `${error.code}: ${error.message}`;
    case "OutOfFuel":
      return `out of fuel: the grant of ${error.fuel} is used up`;
    case "OutOfMemory":
      return `out of memory: the grant of ${error.memoryBytes} bytes is used up`;
    case "Timeout":
      return `timed out after ${error.timeoutMillis} ms${error.by === "fuel" ? " (counted in fuel)" : ""}`;
    case "EffectBudget":
      return `the grant of ${error.effectCount} effects is used up`;
    case "IoBudget":
      return `the grant of ${error.ioOperations} external operations is used up`;
    case "EffectDenied":
      return `the sandbox does not allow ${error.operation} (${error.label}): ${error.reason}`;
    case "ExternalCallDenied":
      return `the sandbox does not allow the external call ${error.call}`;
    case "EffectRefused":
      return `${error.operation} could not be done: ${error.reason}`;
    case "AllocationRefused":
      return `the allocator has ${error.available} ${error.resource} left, ${error.requested} were asked`;
    case "ContextClosed":
      return `the execution context ${error.context} was destroyed`;
    case "Diverged":
      return `the replay diverged at event ${error.divergence.event} of ${error.divergence.of}: ${error.divergence.reason}`;
    default:
      return never(error);
  }
}
