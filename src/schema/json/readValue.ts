/**
 * A type compiled into a reader of JSON text: the text becomes a canonical value, or a refusal with its place and path.
 * The JSON form of each type: docs/spec/schema.md §3. Compiled once per schema, run once per state.
 */

import { Decimal, Value } from "../../content/index.ts";
import { closest } from "../../std/index.ts";
import { printType } from "../printType.ts";
import { fitsDecimal, fitsFloat, intLimits } from "../Scalar.ts";
import {
  type FloatType,
  type Integer,
  type MapType,
  type RecordType,
  resolve,
  type SetType,
  type Type,
  type Types,
  type VariantType,
} from "../Type.ts";
import { deeper, sortEntries, step } from "./containers.ts";
import { JsonRefusal, type Scanner } from "./Scanner.ts";
import { intOfText, isTextKey, scalarOfText } from "./textForm.ts";
import { readUntyped } from "./untyped.ts";

export type Read = (json: Scanner, depth: number) => Value.Value;

const QUOTE = 34;
const isNumberStart = (unit: number): boolean => (unit >= 48 && unit <= 57) || unit === 45;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;
const COLON = 58;

/** The readers of one schema's types; a recursive type is compiled once and calls itself. */
export function readerOf(types: Types): (type: Type) => Read {
  const known = new Map<Type, Read>();
  const compile = (type: Type): Read => {
    if (type.kind === "ref") {
      let target: Read | undefined;
      return (json, depth) => {
        target ??= compile(resolve(type, types));
        return target(json, depth);
      };
    }
    let read = known.get(type);
    if (read === undefined) {
      read = compileType(type, types, compile);
      known.set(type, read);
    }
    return read;
  };
  return compile;
}

function compileType(type: Exclude<Type, { kind: "ref" }>, types: Types, compile: (type: Type) => Read): Read {
  const mismatch = (json: Scanner, got: string = json.found(), offset = json.at): never => {
    throw new JsonRefusal("value", `expected ${printType(type)}, found ${got}`, offset);
  };
  switch (type.kind) {
    case "bool":
      return (json) => (json.word("true") ? true : json.word("false") ? false : mismatch(json));
    case "int":
    case "nat":
      return readInt(type, mismatch);
    case "decimal":
      return (json) => {
        const unit = json.peek();
        const start = json.at;
        const value = isNumberStart(unit)
          ? json.decimal()
          : unit === QUOTE
            ? Decimal.parse(json.string())
            : mismatch(json);
        if (value === undefined || (type.size !== undefined && !fitsDecimal(value, type)))
          return mismatch(json, json.text.slice(start, json.at), start);
        return value;
      };
    case "float":
      return readFloat(type, mismatch);
    case "text":
    case "asset":
      return (json) => (json.isString() ? json.string() : mismatch(json));
    case "bytes":
    case "duration":
    case "hash":
      return (json) => {
        if (!json.isString()) mismatch(json);
        const start = json.at;
        const text = json.string();
        return scalarOfText(type, text) ?? mismatch(json, JSON.stringify(text), start);
      };
    case "instant":
      return (json) => {
        const start = json.at;
        if (json.isNumber()) return Value.instant(json.int() ?? mismatch(json, "a fraction", start));
        if (!json.isString()) mismatch(json);
        const text = json.string();
        return scalarOfText(type, text) ?? mismatch(json, JSON.stringify(text), start);
      };
    case "unit":
      return (json) => (json.take(OPEN_BRACKET) && json.take(CLOSE_BRACKET) ? Value.unit : mismatch(json));
    case "untyped":
      return readUntyped;
    case "option": {
      const item = compile(type.item);
      return (json, depth) => (json.word("null") ? Value.none : Value.some(item(json, deeper(json, depth))));
    }
    case "list": {
      const items = readItems(compile(type.item), mismatch);
      return (json, depth) => {
        const start = json.at;
        const values = items(json, depth);
        if (type.length !== undefined && values.length !== type.length) mismatch(json, `${values.length} items`, start);
        return Value.list(values);
      };
    }
    case "set":
      return readSet(type, readItems(compile(type.item), mismatch));
    case "tuple": {
      const parts = type.items.map(compile);
      return (json, depth) => {
        if (!json.take(OPEN_BRACKET)) mismatch(json);
        const inner = deeper(json, depth);
        const values = parts.map((part, i) => {
          if (i > 0) json.expect(COMMA, `before item ${i} of ${printType(type)}`);
          return step(`.${i}`, () => part(json, inner));
        });
        json.expect(CLOSE_BRACKET, `after ${parts.length} items of ${printType(type)}`);
        return Value.tuple(values);
      };
    }
    case "map":
      return readMap(type, types, compile, mismatch);
    case "record":
      return readRecord(type, types, compile, mismatch);
    case "variant":
      return readVariant(type, compile, mismatch);
  }
}

