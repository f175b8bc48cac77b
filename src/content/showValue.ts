/** Values as people read them (`show`: TEL notation) and as other programs read them (`toJson`: without a schema). */
import { Bytes, never } from "../std/index.ts";
import * as Decimal from "./Decimal.ts";
import type { Value } from "./Value.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** TEL notation: `Some(0.03)`, `["ETH": 100]`, `(base: "ETH", quote: "USDC")`. */
export function show(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object") return String(value);
  switch (value.tag) {
    case "unit":
      return "()";
    case "decimal":
      return Decimal.print(value);
    case "float":
      return `${Object.is(value.value, -0) ? "-0" : value.value}f`;
    case "bytes":
      return `bytes 0x${Bytes.toHex(value.bytes)}`;
    case "duration":
      return showDuration(value.milliseconds);
    case "instant":
      return `@${showInstant(value.milliseconds)}`;
    case "hash":
      return `#${value.hash}`;
    case "list":
      return `[${value.items.map(show).join(", ")}]`;
    case "set":
      return `set [${value.items.map(show).join(", ")}]`;
    case "map":
      return value.entries.length === 0
        ? "[:]"
        : `[${value.entries.map(([k, v]) => `${show(k)}: ${show(v)}`).join(", ")}]`;
    case "tuple":
      return `(${value.items.map(show).join(", ")})`;
    case "record":
      return `(${value.names.map((name, i) => `${name}: ${show(value.values[i]!)}`).join(", ")})`;
    case "variant":
      if (value.payload === undefined) return value.case;
      if (typeof value.payload === "object" && value.payload.tag === "record") return value.case + show(value.payload);
      return `${value.case}(${show(value.payload)})`;
    case "closure":
      return `fn #${value.definition.slice(0, 15)}…`;
    default:
      return never(value);
  }
}

/** Ints and Decimals are JSON numbers where a double holds them exactly, else strings. */
export function toJson(value: Value): Json {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object") return value;
  switch (value.tag) {
    case "unit":
      return null;
    case "decimal": {
      const text = Decimal.print(value);
      return String(Number(text)) === text ? Number(text) : text;
    }
    case "float":
      return Number.isFinite(value.value) ? value.value : String(value.value);
    case "bytes":
      return `0x${Bytes.toHex(value.bytes)}`;
    case "duration":
      return showDuration(value.milliseconds);
    case "instant":
      return showInstant(value.milliseconds);
    case "hash":
      return value.hash;
    case "list":
    case "set":
    case "tuple":
      return value.items.map(toJson);
    case "map":
      return value.entries.every(([key]) => typeof key === "string")
        ? Object.fromEntries(value.entries.map(([key, item]) => [key as string, toJson(item)]))
        : value.entries.map(([key, item]) => [toJson(key), toJson(item)]);
    case "record":
      return Object.fromEntries(value.names.map((name, i) => [name, toJson(value.values[i]!)]));
    case "variant":
      return value.payload === undefined ? value.case : Object.fromEntries([[value.case, toJson(value.payload)]]);
    case "closure":
      return { closure: value.definition, captured: value.captured.map(toJson) };
    default:
      return never(value);
  }
}

function quote(text: string): string {
  let out = '"';
  for (const char of text) {
    const point = char.codePointAt(0)!;
    if (char === '"' || char === "\\") out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\t") out += "\\t";
    else if (char === "$") out += "\\$";
    else if (point < 32 || point === 127) out += `\\u{${point.toString(16)}}`;
    else out += char;
  }
  return `${out}"`;
}

const UNITS = [
  ["d", 86_400_000n],
  ["h", 3_600_000n],
  ["m", 60_000n],
  ["s", 1000n],
  ["ms", 1n],
] as const;

/** `1h30m`, `500ms`, `-2d`, `0s`. */
export function showDuration(milliseconds: number | bigint): string {
  let rest = BigInt(milliseconds);
  if (rest === 0n) return "0s";
  const sign = rest < 0n ? "-" : "";
  if (rest < 0n) rest = -rest;
  let text = "";
  for (const [name, size] of UNITS) {
    if (rest >= size) text += `${rest / size}${name}`;
    rest %= size;
  }
  return sign + text;
}

/** ISO 8601 in UTC, proleptic Gregorian, by integer arithmetic alone (Hinnant, "chrono-compatible date algorithms"). */
export function showInstant(milliseconds: number | bigint): string {
  const ms = BigInt(milliseconds);
  const day = 86_400_000n;
  const days = ms >= 0n ? ms / day : -((-ms + day - 1n) / day);
  const time = ms - days * day;
  const z = days + 719_468n;
  const era = (z >= 0n ? z : z - 146_096n) / 146_097n;
  const dayOfEra = z - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const monthFromMarch = (5n * dayOfYear + 2n) / 153n;
  const date = dayOfYear - (153n * monthFromMarch + 2n) / 5n + 1n;
  const month = monthFromMarch < 10n ? monthFromMarch + 3n : monthFromMarch - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  const two = (n: bigint) => n.toString().padStart(2, "0");
  const fraction = time % 1000n === 0n ? "" : `.${(time % 1000n).toString().padStart(3, "0")}`;
  const clock = `${two(time / 3_600_000n)}:${two((time / 60_000n) % 60n)}:${two((time / 1000n) % 60n)}${fraction}`;
  return `${year.toString().padStart(4, "0")}-${two(month)}-${two(date)}T${clock}Z`;
}
