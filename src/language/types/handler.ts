/** Handlers: a clause for each operation of the effect, and what they abort with. */
import { operations } from "../core/operations.ts";
import type { HandlerSymbol } from "../names/Tree.ts";
import { type Body, binding, report } from "./Body.ts";
import { bindParams, body, checkDefaults, define, finish, type State, variablesOf, writtenIn } from "./Checking.ts";
import { labelOf, signature } from "./Declarations.ts";
import { lambdaNode } from "./lambda.ts";
import * as Row from "./Row.ts";
import type { Expr } from "./Tree.ts";
import * as T from "./Type.ts";

export function handler(s: State, symbol: HandlerSymbol): void {
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
  define(s, {
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
    written: writtenIn(s.d, symbol.file, decl.row),
  });
}
