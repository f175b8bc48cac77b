/** What declarations say: types with their fields, and signatures of everything that can be called. Made on demand. */
import { builtins } from "../core/builtins.ts";
import { operations } from "../core/operations.ts";
import type {
  Binding,
  EntrySymbol,
  FnSymbol,
  HandlerSymbol,
  InterfaceEntrySymbol,
  OperationSymbol,
  OutsideSymbol,
  ProgramSymbol,
  Resolved,
  TypeSymbol,
} from "../names/Tree.ts";
import { error, type Problem } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import type { Previous } from "./previous.ts";
import * as Row from "./Row.ts";
import { readType } from "./readType.ts";
import * as T from "./Type.ts";

export interface Parameter {
  readonly name: string;
  readonly type: T.Type;
  readonly node: S.Param | undefined;
  /** May be left out: `None` then, `Some(x)` when given. Only built-in operations have such. */
  readonly optional: boolean;
}

export interface Signature {
  readonly name: string;
  readonly params: readonly Parameter[];
  /** Of `params`. */
  readonly types: readonly T.Type[];
  readonly result: T.Type;
  readonly row: Row.Row;
  readonly rigids: readonly T.Rigid[];
  /** `'e` */
  readonly rows: readonly string[];
  /** The file of defaults in `params`. */
  readonly file: string | undefined;
}

/** The type variables of one signature. */
export interface Variables {
  /** Undefined until there is one. */
  rigids: Map<string, T.Rigid> | undefined;
  rows: Set<string> | undefined;
  /** False in a type declaration, whose parameters are written. */
  readonly implicit: boolean;
}

export type LibrarySymbol = TypeSymbol | Callable;

export interface Declarations {
  readonly resolved: Resolved;
  readonly problems: Problem[];
  readonly hasFunds: boolean;
  readonly infos: Map<TypeSymbol, T.TypeInfo>;
  /** Of types that are being declared again: the info that others hold, to be filled anew. */
  readonly former: Map<TypeSymbol | ProgramSymbol, T.TypeInfo>;
  /** What is made for something asks for this of the library: by symbol of the library or by path of a file. */
  readonly asks: Map<object | string, Set<LibrarySymbol>>;
  /** The one of `asks` that is being filled. */
  asking: Set<LibrarySymbol>;
  readonly isLibrary: (file: string) => boolean;
  /** Begun, but without their fields yet. */
  readonly unfilled: TypeSymbol[];
  readonly states: Map<ProgramSymbol, T.TypeInfo>;
  readonly signatures: Map<object, Signature>;
  /** The version before, where the manifest names it. */
  readonly previous: Previous | undefined;
  /** Of intrinsics, operations and forms, by name. */
  readonly builtinSignatures: Map<string, { readonly of: Signature; readonly asks: ReadonlySet<LibrarySymbol> }>;
}

export const declarations = (
  resolved: Resolved,
  isLibrary: Declarations["isLibrary"],
  hasFunds: boolean,
  previous: Previous | undefined,
): Declarations => ({
  resolved,
  problems: [],
  isLibrary,
  former: new Map(),
  asks: new Map(),
  asking: new Set(),
  hasFunds,
  infos: new Map(),
  unfilled: [],
  states: new Map(),
  signatures: new Map(),
  previous,
  builtinSignatures: new Map(),
});

export const variables = (implicit: boolean): Variables => ({
  rigids: undefined,
  rows: undefined,
  implicit,
});

export const rigidsByName = (rigids: readonly T.Rigid[]): Map<string, T.Rigid> | undefined =>
  rigids.length === 0 ? undefined : new Map(rigids.map((rigid) => [rigid.name, rigid]));

// ------------------------------------------------------------------------------------------------ types

/** Does something for a file or for a symbol of the library, and writes down what of the library that takes. */
export function askingFor<A>(d: Declarations, whom: object | string, work: () => A): A {
  const before = d.asking;
  let mine = d.asks.get(whom);
  if (mine === undefined) {
    mine = new Set();
    d.asks.set(whom, mine);
  }
  d.asking = mine;
  const made = work();
  d.asking = before;
  return made;
}

/** Whose the asking is while something is made for a symbol. */
export const asker = (d: Declarations, symbol: { readonly file: string }): object | string =>
  d.isLibrary(symbol.file) ? symbol : symbol.file;

