/** Asks a node for a fact together with its proof. What comes back is checked by `verify` before anybody uses it. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { FactQuery, Observation, OutcomeQuery, Proof, StorageQuery, TimelineError } from "../../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../../std/index.ts";
import * as Rlp from "./Rlp.ts";
import { ask, type Block, blockBy, bytesOf, countOf, isTable, malformed, quantity, type Rpc, toHex } from "./Rpc.ts";
import * as TransactionReceipt from "./TransactionReceipt.ts";
import * as Trie from "./Trie.ts";
import { provenValue, SLOTS_MAX, slotKey } from "./verify.ts";

/** A block that moves while it is read is read again. */
const ATTEMPTS_MAX = 3;

export async function observe(rpc: Rpc, query: FactQuery, depth: number): Promise<Result<Observation, TimelineError>> {
  for (let attempt = 1; ; attempt++) {
    const seen = query.kind === "Storage" ? await storage(rpc, query, depth) : await outcome(rpc, query, depth);
    const isMoved = !seen.ok && seen.error.kind === "BadProof";
    if (!isMoved || attempt === ATTEMPTS_MAX) return seen;
  }
}

async function storage(rpc: Rpc, query: StorageQuery, depth: number): Promise<Result<Observation, TimelineError>> {
  if (query.slots.length > SLOTS_MAX)
    return err({ kind: "Unsupported", timeline: rpc.timeline, what: `more than ${SLOTS_MAX} slots in one fact` });
  const keys: Uint8Array[] = [];
  for (const slot of query.slots) {
    const key = slotKey(slot);
    if (!key.ok) return err({ kind: "Unsupported", timeline: rpc.timeline, what: `slot ${slot.name}: ${key.error}` });
    keys.push(key.value);
  }
  const head = await latest(rpc);
  if (!head.ok) return head;
  const number = head.value.header.number - depth;
  if (number < 0)
    return err({ kind: "NotFinal", timeline: rpc.timeline, depth: head.value.header.number, needed: depth });
  const block = depth === 0 ? head : await existing(rpc, number);
  if (!block.ok) return block;
  const proof = await ask(
    rpc,
    "eth_getProof",
    [toHex(query.contract), keys.map(toHex), quantity(number)],
    `an account proof with ${keys.length} storage proofs`,
    (answer) => readStateProof(answer, keys.length),
  );
  if (!proof.ok) return proof;
  return observation(rpc, query, block.value, proof.value, depth);
}

function readStateProof(answer: unknown, slots: number): Proof | undefined {
  if (!isTable(answer) || !Array.isArray(answer["storageProof"]) || answer["storageProof"].length !== slots)
    return undefined;
  const account = nodes(answer["accountProof"]);
  const lists = answer["storageProof"].map((one: unknown) => (isTable(one) ? nodes(one["proof"]) : undefined));
  if (account === undefined || lists.some((list) => list === undefined)) return undefined;
  return { kind: "State", account, slots: lists as (readonly Uint8Array[])[] };
}

function nodes(list: unknown): readonly Uint8Array[] | undefined {
  if (!Array.isArray(list) || list.length > Trie.PROOF_NODES_MAX) return undefined;
  // Some nodes write the empty trie as its one empty node, others as no node: facts have the second form.
  if (list.length === 1 && list[0] === "0x80") return [];
  const read = list.map((node) => bytesOf(node));
  return read.some((node) => node === undefined) ? undefined : (read as Uint8Array[]);
}

