/**
 * Block → schema, refusing whatever `encode` would not have written: what is read is built into a schema, checked like
 * one from a file, and written again; only the same bytes are accepted.
 */
import { decode as decodeNode, encode as encodeNode, isList, type Node, showDecodeError } from "../content/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import * as canonical from "./canonical.ts";
import { SCHEMA_NODES_MAX } from "./checkTypes.ts";
import { readerOf } from "./json/readValue.ts";
import { JsonRefusal, Scanner } from "./json/Scanner.ts";
import { MIGRATION_OPS, type Migration, type Part } from "./Migration.ts";
import { isRule, type Rule } from "./Rule.ts";
import * as Schema from "./Schema.ts";
import * as T from "./Type.ts";

export interface SchemaRefusal {
  readonly kind: "NotASchema";
  readonly reason: string;
}

export function decode(bytes: Uint8Array): Result<Schema.Schema, SchemaRefusal> {
  const node = decodeNode(bytes);
  return node.ok ? fromNode(node.value) : refuse(showDecodeError(node.error));
}

/** Reads the node that `toNode` made. */
export function fromNode(node: Node): Result<Schema.Schema, SchemaRefusal> {
  try {
    const schema = read(node);
    if (!Bytes.equal(canonical.encode(schema), encodeNode(node)))
      return refuse("the schema is not in its canonical form");
    return ok(schema);
  } catch (error) {
    if (error instanceof Refusal) return refuse(error.reason);
    throw error;
  }
}

const refuse = (reason: string) => err({ kind: "NotASchema", reason } as const);

