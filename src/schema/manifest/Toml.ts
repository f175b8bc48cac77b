/**
 * TOML text → a tree that keeps every position and the source text of every number, so that problems point at their
 * place and a decimal default never passes through a double. The grammar is toml-eslint-parser's (TOML 1.1).
 */
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import { Bytes, err, ok, type Result } from "../../std/index.ts";
import type { Place, Problem } from "../Problem.ts";

/** Longer manifests are refused unread. */
export const MANIFEST_CHARS_MAX = 1_048_576;

export type Toml = TomlTable | TomlArray | TomlText | TomlNumber | TomlBool | TomlDate;

export interface TomlTable {
  readonly kind: "table";
  /** In order of the file. */
  readonly entries: ReadonlyMap<string, TomlEntry>;
  readonly at: Place;
}
export interface TomlEntry {
  readonly key: string;
  readonly at: Place;
  readonly value: Toml;
}
export interface TomlArray {
  readonly kind: "array";
  readonly items: readonly Toml[];
  readonly at: Place;
}
export interface TomlText {
  readonly kind: "text";
  readonly value: string;
  readonly at: Place;
  /** Where an offset of the value stands in the file; the text's start where escapes make that unclear. */
  readonly placeOf: (offset: number) => Place;
}
/** `json` is the number as JSON writes it, digit by digit; undefined for nan and inf. */
export interface TomlNumber {
  readonly kind: "number";
  readonly json: string | undefined;
  readonly integer: boolean;
  readonly source: string;
  readonly at: Place;
}
export interface TomlBool {
  readonly kind: "bool";
  readonly value: boolean;
  readonly at: Place;
}
export interface TomlDate {
  readonly kind: "date";
  readonly source: string;
  readonly at: Place;
}

export function parseToml(source: string, file: string): Result<TomlTable, Problem> {
  const start: Place = { file, line: 1, column: 1 };
  if (source.length > MANIFEST_CHARS_MAX) {
    return err({ code: "SCH0117", what: `the file has more than ${MANIFEST_CHARS_MAX} characters`, at: start });
  }
  if (!Bytes.isWellFormed(source)) return err({ code: "SCH0101", what: "the file is not well-formed text", at: start });
  const text = source.startsWith("\uFEFF") ? source.slice(1) : source;
  let ast: AST.TOMLProgram;
  try {
    ast = parseTOML(text);
  } catch (error) {
    if (error instanceof ParseError) {
      return err({
        code: "SCH0101",
        what: `the file is not TOML: ${error.message}`,
        at: { file, line: error.lineNumber, column: error.column + 1 },
      });
    }
    // The parser recurses into nested values and spreads the characters of a string.
    if (error instanceof RangeError) {
      return err({ code: "SCH0117", what: "the file nests values too deeply, or has too long a text", at: start });
    }
    throw error;
  }
  return buildTree(ast, text, file);
}

interface Building {
  readonly kind: "table";
  readonly entries: Map<string, TomlEntry>;
  readonly at: Place;
}

function buildTree(ast: AST.TOMLProgram, text: string, file: string): Result<TomlTable, Problem> {
  const place = (node: { readonly loc: AST.HasLocs["loc"] }): Place => ({
    file,
    line: node.loc.start.line,
    column: node.loc.start.column + 1,
  });
  const root: Building = { kind: "table", entries: new Map(), at: { file, line: 1, column: 1 } };
  let clash: Problem | undefined;

  const nameOf = (key: AST.TOMLBare | AST.TOMLQuoted): string => (key.type === "TOMLBare" ? key.name : key.value);

  /** The table at a key, made where it is missing; the last one of an array of tables. */
  const enter = (table: Building, key: AST.TOMLBare | AST.TOMLQuoted): Building => {
    const name = nameOf(key);
    const found = table.entries.get(name)?.value;
    if (found === undefined) {
      const made: Building = { kind: "table", entries: new Map(), at: place(key) };
      table.entries.set(name, { key: name, at: place(key), value: made });
      return made;
    }
    if (found.kind === "table") return found as Building;
    const last = found.kind === "array" ? found.items.at(-1) : undefined;
    if (last?.kind === "table") return last as Building;
    clash ??= { code: "SCH0101", what: `\`${name}\` is not a table`, at: place(key) };
    return { kind: "table", entries: new Map(), at: place(key) };
  };

  const assign = (table: Building, pair: AST.TOMLKeyValue): void => {
    const keys = pair.key.keys;
    let target = table;
    for (const key of keys.slice(0, -1)) target = enter(target, key);
    const last = keys.at(-1)!;
    target.entries.set(nameOf(last), { key: nameOf(last), at: place(last), value: contentOf(pair.value) });
  };

  const contentOf = (node: AST.TOMLContentNode): Toml => {
    const at = place(node);
    if (node.type === "TOMLArray") return { kind: "array", items: node.elements.map(contentOf), at };
    if (node.type === "TOMLInlineTable") {
      const table: Building = { kind: "table", entries: new Map(), at };
      for (const pair of node.body) assign(table, pair);
      return table;
    }
    const source = text.slice(node.range[0], node.range[1]);
    switch (node.kind) {
      case "string":
        return { kind: "text", value: node.value, at, placeOf: placesIn(node.value, source, at) };
      case "integer":
        return { kind: "number", json: node.bigint.toString(), integer: true, source, at };
      case "float":
        return { kind: "number", json: jsonOfFloat(source), integer: false, source, at };
      case "boolean":
        return { kind: "bool", value: node.value, at };
      default:
        return { kind: "date", source, at };
    }
  };

  for (const item of ast.body[0].body) {
    if (item.type === "TOMLKeyValue") {
      assign(root, item);
      continue;
    }
    let table = root;
    for (const key of item.key.keys.slice(0, -1)) table = enter(table, key);
    const last = item.key.keys.at(-1)!;
    if (item.kind === "array") table = appendTable(table, nameOf(last), place(last));
    else table = enter(table, last);
    for (const pair of item.body) assign(table, pair);
  }
  return clash === undefined ? ok(root) : err(clash);
}

