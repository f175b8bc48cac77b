/**
 * The plan of an upgrade from one schema to the next: every change with its class, the verdict, and, unless it is
 * refused, what to do to a state. Deterministic: the same two schemas and the same answers give the same bytes.
 */
import { ContentHash, encode as encodeNode, Kind, type Node } from "../content/index.ts";
import { Bytes, closest } from "../std/index.ts";
import * as canonical from "./canonical.ts";
import { diff, type Found } from "./diff.ts";
import { diffEffects } from "./diffEffects.ts";
import { type Edits, toNode as editsToNode } from "./Edit.ts";
import { byPath, type Change, judge, nothingKnown, problemOf, type Uses } from "./judge.ts";
import { migrateTypes } from "./migrateTypes.ts";
import { type MigrationFunctions, noFunctions, type Operation, toNode as operationToNode } from "./Operation.ts";
import * as Path from "./Path.ts";
import { byPlace, type Problem } from "./Problem.ts";
import { RULES_VERSION } from "./Rule.ts";
import type { Schema } from "./Schema.ts";
import * as T from "./Type.ts";
import { typeAt } from "./typeAt.ts";

export type Verdict = "identical" | "auto" | "migrated" | "refused";

export interface Plan {
  readonly verdict: Verdict;
  readonly before: Schema;
  readonly after: Schema;
  /** Hashes of what states look like before and after. */
  readonly from: ContentHash.ContentHash;
  readonly to: ContentHash.ContentHash;
  /** Sorted by path. A change with a reason is refused; one such refuses the plan. */
  readonly changes: readonly Change[];
  /** Every refusal, and every migration that does not fit; empty unless the verdict is refused. */
  readonly problems: readonly Problem[];
  /** What a reader should know that refuses nothing. */
  readonly notes: readonly string[];
  /** All names that may not come back after this upgrade, sorted; the next plan takes them as `retired`. */
  readonly retired: readonly string[];
  /** What to do to a state, in order; empty when the plan is refused or nothing changes. */
  readonly steps: readonly PlanStep[];
  /** Covers the verdict, the changes and the steps. */
  readonly hash: ContentHash.ContentHash;
}

/** Operations of declared migrations first, then the edits of the rules. */
export interface PlanStep {
  readonly operations: readonly Operation[];
  readonly edits: Edits;
  /** The schema of the state that the step takes, and of the one that it gives. */
  readonly before: Schema;
  readonly after: Schema;
  /** The names that the state has between operations and edits, sorted. */
  readonly between: readonly string[];
}

export interface PlanOptions {
  /** Who reads a field that is removed; without it every removal is refused. */
  readonly uses?: Uses;
  /** Names retired by earlier upgrades, from the program's log; added to those that the files reserve. */
  readonly retired?: readonly string[];
  /** Finds migration functions by their hash. */
  readonly functions?: MigrationFunctions;
  /** What the caller knows to be wrong with the migrations of this upgrade; any refuses it. */
  readonly problems?: readonly Problem[];
}

/** Judges the upgrade of states of `before` to states of `after`, by the rules that `before` allows. */
export function plan(before: Schema, after: Schema, options: PlanOptions = {}): Plan {
  const from = canonical.hash(before);
  const to = canonical.hash(after);
  const earlier = new Set([...before.reserved.map((r) => r.path), ...(options.retired ?? []).map(normal)]);
  if (from === to && !changesMeaning(before, after)) {
    const kept = [...new Set([...earlier, ...after.reserved.map((r) => r.path)])].sort(T.compareNames);
    const lost = unreserved(before, after, new Set());
    return finish(
      {
        before,
        after,
        from,
        to,
        found: lost,
        problems: options.problems ?? [],
        retired: kept,
        operations: [],
        edits: undefined,
        between: [],
      },
      options,
    );
  }
  const migrated = migrateTypes(before, after, options.functions ?? noFunctions);
  const forbidden = new Set([...earlier, ...after.reserved.map((r) => r.path)]);
  const difference = diff(migrated.state, before.types, after.state, after.types, {
    retired: forbidden,
    renames: migrated.renames,
    notRenames: new Set(after.notRenames),
    fills: migrated.fills,
    settled: migrated.settled,
  });
  const problems = [
    ...(options.problems ?? []),
    ...migrated.problems,
    ...unusedGuidance(after, migrated, difference.used),
  ];
  if (difference.exceeded) {
    problems.push({
      code: "SCH0115",
      what: "the two schemas are too entangled to compare: too many pairs of named types meet",
      ...(after.at === undefined ? {} : { at: after.at }),
    });
  }
  const found = [...migrated.found, ...difference.found, ...diffEffects(before, after)];
  const reused = new Set(found.filter((f) => f.rule === "reuse-retired-name").map((f) => Path.withoutOptions(f.path)));
  found.push(...unreserved(before, after, reused));
  const retired = retiredAfter(forbidden, migrated.moved, [...migrated.consumed, ...difference.removed]);
  return finish(
    {
      before,
      after,
      from,
      to,
      found,
      problems,
      retired,
      operations: migrated.operations,
      edits: difference.edits,
      between: migrated.state.fields.map((f) => f.name),
    },
    options,
  );
}

