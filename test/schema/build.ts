/** Short ways to schemas and plans in tests. */
import {
  type Manifest,
  type MigrationFunctions,
  type Plan,
  parseManifest,
  plan,
  type Schema,
  showProblem,
  type Uses,
} from "../../src/schema/index.ts";

export const assumed: Uses = () => ({ kind: "assumed" });

export const ALL_RULES = `[schema.evolution]
allowed = ["add-optional-field", "add-default-field", "remove-unused-field", "coerce-lossless", "add-variant-case", "add-effect-type", "add-optional-parameter", "refine-return-type"]
`;

export function manifestOf(toml: string, file = "program.toml"): Manifest.Manifest {
  const parsed = parseManifest(toml, file);
  if (!parsed.ok) throw new Error(`${parsed.error.map(showProblem).join("\n")}\n${toml}`);
  return parsed.value;
}

export const schemaFrom = (toml: string, file?: string): Schema.Schema => manifestOf(toml, file).schema;

export interface PlanMore {
  readonly uses?: Uses;
  readonly retired?: readonly string[];
  readonly functions?: MigrationFunctions;
}

/** A plan between two texts; removals are taken as unused unless the test says otherwise. */
export const planOf = (before: string, after: string, more: PlanMore = {}): Plan =>
  plan(schemaFrom(before, "old.toml"), schemaFrom(after, "new.toml"), { uses: assumed, ...more });
