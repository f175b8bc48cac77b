/** What checking one definition shares with checking another. */
import type { HandlerSymbol, Local, ProgramSymbol } from "../names/Tree.ts";
import type * as S from "../syntax/Tree.ts";
import { type Body, binding, report } from "./Body.ts";
import {
  type Declarations,
  labelOf,
  makeSignature,
  rigidsByName,
  type Signature,
  type Variables,
  variables,
} from "./Declarations.ts";
import { check } from "./expression.ts";
import * as Row from "./Row.ts";
import type { TypedFunction } from "./Tree.ts";
import * as T from "./Type.ts";
import type { Checked, TypedProgram } from "./Typed.ts";

export interface State {
  readonly d: Declarations;
  readonly isLibrary: (file: string) => boolean;
  /** Checks a definition of the library that is used for the first time. */
  readonly ensure: Body["ensure"];
  readonly functions: Map<string, Checked>;
  /** Two files define functions of the same full name, and one of them is not in `functions`. */
  isMixed: boolean;
  /** By file. */
  readonly programs: Map<string, TypedProgram[]>;
  readonly begun: Set<object>;
  readonly aborts: Map<HandlerSymbol, T.Type>;
  readonly settled: WeakSet<Signature>;
  readonly pending: Body["pending"];
}

export function define(s: State, of: Checked): void {
  const before = s.functions.get(of.name);
  if (before !== undefined && before.file !== of.file) s.isMixed = true;
  s.functions.set(of.name, of);
}

export function checkDefaults(s: State, file: string, of: Signature): void {
  for (const param of of.params) {
    if (param.node?.default !== undefined) constantCheck(s, file, param.node.default, param.type);
  }
}

/** A default is pure and sees no locals. */
export function constantCheck(s: State, file: string, node: S.Expr, type: T.Type): void {
  const outer = body(s, file, variables(true), undefined);
  let isTold = false;
  const refuse = (why: string): void => {
    if (isTold) return;
    isTold = true;
    report(outer, "TEL0339", node.span, `this default needs ${why}`, {
      hints: ["give the argument in the call, so that its default is not needed"],
    });
  };
  const b: Body = { ...outer, defaults: { open: [node], needed: { count: 0 }, refuse } };
  check(b, node, type);
  finish(b);
  const done = Row.labels(b.row);
  if (done.length > 0) {
    report(b, "TEL0314", node.span, `a default is pure, and this does \`${Row.showLabels(done)}\``, {
      hints: ["do the effect where the value is needed"],
    });
  }
}

const noDefaults: Body["defaults"] = { open: [], needed: { count: 0 }, refuse: () => {} };

export function body(
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
    defaults: noDefaults,
    aborts: s.aborts,
    ensure: s.ensure,
    settled: s.settled,
    pending: s.pending,
  };
}

/** What could only be said when all is inferred. */
export function finish(b: Body): void {
  for (let i = 0; i < b.later.length; i++) b.later[i]!();
  b.later.length = 0;
}

/** The variables of a signature, so that types inside the body mean the same. */
export const variablesOf = (of: Signature): Variables => ({
  rigids: rigidsByName(of.rigids),
  rows: of.rows.length === 0 ? undefined : new Set(of.rows),
  implicit: true,
});

export function bindParams(b: Body, params: readonly S.Param[], types: readonly T.Type[]): TypedFunction["params"] {
  return params.map((param, i) => {
    const local = binding(b, param) as Local;
    const type = types[i] ?? T.unknown();
    b.types.set(local, type);
    return { local, type };
  });
}

const none: readonly S.Name[] = [];

export function writtenIn(d: Declarations, file: string, row: S.Row | undefined): Checked["written"] {
  const all = row?.labels ?? none;
  if (all.length === 0) return all;
  const bindings = d.resolved.scopes.get(file)!.bindings;
  return all.every((name) => labelOf(bindings.get(name)) !== undefined) ? all : undefined;
}

/** Of clauses that have no symbol of their own. */
export const signatureOf = (
  s: State,
  file: string,
  params: readonly S.Param[],
  given: readonly T.Type[] = [],
): Signature => makeSignature(s.d, "", file, { params }, given);
