/**
 * The record of one upgrade: the data of the effect `UpgradeProgram`. It says which schemas, which rules, which changes,
 * which proofs and which states, all by hash; another party recomputes it from the inputs and compares byte for byte.
 * Format and vectors: docs/spec/schema.md §9.
 */
import { ContentHash, encode as encodeNode, hashValue, Kind, type Node, type Value } from "../content/index.ts";
import { assert, Bytes, err, ok, type Result } from "../std/index.ts";
import * as canonical from "./canonical.ts";
import { compilePlan } from "./compilePlan.ts";
import { fromNode } from "./decodeSchema.ts";
import type { Uses } from "./judge.ts";
import { type MigrationFunctions, noFunctions } from "./Operation.ts";
import type { Problem } from "./Problem.ts";
import { type Plan, plan } from "./plan.ts";
import { RULES_VERSION } from "./Rule.ts";
import type { Schema } from "./Schema.ts";
import { stateForm } from "./state.ts";
import * as Tombstone from "./Tombstone.ts";

/** All that a record is computed from. */
export interface EvolutionInputs {
  readonly before: Schema;
  readonly after: Schema;
  /** Path of a removed field → hash of the certificate of its non-use, or `ASSUMED`. */
  readonly evidence: ReadonlyMap<string, string>;
  /** Names retired by earlier upgrades. */
  readonly retired: readonly string[];
  /** The state before; undefined for a record of the schemas alone. */
  readonly state: Value.Value | undefined;
  /** The programs whose states these are. */
  readonly program: { readonly before: ContentHash.ContentHash; readonly after: ContentHash.ContentHash } | undefined;
  readonly safeState: SafeStateEvidence | undefined;
}

/** What made the instance safe at the time. */
export interface SafeStateEvidence {
  readonly strategy: string;
  /** Hash of the set of pending calls. */
  readonly pending: string;
  /** Length of the program's log. */
  readonly height: number;
}

/** Someone vouched for a removal without a proof; the record says so for ever. */
export const ASSUMED = "assumed";

export interface EvolutionRecord {
  readonly rulesVersion: number;
  /** Hashes of what states look like. */
  readonly from: ContentHash.ContentHash;
  readonly to: ContentHash.ContentHash;
  /** Hashes of the whole schemas, with their rules and migrations. */
  readonly before: ContentHash.ContentHash;
  readonly after: ContentHash.ContentHash;
  readonly program: EvolutionInputs["program"];
  readonly verdict: "identical" | "auto" | "migrated";
  readonly allowed: readonly string[];
  /** One line for each change, sorted: path, rule, class. */
  readonly changes: readonly (readonly [path: string, rule: string, cls: string])[];
  readonly plan: ContentHash.ContentHash;
  readonly certificates: readonly (readonly [path: string, evidence: string])[];
  /** Hashes of the migration functions that ran. */
  readonly functions: readonly string[];
  readonly retired: readonly string[];
  readonly safeState: SafeStateEvidence | undefined;
  readonly preState: ContentHash.ContentHash | undefined;
  readonly postState: ContentHash.ContentHash | undefined;
  readonly tombstones: readonly ContentHash.ContentHash[];
}

export const RECORD_FORMAT_VERSION = 1;

/** Plans and, where a state is given, applies; a refused plan has no record. */
export function of(
  inputs: EvolutionInputs,
  functions: MigrationFunctions = noFunctions,
): Result<EvolutionRecord, readonly Problem[]> {
  const upgrade = planOf(inputs, functions);
  if (upgrade.verdict === "refused") return err(upgrade.problems);
  const states = statesOf(upgrade, inputs.state);
  if (!states.ok) return err([states.error]);
  return ok({
    rulesVersion: RULES_VERSION,
    from: upgrade.from,
    to: upgrade.to,
    before: ContentHash.of(canonical.encode(inputs.before)),
    after: ContentHash.of(canonical.encode(inputs.after)),
    program: inputs.program,
    verdict: upgrade.verdict,
    allowed: [...inputs.before.allowed].sort(),
    changes: upgrade.changes.map((c) => [c.path, c.rule, c.class] as const),
    plan: upgrade.hash,
    certificates: upgrade.changes.flatMap((c) => {
      const given = inputs.evidence.get(c.path);
      return c.evidence === undefined || given === undefined ? [] : [[c.path, given] as const];
    }),
    functions: inputs.after.migrations.flatMap((m) => (m.op === "call" ? [m.function] : [])),
    retired: upgrade.retired,
    safeState: inputs.safeState,
    ...states.value,
  });
}

