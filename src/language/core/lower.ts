/**
 * Lowering: typed functions → Core, one unit. Definitions are sorted by name, so that files and their order do not
 * matter.
 */
import { Value } from "../../content/index.ts";
import type { Declared, OperationSymbol, OutsideSymbol } from "../names/Tree.ts";
import type { Problem } from "../problems/Problem.ts";
import { error } from "../problems/Problem.ts";
import type { Checked, Typed, TypedProgram } from "../types/check.ts";
import { type Declarations, signature } from "../types/Declarations.ts";
import * as Row from "../types/Row.ts";
import type { Expr } from "../types/Tree.ts";
import * as T from "../types/Type.ts";
import { constantValue } from "./constant.ts";
import { fresh, lowering, output, type Places, scope } from "./Lowering.ts";
import { expression } from "./lowerExpression.ts";
import * as Core from "./Tree.ts";

/** What one file gives to the unit. */
export interface Lowered {
  /** Of each function: its own definition and those of its lambdas. */
  readonly functions: ReadonlyMap<string, LoweredFunction>;
  /** All of them, by name. */
  readonly definitions: readonly Core.Definition[];
  readonly types: readonly Core.TypeDefinition[];
  readonly outside: readonly Core.OutsideDefinition[];
  readonly programs: readonly Core.ProgramDefinition[];
}

export interface LoweredFunction {
  readonly definitions: readonly Core.Definition[];
  /** Where calls, requests and faults stand, in the file of the function; those of its neighbours may be there too. */
  readonly places: Places;
}

/** Lowers what one file declares. */
export function lower(
  declared: Declared,
  d: Declarations,
  functions: readonly Checked[],
  programs: readonly TypedProgram[],
  typed: Typed,
  problems: Problem[],
): Lowered {
  const lowered = new Map<string, LoweredFunction>();
  const places: Places = { nodes: [], spans: [] };
  for (const each of functions) lowered.set(each.name, lowerFunction(each, places));
  const types = declared.types.map((symbol) => typeDefinition(d.infos.get(symbol)!));
  for (const { state } of programs) types.push(typeDefinition(state));
  const operations = declared.effects.flatMap((effect) => effect.operations);
  return {
    functions: lowered,
    definitions: byName([...lowered.values()].flatMap((each) => each.definitions)),
    types,
    outside: [...declared.outside, ...operations].map((symbol) => outsideDefinition(d, symbol)),
    programs: programs.map((each) => program(typed, each, problems)),
  };
}

export function outsideDefinition(d: Declarations, symbol: OutsideSymbol | OperationSymbol): Core.OutsideDefinition {
  const { params, result } = signature(d, symbol);
  const name = symbol.full;
  const doc = symbol.decl.doc?.text;
  if (symbol.kind === "operation") {
    const vars = numbering();
    const parameters = params.map((param) => ({ name: param.name, type: toCore(param.type, vars) }));
    return { kind: "operation", name, parameters, result: toCore(result, vars), doc };
  }
  // A fact is a Fact of what it gives, an action an Action; an event gives nothing.
  const given = result.kind === "con" && result.args.length === 1 ? result.args[0]! : T.Unit;
  return { kind: symbol.kind, name, parameters: fieldsOf(params), result: toCore(given), doc };
}

export const lowerFunction = (of: Checked, places: Places = { nodes: [], spans: [] }): LoweredFunction => ({
  definitions: definition(of, places),
  places,
});

/** As a unit has it. */
export const byName = <N extends { readonly name: string }>(all: readonly N[]): readonly N[] =>
  [...all].sort((a, b) => Value.compareText(a.name, b.name));

function definition(of: Checked, places: Places): readonly Core.Definition[] {
  const out = output(of.name, places);
  const l = lowering(out);
  for (const { local } of of.params) l.locals.set(local, Core.local(fresh(l, local.name)));
  const made: Core.Definition = {
    name: of.name,
    kind: of.kind,
    parameters: of.params.length,
    captured: 0,
    body: scope(l, () => expression(l, of.body)),
    locals: l.names.length,
    signature: signatureOf(of),
    localNames: l.names.slice(),
    doc: of.doc,
  };
  return out.lifted.length === 0 ? [made] : [made, ...out.lifted];
}

function signatureOf(of: Checked): Core.FunctionType {
  const vars = numbering();
  return {
    kind: "function",
    parameters: of.params.map((param) => toCore(param.type, vars)),
    result: toCore(of.result, vars),
    row: toCoreRow(of.declared, vars),
  };
}

// ------------------------------------------------------------------------------------------------ types

/** Made when there is a variable, which most signatures have not. */
export interface Numbering {
  types: Map<T.Type, number> | undefined;
  rows: Map<string, number> | undefined;
}

export const numbering = (first: readonly T.Rigid[] = []): Numbering => ({
  types: first.length === 0 ? undefined : new Map(first.map((rigid, i) => [rigid, i])),
  rows: undefined,
});

function numberOf<A>(all: Map<A, number>, one: A): number {
  const known = all.get(one);
  if (known !== undefined) return known;
  all.set(one, all.size);
  return all.size - 1;
}

const none: readonly Core.Type[] = [];

