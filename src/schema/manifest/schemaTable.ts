import { closest } from "../../std/index.ts";
import type { Migration } from "../Migration.ts";
import * as Path from "../Path.ts";
import type { Place } from "../Problem.ts";
import { isTypeWord, unknownType } from "../parseType.ts";
import { RULES } from "../Rule.ts";
import * as Schema from "../Schema.ts";
import * as T from "../Type.ts";
import { readEffects } from "./effectTables.ts";
import type { SchemaSource } from "./Manifest.ts";
import { pathOf, readMigrations } from "./migrationTables.ts";
import * as R from "./Reading.ts";
import type { TomlTable } from "./Toml.ts";
import { type Gathered, jsonOrComplain, settle, typeOf, typeOfEntry } from "./typeEntries.ts";

export interface ReadSchema {
  readonly schema: Schema.Schema;
  readonly source: SchemaSource;
}

const EMPTY_SOURCE: SchemaSource = { bareFields: undefined, defaults: new Map(), meanings: new Map() };

/** Undefined when the file's types are too broken to make a schema; the problems say why. */
export function readSchema(r: R.Reading, root: TomlTable): ReadSchema | undefined {
  const table = R.tableAt(r, root, "schema", "the manifest");
  const gathered: Gathered = { pending: [], names: [] };
  const before = r.problems.length;
  const title = "[schema]";
  if (table !== undefined) {
    R.onlyKeys(r, table, title, [
      "version",
      "previous",
      "fields",
      "types",
      "reserved",
      "not_a_rename",
      "evolution",
      "defaultValues",
      "migrations",
    ]);
  }
  const types = table === undefined ? new Map<string, T.Type>() : readTypes(r, table, gathered);
  const defaults = table === undefined ? new Map() : readDefaults(r, table);
  const fields = table === undefined ? NO_FIELDS : readFields(r, table, gathered, defaults);
  const effects = readEffects(r, root, gathered);
  for (const { name, at } of gathered.names) if (!types.has(name)) r.problems.push(unknownType(name, at, types.keys()));
  const own = r.problems.slice(before);
  if (own.some((problem) => TYPE_CODES.has(problem.code))) return undefined;
  settle(r, gathered.pending, types);
  const migrations = table === undefined ? [] : [...fields.migrations, ...readMigrations(r, table)];
  const notRenames =
    table === undefined ? [] : [...fields.notRenames, ...paths(r, table, "not_a_rename").map((p) => p.path)];
  const schema = Schema.of({
    fields: fields.list,
    types,
    effects,
    version: table === undefined ? undefined : R.versionAt(r, table, "version", title),
    previous: table === undefined ? undefined : R.textAt(r, table, "previous", title)?.value,
    allowed: table === undefined ? [] : readAllowed(r, table),
    reserved: table === undefined ? [] : paths(r, table, "reserved"),
    migrations,
    notRenames,
    at: root.entries.get("schema")?.at,
  });
  if (!schema.ok) {
    r.problems.push(...schema.error);
    return undefined;
  }
  return {
    schema: schema.value,
    source: table === undefined ? EMPTY_SOURCE : { bareFields: fields.bare, defaults, meanings: fields.meanings },
  };
}

/** Problems after which names and defaults would only repeat the same complaint. */
const TYPE_CODES: ReadonlySet<string> = new Set([
  "SCH0103",
  "SCH0104",
  "SCH0108",
  "SCH0110",
  "SCH0111",
  "SCH0112",
  "SCH0115",
]);

function readTypes(r: R.Reading, schema: TomlTable, gathered: Gathered): Map<string, T.Type> {
  const table = R.tableAt(r, schema, "types", "[schema]");
  const types = new Map<string, T.Type>();
  for (const entry of table?.entries.values() ?? []) {
    if (isTypeWord(entry.key)) {
      R.complain(r, "SCH0108", entry.at, `\`${entry.key}\` is a type already and cannot be declared`);
      continue;
    }
    const type = typeOfEntry(r, entry, "[schema.types]", gathered);
    if (type !== undefined) types.set(entry.key, type);
  }
  return types;
}

type Defaults = ReadonlyMap<string, { readonly json: string; readonly at: Place }>;

function readDefaults(r: R.Reading, schema: TomlTable): Defaults {
  const table = R.tableAt(r, schema, "defaultValues", "[schema]");
  const defaults = new Map<string, { json: string; at: Place }>();
  for (const entry of table?.entries.values() ?? []) {
    const json = jsonOrComplain(r, entry.value);
    if (json !== undefined) defaults.set(entry.key, { json, at: entry.value.at });
  }
  return defaults;
}

interface Fields {
  readonly list: readonly T.Field[];
  readonly bare: SchemaSource["bareFields"];
  readonly meanings: ReadonlyMap<string, string>;
  readonly migrations: readonly Migration[];
  readonly notRenames: readonly string[];
}

