/** The checker's place inside one definition: what is known there, and how it speaks about what is wrong. */
import { otherName } from "../names/otherLanguages.ts";
import type { FileScope } from "../names/Scope.ts";
import type { Binding, EntrySymbol, FnSymbol, HandlerSymbol, Local, ProgramSymbol } from "../names/Tree.ts";
import { type Details, error, warning } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import type { Declarations, Signature, Variables } from "./Declarations.ts";
import { isLinear } from "./linear.ts";
import * as Row from "./Row.ts";
import { show, showPair } from "./show.ts";
import type { Expr } from "./Tree.ts";
import * as T from "./Type.ts";
import { type Failure, type RefuseRow, require, substitute, substituteRow, unify } from "./unify.ts";

/** A call whose mark is judged when all rows are known. */
export interface Mark {
  readonly span: S.Span;
  /** Where `!` stands or should stand. */
  readonly at: S.Span;
  readonly row: Row.Row;
  readonly bang: boolean;
  readonly what: string;
}

/** What was come across, so that later passes need not look for it. */
export interface Noted {
  /** A pattern could not be read or resolved: nothing is said about what it covers. */
  brokenPattern: boolean;
  /** `within`, `after`, `at`. */
  hasTime: boolean;
  /** `par`, `race`. */
  hasBranches: boolean;
  /** `return`, `abort`. */
  leaves: boolean;
}

export interface Body {
  readonly d: Declarations;
  readonly file: string;
  readonly scope: FileScope;
  readonly types: Map<Local, T.Type>;
  readonly marks: Mark[];
  /** Looked at when the whole definition is inferred. */
  readonly later: (() => void)[];
  /** What the innermost function, lambda or branch does. */
  readonly row: Row.Row;
  /** What `return` and `?` leave with; undefined with the reason where nothing can be left. */
  readonly result: T.Type | undefined;
  readonly noResult: string;
  /** What `abort` gives. */
  readonly abort: T.Type | undefined;
  readonly program: ProgramSymbol | undefined;
  /** In a branch of `par` or `race`, and in a handshake. */
  readonly readOnlyState: boolean;
  /** In a migration there is only the old state. */
  readonly noState: boolean;
  /** The type variables of the signature around. */
  readonly variables: Variables;
  readonly noted: Noted;
  /** Defaults that are being typed, one inside the other; `refuse` is told when one needs itself. */
  readonly defaults: {
    readonly open: readonly S.Expr[];
    /** How many defaults the outermost one has needed so far. */
    readonly needed: { count: number };
    readonly refuse: (why: string) => void;
  };
  /** What the clauses of a handler abort with. */
  readonly aborts: Map<HandlerSymbol, T.Type>;
  /** Makes sure that a definition's body is checked, so that the constraints of its signature are known. */
  readonly ensure: (symbol: FnSymbol | EntrySymbol | HandlerSymbol) => void;
  /** Signatures whose constraints are all known. */
  readonly settled: { has(signature: Signature): boolean };
  /** Constraints of a signature that is still being checked: told again when it is done. */
  readonly pending: { readonly rigid: T.Rigid; readonly type: T.Type; readonly refuse: (failure: Failure) => void }[];
}

export const binding = (b: Body, node: object): Binding | undefined => b.scope.bindings.get(node);

export function report(b: Body, code: string, span: S.Span, message: string, details?: Details): void {
  b.d.problems.push(error(code, b.file, span, message, details));
}

export function warn(b: Body, code: string, span: S.Span, message: string, details?: Details): void {
  b.d.problems.push(warning(code, b.file, span, message, details));
}

export const errorNode = (span: S.Span, type: T.Type = T.unknown(T.Constraint.Told)): Expr => ({
  kind: "error",
  span,
  type,
});

/** The node has the expected type; else that is reported at its span. */
export function agree(b: Body, node: Expr, expected: T.Type): Expr {
  if (node.type === expected || equate(b, node.type, expected, node.span)) return node;
  // Reported once; whatever stands around goes on as if it fitted.
  return { ...node, type: expected };
}

/** `details` is asked for when the types do not agree. */
export function equate(b: Body, actual: T.Type, expected: T.Type, span: S.Span, details?: () => Details): boolean {
  const a = T.shallow(actual);
  const e = T.shallow(expected);
  if (a === e) return true;
  // No row is in a type that has no parts.
  const failure = unify(a, e, isBare(a) || isBare(e) ? noRow : refuseRow(b, span));
  if (failure === undefined) return true;
  reportFailure(b, failure, actual, expected, span, details?.());
  return false;
}

const isBare = (type: T.Type): boolean => type.kind === "con" && type.args.length === 0;

const noRow: RefuseRow = () => {};

/** Reported once for all labels. */
function refuseRow(b: Body, span: S.Span): RefuseRow {
  let isTold = false;
  return (label, row) => {
    if (isTold) return;
    isTold = true;
    const allowed = Row.labels(row);
    report(
      b,
      "TEL0314",
      span,
      `this function does \`${Row.showLabels([label])}\`, and here ${allowed.length === 0 ? "a pure one" : `only \`${Row.showLabels(allowed)}\``} is expected`,
      { hints: ["do the effect outside, and pass what it gave"] },
    );
  };
}

function reportFailure(
  b: Body,
  failure: Failure,
  actual: T.Type,
  expected: T.Type,
  span: S.Span,
  details: Details = {},
): void {
  if (failure.kind === "constraint") {
    constraintProblem(b, failure, span);
    return;
  }
  const [found, wanted] = showPair(actual, expected);
  if (failure.kind === "infinite") {
    report(
      b,
      "TEL0320",
      span,
      `\`${found}\` and \`${wanted}\` can never be the same type: one contains the other`,
      details,
    );
    return;
  }
  const inner = showPair(failure.actual, failure.expected);
  const hints = [...(details.hints ?? []), ...hintsFor(failure.actual, failure.expected)];
  const where = inner[0] === found && inner[1] === wanted ? "" : `: \`${inner[0]}\` where \`${inner[1]}\` should be`;
  report(b, "TEL0301", span, `expected \`${wanted}\`, found \`${found}\`${where}`, { ...details, hints });
}

