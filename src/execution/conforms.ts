/** Whether values are of the types that a signature writes: arguments from outside are checked before anything runs. */
import { type ContentHash, Decimal, show, Value } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import type { ExecutionError } from "./ExecutionError.ts";
import type { CodeSource } from "./machine/Library.ts";

type V = Value.Value;

/** Deeper values are refused, as no block holds them. */
const DEPTH_MAX = 300;

interface Mismatch {
  readonly path: string;
  readonly expected: string;
  readonly got: V;
}

/** The error of wrong arguments; `undefined` when they fit, or when nothing is written about them. */
export function checkArguments(
  source: CodeSource,
  hash: ContentHash.ContentHash,
  args: readonly V[],
): ExecutionError | undefined {
  const definition = source.loadDefinition(hash);
  if (!definition.ok || definition.value.signature === undefined) return undefined;
  const { parameters } = definition.value.signature;
  if (parameters.length !== args.length) return undefined;
  for (let i = 0; i < args.length; i++) {
    const wrong = mismatch(source, args[i]!, parameters[i]!, [], `argument ${i + 1}`, 0);
    if (wrong !== undefined)
      return { kind: "TypeMismatch", hash, expected: `${wrong.expected} for ${wrong.path}`, got: shown(wrong.got) };
  }
  return undefined;
}