export function typeInfo(d: Declarations, symbol: TypeSymbol): T.TypeInfo {
  if (d.isLibrary(symbol.file)) d.asking.add(symbol);
  const known = d.infos.get(symbol);
  if (known !== undefined) return known;
  d.resolved.need(symbol);
  const { decl } = symbol;
  const made = renewed(
    d,
    symbol,
    T.info(
      symbol.full,
      decl.parameters.map((parameter) => parameter.text),
      decl.shape.kind === "record" ? "record" : "sum",
      { span: symbol.span, file: symbol.file, doc: decl.doc?.text },
    ),
  );
  d.infos.set(symbol, made);
  d.unfilled.push(symbol);
  // Types that mention each other are filled one after the other, however long the chain.
  if (d.unfilled.length === 1) {
    for (let at = 0; at < d.unfilled.length; at++) {
      const next = d.unfilled[at]!;
      askingFor(d, asker(d, next), () => fill(d, next));
    }
    d.unfilled.length = 0;
  }
  return made;
}

/** The info that stood for the type before, with the new one in it. */
function renewed(d: Declarations, symbol: TypeSymbol | ProgramSymbol, made: T.TypeInfo): T.TypeInfo {
  const former = d.former.get(symbol);
  if (former === undefined) return made;
  d.former.delete(symbol);
  const { constructors } = former;
  return Object.assign(former, made, { constructors });
}

/** Constructors that keep their name stay the same objects. */
function construct(info: T.TypeInfo, made: readonly T.ConstructorInfo[]): void {
  const before = new Map(info.constructors.map((each) => [each.name, each]));
  info.constructors = made.map((each) => Object.assign(before.get(each.name) ?? each, each));
}

function fill(d: Declarations, symbol: TypeSymbol): void {
  const made = d.infos.get(symbol)!;
  const vars: Variables = { ...variables(false), rigids: rigidsByName(made.rigids) };
  const fields = (params: readonly S.Param[]): T.FieldInfo[] =>
    params.map((param) => ({
      name: param.name.text,
      type: param.type === undefined ? missing(d, symbol.file, param) : toType(d, symbol.file, param.type, vars),
      param,
    }));
  const { shape } = symbol.decl;
  construct(
    made,
    shape.kind === "record"
      ? [{ name: symbol.name, owner: made, fields: fields(shape.fields), bare: false }]
      : shape.constructors.map((each) => ({
          name: each.name.text,
          owner: made,
          fields: fields(each.fields),
          bare: false,
        })),
  );
  if (shape.kind === "record" && contains(made, made.constructors[0]!.fields)) {
    d.problems.push(
      error("TEL0338", symbol.file, symbol.span, `a \`${symbol.name}\` would have to contain itself without end`, {
        hints: ["put the inner one in an Option or a List"],
      }),
    );
  }
}

/** A record field of the record's own type can never be filled. */
const contains = (info: T.TypeInfo, fields: readonly T.FieldInfo[]): boolean =>
  fields.some((field) => field.type.kind === "con" && field.type.info === info);

/** The state of a program as a record type `State`. */
export function stateInfo(d: Declarations, program: ProgramSymbol): T.TypeInfo {
  const known = d.states.get(program);
  if (known !== undefined) return known;
  const made = renewed(d, program, T.info(`${program.full}.State`, [], "record"));
  d.states.set(program, made);
  const fields: T.FieldInfo[] = [];
  for (const clause of program.decl.clauses) {
    if (clause.kind !== "state") continue;
    for (const field of clause.fields) {
      const { name, type, span } = field;
      const param: S.Param = { span, name, type, default: field.default };
      fields.push({ name: name.text, type: toType(d, program.file, type, variables(true)), param });
    }
  }
  construct(made, [{ name: "State", owner: made, fields, bare: false }]);
  return made;
}

const builtinInfos: ReadonlyMap<string, T.TypeInfo> = new Map(Object.entries(T.builtinTypes));

export function named(d: Declarations, name: string): T.TypeInfo {
  const builtin = builtinInfos.get(name);
  if (builtin !== undefined) return builtin;
  const symbol = d.resolved.modules.get("prelude")?.types.get(name);
  if (symbol === undefined) throw new Error(`internal error: the library declares no type ${name}`);
  return typeInfo(d, symbol);
}

export const preludeType = (d: Declarations, name: string, args: readonly T.Type[] = []): T.Type =>
  T.con(named(d, name), args);

const noTypes: readonly T.Type[] = [];