/**
 * The plan of a record is made from the schemas' canonical forms, as that is what another party has: how types were
 * named, or unrolled, in a file makes no difference.
 */
export function planOf(inputs: EvolutionInputs, functions: MigrationFunctions): Plan {
  const uses: Uses = (path) => {
    const given = inputs.evidence.get(path);
    if (given === undefined) return { kind: "unknown", reason: "the record's inputs hold no proof of it" };
    return given === ASSUMED ? { kind: "assumed" } : { kind: "unused", certificate: given };
  };
  return plan(canonicalOf(inputs.before), canonicalOf(inputs.after), { uses, retired: inputs.retired, functions });
}

function canonicalOf(schema: Schema): Schema {
  const again = fromNode(canonical.toNode(schema));
  assert(again.ok, "a schema does not read its own canonical form");
  return again.value;
}

type States = Pick<EvolutionRecord, "preState" | "postState" | "tombstones">;

function statesOf(upgrade: Plan, state: Value.Value | undefined): Result<States, Problem> {
  if (state === undefined) return ok({ preState: undefined, postState: undefined, tombstones: [] });
  const differs = stateForm(upgrade.before).check(state);
  if (differs !== undefined) return err({ code: "SCH0121", what: differs.what, path: `$${differs.path}` });
  const applied = compilePlan(upgrade).apply(state);
  if (!applied.ok) return applied;
  return ok({
    preState: hashValue(state),
    postState: hashValue(applied.value.value),
    tombstones: applied.value.tombstones.map((t) => Tombstone.hash(t, upgrade.hash)),
  });
}

/** The record's block. */
export const encode = (record: EvolutionRecord): Uint8Array => encodeNode(toNode(record));

export const hash = (record: EvolutionRecord): ContentHash.ContentHash => ContentHash.of(encode(record));

export const toNode = (record: EvolutionRecord): Node => [
  Kind.evolutionRecord,
  RECORD_FORMAT_VERSION,
  "upgrade",
  record.rulesVersion,
  [record.from, record.to],
  [record.before, record.after],
  record.program === undefined ? null : [record.program.before, record.program.after],
  record.verdict,
  record.allowed,
  record.changes,
  record.plan,
  record.certificates,
  record.functions,
  record.retired,
  record.safeState === undefined
    ? null
    : [record.safeState.strategy, record.safeState.pending, record.safeState.height],
  [record.preState ?? null, record.postState ?? null],
  record.tombstones,
];

/**
 * Recomputes the record from its inputs. Yes: the hash of the record. No: the first part that differs, with what it says
 * and what it should say.
 */
export function verify(
  record: EvolutionRecord,
  inputs: EvolutionInputs,
  functions: MigrationFunctions = noFunctions,
): Result<ContentHash.ContentHash, readonly Problem[]> {
  const again = of(inputs, functions);
  if (!again.ok) return again;
  if (Bytes.equal(encode(again.value), encode(record))) return ok(hash(record));
  const keys = Object.keys(again.value) as (keyof EvolutionRecord)[];
  const differing = keys.filter((key) => JSON.stringify(again.value[key]) !== JSON.stringify(record[key]));
  return err(
    differing.map((key) => ({
      code: "SCH0160" as const,
      what: `the record's \`${key}\` is not what its inputs give`,
      before: JSON.stringify(record[key]) ?? "nothing",
      after: JSON.stringify(again.value[key]) ?? "nothing",
    })),
  );
}