/**
 * States that look alike may still mean something else: then a function takes the one to the other. A file compared with
 * itself changes nothing, whatever migrations brought states to it.
 */
const changesMeaning = (before: Schema, after: Schema): boolean =>
  after.migrations.some((m) => m.op === "call") && !Bytes.equal(canonical.encode(before), canonical.encode(after));

interface Draft {
  readonly before: Schema;
  readonly after: Schema;
  readonly from: ContentHash.ContentHash;
  readonly to: ContentHash.ContentHash;
  readonly found: readonly Found[];
  readonly problems: readonly Problem[];
  readonly retired: readonly string[];
  readonly operations: readonly Operation[];
  /** Undefined: nothing to do. */
  readonly edits: Edits | undefined;
  readonly between: readonly string[];
}

function finish(draft: Draft, options: PlanOptions): Plan {
  const { before, after, from, to } = draft;
  const terms = { allowed: new Set(before.allowed), uses: options.uses ?? nothingKnown };
  const changes = draft.found.map((found) => judge(located(found, before, after), terms)).sort(byPath);
  const problems = [...draft.problems, ...changes.filter((c) => c.reason !== undefined).map(problemOf)].sort(byPlace);
  const verdict: Verdict =
    problems.length > 0
      ? "refused"
      : draft.edits === undefined
        ? "identical"
        : changes.some((c) => c.class === "migration")
          ? "migrated"
          : "auto";
  const steps: readonly PlanStep[] =
    verdict === "refused" || draft.edits === undefined
      ? []
      : [{ operations: draft.operations, edits: draft.edits, before, after, between: draft.between }];
  const draftPlan = {
    verdict,
    before,
    after,
    from,
    to,
    changes,
    problems,
    notes: notesOf(draft, changes),
    retired: draft.retired,
    steps,
  };
  return { ...draftPlan, hash: hashOf(draftPlan) };
}

/** Findings at the root of a file's schema point at its `[schema]` table. */
const located = (found: Found, before: Schema, after: Schema): Found => ({
  ...found,
  oldAt: found.oldAt ?? (found.before === undefined ? undefined : before.at),
  newAt: found.newAt ?? after.at,
});

const normal = (path: string): string => Path.normal(path) ?? path;

/** Names that the old file reserves and the new one no longer does. */
function unreserved(before: Schema, after: Schema, reused: ReadonlySet<string>): Found[] {
  const kept = new Set(after.reserved.map((r) => r.path));
  return before.reserved
    .filter((r) => !kept.has(r.path) && !reused.has(r.path))
    .map((r) => ({
      path: r.path,
      rule: "unreserve-name" as const,
      before: "reserved",
      after: undefined,
      oldAt: r.at,
      newAt: after.at,
      why: "a retired name stays retired: old states, logs and rollbacks still hold its values",
      fix: `[schema]\nreserved = [${before.reserved.map((one) => JSON.stringify(one.path.replace(/^\$\./, ""))).join(", ")}]`,
      forbidden: true,
    }));
}