/** Types with variables numbered by first occurrence. What inference left open is a variable too. */
export function toCore(type: T.Type, vars: Numbering = numbering()): Core.Type {
  const at = T.shallow(type);
  switch (at.kind) {
    case "con": {
      const args = at.args.length === 0 ? none : at.args.map((arg) => toCore(arg, vars));
      if (at.info.kind === "builtin") return { kind: "builtin", name: at.info.name, arguments: args };
      return { kind: "declared", reference: Core.symbol(at.info.name), arguments: args };
    }
    case "var":
    case "rigid": {
      if (at.kind === "var" && (at.constraint & T.Constraint.IntLiteral) !== 0) return toCore(T.Int);
      if (at.kind === "var" && (at.constraint & T.Constraint.TextLiteral) !== 0) return toCore(T.Text);
      vars.types ??= new Map();
      return { kind: "variable", index: numberOf(vars.types, at) };
    }
    case "tuple":
      return { kind: "tuple", items: at.items.map((item) => toCore(item, vars)) };
    case "rec":
      return { kind: "record", names: at.names, types: at.types.map((item) => toCore(item, vars)) };
    case "fn":
      return {
        kind: "function",
        parameters: at.params.map((param) => toCore(param, vars)),
        result: toCore(at.result, vars),
        row: toCoreRow(at.row, vars),
      };
    case "handler":
      return { kind: "builtin", name: "Handler", arguments: [] };
  }
}

export function toCoreRow(row: Row.Row, vars: Numbering): Core.Row {
  const all = Row.labels(row);
  const variable = all.find(Row.isVariable);
  if (variable === undefined) return { labels: all, variable: undefined };
  vars.rows ??= new Map();
  return { labels: all.filter((label) => !Row.isVariable(label)), variable: numberOf(vars.rows, variable) };
}

const fieldsOf = (params: readonly { readonly name: string; readonly type: T.Type }[]): readonly Core.Field[] =>
  params.map((param) => ({ name: param.name, type: toCore(param.type) }));

export function typeDefinition(info: T.TypeInfo): Core.TypeDefinition {
  const vars = numbering(info.rigids);
  const fields = (of: T.ConstructorInfo): readonly Core.Field[] =>
    of.fields.map((field) => ({ name: field.name, type: toCore(field.type, vars) }));
  const { name, doc } = info;
  const parameters = info.parameters.length;
  if (info.kind === "record") {
    return { kind: "record", name, parameters, fields: fields(info.constructors[0]!), doc };
  }
  return {
    kind: "sum",
    name,
    parameters,
    cases: info.constructors.map((c) => ({ name: c.name, fields: fields(c) })),
    doc,
  };
}

// ------------------------------------------------------------------------------------------------ programs

function program(typed: Typed, of: TypedProgram, problems: Problem[]): Core.ProgramDefinition {
  const { symbol, state } = of;
  const d = typed.declarations;
  const entries = [...symbol.entries.values()].map((entry): Core.EntryDefinition => {
    const own = signature(d, entry);
    const checked = typed.functions.get(entry.full);
    const labels = new Set([...own.row.labels, ...(checked === undefined ? [] : Row.labels(checked.inferred))]);
    return {
      name: entry.name,
      function: Core.symbol(entry.full),
      parameters: fieldsOf(own.params),
      result: toCore(own.result),
      row: [...labels].filter((label) => !Row.isVariable(label)).sort(),
      exclusive: entry.decl.exclusive,
    };
  });
  const triggers: Core.Trigger[] = [];
  for (const trigger of of.triggers) {
    const constant = (e: Expr): Value.Value => {
      const made = constantValue(e);
      if (made !== undefined) return made;
      problems.push(
        error("TEL0503", symbol.file, e.span, "what a trigger says must be a constant", {
          hints: ["literals, constructors, lists and timelines are constants; calls of functions are not"],
        }),
      );
      return Value.unit;
    };
    const args: Value.Value[] = [];
    for (const arg of trigger.args) args[arg.at] = constant(arg.value);
    const { entry, kind } = trigger;
    const subject = constant(trigger.subject);
    const isPeriod = kind === "every" && typeof subject === "object" && subject.tag === "duration";
    if (isPeriod && subject.milliseconds < Core.PERIOD_MILLISECONDS_MIN)
      problems.push(
        error("TEL0506", symbol.file, trigger.subject.span, "the period of an `on every` is at least one second", {
          hints: ["what must follow something at once is called by it, or started by an `on fact`"],
        }),
      );
    if (kind !== "fact") triggers.push({ kind, time: subject, entry: entry.name, arguments: args });
    else if (typeof subject === "object" && subject.tag === "tuple") {
      const [timeline, fact] = subject.items;
      triggers.push({ kind, timeline: String(timeline), fact: fact!, entry: entry.name, arguments: args });
    }
  }
  return {
    name: symbol.full,
    state: state.constructors[0]!.fields.map((field) => {
      const initial = of.initial.get(field.name);
      return {
        name: field.name,
        type: toCore(field.type),
        initial: initial === undefined ? undefined : Core.symbol(initial),
      };
    }),
    entries: byName(entries),
    triggers,
    handshake: of.handshake === undefined ? undefined : Core.symbol(of.handshake),
    migrations: of.migrations.map((each) => ({ from: each.from, to: each.to, function: Core.symbol(each.name) })),
    doc: symbol.decl.doc?.text,
  };
}
