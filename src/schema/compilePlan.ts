/** A plan compiled once and run on many states, forward and back. A run gives the whole result or a refusal; its input stays as it was. */
import { Value } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { compileEdits, Mismatch, type Run, sameNames } from "./apply.ts";
import { conformsTo } from "./conforms.ts";
import { backward, forward, OperationFailure } from "./Operation.ts";
import * as Path from "./Path.ts";
import type { Problem } from "./Problem.ts";
import type { PlanStep } from "./plan.ts";
import { type Back, compileBack, NoWayBack } from "./rollback.ts";
import type { Schema } from "./Schema.ts";
import { stateForm } from "./state.ts";
import { keyOf, type Tombstone } from "./Tombstone.ts";

export interface Applied {
  readonly value: Value.Value;
  /** What was taken away, in the order of the old state. */
  readonly tombstones: readonly Tombstone[];
}

export interface RolledBack {
  readonly value: Value.Value;
  /** Paths of values that only the new version had and that have changed since: they are left behind. */
  readonly left: readonly string[];
}

export interface CompiledPlan {
  /**
   * Migrates a state. The value must be of the plan's old schema (`stateForm(before).check` for one from outside);
   * a value that is seen not to be is refused.
   */
  readonly apply: (value: Value.Value) => Result<Applied, Problem>;
  /** Gives back the old state; exactly, if the value is what `apply` gave. */
  readonly rollback: (value: Value.Value, tombstones: readonly Tombstone[]) => Result<RolledBack, Problem>;
}

/** A plan that is not refused, or several fused. */
export interface Runnable {
  readonly before: Schema;
  readonly after: Schema;
  readonly steps: readonly PlanStep[];
}

const NO_TOMBSTONES: readonly Tombstone[] = Object.freeze([]);

export function compilePlan(plan: Runnable): CompiledPlan {
  const steps = plan.steps.map(compileStep);
  let backs: readonly BackStep[] | undefined;

  const apply = (value: Value.Value): Result<Applied, Problem> => {
    try {
      const tombstones: Tombstone[] = [];
      let at = value;
      for (let i = 0; i < steps.length; i++) at = steps[i]!(at, i, tombstones);
      return ok({ value: at, tombstones: tombstones.length === 0 ? NO_TOMBSTONES : tombstones });
    } catch (error) {
      if (error instanceof OperationFailure) {
        return err({ code: "SCH0152", what: `migration function ${error.operation}: ${error.reason}` });
      }
      if (error instanceof Mismatch) return err(notOfSchema(value, plan.before));
      throw error;
    }
  };

  const rollback = (value: Value.Value, tombstones: readonly Tombstone[]): Result<RolledBack, Problem> => {
    const differs = stateForm(plan.after).check(value);
    if (differs !== undefined) return err(notOfSchema(value, plan.after));
    backs ??= plan.steps.map(compileBackStep);
    const kept = new Map(tombstones.map((t) => [keyOf(t.step, t.path), t.value]));
    const left: string[] = [];
    try {
      let at = value;
      for (let i = backs.length - 1; i >= 0; i--) at = backs[i]!(at, i, kept, left);
      const wrong = stateForm(plan.before).check(at);
      if (wrong !== undefined) {
        return err({
          code: "SCH0161",
          what: `the state has no form in the old schema: ${wrong.what}`,
          path: `$${wrong.path}`,
        });
      }
      return ok({ value: at, left });
    } catch (error) {
      if (error instanceof NoWayBack) {
        return err({
          code: "SCH0161",
          what: `the state has no form in the old schema: ${error.why}`,
          path: error.path,
        });
      }
      throw error;
    }
  };

  return { apply, rollback };
}

function notOfSchema(value: Value.Value, schema: Schema): Problem {
  const differs = stateForm(schema).check(value);
  return {
    code: "SCH0121",
    what: differs?.what ?? "the state is not a value of its schema",
    path: `$${differs?.path ?? ""}`,
  };
}

type Step = (value: Value.Value, step: number, tombstones: Tombstone[]) => Value.Value;
type BackStep = (
  value: Value.Value,
  step: number,
  kept: ReadonlyMap<string, Value.Value>,
  left: string[],
) => Value.Value;

function compileStep(step: PlanStep): Step {
  const runs = compileEdits(step.edits);
  const run: Run = runs[step.edits.root]!;
  const operate = step.operations.length === 0 ? undefined : operations(step);
  return (value, index, tombstones) => {
    const between = operate === undefined ? value : operate(value, index, tombstones);
    return run(between, { step: index, path: [], tombstones });
  };
}

function operations(step: PlanStep): Step {
  const names = step.before.state.fields.map((f) => f.name);
  const conforms = conformsTo(step.after.types);
  const written = step.operations.flatMap((operation) => (operation.op === "call" ? operation.writes : []));
  const checks = step.after.state.fields
    .filter((f) => written.includes(f.name))
    .map((f) => ({ name: f.name, check: conforms(f.type) }));
  return (value, index, tombstones) => {
    if (typeof value !== "object" || value.tag !== "record" || !sameNames(value.names, names)) throw new Mismatch();
    const fields = new Map(value.names.map((name, i) => [name, value.values[i]!]));
    for (const operation of step.operations) {
      forward(operation, fields, (field, old) =>
        tombstones.push({ step: index, path: keptPath(operation, field), value: old }),
      );
    }
    for (const { name, check } of checks) {
      const differs = check(fields.get(name)!);
      if (differs !== undefined) throw new OperationFailure(name, `it gave ${name}${differs.path}: ${differs.what}`);
    }
    return Value.record(fields);
  };
}

/** Operations keep whole fields; their tombstones name the operation, so that two of them never meet in one path. */
const keptPath = (operation: PlanStep["operations"][number], field: string, record = Path.ROOT): string => {
  if (operation.op === "inside") return keptPath(operation.then, field, operation.path.reduce(Path.field, record));
  const target =
    operation.op === "call" ? operation.writes.join(",") : "into" in operation ? operation.from : operation.to;
  return `${record}.${field} (${operation.op} ${String(target)})`;
};

function compileBackStep(step: PlanStep): BackStep {
  const back: Back = compileBack(step.edits)[step.edits.root]!;
  return (value, index, kept, left) => {
    const between = back(value, { step: index, path: [], tombstones: kept, left }) as Value.Record;
    if (step.operations.length === 0) return between;
    const fields = new Map(between.names.map((name, i) => [name, between.values[i]!]));
    for (const operation of step.operations.toReversed()) {
      backward(operation, fields, (field) => kept.get(keyOf(index, keptPath(operation, field))));
    }
    return Value.record(fields);
  };
}
