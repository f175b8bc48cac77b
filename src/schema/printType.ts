/** A type as text in its one canonical spelling; `parseType(printType(t))` is t. Grammar: docs/spec/schema.md §1. */
import type { Field, Type } from "./Type.ts";

/** How a field's default is written; printing types for messages leaves defaults out. */
export type PrintDefault = (field: Field) => string | undefined;

const noDefaults: PrintDefault = () => undefined;

export function printType(type: Type, printDefault: PrintDefault = noDefaults): string {
  const print = (part: Type): string => printType(part, printDefault);
  switch (type.kind) {
    case "int":
    case "nat":
      return type.bits === undefined ? type.kind : `${type.kind}${type.bits}`;
    case "decimal":
      return type.size === undefined ? "decimal" : `decimal(${type.size.precision}, ${type.size.scale})`;
    case "float":
      return type.bits === 64 ? "float" : "float32";
    case "bytes":
      return type.length === undefined ? "bytes" : `bytes[${type.length}]`;
    case "option":
    case "set":
      return `${type.kind}<${print(type.item)}>`;
    case "list":
      return type.length === undefined ? `list<${print(type.item)}>` : `list[${type.length}]<${print(type.item)}>`;
    case "map":
      return `map<${print(type.key)}, ${print(type.item)}>`;
    case "tuple":
      return `tuple<${type.items.map(print).join(", ")}>`;
    case "record":
      return `record{${type.fields
        .map((field) => {
          const literal = printDefault(field);
          return `${printName(field.name)}: ${print(field.type)}${literal === undefined ? "" : ` = ${literal}`}`;
        })
        .join(", ")}}`;
    case "variant":
      return `variant{${type.cases
        .map((c) => (c.payload === undefined ? printName(c.name) : `${printName(c.name)}: ${print(c.payload)}`))
        .join(", ")}}`;
    case "ref":
      return printName(type.name);
    default:
      return type.kind;
  }
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A name as it stands in type text and paths: bare where it is a plain word, else quoted as in JSON. */
export const printName = (name: string): string => (PLAIN_NAME.test(name) ? name : JSON.stringify(name));
