/**
 * Transactions: tried first, signed once, written to the journal, then sent; after a crash the same bytes are sent
 * again. One sender's transactions are signed one after the other, so that their nonces have no gaps.
 */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { Int } from "../../content/index.ts";
import {
  type ActionCall,
  hashAction,
  type SignedTransaction,
  type TimelineError,
  type TransactionJournal,
} from "../../protocol/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import * as Abi from "./Abi.ts";
import type { EvmKey } from "./EvmKey.ts";
import { latest } from "./observe.ts";
import { ask, bigOf, bytesOf, countOf, isTable, quantity, type Rpc, toHex } from "./Rpc.ts";

export interface Sender {
  readonly rpc: Rpc;
  readonly chainId: number;
  readonly key: EvmKey;
  readonly journal: TransactionJournal;
  /** Above this price per gas nothing is signed. */
  readonly weiPerGasMax: bigint;
}

const TIP_WEI_PER_GAS = 1_000_000_000n;
const BASIS_POINTS = 10_000n;

/** The one transaction of this effect: the journaled one, or a new one. Journaled when this resolves, and sent if possible. */
export async function send(
  sender: Sender,
  action: ActionCall,
  effect: string,
): Promise<Result<SignedTransaction, TimelineError>> {
  const { rpc, journal } = sender;
  const known = await journal.find(rpc.timeline, effect);
  const hash = hashAction(action);
  if (known !== undefined) {
    if (known.action !== hash)
      return refused(rpc, `the effect ${effect} was used for another action: an effect's id must be its own`);
    // Whatever was signed before it goes first: behind a gap it would wait for ever.
    const resent = await nextNonce(sender);
    return resent.ok ? broadcast(rpc, known) : resent;
  }
  const data = await callData(sender, action);
  if (!data.ok) return data;
  const request = { from: sender.key.address, to: action.contract, data: data.value, value: BigInt(action.payment) };
  const gas = await estimate(rpc, request);
  if (!gas.ok) return gas;
  if (gas.value > BigInt(action.gasMax))
    return err({ kind: "OverGas", timeline: rpc.timeline, needed: String(gas.value), gasMax: action.gasMax });
  const head = await latest(rpc);
  if (!head.ok) return head;
  // Room for the base fee to double, as wallets leave it.
  const maxFeePerGas = head.value.baseFee * 2n + TIP_WEI_PER_GAS;
  if (maxFeePerGas > sender.weiPerGasMax)
    return refused(rpc, `gas costs up to ${maxFeePerGas} wei, the limit is ${sender.weiPerGasMax}`);
  const nonce = await nextNonce(sender);
  if (!nonce.ok) return nonce;
  const raw = await sender.key.signTransaction({
    chainId: sender.chainId,
    nonce: nonce.value,
    to: action.contract,
    data: data.value,
    value: request.value,
    gas: BigInt(action.gasMax),
    maxFeePerGas,
    maxPriorityFeePerGas: TIP_WEI_PER_GAS,
  });
  const transaction: SignedTransaction = {
    timeline: rpc.timeline,
    effect,
    action: hash,
    sender: sender.key.address,
    nonce: nonce.value,
    hash: keccak_256(raw),
    raw,
  };
  await journal.record(transaction);
  return broadcast(rpc, transaction);
}

/**
 * The nonce after everything that was ever signed: what the journal holds beyond the chain's count is sent again first,
 * since a reorganisation or a crash may have dropped it and later nonces would wait for it.
 */
async function nextNonce({ rpc, key, journal }: Sender): Promise<Result<number, TimelineError>> {
  const count = await ask(rpc, "eth_getTransactionCount", [toHex(key.address), "latest"], "a count", countOf);
  if (!count.ok) return count;
  let next = count.value;
  for (const transaction of await journal.signedBy(rpc.timeline, key.address)) {
    if (transaction.nonce < next) continue;
    if (transaction.nonce > next) break;
    const sent = await broadcast(rpc, transaction);
    if (!sent.ok) return sent;
    next++;
  }
  const pending = await ask(rpc, "eth_getTransactionCount", [toHex(key.address), "pending"], "a count", countOf);
  return pending.ok ? ok(Math.max(next, pending.value)) : pending;
}

/** Sends the bytes; that the node has them already, or has mined them, is success. */
export async function broadcast(
  rpc: Rpc,
  transaction: SignedTransaction,
): Promise<Result<SignedTransaction, TimelineError>> {
  const sent = await rpc.call("eth_sendRawTransaction", [toHex(transaction.raw)]);
  if (sent.ok) return ok(transaction);
  const mined = await rpc.call("eth_getTransactionByHash", [toHex(transaction.hash)]);
  if (mined.ok && isTable(mined.value)) return ok(transaction);
  const reason =
    sent.error.kind === "Refused" || sent.error.kind === "Unreachable" ? sent.error.reason : sent.error.kind;
  return err({ kind: "Unknown", timeline: rpc.timeline, transaction: toHex(transaction.hash), reason });
}

async function callData(sender: Sender, action: ActionCall): Promise<Result<Uint8Array, TimelineError>> {
  const { rpc } = sender;
  const signature = Abi.parse(action.function);
  if (!signature.ok) return unsupported(rpc, signature.error);
  const values = [];
  for (const input of action.inputs) {
    if (input.kind === "Given") {
      values.push(input.value);
      continue;
    }
    const quote = await view(rpc, sender.key.address, input.contract, input.view, input.arguments);
    if (!quote.ok) return quote;
    const slippage = BigInt(input.slippageBasisPoints);
    values.push(
      Int.of(
        input.bound === "most"
          ? (quote.value * (BASIS_POINTS + slippage)) / BASIS_POINTS
          : (quote.value * (BASIS_POINTS - slippage) + BASIS_POINTS - 1n) / BASIS_POINTS,
      ),
    );
  }
  const data = Abi.encodeCall(signature.value, values);
  return data.ok ? data : unsupported(rpc, data.error);
}

/** One unsigned integer from a view of a contract. Not proven: good for limits, not for facts. */
export async function view(
  rpc: Rpc,
  from: Uint8Array,
  contract: Uint8Array,
  text: string,
  values: Parameters<typeof Abi.encodeCall>[1],
): Promise<Result<bigint, TimelineError>> {
  const signature = Abi.parse(text);
  if (!signature.ok) return unsupported(rpc, signature.error);
  const data = Abi.encodeCall(signature.value, values);
  if (!data.ok) return unsupported(rpc, data.error);
  const call = { from: toHex(from), to: toHex(contract), data: toHex(data.value) };
  const answer = await rpc.call("eth_call", [call, "latest"]);
  if (!answer.ok) return answer;
  const word = bytesOf(answer.value, Abi.WORD_BYTES);
  return word === undefined
    ? err({ kind: "MalformedAnswer", timeline: rpc.timeline, method: "eth_call", reason: `${text} gave no word` })
    : ok(BigInt(toHex(word)));
}

async function estimate(
  rpc: Rpc,
  request: {
    readonly from: Uint8Array;
    readonly to: Uint8Array;
    readonly data: Uint8Array;
    readonly value: bigint;
  },
): Promise<Result<bigint, TimelineError>> {
  const call = {
    from: toHex(request.from),
    to: toHex(request.to),
    data: toHex(request.data),
    value: quantity(request.value),
  };
  return ask(rpc, "eth_estimateGas", [call], "an amount of gas", bigOf);
}

const refused = (rpc: Rpc, reason: string) => err({ kind: "Refused", timeline: rpc.timeline, reason } as const);
const unsupported = (rpc: Rpc, what: string) => err({ kind: "Unsupported", timeline: rpc.timeline, what } as const);
