/**
 * A program folder → CompiledProgram: manifest and sources checked together, definitions addressed, state typed.
 * The compiler's stages are the language's; this is where policy (TOML) and code (TEL) meet.
 */
import { type AddressedUnit, addressUnit, codeFormat, written } from "../code/index.ts";
import { ContentHash, Value } from "../content/index.ts";
import { type Core, check, type Problem as LanguageProblem, type Previous } from "../language/index.ts";
import { Bindings } from "../protocol/index.ts";
import {
  type Call,
  encodeSchema,
  hashSchema,
  type Manifest,
  parseManifest,
  resolveFunctions,
  type Schema,
  type Problem as SchemaProblem,
  typedSchema,
} from "../schema/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { CompiledProgram } from "./CompiledProgram.ts";
import { effectDag } from "./effectDag.ts";
import { readBindings } from "./manifestProblems.ts";
import { stateTypes } from "./stateTypes.ts";

export const compilerVersion = "0.1.0";

export interface SourceFile {
  /** As messages name it. */
  readonly path: string;
  readonly text: string;
}

export type CompileProblem =
  | { readonly kind: "manifest"; readonly problem: SchemaProblem }
  | { readonly kind: "source"; readonly problem: LanguageProblem.Problem }
  /** Between the two: the manifest names a program that the sources lack, a state that cannot be stored. */
  | { readonly kind: "program"; readonly message: string; readonly hint: string };

export interface Compiled {
  readonly program: CompiledProgram;
  readonly manifest: Manifest.Manifest;
  readonly unit: Core.Unit;
  readonly addressed: AddressedUnit;
  readonly warnings: readonly CompileProblem[];
}

/** Evaluates a constant definition of the unit: the initial value of a state field. */
export type Evaluate = (
  addressed: AddressedUnit,
  definition: ContentHash.ContentHash,
) => Promise<Result<Value.Value, string>>;

export async function compileProgram(
  manifestFile: SourceFile,
  sources: readonly SourceFile[],
  evaluate: Evaluate,
  previousOf: (manifest: Manifest.Manifest) => Promise<Previous | undefined> = async () => undefined,
): Promise<Result<Compiled, readonly CompileProblem[]>> {
  const manifest = parseManifest(manifestFile.text, manifestFile.path);
  if (!manifest.ok) return err(manifest.error.map((problem) => ({ kind: "manifest", problem })));
  const previous = await previousOf(manifest.value);
  const checked = check(sources, {
    ...(previous === undefined ? {} : { previous }),
    timelines: [...manifest.value.timelines.keys()],
    assets: assetNames(manifest.value),
    bindings: manifest.value.bindings,
    safeState: { strategy: manifest.value.safeState.type, handshake: manifest.value.safeState.handshake },
  });
  const problems: CompileProblem[] = checked.problems.map((problem) => ({ kind: "source", problem }));
  const { bindings, problems: told } = readBindings(manifest.value, checked);
  problems.push(...told.map((problem): CompileProblem => ({ kind: "manifest", problem })));
  const warnings = problems.filter((p) => p.kind === "source" && p.problem.severity === "warning");
  const { unit } = checked;
  if (problems.length > warnings.length || unit === undefined || bindings === undefined) return err(problems);

  const table = manifest.value.program;
  if (table === undefined || table.version === undefined) {
    return fail(
      `${manifestFile.path} has no [program] with a name and a version`,
      'add [program] with name = "…" and version = "1.0.0"',
    );
  }
  const definition = unit.programs.find((p) => p.name === table.name);
  if (definition === undefined) {
    const declared = unit.programs.map((p) => p.name);
    return fail(
      `${manifestFile.path} names the program ${table.name}, which the sources do not declare`,
      declared.length > 0
        ? `they declare ${declared.join(", ")}`
        : `add \`program ${table.name} { … }\` to a .tel file`,
    );
  }

  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const addressed = addressUnit(unit, { source: written(checked, texts) });
  const initial = new Map<string, Value.Value>();
  for (const field of definition.state) {
    if (field.initial === undefined) continue;
    const value = await evaluate(addressed, hashOf(addressed, field.initial));
    if (!value.ok)
      return fail(`the initial value of \`${field.name}\` cannot be computed: ${value.error}`, "give it a constant");
    initial.set(field.name, value.value);
  }
  const types = stateTypes(definition.state, (reference) => declaredType(unit, reference), initial);
  if (!types.ok) {
    return err(
      types.error.map((p) => ({
        kind: "program",
        message: `the state field \`${p.field}\` holds ${p.what}, which cannot be stored`,
        hint: "a state is data: numbers, texts, lists, maps, records and variants of them",
      })),
    );
  }
  const typed = typedSchema(manifest.value, types.value);
  if (!typed.ok) return err(typed.error.map((problem) => ({ kind: "manifest", problem })));
  const { schema, unknown } = resolveFunctions(typed.value, (name) => addressed.definitions.get(name));
  if (unknown.length > 0) return err(unknown.map((call) => ({ kind: "manifest", problem: unknownFunction(call) })));
  const stale = definition.migrations.find((one) => one.to !== table.version);
  if (stale !== undefined) {
    return fail(
      `\`migration ${stale.from} -> ${stale.to}\` makes the state of this version, which is ${table.version}; it would never run`,
      `write \`migration ${stale.from} -> ${table.version}\`, or remove it`,
    );
  }
  const missing = schema.state.fields.filter((f) => f.default === undefined);
  if (missing.length > 0) {
    return fail(
      `the state field \`${missing[0]!.name}\` has no initial value`,
      `give it one: \`${missing[0]!.name}: … = …\` in the program's state, or in [schema.defaultValues]`,
    );
  }

  const program: CompiledProgram = {
    name: table.name,
    version: table.version,
    definition: addressed.definitions.get(definition.name)!,
    entries: definition.entries.map((entry) => ({
      name: entry.name,
      function: hashOf(addressed, entry.function),
      parameters: entry.parameters.map((p) => ({ name: p.name, type: showType(p.type, unit) })),
      result: showType(entry.result, unit),
      row: [...entry.row].sort(Value.compareText),
      exclusive: entry.exclusive,
    })),
    effectDAG: new Map(definition.entries.map((entry) => [entry.name, effectDag(unit, entry.function)])),
    dependencies: closure(addressed, [addressed.definitions.get(definition.name)!, ...functionsOf(schema)]),
    schema: encodeSchema(schema),
    schemaHash: hashSchema(schema),
    schemaEvolutionRules: schema.allowed,
    compatibleProtocolVersions: table.protocolVersions,
    components: manifest.value.timelines,
    bindings: Bindings.toValue(bindings),
    programs: manifest.value.bindings,
    initialState: Value.record(schema.state.fields.map((f) => [f.name, f.default!])),
    safeStateStrategy: manifest.value.safeState.type,
    upgradePolicy: table.upgradePolicy,
    codeFormat,
    compilerVersion,
  };
  return ok({ program, manifest: manifest.value, unit, addressed, warnings });
}

