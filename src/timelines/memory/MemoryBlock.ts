/**
 * Blocks of the memory chain and the pure check of its proofs. A header commits to the whole state and to the block's
 * transactions with their outcomes; a proof shows the part that the header commits to. Simple, and as strict as MPT.
 */
import { Codec, ContentHash, decodeValue, encodeValue, Int, show, Value } from "../../content/index.ts";
import {
  type Observation,
  Outcome,
  type OutcomeQuery,
  type Proof,
  type ProofError,
  Reading,
  type StorageQuery,
  type Verified,
} from "../../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../../std/index.ts";
import { type Event, type Ledger, wordKey } from "./Ledger.ts";

export const HeaderData = Codec.record({
  timeline: Codec.text,
  number: Codec.count,
  parent: Codec.bytes,
  /** Milliseconds. */
  time: Codec.count,
  /** Tells branches apart that have the same contents. */
  branch: Codec.count,
  state: Codec.bytes,
  transactions: Codec.bytes,
});
export type HeaderData = Codec.Of<typeof HeaderData>;

const StateData = Codec.record({
  contracts: Codec.list(Codec.bytes),
  words: Codec.map(Codec.int),
  coins: Codec.map(Codec.int),
});

const ExecutedData = Codec.list(
  Codec.record({
    raw: Codec.bytes,
    isDone: Codec.bool,
    events: Codec.list(
      Codec.record({
        contract: Codec.bytes,
        name: Codec.text,
        words: Codec.list(Codec.record({ name: Codec.text, value: Codec.value })),
      }),
    ),
  }),
);

export interface Executed {
  readonly raw: Uint8Array;
  readonly isDone: boolean;
  readonly events: readonly Event[];
}

/** The 32 bytes of sha2-256 over a canonical block. */
export const digest = (bytes: Uint8Array): Uint8Array => ContentHash.toBytes(ContentHash.of(bytes)).slice(-32);

export const encodeHeader = (header: HeaderData): Uint8Array => encodeValue(HeaderData.toValue(header));

export const encodeState = (ledger: Ledger, contracts: readonly Uint8Array[]): Uint8Array =>
  encodeValue(StateData.toValue({ contracts, words: intMap(ledger.words), coins: intMap(ledger.coins) }));

const intMap = (words: ReadonlyMap<string, bigint>) => new Map([...words].map(([key, word]) => [key, Int.of(word)]));

export const encodeExecuted = (executed: readonly Executed[]): Uint8Array =>
  encodeValue(
    ExecutedData.toValue(
      executed.map((one) => ({
        ...one,
        events: one.events.map((event) => ({
          ...event,
          words: event.words.map(([name, value]) => ({ name, value })),
        })),
      })),
    ),
  );

export function verifyMemory(timeline: string, observation: Observation): Result<Verified, ProofError> {
  if (observation.timeline !== timeline)
    return err({ kind: "WrongTimeline", expected: timeline, got: observation.timeline });
  const header = readAs(HeaderData, observation.header, "header");
  if (!header.ok) return header;
  const hash = digest(observation.header);
  if (!Bytes.equal(hash, observation.block.hash))
    return err({ kind: "WrongHash", part: "header", expected: hex(observation.block.hash), got: hex(hash) });
  if (header.value.timeline !== timeline)
    return err({ kind: "WrongTimeline", expected: timeline, got: header.value.timeline });
  if (header.value.number !== observation.block.number || header.value.time !== observation.observedAt)
    return err({
      kind: "WrongValue",
      expected: `block ${header.value.number} at ${header.value.time}`,
      got: `block ${observation.block.number} at ${observation.observedAt}`,
    });
  const value = provenValue(observation, header.value);
  if (!value.ok) return value;
  if (!Value.equal(value.value, observation.value))
    return err({ kind: "WrongValue", expected: show(value.value), got: show(observation.value) });
  return ok({ block: observation.block, time: observation.observedAt });
}

export function provenValue(
  { query, proof }: Pick<Observation, "query" | "proof">,
  header: HeaderData,
): Result<Value.Value, ProofError> {
  if (query.kind === "Storage" && proof.kind === "State") return storageValue(query, proof, header);
  if (query.kind === "Outcome" && proof.kind === "Receipt") return outcomeValue(query, proof, header);
  return malformed("proof", "the proof is of another kind than the question");
}