function appendTable(table: Building, name: string, at: Place): Building {
  const made: Building = { kind: "table", entries: new Map(), at };
  const found = table.entries.get(name)?.value;
  // Still being built, so the list may grow in place; the parser has refused to extend arrays written as values.
  if (found?.kind === "array") (found.items as Toml[]).push(made);
  else table.entries.set(name, { key: name, at, value: { kind: "array", items: [made], at } });
  return made;
}

/** `+1_0.5e3` → `10.5e3`; undefined for nan and inf. */
function jsonOfFloat(source: string): string | undefined {
  const plain = source.replaceAll("_", "").replace(/^\+/, "");
  return /[0-9]/.test(plain) ? plain : undefined;
}

/** Exact where the value stands in the source letter by letter. */
function placesIn(value: string, source: string, at: Place): (offset: number) => Place {
  const quotes = source.startsWith('"""') || source.startsWith("'''") ? 3 : 1;
  const inner = source.slice(quotes, -quotes);
  const skipped = quotes === 3 && inner.length === value.length + 1 ? 1 : 0;
  if (inner.slice(skipped) !== value) return () => at;
  return (offset) => {
    const before = source.slice(0, quotes + skipped + offset);
    const lineStart = before.lastIndexOf("\n");
    if (lineStart < 0) return { ...at, column: at.column + before.length };
    return { ...at, line: at.line + before.split("\n").length - 1, column: before.length - lineStart };
  };
}

/** The value as JSON text: numbers digit by digit, dates as strings. Undefined where it holds nan or inf. */
export function jsonOfToml(value: Toml): string | undefined {
  switch (value.kind) {
    case "text":
      return JSON.stringify(value.value);
    case "number":
      return value.json;
    case "bool":
      return String(value.value);
    case "date":
      return JSON.stringify(value.source);
    case "array": {
      const items = value.items.map(jsonOfToml);
      return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
    }
    case "table": {
      const pairs = [...value.entries.values()].map((entry) => {
        const json = jsonOfToml(entry.value);
        return json === undefined ? undefined : `${JSON.stringify(entry.key)}:${json}`;
      });
      return pairs.includes(undefined) ? undefined : `{${pairs.join(",")}}`;
    }
  }
}

/** Plain data for layers that check tables of their own: no prototypes, safe integers as numbers, larger as bigints. */
export type TomlData = string | number | bigint | boolean | readonly TomlData[] | { readonly [key: string]: TomlData };

/** A number with a fraction is given as its source text: what it becomes is for its reader to say. */
export function dataOf(value: Toml): TomlData {
  switch (value.kind) {
    case "text":
      return value.value;
    case "number": {
      if (!value.integer) return value.source;
      const big = BigInt(value.json!);
      return Number.isSafeInteger(Number(big)) ? Number(big) : big;
    }
    case "bool":
      return value.value;
    case "date":
      return value.source;
    case "array":
      return value.items.map(dataOf);
    case "table": {
      const data: { [key: string]: TomlData } = Object.create(null);
      for (const entry of value.entries.values()) data[entry.key] = dataOf(entry.value);
      return data;
    }
  }
}

/** The place of a dotted path (`facts.PriceOf.0.slots`), or of its longest prefix that exists. */
export function placeOfPath(root: TomlTable, path: string): Place {
  let at: Toml = root;
  let place = root.at;
  for (const part of path.split(".")) {
    if (at.kind === "table") {
      const entry: TomlEntry | undefined = at.entries.get(part);
      if (entry === undefined) return place;
      place = entry.at;
      at = entry.value;
    } else if (at.kind === "array") {
      const item: Toml | undefined = at.items[Number(part)];
      if (item === undefined) return place;
      place = item.at;
      at = item;
    } else return place;
  }
  return place;
}
