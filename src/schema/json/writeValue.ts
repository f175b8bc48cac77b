/**
 * A type compiled into a writer of JSON text: names and keys in canonical order, no white space, so equal values are
 * equal bytes. Ints and decimals that a double cannot hold are strings.
 */

import { Decimal, type Value } from "../../content/index.ts";
import { type MapType, type RecordType, resolve, type Type, type Types, type VariantType } from "../Type.ts";
import { isTextKey, textOfScalar } from "./textForm.ts";
import { writeUntyped } from "./untyped.ts";

export type Write = (value: Value.Value) => string;

/** A decimal of so many digits survives a double unchanged. */
const DOUBLE_DIGITS = 15;
/** Beyond this power of ten a number is written as a string, so that no reader meets an exponent it cannot hold. */
const DOUBLE_EXPONENT_MAX = 22;

export function writerOf(types: Types): (type: Type) => Write {
  const known = new Map<Type, Write>();
  const compile = (type: Type): Write => {
    if (type.kind === "ref") {
      let target: Write | undefined;
      return (value) => {
        target ??= compile(resolve(type, types));
        return target(value);
      };
    }
    let write = known.get(type);
    if (write === undefined) {
      write = compileType(type, types, compile);
      known.set(type, write);
    }
    return write;
  };
  return compile;
}

function compileType(type: Exclude<Type, { kind: "ref" }>, types: Types, compile: (type: Type) => Write): Write {
  switch (type.kind) {
    case "bool":
      return String;
    case "int":
    case "nat":
      return (value) => (typeof value === "number" ? String(value) : `"${value}"`);
    case "decimal":
      return (value) => writeDecimal(value as Decimal.Decimal);
    case "float":
      return (value) => writeFloat((value as Value.Float).value);
    case "text":
    case "asset":
      return (value) => JSON.stringify(value);
    case "bytes":
    case "duration":
    case "hash":
      return (value) => `"${textOfScalar(value)}"`;
    case "instant":
      return (value) => {
        const text = textOfScalar(value);
        return text.endsWith("Z") || typeof (value as Value.Instant).milliseconds !== "number" ? `"${text}"` : text;
      };
    case "unit":
      return () => "[]";
    case "untyped":
      return writeUntyped;
    case "option": {
      const item = compile(type.item);
      return (value) => {
        const { payload } = value as Value.Variant;
        return payload === undefined ? "null" : item(payload);
      };
    }
    case "list":
    case "set": {
      const item = compile(type.item);
      return (value) => `[${joined((value as Value.List).items, item)}]`;
    }
    case "tuple": {
      const parts = type.items.map(compile);
      return (value) => `[${(value as Value.Tuple).items.map((item, i) => parts[i]!(item)).join(",")}]`;
    }
    case "map":
      return writeMap(type, types, compile);
    case "record":
      return writeRecord(type, compile);
    case "variant":
      return writeVariant(type, compile);
  }
}

function joined(items: readonly Value.Value[], write: Write): string {
  let text = "";
  for (let i = 0; i < items.length; i++) text += i === 0 ? write(items[i]!) : `,${write(items[i]!)}`;
  return text;
}

/** A JSON number while any double reader gets the same decimal back, else a string. */
function writeDecimal(value: Decimal.Decimal): string {
  const text = Decimal.print(value);
  const digits = text.length - (text.startsWith("-") ? 1 : 0) - (text.includes(".") ? 1 : 0);
  const plain = digits <= DOUBLE_DIGITS && Math.abs(value.exponent) <= DOUBLE_EXPONENT_MAX && !text.includes("e");
  return plain ? text : `"${text}"`;
}

function writeFloat(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function writeMap(type: MapType, types: Types, compile: (type: Type) => Write): Write {
  const item = compile(type.item);
  if (isTextKey(type.key, types)) {
    return (value) => {
      let text = "";
      for (const [key, v] of (value as Value.MapValue).entries) {
        text += `${text === "" ? "" : ","}${JSON.stringify(textOfScalar(key))}:${item(v)}`;
      }
      return `{${text}}`;
    };
  }
  const key = compile(type.key);
  return (value) => `[${(value as Value.MapValue).entries.map(([k, v]) => `[${key(k)},${item(v)}]`).join(",")}]`;
}

function writeRecord(type: RecordType, compile: (type: Type) => Write): Write {
  const heads = type.fields.map((f, i) => `${i === 0 ? "" : ","}${JSON.stringify(f.name)}:`);
  const writes = type.fields.map((f) => compile(f.type));
  return (value) => {
    const { values } = value as Value.Record;
    let text = "{";
    for (let i = 0; i < heads.length; i++) text += heads[i]! + writes[i]!(values[i]!);
    return `${text}}`;
  };
}

function writeVariant(type: VariantType, compile: (type: Type) => Write): Write {
  const cases = new Map(
    type.cases.map((c) => [
      c.name,
      { name: JSON.stringify(c.name), payload: c.payload === undefined ? undefined : compile(c.payload) },
    ]),
  );
  return (value) => {
    const { case: name, payload } = value as Value.Variant;
    const found = cases.get(name)!;
    return payload === undefined ? found.name : `{${found.name}:${found.payload!(payload)}}`;
  };
}
