/**
 * JSON-RPC to an Ethereum node: Results instead of exceptions, bounded answers, and no trust in their shape.
 */
import { createClient, http } from "viem";
import type { Head, TimelineError } from "../../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../../std/index.ts";
import * as Header from "./Header.ts";
import { showRevert } from "./revert.ts";

export type Hex = `0x${string}`;

export interface Rpc {
  readonly timeline: string;
  readonly url: string;
  /** The node's answer, or its refusal: `Refused` when it answered with an error, `Unreachable` when it did not. */
  call(method: string, params: readonly unknown[]): Promise<Result<unknown, TimelineError>>;
}

/** An answer larger than this is cut off: a block with all receipts of a busy chain has a few megabytes. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const TIMEOUT_MILLISECONDS = 10_000;

export function connect(timeline: string, url: string, timeoutMilliseconds = TIMEOUT_MILLISECONDS): Rpc {
  const transport = http(url, {
    timeout: timeoutMilliseconds,
    retryCount: 1,
    retryDelay: 50,
    batch: { wait: 0, batchSize: 100 },
    fetchFn: boundedFetch,
  });
  const client = createClient({ transport });
  return {
    timeline,
    url,
    async call(method, params) {
      try {
        return ok(await client.request({ method, params } as never));
      } catch (error) {
        return err(explain(timeline, method, error));
      }
    },
  };
}

async function boundedFetch(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  if (response.body === null) return response;
  let bytes = 0;
  const limiter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) controller.error(new Error(`the answer has more than ${ANSWER_BYTES_MAX} bytes`));
      else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(limiter), { status, statusText, headers });
}

/** An error with a numeric JSON-RPC code came from the node; anything else from the way to it. */
function explain(timeline: string, method: string, error: unknown): TimelineError {
  for (let cause: unknown = error; isTable(cause); cause = cause["cause"]) {
    const code = cause["code"];
    if (typeof code !== "number" || cause["name"] === "UnknownRpcError") continue;
    const details = showRevert(cause["data"]) ?? cause["details"] ?? cause["shortMessage"] ?? cause["message"];
    return { kind: "Refused", timeline, reason: `${method}: ${firstLine(details)}` };
  }
  const reason = isTable(error) ? (error["details"] ?? error["shortMessage"] ?? error["message"]) : error;
  return { kind: "Unreachable", timeline, reason: firstLine(reason) };
}

/**
 * A node's words go to terminals and into logs: one short line, without characters that steer a terminal, and without
 * halves of surrogate pairs, which no block holds.
 */
const firstLine = (text: unknown): string =>
  String(text)
    .split("\n")[0]!
    .slice(0, 300)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, " ");

export const isTable = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const toHex = (bytes: Uint8Array): Hex => `0x${Bytes.toHex(bytes)}`;

export const quantity = (value: number | bigint): Hex => `0x${value.toString(16)}`;

export const bytesOf = (value: unknown, length?: number): Uint8Array | undefined => {
  const bytes = typeof value === "string" && value.startsWith("0x") ? Bytes.fromHex(value) : undefined;
  return bytes !== undefined && (length === undefined || bytes.length === length) ? bytes : undefined;
};

export const bigOf = (value: unknown): bigint | undefined =>
  typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value) ? BigInt(value) : undefined;

export const countOf = (value: unknown): number | undefined => {
  const number = bigOf(value);
  return number === undefined || number > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(number);
};

export const malformed = (rpc: Pick<Rpc, "timeline">, method: string, reason: string) =>
  err({ kind: "MalformedAnswer", timeline: rpc.timeline, method, reason } as const);

/** Asks and reads in one step; `read` gives `undefined` for an answer of the wrong shape. */
export async function ask<T>(
  rpc: Rpc,
  method: string,
  params: readonly unknown[],
  expected: string,
  read: (answer: unknown) => T | undefined,
): Promise<Result<T, TimelineError>> {
  const answer = await rpc.call(method, params);
  if (!answer.ok) return answer;
  const value = read(answer.value);
  return value === undefined ? malformed(rpc, method, `expected ${expected}`) : ok(value);
}

export interface Block {
  readonly header: Header.Header;
  /** The header's encoding, which hashes to the block's hash. */
  readonly encoded: Uint8Array;
  readonly transactions: readonly Uint8Array[];
  readonly baseFee: bigint;
}

/** A block by number or tag, with its header checked against its hash; `undefined` when there is none. */
export async function blockBy(rpc: Rpc, which: number | "latest"): Promise<Result<Block | undefined, TimelineError>> {
  const method = "eth_getBlockByNumber";
  const answer = await rpc.call(method, [typeof which === "number" ? quantity(which) : which, false]);
  if (!answer.ok) return answer;
  if (answer.value === null) return ok(undefined);
  if (!isTable(answer.value)) return malformed(rpc, method, "expected a block");
  const encoded = Header.encodeFromRpc(answer.value);
  if (!encoded.ok) return malformed(rpc, method, encoded.error);
  const header = Header.decode(encoded.value);
  if (!header.ok) return malformed(rpc, method, header.error);
  const hash = bytesOf(answer.value["hash"], 32);
  if (hash === undefined || !Bytes.equal(hash, header.value.hash))
    return malformed(rpc, method, "the header does not hash to the block's hash");
  if (typeof which === "number" && header.value.number !== which)
    return malformed(rpc, method, `asked for block ${which}, got ${header.value.number}`);
  const list = answer.value["transactions"];
  const transactions = Array.isArray(list) ? list.map((t) => bytesOf(t, 32)) : [undefined];
  if (transactions.some((t) => t === undefined)) return malformed(rpc, method, "expected transaction hashes");
  return ok({
    header: header.value,
    encoded: encoded.value,
    transactions: transactions as Uint8Array[],
    baseFee: bigOf(answer.value["baseFeePerGas"]) ?? 0n,
  });
}

export const headOf = (block: Block): Head => ({
  number: block.header.number,
  hash: block.header.hash,
  parent: block.header.parent,
  time: block.header.timestamp * 1000,
});
