/** Receipts as the receipts trie holds them (EIP-658 status, EIP-2718 envelopes). */
import { Bytes, err, ok, type Result } from "../../std/index.ts";
import type { Log } from "./Abi.ts";
import * as Rlp from "./Rlp.ts";

export interface TransactionReceipt {
  readonly isDone: boolean;
  readonly logs: readonly Log[];
}

const BLOOM_BYTES = 256;
const TYPE_MAX = 0x7f;
export const LOGS_MAX = 4096;
const TOPICS_MAX = 4;

export function decode(bytes: Uint8Array): Result<TransactionReceipt, string> {
  const isTyped = bytes.length > 0 && bytes[0]! > 0 && bytes[0]! <= TYPE_MAX;
  const item = Rlp.decode(isTyped ? bytes.subarray(1) : bytes);
  if (!item.ok) return err(item.error.reason);
  if (!Rlp.isList(item.value) || item.value.length !== 4) return err("a receipt has four parts");
  const [status, gas, bloom, logs] = item.value;
  const done = Rlp.toBigInt(status);
  if (done !== 0n && done !== 1n) return err("the status is neither 0 nor 1");
  if (Rlp.toBigInt(gas) === undefined) return err("the gas used is not a number");
  if (!Rlp.isBytes(bloom) || bloom.length !== BLOOM_BYTES) return err("the bloom has another length");
  if (!Rlp.isList(logs) || logs.length > LOGS_MAX) return err(`expected at most ${LOGS_MAX} logs`);
  const decoded: Log[] = [];
  for (const log of logs) {
    if (!Rlp.isList(log) || log.length !== 3) return err("a log has three parts");
    const [address, topics, data] = log;
    if (!Rlp.isBytes(address) || address.length !== 20) return err("the address of a log has another length");
    if (!Rlp.isList(topics) || topics.length > TOPICS_MAX) return err("a log has at most four topics");
    if (!topics.every((topic): topic is Uint8Array => Rlp.isBytes(topic) && topic.length === 32))
      return err("a topic has 32 bytes");
    if (!Rlp.isBytes(data)) return err("the data of a log is not a string");
    decoded.push({ address, topics, data });
  }
  return ok({ isDone: done === 1n, logs: decoded });
}

/** The trie's form of a receipt that JSON-RPC gave. */
export function encodeFromRpc(receipt: unknown): Result<Uint8Array, string> {
  if (!isTable(receipt)) return err("a receipt is not an object");
  const type = number(receipt["type"] ?? "0x0");
  const status = number(receipt["status"]);
  const gas = number(receipt["cumulativeGasUsed"]);
  const bloom = bytes(receipt["logsBloom"]);
  const logs = receipt["logs"];
  if (type === undefined || type > BigInt(TYPE_MAX)) return err("the type of a receipt is malformed");
  if (status === undefined || gas === undefined || bloom === undefined || !Array.isArray(logs))
    return err("a receipt lacks status, gas, bloom or logs");
  if (logs.length > LOGS_MAX) return err(`more than ${LOGS_MAX} logs`);
  const items: Rlp.Rlp[] = [];
  for (const log of logs as readonly unknown[]) {
    if (!isTable(log) || !Array.isArray(log["topics"])) return err("a log is malformed");
    if (log["topics"].length > TOPICS_MAX) return err("a log has at most four topics");
    const address = bytes(log["address"]);
    const data = bytes(log["data"]);
    const topics = (log["topics"] as readonly unknown[]).map(bytes);
    if (address === undefined || data === undefined || topics.some((t) => t === undefined))
      return err("a log is malformed");
    items.push([address, topics as Uint8Array[], data]);
  }
  const body = Rlp.encode([Rlp.fromNumber(status), Rlp.fromNumber(gas), bloom, items]);
  return ok(type === 0n ? body : Bytes.concat(Uint8Array.of(Number(type)), body));
}

const isTable = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null;

const bytes = (value: unknown): Uint8Array | undefined =>
  typeof value === "string" && value.startsWith("0x") ? Bytes.fromHex(value) : undefined;

const number = (value: unknown): bigint | undefined =>
  typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value) ? BigInt(value) : undefined;