function storageValue(
  query: StorageQuery,
  proof: Extract<Proof, { readonly kind: "State" }>,
  header: HeaderData,
): Result<Value.Value, ProofError> {
  const bytes = committed(proof.account, header.state, "state");
  if (!bytes.ok) return bytes;
  if (proof.slots.length !== query.slots.length || proof.slots.some((nodes) => nodes.length > 0))
    return malformed("proof", "expected one empty node list for each slot");
  const state = readAs(StateData, bytes.value, "state");
  if (!state.ok) return state;
  if (!state.value.contracts.some((contract) => Bytes.equal(contract, query.contract)))
    return err({ kind: "NotThere", part: "account", reason: `${hex(query.contract)} is not a contract` });
  const words = new Map<string, Value.Value>();
  for (const slot of query.slots) {
    const word = BigInt(state.value.words.get(wordKey(query.contract, slot.index, slot.keys)) ?? 0);
    const value = Reading.slotValue(slot, word);
    if (value === undefined)
      return malformed(`slot ${slot.name}`, `the word is not ${slot.bytes} bytes of ${slot.type}`);
    words.set(slot.name, value);
  }
  return readingOf(query.reading, words);
}

function outcomeValue(
  query: OutcomeQuery,
  proof: Extract<Proof, { readonly kind: "Receipt" }>,
  header: HeaderData,
): Result<Value.Value, ProofError> {
  const bytes = committed(proof.receipt, header.transactions, "receipt");
  if (!bytes.ok) return bytes;
  const executed = readAs(ExecutedData, bytes.value, "receipt");
  if (!executed.ok) return executed;
  const one = executed.value[proof.index];
  if (one === undefined)
    return err({ kind: "NotThere", part: "receipt", reason: `the block has no transaction ${proof.index}` });
  const raw = committed(proof.transaction, query.transaction, "transaction");
  if (!raw.ok) return raw;
  if (!Bytes.equal(raw.value, one.raw)) return malformed("transaction", "another transaction has this index");
  if (!one.isDone) return ok(Outcome.toValue({ kind: "Reverted" }));
  const name = /^(\w+)\([^()]*\)$/.exec(query.event)?.[1];
  if (name === undefined) return malformed("question", "the event is not name(type name,…)");
  const fitting = one.events.filter(
    (event) =>
      event.name === name &&
      Bytes.equal(event.contract, query.contract) &&
      query.where.every((w) => event.words.some((p) => p.name === w.name && Value.equal(p.value, w.value))),
  );
  if (fitting.length !== 1)
    return err({ kind: "NotThere", part: "receipt", reason: `${fitting.length} events ${name} of the contract fit` });
  const words = new Map(fitting[0]!.words.map((p) => [p.name, p.value]));
  const answer = readingOf(query.answer, words);
  if (!answer.ok) return answer;
  const moves = [];
  for (const { asset, direction, amount } of query.moves) {
    const value = readingOf(amount, words);
    if (!value.ok) return value;
    if (typeof value.value !== "object" || value.value.tag !== "decimal")
      return malformed("question", `the amount of ${asset} is not read as a decimal`);
    moves.push({ asset, direction, amount: value.value });
  }
  return ok(Outcome.toValue({ kind: "Done", answer: answer.value, moves }));
}

/** The one node that hashes to what the header or the question commits to. */
function committed(nodes: readonly Uint8Array[], root: Uint8Array, part: string): Result<Uint8Array, ProofError> {
  const [node] = nodes;
  if (node === undefined) return err({ kind: "MissingNode", part, hash: hex(root) });
  if (nodes.length !== 1) return malformed(part, `${nodes.length} nodes, expected one`);
  const got = digest(node);
  return Bytes.equal(got, root) ? ok(node) : err({ kind: "WrongHash", part, expected: hex(root), got: hex(got) });
}

function readAs<T>(codec: Codec.Codec<T>, bytes: Uint8Array, part: string): Result<T, ProofError> {
  const value = decodeValue(bytes);
  if (!value.ok) return malformed(part, "not canonical");
  const read = codec.fromValue(value.value);
  return read.ok ? read : malformed(part, Codec.showShapeError(read.error));
}

function readingOf(reading: Reading.Reading, words: ReadonlyMap<string, Value.Value>): Result<Value.Value, ProofError> {
  const value = Reading.read(reading, words);
  return value.ok ? value : malformed("value", value.error.reason);
}

const malformed = (part: string, reason: string) => err({ kind: "MalformedProof", part, reason } as const);
const hex = (bytes: Uint8Array) => `0x${Bytes.toHex(bytes)}`;
