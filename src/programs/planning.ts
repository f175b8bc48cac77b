/**
 * What an upgrade would do to a live program, before anything changes: through which versions it goes, which migrations
 * run on the way, and what the rules say to the rest (ADR 010).
 */
import { type DecodeOptions, decodeDefinition } from "../code/index.ts";
import { type ContentHash, decodeValue, hashValue, showDecodeError, Value } from "../content/index.ts";
import { type CodeSource, codeSource, showExecutionError } from "../execution/index.ts";
import type { Core } from "../language/index.ts";
import {
  type Call,
  decodeSchema,
  type MigrationFunctions,
  Path,
  type Plan,
  type Problem,
  plan,
  type Schema,
  type Uses,
} from "../schema/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { type BanditError, type InstanceView, type LogReader, loadInstance } from "./Bandit.ts";
import { type CompiledProgram, loadCompiled } from "./CompiledProgram.ts";
import * as Instance from "./Instance.ts";
import { migrationFunctions } from "./migrating.ts";
import { passingOf } from "./passing.ts";

/** From one version to the next. */
export interface UpgradeStep {
  readonly from: CompiledProgram;
  readonly to: CompiledProgram;
  readonly toHash: ContentHash.ContentHash;
  readonly plan: Plan;
  /** The program's own migration that runs, if one does. */
  readonly migration: ContentHash.ContentHash | undefined;
  readonly functions: MigrationFunctions;
}

export interface UpgradePlan {
  readonly instance: Instance.Instance;
  /** In order; each starts where the one before ends. Never empty. */
  readonly steps: readonly UpgradeStep[];
  readonly safety: Instance.Safety;
  readonly state: Value.Value;
  /** Length of the program's log when it was planned. */
  readonly height: number;
}

/** More versions at once are more likely a mistake. */
export const STEPS_MAX = 32;

/** The name under which a store keeps which compiled program a version is. */
export const versionName = (program: string, version: string): string => `version:${program}@${version}`;

/**
 * The versions through which a program gets from where it is to `to`. A version that is reached by a migration is entered
 * from the version that the migration names: from an earlier one by way of it, if the store has it.
 */
export function stepsTo(
  bandit: LogReader,
  instanceId: string,
  to: ContentHash.ContentHash,
): Result<readonly ContentHash.ContentHash[], BanditError> {
  const view = loadInstance(bandit, instanceId);
  if (!view.ok) return view;
  const { version } = view.value.instance;
  const steps = [to];
  while (steps.length < STEPS_MAX) {
    const next = loadCompiled(bandit.store, steps[0]!);
    if (!next.ok) return next;
    const migrations = migrationsTo(bandit, next.value);
    if (!migrations.ok) return migrations;
    if (next.value.version === version || migrations.value.length === 0) break;
    if (migrations.value.some((one) => one.from === version)) break;
    const before = migrations.value
      .map((one) => bandit.store.name(versionName(next.value.name, one.from)))
      .findLast((hash) => hash !== undefined && !steps.includes(hash));
    // The plan says that the version on the way is missing.
    if (before === undefined) break;
    steps.unshift(before);
  }
  return ok(steps);
}

/** What an upgrade through these versions would do. Nothing is changed. */
export function planUpgrade(
  bandit: LogReader,
  instanceId: string,
  ...versions: readonly ContentHash.ContentHash[]
): Result<UpgradePlan, BanditError> {
  const view = loadInstance(bandit, instanceId);
  return view.ok ? planFrom(bandit, view.value, versions) : view;
}

/** As `planUpgrade`, for the program as it stood when its log had these entries. */
export function planFrom(
  bandit: LogReader,
  { instance, events }: Pick<InstanceView, "instance" | "events">,
  versions: readonly ContentHash.ContentHash[],
): Result<UpgradePlan, BanditError> {
  const emitted = events.flatMap(({ event }) => (event.kind === "Emitted" ? [event.event] : []));
  const steps: UpgradeStep[] = [];
  let at = instance;
  for (const version of versions) {
    const step = planStep(bandit, at, emitted, version);
    if (!step.ok) return step;
    steps.push(step.value);
    at = { ...at, program: version, version: step.value.to.version, retired: step.value.plan.retired };
  }
  const state = loadState(bandit, instance.state);
  if (!state.ok) return state;
  return ok({
    instance,
    steps,
    safety: Instance.safety(instance, steps[0]!.from),
    state: state.value,
    height: events.length,
  });
}

