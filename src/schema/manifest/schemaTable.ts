/** `[schema]`, `[effects]` and the schema's own tables → Schema, and what a compiler needs to give bare fields their types. */
import type { Value } from "../../content/index.ts";
import { closest, err, ok, type Result } from "../../std/index.ts";
import { readerOf } from "../json/readValue.ts";
import { JsonRefusal, Scanner } from "../json/Scanner.ts";
import type { Migration } from "../Migration.ts";
import * as Path from "../Path.ts";
import type { Place, Problem } from "../Problem.ts";
import { isTypeWord, parseType, unknownType } from "../parseType.ts";
import { printName, printType } from "../printType.ts";
import { RULES } from "../Rule.ts";
import * as Schema from "../Schema.ts";
import * as T from "../Type.ts";
import type { Manifest, SchemaSource } from "./Manifest.ts";
import { pathOf, readMigrations } from "./migrationTables.ts";
import * as R from "./Reading.ts";
import { jsonOfToml, type Toml, type TomlEntry, type TomlTable, type TomlText } from "./Toml.ts";

/** A default whose type may still be a name. */
interface Pending {
  readonly field: T.Field;
  readonly json: string;
  readonly at: Place;
}

/** What is gathered while types are read; names are checked when all are known. */
interface Gathered {
  readonly pending: Pending[];
  readonly names: { readonly name: string; readonly at: Place }[];
}

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

