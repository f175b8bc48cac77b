/** Known declarations as the types pass has them when it has read a file: types with fields, and signatures. */
import type * as Core from "../core/Tree.ts";
import type { FnSymbol, OperationSymbol, OutsideSymbol, TypeSymbol } from "../names/Tree.ts";
import type * as S from "../syntax/Tree.ts";
import type { Declarations, Signature } from "../types/Declarations.ts";
import { askingFor, boundType, named, typeInfo } from "../types/Declarations.ts";
import * as Row from "../types/Row.ts";
import * as T from "../types/Type.ts";
import { type Known, type KnownFunction, type KnownType, ownerOf, wordOf } from "./Known.ts";

/** Gives the functions among them with their signatures. */
export function declareKnown(d: Declarations, all: readonly Known[]): ReadonlyMap<FnSymbol, Signature> {
  const types: (readonly [KnownType, TypeSymbol, T.TypeInfo])[] = [];
  for (const one of all) {
    if (one.kind !== "record" && one.kind !== "sum") continue;
    const symbol = typeSymbol(d, one.name);
    if (symbol === undefined) continue;
    const { span, file } = symbol;
    const made = T.info(one.name, one.parameters, one.kind, { span, file, doc: one.doc });
    d.infos.set(symbol, made);
    types.push([one, symbol, made]);
  }
  // All types are there before the fields of the first are read: they may mention each other.
  for (const [one, symbol, made] of types) {
    const vars: Variables = { types: [...made.rigids], rows: [] };
    const { shape } = symbol.decl;
    askingFor(d, symbol, () => {
      made.constructors = one.cases.map((each, i) => ({
        name: each.name,
        owner: made,
        fields: each.fields.map((field, at) => ({
          name: field.name,
          type: fromCore(d, field.type, vars),
          param: withDefault((shape.kind === "record" ? shape.fields : shape.constructors[i]?.fields)?.[at]),
        })),
        bare: false,
      }));
    });
  }
  for (const one of all) if (hasDefault(one)) d.resolved.need(declarationOf(d, one));
  const functions = new Map<FnSymbol, Signature>();
  for (const one of all) {
    if (one.kind === "record" || one.kind === "sum") continue;
    const symbol = d.resolved.modules.get(moduleOf(one))?.values.get(wordOf(one.name));
    if (one.kind === "function") {
      if (symbol?.kind !== "fn") continue;
      const made = askingFor(d, symbol, () => signatureOf(d, one, one.row, symbol));
      made.rigids.forEach((rigid, i) => {
        rigid.constraint |= one.constraints[i] ?? 0;
      });
      d.signatures.set(symbol, made);
      functions.set(symbol, made);
    } else if (symbol?.kind === one.kind) {
      const made = askingFor(d, symbol, () => signatureOf(d, one, { labels: [], variable: undefined }, symbol));
      d.signatures.set(symbol, { ...made, ...whatItGives(symbol, made.result) });
    }
  }
  return functions;
}

const moduleOf = (of: Known): string => (of.kind === "operation" ? ownerOf(ownerOf(of.name)) : ownerOf(of.name));

export const typeSymbol = (d: Declarations, full: string): TypeSymbol | undefined =>
  d.resolved.modules.get(ownerOf(full))?.types.get(wordOf(full));

function whatItGives(symbol: OutsideSymbol | OperationSymbol, result: T.Type): Partial<Signature> {
  switch (symbol.kind) {
    case "fact":
      return { result: T.con(T.builtinTypes.Fact, [result]) };
    case "action":
      return { result: T.con(T.builtinTypes.Action, [result]) };
    case "event":
      return { result: T.con(T.builtinTypes.Event) };
    case "operation":
      return { row: Row.closed([symbol.effect]) };
  }
}

/** The names in defaults are looked up, like those of what is checked. */
const hasDefault = (of: Known): boolean =>
  ("cases" in of ? of.cases.flatMap((each) => each.fields) : of.parameters).some((one) => one.default !== undefined);

/** What the declaration that a name belongs to declares; of an operation its effect. */
function declarationOf(d: Declarations, of: Known): object {
  const module = d.resolved.modules.get(moduleOf(of));
  const found =
    of.kind === "operation"
      ? module?.effects.get(wordOf(ownerOf(of.name)))
      : "cases" in of
        ? module?.types.get(wordOf(of.name))
        : module?.values.get(wordOf(of.name));
  return found ?? of;
}

/** All that a parameter of a known declaration has to say beside its name and type. */
const withDefault = (param: S.Param | undefined): S.Param | undefined =>
  param?.default === undefined ? undefined : param;

interface Variables {
  readonly types: T.Rigid[];
  readonly rows: string[];
}

function signatureOf(
  d: Declarations,
  of: Pick<KnownFunction, "name" | "parameters" | "result">,
  row: Core.Row,
  place: { readonly file: string; readonly decl: { readonly params: readonly S.Param[] } },
): Signature {
  const vars: Variables = { types: [], rows: [] };
  const params = of.parameters.map((one, i) => ({
    name: one.name,
    type: fromCore(d, one.type, vars),
    node: withDefault(place.decl.params[i]),
    optional: false,
  }));
  const result = fromCore(d, of.result, vars);
  const made = fromCoreRow(row, vars);
  const types = params.map((param) => param.type);
  return { name: of.name, params, types, result, row: made, rigids: vars.types, rows: vars.rows, file: place.file };
}

/** Variables are numbered by first occurrence, in the order in which they are read here. */
function fromCore(d: Declarations, type: Core.Type, vars: Variables): T.Type {
  switch (type.kind) {
    case "builtin":
      return T.con(
        named(d, type.name),
        type.arguments.map((arg) => fromCore(d, arg, vars)),
      );
    case "declared": {
      const full = (type.reference as { readonly name: string }).name;
      const symbol = typeSymbol(d, full);
      const args = type.arguments.map((arg) => fromCore(d, arg, vars));
      return symbol === undefined ? T.unknown() : T.con(boundType(d, symbol) ?? typeInfo(d, symbol), args);
    }
    case "variable":
      for (let i = vars.types.length; i <= type.index; i++) vars.types.push(T.rigid(letter(i)));
      return vars.types[type.index]!;
    case "tuple":
      return T.tuple(type.items.map((item) => fromCore(d, item, vars)));
    case "record":
      return T.rec(type.names.map((name, i) => [name, fromCore(d, type.types[i]!, vars)] as const));
    case "function":
      return T.fn(
        type.parameters.map((item) => fromCore(d, item, vars)),
        fromCore(d, type.result, vars),
        fromCoreRow(type.row, vars),
      );
  }
}

function fromCoreRow(row: Core.Row, vars: Variables): Row.Row {
  if (row.variable === undefined) return Row.closed(row.labels);
  for (let i = vars.rows.length; i <= row.variable; i++) vars.rows.push(Row.variable(i === 0 ? "e" : `e${i}`));
  return Row.closed([...row.labels, vars.rows[row.variable]!]);
}

/** a, b, … z, a1, b1, … */
const letter = (i: number): string => String.fromCharCode(97 + (i % 26)) + (i < 26 ? "" : String(Math.floor(i / 26)));
