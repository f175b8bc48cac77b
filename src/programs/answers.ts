/** What passes between a run and those who answer its requests: the request, who asks, and the prelude's values. */
import { type ContentHash, Value } from "../content/index.ts";
import type { AbandonSignal, AbortSignalLike } from "../execution/index.ts";
import { Bindings } from "../protocol/index.ts";
import { err, type Result } from "../std/index.ts";
import type { Bandit, TimelineAccess } from "./Bandit.ts";
import type * as Instance from "./Instance.ts";

export interface OutsideRequest {
  readonly index: number;
  /** The same whenever this request of this run is asked again. */
  readonly key: ContentHash.ContentHash;
  readonly operation: string;
  readonly arguments: readonly Value.Value[];
}

export interface OutsideContext {
  readonly instance: Instance.Instance;
  /** Of the version that runs. */
  readonly safeStateStrategy: string;
  /** The run as the program's log names it: the address of its message, or of the call. */
  readonly run: ContentHash.ContentHash;
  /** The address of the trace's first event. */
  readonly traceRun: ContentHash.ContentHash;
  readonly bindings: Bindings.Bindings;
  /** What the program's interfaces stand for. */
  readonly programs: ReadonlyMap<string, string>;
  /** Instances whose runs wait for this one, outermost first, this one last. */
  readonly chain: readonly string[];
  /** Milliseconds by which the run is over. */
  readonly deadline: number | undefined;
  /** Nobody waits for the answer any more. */
  readonly signal: AbandonSignal;
  /** Runs an entry of another program, once per key. */
  readonly runCall: (id: string, call: Call) => Promise<CallOutcome>;
}

export interface Call {
  readonly entry: string;
  readonly arguments: readonly Value.Value[];
  /** Names the run in the callee's log. */
  readonly key: ContentHash.ContentHash;
  readonly chain: readonly string[];
  /** Milliseconds by which it is over; undefined: the callee's own bound. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignalLike;
}

export type CallOutcome =
  | { readonly kind: "ended"; readonly outcome: "returned" | "faulted"; readonly result: Value.Value }
  | { readonly kind: "late" }
  /** The callee did nothing. */
  | { readonly kind: "refused"; readonly reason: string };

/** No answer: now (the timeline is away; asking again repeats nothing), or ever (this node cannot do it). */
export type Unavailable =
  | {
      readonly kind: "Unavailable";
      readonly reason: string;
      /** Stops asking and says what the program is told then; without it the run ends. */
      readonly giveUp?: () => Promise<Value.Value>;
    }
  | { readonly kind: "Unsupported"; readonly reason: string };

export type Answer = Promise<Result<Value.Value, Unavailable>>;

export const unsupported = (reason: string) => err({ kind: "Unsupported", reason } as const);
export const unavailable = (reason: string) => err({ kind: "Unavailable", reason } as const);

export const report = (bandit: Bandit, request: OutsideRequest, what: string): void =>
  bandit.report({ kind: "effect", index: request.index, what });

/** The bindings of the manifest, with the addresses that the network gives to the contracts' names. */
export const bindingsAt = (context: OutsideContext, timeline: TimelineAccess): Bindings.Bindings =>
  Bindings.withContracts(context.bindings, timeline.name, timeline.contracts);

export const ask = (timeline: TimelineAccess, declaredValue: Value.Variant) => ({
  timeline: timeline.name,
  name: declaredValue.case,
  arguments:
    typeof declaredValue.payload === "object" && declaredValue.payload.tag === "record"
      ? declaredValue.payload
      : Value.record([]),
  account: timeline.adapter.account,
});

/** `Receipt`, as the prelude declares it. */
export const receiptValue = (value: Value.Value, at: number, reference: string): Value.Value =>
  Value.okValue(
    Value.record([
      ["value", value],
      ["at", Value.instant(at)],
      ["reference", reference],
    ]),
  );

/** An error of the prelude: `ActRefused(reason)`. */
export const errorValue = (name: string, fields: Iterable<readonly [string, Value.Value]>): Value.Value =>
  Value.errValue(Value.variant(name, Value.record(fields)));

export const doubt = (isKnown: boolean): Value.Value => Value.variant(isKnown ? "NoneDone" : "Unknown");

export function text(value: Value.Value | undefined): string {
  if (typeof value !== "string") throw new Error("internal error: the checker lets only a Text through here");
  return value;
}

export function declared(value: Value.Value | undefined): Value.Variant {
  if (typeof value !== "object" || value.tag !== "variant")
    throw new Error("internal error: the checker lets only a fact or action through here");
  return value;
}
