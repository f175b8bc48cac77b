/**
 * The types pass: resolved trees → typed functions. Definitions are checked one by one, each after those it calls, so
 * that the constraints of a signature are known where it is used; an error in one does not touch the others.
 */
import { operations } from "../core/operations.ts";
import { order } from "../names/order.ts";
import type { EntrySymbol, FnSymbol, HandlerSymbol, Local, ProgramSymbol, Resolved, Unit } from "../names/Tree.ts";
import type { Problem } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import { matchArgs } from "./args.ts";
import { type Body, binding, type Mark, type Noted, report } from "./Body.ts";
import {
  type Declarations,
  declarations,
  labelOf,
  makeSignature,
  preludeType,
  type Signature,
  signature,
  stateInfo,
  toRow,
  typeInfo,
  type Variables,
  variables,
} from "./Declarations.ts";
import { check, infer } from "./expression.ts";
import { lambdaNode } from "./lambda.ts";
import * as Row from "./Row.ts";
import type { Arg, Expr, TypedFunction } from "./Tree.ts";
import * as T from "./Type.ts";
import { require } from "./unify.ts";

/** A definition with what the effects pass looks at. */
export interface Checked extends TypedFunction {
  readonly noted: Noted;
  readonly marks: readonly Mark[];
  /** Where `uses` stands or should stand; undefined where none can. */
  readonly rowAt: S.Span | undefined;
  /** Labels as written, for each its place; undefined when one of them is not known. */
  readonly written: readonly S.Name[] | undefined;
}

export interface TypedTrigger {
  readonly kind: "every" | "at" | "fact";
  readonly span: S.Span;
  readonly subject: Expr;
  readonly entry: EntrySymbol;
  readonly args: readonly Arg[];
}

export interface TypedProgram {
  readonly symbol: ProgramSymbol;
  readonly state: T.TypeInfo;
  /** Field name → the definition of its first value. */
  readonly initial: ReadonlyMap<string, string>;
  readonly triggers: readonly TypedTrigger[];
  readonly handshake: string | undefined;
  readonly migrations: readonly { readonly from: string; readonly to: string; readonly name: string }[];
}

export interface Typed {
  readonly declarations: Declarations;
  /** By full name; of a watch `> n`. */
  readonly functions: ReadonlyMap<string, Checked>;
  readonly programs: readonly TypedProgram[];
}

export interface TypesOptions {
  /** Library definitions are checked only when something uses them. */
  readonly isLibrary: (file: string) => boolean;
  /** Whether some file speaks of Funds at all. */
  readonly hasFunds: boolean;
}

interface State {
  readonly d: Declarations;
  readonly isLibrary: (file: string) => boolean;
  readonly functions: Map<string, Checked>;
  readonly programs: TypedProgram[];
  readonly begun: Set<object>;
  readonly aborts: Map<HandlerSymbol, T.Type>;
  readonly settled: Set<Signature>;
  readonly pending: Body["pending"];
}

