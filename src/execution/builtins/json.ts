/**
 * JSON text (RFC 8259) to and from the library's `Json` type. Numbers are exact decimals; a key that occurs twice and
 * text nested deeper than `JSON_DEPTH_MAX` are refused.
 */
import { Decimal, Value } from "../../content/index.ts";
import { Stuck, spend } from "../machine/Meter.ts";
import { items } from "./GrownList.ts";
import { builtin, type Implementation, tagged, text } from "./Implementation.ts";
import { chargeDeep, chargeLength } from "./size.ts";

type V = Value.Value;

export const JSON_DEPTH_MAX = 64;

const caseOf = (name: string, field: string, value: V): V => Value.variant(name, Value.record([[field, value]]));

// ------------------------------------------------------------------------------------------------- print

function part(json: Value.Variant, field: string): V {
  const payload = json.payload;
  const value = payload === undefined ? undefined : Value.field(tagged(payload, "record"), field);
  if (value === undefined) throw new Stuck(`${json.case} without ${field}`);
  return value;
}

function print(value: V): string {
  const json = tagged(value, "variant");
  switch (json.case) {
    case "JsonNull":
      return "null";
    case "JsonBool":
      return String(part(json, "value"));
    case "JsonNumber":
      return Decimal.print(tagged(part(json, "value"), "decimal"));
    case "JsonText":
      return quote(text(part(json, "value")));
    case "JsonList":
      return `[${items(tagged(part(json, "items"), "list"))
        .map(print)
        .join(",")}]`;
    case "JsonObject":
      return `{${tagged(part(json, "fields"), "map")
        .entries.map(([key, item]) => `${quote(text(key))}:${print(item)}`)
        .join(",")}}`;
    default:
      throw new Stuck(`${json.case} is no JSON`);
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function quote(value: string): string {
  let out = '"';
  for (let i = 0; i < value.length; i++) {
    const char = value[i]!;
    const unit = value.charCodeAt(i);
    out += ESCAPES.get(char) ?? (unit < 32 ? `\\u${unit.toString(16).padStart(4, "0")}` : char);
  }
  return `${out}"`;
}

// ------------------------------------------------------------------------------------------------- parse

/** Leaves the recursive reader; never escapes `parse`. */
class NotJson {
  readonly at: number;
  readonly reason: string;
  constructor(at: number, reason: string) {
    this.at = at;
    this.reason = reason;
  }
}

interface Reader {
  readonly source: string;
  at: number;
}

function parse(source: string): V {
  const reader: Reader = { source, at: 0 };
  try {
    const value = read(reader, 0);
    blank(reader);
    if (reader.at < source.length) throw new NotJson(reader.at, "text follows the value");
    return Value.okValue(value);
  } catch (error) {
    if (error instanceof NotJson) return Value.errValue(`${error.reason}, at ${error.at}`);
    throw error;
  }
}

function blank(reader: Reader): void {
  while (" \t\n\r".includes(reader.source[reader.at] ?? "x")) reader.at++;
}

function take(reader: Reader, word: string): boolean {
  if (!reader.source.startsWith(word, reader.at)) return false;
  reader.at += word.length;
  return true;
}

function need(reader: Reader, word: string, what: string): void {
  blank(reader);
  if (!take(reader, word)) throw new NotJson(reader.at, `expected ${what}`);
}

function read(reader: Reader, depth: number): V {
  if (depth > JSON_DEPTH_MAX) throw new NotJson(reader.at, `nested deeper than ${JSON_DEPTH_MAX}`);
  blank(reader);
  const char = reader.source[reader.at];
  if (char === "{") return readObject(reader, depth);
  if (char === "[") return readList(reader, depth);
  if (char === '"') return caseOf("JsonText", "value", readText(reader));
  if (take(reader, "null")) return Value.variant("JsonNull");
  if (take(reader, "true")) return caseOf("JsonBool", "value", true);
  if (take(reader, "false")) return caseOf("JsonBool", "value", false);
  return caseOf("JsonNumber", "value", readNumber(reader));
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readNumber(reader: Reader): V {
  NUMBER.lastIndex = reader.at;
  const match = NUMBER.exec(reader.source);
  if (match === null) throw new NotJson(reader.at, "expected a value");
  const value = Decimal.parse(match[0]);
  if (value === undefined) throw new NotJson(reader.at, "a number that no Decimal holds");
  reader.at += match[0].length;
  return value;
}

function readList(reader: Reader, depth: number): V {
  reader.at++;
  const all: V[] = [];
  blank(reader);
  if (!take(reader, "]")) {
    do {
      all.push(read(reader, depth + 1));
      blank(reader);
    } while (take(reader, ","));
    need(reader, "]", "`,` or `]`");
  }
  return caseOf("JsonList", "items", Value.list(all));
}

function readObject(reader: Reader, depth: number): V {
  reader.at++;
  const entries: (readonly [V, V])[] = [];
  const keys = new Set<string>();
  blank(reader);
  if (!take(reader, "}")) {
    do {
      blank(reader);
      const start = reader.at;
      if (reader.source[start] !== '"') throw new NotJson(start, "expected a key");
      const key = readText(reader);
      if (keys.has(key)) throw new NotJson(start, "a key that occurs twice");
      keys.add(key);
      need(reader, ":", "`:`");
      entries.push([key, read(reader, depth + 1)]);
      blank(reader);
    } while (take(reader, ","));
    need(reader, "}", "`,` or `}`");
  }
  return caseOf("JsonObject", "fields", Value.map(entries));
}

const PLAIN: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function readText(reader: Reader): string {
  reader.at++;
  let out = "";
  for (;;) {
    const char = reader.source[reader.at];
    if (char === undefined) throw new NotJson(reader.at, "the text does not end");
    if (char.charCodeAt(0) < 32) throw new NotJson(reader.at, "a control character in text");
    reader.at++;
    if (char === '"') return out;
    if (char !== "\\") {
      out += char;
      continue;
    }
    const letter = reader.source[reader.at] ?? "";
    const known = PLAIN.get(letter);
    if (known !== undefined) {
      out += known;
      reader.at++;
    } else if (letter === "u") out += readEscape(reader);
    else throw new NotJson(reader.at, "an unknown escape");
  }
}

/** `\uXXXX`, in pairs where it is a surrogate: a lone one is no text. */
function readEscape(reader: Reader): string {
  const unit = () => {
    const digits = reader.source.slice(reader.at + 1, reader.at + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new NotJson(reader.at, "an escape without four digits");
    reader.at += 5;
    return Number.parseInt(digits, 16);
  };
  const first = unit();
  if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first);
  if (first < 0xdc00 && reader.source[reader.at] === "\\" && reader.source[reader.at + 1] === "u") {
    reader.at++;
    const second = unit();
    if (second >= 0xdc00 && second <= 0xdfff) return String.fromCharCode(first, second);
  }
  throw new NotJson(reader.at, "half of a surrogate pair");
}

export const jsons: readonly Implementation[] = [
  builtin(
    "json.print",
    1,
    (a) => print(a),
    (meter, a) => {
      const weight = chargeDeep(meter, a);
      spend(meter, 3 * weight, 16 + 32 * weight);
    },
  ),
  builtin(
    "json.parse",
    1,
    (a) => parse(text(a)),
    // At most one value for each unit of text; sorting an object's keys is in the factor.
    (meter, a) => chargeLength(meter, 32 * text(a).length, 64 * text(a).length),
  ),
];
