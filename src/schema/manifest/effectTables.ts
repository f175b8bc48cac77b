/** `[effects.NAME]` of a program, and what `effect.toml` says about its own effect's types. */
import type { Place } from "../Problem.ts";
import type * as Schema from "../Schema.ts";
import * as T from "../Type.ts";
import * as R from "./Reading.ts";
import type { TomlEntry, TomlTable } from "./Toml.ts";
import { type Gathered, jsonOrComplain, typeOf, typeOfEntry } from "./typeEntries.ts";

/** `[effects.NAME]` of a program, and the one effect of an `effect.toml`. */
export function readEffects(
  r: R.Reading,
  root: TomlTable,
  gathered: Gathered,
): ReadonlyMap<string, Schema.EffectShape> {
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
