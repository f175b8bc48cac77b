/**
 * The part of Solidity's ABI that bindings need: calls and events whose parameters are elementary types of fixed size,
 * one word each. Values: uint and int are Int, address and bytesN are Bytes, bool is Bool.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { Int, Value } from "../../content/index.ts";
import { Bytes, err, ok, type Result } from "../../std/index.ts";

export const WORD_BYTES = 32;
const PARAMETERS_MAX = 32;
const TOPICS_MAX = 4;

export type Type =
  | { readonly kind: "uint" | "int"; readonly bits: number }
  | { readonly kind: "bytes"; readonly length: number }
  | { readonly kind: "address" | "bool" };

export interface Parameter {
  readonly type: Type;
  readonly isIndexed: boolean;
  readonly name: string;
}

export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** keccak-256 of `name(type,type)`. */
  readonly hash: Uint8Array;
}

/** Reads `Bought(bytes32 indexed account, uint256 base)` and `buy(bytes32,uint256)`. */
export function parse(text: string): Result<Signature, string> {
  const match = /^\s*([A-Za-z_$][\w$]*)\s*\(([^()]*)\)\s*$/.exec(text);
  if (match === null || text.length > 1024) return err(`${JSON.stringify(text)} is not name(type,…)`);
  const parts = match[2]!.trim() === "" ? [] : match[2]!.split(",");
  if (parts.length > PARAMETERS_MAX) return err(`more than ${PARAMETERS_MAX} parameters`);
  const parameters: Parameter[] = [];
  const types: string[] = [];
  for (const part of parts) {
    const words = part.trim().split(/\s+/);
    const typeText = canonical(words.shift()!);
    const isIndexed = words[0] === "indexed";
    if (isIndexed) words.shift();
    const type = parseType(typeText);
    if (type === undefined || words.length > 1 || (words.length === 1 && !/^[A-Za-z_$][\w$]*$/.test(words[0]!)))
      return err(`the parameter ${JSON.stringify(part.trim())} is not an elementary type of fixed size`);
    parameters.push({ type, isIndexed, name: words[0] ?? "" });
    types.push(typeText);
  }
  return ok({ name: match[1]!, parameters, hash: keccak_256(Bytes.fromText(`${match[1]!}(${types.join(",")})`)) });
}

const canonical = (type: string): string => (type === "uint" ? "uint256" : type === "int" ? "int256" : type);

function parseType(text: string): Type | undefined {
  if (text === "address" || text === "bool") return { kind: text };
  const match = /^(uint|int|bytes)([1-9][0-9]{0,2})$/.exec(text);
  if (match === null) return undefined;
  const size = Number(match[2]);
  if (match[1] === "bytes") return size <= WORD_BYTES ? { kind: "bytes", length: size } : undefined;
  return size <= 256 && size % 8 === 0 ? { kind: match[1] as "uint" | "int", bits: size } : undefined;
}

/** Selector and one word per value. */
export function encodeCall(signature: Signature, values: readonly Value.Value[]): Result<Uint8Array, string> {
  if (values.length !== signature.parameters.length)
    return err(`${signature.name} takes ${signature.parameters.length} parameters, got ${values.length}`);
  const words: Uint8Array[] = [signature.hash.slice(0, 4)];
  for (let i = 0; i < values.length; i++) {
    const word = encodeWord(signature.parameters[i]!.type, values[i]!);
    if (!word.ok) return err(`parameter ${i + 1} of ${signature.name}: ${word.error}`);
    words.push(word.value);
  }
  return ok(Bytes.concat(...words));
}

export function encodeWord(type: Type, value: Value.Value): Result<Uint8Array, string> {
  switch (type.kind) {
    case "bool":
      return typeof value === "boolean" ? ok(uintWord(value ? 1n : 0n)) : err(`expected a Bool, got ${kind(value)}`);
    case "uint":
    case "int": {
      if (typeof value !== "number" && typeof value !== "bigint") return err(`expected an Int, got ${kind(value)}`);
      const number = BigInt(value);
      const fits = type.kind === "uint" ? BigInt.asUintN(type.bits, number) : BigInt.asIntN(type.bits, number);
      if (fits !== number) return err(`${number} does not fit ${type.kind}${type.bits}`);
      return ok(uintWord(BigInt.asUintN(256, number)));
    }
    case "address":
      return fixed(value, 20, (bytes) => Bytes.concat(new Uint8Array(12), bytes));
    case "bytes":
      return fixed(value, type.length, (bytes) => Bytes.concat(bytes, new Uint8Array(WORD_BYTES - type.length)));
  }
}

function fixed(value: Value.Value, length: number, pad: (bytes: Uint8Array) => Uint8Array): Result<Uint8Array, string> {
  if (typeof value !== "object" || value.tag !== "bytes") return err(`expected Bytes, got ${kind(value)}`);
  return value.bytes.length === length
    ? ok(pad(value.bytes))
    : err(`expected ${length} bytes, got ${value.bytes.length}`);
}

const kind = (value: Value.Value) => Value.kindOf(value);

export const uintWord = (value: bigint): Uint8Array => Bytes.fromHex(value.toString(16).padStart(2 * WORD_BYTES, "0"))!;

/** Refuses dirty padding: a word has one value and a value one word. */
export function decodeWord(type: Type, word: Uint8Array): Result<Value.Value, string> {
  if (word.length !== WORD_BYTES) return err(`a word has ${word.length} bytes`);
  const value = decodeLoose(type, word);
  const again = encodeWord(type, value);
  return again.ok && Bytes.equal(again.value, word) ? ok(value) : err("a word is not padded as its type says");
}

function decodeLoose(type: Type, word: Uint8Array): Value.Value {
  const number = BigInt(`0x${Bytes.toHex(word)}`);
  switch (type.kind) {
    case "bool":
      return number === 1n;
    case "uint":
      return Int.of(number);
    case "int":
      return Int.of(BigInt.asIntN(256, number));
    case "address":
      return Value.bytes(word.slice(12));
    case "bytes":
      return Value.bytes(word.slice(0, type.length));
  }
}

export interface Log {
  readonly address: Uint8Array;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** The event's parameters by name; `undefined` when the log is another event. */
export function decodeLog(
  signature: Signature,
  log: Log,
): Result<ReadonlyMap<string, Value.Value>, string> | undefined {
  if (log.topics[0] === undefined || !Bytes.equal(log.topics[0], signature.hash)) return undefined;
  const indexed = signature.parameters.filter((p) => p.isIndexed);
  const plain = signature.parameters.filter((p) => !p.isIndexed);
  if (log.topics.length > TOPICS_MAX || log.topics.length !== indexed.length + 1)
    return err(`${signature.name} has ${indexed.length} indexed parameters, the log ${log.topics.length - 1}`);
  if (log.data.length !== plain.length * WORD_BYTES) return err(`the data of ${signature.name} has another length`);
  const values = new Map<string, Value.Value>();
  let topic = 1;
  let word = 0;
  for (const parameter of signature.parameters) {
    const bytes = parameter.isIndexed ? log.topics[topic++]! : log.data.slice(word++ * WORD_BYTES, word * WORD_BYTES);
    const value = decodeWord(parameter.type, bytes);
    if (!value.ok) return err(`${parameter.name} of ${signature.name}: ${value.error}`);
    values.set(parameter.name, value.value);
  }
  return ok(values);
}
