/** Type texts and defaults as they stand in a manifest's tables. */
import type { Value } from "../../content/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import { type Read, readerOf } from "../json/readValue.ts";
import { JsonRefusal, Scanner } from "../json/Scanner.ts";
import type { Place } from "../Problem.ts";
import { parseType } from "../parseType.ts";
import { printName, printType } from "../printType.ts";
import type * as T from "../Type.ts";
import * as R from "./Reading.ts";
import { jsonOfToml, type Toml, type TomlEntry, type TomlText } from "./Toml.ts";

/** A default whose type may still be a name. */
export interface Pending {
  readonly field: T.Field;
  readonly json: string;
  readonly at: Place;
}

/** What is gathered while types are read; names are checked when all are known. */
export interface Gathered {
  readonly pending: Pending[];
  readonly names: { readonly name: string; readonly at: Place }[];
}

/** `"type text"`, or `{ type = "type text", doc = "…" }`. */
export function typeOfEntry(r: R.Reading, entry: TomlEntry, title: string, gathered: Gathered): T.Type | undefined {
  if (entry.value.kind === "table") {
    R.onlyKeys(r, entry.value, `\`${entry.key}\` in ${title}`, ["type", "doc"]);
    const text = R.needed(
      r,
      entry.value,
      "type",
      `\`${entry.key}\` in ${title}`,
      R.textAt(r, entry.value, "type", title),
    );
    return text === undefined ? undefined : typeOf(r, text, gathered);
  }
  if (entry.value.kind === "text") return typeOf(r, entry.value, gathered);
  return R.complain(
    r,
    "SCH0103",
    entry.value.at,
    `\`${entry.key}\` in ${title} must be a type`,
    `${entry.key} = "decimal"`,
  );
}

export function typeOf(r: R.Reading, text: TomlText, gathered: Gathered): T.Type | undefined {
  const parsed = parseType(text.value, text.placeOf);
  if (!parsed.ok) {
    r.problems.push(parsed.error);
    return undefined;
  }
  gathered.names.push(...parsed.value.names);
  gathered.pending.push(...parsed.value.literals);
  return parsed.value.type;
}

export function jsonOrComplain(r: R.Reading, value: Toml): string | undefined {
  return jsonOfToml(value) ?? R.complain(r, "SCH0116", value.at, "nan and inf are not values of a state");
}

/** Reads each default by its type. The fields are not shared yet, so they may still be completed. */
export function settle(r: R.Reading, pending: readonly Pending[], types: T.Types): void {
  const reader = readerOf(types);
  for (const { field, json, at } of pending) {
    const value = readDefault(reader(field.type), json);
    if (value.ok) (field as { default: T.Field["default"] }).default = value.value;
    else {
      R.complain(
        r,
        "SCH0116",
        at,
        `the default of \`${printName(field.name)}\` is not a value of its type: ${value.error}`,
        `give a value of type ${printType(field.type)}`,
      );
    }
  }
}

export function readDefault(read: Read, json: string): Result<Value.Value, string> {
  const scanner = new Scanner(json);
  try {
    const value = read(scanner, 0);
    return Number.isNaN(scanner.peek()) ? ok(value) : err("text follows the value");
  } catch (error) {
    if (error instanceof JsonRefusal) return err(error.what);
    throw error;
  }
}
