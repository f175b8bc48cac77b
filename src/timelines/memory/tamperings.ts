/** Every way to change one part of an observation: none may pass a verifier. */
import { Decimal, Value } from "../../content/index.ts";
import type { Observation, OutcomeQuery, Proof } from "../../protocol/index.ts";
import { Bytes } from "../../std/index.ts";

export interface Tampering {
  readonly name: string;
  readonly observation: Observation;
  /** It asks for another event: of a reverted transaction, which has none, that is no lie. */
  readonly isOfEvent: boolean;
}

/** Positions at which byte strings are changed: ends and a spread between. */
const POSITIONS_MAX = 12;

export function tamperings(seen: Observation): readonly Tampering[] {
  const out: Tampering[] = [];
  const add = (name: string, change: Partial<Observation>, isOfEvent = false) =>
    out.push({ name, observation: { ...seen, ...change }, isOfEvent });

  add("another timeline", { timeline: `${seen.timeline}1` });
  add("another value", { value: otherValue(seen.value) });
  add("a value of another type", { value: Value.unit });
  add("another time", { observedAt: seen.observedAt + 1000 });
  add("another block number", { block: { ...seen.block, number: seen.block.number + 1 } });
  for (const [name, hash] of changed(seen.block.hash)) add(`block hash ${name}`, { block: { ...seen.block, hash } });
  for (const [name, header] of changed(seen.header)) add(`header ${name}`, { header });
  for (const [name, proof] of changedProofs(seen.proof)) add(name, { proof });
  const { query } = seen;
  if (query.kind === "Storage") {
    add("another contract", { query: { ...query, contract: query.contract.map((b) => b ^ 1) } });
    if (query.slots.length > 1)
      add("slots exchanged", {
        query: { ...query, slots: query.slots.map((s, i, all) => ({ ...s, index: all.at(-1 - i)!.index })) },
      });
    add("a slot left out", { query: { ...query, slots: query.slots.slice(1) } });
    add("a later slot", { query: { ...query, slots: query.slots.map((s) => ({ ...s, index: 7 })) } });
    add("a reading of nothing", { query: { ...query, reading: { kind: "Word", word: "nothing" } } });
    add("a narrower slot", { query: { ...query, slots: query.slots.map((s) => ({ ...s, bytes: 1, offset: 31 })) } });
    add("a slot outside the word", { query: { ...query, slots: query.slots.map((s) => ({ ...s, offset: 31 })) } });
  } else {
    add("another transaction", { query: { ...query, transaction: query.transaction.map((b) => b ^ 1) } });
    const addEvent = (name: string, change: Partial<OutcomeQuery>) =>
      add(name, { query: { ...query, ...change } }, true);
    addEvent("another contract", { contract: query.contract.map((b) => b ^ 1) });
    addEvent("another event", { event: query.event.replace("(", "X(") });
    addEvent("an event that is none", { event: "Deposited" });
    addEvent("another parameter", { where: [{ name: "account", value: Value.bytes(Bytes.empty) }] });
    addEvent("a reading of nothing", { answer: { kind: "Word", word: "nothing" } });
    if (query.moves.length > 0) addEvent("no moves", { moves: [] });
  }
  add("the other question", {
    query: {
      kind: "Outcome",
      transaction: new Uint8Array(32),
      contract: new Uint8Array(20),
      event: "Deposited(uint256 amount)",
      where: [],
      answer: { kind: "All" },
      moves: [],
    },
  });
  return out;
}

function otherValue(value: Value.Value): Value.Value {
  return typeof value === "object" && value.tag === "decimal"
    ? Decimal.add(value, Decimal.of(1n, -18))
    : Value.tuple([value]);
}

function* changed(bytes: Uint8Array): Generator<readonly [string, Uint8Array]> {
  const step = Math.max(1, Math.floor(bytes.length / POSITIONS_MAX));
  for (let at = 0; at < bytes.length; at += step)
    yield [`with byte ${at} changed`, bytes.map((byte, i) => (i === at ? byte ^ 0x01 : byte))];
  yield ["cut", bytes.slice(0, -1)];
  yield ["with a byte more", Bytes.concat(bytes, Uint8Array.of(0))];
  yield ["empty", Bytes.empty];
}

function* changedLists(list: readonly Uint8Array[]): Generator<readonly [string, readonly Uint8Array[]]> {
  for (let i = 0; i < list.length; i++) {
    for (const [name, bytes] of changed(list[i]!)) yield [`node ${i} ${name}`, list.with(i, bytes)];
    yield [`node ${i} left out`, list.filter((_, j) => j !== i)];
    yield [`node ${i} twice`, list.toSpliced(i, 0, list[i]!)];
  }
  yield ["a node more", [...list, Uint8Array.of(0xc0)]];
  yield ["a hundred nodes", Array.from({ length: 100 }, () => Uint8Array.of(0xc0))];
}

function* changedProofs(proof: Proof): Generator<readonly [string, Proof]> {
  if (proof.kind === "State") {
    for (const [name, account] of changedLists(proof.account)) yield [`account ${name}`, { ...proof, account }];
    for (let i = 0; i < proof.slots.length; i++) {
      for (const [name, slot] of changedLists(proof.slots[i]!))
        yield [`slot ${i} ${name}`, { ...proof, slots: proof.slots.with(i, slot) }];
    }
    yield ["a slot proof left out", { ...proof, slots: proof.slots.slice(1) }];
    yield ["a slot proof more", { ...proof, slots: [...proof.slots, []] }];
    yield ["a proof of another kind", { kind: "Receipt", index: 0, transaction: proof.account, receipt: [] }];
  } else {
    for (const [name, transaction] of changedLists(proof.transaction))
      yield [`transaction ${name}`, { ...proof, transaction }];
    for (const [name, receipt] of changedLists(proof.receipt)) yield [`receipt ${name}`, { ...proof, receipt }];
    yield ["another index", { ...proof, index: proof.index + 1 }];
    yield ["transaction and receipt exchanged", { ...proof, transaction: proof.receipt, receipt: proof.transaction }];
    yield ["a proof of another kind", { kind: "State", account: proof.receipt, slots: [] }];
  }
}
