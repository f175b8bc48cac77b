/** A manifest's schema with the types that a compiler found in the program's own `state` block. */
import { closest, err, type Result } from "../../std/index.ts";
import { readerOf } from "../json/readValue.ts";
import type { Problem } from "../Problem.ts";
import { printName, printType } from "../printType.ts";
import * as Schema from "../Schema.ts";
import type * as T from "../Type.ts";
import type { Manifest } from "./Manifest.ts";
import * as R from "./Reading.ts";
import { readDefault } from "./typeEntries.ts";

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
