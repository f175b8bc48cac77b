/**
 * The types pass: resolved trees → typed functions. Definitions are checked one by one, each after those it calls, so
 * that the constraints of a signature are known where it is used; an error in one does not touch the others.
 */
import { appended } from "../../std/index.ts";
import { declareKnown } from "../known/declare.ts";
import type { Known } from "../known/Known.ts";
import { order } from "../names/order.ts";
import {
  type AnySymbol,
  callsOf,
  type Declared,
  type EntrySymbol,
  type FnSymbol,
  type Owner,
  type ProgramSymbol,
  type Resolved,
  type TypeSymbol,
  type Unit,
} from "../names/Tree.ts";
import type { Problem } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import {
  bindParams,
  body,
  checkDefaults,
  constantCheck,
  define,
  finish,
  type State,
  signatureOf,
  variablesOf,
  writtenIn,
} from "./Checking.ts";
import { asker, askingFor, declarations, signature, stateInfo, typeInfo, variables } from "./Declarations.ts";
import { check, infer } from "./expression.ts";
import { handler } from "./handler.ts";
import type { Previous } from "./previous.ts";
import { program } from "./program.ts";
import * as Row from "./Row.ts";
import type { Expr, TypedFunction } from "./Tree.ts";
import * as T from "./Type.ts";
import { require } from "./unify.ts";

export type { Checked, Typed, TypedProgram, TypedTrigger } from "./Typed.ts";

/** The tables of the types pass, in which what does not change outlives one check. */
export function types(
  resolved: Resolved,
  isLibrary: (file: string) => boolean,
  hasFunds: boolean,
  previous: Previous | undefined = undefined,
): State {
  const d = declarations(resolved, isLibrary, hasFunds, previous);
  const s: State = {
    d,
    isLibrary,
    ensure: (symbol) => ensureLibrary(s, symbol),
    functions: new Map(),
    isMixed: false,
    programs: new Map(),
    begun: new Set(),
    aborts: new Map(),
    pending: [],
    settled: new WeakSet(),
  };
  return s;
}

/** What is known already has its types and signatures, and needs no check. */
export function settleKnown(s: State, known: readonly Known[]): void {
  for (const [symbol, own] of declareKnown(s.d, known)) {
    s.begun.add(symbol);
    s.settled.add(own);
  }
}

/** Forgets what the declarations of some files were found to be. */
export function forget(s: State, files: ReadonlySet<string>, symbols: Iterable<AnySymbol>): void {
  const { d } = s;
  for (const symbol of symbols) {
    d.signatures.delete(symbol);
    s.begun.delete(symbol);
    if (symbol.kind === "handler") s.aborts.delete(symbol);
    const info =
      symbol.kind === "type" ? d.infos.get(symbol) : symbol.kind === "program" ? d.states.get(symbol) : undefined;
    if (info === undefined) continue;
    if (symbol.kind === "type") d.infos.delete(symbol);
    else d.states.delete(symbol as ProgramSymbol);
    d.former.set(symbol as TypeSymbol | ProgramSymbol, info);
  }
  for (const file of files) {
    d.asks.delete(file);
    s.programs.delete(file);
  }
  for (const [name, of] of s.functions) if (files.has(of.file)) s.functions.delete(name);
}

/**
 * Checks what these files declare. What they lean on in other files is checked already, or is in files that are checked
 * with them. The functions come in the order of files and text.
 */
export function checkTypes(s: State, files: readonly string[], problems: Problem[]): void {
  const { d } = s;
  d.problems.length = 0;
  const declared = files.map((file) => [file, d.resolved.declared.get(file)!] as const);
  const eachFile = (work: (of: Declared, file: string) => void): void => {
    for (const [file, of] of declared) askingFor(d, file, () => work(of, file));
  };
  eachFile((of) => {
    for (const type of of.types) typeInfo(d, type);
  });
  // Signatures first, so that what is wrong in one is told whoever asks for it first.
  eachFile((of) => {
    for (const unit of of.units) {
      if (unit.kind === "program") stateInfo(d, unit.symbol);
      else if ("symbol" in unit) signature(d, unit.symbol);
    }
    for (const each of of.interfaces) for (const entry of each.entries.values()) signature(d, entry);
    for (const each of of.outside) signature(d, each);
    for (const effect of of.effects) for (const operation of effect.operations) signature(d, operation);
  });
  eachFile((of, file) => {
    for (const type of of.types) declareType(s, typeInfo(d, type));
    for (const each of of.outside) checkDefaults(s, file, signature(d, each));
    for (const effect of of.effects) {
      for (const operation of effect.operations) checkDefaults(s, file, signature(d, operation));
    }
  });
  const callables: Owner[] = [];
  for (const [, of] of declared) {
    for (const unit of of.units) if ("symbol" in unit && unit.kind !== "program") callables.push(unit.symbol);
  }
  const own = new Set<Owner>(callables);
  const calls = (symbol: Owner): Owner[] => {
    let found: Owner[] = [];
    for (const each of callsOf(d.resolved, symbol)) if (own.has(each)) found = appended(found, each);
    return found;
  };
  for (const group of order(callables, calls)) {
    for (const symbol of group) ensure(s, symbol);
    settle(s);
    for (const symbol of group) s.settled.add(signature(s.d, symbol));
  }
  eachFile((of) => {
    for (const unit of of.units) {
      if (unit.kind === "program") program(s, unit.symbol);
      else if (unit.kind === "test" || unit.kind === "prop" || unit.kind === "watch") test(s, unit);
    }
  });
  settle(s);
  problems.push(...d.problems);
}

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
function ensureLibrary(s: State, symbol: Owner): void {
  if (!s.isLibrary(symbol.file) || s.begun.has(symbol)) return;
  ensure(s, symbol);
  // The library has no circles of functions but those of one.
  s.settled.add(signature(s.d, symbol));
}

function ensure(s: State, symbol: Owner): void {
  if (s.begun.has(symbol)) return;
  s.begun.add(symbol);
  askingFor(s.d, asker(s.d, symbol), () => {
    if (symbol.kind === "handler") handler(s, symbol);
    else fn(s, symbol);
  });
}

function fn(s: State, symbol: FnSymbol | EntrySymbol): void {
  const { decl } = symbol;
  const own = signature(s.d, symbol);
  checkDefaults(s, symbol.file, own);
  const { program } = symbol;
  const b = body(s, symbol.file, variablesOf(own), program, own.result);
  const params = bindParams(b, decl.params, own.types);
  const made = check(b, decl.body, own.result);
  finish(b);
  define(s, {
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
    written: writtenIn(s.d, symbol.file, decl.row),
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
  define(s, {
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