export function checkTypes(resolved: Resolved, options: TypesOptions, problems: Problem[]): Typed {
  const d = declarations(resolved, problems, options.hasFunds);
  const s: State = {
    d,
    isLibrary: options.isLibrary,
    functions: new Map(),
    programs: [],
    begun: new Set(),
    aborts: new Map(),
    pending: [],
    settled: new Set(),
  };
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

function checkDefaults(s: State, file: string, of: Signature): void {
  for (const param of of.params) {
    if (param.node?.default !== undefined) constantCheck(s, file, param.node.default, param.type);
  }
}

/** A default is pure and sees no locals. */
function constantCheck(s: State, file: string, node: S.Expr, type: T.Type): void {
  const b = body(s, file, variables(true), undefined);
  check(b, node, type);
  finish(b);
  const done = Row.labels(b.row);
  if (done.length > 0) {
    report(b, "TEL0314", node.span, `a default is pure, and this does \`${Row.showLabels(done)}\``, {
      hints: ["do the effect where the value is needed"],
    });
  }
}

function body(
  s: State,
  file: string,
  vars: Variables,
  program: ProgramSymbol | undefined,
  result?: T.Type,
  noResult = "this",
): Body {
  return {
    d: s.d,
    file,
    scope: s.d.resolved.scopes.get(file)!,
    types: new Map(),
    marks: [],
    later: [],
    row: Row.open(),
    result,
    noResult,
    abort: undefined,
    program,
    readOnlyState: false,
    noState: false,
    noted: { brokenPattern: false, hasTime: false, hasBranches: false, leaves: false },
    variables: vars,
    aborts: s.aborts,
    ensure: (symbol) => ensureLibrary(s, symbol),
    settled: s.settled,
    pending: s.pending,
  };
}

/** What could only be said when all is inferred. */
function finish(b: Body): void {
  for (let i = 0; i < b.later.length; i++) b.later[i]!();
  b.later.length = 0;
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

/** The variables of a signature, so that types inside the body mean the same. */
const variablesOf = (of: Signature): Variables => ({
  rigids: new Map(of.rigids.map((rigid) => [rigid.name, rigid])),
  rows: new Set(of.rows),
  implicit: true,
});

function bindParams(b: Body, params: readonly S.Param[], types: readonly T.Type[]): TypedFunction["params"] {
  return params.map((param, i) => {
    const local = binding(b, param) as Local;
    const type = types[i] ?? T.unknown();
    b.types.set(local, type);
    return { local, type };
  });
}

function writtenIn(d: Declarations, row: S.Row | undefined): Checked["written"] {
  const all = row?.labels ?? [];
  return all.every((name) => labelOf(d.resolved.bindings.get(name)) !== undefined) ? all : undefined;
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

function handler(s: State, symbol: HandlerSymbol): void {
  const { decl } = symbol;
  const own = signature(s.d, symbol);
  checkDefaults(s, symbol.file, own);
  const b = body(s, symbol.file, variablesOf(own), undefined);
  const params = bindParams(
    b,
    decl.params ?? [],
    own.params.map((param) => param.type),
  );
  const effect = binding(b, decl.effect);
  const label = labelOf(effect);
  const wanted = effect?.kind === "effect" ? effect.operations : [];
  const clauses: (readonly [string, Expr])[] = [];
  const abort = T.unknown();
  const inner: Body = { ...b, abort };
  for (const clause of decl.clauses) {
    const operation = wanted.find((each) => each.name === clause.name.text);
    const builtin =
      operation === undefined && label !== undefined && operations.get(clause.name.text)?.label === label
        ? clause.name.text
        : undefined;
    if (operation === undefined && builtin === undefined) {
      if (label !== undefined && clause.name.text !== "") {
        report(
          b,
          "TEL0337",
          clause.name.span,
          `effect \`${decl.effect.text}\` has no operation \`${clause.name.text}\``,
          {
            hints: wanted.length > 0 ? [`its operations: ${wanted.map((each) => each.name).join(", ")}`] : [],
          },
        );
      }
      lambdaNode(inner, clause.params, clause.body, clause.span, undefined);
      continue;
    }
    const of = operation !== undefined ? signature(s.d, operation) : undefined;
    const type =
      of === undefined
        ? undefined
        : T.fn(
            of.params.map((param) => param.type),
            of.result,
            b.row,
          );
    if (of !== undefined && of.params.length !== clause.params.length) {
      report(
        b,
        "TEL0302",
        clause.name.span,
        `\`${clause.name.text}\` takes ${of.params.length} arguments, and the clause names ${clause.params.length}`,
        { hints: ["name each, or write `_` for one that is not used"] },
      );
    }
    const made = lambdaNode(inner, clause.params, clause.body, clause.span, type);
    if (made.type.kind === "fn") Row.flow(made.type.row, b.row, () => {});
    clauses.push([operation?.full ?? builtin!, made]);
  }
  const missing = wanted.filter((each) => !decl.clauses.some((clause) => clause.name.text === each.name));
  if (missing.length > 0 && clauses.length === decl.clauses.length) {
    report(b, "TEL0337", symbol.span, `handler \`${symbol.name}\` has no clause for \`${missing[0]!.name}\``, {
      hints: [
        `add \`${missing[0]!.name}(${missing[0]!.decl.params.map((param) => param.name.text).join(", ")}) => …\``,
      ],
    });
  }
  finish(b);
  if (abort.ref !== undefined || abort.constraint !== 0) s.aborts.set(symbol, abort);
  const type: T.Type = { kind: "handler", handles: label === undefined ? [] : [label], row: own.row, abort };
  s.functions.set(symbol.full, {
    name: symbol.full,
    kind: "function",
    file: symbol.file,
    span: decl.span,
    nameSpan: symbol.span,
    params,
    result: type,
    declared: own.row,
    inferred: b.row,
    body: { kind: "handler", effect: label ?? "", clauses, span: decl.span, type },
    doc: decl.doc?.text,
    program: undefined,
    marks: b.marks,
    noted: b.noted,
    rowAt: decl.row?.span ?? { start: decl.effect.span.end, end: decl.effect.span.end },
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

/** Of clauses that have no symbol of their own. */
const signatureOf = (s: State, file: string, params: readonly S.Param[], given: readonly T.Type[] = []): Signature =>
  makeSignature(s.d, "", file, { params }, given);

// ------------------------------------------------------------------------------------------------ programs

function program(s: State, symbol: ProgramSymbol): void {
  const state = stateInfo(s.d, symbol);
  const initial = new Map<string, string>();
  const triggers: TypedTrigger[] = [];
  const migrations: { from: string; to: string; name: string }[] = [];
  let handshake: string | undefined;
  const define = (
    name: string,
    kind: Checked["kind"],
    span: S.Span,
    b: Body,
    params: TypedFunction["params"],
    result: T.Type,
    made: Expr,
    row: S.Row | undefined,
    rowAt: S.Span | undefined,
    doc: string | undefined,
  ): void => {
    finish(b);
    s.functions.set(name, {
      name,
      kind,
      file: symbol.file,
      span,
      nameSpan: span,
      params,
      result,
      declared: toRow(s.d, row, b.variables),
      inferred: b.row,
      body: made,
      doc,
      program: symbol,
      marks: b.marks,
      noted: b.noted,
      rowAt,
      written: writtenIn(s.d, row),
    });
  };
  for (const clause of symbol.decl.clauses) {
    switch (clause.kind) {
      case "state":
        for (const field of clause.fields) {
          const own = state.constructors[0]!.fields.find((each) => each.name === field.name.text);
          if (field.default === undefined || own === undefined) continue;
          const name = `${symbol.full}.state/${field.name.text}`;
          const b = body(s, symbol.file, variables(true), undefined, undefined, "a first value");
          const made = check(b, field.default, own.type);
          define(name, "value", field.span, b, [], own.type, made, undefined, undefined, field.doc?.text);
          initial.set(field.name.text, name);
        }
        break;
      case "on": {
        const b = body(s, symbol.file, variables(true), undefined, undefined, "a trigger");
        const fact = T.tuple([T.Timeline, T.con(T.builtinTypes.Fact, [T.unknown()])]);
        const wanted = clause.trigger === "every" ? T.Duration : clause.trigger === "at" ? T.Instant : fact;
        const subject = check(b, clause.subject, wanted);
        const entry = binding(b, clause.entry);
        if (entry?.kind === "entry") {
          const own = signature(s.d, entry);
          const types = own.params.map((param) => param.type);
          const called = { name: entry.name, params: own.params, types, file: own.file, span: clause.span };
          triggers.push({
            kind: clause.trigger,
            span: clause.span,
            subject,
            entry,
            args: matchArgs(b, called, clause.args),
          });
        } else for (const arg of clause.args) infer(b, arg.value);
        finish(b);
        break;
      }
      case "handshake": {
        const given = [preludeType(s.d, "SafeStateIntent"), T.Text];
        const own = signatureOf(s, symbol.file, clause.params, given);
        const result = preludeType(s.d, "HandshakeAnswer");
        const b: Body = {
          ...body(s, symbol.file, variablesOf(own), symbol, result, "a handshake"),
          readOnlyState: true,
        };
        const params = bindParams(
          b,
          clause.params,
          own.params.map((param) => param.type),
        );
        if (params.length !== 2) {
          report(
            b,
            "TEL0302",
            clause.span,
            `\`handshake\` takes the intent and the caller, and names ${params.length}`,
            {
              hints: ["write `handshake (intent, caller) { … }`"],
            },
          );
        }
        const made = check(b, clause.body, result);
        handshake = `${symbol.full}.handshake`;
        const at = clause.body.span.start;
        define(
          handshake,
          "function",
          clause.span,
          b,
          params,
          result,
          made,
          clause.row,
          clause.row?.span ?? { start: at, end: at },
          clause.doc?.text,
        );
        break;
      }
      case "migration": {
        const result = T.con(state);
        const old = s.d.previous.get(symbol.full) ?? oldState(clause);
        const own = signatureOf(s, symbol.file, clause.params, [old]);
        const b: Body = { ...body(s, symbol.file, variablesOf(own), symbol, result), noState: true };
        const params = bindParams(
          b,
          clause.params,
          own.params.map((param) => param.type),
        );
        const made = check(b, clause.body, result);
        const name = `${symbol.full}.migration/${clause.from.text}->${clause.to.text}`;
        if (migrations.some((each) => each.from === clause.from.text && each.to === clause.to.text)) {
          report(b, "TEL0509", clause.span, `there are two migrations ${clause.from.text} -> ${clause.to.text}`, {
            hints: ["keep one"],
          });
        }
        migrations.push({ from: clause.from.text, to: clause.to.text, name });
        define(name, "function", clause.span, b, params, result, made, undefined, undefined, clause.doc?.text);
        break;
      }
      case "entry":
      case "fn":
        break;
    }
  }
  s.programs.push({ symbol, state, initial, triggers, handshake, migrations });
}

/** Without the earlier version at hand, `old` has exactly the fields that the migration reads. */
function oldState(clause: S.MigrationClause): T.Type {
  const name = clause.params[0]?.name.text;
  const fields = new Map<string, T.Type>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    const member = node as Partial<S.MemberExpr>;
    if (member.kind === "member" && member.target?.kind === "name" && member.target.name.text === name) {
      fields.set(member.name!.text, T.unknown());
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(clause.body);
  return T.rec([...fields]);
}
