/** A plan as people read it, in the manner of `terraform plan`, and as programs read it (JSON, the same bytes every time). */
import { ContentHash } from "../content/index.ts";
import type { Change } from "./judge.ts";
import { type Problem, showPlace, showProblem } from "./Problem.ts";
import type { Plan } from "./plan.ts";

/** Paints words; every function may give its text back unchanged. */
export interface Paint {
  readonly added: (text: string) => string;
  readonly removed: (text: string) => string;
  readonly changed: (text: string) => string;
  readonly refused: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
}

const plainText = (text: string): string => text;
export const noPaint: Paint = {
  added: plainText,
  removed: plainText,
  changed: plainText,
  refused: plainText,
  strong: plainText,
  dim: plainText,
};

export interface RenderOptions {
  readonly paint?: Paint;
  /** Name of the program. */
  readonly name?: string | undefined;
  /** How many states the plan would touch. */
  readonly states?: number | undefined;
  /** Whether the instance is safe, or what it waits for and how long at most. */
  readonly safeState?: string | undefined;
}

export function renderPlan(plan: Plan, options: RenderOptions = {}): string {
  const paint = options.paint ?? noPaint;
  const lines = [heading(plan, options, paint), ""];
  if (plan.changes.length > 0) lines.push(...table(plan.changes, paint), "");
  for (const problem of plan.problems) lines.push(showProblem(problem), "");
  for (const note of plan.notes) lines.push(`${paint.strong("note")}: ${note}`);
  if (plan.notes.length > 0) lines.push("");
  lines.push(result(plan, options, paint));
  return lines.join("\n");
}

function heading(plan: Plan, options: RenderOptions, paint: Paint): string {
  const versions = `Plan ${plan.before.version ?? "old"} → ${plan.after.version ?? "new"}`;
  const hashes = `schema ${ContentHash.short(plan.from)}… → ${ContentHash.short(plan.to)}…`;
  const states = options.states === undefined ? [] : [`states: ${options.states}`];
  return [
    paint.strong(versions),
    ...(options.name === undefined ? [] : [options.name]),
    paint.dim(hashes),
    ...states,
  ].join("   ");
}

function table(changes: readonly Change[], paint: Paint): string[] {
  const rows = changes.map((change) => [change.path, effect(change), change.rule, status(change)] as const);
  const widths = [0, 1, 2].map((column) => Math.min(48, Math.max(...rows.map((row) => row[column]!.length))));
  return rows.map((row, i) => {
    const change = changes[i]!;
    const [path, does, rule, state] = row;
    const cells = `${path.padEnd(widths[0]!)}  ${does.padEnd(widths[1]!)}  ${rule.padEnd(widths[2]!)}  ${state}`;
    return `  ${signOf(change, paint)} ${change.reason === undefined ? cells : paint.refused(cells)}`;
  });
}

function signOf(change: Change, paint: Paint): string {
  if (change.reason !== undefined) return paint.refused("!");
  if (change.before === undefined) return paint.added("+");
  if (change.after === undefined) return paint.removed("-");
  return paint.changed("~");
}

function effect(change: Change): string {
  const value = change.value === undefined ? "" : ` = ${change.value}`;
  if (change.before === undefined) return `${change.after ?? ""}${value}`;
  if (change.after === undefined) return change.before;
  return `${change.before} → ${change.after}${value}`;
}

function status(change: Change): string {
  const kept = change.loss === "tombstoned" && change.reason === undefined ? ", old value kept as tombstone" : "";
  switch (change.class) {
    case "identical":
      return "no stored value changes";
    case "auto":
      return "auto";
    case "allowed-rule-missing":
      return "RULE NOT ALLOWED";
    case "conditional":
      if (change.reason !== undefined) return "NEEDS PROOF";
      return `${change.evidence?.startsWith("assumed") === true ? "assumed unused" : `proof ${change.evidence ?? ""}`}${kept}`;
    case "coordinated":
      return change.reason === undefined ? "coordinated" : "NEEDS A NEW EFFECT";
    case "migration":
      if (change.reason !== undefined) return "NEEDS MIGRATION";
      return `migration${change.function === undefined ? "" : ` #${change.function.slice(0, HASH_CHARS)}…`}${kept}`;
    case "forbidden":
      return "FORBIDDEN";
  }
}

const HASH_CHARS = 19;

function result(plan: Plan, options: RenderOptions, paint: Paint): string {
  const count = plan.changes.filter((c) => c.class !== "identical").length;
  const changes = `${count} ${count === 1 ? "change" : "changes"}`;
  const wait = options.safeState === undefined ? "" : ` Safe state: ${options.safeState}.`;
  switch (plan.verdict) {
    case "identical":
      return `Result: ${paint.added("IDENTICAL")}. States stay as they are.`;
    case "auto":
      return `Result: ${paint.added("APPLIES AUTOMATICALLY")} (${changes}). Nothing is changed until it is applied.${wait}`;
    case "migrated":
      return `Result: ${paint.added("APPLIES BY DECLARED MIGRATION")} (${changes}). Nothing is changed until it is applied.${wait}`;
    case "refused": {
      const refused = plan.changes.filter((c) => c.reason !== undefined).length;
      const others = plan.problems.length - refused;
      const what = [
        ...(refused > 0
          ? [`${refused} of ${plan.changes.length} ${plan.changes.length === 1 ? "change" : "changes"}`]
          : []),
        ...(others > 0 ? [`${others} ${others === 1 ? "migration does" : "migrations do"} not fit`] : []),
      ].join(", ");
      return `Result: ${paint.refused("REFUSED")} (${what}). No state was changed.${wait}`;
    }
  }
}

/** `--json`: keys in this order, changes sorted by path; a change with a `reason` is refused. */
export function planToJson(plan: Plan): string {
  const document = {
    verdict: plan.verdict,
    changes: plan.changes.map(changeToJson),
    problems: plan.problems.map(problemToJson),
    notes: plan.notes,
    retired: plan.retired,
    from: plan.from,
    to: plan.to,
    plan: plan.hash,
  };
  return JSON.stringify(document, null, 2);
}

export const changeToJson = (c: Change): object => ({
  path: c.path,
  rule: c.rule,
  class: c.class,
  before: c.before ?? null,
  after: c.after ?? null,
  loss: c.loss,
  reversible: c.reversible,
  ...(c.value === undefined ? {} : { value: c.value }),
  ...(c.evidence === undefined ? {} : { evidence: c.evidence }),
  ...(c.function === undefined ? {} : { function: c.function }),
  ...(c.reason === undefined ? {} : { reason: c.reason }),
  ...(c.fix === undefined ? {} : { fix: c.fix }),
});

export const problemToJson = (p: Problem): object => ({
  code: p.code,
  what: p.what,
  ...(p.at === undefined ? {} : { at: showPlace(p.at) }),
  ...(p.other === undefined ? {} : { was: showPlace(p.other) }),
  ...(p.path === undefined ? {} : { path: p.path }),
  ...(p.before === undefined ? {} : { before: p.before }),
  ...(p.after === undefined ? {} : { after: p.after }),
  ...(p.why === undefined ? {} : { why: p.why }),
  ...(p.fix === undefined ? {} : { fix: p.fix }),
});
