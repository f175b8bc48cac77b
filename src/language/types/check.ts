/**
 * The types pass: resolved trees → typed functions. Definitions are checked one by one, each after those it calls, so
 * that the constraints of a signature are known where it is used; an error in one does not touch the others.
 */
import { declareKnown } from "../known/declare.ts";
import type { Known } from "../known/Known.ts";
import { order } from "../names/order.ts";
import type { EntrySymbol, FnSymbol, HandlerSymbol, Resolved, Unit } from "../names/Tree.ts";
import type { Problem } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import {
  bindParams,
  body,
  checkDefaults,
  constantCheck,
  finish,
  type State,
  signatureOf,
  variablesOf,
  writtenIn,
} from "./Checking.ts";
import { declarations, signature, typeInfo, variables } from "./Declarations.ts";
import { check, infer } from "./expression.ts";
import { handler } from "./handler.ts";
import { program } from "./program.ts";
import * as Row from "./Row.ts";
import type { Expr, TypedFunction } from "./Tree.ts";
import * as T from "./Type.ts";
import type { Typed } from "./Typed.ts";
import { require } from "./unify.ts";

export type { Checked, Typed, TypedProgram, TypedTrigger } from "./Typed.ts";

export interface TypesOptions {
  /** Library definitions are checked only when something uses them. */
  readonly isLibrary: (file: string) => boolean;
  /** Whether some file speaks of Funds at all. */
  readonly hasFunds: boolean;
  readonly known: readonly Known[];
}

export function checkTypes(resolved: Resolved, options: TypesOptions, problems: Problem[]): Typed {
  const d = declarations(resolved, problems, options.hasFunds);
  const s: State = {
    d,
    isLibrary: options.isLibrary,
    ensure: (symbol) => ensureLibrary(s, symbol),
    functions: new Map(),
    programs: [],
    begun: new Set(),
    aborts: new Map(),
    pending: [],
    settled: new Set(),
  };
  for (const [symbol, known] of declareKnown(d, options.known)) {
    s.begun.add(symbol);
    s.settled.add(known);
  }
  const own = resolved.units.filter((unit) => !options.isLibrary(fileOf(unit)));
  for (const type of resolved.types) if (!options.isLibrary(type.file)) declareType(s, typeInfo(d, type));
  for (const each of resolved.outside)
    if (!options.isLibrary(each.file)) checkDefaults(s, each.file, signature(d, each));
  for (const effect of resolved.effects) {
    if (options.isLibrary(effect.file)) continue;
    for (const operation of effect.operations) checkDefaults(s, operation.file, signature(d, operation));
  }
  for (const each of resolved.interfaces) for (const entry of each.entries.values()) signature(d, entry);
  const callables = own.flatMap((unit) =>
    unit.kind === "fn" || unit.kind === "entry" || unit.kind === "handler" ? [unit.symbol] : [],
  );
  for (const group of order(callables, (symbol) => resolved.calls.get(symbol) ?? [])) {
    for (const symbol of group) ensure(s, symbol);
    settle(s);
    for (const symbol of group) s.settled.add(signature(s.d, symbol));
  }
  for (const unit of own) {
    if (unit.kind === "program") program(s, unit.symbol);
    else if (unit.kind === "test" || unit.kind === "prop" || unit.kind === "watch") test(s, unit);
  }
  settle(s);
  return { declarations: d, functions: s.functions, programs: s.programs };
}

const fileOf = (unit: Unit): string => ("symbol" in unit ? unit.symbol.file : unit.file);

function declareType(s: State, info: T.TypeInfo): void {
  for (const each of info.constructors) {
    for (const field of each.fields) {
      if (field.param?.default === undefined) continue;
      constantCheck(s, info.file!, field.param.default, field.type);
    }
  }
}

/** Constraints of signatures that were not complete when they were used, until nothing changes. */
function settle(s: State): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = s.pending.length - 1; i >= 0; i--) {
      const { rigid, type, refuse } = s.pending[i]!;
      const at = T.shallow(type);
      if (at.kind === "rigid") {
        if ((at.constraint | rigid.constraint) === at.constraint) continue;
        at.constraint |= rigid.constraint;
        changed = true;
        continue;
      }
      const failure = require(type, rigid.constraint);
      if (failure !== undefined) {
        s.pending.splice(i, 1);
        refuse(failure);
      }
    }
  }
  s.pending.length = 0;
}

/** Definitions of the files come in dependency order by themselves; of the library those come that are used. */
function ensureLibrary(s: State, symbol: FnSymbol | EntrySymbol | HandlerSymbol): void {
  if (!s.isLibrary(symbol.file) || s.begun.has(symbol)) return;
  ensure(s, symbol);
  // The library has no circles of functions but those of one.
  s.settled.add(signature(s.d, symbol));
}

function ensure(s: State, symbol: FnSymbol | EntrySymbol | HandlerSymbol): void {
  if (s.begun.has(symbol)) return;
  s.begun.add(symbol);
  if (symbol.kind === "handler") handler(s, symbol);
  else fn(s, symbol);
}

function fn(s: State, symbol: FnSymbol | EntrySymbol): void {
  const { decl } = symbol;
  const own = signature(s.d, symbol);
  checkDefaults(s, symbol.file, own);
  const { program } = symbol;
  const b = body(s, symbol.file, variablesOf(own), program, own.result);
  const params = bindParams(
    b,
    decl.params,
    own.params.map((param) => param.type),
  );
  const made = check(b, decl.body, own.result);
  finish(b);
  s.functions.set(symbol.full, {
    name: symbol.full,
    kind: "function",
    file: symbol.file,
    span: decl.span,
    nameSpan: symbol.span,
    params,
    result: own.result,
    declared: own.row,
    inferred: b.row,
    body: made,
    doc: decl.doc?.text,
    program,
    marks: b.marks,
    noted: b.noted,
    rowAt: decl.row?.span ?? { start: decl.body.span.start, end: decl.body.span.start },
    written: writtenIn(s.d, decl.row),
  });
}

function test(s: State, unit: Extract<Unit, { kind: "test" | "prop" | "watch" }>): void {
  const vars = variables(true);
  const b = body(s, unit.file, vars, undefined, unit.kind === "watch" ? undefined : T.Unit, "a watch line");
  const { decl } = unit;
  let params: TypedFunction["params"] = [];
  let made: Expr;
  let result: T.Type = T.Unit;
  if (decl.kind === "watch") {
    made = infer(b, decl.value);
    result = made.type;
  } else {
    if (decl.kind === "prop") params = bindParams(b, decl.params, propTypes(s, unit.file, decl.params));
    made = check(b, decl.body, T.Unit);
  }
  finish(b);
  const span = decl.kind === "watch" ? decl.span : decl.title.span;
  const name = s.functions.has(unit.name) ? `${unit.name} (${decl.span.start})` : unit.name;
  s.functions.set(name, {
    name,
    kind: unit.kind === "watch" ? "value" : unit.kind,
    file: unit.file,
    span: decl.span,
    nameSpan: span,
    params,
    result,
    declared: Row.empty,
    inferred: b.row,
    body: made,
    doc: undefined,
    program: undefined,
    marks: b.marks,
    noted: b.noted,
    rowAt: undefined,
    written: [],
  });
}

const propTypes = (s: State, file: string, params: readonly S.Param[]): readonly T.Type[] =>
  signatureOf(s, file, params).params.map((param) => param.type);
