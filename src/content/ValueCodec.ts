/** Value ↔ Node ↔ block bytes. One value has one encoding; the decoder refuses every other. Spec: docs/spec/content.md §2. */
import { Bytes, err, never, ok, type Result } from "../std/index.ts";
import * as ContentHash from "./ContentHash.ts";
import { compareNodes } from "./compareNodes.ts";
import * as Decimal from "./Decimal.ts";
import { type DecodeError, decode as decodeNode } from "./decode.ts";
import { encode as encodeNode } from "./encode.ts";
import * as Int from "./Int.ts";
import { Kind } from "./Kind.ts";
import { isLink, isList, link, type Node } from "./Node.ts";
import * as V from "./Value.ts";

/** First item of each value node. Never re-used. */
const UNIT = 0;
const BOOL = 1;
const INT = 2;
const DECIMAL = 3;
const FLOAT = 4;
const TEXT = 5;
const BYTES = 6;
const DURATION = 7;
const INSTANT = 8;
const HASH = 9;
const LIST = 10;
const MAP = 11;
const SET = 12;
const TUPLE = 13;
const RECORD = 14;
const VARIANT = 15;
const CLOSURE = 16;

const VERSION = 1;

/** The block `[Kind.value, 1, node]`. */
export const encodeValue = (value: V.Value): Uint8Array => encodeNode([Kind.value, VERSION, valueToNode(value)]);

/** The content hash of a value: the address of its block. */
export const hashValue = (value: V.Value): ContentHash.ContentHash => ContentHash.of(encodeValue(value));

export function decodeValue(bytes: Uint8Array): Result<V.Value, DecodeError> {
  const node = decodeNode(bytes);
  if (!node.ok) return node;
  const block = node.value;
  if (!isList(block) || block.length !== 3 || block[0] !== Kind.value || block[1] !== VERSION)
    return refuse("not a value block");
  return valueFromNode(block[2]!);
}

/** The node of a value, to be part of a larger block. */
export function valueToNode(value: V.Value): Node {
  if (typeof value === "number" || typeof value === "bigint") return [INT, intToNode(value)];
  if (typeof value === "boolean") return [BOOL, value];
  if (typeof value === "string") return [TEXT, value];
  switch (value.tag) {
    case "unit":
      return [UNIT];
    case "decimal":
      return [DECIMAL, intToNode(Int.of(value.coefficient)), value.exponent];
    case "float":
      return [FLOAT, floatToBytes(value.value)];
    case "bytes":
      return [BYTES, value.bytes];
    case "duration":
      return [DURATION, intToNode(value.milliseconds)];
    case "instant":
      return [INSTANT, intToNode(value.milliseconds)];
    case "hash":
      return [HASH, link(value.hash)];
    case "list":
      return [LIST, value.items.map(valueToNode)];
    case "map":
      return [
        MAP,
        sortByEncoding(
          value.entries.map(([k, v]) => [valueToNode(k), valueToNode(v)]),
          (pair) => pair[0]!,
        ),
      ];
    case "set":
      return [SET, sortByEncoding(value.items.map(valueToNode), (item) => item)];
    case "tuple":
      return [TUPLE, value.items.map(valueToNode)];
    case "record":
      return [RECORD, value.names.map((name, i) => [name, valueToNode(value.values[i]!)])];
    case "variant":
      return value.payload === undefined ? [VARIANT, value.case] : [VARIANT, value.case, valueToNode(value.payload)];
    case "closure":
      return [CLOSURE, link(value.definition), value.captured.map(valueToNode)];
    default:
      return never(value);
  }
}

/** Reads a value node; refuses whatever `valueToNode` would not have made. */
export function valueFromNode(node: Node): Result<V.Value, DecodeError> {
  try {
    return ok(read(node));
  } catch (error) {
    if (error instanceof Refusal) return refuse(error.reason);
    throw error;
  }
}

export const intToNode = (value: Int.Int): Node => (typeof value === "number" ? value : Int.toTwosComplement(value));

/** `undefined` when the node is not an integer in its one form. */
export const intFromNode = (node: Node | undefined): Int.Int | undefined =>
  typeof node === "number" ? node : node instanceof Uint8Array ? Int.fromTwosComplement(node) : undefined;

