/** The port through which effects act: whoever supplies it talks to accounts, timelines and other programs. */
import type { ContentHash, Value } from "../content/index.ts";
import type { Request } from "./machine/Machine.ts";

/** An effect as its handler sees it. */
export interface EffectRequest extends Request {
  /**
   * The same whenever this request of this run is asked again, also after a crash: a handler that acts outside passes it
   * on, so that nothing is done twice.
   */
  readonly idempotencyKey: ContentHash.ContentHash;
}

/** What is known about the run that asks. */
export interface EffectContext {
  /** The address of the run's first event. */
  readonly run: ContentHash.ContentHash;
  readonly definition: ContentHash.ContentHash;
  /** The name by which it was called, if it was. */
  readonly name: string | undefined;
  /** Milliseconds by which the run must be over, by the executor's clock. */
  readonly deadline: number | undefined;
  /** The request was abandoned: a deadline passed or a race was won. The answer will be late. */
  readonly signal: AbandonSignal;
}

/** Fires once, when no one waits for the answer any more. */
export interface AbandonSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export type EffectAnswer =
  | { readonly kind: "answer"; readonly value: Value.Value }
  /** Nothing was done, and the run ends with this reason. What a program can handle is an answer (`Err`). */
  | { readonly kind: "refusal"; readonly reason: string };

export interface EffectHandler {
  /** Never throws for what the outside does; a throw is a bug of the host and ends the run without an end in its trace. */
  perform(request: EffectRequest, context: EffectContext): Promise<EffectAnswer>;
}

/** Refuses everything: for pure code. */
export const noEffects: EffectHandler = {
  perform: async (request) => ({ kind: "refusal", reason: `nothing here carries out ${request.operation}` }),
};

/** Asking again changes nothing outside, so no intent has to be durable before. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["Clock", "Random", "Observe", "World"]);

export const isIdempotent = (request: Pick<Request, "label" | "operation">): boolean =>
  IDEMPOTENT.has(request.label) || (request.label === "Invoke" && request.operation === "query");