/** A rename or fill that met no field would be a silent misspelling. */
function* unusedGuidance(
  after: Schema,
  migrated: { readonly renames: ReadonlyMap<string, string>; readonly fills: ReadonlyMap<string, unknown> },
  used: ReadonlySet<string>,
): Iterable<Problem> {
  for (const m of after.migrations) {
    if (m.op === "rename" && migrated.renames.get(m.to) === m.from && !used.has(m.to)) {
      const near = closest(
        m.to,
        [...migrated.renames.keys()].filter((path) => path !== m.to),
      );
      const leads = typeAt(after.state, Path.parse(m.to) ?? [], after.types) !== undefined;
      yield {
        code: "SCH0150",
        what: leads
          ? `migration rename: the old state has no field ${m.from}`
          : `migration rename: the new state has no field ${m.to}${near === undefined ? "" : `; did you mean ${near}?`}`,
        ...(m.at === undefined ? {} : { at: m.at }),
      };
    }
    if (m.op === "fill" && migrated.fills.has(m.field) && !used.has(m.field)) {
      yield {
        code: "SCH0150",
        what: `migration fill: ${m.field} needs no value; it exists already with a type that needs no filling`,
        ...(m.at === undefined ? {} : { at: m.at }),
      };
    }
  }
}

/** What was retired stays so, under its new path where a field around it has moved. */
function retiredAfter(
  earlier: ReadonlySet<string>,
  moved: readonly (readonly [string, string])[],
  gone: readonly string[],
): readonly string[] {
  const all = new Set([...earlier, ...gone]);
  for (const path of [...all]) {
    for (const [from, to] of moved) {
      if (path.startsWith(from) && path.length > from.length && /^[.[{#?]/.test(path.slice(from.length))) {
        all.add(to + path.slice(from.length));
      }
    }
  }
  return [...all].sort(T.compareNames);
}

function notesOf(draft: Draft, changes: readonly Change[]): readonly string[] {
  const { before, after } = draft;
  const notes: string[] = [];
  const was = [...before.allowed].sort(T.compareNames).join(", ");
  const is = [...after.allowed].sort(T.compareNames).join(", ");
  if (was !== is) {
    notes.push(`the rules for the next upgrade change from [${was}] to [${is}]; this upgrade is judged by the first`);
  }
  const reserved = new Set(after.reserved.map((r) => r.path));
  const forgotten = draft.retired.filter((path) => !reserved.has(path));
  if (forgotten.length > 0 && changes.every((c) => c.reason === undefined) && draft.from !== draft.to) {
    const names = [...after.reserved.map((r) => r.path), ...forgotten].map((p) =>
      JSON.stringify(p.replace(/^\$\./, "")),
    );
    notes.push(`retired for ever; add to the new file so that it remembers: [schema] reserved = [${names.join(", ")}]`);
  }
  const assumed = changes.filter((c) => c.evidence === "assumed by the caller, not proven");
  if (assumed.length > 0) {
    notes.push(`assumed to be unused, not proven: ${assumed.map((c) => c.path).join(", ")}`);
  }
  const { previous } = after;
  if (previous !== undefined && ContentHash.parse(previous) !== undefined && previous !== draft.from) {
    notes.push(`the new file says previous = "${previous}", but the old schema is ${draft.from}`);
  }
  if (draft.from !== draft.to && before.version !== undefined && before.version === after.version) {
    notes.push(`both files call themselves version ${after.version}, yet their schemas differ`);
  }
  return notes;
}

const PLAN_FORMAT_VERSION = 1;

/** The block of a plan, which its hash addresses. */
export const planToNode = (plan: Omit<Plan, "hash">): Node => [
  Kind.evolutionRecord,
  PLAN_FORMAT_VERSION,
  "plan",
  RULES_VERSION,
  plan.verdict,
  plan.from,
  plan.to,
  [...plan.before.allowed].sort(T.compareNames),
  plan.changes.map(changeToNode),
  plan.retired,
  plan.steps.map((step) => [step.operations.map(operationToNode), editsToNode(step.edits)]),
];

/** Texts of types are left out: they name types, and names do not count. The hashes of the schemas stand for them. */
const changeToNode = (c: Change): Node => [
  c.path,
  c.rule,
  c.class,
  c.loss,
  c.reversible,
  c.evidence ?? null,
  c.reason === undefined,
];

const hashOf = (plan: Omit<Plan, "hash">): ContentHash.ContentHash => ContentHash.of(encodeNode(planToNode(plan)));