class Refusal {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

const refuse = (reason: string) => err({ kind: "NotCanonical", at: 0, reason } as const);

function read(node: Node): V.Value {
  if (!isList(node)) throw new Refusal("a value must be a list that starts with its tag");
  const [tag, a, b] = node;
  const arity = (count: number) => {
    if (node.length !== count)
      throw new Refusal(`value tag ${String(tag)} takes ${count - 1} parts, not ${node.length - 1}`);
  };
  switch (tag) {
    case UNIT:
      arity(1);
      return V.unit;
    case BOOL:
      arity(2);
      if (typeof a !== "boolean") throw new Refusal("a Bool must be true or false");
      return a;
    case INT:
      arity(2);
      return int(a);
    case DECIMAL:
      arity(3);
      return decimal(a, b);
    case FLOAT:
      arity(2);
      return V.float(floatFromBytes(a));
    case TEXT:
      arity(2);
      return text(a);
    case BYTES:
      arity(2);
      if (!(a instanceof Uint8Array)) throw new Refusal("Bytes must be a byte string");
      return V.bytes(a);
    case DURATION:
      arity(2);
      return V.duration(int(a));
    case INSTANT:
      arity(2);
      return V.instant(int(a));
    case HASH:
      arity(2);
      if (a === undefined || !isLink(a)) throw new Refusal("a Hash must be a link");
      return V.hash(a.link);
    case LIST:
      arity(2);
      return V.list(items(a).map(read));
    case MAP: {
      arity(2);
      const entries = items(a).map((pair) => {
        if (!isList(pair) || pair.length !== 2) throw new Refusal("a map entry must be a pair");
        return [pair[0]!, pair[1]!] as const;
      });
      checkSorted(entries.map((entry) => entry[0]));
      return V.map(entries.map(([k, v]) => [read(k), read(v)]));
    }
    case SET:
      arity(2);
      checkSorted(items(a));
      return V.set(items(a).map(read));
    case TUPLE:
      arity(2);
      return V.tuple(items(a).map(read));
    case RECORD: {
      arity(2);
      const fields = items(a).map((pair) => {
        if (!isList(pair) || pair.length !== 2) throw new Refusal("a record field must be a pair");
        return [text(pair[0]), read(pair[1]!)] as const;
      });
      for (let i = 1; i < fields.length; i++) {
        if (V.compareText(fields[i - 1]![0], fields[i]![0]) >= 0)
          throw new Refusal("record fields must be sorted by name, each once");
      }
      return { tag: "record", names: fields.map((f) => f[0]), values: fields.map((f) => f[1]) };
    }
    case VARIANT:
      if (node.length !== 2) arity(3);
      return V.variant(text(a), b === undefined ? undefined : read(b));
    case CLOSURE:
      arity(3);
      if (a === undefined || !isLink(a)) throw new Refusal("a closure must link its definition");
      return V.closure(a.link, items(b).map(read));
    default:
      throw new Refusal(`unknown value tag ${String(tag)}`);
  }
}

function int(node: Node | undefined): Int.Int {
  const value = intFromNode(node);
  if (value === undefined) throw new Refusal("an Int must be an integer, or minimal two's complement past 2^53");
  return value;
}

function decimal(coefficient: Node | undefined, exponent: Node | undefined): Decimal.Decimal {
  const c = BigInt(int(coefficient));
  if (typeof exponent !== "number" || Math.abs(exponent) > Decimal.DECIMAL_EXPONENT_MAX)
    throw new Refusal("a Decimal exponent is out of bounds");
  if (c === 0n ? exponent !== 0 : c % 10n === 0n) throw new Refusal("a Decimal must have no trailing zeros");
  return { tag: "decimal", coefficient: c, exponent };
}

function text(node: Node | undefined): string {
  if (typeof node !== "string") throw new Refusal("expected text");
  return node;
}

function items(node: Node | undefined): readonly Node[] {
  if (node === undefined || !isList(node)) throw new Refusal("expected a list");
  return node;
}

function checkSorted(keys: readonly Node[]): void {
  for (let i = 1; i < keys.length; i++) {
    if (compareNodes(keys[i - 1]!, keys[i]!) >= 0)
      throw new Refusal("keys must be sorted by their encoding, each once");
  }
}

function sortByEncoding<T extends Node>(nodes: readonly T[], key: (node: T) => Node): readonly T[] {
  return nodes.toSorted((a, b) => compareNodes(key(a), key(b)));
}

/** Big-endian IEEE 754 bits; every NaN becomes 7ff8000000000000. */
function floatToBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (Number.isNaN(value)) view.setUint32(0, 0x7ff80000);
  else view.setFloat64(0, value);
  return bytes;
}

function floatFromBytes(node: Node | undefined): number {
  if (!(node instanceof Uint8Array) || node.length !== 8) throw new Refusal("a Float must be 8 bytes");
  const value = new DataView(node.buffer, node.byteOffset, 8).getFloat64(0);
  if (!Bytes.equal(floatToBytes(value), node)) throw new Refusal("a NaN must be 7ff8000000000000");
  return value;
}
