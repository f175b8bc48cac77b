/** The schema of a program's state and effects, and what it says about its own evolution. Canonical form: canonical.ts. */

import type { ContentHash } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { checkTypes } from "./checkTypes.ts";
import type { Migration } from "./Migration.ts";
import type { Place, Problem } from "./Problem.ts";
import type { Rule } from "./Rule.ts";
import * as T from "./Type.ts";

/** An effect as other programs and Bandits see it. */
export interface EffectShape {
  readonly parameters: T.RecordType;
  readonly result: T.Type;
  readonly at: Place | undefined;
}

/** A name that once was and may not come back, as a path without `?`. */
export interface Reserved {
  readonly path: string;
  readonly at: Place | undefined;
}

export interface Schema {
  /** A label for people; the hash is what identifies. */
  readonly version: string | undefined;
  readonly previous: ContentHash.ContentHash | string | undefined;
  readonly types: T.Types;
  readonly state: T.RecordType;
  readonly effects: ReadonlyMap<string, EffectShape>;
  /** The changes to which this version consents in advance; they govern the upgrade to the next one. */
  readonly allowed: readonly Rule[];
  readonly reserved: readonly Reserved[];
  readonly migrations: readonly Migration[];
  /** Paths of new fields that are declared not to be renames of removed ones. */
  readonly notRenames: readonly string[];
  readonly at: Place | undefined;
}

/** What a schema is made of; whatever is left out is empty. */
export interface SchemaParts {
  readonly fields: readonly T.Field[];
  readonly types?: T.Types;
  readonly effects?: ReadonlyMap<string, EffectShape>;
  readonly version?: string | undefined;
  readonly previous?: ContentHash.ContentHash | string | undefined;
  readonly allowed?: readonly Rule[];
  readonly reserved?: readonly Reserved[];
  readonly migrations?: readonly Migration[];
  readonly notRenames?: readonly string[];
  readonly at?: Place | undefined;
}

/** A checked schema: names are declared, types have finite values, defaults are values of their types. */
export function of(parts: SchemaParts): Result<Schema, readonly Problem[]> {
  const schema: Schema = {
    version: parts.version,
    previous: parts.previous,
    types: parts.types ?? new Map(),
    state: T.record(parts.fields),
    effects: parts.effects ?? new Map(),
    allowed: parts.allowed ?? [],
    reserved: parts.reserved ?? [],
    migrations: parts.migrations ?? [],
    notRenames: parts.notRenames ?? [],
    at: parts.at,
  };
  const problems = checkTypes(schema);
  return problems.length > 0 ? err(problems) : ok(schema);
}

/** The root types of a schema, in canonical order, with how messages name them. */
export function rootsOf(schema: Schema): readonly { readonly name: string; readonly type: T.Type }[] {
  const effects = [...schema.effects.keys()].sort(T.compareNames).flatMap((name) => {
    const effect = schema.effects.get(name)!;
    return [
      { name: `effects.${name}.parameters`, type: effect.parameters as T.Type },
      { name: `effects.${name}.result`, type: effect.result },
    ];
  });
  return [{ name: "$", type: schema.state }, ...effects];
}