async function outcome(rpc: Rpc, query: OutcomeQuery, depth: number): Promise<Result<Observation, TimelineError>> {
  const method = "eth_getTransactionReceipt";
  const receipt = await rpc.call(method, [toHex(query.transaction)]);
  if (!receipt.ok) return receipt;
  if (receipt.value === null)
    return err({ kind: "NoSuchTransaction", timeline: rpc.timeline, transaction: toHex(query.transaction) });
  const number = isTable(receipt.value) ? countOf(receipt.value["blockNumber"]) : undefined;
  if (number === undefined) return malformed(rpc, method, "expected a receipt with its block");
  const head = await latest(rpc);
  if (!head.ok) return head;
  const onTop = head.value.header.number - number;
  if (onTop < depth) return err({ kind: "NotFinal", timeline: rpc.timeline, depth: Math.max(0, onTop), needed: depth });
  const block = await existing(rpc, number);
  if (!block.ok) return block;
  const index = block.value.transactions.findIndex((hash) => Bytes.equal(hash, query.transaction));
  if (index < 0)
    return err({ kind: "NoSuchTransaction", timeline: rpc.timeline, transaction: toHex(query.transaction) });
  const tries = await blockTries(rpc, block.value);
  if (!tries.ok) return tries;
  const key = indexKey(index);
  const proof: Proof = {
    kind: "Receipt",
    index,
    transaction: tries.value.transactions.prove(key),
    receipt: tries.value.receipts.prove(key),
  };
  return observation(rpc, query, block.value, proof, onTop);
}

const indexKey = (index: number) => Rlp.encode(Rlp.fromNumber(index));

/** Both tries of a block, rebuilt from its contents and checked against the header. */
async function blockTries(
  rpc: Rpc,
  block: Block,
): Promise<Result<{ readonly transactions: Trie.Trie; readonly receipts: Trie.Trie }, TimelineError>> {
  const receiptsMethod = "eth_getBlockReceipts";
  const rawMethod = "eth_getRawTransactionByHash";
  const [receipts, ...raws] = await Promise.all([
    rpc.call(receiptsMethod, [quantity(block.header.number)]),
    ...block.transactions.map((hash) =>
      ask(rpc, rawMethod, [toHex(hash)], "the bytes of the transaction", (answer) => {
        const bytes = bytesOf(answer);
        return bytes !== undefined && Bytes.equal(keccak_256(bytes), hash) ? bytes : undefined;
      }),
    ),
  ]);
  if (!receipts!.ok) return receipts!;
  const list = receipts!.value;
  if (!Array.isArray(list) || list.length !== block.transactions.length)
    return malformed(rpc, receiptsMethod, `expected ${block.transactions.length} receipts`);
  const receiptEntries: [Uint8Array, Uint8Array][] = [];
  const rawEntries: [Uint8Array, Uint8Array][] = [];
  for (let i = 0; i < list.length; i++) {
    const encoded = TransactionReceipt.encodeFromRpc(list[i]);
    if (!encoded.ok) return malformed(rpc, receiptsMethod, encoded.error);
    const raw = raws[i]!;
    if (!raw.ok) return raw;
    receiptEntries.push([indexKey(i), encoded.value]);
    rawEntries.push([indexKey(i), raw.value]);
  }
  const transactions = Trie.of(rawEntries);
  const trie = Trie.of(receiptEntries);
  if (!Bytes.equal(trie.root, block.header.receiptsRoot))
    return malformed(rpc, receiptsMethod, "the receipts do not hash to the header's receipts root");
  if (!Bytes.equal(transactions.root, block.header.transactionsRoot))
    return malformed(rpc, rawMethod, "the transactions do not hash to the header's transactions root");
  return ok({ transactions, receipts: trie });
}

function observation(
  rpc: Rpc,
  query: FactQuery,
  block: Block,
  proof: Proof,
  depth: number,
): Result<Observation, TimelineError> {
  const value = provenValue({ query, proof }, block.header);
  if (!value.ok) return err({ kind: "BadProof", timeline: rpc.timeline, error: value.error });
  return ok({
    timeline: rpc.timeline,
    query,
    block: { number: block.header.number, hash: block.header.hash },
    header: block.encoded,
    proof,
    value: value.value,
    observedAt: block.header.timestamp * 1000,
    finality: { kind: "Depth", depth },
  });
}

export async function latest(rpc: Rpc): Promise<Result<Block, TimelineError>> {
  const block = await blockBy(rpc, "latest");
  if (!block.ok) return block;
  return block.value === undefined
    ? malformed(rpc, "eth_getBlockByNumber", "there is no latest block")
    : ok(block.value);
}

async function existing(rpc: Rpc, number: number): Promise<Result<Block, TimelineError>> {
  const block = await blockBy(rpc, number);
  if (!block.ok) return block;
  return block.value === undefined ? err({ kind: "NoSuchBlock", timeline: rpc.timeline, number }) : ok(block.value);
}