const NO_FIELDS: Fields = { list: [], bare: undefined, meanings: new Map(), migrations: [], notRenames: [] };

function readFields(r: R.Reading, schema: TomlTable, gathered: Gathered, defaults: Defaults): Fields {
  const entry = schema.entries.get("fields");
  const fields =
    entry === undefined
      ? NO_FIELDS
      : entry.value.kind === "array"
        ? bareFields(r, schema, gathered, defaults)
        : typedFields(r, schema, gathered, defaults);
  const names = fields.list.map((f) => f.name);
  for (const [name, { at }] of defaults) {
    if (names.includes(name)) continue;
    const near = closest(name, names);
    R.complain(
      r,
      "SCH0102",
      at,
      `[schema.defaultValues] names \`${name}\`, which is not a field${near === undefined ? "" : `; did you mean \`${near}\`?`}`,
      near === undefined
        ? `add it: fields = [${[...names, name].map((n) => `"${n}"`).join(", ")}]`
        : `write \`${near}\``,
    );
  }
  return fields;
}

function bareFields(r: R.Reading, schema: TomlTable, gathered: Gathered, defaults: Defaults): Fields {
  const bare: { name: string; at: Place }[] = [];
  const list: T.Field[] = [];
  const seen = new Set<string>();
  for (const { value: name, at } of R.textsAt(r, schema, "fields", "[schema]")) {
    if (seen.has(name)) {
      R.complain(r, "SCH0108", at, `field \`${name}\` stands twice`);
      continue;
    }
    seen.add(name);
    bare.push({ name, at });
    const field = T.field(name, T.untyped, { at });
    list.push(field);
    const given = defaults.get(name);
    if (given !== undefined) gathered.pending.push({ field, json: given.json, at: given.at });
  }
  return { ...NO_FIELDS, list, bare };
}

function typedFields(r: R.Reading, schema: TomlTable, gathered: Gathered, defaults: Defaults): Fields {
  const table = R.tableAt(r, schema, "fields", "[schema]");
  const list: T.Field[] = [];
  const meanings = new Map<string, string>();
  const migrations: Migration[] = [];
  const notRenames: string[] = [];
  for (const entry of table?.entries.values() ?? []) {
    const title = `\`${entry.key}\` in [schema.fields]`;
    const path = Path.field(Path.ROOT, entry.key);
    let given = defaults.get(entry.key);
    let type: T.Type | undefined;
    if (entry.value.kind === "table") {
      const one = entry.value;
      R.onlyKeys(r, one, title, ["type", "default", "meaning", "doc", "renamed_from", "not_a_rename"]);
      const text = R.needed(r, one, "type", title, R.textAt(r, one, "type", title));
      type = text === undefined ? undefined : typeOf(r, text, gathered);
      const own = one.entries.get("default");
      if (own !== undefined && given !== undefined) {
        R.complain(
          r,
          "SCH0109",
          own.at,
          `${title} has a default here and in [schema.defaultValues]`,
          "leave one of them out",
        );
      }
      const json = own === undefined ? undefined : jsonOrComplain(r, own.value);
      if (own !== undefined && json !== undefined) given = { json, at: own.value.at };
      const meaning = R.textAt(r, one, "meaning", title)?.value;
      if (meaning !== undefined) meanings.set(entry.key, meaning);
      const from = R.textAt(r, one, "renamed_from", title);
      const old = pathOf(r, from);
      if (from !== undefined && old !== undefined) migrations.push({ op: "rename", from: old, to: path, at: from.at });
      if (R.boolAt(r, one, "not_a_rename", title) === true) {
        notRenames.push(path);
        if (from !== undefined) R.complain(r, "SCH0109", from.at, `${title} is said to be a rename and not to be one`);
      }
    } else type = typeOfEntry(r, entry, "[schema.fields]", gathered);
    if (type === undefined) continue;
    const field = T.field(entry.key, type, { at: entry.at, meaning: meanings.get(entry.key) });
    list.push(field);
    if (given !== undefined) gathered.pending.push({ field, json: given.json, at: given.at });
  }
  return { list, bare: undefined, meanings, migrations, notRenames };
}

function paths(r: R.Reading, schema: TomlTable, key: string): readonly Schema.Reserved[] {
  return R.textsAt(r, schema, key, "[schema]").flatMap((text) => {
    const path = pathOf(r, text);
    return path === undefined ? [] : [{ path, at: text.at }];
  });
}

function readAllowed(r: R.Reading, schema: TomlTable) {
  const table = R.tableAt(r, schema, "evolution", "[schema]");
  if (table === undefined) return [];
  R.onlyKeys(r, table, "[schema.evolution]", ["allowed"]);
  const words = R.textsAt(r, table, "allowed", "[schema.evolution]");
  return [...new Set(words.flatMap((text) => R.oneOf(r, text, "a rule in `allowed`", RULES) ?? []))];
}
