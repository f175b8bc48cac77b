/** Block headers (Yellow Paper §4.3, and the fields that EIP-1559, 4895, 4844, 4788 and 7685 append). */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { Bytes, err, ok, type Result } from "../../std/index.ts";
import * as Rlp from "./Rlp.ts";

export interface Header {
  readonly hash: Uint8Array;
  readonly parent: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly number: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

export const HEADER_BYTES_MAX = 4096;
const HASH = "hash";
const NUMBER = "number";
const OTHER = "other";

/** In the order of the encoding, with the name that JSON-RPC uses; later forks append. */
const FIELDS: readonly (readonly [name: string, type: typeof HASH | typeof NUMBER | typeof OTHER])[] = [
  ["parentHash", HASH],
  ["sha3Uncles", HASH],
  ["miner", OTHER],
  ["stateRoot", HASH],
  ["transactionsRoot", HASH],
  ["receiptsRoot", HASH],
  ["logsBloom", OTHER],
  ["difficulty", NUMBER],
  ["number", NUMBER],
  ["gasLimit", NUMBER],
  ["gasUsed", NUMBER],
  ["timestamp", NUMBER],
  ["extraData", OTHER],
  ["mixHash", HASH],
  ["nonce", OTHER],
  ["baseFeePerGas", NUMBER],
  ["withdrawalsRoot", HASH],
  ["blobGasUsed", NUMBER],
  ["excessBlobGas", NUMBER],
  ["parentBeaconBlockRoot", HASH],
  ["requestsHash", HASH],
];
/** Up to `nonce`: the header of the first fork. */
const FIELDS_MIN = 15;

export function decode(bytes: Uint8Array): Result<Header, string> {
  if (bytes.length > HEADER_BYTES_MAX) return err(`${bytes.length} bytes, more than ${HEADER_BYTES_MAX}`);
  const item = Rlp.decode(bytes);
  if (!item.ok) return err(item.error.reason);
  const fields = item.value;
  if (!Rlp.isList(fields) || fields.length < FIELDS_MIN || fields.length > FIELDS.length)
    return err(`expected ${FIELDS_MIN} to ${FIELDS.length} fields`);
  for (let i = 0; i < fields.length; i++) {
    const [name, type] = FIELDS[i]!;
    const field = fields[i];
    if (!Rlp.isBytes(field)) return err(`${name} is not a string`);
    if (type === HASH && field.length !== 32) return err(`${name} has ${field.length} bytes, not 32`);
    if (type === NUMBER && Rlp.toBigInt(field) === undefined) return err(`${name} is not a natural number`);
  }
  const number = Rlp.toCount(fields[8]);
  const timestamp = Rlp.toCount(fields[11]);
  if (number === undefined || timestamp === undefined || timestamp > Number.MAX_SAFE_INTEGER / 1000)
    return err("number or timestamp is past 2^53");
  return ok({
    hash: keccak_256(bytes),
    parent: fields[0] as Uint8Array,
    stateRoot: fields[3] as Uint8Array,
    transactionsRoot: fields[4] as Uint8Array,
    receiptsRoot: fields[5] as Uint8Array,
    number,
    timestamp,
  });
}

/** The encoding of a block that JSON-RPC gave. The caller checks that it hashes to the block's hash. */
export function encodeFromRpc(block: { readonly [field: string]: unknown }): Result<Uint8Array, string> {
  const items: Rlp.Rlp[] = [];
  for (const [name, type] of FIELDS) {
    const text = block[name];
    if (text === undefined || text === null) {
      if (items.length < FIELDS_MIN) return err(`the block has no ${name}`);
      break;
    }
    if (typeof text !== "string") return err(`${name} is not hex`);
    if (type === NUMBER) {
      if (!/^0x[0-9a-f]{1,64}$/i.test(text)) return err(`${name} is not a number`);
      items.push(Rlp.fromNumber(BigInt(text)));
    } else {
      const bytes = Bytes.fromHex(text);
      if (bytes === undefined || bytes.length > HEADER_BYTES_MAX) return err(`${name} is not hex`);
      items.push(bytes);
    }
  }
  return ok(Rlp.encode(items));
}