export function toType(d: Declarations, file: string, node: S.Type, vars: Variables): T.Type {
  switch (node.kind) {
    case "missing":
      return T.unknown();
    case "variable":
      return variable(d, file, node.name, vars);
    case "tupleType":
      return tupleType(d, file, node, vars);
    case "fnType":
      return T.fn(
        node.params.map((param) => toType(d, file, param, vars)),
        toType(d, file, node.result, vars),
        toRow(d, file, node.row, vars),
      );
    case "named": {
      const args = node.args.length === 0 ? noTypes : node.args.map((arg) => toType(d, file, arg, vars));
      const binding = d.resolved.scopes.get(file)!.bindings.get(node);
      const info = boundType(d, binding);
      if (info === undefined) return T.unknown();
      if (info.parameters.length === args.length) return T.con(info, args);
      // A receipt of something that gives nothing back.
      if (info.name === "prelude.Receipt" && args.length === 0) return T.con(info, [T.Unit]);
      const takes = info.parameters.length;
      d.problems.push(
        error(
          "TEL0321",
          file,
          node.span,
          `\`${node.name.text}\` takes ${takes} type ${takes === 1 ? "argument" : "arguments"}, and ${args.length} ${args.length === 1 ? "is" : "are"} given`,
          { hints: takes === 0 ? ["leave them out"] : [`write \`${node.name.text}<${info.parameters.join(", ")}>\``] },
        ),
      );
      return T.unknown();
    }
  }
}

export function boundType(d: Declarations, binding: Binding | undefined): T.TypeInfo | undefined {
  if (binding?.kind === "type") return typeInfo(d, binding);
  if (binding?.kind === "builtinType") return builtinInfos.get(binding.name);
  if (binding?.kind === "state") return stateInfo(d, binding.program);
  return undefined;
}

function variable(d: Declarations, file: string, name: S.Name, vars: Variables): T.Type {
  const known = vars.rigids?.get(name.text);
  if (known !== undefined) return known;
  if (!vars.implicit) {
    d.problems.push(
      error("TEL0202", file, name.span, `there is no type variable \`${name.text}\` here`, {
        hints: ["name it in the type's parameters: `type T<a>`"],
      }),
    );
    return T.unknown();
  }
  const made = T.rigid(name.text);
  vars.rigids ??= new Map();
  vars.rigids.set(name.text, made);
  return made;
}

function tupleType(d: Declarations, file: string, node: S.Type & { kind: "tupleType" }, vars: Variables): T.Type {
  if (node.items.length === 0) return T.Unit;
  const types = node.items.map((item) => toType(d, file, item.type, vars));
  if (node.items.every((item) => item.label === undefined)) return T.tuple(types);
  return T.rec(node.items.map((item, i) => [item.label?.text ?? `_${i}`, types[i]!]));
}

export function toRow(d: Declarations, file: string, row: S.Row | undefined, vars: Variables): Row.Row {
  if (row === undefined) return Row.empty;
  const { bindings } = d.resolved.scopes.get(file)!;
  const labels: string[] = [];
  for (const name of row.labels) {
    const label = labelOf(bindings.get(name));
    if (label === undefined) continue;
    if (Row.isVariable(label)) vars.rows = (vars.rows ?? new Set()).add(label);
    labels.push(label);
  }
  return Row.closed(labels);
}

export function labelOf(binding: Binding | undefined): string | undefined {
  if (binding?.kind === "label") return binding.label;
  if (binding?.kind === "effect") return binding.full;
  return binding?.kind === "typeVariable" ? Row.variable(binding.name) : undefined;
}

function missing(d: Declarations, file: string, param: S.Param): T.Type {
  if (param.name.text !== "") {
    d.problems.push(
      error("TEL0309", file, param.span, `the type of \`${param.name.text}\` is missing`, {
        hints: [`write \`${param.name.text}: Type\``],
      }),
    );
  }
  return T.unknown();
}

// ------------------------------------------------------------------------------------------- signatures

interface Shape {
  readonly params: readonly S.Param[];
  readonly result?: S.Type | undefined;
  readonly row?: S.Row | undefined;
}

const noRigids: readonly T.Rigid[] = [];
const noRows: readonly string[] = [];

export function makeSignature(
  d: Declarations,
  name: string,
  file: string,
  shape: Shape,
  given: readonly T.Type[] = [],
): Signature {
  const vars = variables(true);
  const params = shape.params.map((param, i): Parameter => {
    const type = param.type === undefined ? (given[i] ?? missing(d, file, param)) : toType(d, file, param.type, vars);
    return { name: param.name.text, type, node: param, optional: false };
  });
  const result = shape.result === undefined ? T.Unit : toType(d, file, shape.result, vars);
  const row = toRow(d, file, shape.row, vars);
  const types = params.map((param) => param.type);
  const rigids = vars.rigids === undefined ? noRigids : [...vars.rigids.values()];
  const rows = vars.rows === undefined ? noRows : [...vars.rows];
  return { name, params, types, result, row, rigids, rows, file };
}

