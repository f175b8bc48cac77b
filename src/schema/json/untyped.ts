/** Fields that have no type: any JSON, in both directions. */
import { Decimal, Value } from "../../content/index.ts";
import { deeper, sortEntries, step } from "./containers.ts";
import { JsonRefusal, type Scanner } from "./Scanner.ts";

const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;
const COLON = 58;

/** Any JSON, for fields that have no type: whole numbers are Ints, others Decimals, objects Maps of Text, null unit. */
export function readUntyped(json: Scanner, depth: number): Value.Value {
  if (json.isString()) return json.string();
  if (json.isNumber()) {
    const start = json.at;
    const value = json.int() ?? json.decimal();
    if (value === undefined) throw new JsonRefusal("bound", "the number's exponent is too large", start);
    return value;
  }
  if (json.take(OPEN_BRACKET)) {
    const items: Value.Value[] = [];
    if (json.take(CLOSE_BRACKET)) return Value.list(items);
    const inner = deeper(json, depth);
    do items.push(step(`[${items.length}]`, () => readUntyped(json, inner)));
    while (json.take(COMMA));
    json.expect(CLOSE_BRACKET, "or `,` in the list");
    return Value.list(items);
  }
  if (json.take(OPEN_BRACE)) {
    const entries: (readonly [Value.Value, Value.Value])[] = [];
    const start = json.at - 1;
    if (!json.take(CLOSE_BRACE)) {
      const inner = deeper(json, depth);
      do {
        const key = json.string();
        json.expect(COLON, "after the key");
        entries.push([key, step(`{${JSON.stringify(key)}}`, () => readUntyped(json, inner))]);
      } while (json.take(COMMA));
      json.expect(CLOSE_BRACE, "or `,` in the object");
    }
    return { tag: "map", entries: sortEntries(entries, start) };
  }
  if (json.word("true")) return true;
  if (json.word("false")) return false;
  if (json.word("null")) return Value.unit;
  return json.fail(`expected a value, found ${json.found()}`);
}

/** The JSON that `readUntyped` reads back as the same value. */
export function writeUntyped(value: Value.Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  switch (value.tag) {
    case "unit":
      return "null";
    case "decimal": {
      const text = Decimal.print(value);
      return /[.e]/.test(text) ? text : `${text}.0`;
    }
    case "list":
      return `[${value.items.map(writeUntyped).join(",")}]`;
    case "map":
      return `{${value.entries.map(([k, v]) => `${JSON.stringify(k)}:${writeUntyped(v)}`).join(",")}}`;
    default:
      throw new Error(`internal error: a ${value.tag} in a field without a type`);
  }
}
