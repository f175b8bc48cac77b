/**
 * The port of a timeline: data in, Results out, so that a dead or lying chain is an answer and never an exception.
 * Drivers: `timelines/memory` (the twin) and `timelines/evm`; both pass `adapterConformance`.
 */
import type { ContentHash, Decimal } from "../content/index.ts";
import { Bytes, never, type Result } from "../std/index.ts";
import type { ActionCall, Receipt } from "./Action.ts";
import type { BlockId, FactQuery, Observation } from "./Fact.ts";
import type { Asset } from "./parties.ts";
import type { TimelineId } from "./Timeline.ts";

export interface Head {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly parent: Uint8Array;
  /** Milliseconds since 1970, as the block says. */
  readonly time: number;
}

/** Why an observation proves nothing. Same answer on every machine: the check has no input but the observation. */
export type ProofError =
  | { readonly kind: "WrongTimeline"; readonly expected: string; readonly got: string }
  | { readonly kind: "MalformedProof"; readonly part: string; readonly reason: string }
  | { readonly kind: "WrongHash"; readonly part: string; readonly expected: string; readonly got: string }
  | { readonly kind: "MissingNode"; readonly part: string; readonly hash: string }
  | { readonly kind: "TooLarge"; readonly part: string; readonly got: number; readonly max: number }
  | { readonly kind: "WrongValue"; readonly expected: string; readonly got: string }
  | { readonly kind: "NotThere"; readonly part: string; readonly reason: string };

/**
 * Why a timeline did not do what was asked. `Refused` promises that nothing was done; after `Unknown` something may
 * still happen, and asking again with the same effect continues it.
 */
export type TimelineError =
  | { readonly kind: "Unreachable"; readonly timeline: string; readonly reason: string }
  | { readonly kind: "MalformedAnswer"; readonly timeline: string; readonly method: string; readonly reason: string }
  | { readonly kind: "NotFinal"; readonly timeline: string; readonly depth: number; readonly needed: number }
  | { readonly kind: "NoSuchBlock"; readonly timeline: string; readonly number: number }
  | { readonly kind: "NoSuchTransaction"; readonly timeline: string; readonly transaction: string }
  | { readonly kind: "BadProof"; readonly timeline: string; readonly error: ProofError }
  | { readonly kind: "Unsupported"; readonly timeline: string; readonly what: string }
  | { readonly kind: "Refused"; readonly timeline: string; readonly reason: string }
  | { readonly kind: "OverGas"; readonly timeline: string; readonly needed: string; readonly gasMax: number }
  | {
      readonly kind: "Reverted";
      readonly timeline: string;
      readonly transaction: string;
      readonly observation: Observation;
    }
  | { readonly kind: "Unknown"; readonly timeline: string; readonly transaction: string; readonly reason: string };

/** What a proof shows, recomputed from the observation alone. */
export interface Verified {
  readonly block: BlockId;
  readonly time: number;
}

/** A signed transaction. Written down before it is sent; the same bytes are sent again after a crash, never others. */
export interface SignedTransaction {
  readonly timeline: TimelineId;
  /** The idempotency key: one effect, one transaction. */
  readonly effect: string;
  readonly action: ContentHash.ContentHash;
  readonly sender: Uint8Array;
  readonly nonce: number;
  readonly hash: Uint8Array;
  readonly raw: Uint8Array;
}

/** The port of the transaction journal. `record` resolves when the entry is durable. */
export interface TransactionJournal {
  find(timeline: TimelineId, effect: string): Promise<SignedTransaction | undefined>;
  /** What this sender has signed on the timeline, in nonce order. */
  signedBy(timeline: TimelineId, sender: Uint8Array): Promise<readonly SignedTransaction[]>;
  record(transaction: SignedTransaction): Promise<void>;
}

export interface TransferRequest {
  readonly effect: string;
  readonly asset: Asset;
  /** In whole units of the asset. */
  readonly amount: Decimal.Decimal;
}

