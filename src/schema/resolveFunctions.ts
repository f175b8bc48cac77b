/** Names of migration functions become their hashes, before anything is planned: a plan and its record know hashes only. */
import { ContentHash } from "../content/index.ts";
import type { Call, Migration } from "./Migration.ts";
import type { Schema } from "./Schema.ts";

export interface ResolvedFunctions {
  readonly schema: Schema;
  /** Calls whose function, or whose fold, is neither a hash nor a name that `lookup` knows. */
  readonly unknown: readonly Call[];
}

export function resolveFunctions(
  schema: Schema,
  lookup: (name: string) => ContentHash.ContentHash | undefined,
): ResolvedFunctions {
  const unknown: Call[] = [];
  const hashOf = (text: string): string | undefined => (ContentHash.parse(text) === undefined ? lookup(text) : text);
  const resolved = (migration: Migration): Migration => {
    if (migration.op !== "call") return migration;
    const { history } = migration;
    const hash = hashOf(migration.function);
    const fold = history === undefined ? "" : hashOf(history.fold);
    if (hash === undefined || fold === undefined) unknown.push(migration);
    return {
      ...migration,
      function: hash ?? migration.function,
      history: history === undefined ? undefined : { ...history, fold: fold ?? history.fold },
    };
  };
  return { schema: { ...schema, migrations: schema.migrations.map(resolved) }, unknown };
}
