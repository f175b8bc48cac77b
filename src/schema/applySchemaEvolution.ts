/** The evolution engine of ADR 010 in one call: a state and a new schema, to the migrated state or the reason why not. */
import type { Value } from "../content/index.ts";
import { err, type Result } from "../std/index.ts";
import { type Applied, compilePlan } from "./compilePlan.ts";
import type { Problem } from "./Problem.ts";
import { type PlanOptions, plan } from "./plan.ts";
import type { Schema } from "./Schema.ts";
import { stateForm } from "./state.ts";

export type EvolutionError =
  | { readonly kind: "IncompatibleSchemaChange"; readonly problems: readonly Problem[] }
  | { readonly kind: "NotAState"; readonly problem: Problem };

/** For many states, plan and compile once instead: `compilePlan(plan(old, next))`. */
export function applySchemaEvolution(
  oldState: Value.Value,
  oldSchema: Schema,
  newSchema: Schema,
  options: PlanOptions = {},
): Result<Applied, EvolutionError> {
  const evolution = plan(oldSchema, newSchema, options);
  if (evolution.verdict === "refused") return err({ kind: "IncompatibleSchemaChange", problems: evolution.problems });
  const differs = stateForm(oldSchema).check(oldState);
  if (differs !== undefined) {
    return err({ kind: "NotAState", problem: { code: "SCH0121", what: differs.what, path: `$${differs.path}` } });
  }
  const applied = compilePlan(evolution).apply(oldState);
  return applied.ok ? applied : err({ kind: "NotAState", problem: applied.error });
}