function hintsFor(actual: T.Type, expected: T.Type): readonly string[] {
  const a = T.shallow(actual);
  const e = T.shallow(expected);
  const is = (type: T.Type, info: T.TypeInfo) => type.kind === "con" && type.info === info;
  const t = T.builtinTypes;
  if (is(a, t.Int) && is(e, t.Decimal)) return ["values never convert silently: write `int.toDecimal(…)`"];
  if (is(a, t.Decimal) && is(e, t.Int)) return ["write `decimal.truncate(…)` or `decimal.round(…)` to say how"];
  if (is(a, t.Decimal) && is(e, t.Float))
    return ["a Float literal ends in `f`: `4.2f`; a value converts with `decimal.toFloat(…)`"];
  if (is(a, t.Int) && is(e, t.Float))
    return ["a Float literal ends in `f`: `4f`; a value converts with `int.toFloat(…)`"];
  if (is(a, t.Int) && is(e, t.Duration)) return ["a Duration has a unit: `10m`, `500ms`"];
  if (is(a, t.Option) && !is(e, t.Option)) return ["`option.or(…, default)` or `?` or `match` takes the value out"];
  if (is(a, t.Result) && !is(e, t.Result)) return ["`?`, `match` or `result.withDefault(…)` takes the value out"];
  if (is(e, t.Option) && !is(a, t.Option)) return ["wrap it: `Some(…)`"];
  if (is(e, t.Result) && !is(a, t.Result)) return ["wrap it: `Ok(…)` or `Err(…)`"];
  if (a.kind === "fn" && e.kind !== "fn") return ["this is a function: call it with `( )`"];
  if (e.kind === "rigid" && otherName(e.name) !== undefined)
    return [`\`${e.name}\` is a type variable here; did you mean \`${otherName(e.name)}\`?`];
  if (is(e, t.Text)) return [`\`"\${…}"\` makes a Text of a value`];
  return [];
}

export function demand(b: Body, type: T.Type, constraint: number, span: S.Span): void {
  const failure = require(type, constraint);
  if (failure !== undefined) constraintProblem(b, failure, span);
}

export function constraintProblem(b: Body, failure: Failure, span: S.Span): void {
  if (failure.kind !== "constraint") return;
  const { type, constraint } = failure;
  const name = show(type);
  if ((constraint & T.Constraint.IntLiteral) !== 0) {
    report(b, "TEL0301", span, `expected \`${name}\`, found \`Int\``, { hints: hintsFor(T.Int, type) });
  } else if ((constraint & T.Constraint.TextLiteral) !== 0) {
    report(b, "TEL0301", span, `expected \`${name}\`, found \`Text\``, { hints: hintsFor(T.Text, type) });
  } else if ((constraint & T.Constraint.Num) !== 0) {
    report(b, "TEL0306", span, `\`${name}\` is not a number`, { hints: ["numbers are Int, Decimal and Float"] });
  } else if ((constraint & T.Constraint.Ord) !== 0) {
    report(b, "TEL0307", span, `values of \`${name}\` have no order`, {
      hints: ["compare something in them that has: a number, a Text, an Instant"],
    });
  } else {
    report(b, "TEL0308", span, `values of \`${name}\` cannot be compared`, {
      hints: ["functions and Funds have no equality"],
    });
  }
}

export interface Instance {
  readonly params: readonly T.Type[];
  readonly result: T.Type;
  readonly row: Row.Row;
}

/** The signature with unknowns for its variables. */
export function instantiate(b: Body, signature: Signature, span: S.Span): Instance {
  if (signature.rigids.length === 0 && signature.rows.length === 0) {
    return { params: signature.types, result: signature.result, row: signature.row };
  }
  const types = new Map<T.Rigid, T.Type>();
  for (const rigid of signature.rigids) types.set(rigid, instance(b, rigid, signature, span));
  const rows = signature.rows.length === 0 ? undefined : new Map(signature.rows.map((row) => [row, Row.open()]));
  return {
    params: signature.types.map((type) => substitute(type, types, rows)),
    result: substitute(signature.result, types, rows),
    row: rows === undefined ? signature.row : substituteRow(signature.row, rows),
  };
}

/** An unknown for a variable of the signature. */
function instance(b: Body, rigid: T.Rigid, signature: Signature, span: S.Span): T.Type {
  const type = T.unknown(rigid.constraint);
  if (b.d.hasFunds) b.later.push(() => refuseLinear(b, type, signature.name, span));
  if (signature.file !== undefined && !b.settled.has(signature)) {
    b.pending.push({ rigid, type, refuse: (failure) => constraintProblem(b, failure, span) });
  }
  return type;
}

/** A generic function could copy or drop what it is given. */
function refuseLinear(b: Body, type: T.Type, name: string, span: S.Span): void {
  if (!isLinear(type)) return;
  report(
    b,
    "TEL0413",
    span,
    `\`${name}\` takes values of any type, and could copy or lose the funds in this \`${show(type)}\``,
    {
      hints: ["take the funds out with `match` or `?` first"],
    },
  );
}

/** Something effectful happens here: it joins what the function around does. */
export function perform(b: Body, row: Row.Row): void {
  Row.flow(row, b.row, () => {});
}
