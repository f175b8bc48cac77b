/**
 * Making two types one. The first is what is there, the second what is expected: only in effect rows of functions does
 * the direction matter, where less is accepted for more.
 */
import * as Row from "./Row.ts";
import {
  Constraint,
  con,
  type Fn,
  fn,
  type Rigid,
  shallow,
  type Type,
  type TypeInfo,
  builtinTypes as t,
  tuple,
  type Var,
} from "./Type.ts";

export type Failure =
  | { readonly kind: "mismatch"; readonly actual: Type; readonly expected: Type }
  | { readonly kind: "constraint"; readonly type: Type; readonly constraint: number }
  | { readonly kind: "infinite"; readonly actual: Type; readonly expected: Type };

/** A function does more than the place where it is used allows. Rows grow, so this may be told after `unify` returned. */
export type RefuseRow = (label: string, expected: Row.Row) => void;

/** Undefined when they agree. Unknowns that were bound before a failure stay bound: the caller reports and goes on. */
export function unify(actual: Type, expected: Type, refuse: RefuseRow): Failure | undefined {
  const a = shallow(actual);
  const b = shallow(expected);
  if (a === b) return undefined;
  if (a.kind === "var") return bind(a, b, a, b);
  if (b.kind === "var") return bind(b, a, a, b);
  switch (a.kind) {
    case "con":
      if (b.kind !== "con" || a.info !== b.info) break;
      return unifyAll(a.args, b.args, refuse);
    case "tuple":
      if (b.kind !== "tuple" || a.items.length !== b.items.length) break;
      return unifyAll(a.items, b.items, refuse);
    case "rec":
      if (b.kind !== "rec" || a.names.length !== b.names.length) break;
      if (!a.names.every((name, i) => name === b.names[i])) break;
      return unifyAll(a.types, b.types, refuse);
    case "fn":
      if (b.kind !== "fn" || a.params.length !== b.params.length) break;
      return unifyFunctions(a, b, refuse);
    case "handler":
      if (b.kind !== "handler") break;
      return unify(a.abort, b.abort, refuse);
    case "rigid":
      break;
  }
  return { kind: "mismatch", actual: a, expected: b };
}

function unifyFunctions(a: Fn, b: Fn, refuse: RefuseRow): Failure | undefined {
  const failure = unifyAll(b.params, a.params, refuse) ?? unify(a.result, b.result, refuse);
  Row.flow(a.row, b.row, (label) => refuse(label, b.row));
  return failure;
}

function unifyAll(as: readonly Type[], bs: readonly Type[], refuse: RefuseRow): Failure | undefined {
  let first: Failure | undefined;
  for (let i = 0; i < as.length; i++) first = unify(as[i]!, bs[i]!, refuse) ?? first;
  return first;
}

function bind(unknown: Var, type: Type, actual: Type, expected: Type): Failure | undefined {
  if (occurs(unknown, type)) return { kind: "infinite", actual, expected };
  const failure = require(type, unknown.constraint);
  if (failure !== undefined) {
    const literal = Constraint.IntLiteral | Constraint.TextLiteral;
    if ((unknown.constraint & literal) !== 0) return { kind: "mismatch", actual, expected };
    // Bound all the same, so that it is reported once.
    unknown.ref = type;
    return failure;
  }
  unknown.ref = type;
  return undefined;
}

function occurs(unknown: Var, type: Type): boolean {
  const at = shallow(type);
  switch (at.kind) {
    case "var":
      return at === unknown;
    case "con":
      return occursIn(unknown, at.args);
    case "tuple":
      return occursIn(unknown, at.items);
    case "rec":
      return occursIn(unknown, at.types);
    case "fn":
      return occursIn(unknown, at.params) || occurs(unknown, at.result);
    case "handler":
      return occurs(unknown, at.abort);
    case "rigid":
      return false;
  }
}

function occursIn(unknown: Var, types: readonly Type[]): boolean {
  for (const each of types) if (occurs(unknown, each)) return true;
  return false;
}

/** The type must be a number, ordered, comparable …; on a rigid variable that becomes part of its signature. */
export function require(type: Type, wanted: number): Failure | undefined {
  if (wanted === 0) return undefined;
  const at = shallow(type);
  const constraint = at.kind === "var" ? wanted : wanted & ~Constraint.Told;
  if (constraint === 0) return undefined;
  switch (at.kind) {
    case "var": {
      const merged = at.constraint | constraint;
      if ((merged & Constraint.TextLiteral) !== 0 && (merged & (Constraint.IntLiteral | Constraint.Num)) !== 0) break;
      at.constraint = merged;
      return undefined;
    }
    case "rigid":
      if ((constraint & (Constraint.IntLiteral | Constraint.TextLiteral)) !== 0) break;
      at.constraint |= constraint;
      return undefined;
    case "con":
      if (conSatisfies(at.info, at.args, constraint)) return undefined;
      break;
    case "tuple":
    case "rec": {
      if ((constraint & ~(Constraint.Ord | Constraint.Eq)) !== 0) break;
      if (at.kind === "rec" && (constraint & Constraint.Ord) !== 0) break;
      for (const item of at.kind === "tuple" ? at.items : at.types) {
        const inner = require(item, constraint);
        if (inner !== undefined) return inner;
      }
      return undefined;
    }
    case "fn":
    case "handler":
      break;
  }
  return { kind: "constraint", type: at, constraint };
}

