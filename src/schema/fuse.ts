/**
 * Plans of consecutive upgrades joined into one that visits a state once. A state several versions behind is migrated by
 * the composition of the steps that were taken, never by comparing the ends: those disagree where a name was removed and
 * added again, and where a default changed on the way.
 */
import { ContentHash, encode as encodeNode, Kind } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { runEdits } from "./apply.ts";
import { type Edit, type Edits, KEEP, keep, renumber, simplify } from "./Edit.ts";
import type { Plan, PlanStep } from "./plan.ts";
import type { Schema } from "./Schema.ts";

export interface FusedPlan {
  readonly before: Schema;
  readonly after: Schema;
  readonly from: ContentHash.ContentHash;
  readonly to: ContentHash.ContentHash;
  readonly steps: readonly PlanStep[];
  /** The plans that were joined, oldest first. */
  readonly plans: readonly ContentHash.ContentHash[];
  /** Of one plan its own hash, of several the hash of theirs. */
  readonly hash: ContentHash.ContentHash;
}

export type FuseRefusal =
  | { readonly kind: "Nothing" }
  | { readonly kind: "Refused"; readonly plan: ContentHash.ContentHash }
  | { readonly kind: "Gap"; readonly expected: ContentHash.ContentHash; readonly got: ContentHash.ContentHash };

/** Joins plans, oldest first; each must start where the one before ended. */
export function fuse(plans: readonly Plan[]): Result<FusedPlan, FuseRefusal> {
  const [first, ...rest] = plans;
  if (first === undefined) return err({ kind: "Nothing" });
  for (const plan of plans) if (plan.verdict === "refused") return err({ kind: "Refused", plan: plan.hash });
  let last = first;
  for (const plan of rest) {
    if (plan.from !== last.to) return err({ kind: "Gap", expected: last.to, got: plan.from });
    last = plan;
  }
  const hashes = plans.map((plan) => plan.hash);
  const steps: PlanStep[] = [];
  for (const step of plans.flatMap((plan) => plan.steps)) {
    const before = steps.at(-1);
    if (before !== undefined && step.operations.length === 0 && joinable(before.edits) && joinable(step.edits)) {
      steps[steps.length - 1] = { ...before, edits: join(before.edits, step.edits), after: step.after };
    } else steps.push(step);
  }
  return ok({
    before: first.before,
    after: last.after,
    from: first.from,
    to: last.to,
    steps,
    plans: hashes,
    hash: rest.length === 0 ? first.hash : hashOfSeveral(hashes),
  });
}

const FORMAT_VERSION = 1;

const hashOfSeveral = (plans: readonly ContentHash.ContentHash[]): ContentHash.ContentHash =>
  ContentHash.of(encodeNode([Kind.evolutionRecord, FORMAT_VERSION, "fused", plans]));

/** Fills of a migration decide by the value they meet, so they stay steps of their own. */
const joinable = (edits: Edits): boolean => edits.table.every((edit) => edit.op !== "unwrap" && edit.op !== "admit");

/** The edits that do first one, then the other. Pairs of edits are met once each, so recursive types end. */
function join(first: Edits, second: Edits): Edits {
  const table: (Edit | undefined)[] = [keep];
  const known = new Map<number, Map<number, number>>();
  const work: (readonly [a: number, b: number, at: number])[] = [];
  const run = runEdits(second);

  const enter = (a: number, b: number): number => {
    if (a === KEEP && b === KEEP) return KEEP;
    let byFirst = known.get(a);
    if (byFirst === undefined) {
      byFirst = new Map();
      known.set(a, byFirst);
    }
    const found = byFirst.get(b);
    if (found !== undefined) return found;
    const at = table.push(undefined) - 1;
    byFirst.set(b, at);
    work.push([a, b, at]);
    return at;
  };

  const joined = (a: Edit, b: Edit): Edit => {
    if (b.op === "keep") return renumber(a, (inner) => enter(inner, KEEP));
    if (b.op === "some") return { op: "some", then: enterEdit(a, b.then) };
    if (a.op === "keep" || a.op === "decimal" || a.op === "float") {
      if (a.op === "keep") return renumber(b, (inner) => enter(KEEP, inner));
      throw new Error(`internal error: ${a.op} before ${b.op}`);
    }
    if (a.op === "some" && b.op === "option") return { op: "some", then: enter(a.then, b.then) };
    if (a.op === "option" && b.op === "option") return { op: "option", then: enter(a.then, b.then) };
    if (a.op === "list" && b.op === "list") return { op: "list", then: enter(a.then, b.then) };
    if (a.op === "map" && b.op === "map") return { op: "map", then: enter(a.then, b.then) };
    if (a.op === "tuple" && b.op === "tuple") {
      return { op: "tuple", items: a.items.map((inner, i) => enter(inner, b.items[i]!)) };
    }
    if (a.op === "variant" && b.op === "variant") {
      const next = new Map(b.cases.map((c) => [c.name, c.then]));
      return {
        op: "variant",
        cases: a.cases.map((c) =>
          c.then === undefined ? c : { name: c.name, then: enter(c.then, next.get(c.name)!) },
        ),
      };
    }
    if (a.op === "record" && b.op === "record") return records(a, b);
    throw new Error(`internal error: ${a.op} before ${b.op}`);
  };

  const records = (a: Extract<Edit, { op: "record" }>, b: Extract<Edit, { op: "record" }>): Edit => {
    const middle = new Map(a.fields.map((f) => [f.name, f]));
    const fields = b.fields.map((f) => {
      if (!("from" in f)) return f;
      const source = middle.get(f.from)!;
      if ("from" in source) return { name: f.name, from: source.from, then: enter(source.then, f.then) };
      return { name: f.name, fill: run(f.then, source.fill) };
    });
    const dropped = b.drop.flatMap((name) => {
      const source = middle.get(name)!;
      return "from" in source ? [source.from] : [];
    });
    return { op: "record", before: a.before, fields, drop: [...a.drop, ...dropped] };
  };

  /** The edit `a` itself, then the edit at `b`. */
  const enterEdit = (a: Edit, b: number): number => enter(indexOfFirst.get(a) ?? KEEP, b);
  const indexOfFirst = new Map(first.table.map((edit, at) => [edit, at]));

  const root = enter(first.root, second.root);
  for (let next = 0; next < work.length; next++) {
    const [a, b, at] = work[next]!;
    table[at] = joined(first.table[a]!, second.table[b]!);
  }
  return simplify({ root, table: table.map((edit) => edit ?? keep), types: second.types });
}
