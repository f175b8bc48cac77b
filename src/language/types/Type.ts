/**
 * Types while they are being inferred. A `var` is an unknown that inference fills in (`ref`); a `rigid` is a variable
 * of a written signature, known by name. Only unknowns are ever changed, and only by `unify.ts`.
 */
import type { Param, Span } from "../syntax/Tree.ts";
import type { Row } from "./Row.ts";

export type Type = Con | Var | Rigid | Tuple | Rec | Fn | HandlerType;

export interface Con {
  readonly kind: "con";
  readonly info: TypeInfo;
  readonly args: readonly Type[];
}

/**
 * Bits of what a type must be; `IntLiteral` may become Int or Decimal, `TextLiteral` Text or Asset. `Told` asks for
 * nothing: it marks what is unknown because of a problem that is told already, so that nothing else is told about it.
 */
export const Constraint = { Num: 1, Ord: 2, Eq: 4, IntLiteral: 8, TextLiteral: 16, Told: 32 } as const;

export interface Var {
  readonly kind: "var";
  readonly id: number;
  ref: Type | undefined;
  constraint: number;
}

export interface Rigid {
  readonly kind: "rigid";
  readonly name: string;
  /** Grows while the body that the signature belongs to is checked. */
  constraint: number;
}

export interface Tuple {
  readonly kind: "tuple";
  readonly items: readonly Type[];
}

/** A labelled tuple; names sorted by code point. */
export interface Rec {
  readonly kind: "rec";
  readonly names: readonly string[];
  readonly types: readonly Type[];
}

export interface Fn {
  readonly kind: "fn";
  readonly params: readonly Type[];
  readonly result: Type;
  readonly row: Row;
}

/** What stands after `with`: the labels that it answers, what it does itself, and the type that `abort` gives. */
export interface HandlerType {
  readonly kind: "handler";
  readonly handles: readonly string[];
  readonly row: Row;
  readonly abort: Type;
}

export interface FieldInfo {
  readonly name: string;
  readonly type: Type;
  readonly param: Param | undefined;
}

/** A case of a sum, or the one constructor of a record type. */
export interface ConstructorInfo {
  readonly name: string;
  readonly owner: TypeInfo;
  readonly fields: readonly FieldInfo[];
  /** `Some`, `Ok`, `Err`: the payload is the bare value, not a record. */
  readonly bare: boolean;
}

/** A type constructor. Its fields and cases are filled in after all types are known, so that they may be recursive. */
export interface TypeInfo {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly kind: "builtin" | "record" | "sum";
  /** Stands for the parameters inside `constructors`. */
  readonly rigids: readonly Rigid[];
  constructors: readonly ConstructorInfo[];
  readonly span: Span | undefined;
  readonly file: string | undefined;
  readonly doc: string | undefined;
  /** Whether its values can be compared, once someone has asked. */
  comparable: boolean | undefined;
  /** The type itself, where it takes no parameters, once someone has asked. */
  ground: Con | undefined;
}

export const info = (
  name: string,
  parameters: readonly string[],
  kind: TypeInfo["kind"],
  place?: { readonly span: Span; readonly file: string; readonly doc: string | undefined },
): TypeInfo => ({
  name,
  parameters,
  kind,
  rigids: parameters.map((parameter) => rigid(parameter)),
  constructors: [],
  span: place?.span,
  file: place?.file,
  doc: place?.doc,
  comparable: undefined,
  ground: undefined,
});

export const rigid = (name: string, constraint = 0): Rigid => ({ kind: "rigid", name, constraint });

/** Without arguments always the same object, so that most types that agree are seen to at once. */
export function con(of: TypeInfo, args?: readonly Type[]): Con {
  if (args !== undefined && args.length > 0) return { kind: "con", info: of, args };
  of.ground ??= { kind: "con", info: of, args: [] };
  return of.ground;
}
export const tuple = (items: readonly Type[]): Type => ({ kind: "tuple", items });
export const fn = (params: readonly Type[], result: Type, row: Row): Fn => ({ kind: "fn", params, result, row });

/** From fields in any order. */
export function rec(fields: readonly (readonly [string, Type])[]): Rec {
  const sorted = [...fields].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  return { kind: "rec", names: sorted.map((f) => f[0]), types: sorted.map((f) => f[1]) };
}

let nextId = 0;
/** Ids only tell unknowns apart in debugging output; nothing is ordered by them. */
export const unknown = (constraint = 0): Var => ({ kind: "var", id: nextId++, ref: undefined, constraint });

/** Nothing is known of the type yet, and nothing asked of it. */
export const isFree = (type: Type): boolean =>
  type.kind === "var" && type.ref === undefined && (type.constraint & ~Constraint.Told) === 0;

/** Unknown because of a problem that is told already. */
export const isTold = (type: Type): boolean => type.kind === "var" && (type.constraint & Constraint.Told) !== 0;

/** What an unknown stands for so far. */
export function shallow(type: Type): Type {
  let at = type;
  while (at.kind === "var" && at.ref !== undefined) at = at.ref;
  return at;
}

const builtin = (name: string, ...parameters: string[]): TypeInfo => info(name, parameters, "builtin");

export const builtinTypes = {
  Int: builtin("Int"),
  Decimal: builtin("Decimal"),
  Float: builtin("Float"),
  Bool: builtin("Bool"),
  Text: builtin("Text"),
  Bytes: builtin("Bytes"),
  Duration: builtin("Duration"),
  Instant: builtin("Instant"),
  Hash: builtin("Hash"),
  Unit: builtin("Unit"),
  Timeline: builtin("Timeline"),
  Asset: builtin("Asset"),
  List: builtin("List", "a"),
  Map: builtin("Map", "k", "v"),
  Set: builtin("Set", "a"),
  Option: builtin("Option", "a"),
  Result: builtin("Result", "a", "e"),
  Fact: builtin("Fact", "a"),
  Action: builtin("Action", "a"),
  Event: builtin("Event"),
  Call: builtin("Call", "a"),
  /** An item of `world([…])`. */
  WorldItem: builtin("WorldItem"),
  Funds: builtin("Funds"),
} as const;

export const Int = con(builtinTypes.Int);
export const Decimal = con(builtinTypes.Decimal);
export const Float = con(builtinTypes.Float);
export const Bool = con(builtinTypes.Bool);
export const Text = con(builtinTypes.Text);
export const Bytes = con(builtinTypes.Bytes);
export const Duration = con(builtinTypes.Duration);
export const Instant = con(builtinTypes.Instant);
export const Hash = con(builtinTypes.Hash);
export const Unit = con(builtinTypes.Unit);
export const Timeline = con(builtinTypes.Timeline);
export const Asset = con(builtinTypes.Asset);
export const list = (item: Type): Type => con(builtinTypes.List, [item]);
export const map = (key: Type, value: Type): Type => con(builtinTypes.Map, [key, value]);
export const option = (item: Type): Type => con(builtinTypes.Option, [item]);
export const result = (item: Type, error: Type): Type => con(builtinTypes.Result, [item, error]);

const bare = (owner: TypeInfo, name: string, field?: string): ConstructorInfo => ({
  name,
  owner,
  bare: true,
  fields:
    field === undefined ? [] : [{ name: field, type: owner.rigids[field === "error" ? 1 : 0]!, param: undefined }],
});
builtinTypes.Option.constructors = [bare(builtinTypes.Option, "None"), bare(builtinTypes.Option, "Some", "value")];
builtinTypes.Result.constructors = [
  bare(builtinTypes.Result, "Ok", "value"),
  bare(builtinTypes.Result, "Err", "error"),
];