const shown = (value: V): string => {
  const text = show(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};

/** The first place where a value is not of a type. `variables` are the arguments of the declared type that is looked into. */
function mismatch(
  source: CodeSource,
  value: V,
  type: Core.Type,
  variables: readonly Core.Type[],
  path: string,
  depth: number,
): Mismatch | undefined {
  if (depth > DEPTH_MAX) return { path, expected: "a value less deep", got: value };
  const expected = (what: string): Mismatch => ({ path, expected: what, got: value });
  const inside = (part: V, partType: Core.Type, at: string) =>
    mismatch(source, part, partType, variables, `${path}${at}`, depth + 1);
  const tag = typeof value === "object" ? value.tag : typeof value;
  switch (type.kind) {
    case "variable": {
      const given = variables[type.index];
      return given === undefined ? undefined : mismatch(source, value, given, [], path, depth);
    }
    case "function":
      return tag === "closure" ? undefined : expected("a function");
    case "tuple":
      if (type.items.length === 0) return tag === "unit" ? undefined : expected("()");
      if (typeof value !== "object" || value.tag !== "tuple" || value.items.length !== type.items.length)
        return expected(`a tuple of ${type.items.length}`);
      return first(value.items, (item, i) => inside(item, type.items[i]!, `.${i}`));
    case "record":
      return fields(value, type.names, type.types, inside, expected);
    case "declared": {
      if (type.reference.kind !== "hash") return undefined;
      const declared = source.loadType(type.reference.hash);
      if (!declared.ok) return undefined;
      const args = type.arguments.map((one) => substitute(one, variables));
      const within = (part: V, partType: Core.Type, at: string) =>
        mismatch(source, part, partType, args, `${path}${at}`, depth + 1);
      return ofDeclared(value, declared.value, within, expected);
    }
    case "builtin":
      return ofBuiltin(value, type, inside, expected);
  }
}

type Inside = (part: V, type: Core.Type, at: string) => Mismatch | undefined;
type Expected = (what: string) => Mismatch;

function first(items: readonly V[], check: (item: V, i: number) => Mismatch | undefined): Mismatch | undefined {
  for (let i = 0; i < items.length; i++) {
    const wrong = check(items[i]!, i);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function fields(
  value: V,
  names: readonly string[],
  types: readonly Core.Type[],
  inside: Inside,
  expected: Expected,
): Mismatch | undefined {
  const sorted = [...names].sort();
  if (
    typeof value !== "object" ||
    value.tag !== "record" ||
    value.names.length !== names.length ||
    sorted.some((name) => !value.names.includes(name))
  )
    return expected(`(${names.join(", ")})`);
  return first(value.values, (item, i) => inside(item, types[names.indexOf(value.names[i]!)]!, `.${value.names[i]}`));
}

function ofDeclared(value: V, declared: Core.TypeDefinition, inside: Inside, expected: Expected): Mismatch | undefined {
  const parts = (of: readonly Core.Field[], at: V) =>
    fields(
      at,
      of.map((field) => field.name),
      of.map((field) => field.type),
      inside,
      expected,
    );
  if (declared.kind === "record") return parts(declared.fields, value);
  const names = declared.cases.map((one) => one.name).join(" | ");
  if (typeof value !== "object" || value.tag !== "variant") return expected(names);
  const found = declared.cases.find((one) => one.name === value.case);
  if (found === undefined) return expected(names);
  if (found.fields.length === 0) return value.payload === undefined ? undefined : expected(`${found.name} alone`);
  return value.payload === undefined ? expected(`${found.name}(…)`) : parts(found.fields, value.payload);
}

/** Tags of the builtin types that have no parts. */
const SIMPLE: Readonly<Record<string, readonly string[]>> = {
  Unit: ["unit"],
  Bool: ["boolean"],
  Int: ["number", "bigint"],
  Decimal: ["decimal"],
  Float: ["float"],
  Text: ["string"],
  Timeline: ["string"],
  Asset: ["string"],
  Bytes: ["bytes"],
  Duration: ["duration"],
  Instant: ["instant"],
  Hash: ["hash"],
  Event: ["variant"],
  Fact: ["variant"],
  Action: ["variant"],
};

function ofBuiltin(
  value: V,
  type: Extract<Core.Type, { kind: "builtin" }>,
  inside: Inside,
  expected: Expected,
): Mismatch | undefined {
  const tag = typeof value === "object" ? value.tag : typeof value;
  const simple = Object.hasOwn(SIMPLE, type.name) ? SIMPLE[type.name] : undefined;
  if (simple !== undefined) return simple.includes(tag) ? undefined : expected(type.name);
  const [one, two] = type.arguments;
  const payload = typeof value === "object" && value.tag === "variant" ? value.payload : undefined;
  switch (type.name) {
    case "List":
    case "Set":
      if (typeof value !== "object" || (value.tag !== "list" && value.tag !== "set") || tag !== type.name.toLowerCase())
        return expected(type.name);
      return first(value.items, (item, i) => inside(item, one!, `[${i}]`));
    case "Map":
      if (typeof value !== "object" || value.tag !== "map") return expected("Map");
      return (
        first(
          value.entries.map((entry) => entry[0]),
          (key) => inside(key, one!, " key"),
        ) ??
        first(
          value.entries.map((entry) => entry[1]),
          (item, i) => inside(item, two!, `[${show(value.entries[i]![0])}]`),
        )
      );
    case "Option":
      if (typeof value !== "object" || value.tag !== "variant") return expected("Option");
      if (value.case === "None" && payload === undefined) return undefined;
      return value.case === "Some" && payload !== undefined ? inside(payload, one!, "") : expected("Some or None");
    case "Result":
      if (typeof value !== "object" || value.tag !== "variant" || payload === undefined) return expected("Result");
      if (value.case === "Ok") return inside(payload, one!, "");
      return value.case === "Err" ? inside(payload, two!, "") : expected("Ok or Err");
    default:
      // Types whose values only the machine makes: nothing from outside is checked against them.
      return undefined;
  }
}

/** A type with the variables of its surroundings filled in. */
export function substitute(type: Core.Type, variables: readonly Core.Type[]): Core.Type {
  switch (type.kind) {
    case "variable":
      return variables[type.index] ?? type;
    case "builtin":
    case "declared":
      return { ...type, arguments: type.arguments.map((one) => substitute(one, variables)) };
    case "tuple":
      return { ...type, items: type.items.map((one) => substitute(one, variables)) };
    case "record":
      return { ...type, types: type.types.map((one) => substitute(one, variables)) };
    case "function":
      return {
        ...type,
        parameters: type.parameters.map((one) => substitute(one, variables)),
        result: substitute(type.result, variables),
      };
  }
}

/**
 * The value as a parameter of the type takes it: where a Decimal is expected, an Int stands for one, as in source text.
 * Anything else that does not fit is left for `checkArguments` to tell.
 */
export function adapt(source: CodeSource, value: V, type: Core.Type): V {
  const part = (one: V, of: Core.Type | undefined): V => (of === undefined ? one : adapt(source, one, of));
  if (type.kind === "builtin" && type.name === "Decimal" && (typeof value === "number" || typeof value === "bigint"))
    return Decimal.fromInt(value);
  if (typeof value !== "object") return value;
  switch (value.tag) {
    case "list":
      return type.kind === "builtin"
        ? { ...value, items: value.items.map((one) => part(one, type.arguments[0])) }
        : value;
    case "set":
      return type.kind === "builtin" ? Value.set(value.items.map((one) => part(one, type.arguments[0]))) : value;
    case "map":
      return type.kind === "builtin"
        ? Value.map(value.entries.map(([k, v]) => [part(k, type.arguments[0]), part(v, type.arguments[1])] as const))
        : value;
    case "tuple":
      return type.kind === "tuple" ? { ...value, items: value.items.map((one, i) => part(one, type.items[i])) } : value;
    case "record": {
      if (type.kind === "record")
        return {
          ...value,
          values: value.values.map((one, i) => part(one, type.types[type.names.indexOf(value.names[i]!)])),
        };
      const declared = declaredType(source, type);
      return declared?.kind === "record" ? adaptFields(source, value, declared.fields) : value;
    }
    case "variant": {
      if (value.payload === undefined) return value;
      if (type.kind === "builtin") {
        const of = type.arguments[value.case === "Err" ? 1 : 0];
        return { ...value, payload: part(value.payload, of) };
      }
      const declared = declaredType(source, type);
      const fields =
        declared?.kind === "sum" ? declared.cases.find((one) => one.name === value.case)?.fields : undefined;
      const { payload } = value;
      if (fields === undefined || typeof payload !== "object" || payload.tag !== "record") return value;
      return { ...value, payload: adaptFields(source, payload, fields) };
    }
    default:
      return value;
  }
}

function declaredType(source: CodeSource, type: Core.Type): Core.TypeDefinition | undefined {
  if (type.kind !== "declared" || type.reference.kind !== "hash") return undefined;
  const found = source.loadType(type.reference.hash);
  return found.ok ? found.value : undefined;
}

function adaptFields(source: CodeSource, record: Value.Record, fields: readonly Core.Field[]): Value.Record {
  const values = record.values.map((one, i) => {
    const type = fields.find((field) => field.name === record.names[i])?.type;
    return type === undefined ? one : adapt(source, one, type);
  });
  return { ...record, values };
}
