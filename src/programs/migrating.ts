/**
 * Migrations that are functions: found by their hash, checked by what their code says of itself, run on a bounded grant.
 * Whoever has their code gives the same answers, so every party to an upgrade can compute it (docs/spec/programs.md §7).
 */
import { type BlockStore, ContentHash, show, Value } from "../content/index.ts";
import {
  type CodeSource,
  checkArguments,
  codeSource,
  evaluate,
  FUEL_PER_MILLISECOND,
  type Library,
  type Limits,
  newLibrary,
  showExecutionError,
} from "../execution/index.ts";
import type { Core } from "../language/index.ts";
import { type Call, type MigrationFunctions, type NoFunction, noFunctions, Type } from "../schema/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { passingOf } from "./passing.ts";
import { stateTypes } from "./stateTypes.ts";

/** Of one run on one state: 5 s of computing, and 256 MiB. A constant of the rules, as it decides what is refused. */
export const MIGRATION_LIMITS: Limits = { fuel: 5_000 * FUEL_PER_MILLISECOND, memoryBytes: 2 ** 28 };

export interface MigrationHost {
  readonly blocks: Pick<BlockStore, "get">;
  readonly limits?: Limits;
  /** What the program has emitted, oldest first; undefined where there is no log, and no call may ask for it. */
  readonly emitted?: readonly Value.Value[];
}

type Fields = readonly { readonly name: string; readonly type: Core.Type }[];
type Run = (reads: ReadonlyMap<string, Value.Value>) => Result<readonly Value.Value[], string>;

const FIX = "a migration function is pure; docs/spec/schema.md §7 says what it takes and gives";
const unfit = (call: Call, why: string, fix = FIX): Result<never, NoFunction> =>
  err({ why: `the migration function ${call.function} ${why}`, fix });

/** Finds the functions of `call` among the definitions of a store. */
export function migrationFunctions(host: MigrationHost): MigrationFunctions {
  const source = codeSource(host.blocks);
  const library = newLibrary(source);
  const limits = host.limits ?? MIGRATION_LIMITS;
  return (call) => {
    const found = pureFunction(source, call, call.function);
    if (!found.ok) return found;
    const { hash, definition, signature } = found.value;
    const given = outputOf(source, call, signature.result);
    if (!given.ok) return given;
    const ignored = new Set(given.value.ignored);
    const taken = inputOf(source, call, definition, signature, ignored);
    if (!taken.ok) return taken;
    const history =
      call.history === undefined ? ok(noHistory) : historyOf(source, library, host, limits, call, signature);
    if (!history.ok) return history;
    const reads = typesOf(source, call, taken.value.fields, Type.untyped);
    if (!reads.ok) return reads;
    const writes = typesOf(source, call, given.value.fields, undefined);
    if (!writes.ok) return writes;
    return ok({
      reads: reads.value.fields,
      writes: writes.value.fields,
      types: new Map([...reads.value.types, ...writes.value.types]),
      run(values) {
        const args = taken.value.arguments(values);
        const more = history.value(values);
        if (!more.ok) return more;
        const result = evaluate(library, hash, [...args, ...more.value], limits);
        return result.ok ? given.value.read(result.value.value) : err(showExecutionError(result.error));
      },
    });
  };
}

interface PureFunction {
  readonly hash: ContentHash.ContentHash;
  readonly definition: Core.Definition;
  readonly signature: Core.FunctionType;
}

function pureFunction(source: CodeSource, call: Call, text: string): Result<PureFunction, NoFunction> {
  const hash = ContentHash.parse(text);
  if (hash === undefined)
    return err({
      why: `${text} is no content hash, and no function of that name is known here`,
      fix: "give its hash, or plan with the codebase that has the name",
    });
  const definition = source.loadDefinition(hash);
  if (!definition.ok)
    return definition.error.kind === "UnknownHash"
      ? noFunctions(call)
      : unfit(call, `cannot be used: ${showExecutionError(definition.error)}`);
  const { signature, kind } = definition.value;
  if (signature === undefined || kind !== "function") return unfit(call, "is no function");
  const { labels, variable } = signature.row;
  if (labels.length > 0 || variable !== undefined)
    return unfit(call, `is not pure: it does ${labels.length > 0 ? labels.join(", ") : "what it is given to do"}`);
  return ok({ hash, definition: definition.value, signature });
}

/** The fields of a record type, also of a declared one; `()` has none. */
function fieldsOf(source: CodeSource, type: Core.Type | undefined): Fields | undefined {
  if (type?.kind === "tuple" && type.items.length === 0) return [];
  if (type?.kind === "record") return type.names.map((name, i) => ({ name, type: type.types[i]! }));
  if (type?.kind !== "declared" || type.reference.kind !== "hash" || type.arguments.length > 0) return undefined;
  const declared = source.loadType(type.reference.hash);
  return declared.ok && declared.value.kind === "record" ? declared.value.fields : undefined;
}

const has = (fields: Fields, name: string): boolean => fields.some((field) => field.name === name);

interface Input {
  readonly fields: Fields;
  readonly arguments: (reads: ReadonlyMap<string, Value.Value>) => readonly Value.Value[];
}