function planStep(
  bandit: LogReader,
  instance: Instance.Instance,
  emitted: readonly Value.Value[],
  toHash: ContentHash.ContentHash,
): Result<UpgradeStep, BanditError> {
  const from = loadCompiled(bandit.store, instance.program);
  if (!from.ok) return from;
  const to = loadCompiled(bandit.store, toHash);
  if (!to.ok) return to;
  const before = schemaOf(from.value);
  if (!before.ok) return before;
  const after = schemaOf(to.value);
  if (!after.ok) return after;
  // Code that is compiled again under the same version has nothing to migrate from.
  const known = to.value.version === instance.version ? ok([]) : migrationsTo(bandit, to.value);
  if (!known.ok) return known;
  const migrations = known.value;
  const migration = migrations.find((one) => one.from === instance.version);
  const call =
    migration === undefined
      ? undefined
      : callOf(codeSource(bandit.store.blocks), migration.function, before.value, after.value);
  const functions = migrationFunctions({ blocks: bandit.store.blocks, emitted });
  return ok({
    from: from.value,
    to: to.value,
    toHash,
    migration: migration?.function,
    functions,
    plan: plan(before.value, call === undefined ? after.value : withCall(after.value, call), {
      uses: usesOf(bandit, instance, to.value, toHash),
      retired: instance.retired,
      functions,
      problems: migrations.length > 0 && migration === undefined ? [fromElsewhere(instance, to.value, migrations)] : [],
    }),
  });
}

export const withCall = (schema: Schema.Schema, call: Call): Schema.Schema => ({
  ...schema,
  migrations: [...schema.migrations, call],
});

interface Migration {
  readonly from: string;
  readonly function: ContentHash.ContentHash;
}

/** The migrations that lead to a program's own version, by the versions that they start from. */
function migrationsTo(
  bandit: Pick<LogReader, "store">,
  program: CompiledProgram,
): Result<readonly Migration[], BanditError> {
  const { definition: hash, name, version } = program;
  const definition = codeSource(bandit.store.blocks).loadProgram(hash);
  // Without it nobody knows what the states of the new version are made of.
  if (!definition.ok) {
    const { error } = definition;
    return error.kind === "UnknownHash"
      ? err({ kind: "NoBlock", hash: error.hash, what: `definition of ${name} ${version}` })
      : err({ kind: "Damaged", reason: `${name} ${version}: ${showExecutionError(error)}` });
  }
  return ok(
    definition.value.migrations.flatMap((one) =>
      one.to === version && one.function.kind === "hash" ? [{ from: one.from, function: one.function.hash }] : [],
    ),
  );
}

/**
 * What a program's migration does, as an operation on schemas: it writes the fields that it makes, of the old ones that
 * they need. A field that it takes over as it was, `State(a: old.a)`, or under the new name that the manifest gives it, is
 * left to the rules. Undefined: it does nothing else.
 */
export function callOf(
  source: CodeSource,
  hash: ContentHash.ContentHash,
  before: Schema.Schema,
  after: Schema.Schema,
): Call | undefined {
  const call: Call = { op: "call", function: hash, reads: [], writes: [], history: undefined, at: undefined };
  const written = after.state.fields.map((field) => field.name);
  const definition = source.loadDefinition(hash);
  // The plan says what is wrong with it.
  if (!definition.ok) return { ...call, writes: written };
  const renamed = new Map(after.migrations.flatMap((m) => (m.op === "rename" ? [[m.to, m.from] as const] : [])));
  const { passed, needed } = passingOf(definition.value);
  const isKept = (name: string): boolean => {
    const from = passed.get(name);
    const old = before.state.fields.find((field) => field.name === from);
    // Of another meaning, the same value is what the migration made of it.
    const isSame = old?.meaning === after.state.fields.find((field) => field.name === name)?.meaning;
    if (from === undefined || old === undefined || !isSame) return false;
    return from === name || renamed.get(Path.field(Path.ROOT, name)) === Path.field(Path.ROOT, from);
  };
  const writes = written.filter((name) => !isKept(name));
  const [given] = definition.value.signature?.parameters ?? [];
  const names = given?.kind === "record" ? given.names : [];
  return writes.length === 0
    ? undefined
    : { ...call, writes, reads: needed(names, new Set(written.filter((name) => !writes.includes(name)))) };
}

