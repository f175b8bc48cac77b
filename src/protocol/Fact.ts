/**
 * What was seen on a timeline, with all that a Bandit needs to check it without asking anybody:
 * the question, the block and its header, the proof against the header's roots, and the answer.
 * An Observation becomes a Fact when a TimeKeeper signs it. Spec: docs/spec/protocol.md §2.
 */
import { Codec, type ContentHash, Kind } from "../content/index.ts";
import { Bytes } from "../std/index.ts";
import { Reading } from "./Reading.ts";
import { type Signed, type SignedKind, signedKind } from "./Signed.ts";

/** Larger facts are refused unread: a proof has a few kilobytes. */
export const FACT_BYTES_MAX = 1024 * 1024;

/** One value inside a contract's storage. */
export const Slot = Codec.record({
  name: Codec.text,
  /** The declared slot number. */
  index: Codec.int,
  /** Keys of nested mappings from the outside in: Bytes, Int or Bool; none for a plain variable. */
  keys: Codec.list(Codec.value),
  /** Bytes from the low end of the word, for packed variables. */
  offset: Codec.count,
  bytes: Codec.count,
  type: Codec.word("uint", "int", "bool", "bytes"),
});
export type Slot = Codec.Of<typeof Slot>;

/** What changes hands: `asset` by its name in the manifest, amount read from the event. */
export const MoveReading = Codec.record({
  asset: Codec.text,
  direction: Codec.word("in", "out"),
  amount: Reading,
});
export type MoveReading = Codec.Of<typeof MoveReading>;

/** A question that a timeline's state or history answers. Addresses and transaction ids are the chain's own bytes. */
export const FactQuery = Codec.variant({
  /** Storage of a contract at a block. Value: the reading of the slots. */
  Storage: Codec.record({
    fact: Codec.text,
    arguments: Codec.value,
    contract: Codec.bytes,
    slots: Codec.list(Slot),
    reading: Reading,
  }),
  /**
   * What became of a transaction. Value: `Done(answer, moves)` of the one event that `contract` emitted in it with these
   * parameters, or `Reverted`.
   */
  Outcome: Codec.record({
    transaction: Codec.bytes,
    contract: Codec.bytes,
    /** `Bought(bytes32 indexed account, address indexed market, uint256 base, uint256 quote)` */
    event: Codec.text,
    where: Codec.list(Codec.record({ name: Codec.text, value: Codec.value })),
    answer: Reading,
    moves: Codec.list(MoveReading),
  }),
});
export type FactQuery = Codec.Of<typeof FactQuery>;
export type StorageQuery = Extract<FactQuery, { readonly kind: "Storage" }>;
export type OutcomeQuery = Extract<FactQuery, { readonly kind: "Outcome" }>;

export const Proof = Codec.variant({
  /** Nodes from the state root to the account, and from its storage root to each slot, in the query's order. */
  State: Codec.record({ account: Codec.list(Codec.bytes), slots: Codec.list(Codec.list(Codec.bytes)) }),
  /** Nodes from the transactions root to the transaction, and from the receipts root to its receipt, at `index`. */
  Receipt: Codec.record({
    index: Codec.count,
    transaction: Codec.list(Codec.bytes),
    receipt: Codec.list(Codec.bytes),
  }),
});
export type Proof = Codec.Of<typeof Proof>;

export const BlockId = Codec.record({ number: Codec.count, hash: Codec.bytes });
export type BlockId = Codec.Of<typeof BlockId>;

/** How sure the observer was: blocks on top of this one when it looked. */
export const Finality = Codec.variant({ Depth: Codec.record({ depth: Codec.count }) });
export type Finality = Codec.Of<typeof Finality>;

export const Observation = Codec.record({
  timeline: Codec.text,
  query: FactQuery,
  block: BlockId,
  /** The block's header in the chain's own encoding. */
  header: Codec.bytes,
  proof: Proof,
  value: Codec.value,
  /** The header's time in milliseconds since 1970. */
  observedAt: Codec.count,
  finality: Finality,
});
export type Observation = Codec.Of<typeof Observation>;

/** An observation that a TimeKeeper stands for; `signer` is the keeper. */
export type Fact = Signed<Observation>;
export const Fact: SignedKind<Observation> = signedKind(Kind.fact, "fact", Observation, FACT_BYTES_MAX);

/** Takes a fact back after a reorganisation: `block` is what now stands at its height, if anything. */
export const RetractionBody = Codec.record({
  timeline: Codec.text,
  fact: Codec.hash,
  block: BlockId,
  replacedBy: Codec.option(BlockId),
});
export type RetractionBody = Codec.Of<typeof RetractionBody>;
export type Retraction = Signed<RetractionBody>;
export const Retraction: SignedKind<RetractionBody> = signedKind(
  Kind.retraction,
  "retraction",
  RetractionBody,
  64 * 1024,
);

/** Two facts of one height with different blocks. `facts` are both, so that anybody can check the evidence. */
export interface Equivocation {
  readonly timeline: string;
  readonly number: number;
  readonly facts: readonly [Fact, Fact];
}

/**
 * The evidence, when two facts claim different blocks at one height of one timeline. A keeper that retracted the first
 * is not guilty: `retracted` names the facts taken back.
 */
export function equivocation(
  a: Fact,
  b: Fact,
  retracted: ReadonlySet<ContentHash.ContentHash> = new Set(),
): Equivocation | undefined {
  if (a.body.timeline !== b.body.timeline || a.body.block.number !== b.body.block.number) return undefined;
  if (Bytes.equal(a.body.block.hash, b.body.block.hash)) return undefined;
  if (retracted.has(Fact.hash(a)) || retracted.has(Fact.hash(b))) return undefined;
  return { timeline: a.body.timeline, number: a.body.block.number, facts: [a, b] };
}