export type Callable = FnSymbol | EntrySymbol | InterfaceEntrySymbol | OutsideSymbol | OperationSymbol | HandlerSymbol;

/** Of a handler: what its clauses share, with `Handler` left to the caller. */
export function signature(d: Declarations, symbol: Callable): Signature {
  if (d.isLibrary(symbol.file)) d.asking.add(symbol);
  const known = d.signatures.get(symbol);
  if (known !== undefined) return known;
  d.resolved.need(symbol);
  const made = askingFor(d, asker(d, symbol), () => signatureOf(d, symbol));
  d.signatures.set(symbol, made);
  return made;
}

function signatureOf(d: Declarations, symbol: Callable): Signature {
  const { decl } = symbol;
  switch (decl.kind) {
    case "fn":
    case "entry":
    case "entrySignature":
      return makeSignature(d, symbol.full, symbol.file, decl);
    case "op": {
      const label = symbol.kind === "operation" ? symbol.effect : symbol.full;
      return { ...makeSignature(d, symbol.full, symbol.file, decl), row: Row.closed([label]) };
    }
    case "fact":
    case "action": {
      const made = makeSignature(d, symbol.full, symbol.file, decl);
      const of = decl.kind === "fact" ? T.builtinTypes.Fact : T.builtinTypes.Action;
      return { ...made, result: T.con(of, [made.result]) };
    }
    case "event":
      return { ...makeSignature(d, symbol.full, symbol.file, decl), result: T.con(T.builtinTypes.Event) };
    case "handler":
      return makeSignature(d, symbol.full, symbol.file, { params: decl.params ?? [], row: decl.row });
  }
}

/** Of an intrinsic, a built-in operation or a form with a plain type. */
export function builtinSignature(d: Declarations, name: string): Signature | undefined {
  const known = d.builtinSignatures.get(name);
  if (known !== undefined) {
    for (const symbol of known.asks) d.asking.add(symbol);
    return known.of;
  }
  const asks = new Set<LibrarySymbol>();
  const before = d.asking;
  d.asking = asks;
  const made = makeBuiltin(d, name);
  d.asking = before;
  if (made === undefined) return undefined;
  d.builtinSignatures.set(name, { of: made, asks });
  for (const symbol of asks) d.asking.add(symbol);
  return made;
}

const formTypes: Readonly<Record<string, readonly [params: string, type: string]>> = {
  seen: ["timeline fact value", "fn(Timeline, Fact<a>, a) -> WorldItem"],
  answer: ["timeline action value", "fn(Timeline, Action<a>, a) -> WorldItem"],
  failing: ["timeline action error", "fn(Timeline, Action<a>, ActError) -> WorldItem"],
  reply: ["call result", "fn(Call<a>, Result<a, CallError>) -> WorldItem"],
  advance: ["duration", "fn(Duration) -> WorldItem"],
  started: ["instant", "fn(Instant) -> WorldItem"],
  balance: ["asset amount", "fn(Asset, Decimal) -> WorldItem"],
};

function makeBuiltin(d: Declarations, name: string): Signature | undefined {
  const lookup = (type: string): T.TypeInfo => named(d, type);
  const operation = operations.get(name);
  if (operation !== undefined) {
    const rigids = new Map<string, T.Rigid>();
    const params = operation.parameters.map(
      (param): Parameter => ({
        name: param.name,
        type: readType(param.type, lookup, rigids).type,
        node: undefined,
        optional: param.optional,
      }),
    );
    const { type } = readType(operation.result, lookup, rigids);
    const row = Row.closed([operation.label]);
    const types = params.map((param) => param.type);
    return { name, params, types, result: type, row, rigids: [...rigids.values()], rows: [], file: undefined };
  }
  const builtin = builtins.get(name);
  const form = Object.hasOwn(formTypes, name) ? formTypes[name] : undefined;
  const text = builtin?.type ?? form?.[1];
  if (text === undefined) return undefined;
  const { type, rigids } = readType(text, lookup);
  if (type.kind !== "fn") throw new Error(`internal error: ${name} is not a function`);
  for (const each of rigids) {
    const needs = builtin?.constraints[each.name];
    if (needs !== undefined) each.constraint |= T.Constraint[needs];
  }
  const names = form?.[0].split(" ") ?? [];
  const params = type.params.map(
    (param, i): Parameter => ({ name: names[i] ?? "", type: param, node: undefined, optional: false }),
  );
  const { params: types, result } = type;
  return { name, params, types, result, row: Row.empty, rigids, rows: [], file: undefined };
}
