/** Simple values as text: how they stand as keys of JSON objects, and inside JSON strings. */
import { ContentHash, Decimal, type Int, showDuration, showInstant, Value } from "../../content/index.ts";
import { Bytes } from "../../std/index.ts";
import { fitsDecimal, intLimits } from "../Scalar.ts";
import { INSTANT_MAX, INSTANT_MIN, parseDuration, parseInstant } from "../Time.ts";
import { resolve, type Type, type Types } from "../Type.ts";
import { NUMBER_CHARS_MAX } from "./Scanner.ts";

/** An integer written as text: no sign but `-`, no leading zeros. */
export function intOfText(text: string): Int.Int | undefined {
  if (text.length > NUMBER_CHARS_MAX || !/^(?:0|-?[1-9][0-9]*)$/.test(text)) return undefined;
  const value = BigInt(text);
  return Number.isSafeInteger(Number(text)) ? Number(text) : value;
}

/** The value of a simple type from its text form, which is also its form as a key of a JSON object. */
export function scalarOfText(type: Type, text: string): Value.Value | undefined {
  switch (type.kind) {
    case "text":
    case "asset":
      return text;
    case "bool":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "int":
    case "nat": {
      const value = intOfText(text);
      const { min, max } = intLimits(type);
      return value === undefined || value < min || value > max ? undefined : value;
    }
    case "decimal": {
      const value = Decimal.parse(text);
      return value === undefined || !fitsDecimal(value, type) ? undefined : value;
    }
    case "bytes": {
      const value = text.startsWith("0x") ? Bytes.fromHex(text) : undefined;
      if (value === undefined || (type.length !== undefined && value.length !== type.length)) return undefined;
      return Value.bytes(value);
    }
    case "duration": {
      const value = parseDuration(text);
      return value === undefined ? undefined : Value.duration(value);
    }
    case "instant": {
      const value = parseInstant(text) ?? intOfText(text);
      return value === undefined ? undefined : Value.instant(value);
    }
    case "hash": {
      const value = ContentHash.parse(text);
      return value === undefined ? undefined : Value.hash(value);
    }
    case "variant": {
      const found = type.cases.find((c) => c.name === text);
      return found === undefined || found.payload !== undefined ? undefined : Value.variant(text);
    }
    default:
      return undefined;
  }
}

/** Whether a map with such keys is a JSON object; other maps are lists of pairs. */
export function isTextKey(type: Type, types: Types): boolean {
  const key = resolve(type, types);
  if (key.kind === "variant") return key.cases.every((c) => c.payload === undefined);
  return ["text", "asset", "bool", "int", "nat", "decimal", "bytes", "duration", "instant", "hash"].includes(key.kind);
}

/** The inverse of `scalarOfText`: how a value stands as a key of a JSON object. */
export function textOfScalar(value: Value.Value): string {
  if (typeof value !== "object") return String(value);
  switch (value.tag) {
    case "decimal":
      return Decimal.print(value);
    case "bytes":
      return `0x${Bytes.toHex(value.bytes)}`;
    case "duration":
      return showDuration(value.milliseconds);
    case "instant": {
      const ms = value.milliseconds;
      return ms >= INSTANT_MIN && ms <= INSTANT_MAX ? showInstant(ms) : String(ms);
    }
    case "hash":
      return value.hash;
    case "variant":
      return value.case;
    default:
      throw new Error(`internal error: a ${value.tag} is not a text key`);
  }
}
