/**
 * Values as people write them, with the names that their type gives them. A record knows its fields and not its type
 * (docs/adr/0005), so the name comes from the static type of what is shown, and only where that says one:
 *
 *     (at: 1, price: 2)   of type Quote   Quote(price: 2, at: 1)
 *     "ethereum"          of type Timeline   ethereum
 *
 * Fields stand in the order of the declaration. A value that is not of the type is shown as it is.
 */
import { show, type Value } from "../content/index.ts";
import { toCore, typeDefinition } from "./core/lower.ts";
import type * as Core from "./core/Tree.ts";
import * as T from "./types/Type.ts";

/** What a declared type is; undefined where that is not known. */
export type Declared = (reference: Core.Reference) => Core.TypeDefinition | undefined;

export function showTyped(value: Value.Value, type: Core.Type | undefined, declared: Declared): string {
  if (type === undefined || typeof value === "bigint" || typeof value === "boolean" || typeof value === "number")
    return show(value);
  const each = (all: readonly Value.Value[], of: Core.Type | undefined): string =>
    all.map((one) => showTyped(one, of, declared)).join(", ");
  if (typeof value === "string")
    return type.kind === "builtin" && type.name === "Timeline" && /^[a-z_]\w*$/.test(value) ? value : show(value);
  switch (type.kind) {
    case "builtin": {
      const [first, second] = type.arguments;
      if (value.tag === "list" && type.name === "List") return `[${each(value.items, first)}]`;
      if (value.tag === "set" && type.name === "Set") return `set [${each(value.items, first)}]`;
      if (value.tag === "map" && type.name === "Map" && value.entries.length > 0)
        return `[${value.entries.map(([key, item]) => `${each([key], first)}: ${each([item], second)}`).join(", ")}]`;
      if (value.tag === "variant" && value.payload !== undefined && (type.name === "Option" || type.name === "Result"))
        return `${value.case}(${each([value.payload], value.case === "Err" ? second : first)})`;
      return show(value);
    }
    case "tuple":
      return value.tag === "tuple" && value.items.length === type.items.length
        ? `(${value.items.map((item, i) => each([item], type.items[i])).join(", ")})`
        : show(value);
    case "record":
      return value.tag === "record"
        ? `(${value.names.map((name, i) => `${name}: ${each([value.values[i]!], type.types[type.names.indexOf(name)])}`).join(", ")})`
        : show(value);
    case "declared":
      return showDeclared(value, type, declared(type.reference), declared);
    default:
      return show(value);
  }
}

function showDeclared(
  value: Exclude<Value.Value, string | bigint | boolean | number>,
  type: Core.Type & { readonly kind: "declared" },
  definition: Core.TypeDefinition | undefined,
  declared: Declared,
): string {
  const fields = (name: string, of: Value.Record, all: readonly Core.Field[]): string => {
    const shown = all.map((field) => {
      const at = of.names.indexOf(field.name);
      const own = substitute(field.type, type.arguments);
      return at < 0 ? undefined : `${field.name}: ${showTyped(of.values[at]!, own, declared)}`;
    });
    return shown.includes(undefined) || of.names.length !== all.length ? show(of) : `${name}(${shown.join(", ")})`;
  };
  if (definition?.kind === "record" && value.tag === "record" && definition.name !== "")
    return fields(definition.name.slice(definition.name.lastIndexOf(".") + 1), value, definition.fields);
  const found =
    definition?.kind === "sum" && value.tag === "variant"
      ? definition.cases.find((one) => one.name === value.case)
      : undefined;
  if (found === undefined || value.tag !== "variant") return show(value);
  const { payload } = value;
  return typeof payload === "object" && payload.tag === "record"
    ? fields(found.name, payload, found.fields)
    : show(value);
}

/** A field's type, where the variables stand for the arguments of the type that declares it. */
function substitute(type: Core.Type, by: readonly Core.Type[]): Core.Type {
  const all = (of: readonly Core.Type[]) => of.map((one) => substitute(one, by));
  switch (type.kind) {
    case "variable":
      return by[type.index] ?? type;
    case "builtin":
    case "declared":
      return { ...type, arguments: all(type.arguments) };
    case "tuple":
      return { ...type, items: all(type.items) };
    case "record":
      return { ...type, types: all(type.types) };
    case "function":
      return type;
  }
}

/** A value of an inferred type. */
export const showInferredValue = (value: Value.Value, type: T.Type): string =>
  showTyped(value, toCore(type), declaredIn(type));

/** The declared types that an inferred type leads to. */
function declaredIn(type: T.Type): Declared {
  const known = new Map<string, T.TypeInfo>();
  const todo: T.Type[] = [type];
  for (let of = todo.pop(); of !== undefined; of = todo.pop()) {
    const at = T.shallow(of);
    if (at.kind === "tuple") todo.push(...at.items);
    else if (at.kind === "rec") todo.push(...at.types);
    if (at.kind !== "con") continue;
    todo.push(...at.args);
    if (at.info.kind === "builtin" || known.has(at.info.name)) continue;
    known.set(at.info.name, at.info);
    todo.push(...at.info.constructors.flatMap((one) => one.fields.map((field) => field.type)));
  }
  return (reference) => {
    const info = reference.kind === "symbol" ? known.get(reference.name) : undefined;
    return info === undefined ? undefined : typeDefinition(info);
  };
}
