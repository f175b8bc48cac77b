/** `tb schema check|plan|migrate|rollback|verify`: evolution of state on manifests alone, without a program or a store. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { Manifest, MigrationFunctions, Plan, Problem, Schema, Uses } from "../../../src/schema/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { colourOn, note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, readText, storeDirectory, withStore } from "../session.ts";

interface PlanOptions extends CommonOptions {
  readonly assumeUnused?: boolean;
}
interface MigrateOptions extends PlanOptions {
  readonly state: string;
  readonly tombstones?: string;
  readonly record?: string;
}
interface RollbackOptions extends CommonOptions {
  readonly state: string;
  readonly tombstones?: string;
}

const CODEBASE = 'where the functions of op = "call" are (default: $TB_STORE or .tb, if it is there)';
const ASSUME = "take removed fields as unused; the plan says so";

export function register(program: Command): void {
  const schema = program.command("schema").description("check, plan and migrate schemas on manifests alone");
  schema
    .command("check <file>")
    .description("check a manifest (program.toml, effect.toml or a file with some of their tables)")
    .option("--json", "print one JSON document")
    .action(check);
  schema
    .command("plan <old> <new>")
    .description("show what an upgrade would do to states; exits 0 when it applies, 5 when it is refused")
    .option("--assume-unused", ASSUME)
    .option("--store <dir>", CODEBASE)
    .option("--json", "print one JSON document")
    .action(showPlan);
  schema
    .command("migrate <old> <new> [later...]")
    .description("migrate a state, through several versions if more than two are given, and print it")
    .requiredOption("--state <file>", "the state, as JSON")
    .option("--tombstones <file>", "write what was taken away here; rollback needs it")
    .option("--record <file>", "write the evolution record here (two versions)")
    .option("--assume-unused", ASSUME)
    .option("--store <dir>", CODEBASE)
    .option("--json", "print one JSON document with the plan and the state")
    .action(migrate);
  schema
    .command("rollback <old> <new> [later...]")
    .description("give a migrated state back its old form, and print it")
    .requiredOption("--state <file>", "the migrated state, as JSON")
    .option("--tombstones <file>", "what migrate took away")
    .option("--store <dir>", CODEBASE)
    .option("--json", "print one JSON document with the state and what is left behind")
    .action(rollback);
  schema
    .command("verify <record>")
    .description("recompute an evolution record; exits 5 when it differs in anything")
    .option("--store <dir>", CODEBASE)
    .option("--json", "print one JSON document")
    .action(verify);
}

const library = () => import("../../../src/schema/index.ts");

/** Ends the command with all problems of a file. */
async function wrongFile(file: string, problems: readonly Problem[], exit: number = Exit.source): Promise<never> {
  const { problemToJson, showProblem } = await library();
  const count = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`;
  throw new CliFailure(exit, `${file}: ${count}\n\n${problems.map(showProblem).join("\n\n")}\n`, undefined, {
    ok: false,
    file,
    problems: problems.map(problemToJson),
  });
}

async function load(file: string): Promise<Manifest.Manifest> {
  const { parseManifest } = await library();
  const parsed = parseManifest(readText(file), file);
  return parsed.ok ? parsed.value : wrongFile(file, parsed.error);
}

/** A file whose schema is planned must have one; an empty state is more likely the wrong file. */
async function loadSchema(file: string): Promise<Manifest.Manifest> {
  const manifest = await load(file);
  if (manifest.hasSchema || manifest.schema.effects.size > 0) return manifest;
  throw new CliFailure(Exit.source, `${file} has no [schema]`, "is it the manifest of a program?");
}

/** All files of a chain; what is wrong with any of them is reported together. */
async function loadSchemas(files: readonly string[]): Promise<readonly Manifest.Manifest[]> {
  const loaded = await Promise.allSettled(files.map(loadSchema));
  const failures = loaded.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  if (failures.length > 1 && failures.every((failure) => failure instanceof CliFailure)) {
    throw new CliFailure(Exit.source, failures.map((failure) => failure.message).join("\n"), undefined, {
      ok: false,
      files: failures.map((failure) => failure.json ?? { ok: false, error: { message: failure.message } }),
    });
  }
  if (failures.length > 0) throw failures[0];
  return loaded.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

async function check(file: string, options: { readonly json?: boolean }): Promise<void> {
  const { hashSchema, printType } = await library();
  const manifest = await load(file);
  const { schema } = manifest;
  const hash = hashSchema(schema);
  if (options.json === true) {
    printJson({
      ok: true,
      file,
      program: manifest.program?.name ?? null,
      version: schema.version ?? manifest.program?.version ?? null,
      schema: hash,
      fields: Object.fromEntries(schema.state.fields.map((f) => [f.name, printType(f.type)])),
      effects: [...schema.effects.keys()].sort(),
      allowed: schema.allowed,
      reserved: schema.reserved.map((r) => r.path),
    });
    return;
  }
  const name = manifest.program?.name ?? manifest.effect?.name ?? file;
  print(`${paint.green("ok")} ${name} ${schema.version ?? manifest.program?.version ?? ""}`.trimEnd());
  if (manifest.hasSchema) print(`schema ${hash}`);
  const width = Math.max(0, ...schema.state.fields.map((f) => f.name.length));
  for (const field of schema.state.fields) print(`  ${field.name.padEnd(width)}  ${printType(field.type)}`);
  if (schema.allowed.length > 0) print(`allowed ${schema.allowed.join(", ")}`);
}

const assumed: Uses = () => ({ kind: "assumed" });

/** Where the functions of `call` come from. */
interface Codebase {
  readonly functions: MigrationFunctions;
  /** The schema with the names of its functions resolved. */
  readonly named: (schema: Schema.Schema) => Schema.Schema;
}

/** Opens a codebase only where a migration calls a function: manifests alone need none. */
async function withCodebase<T>(
  options: CommonOptions,
  isNeeded: boolean,
  work: (codebase: Codebase) => Promise<T>,
): Promise<T> {
  const { noFunctions, resolveFunctions } = await library();
  const isThere = existsSync(join(storeDirectory(options), "store"));
  if (options.store !== undefined && !isThere)
    throw new CliFailure(Exit.source, `there is no codebase in ${options.store}`, "tb add --store DIR makes one");
  if (!isNeeded || !isThere) return work({ functions: noFunctions, named: (schema) => schema });
  const { NameRegistry } = await import("../../../src/code/index.ts");
  const { migrationFunctions } = await import("../../../src/programs/index.ts");
  return withStore(options, (store) => {
    const lookup = (name: string) => {
      const found = NameRegistry.get(store, name);
      return found.ok ? found.value : undefined;
    };
    return work({
      functions: migrationFunctions({ blocks: store.blocks }),
      named: (schema) => resolveFunctions(schema, lookup).schema,
    });
  });
}

interface Planned extends Codebase {
  readonly plans: readonly Plan[];
  readonly name: string | undefined;
}

/** Plans from each file to the next. Names that one step retires stay retired in the later ones. */
async function withPlans<T>(
  files: readonly string[],
  options: CommonOptions,
  uses: Uses | undefined,
  work: (planned: Planned) => Promise<T>,
): Promise<T> {
  const { plan } = await library();
  const manifests = await loadSchemas(files);
  const calls = manifests.slice(1).some((one) => one.schema.migrations.some((m) => m.op === "call"));
  return withCodebase(options, calls, (codebase) => {
    const schemas = manifests.map((one) => codebase.named(one.schema));
    const plans: Plan[] = [];
    let retired: readonly string[] = [];
    for (let i = 1; i < schemas.length; i++) {
      const next = plan(schemas[i - 1]!, schemas[i]!, {
        retired,
        functions: codebase.functions,
        ...(uses === undefined ? {} : { uses }),
      });
      retired = next.retired;
      plans.push(next);
    }
    return work({ ...codebase, plans, name: manifests.at(-1)?.program?.name });
  });
}

const usesFor = (options: PlanOptions): Uses | undefined => (options.assumeUnused === true ? assumed : undefined);

async function rendered(plan: Plan, name: string | undefined): Promise<string> {
  const { noPaint, renderPlan } = await library();
  const painted = {
    added: paint.green,
    removed: paint.red,
    changed: paint.yellow,
    refused: (text: string) => paint.bold(paint.red(text)),
    strong: paint.bold,
    dim: paint.dim,
  };
  return renderPlan(plan, { name, paint: colourOn ? painted : noPaint });
}

async function showPlan(old: string, next: string, options: PlanOptions): Promise<void> {
  const { planToJson } = await library();
  await withPlans([old, next], options, usesFor(options), async ({ plans, name }) => {
    const plan = plans[0]!;
    print(options.json === true ? planToJson(plan) : await rendered(plan, name));
    if (plan.verdict === "refused") process.exitCode = Exit.refused;
  });
}

async function migrate(old: string, next: string, later: readonly string[], options: MigrateOptions): Promise<void> {
  if (options.record !== undefined && later.length > 0) {
    throw new CliFailure(Exit.usage, "--record takes exactly two versions: a record is of one upgrade");
  }
  await withPlans([old, next, ...later], options, usesFor(options), (planned) => migrateBy(planned, options));
}

async function migrateBy({ plans, name, functions }: Planned, options: MigrateOptions): Promise<void> {
  const { compilePlan, EvolutionRecord, fuse, indentJson, planToJson, recordText, stateForm, tombstonesToText } =
    await library();
  const refused = plans.find((plan) => plan.verdict === "refused");
  if (refused !== undefined) {
    if (options.json === true) print(planToJson(refused));
    else note(await rendered(refused, name));
    process.exitCode = Exit.refused;
    return;
  }
  const fused = fuse(plans);
  if (!fused.ok) throw new Error(`internal error: plans do not join: ${fused.error.kind}`);
  const state = stateForm(fused.value.before).read(readText(options.state), options.state);
  if (!state.ok) return wrongFile(options.state, [state.error]);
  const applied = compilePlan(fused.value).apply(state.value);
  if (!applied.ok) {
    const isFunction = applied.error.code === "SCH0152";
    return wrongFile(options.state, [applied.error], isFunction ? Exit.refused : Exit.source);
  }
  const text = stateForm(fused.value.after).write(applied.value.value);
  if (options.tombstones !== undefined) {
    save(options.tombstones, tombstonesToText({ plan: fused.value.hash, tombstones: applied.value.tombstones }));
  }
  if (options.record !== undefined) {
    const removals = plans[0]!.changes.filter((change) => change.evidence !== undefined);
    const record = recordText(
      {
        before: fused.value.before,
        after: fused.value.after,
        evidence: new Map(removals.map((change) => [change.path, EvolutionRecord.ASSUMED])),
        retired: [],
        state: state.value,
        program: undefined,
        safeState: undefined,
      },
      functions,
    );
    if (!record.ok) return wrongFile(options.record, record.error, Exit.refused);
    save(options.record, record.value);
  }
  if (options.json === true) print(await migratedJson(plans, text, applied.value.tombstones.length));
  else {
    print(indentJson(text));
    const { length } = applied.value.tombstones;
    if (length > 0 && options.tombstones === undefined) {
      note(
        `${length} ${length === 1 ? "value was" : "values were"} taken away; --tombstones FILE keeps them for a rollback`,
      );
    }
  }
}

/** The state is spliced in as text: its numbers keep their digits. */
async function migratedJson(plans: readonly Plan[], state: string, tombstones: number): Promise<string> {
  const { planToJson } = await library();
  const body = plans.length === 1 ? planToJson(plans[0]!) : `{\n  "plans": [${plans.map(planToJson).join(", ")}]\n}`;
  return `${body.replace(/\n\}$/, "")},\n  "tombstones": ${tombstones},\n  "state": ${state}\n}`;
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CliFailure(Exit.source, `cannot write ${file}: ${(error as { code?: string }).code ?? String(error)}`);
  }
}

async function rollback(old: string, next: string, later: readonly string[], options: RollbackOptions): Promise<void> {
  // The removal has happened; whether it was proven is for the plan that did it.
  await withPlans([old, next, ...later], options, assumed, (planned) => rollbackBy(planned, options));
}

async function rollbackBy({ plans, name }: Planned, options: RollbackOptions): Promise<void> {
  const { compilePlan, fuse, indentJson, stateForm, tombstonesFromText } = await library();
  const fused = fuse(plans);
  if (!fused.ok) {
    note(await rendered(plans.find((plan) => plan.verdict === "refused") ?? plans[0]!, name));
    process.exitCode = Exit.refused;
    return;
  }
  const kept =
    options.tombstones === undefined ? undefined : tombstonesFromText(readText(options.tombstones), options.tombstones);
  if (kept?.ok === false) return wrongFile(options.tombstones!, [kept.error]);
  if (kept !== undefined && kept.value.plan !== fused.value.hash) {
    throw new CliFailure(
      Exit.source,
      `${options.tombstones} belongs to another upgrade`,
      "give the files that migrate was given",
    );
  }
  const state = stateForm(fused.value.after).read(readText(options.state), options.state);
  if (!state.ok) return wrongFile(options.state, [state.error]);
  const back = compilePlan(fused.value).rollback(state.value, kept?.value.tombstones ?? []);
  if (!back.ok) return wrongFile(options.state, [back.error], Exit.refused);
  const text = stateForm(fused.value.before).write(back.value.value);
  if (options.json === true) print(`{\n  "left": ${JSON.stringify(back.value.left)},\n  "state": ${text}\n}`);
  else {
    print(indentJson(text));
    if (back.value.left.length > 0)
      note(`left behind, as the old version has no place for it: ${back.value.left.join(", ")}`);
  }
}

async function verify(file: string, options: CommonOptions): Promise<void> {
  const { verifyRecordText } = await library();
  const text = readText(file);
  const verdict = await withCodebase(options, text.includes('"call"'), async ({ functions }) =>
    verifyRecordText(text, functions),
  );
  if (!verdict.ok) return wrongFile(file, verdict.error, Exit.refused);
  if (options.json === true) printJson({ ok: true, record: verdict.value });
  else print(`${paint.green("verified")} ${verdict.value}`);
}
