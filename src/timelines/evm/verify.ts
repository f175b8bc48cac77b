/**
 * A Bandit's check of an observation on an EVM timeline, from its bytes alone: the header hashes to the block, the proof
 * leads from the header's roots to the words, and the reading of the words is the claimed value. Bounded, and without
 * network, clock or Node. What it does not show is that the block is the chain's: that is the keepers' signature.
 * Spec: docs/spec/timelines.md §4.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { show, Value } from "../../content/index.ts";
import {
  type Observation,
  Outcome,
  type OutcomeQuery,
  type ProofError,
  Reading,
  type StorageQuery,
  type Verified,
} from "../../protocol/index.ts";
import { Bytes, err, never, ok, type Result } from "../../std/index.ts";
import * as Abi from "./Abi.ts";
import * as Header from "./Header.ts";
import * as Rlp from "./Rlp.ts";
import * as TransactionReceipt from "./TransactionReceipt.ts";
import * as Trie from "./Trie.ts";

export const SLOTS_MAX = 32;
export const KEYS_MAX = 4;
/** keccak-256 of no code. */
const NO_CODE = keccak_256(Bytes.empty);

export function verify(timeline: string, observation: Observation): Result<Verified, ProofError> {
  if (observation.timeline !== timeline)
    return err({ kind: "WrongTimeline", expected: timeline, got: observation.timeline });
  const header = Header.decode(observation.header);
  if (!header.ok) return malformed("header", header.error);
  const { number, hash, timestamp } = header.value;
  if (!Bytes.equal(hash, observation.block.hash))
    return err({ kind: "WrongHash", part: "header", expected: hex(observation.block.hash), got: hex(hash) });
  if (number !== observation.block.number)
    return err({ kind: "WrongValue", expected: `block ${number}`, got: `block ${observation.block.number}` });
  if (timestamp * 1000 !== observation.observedAt)
    return err({ kind: "WrongValue", expected: `time ${timestamp * 1000}`, got: `time ${observation.observedAt}` });
  const value = provenValue(observation, header.value);
  if (!value.ok) return value;
  if (!Value.equal(value.value, observation.value))
    return err({ kind: "WrongValue", expected: show(value.value), got: show(observation.value) });
  return ok({ block: observation.block, time: observation.observedAt });
}

/** What the proof shows, whatever the observation claims. */
export function provenValue(
  observation: Pick<Observation, "query" | "proof">,
  header: Header.Header,
): Result<Value.Value, ProofError> {
  const { query, proof } = observation;
  switch (query.kind) {
    case "Storage":
      return proof.kind === "State"
        ? storageValue(query, proof, header)
        : malformed("proof", "a storage question needs a state proof");
    case "Outcome":
      return proof.kind === "Receipt"
        ? outcomeValue(query, proof, header)
        : malformed("proof", "an outcome needs a receipt proof");
    default:
      return never(query);
  }
}

/** The trie key of a slot: mappings hash each key with the slot that holds them (Solidity, "Layout in Storage"). */
export function slotKey(slot: StorageQuery["slots"][number]): Result<Uint8Array, string> {
  if (slot.keys.length > KEYS_MAX) return err(`more than ${KEYS_MAX} keys`);
  const index = BigInt(slot.index);
  if (BigInt.asUintN(256, index) !== index) return err("the slot number does not fit 256 bits");
  let key = Abi.uintWord(index);
  for (const one of slot.keys) {
    const word = keyWord(one);
    if (!word.ok) return word;
    key = keccak_256(Bytes.concat(word.value, key));
  }
  return ok(key);
}

function keyWord(key: Value.Value): Result<Uint8Array, string> {
  if (typeof key === "object" && key.tag === "bytes") {
    // An address is padded on the left, bytes32 fills the word; other lengths would be ambiguous.
    if (key.bytes.length === 20) return Abi.encodeWord({ kind: "address" }, key);
    return Abi.encodeWord({ kind: "bytes", length: 32 }, key);
  }
  if (typeof key === "boolean") return Abi.encodeWord({ kind: "bool" }, key);
  const isNegative = (typeof key === "number" || typeof key === "bigint") && key < 0;
  return Abi.encodeWord({ kind: isNegative ? "int" : "uint", bits: 256 }, key);
}

