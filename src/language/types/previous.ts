/**
 * The state of the version before, as a migration sees it. Its types come from the codebase by hash, where they have no
 * names: a declared type is the one of the sources that is made alike; a record that none is like is a labelled tuple, which
 * has the same values; what fits several, or recurs, is left to inference (planning an upgrade compares all of it again).
 */
import type * as Core from "../core/Tree.ts";
import type { TypeSymbol } from "../names/Tree.ts";
import { type Declarations, named, typeInfo } from "./Declarations.ts";
import * as T from "./Type.ts";

/** What `[schema] previous` of a manifest names. */
export interface Previous {
  /** Of the program that has the manifest. */
  readonly program: string;
  readonly hash: string;
  /** Undefined where the codebase does not have it. */
  readonly found: PreviousVersion | undefined;
}

export interface PreviousVersion {
  readonly version: string;
  readonly state: readonly Core.Field[];
  readonly typeOf: (hash: string) => Core.TypeDefinition | undefined;
}

export function previousState(d: Declarations, { state, typeOf }: PreviousVersion): T.Rec {
  const open = new Set<string>();

  const convert = (type: Core.Type, given: readonly T.Type[]): T.Type => {
    const all = (types: readonly Core.Type[]) => types.map((one) => convert(one, given));
    switch (type.kind) {
      case "builtin":
        return T.con(named(d, type.name), all(type.arguments));
      case "tuple":
        return T.tuple(all(type.items));
      case "record":
        return T.rec(type.names.map((name, i) => [name, convert(type.types[i]!, given)] as const));
      case "variable":
        return given[type.index] ?? T.unknown();
      case "declared":
        return declared(type.reference, all(type.arguments));
      case "function":
        return T.unknown();
    }
  };

  const declared = (reference: Core.Reference, given: readonly T.Type[]): T.Type => {
    const definition = reference.kind === "hash" ? typeOf(reference.hash) : undefined;
    if (reference.kind !== "hash" || definition === undefined || open.has(reference.hash)) return T.unknown();
    const [first, second] = candidates(d, definition).filter((info) => isAlike(definition, info, typeOf));
    if (first !== undefined) return second === undefined ? T.con(first, given) : T.unknown();
    if (definition.kind === "sum") return T.unknown();
    open.add(reference.hash);
    const made = T.rec(definition.fields.map((field) => [field.name, convert(field.type, given)] as const));
    open.delete(reference.hash);
    return made;
  };

  return T.rec(state.map((field) => [field.name, convert(field.type, [])] as const));
}

type Cases = readonly { readonly name: string; readonly fields: readonly { readonly name: string }[] }[];

/** Declared types whose cases and fields have these names. */
function candidates(d: Declarations, of: Core.TypeDefinition): readonly T.TypeInfo[] {
  const wanted = outline(of.kind === "record" ? [{ name: "", fields: of.fields }] : of.cases);
  const found: T.TypeInfo[] = [];
  for (const module of d.resolved.modules.values()) {
    for (const symbol of module.types.values()) {
      if (symbol.kind === "type" && outline(casesOf(symbol)) === wanted) found.push(typeInfo(d, symbol));
    }
  }
  return found;
}

function casesOf({ decl: { shape } }: TypeSymbol): Cases {
  const fieldsOf = (params: readonly { readonly name: { readonly text: string } }[]) =>
    params.map((param) => ({ name: param.name.text }));
  return shape.kind === "record"
    ? [{ name: "", fields: fieldsOf(shape.fields) }]
    : shape.constructors.map((one) => ({ name: one.name.text, fields: fieldsOf(one.fields) }));
}

const outline = (cases: Cases): string =>
  cases
    .map((one) => `${one.name}(${one.fields.map((field) => field.name).sort()})`)
    .sort()
    .join("|");

/** A type of the codebase and one of the sources have the same values. Recursive types are compared coinductively. */
function isAlike(of: Core.TypeDefinition, info: T.TypeInfo, typeOf: PreviousVersion["typeOf"]): boolean {
  const met = new Set<string>();

  const declared = (definition: Core.TypeDefinition, own: T.TypeInfo): boolean => {
    if (own.kind !== definition.kind || own.parameters.length !== definition.parameters) return false;
    const cases = definition.kind === "record" ? [{ name: "", fields: definition.fields }] : definition.cases;
    return (
      cases.length === own.constructors.length &&
      cases.every((one) => {
        const other =
          definition.kind === "record" ? own.constructors[0] : own.constructors.find((c) => c.name === one.name);
        return (
          other?.fields.length === one.fields.length &&
          one.fields.every((field) => {
            const its = other.fields.find((each) => each.name === field.name);
            return its !== undefined && types(field.type, its.type, own);
          })
        );
      })
    );
  };

  const all = (a: readonly Core.Type[], b: readonly T.Type[], own: T.TypeInfo): boolean =>
    a.length === b.length && a.every((one, i) => types(one, b[i]!, own));

  const types = (a: Core.Type, of: T.Type, own: T.TypeInfo): boolean => {
    const b = T.shallow(of);
    switch (a.kind) {
      case "builtin":
        return b.kind === "con" && b.info.kind === "builtin" && b.info.name === a.name && all(a.arguments, b.args, own);
      case "variable":
        return b.kind === "rigid" && own.rigids[a.index] === b;
      case "tuple":
        if (a.items.length === 0 && b.kind === "con") return b.info === T.builtinTypes.Unit;
        return b.kind === "tuple" && all(a.items, b.items, own);
      case "record":
        return b.kind === "rec" && a.names.every((name, i) => b.names[i] === name) && all(a.types, b.types, own);
      case "declared": {
        if (b.kind !== "con" || a.reference.kind !== "hash" || !all(a.arguments, b.args, own)) return false;
        const key = `${a.reference.hash} ${b.info.name}`;
        if (met.has(key)) return true;
        met.add(key);
        const definition = typeOf(a.reference.hash);
        return definition !== undefined && declared(definition, b.info);
      }
      case "function":
        return false;
    }
  };

  return declared(of, info);
}