/** `"type text"`, or `{ type = "type text", doc = "…" }`. */
function typeOfEntry(r: R.Reading, entry: TomlEntry, title: string, gathered: Gathered): T.Type | undefined {
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

function typeOf(r: R.Reading, text: TomlText, gathered: Gathered): T.Type | undefined {
  const parsed = parseType(text.value, text.placeOf);
  if (!parsed.ok) {
    r.problems.push(parsed.error);
    return undefined;
  }
  gathered.names.push(...parsed.value.names);
  gathered.pending.push(...parsed.value.literals);
  return parsed.value.type;
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

function jsonOrComplain(r: R.Reading, value: Toml): string | undefined {
  return jsonOfToml(value) ?? R.complain(r, "SCH0116", value.at, "nan and inf are not values of a state");
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

/** `[effects.NAME]` of a program, and the one effect of an `effect.toml`. */
function readEffects(r: R.Reading, root: TomlTable, gathered: Gathered): ReadonlyMap<string, Schema.EffectShape> {
  const effects = new Map<string, Schema.EffectShape>();
  const table = R.tableAt(r, root, "effects", "the manifest");
  for (const entry of table?.entries.values() ?? []) {
    const title = `[effects.${entry.key}]`;
    if (entry.value.kind !== "table") {
      R.complain(r, "SCH0103", entry.value.at, `${title} must be a table`);
      continue;
    }
    R.onlyKeys(r, entry.value, title, ["parameters", "result", "doc"]);
    const shape = effectShape(r, entry.value, title, gathered, entry.at);
    if (shape !== undefined) effects.set(entry.key, shape);
  }
  const own = root.entries.get("effect")?.value;
  if (own?.kind === "table" && (own.entries.has("parameters") || own.entries.has("result"))) {
    const name = own.entries.get("name")?.value;
    const shape = effectShape(r, own, "[effect]", gathered, own.at);
    if (shape !== undefined && name?.kind === "text") effects.set(name.value, shape);
  }
  return effects;
}

function effectShape(
  r: R.Reading,
  table: TomlTable,
  title: string,
  gathered: Gathered,
  at: Place,
): Schema.EffectShape | undefined {
  const given = table.entries.get("parameters");
  let parameters: T.Type | undefined = T.record([]);
  if (given?.value.kind === "table") {
    const fields: T.Field[] = [];
    for (const entry of given.value.entries.values()) {
      const type = parameterOf(r, entry, title, gathered);
      if (type !== undefined) fields.push(type);
    }
    parameters = T.record(fields);
  } else if (given !== undefined) {
    parameters = typeOfEntry(r, given, title, gathered);
    if (parameters !== undefined && parameters.kind !== "record") {
      return R.complain(
        r,
        "SCH0103",
        given.value.at,
        `\`parameters\` in ${title} must be a record`,
        'parameters = "record{amount: decimal}"',
      );
    }
  }
  const result = table.entries.get("result");
  const resultType = result === undefined ? T.unit : typeOfEntry(r, result, title, gathered);
  return parameters === undefined || parameters.kind !== "record" || resultType === undefined
    ? undefined
    : { parameters, result: resultType, at };
}

function parameterOf(r: R.Reading, entry: TomlEntry, title: string, gathered: Gathered): T.Field | undefined {
  if (entry.value.kind !== "table") {
    const type = typeOfEntry(r, entry, title, gathered);
    return type === undefined ? undefined : T.field(entry.key, type, { at: entry.at });
  }
  R.onlyKeys(r, entry.value, `\`${entry.key}\` in ${title}`, ["type", "default", "doc"]);
  const text = R.needed(r, entry.value, "type", title, R.textAt(r, entry.value, "type", title));
  const type = text === undefined ? undefined : typeOf(r, text, gathered);
  if (type === undefined) return undefined;
  const field = T.field(entry.key, type, { at: entry.at });
  const given = entry.value.entries.get("default");
  const json = given === undefined ? undefined : jsonOrComplain(r, given.value);
  if (given !== undefined && json !== undefined) gathered.pending.push({ field, json, at: given.value.at });
  return field;
}

/** Reads each default by its type. The fields are not shared yet, so they may still be completed. */
function settle(r: R.Reading, pending: readonly Pending[], types: T.Types): void {
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

function readDefault(read: ReturnType<ReturnType<typeof readerOf>>, json: string): Result<Value.Value, string> {
  const scanner = new Scanner(json);
  try {
    const value = read(scanner, 0);
    return Number.isNaN(scanner.peek()) ? ok(value) : err("text follows the value");
  } catch (error) {
    if (error instanceof JsonRefusal) return err(error.what);
    throw error;
  }
}

/** Types that a compiler found in the program's own `state` block. */
export interface CompiledTypes {
  /** Fields with their types, and the defaults that the program's text gives. */
  readonly fields: readonly T.Field[];
  readonly types?: T.Types;
  readonly effects?: ReadonlyMap<string, Schema.EffectShape>;
}

/**
 * The manifest's schema with the types that a compiler knows: names must agree with the manifest's `fields`, the
 * manifest's defaults are read by the compiled types and win over the program's, its rules and migrations stay.
 */
export function typedSchema(manifest: Manifest, compiled: CompiledTypes): Result<Schema.Schema, readonly Problem[]> {
  const r: R.Reading = { file: manifest.file, problems: [] };
  const { bareFields: bare, defaults, meanings } = manifest.schemaSource;
  const declared =
    bare ??
    manifest.schema.state.fields.map((f) => ({
      name: f.name,
      at: f.at ?? { file: manifest.file, line: 1, column: 1 },
    }));
  const known = new Map(compiled.fields.map((f) => [f.name, f]));
  for (const { name, at } of declared) {
    if (known.has(name)) continue;
    const near = closest(name, known.keys());
    R.complain(
      r,
      "SCH0109",
      at,
      `\`fields\` names \`${name}\`, which the program's state does not have${near === undefined ? "" : `; did you mean \`${near}\`?`}`,
    );
  }
  const listed = new Set(declared.map((f) => f.name));
  const at = manifest.schema.at ?? { file: manifest.file, line: 1, column: 1 };
  for (const name of manifest.hasSchema ? known.keys() : []) {
    if (!listed.has(name)) {
      R.complain(
        r,
        "SCH0109",
        at,
        `the program's state has \`${name}\`, which \`fields\` does not name`,
        `fields = [${[...known.keys()].map((n) => `"${n}"`).join(", ")}]`,
      );
    }
  }
  const types = compiled.types ?? new Map();
  const reader = readerOf(types);
  const fields = compiled.fields.map((field): T.Field => {
    const given = defaults.get(field.name);
    const meaning = meanings.get(field.name) ?? field.meaning;
    const place = declared.find((f) => f.name === field.name)?.at ?? field.at;
    if (given === undefined) return { ...field, meaning, at: place };
    const value = readDefault(reader(field.type), given.json);
    if (value.ok) return { ...field, meaning, at: place, default: value.value };
    R.complain(
      r,
      "SCH0116",
      given.at,
      `the default of \`${printName(field.name)}\` is not a value of its type: ${value.error}`,
      `give a value of type ${printType(field.type)}`,
    );
    return field;
  });
  if (r.problems.length > 0) return err(r.problems);
  const { schema } = manifest;
  return Schema.of({ ...schema, fields, types, effects: compiled.effects ?? schema.effects });
}