const fail = (message: string, hint: string) => err([{ kind: "program", message, hint } as const]);

const assetNames = (manifest: Manifest.Manifest): readonly string[] => {
  const assets = manifest.tables["assets"];
  return typeof assets === "object" && !Array.isArray(assets) ? Object.keys(assets).sort(Value.compareText) : [];
};

function hashOf(addressed: AddressedUnit, reference: Core.Reference): ContentHash.ContentHash {
  if (reference.kind === "hash") return reference.hash;
  const hash = addressed.definitions.get(reference.name);
  if (hash === undefined) throw new Error(`internal error: ${reference.name} has no address`);
  return hash;
}

const declaredType = (unit: Core.Unit, reference: Core.Reference): Core.TypeDefinition | undefined =>
  reference.kind === "symbol" ? unit.types.find((t) => t.name === reference.name) : undefined;

/** What the manifest's own migrations run. */
const functionsOf = (schema: Schema.Schema): readonly ContentHash.ContentHash[] =>
  schema.migrations.flatMap((one) => {
    if (one.op !== "call") return [];
    return [one.function, one.history?.fold].flatMap((text) => ContentHash.parse(text ?? "") ?? []);
  });

const unknownFunction = (call: Call): SchemaProblem => ({
  code: "SCH0151",
  what: `migration call: the program's sources have no function ${call.function}${call.history === undefined ? "" : `, or none ${call.history.fold}`}`,
  ...(call.at === undefined ? {} : { at: call.at }),
  fix: "give the full name of a function of the sources, or the hash of one that is in the codebase",
});

/** Everything that can run, each once, dependencies first. */
function closure(
  addressed: AddressedUnit,
  roots: readonly ContentHash.ContentHash[],
): readonly ContentHash.ContentHash[] {
  const done = new Set<ContentHash.ContentHash>();
  const stack: { readonly hash: ContentHash.ContentHash; readonly leave: boolean }[] = roots
    .toReversed()
    .map((hash) => ({ hash, leave: false }));
  const entered = new Set<ContentHash.ContentHash>();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.leave) {
      done.add(top.hash);
      continue;
    }
    if (entered.has(top.hash)) continue;
    entered.add(top.hash);
    stack.push({ hash: top.hash, leave: true });
    for (const link of addressed.links.get(top.hash) ?? []) stack.push({ hash: link, leave: false });
  }
  return [...done];
}

/** A type as a reader of the artifact sees it: `Result<Move, ArbError>`. */
function showType(type: Core.Type, unit: Core.Unit): string {
  const all = (types: readonly Core.Type[]) => types.map((t) => showType(t, unit)).join(", ");
  switch (type.kind) {
    case "builtin":
      return type.arguments.length === 0 ? type.name : `${type.name}<${all(type.arguments)}>`;
    case "declared": {
      const name = type.reference.kind === "symbol" ? type.reference.name : `#${type.reference.hash}`;
      const own = name.slice(name.lastIndexOf(".") + 1);
      return type.arguments.length === 0 ? own : `${own}<${all(type.arguments)}>`;
    }
    case "variable":
      return String.fromCharCode(97 + (type.index % 26));
    case "tuple":
      return `(${all(type.items)})`;
    case "record":
      return `(${type.names.map((name, i) => `${name}: ${showType(type.types[i]!, unit)}`).join(", ")})`;
    case "function":
      return `fn(${all(type.parameters)}) -> ${showType(type.result, unit)}`;
  }
}