type Mismatch = (json: Scanner, got?: string, offset?: number) => never;

function readInt(type: Integer, mismatch: Mismatch): Read {
  const { min, max } = intLimits(type);
  return (json) => {
    const unit = json.peek();
    const quoted = unit === QUOTE;
    if (!quoted && !isNumberStart(unit)) mismatch(json);
    const start = json.at;
    const value = quoted ? intOfText(json.string()) : json.int();
    if (value === undefined) return mismatch(json, quoted ? "a string that is not an integer" : json.number(), start);
    if (value < min || value > max) return mismatch(json, String(value), start);
    return value;
  };
}

function readFloat(type: FloatType, mismatch: Mismatch): Read {
  return (json) => {
    const start = json.at;
    if (json.isString()) {
      const text = json.string();
      if (text === "Infinity") return Value.float(Number.POSITIVE_INFINITY);
      if (text === "-Infinity") return Value.float(Number.NEGATIVE_INFINITY);
      return mismatch(json, JSON.stringify(text), start);
    }
    if (!json.isNumber()) mismatch(json);
    const source = json.number();
    const value = Number(source);
    if (!Number.isFinite(value) || !fitsFloat(value, type)) return mismatch(json, source, start);
    return Value.float(value);
  };
}

function readItems(item: Read, mismatch: Mismatch): (json: Scanner, depth: number) => Value.Value[] {
  return (json, depth) => {
    if (!json.take(OPEN_BRACKET)) mismatch(json);
    const values: Value.Value[] = [];
    if (json.take(CLOSE_BRACKET)) return values;
    const inner = deeper(json, depth);
    try {
      do values.push(item(json, inner));
      while (json.take(COMMA));
    } catch (error) {
      if (error instanceof JsonRefusal) error.path.unshift(`[${values.length}]`);
      throw error;
    }
    json.expect(CLOSE_BRACKET, "or `,` in the list");
    return values;
  };
}

function readSet(type: SetType, items: (json: Scanner, depth: number) => Value.Value[]): Read {
  return (json, depth) => {
    json.peek();
    const start = json.at;
    const values = items(json, depth).sort(Value.compare);
    for (let i = 1; i < values.length; i++) {
      if (Value.compare(values[i - 1]!, values[i]!) === 0) {
        throw new JsonRefusal("value", `an item stands twice in ${printType(type)}`, start);
      }
    }
    return { tag: "set", items: values };
  };
}

function readMap(type: MapType, types: Types, compile: (type: Type) => Read, mismatch: Mismatch): Read {
  const keyType = resolve(type.key, types);
  const keyed = isTextKey(type.key, types);
  const isText = keyType.kind === "text" || keyType.kind === "asset";
  const key = compile(type.key);
  const item = compile(type.item);
  const pair = (json: Scanner, depth: number): readonly [Value.Value, Value.Value] => {
    json.expect(OPEN_BRACKET, "before a key and its value");
    const k = key(json, depth);
    json.expect(COMMA, "between a key and its value");
    const v = item(json, depth);
    json.expect(CLOSE_BRACKET, "after a key and its value");
    return [k, v];
  };
  return (json, depth) => {
    const entries: (readonly [Value.Value, Value.Value])[] = [];
    json.peek();
    const start = json.at;
    if (keyed && json.take(OPEN_BRACE)) {
      if (!json.take(CLOSE_BRACE)) {
        const inner = deeper(json, depth);
        do {
          json.peek();
          const keyAt = json.at;
          const text = json.string();
          const k = isText ? text : scalarOfText(keyType, text);
          if (k === undefined) {
            throw new JsonRefusal(
              "value",
              `expected a key of type ${printType(keyType)}, found ${JSON.stringify(text)}`,
              keyAt,
            );
          }
          json.expect(COLON, "after the key");
          try {
            entries.push([k, item(json, inner)]);
          } catch (error) {
            if (error instanceof JsonRefusal) error.path.unshift(`{${JSON.stringify(text)}}`);
            throw error;
          }
        } while (json.take(COMMA));
        json.expect(CLOSE_BRACE, "or `,` in the map");
      }
    } else if (json.take(OPEN_BRACKET)) {
      if (!json.take(CLOSE_BRACKET)) {
        const inner = deeper(json, depth);
        do entries.push(step(`{${entries.length}}`, () => pair(json, inner)));
        while (json.take(COMMA));
        json.expect(CLOSE_BRACKET, "or `,` in the map");
      }
    } else mismatch(json);
    return { tag: "map", entries: sortEntries(entries, start) };
  };
}