/** Leaves the reader; never escapes this file. */
class Refusal {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

const fail = (reason: string): never => {
  throw new Refusal(reason);
};
const list = (node: Node | undefined, what: string): readonly Node[] =>
  node !== undefined && isList(node) ? node : fail(`${what} is not a list`);
const text = (node: Node | undefined, what: string): string =>
  typeof node === "string" ? node : fail(`${what} is not a text`);
const maybeText = (node: Node | undefined, what: string): string | undefined =>
  node === null ? undefined : text(node, what);
const texts = (node: Node | undefined, what: string): string[] => list(node, what).map((item) => text(item, what));
const count = (node: Node | undefined, what: string, most: number): number =>
  typeof node === "number" && node >= 0 && node <= most ? node : fail(`${what} is not a number up to ${most}`);

/** Levels of one type before it gets a name, so that no reader of types recurses deeper. */
const NAMED_EVERY_LEVELS = 32;
const NUMBER_MAX = 65_536;

function read(block: Node): Schema.Schema {
  const [kind, version, effects, rows, policy, ...rest] = list(block, "a schema");
  if (kind !== 7 || version !== canonical.SCHEMA_FORMAT_VERSION || rest.length > 0)
    fail("not a schema block of version 1");
  const table = list(rows, "the type table");
  if (table.length === 0 || table.length > SCHEMA_NODES_MAX) fail(`the type table has ${table.length} rows`);
  const built = build(table);
  const state = T.resolve(built.typeAt(0), built.types);
  if (state.kind !== "record") return fail("the state is not a record");
  const [label, previous, allowed, reserved, notRenames, migrations] = list(policy, "the policy");
  const schema = Schema.of({
    fields: state.fields,
    types: built.types,
    effects: new Map(
      list(effects, "the effects").map((row) => {
        const [name, parameters, result] = list(row, "an effect");
        const record = T.resolve(built.typeAt(count(parameters, "a type", table.length - 1)), built.types);
        if (record.kind !== "record") return fail("an effect's parameters are not a record");
        return [
          text(name, "an effect's name"),
          { parameters: record, result: built.typeAt(count(result, "a type", table.length - 1)), at: undefined },
        ];
      }),
    ),
    version: maybeText(label, "the version"),
    previous: maybeText(previous, "the previous version"),
    allowed: texts(allowed, "the allowed rules").map(
      (word): Rule => (isRule(word) ? word : fail(`unknown rule ${word}`)),
    ),
    reserved: texts(reserved, "the reserved names").map((path) => ({ path, at: undefined })),
    notRenames: texts(notRenames, "the declared additions"),
    migrations: list(migrations, "the migrations").map(readMigration),
  });
  return schema.ok ? schema.value : fail(schema.error[0]!.what);
}

function build(table: readonly Node[]): { readonly types: T.Types; readonly typeAt: (row: number) => T.Type } {
  const parts = table.map((row) => partsOfRow(row, table.length - 1));
  const named = namedRows(parts);
  const types = new Map<string, T.Type>();
  const pending: { readonly field: T.Field; readonly json: string }[] = [];
  const nameOf = (row: number) => `T${row}`;
  const typeAt = (row: number): T.Type =>
    named.has(row) ? T.ref(nameOf(row)) : readType(table[row]!, typeAt, pending);
  for (const row of named) types.set(nameOf(row), readType(table[row]!, typeAt, pending));
  // The rows that are roots are read once, so that defaults are settled in the objects that are kept.
  const cache = new Map<number, T.Type>();
  const rootAt = (row: number): T.Type => {
    const known = cache.get(row) ?? typeAt(row);
    cache.set(row, known);
    settle(pending.splice(0), types);
    return known;
  };
  return { types, typeAt: rootAt };
}

function settle(pending: readonly { readonly field: T.Field; readonly json: string }[], types: T.Types): void {
  const reader = readerOf(types);
  for (const { field, json } of pending) {
    try {
      const scanner = new Scanner(json);
      const value = reader(field.type)(scanner, 0);
      if (!Number.isNaN(scanner.peek())) fail("text follows a default");
      (field as { default: T.Field["default"] }).default = value;
    } catch (error) {
      if (error instanceof JsonRefusal) fail(`the default of ${field.name}: ${error.what}`);
      throw error;
    }
  }
}

/**
 * Rows that get a name: large ones that more than one row uses, those that hold themselves, and one every so many levels.
 * A small one is written out wherever it stands, as people write it: `map<text, decimal>`, not a name for it.
 */
function namedRows(parts: readonly (readonly number[])[]): ReadonlySet<number> {
  const named = new Set<number>();
  const uses = new Array<number>(parts.length).fill(0);
  const level = new Array<number>(parts.length).fill(0);
  parts.forEach((inner, row) => {
    for (const part of inner) {
      // A type without parts reads as what it is wherever it stands.
      if (parts[part]!.length === 0) continue;
      uses[part]!++;
      if (part > row && level[part] === 0) level[part] = level[row]! + 1;
      if ((part <= row || uses[part]! > 1) && !isSmall(parts, part)) named.add(part);
      if (level[part]! > 0 && level[part]! % NAMED_EVERY_LEVELS === 0) named.add(part);
    }
  });
  return named;
}

/** Types of so few rows in all are written out. */
const SMALL_ROWS = 12;

/** A type that holds itself has no end, so it is never small. */
function isSmall(parts: readonly (readonly number[])[], row: number): boolean {
  const open = [row];
  for (let seen = 0; open.length > 0; seen++) {
    if (seen === SMALL_ROWS) return false;
    open.push(...parts[open.pop()!]!);
  }
  return true;
}

function partsOfRow(node: Node, last: number): readonly number[] {
  const row = list(node, "a type");
  const at = (part: Node | undefined) => count(part, "a type", last);
  switch (row[0]) {
    case "option":
    case "set":
    case "list":
      return [at(row[1])];
    case "map":
      return [at(row[1]), at(row[2])];
    case "tuple":
      return list(row[1], "a tuple").map(at);
    case "record":
      return list(row[1], "a record").map((field) => at(list(field, "a field")[1]));
    case "variant":
      return list(row[1], "a variant").flatMap((c) => {
        const part = list(c, "a case");
        return part.length > 1 ? [at(part[1])] : [];
      });
    default:
      return [];
  }
}

const SIMPLE = new Set(["bool", "text", "duration", "instant", "asset", "hash", "unit", "untyped"]);
const BITS = new Set([8, 16, 32, 64]);

function readType(node: Node, typeAt: (row: number) => T.Type, pending: { field: T.Field; json: string }[]): T.Type {
  const row = list(node, "a type");
  const kind = text(row[0], "a type's kind");
  const typeOf = (part: Node | undefined) => typeAt(part as number);
  if (SIMPLE.has(kind)) return { kind: kind as T.SimpleKind };
  switch (kind) {
    case "int":
    case "nat":
      if (row[1] !== undefined && !BITS.has(row[1] as number)) fail("an integer's size is 8, 16, 32 or 64");
      return { kind, bits: row[1] as T.Bits | undefined };
    case "float":
      if (row[1] !== 32 && row[1] !== 64) fail("a float's size is 32 or 64");
      return T.float(row[1] as 32 | 64);
    case "decimal": {
      if (row[1] === undefined) return T.decimal();
      const precision = count(row[1], "a precision", NUMBER_MAX);
      return T.decimal({ precision, scale: count(row[2], "a scale", precision) });
    }
    case "bytes":
      return T.bytes(row[1] === undefined ? undefined : count(row[1], "a length", NUMBER_MAX));
    case "option":
      return T.option(typeOf(row[1]));
    case "set":
      return T.set(typeOf(row[1]));
    case "list":
      return T.list(typeOf(row[1]), row[2] === undefined ? undefined : count(row[2], "a length", NUMBER_MAX));
    case "map":
      return T.map(typeOf(row[1]), typeOf(row[2]));
    case "tuple":
      return T.tuple(list(row[1], "a tuple").map(typeOf));
    case "record":
      return T.record(
        distinct(list(row[1], "a record")).map(([name, type, json, meaning]) => {
          const field = T.field(name as string, typeOf(type), { meaning: maybeText(meaning, "a meaning") });
          if (json !== null) pending.push({ field, json: text(json, "a default") });
          return field;
        }),
      );
    case "variant":
      return T.variant(
        distinct(list(row[1], "a variant")).map(([name, type]) =>
          T.variantCase(name as string, type === undefined ? undefined : typeOf(type)),
        ),
      );
    default:
      return fail(`unknown type ${kind}`);
  }
}

/** Rows that start with a name, each name once. */
function distinct(rows: readonly Node[]): (readonly Node[])[] {
  const seen = new Set<string>();
  return rows.map((row) => {
    const parts = list(row, "a named part");
    const name = text(parts[0], "a name");
    if (seen.has(name)) fail(`${name} stands twice`);
    seen.add(name);
    return parts;
  });
}

function readMigration(node: Node): Migration {
  const [op, a, b, c, d, e] = list(node, "a migration");
  const path = (part: Node | undefined) => (part === undefined ? [] : texts(part, "inside"));
  const parts = (part: Node | undefined): Part[] =>
    list(part, "the parts").map((row) => {
      const [field, inner] = list(row, "a part");
      return { field: text(field, "a field"), part: maybeText(inner, "a part") };
    });
  const at = undefined;
  switch (MIGRATION_OPS.find((known) => known === op)) {
    case "rename":
      return { op: "rename", from: text(a, "from"), to: text(b, "to"), at };
    case "split":
      return {
        op: "split",
        from: text(a, "from"),
        into: parts(b),
        by: maybeText(c, "by"),
        otherwise: maybeText(d, "otherwise"),
        inside: path(e),
        at,
      };
    case "merge":
      return { op: "merge", from: parts(a), to: text(b, "to"), by: maybeText(c, "by"), inside: path(d), at };
    case "hoist":
      return { op: "hoist", from: texts(a, "from"), to: text(b, "to"), inside: path(c), at };
    case "plunge":
      return { op: "plunge", from: text(a, "from"), to: texts(b, "to"), inside: path(c), at };
    case "fill":
      return { op: "fill", field: text(a, "field"), value: text(b, "value"), valueAt: undefined, at };
    case "call": {
      const history = d === null ? undefined : list(d, "a history");
      return {
        op: "call",
        function: text(a, "function"),
        reads: texts(b, "reads"),
        writes: texts(c, "writes"),
        history:
          history === undefined
            ? undefined
            : { effects: texts(history[0], "effects"), from: text(history[1], "from"), fold: text(history[2], "fold") },
        at,
      };
    }
    default:
      return fail("unknown migration");
  }
}