/** One record of the fields that are read, by name; else a parameter for each, in the order of `reads`. */
function inputOf(
  source: CodeSource,
  call: Call,
  definition: Core.Definition,
  signature: Core.FunctionType,
  ignored: ReadonlySet<string>,
): Result<Input, NoFunction> {
  const parameters = call.history === undefined ? signature.parameters : signature.parameters.slice(0, -1);
  const [only] = parameters;
  const named = parameters.length === 1 ? fieldsOf(source, only) : undefined;
  if (named !== undefined && call.reads.every((name) => has(named, name))) {
    const names = named.map((field) => field.name);
    const more = passingOf(definition)
      .needed(names, ignored)
      .filter((name) => !call.reads.includes(name));
    if (more.length > 0) return unfit(call, `also reads ${more.join(", ")}`, `add to \`reads\`: ${more.join(", ")}`);
    // What is not read only passes through to what is not written.
    const record = (reads: ReadonlyMap<string, Value.Value>) =>
      Value.record(named.map(({ name }) => [name, reads.get(name) ?? Value.unit]));
    return ok({
      fields: named.filter(({ name }) => call.reads.includes(name)),
      arguments: (reads) => [only!.kind === "tuple" ? Value.unit : record(reads)],
    });
  }
  if (parameters.length !== call.reads.length)
    return unfit(call, `takes ${parameters.length} value(s), and \`reads\` names ${call.reads.length} field(s)`);
  return ok({
    fields: call.reads.map((name, i) => ({ name, type: parameters[i]! })),
    arguments: (reads) => call.reads.map((name) => reads.get(name)!),
  });
}

interface Output {
  readonly fields: Fields;
  /** Fields of the result that nothing takes. */
  readonly ignored: readonly string[];
  readonly read: (result: Value.Value) => Result<ReadonlyMap<string, Value.Value>, string>;
}

/** A record with the fields that are written, by name; else the value of the only one. */
function outputOf(source: CodeSource, call: Call, result: Core.Type): Result<Output, NoFunction> {
  const named = fieldsOf(source, result);
  if (named !== undefined && call.writes.every((name) => has(named, name))) {
    return ok({
      fields: named.filter(({ name }) => call.writes.includes(name)),
      ignored: named.flatMap(({ name }) => (call.writes.includes(name) ? [] : [name])),
      read: (value) =>
        typeof value === "object" && value.tag === "record"
          ? ok(new Map(value.names.map((name, i) => [name, value.values[i]!])))
          : err(`it gave ${show(value)}, which is no record`),
    });
  }
  const [name] = call.writes;
  if (name === undefined || call.writes.length > 1)
    return unfit(call, `does not give ${call.writes.join(", ")}: several fields come as one record of them`);
  return ok({ fields: [{ name, type: result }], ignored: [], read: (value) => ok(new Map([[name, value]])) });
}

interface Types {
  readonly fields: ReadonlyMap<string, Type.Type>;
  readonly types: Type.Types;
}

function typesOf(
  source: CodeSource,
  call: Call,
  fields: Fields,
  variable: Type.Type | undefined,
): Result<Types, NoFunction> {
  const state = fields.map((field) => ({ ...field, initial: undefined }));
  const declared = (reference: Core.Reference): Core.TypeDefinition | undefined => {
    if (reference.kind !== "hash") return undefined;
    const found = source.loadType(reference.hash);
    // By its hash: the old and the new type of one name differ.
    return found.ok ? { ...found.value, name: reference.hash } : undefined;
  };
  const types = stateTypes(state, declared, new Map(), variable);
  if (!types.ok) {
    const [first] = types.error;
    return unfit(call, `takes or gives ${first!.what} for ${first!.field}, which cannot be stored`);
  }
  return ok({ fields: new Map(types.value.fields.map((f) => [f.name, f.type])), types: types.value.types });
}

/** As both are read from blocks, in which equal types are written alike. */
const isSame = (a: Core.Type | undefined, b: Core.Type): boolean => JSON.stringify(a) === JSON.stringify(b);

const noHistory: Run = () => ok([]);

/**
 * The fold over what the program has emitted: `fn(before: Option<T>, event: (…)) -> T`, oldest first, on one grant for all
 * of it.
 */
function historyOf(
  source: CodeSource,
  library: Library,
  host: MigrationHost,
  limits: Limits,
  call: Call,
  signature: Core.FunctionType,
): Result<Run, NoFunction> {
  const { effects, from, fold } = call.history!;
  const { emitted } = host;
  if (emitted === undefined)
    return unfit(call, "bootstraps from a program's log, and there is none here", "upgrade the program: tb upgrade");
  if (from !== "genesis") return unfit(call, `starts its history at ${from}`, 'history = { from = "genesis", … }');
  const found = pureFunction(source, { ...call, function: fold }, fold);
  if (!found.ok) return found;
  const { hash } = found.value;
  const { parameters, result } = found.value.signature;
  const total: Core.Type = { kind: "builtin", name: "Option", arguments: [result] };
  if (parameters.length !== 2 || !isSame(parameters[0], total))
    return unfit({ ...call, function: fold }, "is no fold: `fn(before: Option<T>, event: (…)) -> T`");
  if (!isSame(signature.parameters.at(-1), total))
    return unfit(call, "does not take what its fold gives, as the last of its parameters");
  return ok(() => {
    let total: Value.Value = Value.none;
    let { fuel } = limits;
    for (const event of emitted) {
      if (typeof event !== "object" || event.tag !== "variant" || !effects.includes(event.case)) continue;
      const args = [total, event.payload ?? Value.unit];
      const mismatch = checkArguments(source, hash, args);
      if (mismatch !== undefined) return err(`its fold cannot take ${event.case}: ${showExecutionError(mismatch)}`);
      const next = evaluate(library, hash, args, { ...limits, fuel });
      if (!next.ok) {
        const error = next.error.kind === "OutOfFuel" ? { ...next.error, fuel: limits.fuel } : next.error;
        return err(`its fold over the log: ${showExecutionError(error)}`);
      }
      fuel -= next.value.fuel;
      total = Value.some(next.value.value);
    }
    return ok([total]);
  });
}