function readRecord(type: RecordType, types: Types, compile: (type: Type) => Read, mismatch: Mismatch): Read {
  const names = type.fields.map((f) => f.name);
  const size = names.length;
  // The name, its quotes and the colon are matched as one; white space or escapes take the longer way.
  const tokens = names.map((name) => `${JSON.stringify(name)}:`);
  const reads = type.fields.map((f) => compile(f.type));
  const optional = type.fields.map((f) => resolve(f.type, types).kind === "option");
  const indexOf = new Map(names.map((name, i) => [name, i]));
  // Which field usually follows which: states of one program are written in one order, so a guess replaces a look-up.
  const follower = names.map((_, i) => i + 1);
  let first = 0;

  const fieldAt = (json: Scanner): number => {
    json.peek();
    const start = json.at;
    const name = json.string();
    const at = indexOf.get(name);
    if (at !== undefined) return at;
    const near = closest(name, names);
    const hint = near === undefined ? `its fields are ${names.join(", ") || "none"}` : `did you mean \`${near}\`?`;
    throw new JsonRefusal("value", `the record has no field \`${name}\`; ${hint}`, start);
  };

  return (json, depth) => {
    if (!json.take(OPEN_BRACE)) mismatch(json);
    const { text } = json;
    const open = json.at - 1;
    const values = new Array<Value.Value | undefined>(size);
    let count = 0;
    if (!json.take(CLOSE_BRACE)) {
      const inner = deeper(json, depth);
      let before = -1;
      do {
        const nameAt = json.at;
        let at = before < 0 ? first : follower[before]!;
        const token = tokens[at];
        if (token !== undefined && text.startsWith(token, nameAt)) json.at = nameAt + token.length;
        else {
          at = fieldAt(json);
          json.expect(COLON, "after the field's name");
          if (before < 0) first = at;
          else follower[before] = at;
        }
        if (values[at] !== undefined) throw new JsonRefusal("value", `field \`${names[at]}\` stands twice`, nameAt);
        try {
          values[at] = reads[at]!(json, inner);
        } catch (error) {
          if (error instanceof JsonRefusal) error.path.unshift(`.${names[at]!}`);
          throw error;
        }
        count++;
        before = at;
      } while (json.take(COMMA));
      json.expect(CLOSE_BRACE, "or `,` in the record");
    }
    if (count < size) {
      for (let i = 0; i < size; i++) {
        if (values[i] !== undefined) continue;
        if (!optional[i]) throw new JsonRefusal("value", `field \`${names[i]}\` is missing`, open);
        values[i] = Value.none;
      }
    }
    return { tag: "record", names, values: values as Value.Value[] };
  };
}

function readVariant(type: VariantType, compile: (type: Type) => Read, mismatch: Mismatch): Read {
  const cases = new Map(
    type.cases.map((c) => [c.name, c.payload === undefined ? undefined : compile(c.payload)] as const),
  );
  const bare = new Map(type.cases.flatMap((c) => (c.payload === undefined ? [[c.name, Value.variant(c.name)]] : [])));
  const unknown = (name: string, offset: number): never => {
    const near = closest(name, cases.keys());
    const hint = near === undefined ? `its cases are ${[...cases.keys()].join(", ")}` : `did you mean \`${near}\`?`;
    throw new JsonRefusal("value", `the variant has no case \`${name}\`; ${hint}`, offset);
  };
  return (json, depth) => {
    json.peek();
    const start = json.at;
    if (json.isString()) {
      const name = json.string();
      const value = bare.get(name);
      if (value !== undefined) return value;
      if (cases.has(name)) throw new JsonRefusal("value", `case \`${name}\` needs its payload: {"${name}": …}`, start);
      return unknown(name, start);
    }
    if (!json.take(OPEN_BRACE)) mismatch(json);
    const name = json.string();
    const payload = cases.get(name);
    if (payload === undefined) {
      if (cases.has(name)) throw new JsonRefusal("value", `case \`${name}\` has no payload: write "${name}"`, start);
      return unknown(name, start);
    }
    json.expect(COLON, "after the case");
    const value = step(`#${name}`, () => payload(json, deeper(json, depth)));
    json.expect(CLOSE_BRACE, "after the one case of a variant");
    return Value.variant(name, value);
  };
}