const numbers: ReadonlySet<TypeInfo> = new Set<TypeInfo>([t.Int, t.Decimal, t.Float]);
const ordered: ReadonlySet<TypeInfo> = new Set<TypeInfo>([
  t.Int,
  t.Decimal,
  t.Float,
  t.Bool,
  t.Text,
  t.Bytes,
  t.Duration,
  t.Instant,
  t.Hash,
  t.Timeline,
  t.Asset,
]);
const orderedByItems: ReadonlySet<TypeInfo> = new Set<TypeInfo>([t.List, t.Option]);

function conSatisfies(info: TypeInfo, args: readonly Type[], constraint: number): boolean {
  if ((constraint & Constraint.IntLiteral) !== 0 && info !== t.Int && info !== t.Decimal) return false;
  if ((constraint & Constraint.TextLiteral) !== 0 && info !== t.Text && info !== t.Asset) return false;
  if ((constraint & Constraint.Num) !== 0 && !numbers.has(info)) return false;
  if ((constraint & Constraint.Ord) !== 0 && !ordered.has(info)) {
    if (!orderedByItems.has(info)) return false;
    return args.every((arg) => require(arg, constraint) === undefined);
  }
  if ((constraint & Constraint.Eq) === 0 || ordered.has(info)) return true;
  if (info === t.Funds || info === t.WorldItem) return false;
  if (!args.every((arg) => require(arg, Constraint.Eq) === undefined)) return false;
  return info.kind === "builtin" || hasEq(info);
}

/** Whether everything that a declared type may hold can be compared, whatever stands for its parameters. */
function hasEq(root: TypeInfo): boolean {
  if (root.comparable !== undefined) return root.comparable;
  const seen = new Set([root]);
  let holds = true;
  for (const info of seen) {
    for (const each of info.constructors) {
      for (const field of each.fields) if (!mentions(field.type, seen)) holds = false;
    }
  }
  root.comparable = holds;
  return holds;
}

/** Adds the types in it to `seen`; false when one of them can never be compared. */
function mentions(type: Type, seen: Set<TypeInfo>): boolean {
  const at = shallow(type);
  switch (at.kind) {
    case "con":
      if (at.info === t.Funds || at.info === t.WorldItem) return false;
      seen.add(at.info);
      return at.args.every((arg) => mentions(arg, seen));
    case "tuple":
      return at.items.every((item) => mentions(item, seen));
    case "rec":
      return at.types.every((item) => mentions(item, seen));
    case "fn":
    case "handler":
      return false;
    default:
      return true;
  }
}

export type Substitution = ReadonlyMap<Rigid, Type>;
export type RowSubstitution = ReadonlyMap<string, Row.Row>;

const noRows: RowSubstitution = new Map();

/** The type with unknowns, or given types, for its rigid variables. `rows` maps `'e` to an unknown row. */
export function substitute(type: Type, types: Substitution, rows: RowSubstitution = noRows): Type {
  const at = shallow(type);
  switch (at.kind) {
    case "con":
      return at.args.length === 0 ? at : con(at.info, substituteAll(at.args, types, rows));
    case "var":
      return at;
    case "rigid":
      return types.get(at) ?? at;
    case "tuple":
      return tuple(substituteAll(at.items, types, rows));
    case "rec":
      return { kind: "rec", names: at.names, types: substituteAll(at.types, types, rows) };
    case "fn": {
      const params = substituteAll(at.params, types, rows);
      return fn(params, substitute(at.result, types, rows), substituteRow(at.row, rows));
    }
    case "handler":
      return { ...at, row: substituteRow(at.row, rows), abort: substitute(at.abort, types, rows) };
  }
}

const substituteAll = (all: readonly Type[], types: Substitution, rows: RowSubstitution): readonly Type[] =>
  all.map((each) => substitute(each, types, rows));

export function substituteRow(row: Row.Row, rows: RowSubstitution): Row.Row {
  if (rows.size === 0) return row;
  const variable = row.labels.find((label) => Row.isVariable(label) && rows.has(label));
  if (variable === undefined) return row;
  return { labels: row.labels.filter((label) => label !== variable), rest: rows.get(variable)!.rest };
}