function storageValue(
  query: StorageQuery,
  proof: Extract<Observation["proof"], { readonly kind: "State" }>,
  header: Header.Header,
): Result<Value.Value, ProofError> {
  if (query.contract.length !== 20) return malformed("question", "a contract's address has 20 bytes");
  if (query.slots.length > SLOTS_MAX)
    return err({ kind: "TooLarge", part: "slot list", got: query.slots.length, max: SLOTS_MAX });
  if (proof.slots.length !== query.slots.length)
    return malformed("proof", `${proof.slots.length} slot proofs for ${query.slots.length} slots`);
  const leaf = Trie.get(header.stateRoot, keccak_256(query.contract), proof.account, "account");
  if (!leaf.ok) return leaf;
  if (leaf.value === undefined)
    return err({ kind: "NotThere", part: "account", reason: `there is no account ${hex(query.contract)}` });
  const account = Rlp.decode(leaf.value);
  if (!account.ok) return malformed("account", account.error.reason);
  if (!Rlp.isList(account.value) || account.value.length !== 4) return malformed("account", "expected four parts");
  const [, , storageRoot, codeHash] = account.value;
  if (!Rlp.isBytes(storageRoot) || storageRoot.length !== 32 || !Rlp.isBytes(codeHash) || codeHash.length !== 32)
    return malformed("account", "a root has 32 bytes");
  if (Bytes.equal(codeHash, NO_CODE))
    return err({ kind: "NotThere", part: "account", reason: `${hex(query.contract)} is not a contract` });

  const words = new Map<string, Value.Value>();
  for (let i = 0; i < query.slots.length; i++) {
    const slot = query.slots[i]!;
    const key = slotKey(slot);
    if (!key.ok) return malformed("question", `slot ${slot.name}: ${key.error}`);
    const part = `slot ${slot.name}`;
    const found = Trie.get(storageRoot, keccak_256(key.value), proof.slots[i]!, part);
    if (!found.ok) return found;
    const word = slotWord(found.value);
    if (word === undefined) return malformed(part, "the value is not a word");
    const value = Reading.slotValue(slot, word);
    if (value === undefined) return malformed(part, `the word is not ${slot.bytes} bytes of ${slot.type}`);
    words.set(slot.name, value);
  }
  return readAs(query.reading, words);
}

/** Storage holds RLP of the number without leading zeros; a slot that is not in the trie is zero. */
function slotWord(stored: Uint8Array | undefined): bigint | undefined {
  if (stored === undefined) return 0n;
  const item = Rlp.decode(stored);
  return item.ok ? Rlp.toBigInt(item.value) : undefined;
}

function outcomeValue(
  query: OutcomeQuery,
  proof: Extract<Observation["proof"], { readonly kind: "Receipt" }>,
  header: Header.Header,
): Result<Value.Value, ProofError> {
  const key = Rlp.encode(Rlp.fromNumber(proof.index));
  // The receipt does not name its transaction; the transaction at the same index does.
  const transaction = Trie.get(header.transactionsRoot, key, proof.transaction, "transaction");
  if (!transaction.ok) return transaction;
  if (transaction.value === undefined)
    return err({ kind: "NotThere", part: "transaction", reason: `the block has no transaction ${proof.index}` });
  const hash = keccak_256(transaction.value);
  if (!Bytes.equal(hash, query.transaction))
    return err({ kind: "WrongHash", part: "transaction", expected: hex(query.transaction), got: hex(hash) });
  const stored = Trie.get(header.receiptsRoot, key, proof.receipt, "receipt");
  if (!stored.ok) return stored;
  if (stored.value === undefined)
    return err({ kind: "NotThere", part: "receipt", reason: `the block has no receipt ${proof.index}` });
  const receipt = TransactionReceipt.decode(stored.value);
  if (!receipt.ok) return malformed("receipt", receipt.error);
  if (!receipt.value.isDone) return ok(Outcome.toValue({ kind: "Reverted" }));

  const words = eventWords(query, receipt.value.logs);
  if (!words.ok) return words;
  const answer = readAs(query.answer, words.value);
  if (!answer.ok) return answer;
  const moves = [];
  for (const { asset, direction, amount } of query.moves) {
    const value = readAs(amount, words.value);
    if (!value.ok) return value;
    if (typeof value.value !== "object" || value.value.tag !== "decimal")
      return malformed("question", `the amount of ${asset} is not read as a decimal`);
    moves.push({ asset, direction, amount: value.value });
  }
  return ok(Outcome.toValue({ kind: "Done", answer: answer.value, moves }));
}

/** The parameters of the one log of the contract that is this event with these values. */
function eventWords(
  query: OutcomeQuery,
  logs: readonly Abi.Log[],
): Result<ReadonlyMap<string, Value.Value>, ProofError> {
  const signature = Abi.parse(query.event);
  if (!signature.ok) return malformed("question", signature.error);
  let found: ReadonlyMap<string, Value.Value> | undefined;
  for (const log of logs) {
    if (!Bytes.equal(log.address, query.contract)) continue;
    const words = Abi.decodeLog(signature.value, log);
    if (words === undefined) continue;
    if (!words.ok) return malformed("log", words.error);
    const isAsked = query.where.every(({ name, value }) => {
      const got = words.value.get(name);
      return got !== undefined && Value.equal(got, value);
    });
    if (!isAsked) continue;
    if (found !== undefined)
      return err({ kind: "NotThere", part: "receipt", reason: `more than one ${signature.value.name} fits` });
    found = words.value;
  }
  return found === undefined
    ? err({ kind: "NotThere", part: "receipt", reason: `no ${signature.value.name} of the contract fits` })
    : ok(found);
}

function readAs(reading: Reading.Reading, words: ReadonlyMap<string, Value.Value>): Result<Value.Value, ProofError> {
  const value = Reading.read(reading, words);
  return value.ok ? value : malformed("value", value.error.reason);
}

const malformed = (part: string, reason: string) => err({ kind: "MalformedProof", part, reason } as const);
const hex = (bytes: Uint8Array) => `0x${Bytes.toHex(bytes)}`;
