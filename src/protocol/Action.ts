/** What an `act!` asks of a timeline, fully resolved, and what came of it. Spec: docs/spec/timelines.md §3. */
import { Codec, ContentHash, type Decimal, encodeValue, hashValue, type Value } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { type FactQuery, MoveReading, Observation, type OutcomeQuery } from "./Fact.ts";
import { Reading } from "./Reading.ts";

/** A parameter of a call. */
export const Input = Codec.variant({
  Given: Codec.record({ value: Codec.value }),
  /** What a view of a contract answers when the action is signed, moved by the allowed slippage. */
  Limit: Codec.record({
    contract: Codec.bytes,
    /** `quoteBuy(uint256)`: integers in, one integer out. */
    view: Codec.text,
    arguments: Codec.list(Codec.value),
    /** `most`: pay no more than quote × (1 + slippage), rounded down; `least`: take no less than × (1 − slippage), rounded up. */
    bound: Codec.word("most", "least"),
    slippageBasisPoints: Codec.count,
  }),
});
export type Input = Codec.Of<typeof Input>;

export const ActionCall = Codec.record({
  timeline: Codec.text,
  action: Codec.text,
  /** The record of the action's arguments, as the program gave them. */
  arguments: Codec.value,
  contract: Codec.bytes,
  /** `buy(bytes32,address,uint256,uint256)` */
  function: Codec.text,
  inputs: Codec.list(Input),
  /** Native coin sent along, in the smallest unit. */
  payment: Codec.int,
  gasMax: Codec.count,
  event: Codec.text,
  where: Codec.list(Codec.record({ name: Codec.text, value: Codec.value })),
  answer: Reading,
  moves: Codec.list(MoveReading),
});
export type ActionCall = Codec.Of<typeof ActionCall>;

export const hashAction = (action: ActionCall): ContentHash.ContentHash => hashValue(ActionCall.toValue(action));

/** The question whose answer is the action's outcome. */
export const outcomeOf = (action: ActionCall, transaction: Uint8Array): OutcomeQuery => ({
  kind: "Outcome",
  transaction,
  contract: action.contract,
  event: action.event,
  where: action.where,
  answer: action.answer,
  moves: action.moves,
});

/** What changed hands, in whole units of the asset. */
export const Move = Codec.record({
  asset: Codec.text,
  direction: Codec.word("in", "out"),
  amount: Codec.decimal,
});
export type Move = Codec.Of<typeof Move>;
export type { Decimal };

/** The value of an Outcome observation. */
export const Outcome = Codec.variant({
  Done: Codec.record({ answer: Codec.value, moves: Codec.list(Move) }),
  Reverted: Codec.record({}),
});
export type Outcome = Codec.Of<typeof Outcome>;

/** A done action: its answer, what changed hands, and the observation that proves both. */
export const Receipt = Codec.record({
  timeline: Codec.text,
  /** The effect that asked for it: the idempotency key. */
  effect: Codec.text,
  action: Codec.hash,
  transaction: Codec.bytes,
  answer: Codec.value,
  moves: Codec.list(Move),
  observation: Observation,
});
export type Receipt = Codec.Of<typeof Receipt>;

export const encodeReceipt = (receipt: Receipt): Uint8Array => encodeValue(Receipt.toValue(receipt));
export const hashReceipt = (receipt: Receipt): ContentHash.ContentHash => ContentHash.of(encodeReceipt(receipt));

/** The outcome that an Outcome observation claims. */
export function outcomeFrom(query: FactQuery, value: Value.Value): Result<Outcome, Codec.ShapeError> {
  if (query.kind !== "Outcome")
    return err({ kind: "WrongShape", path: "$.query", expected: "Outcome", got: query.kind });
  const outcome = Outcome.fromValue(value);
  return outcome.ok ? ok(outcome.value) : outcome;
}
