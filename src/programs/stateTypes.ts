/**
 * A program's state as the schema layer sees it: Core's types become schema types, declared types become named types
 * (so recursion stays finite), generic ones once per use.
 */
import type { Value } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import { Type } from "../schema/index.ts";
import { err, ok, type Result } from "../std/index.ts";

export interface StateTypes {
  readonly fields: readonly Type.Field[];
  readonly types: ReadonlyMap<string, Type.Type>;
}

/** A state field whose type cannot be stored: a function, linear funds, a type variable. */
export interface NotStorable {
  readonly kind: "NotStorable";
  readonly field: string;
  readonly what: string;
}

const SIMPLE: { readonly [name: string]: Type.Type } = {
  Bool: Type.bool,
  Int: Type.int(),
  Decimal: Type.decimal(),
  Float: Type.float(),
  Text: Type.text,
  Bytes: Type.bytes(),
  Duration: Type.duration,
  Instant: Type.instant,
  Asset: Type.asset,
  Timeline: Type.text,
  Hash: Type.hash,
  Unit: Type.unit,
};

/**
 * `declared` finds the declaration that a reference means; `defaults` are the evaluated initial values by field name.
 * `variable` is what a type variable stands for; without it a variable cannot be stored.
 */
export function stateTypes(
  state: Core.ProgramDefinition["state"],
  declared: (reference: Core.Reference) => Core.TypeDefinition | undefined,
  defaults: ReadonlyMap<string, Value.Value>,
  variable?: Type.Type,
): Result<StateTypes, readonly NotStorable[]> {
  const types = new Map<string, Type.Type>();
  const problems: NotStorable[] = [];
  let field = "";

  const refuse = (what: string): Type.Type => {
    problems.push({ kind: "NotStorable", field, what });
    return Type.unit;
  };

  const convert = (type: Core.Type, given: readonly Type.Type[]): Type.Type => {
    switch (type.kind) {
      case "builtin":
        return builtin(
          type.name,
          type.arguments.map((argument) => convert(argument, given)),
        );
      case "declared":
        return named(
          type.reference,
          type.arguments.map((argument) => convert(argument, given)),
        );
      case "variable":
        return given[type.index] ?? variable ?? refuse("a type variable");
      case "tuple":
        return type.items.length === 0 ? Type.unit : Type.tuple(type.items.map((item) => convert(item, given)));
      case "record":
        return Type.record(type.names.map((name, i) => Type.field(name, convert(type.types[i]!, given))));
      case "function":
        return refuse("a function");
    }
  };

  const builtin = (name: string, given: readonly Type.Type[]): Type.Type => {
    const simple = SIMPLE[name];
    if (simple !== undefined) return simple;
    const [first, second] = given;
    if (name === "Option" && first !== undefined) return Type.option(first);
    if (name === "List" && first !== undefined) return Type.list(first);
    if (name === "Set" && first !== undefined) return Type.set(first);
    if (name === "Map" && first !== undefined && second !== undefined) return Type.map(first, second);
    if (name === "Result" && first !== undefined && second !== undefined) {
      return Type.variant([Type.variantCase("Ok", first), Type.variantCase("Err", second)]);
    }
    return refuse(`a ${name}`);
  };

  const named = (reference: Core.Reference, given: readonly Type.Type[]): Type.Type => {
    const definition = declared(reference);
    if (definition === undefined) return refuse("a type that is not known here");
    const name = nameOf(definition.name, given);
    if (!types.has(name)) {
      // Entered before its parts are looked at: a recursive type meets itself there.
      types.set(name, Type.unit);
      types.set(name, definition.kind === "record" ? record(definition.fields, given) : sum(definition.cases, given));
    }
    return Type.ref(name);
  };

  const record = (fields: readonly Core.Field[], given: readonly Type.Type[]) =>
    Type.record(fields.map((f) => Type.field(f.name, convert(f.type, given))));

  const sum = (
    cases: readonly { readonly name: string; readonly fields: readonly Core.Field[] }[],
    given: readonly Type.Type[],
  ) =>
    Type.variant(
      cases.map((c) => Type.variantCase(c.name, c.fields.length === 0 ? undefined : record(c.fields, given))),
    );

  const fields = state.map((f) => {
    field = f.name;
    const initial = defaults.get(f.name);
    return Type.field(f.name, convert(f.type, []), initial === undefined ? {} : { default: initial });
  });
  return problems.length > 0 ? err(problems) : ok({ fields, types });
}

/** `arb.math.Quote` → `Quote`; a generic type carries its arguments: `Pair_int_text`. */
function nameOf(full: string, given: readonly Type.Type[]): string {
  const own = full.slice(full.lastIndexOf(".") + 1);
  return [own, ...given.map(short)].join("_");
}

const short = (type: Type.Type): string =>
  type.kind === "ref" ? type.name : [type.kind, ...Type.partsOf(type).map(short)].join("_");