function fromElsewhere(instance: Instance.Instance, to: CompiledProgram, migrations: readonly Migration[]): Problem {
  const froms = migrations.map((one) => one.from).join(" or ");
  return {
    code: "SCH0150",
    what: `${to.version} is reached by a migration from ${froms}, and ${instance.id} runs ${instance.version}`,
    why: "a migration is written for the states of one version, and says nothing about those of another",
    fix: `upgrade to ${froms} first (give its folder: --through DIRECTORY), or add to the program:\nmigration ${instance.version} -> ${to.version} (old) { State(…) }`,
  };
}

export const pendingValue = (instance: Instance.Instance): Value.Value => Value.list(instance.pending.map(Value.hash));

/**
 * Answers who reads a field that is removed. A whole field of the state is unused when no definition that the new
 * version can run touches it and no run of the old one is open; parts of fields are not analysed and count as used.
 */
function usesOf(
  bandit: LogReader,
  instance: Instance.Instance,
  to: CompiledProgram,
  toHash: ContentHash.ContentHash,
): Uses {
  return (path) => {
    const name = /^\$\.([^.[\]{}?#]+)$/.exec(path)?.[1];
    if (name === undefined) return { kind: "unknown", reason: "only whole fields of the state are analysed" };
    if (instance.pending.length > 0) return { kind: "unknown", reason: "runs of the old version are still open" };
    const options: DecodeOptions = { load: (link) => bandit.store.blocks.get(link), components: new Map() };
    for (const hash of to.dependencies) {
      const block = bandit.store.blocks.get(hash);
      const code = block === undefined ? undefined : decodeDefinition(block, hash, options);
      if (code === undefined || !code.ok) return { kind: "unknown", reason: `the definition ${hash} is not here` };
      if (code.value.form === "definition" && touches(code.value.item.body, name)) {
        return { kind: "used", witness: [hash] };
      }
    }
    const certificate = Value.record([
      ["path", path],
      ["pending", pendingValue(instance)],
      ["program", Value.hash(toHash)],
    ]);
    return { kind: "unused", certificate: hashValue(certificate) };
  };
}

export function schemaOf(program: CompiledProgram): Result<Schema.Schema, BanditError> {
  const schema = decodeSchema(program.schema);
  return schema.ok
    ? schema
    : err({ kind: "Damaged", reason: `the schema of ${program.name} ${program.version} cannot be read` });
}

export function loadState(
  bandit: Pick<LogReader, "store">,
  hash: ContentHash.ContentHash,
): Result<Value.Value, BanditError> {
  const block = bandit.store.blocks.get(hash);
  if (block === undefined) return err({ kind: "NoBlock", hash, what: "state" });
  const value = decodeValue(block);
  return value.ok ? value : err({ kind: "Damaged", reason: `the state ${hash}: ${showDecodeError(value.error)}` });
}

/** Whether an expression reads or writes a field of the program's state. */
function touches(expression: Core.Expression, field: string): boolean {
  switch (expression.kind) {
    case "stateGet":
    case "stateSet":
      return expression.field === field;
    case "let":
      return touches(expression.value, field) || touches(expression.body, field);
    case "if":
      return touches(expression.then, field) || touches(expression.else, field);
    case "switch":
      return (
        expression.cases.some((c) => touches(c.body, field)) ||
        (expression.otherwise !== undefined && touches(expression.otherwise, field))
      );
    case "within":
      return touches(expression.body, field) || touches(expression.otherwise, field);
    case "with":
      return touches(expression.body, field);
    default:
      return false;
  }
}