export interface TimelineAdapter {
  readonly timeline: TimelineId;
  /** The account's name on this timeline: what bindings mean by `account`. */
  readonly account: Uint8Array;
  head(): Promise<Result<Head, TimelineError>>;
  /** The canonical block at a height; `undefined` when the chain is not that long. */
  blockAt(number: number): Promise<Result<Head | undefined, TimelineError>>;
  /** Answers with a proof at the block that is `depth` below the head (an outcome: at its own block, if that deep). */
  observe(query: FactQuery, depth: number): Promise<Result<Observation, TimelineError>>;
  /** Checks the proof and re-reads the value. Pure: no network, no clock. */
  verify(observation: Observation): Result<Verified, ProofError>;
  /** Does it once per `effect`, however often it is asked. */
  act(action: ActionCall, effect: string): Promise<Result<Receipt, TimelineError>>;
  /** From the Traveler's own holdings on the timeline into the account's vault. */
  deposit(request: TransferRequest): Promise<Result<Receipt, TimelineError>>;
  withdraw(request: TransferRequest & { readonly to: Uint8Array }): Promise<Result<Receipt, TimelineError>>;
  /** Makes a component of a deployment known on the timeline; the receipt's observation is the proof. */
  register(request: {
    readonly effect: string;
    readonly deployment: ContentHash.ContentHash;
    readonly component: string;
  }): Promise<Result<Receipt, TimelineError>>;
  unregister(request: {
    readonly effect: string;
    readonly deployment: ContentHash.ContentHash;
    readonly component: string;
  }): Promise<Result<Receipt, TimelineError>>;
  close(): Promise<void>;
}

/** The memory twin of the journal. */
export function memoryJournal(): TransactionJournal & { readonly entries: readonly SignedTransaction[] } {
  const entries: SignedTransaction[] = [];
  return {
    entries,
    find: async (timeline, effect) => entries.find((e) => e.timeline === timeline && e.effect === effect),
    signedBy: async (timeline, sender) =>
      entries.filter((e) => e.timeline === timeline && Bytes.equal(e.sender, sender)).sort((a, b) => a.nonce - b.nonce),
    record: async (transaction) => {
      entries.push(transaction);
    },
  };
}

export function showProofError(error: ProofError): string {
  switch (error.kind) {
    case "WrongTimeline":
      return `the proof is of ${error.got}, not of ${error.expected}`;
    case "MalformedProof":
      return `the ${error.part} of the proof is malformed: ${error.reason}`;
    case "WrongHash":
      return `the ${error.part} hashes to ${error.got}, not to ${error.expected}`;
    case "MissingNode":
      return `the ${error.part} proof lacks the node ${error.hash}`;
    case "TooLarge":
      return `the ${error.part} has ${error.got}, more than ${error.max}`;
    case "WrongValue":
      return `the proof shows ${error.expected}, the claim is ${error.got}`;
    case "NotThere":
      return `the ${error.part} does not show it: ${error.reason}`;
    default:
      return never(error);
  }
}

export function showTimelineError(error: TimelineError): string {
  switch (error.kind) {
    case "Unreachable":
      return `the timeline ${error.timeline} cannot be reached: ${error.reason}`;
    case "MalformedAnswer":
      return `the timeline ${error.timeline} gave a malformed answer to ${error.method}: ${error.reason}`;
    case "NotFinal":
      return `the block on ${error.timeline} has ${error.depth} blocks on top, ${error.needed} are needed`;
    case "NoSuchBlock":
      return `the timeline ${error.timeline} has no block ${error.number}`;
    case "NoSuchTransaction":
      return `the timeline ${error.timeline} has no transaction ${error.transaction}`;
    case "BadProof":
      return `the timeline ${error.timeline} gave a proof that does not hold: ${showProofError(error.error)}`;
    case "Unsupported":
      return `the timeline ${error.timeline} cannot do this: ${error.what}`;
    case "Refused":
      return `the timeline ${error.timeline} refuses, and nothing was done: ${error.reason}`;
    case "OverGas":
      return `the action on ${error.timeline} needs ${error.needed} gas, the limit is ${error.gasMax}; nothing was done`;
    case "Reverted":
      return `the transaction ${error.transaction} on ${error.timeline} was reverted by its contract`;
    case "Unknown":
      return `whether ${error.transaction} on ${error.timeline} is done is unknown: ${error.reason}; ask again with the same effect`;
    default:
      return never(error);
  }
}
