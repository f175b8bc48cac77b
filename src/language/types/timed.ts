/** Time, branches and handlers: `within`, `after`, `at`, `par`, `race`, `first`, `with`. */
import type * as S from "../syntax/Tree.ts";
import { agree, type Body, equate, errorNode, perform, report } from "./Body.ts";
import { preludeType } from "./Declarations.ts";
import { check, infer } from "./expression.ts";
import * as Row from "./Row.ts";
import { show, withArticle } from "./show.ts";
import type { Expr } from "./Tree.ts";
import * as T from "./Type.ts";

const clock = Row.closed(["Clock"]);

export function timed(b: Body, node: S.TimedExpr, expected: T.Type | undefined): Expr {
  const { span, form } = node;
  b.noted.hasTime = true;
  const time = check(b, node.time, form === "at" ? T.Instant : T.Duration);
  perform(b, clock);
  if (form !== "within") {
    const body = expected === undefined ? infer(b, node.body) : check(b, node.body, expected);
    return { kind: "wait", mode: form, time, body, span, type: body.type };
  }
  if (node.else === undefined) {
    const known = expected === undefined ? undefined : T.shallow(expected);
    const inner = known?.kind === "con" && known.info === T.builtinTypes.Result ? known.args[0]! : undefined;
    const body = inner === undefined ? infer(b, node.body) : check(b, node.body, inner);
    const type = T.result(body.type, preludeType(b.d, "Timeout"));
    return { kind: "within", time, body, otherwise: undefined, span, type };
  }
  const type = expected ?? T.unknown();
  const body = check(b, node.body, type);
  return { kind: "within", time, body, otherwise: check(b, node.else, type), span, type };
}

export function branches(b: Body, node: S.BranchesExpr, expected: T.Type | undefined): Expr {
  const { span } = node;
  if (node.branches.length === 0) {
    report(b, "TEL0302", span, `\`${node.form}\` has no branches`, { hints: ["give it at least one"] });
    return errorNode(span);
  }
  const values = node.branches.map((branch) => branch.value);
  if (node.form === "first") return firstOf(b, values, span, expected);
  if (node.form === "race") {
    const type = expected ?? T.unknown();
    const made = values.map((value) => agree(b, branch(b, value, "a `race` branch", type), type));
    perform(b, clock);
    return { kind: "race", branches: made, span, type };
  }
  const labels = node.branches.map((each) => each.label?.text);
  if (labels.every((label) => label === undefined)) return parOf(b, values, span);
  const unlabelled = node.branches.find((each) => each.label === undefined);
  if (unlabelled !== undefined) {
    report(b, "TEL0303", unlabelled.span, "this branch has no label, and others have", { hints: ["write `name = …`"] });
  }
  const made = values.map((value) => branch(b, value, "a `par` branch"));
  const names = labels.map((label, i) => label ?? `_${i}`);
  const type = T.rec(names.map((name, i) => [name, made[i]!.type]));
  return { kind: "par", labels: names, branches: made, span, type };
}

export function parOf(b: Body, values: readonly S.Expr[], span: S.Span): Expr {
  const made = values.map((value) => branch(b, value, "a `par` branch"));
  return { kind: "par", labels: undefined, branches: made, span, type: T.tuple(made.map((each) => each.type)) };
}

/** A branch is a computation of its own: nothing leaves it but its value. */
function branch(b: Body, value: S.Expr, what: string, expected?: T.Type): Expr {
  const row = Row.open();
  perform(b, row);
  b.noted.hasBranches = true;
  const inner: Body = { ...b, row, result: undefined, noResult: what, abort: undefined, readOnlyState: true };
  return expected === undefined ? infer(inner, value) : check(inner, value, expected);
}

/** Tries Results in order and gives the first `Ok`, else the last `Err`. */
export function firstOf(b: Body, values: readonly S.Expr[], span: S.Span, expected: T.Type | undefined): Expr {
  const type = expected ?? T.result(T.unknown(), T.unknown());
  const known = T.shallow(type);
  if (known.kind === "con" && known.info !== T.builtinTypes.Result) {
    report(b, "TEL0336", span, `\`first\` gives a Result, and ${withArticle(show(known))} is expected`, {});
    for (const value of values) infer(b, value);
    return errorNode(span);
  }
  const item = T.unknown();
  const error = T.unknown();
  equate(b, T.result(item, error), type, span);
  const made = values.map((value) => check(b, value, type));
  return { kind: "first", branches: made, span, type };
}

export function withHandler(b: Body, node: S.WithExpr, expected: T.Type | undefined): Expr {
  const { span } = node;
  const handler = infer(b, node.handler);
  const type = expected ?? T.unknown();
  const known = T.shallow(handler.type);
  if (known.kind !== "handler") {
    if (handler.kind !== "error") {
      report(b, "TEL0301", node.handler.span, `\`with\` needs a handler, and this is ${withArticle(show(known))}`, {
        hints: ["declare one with `handler name for Effect { … }`"],
      });
    }
    const silent: Body = { ...b, row: Row.open() };
    return { kind: "with", handler, body: check(silent, node.body, type), span, type };
  }
  const row = Row.open();
  Row.flow(row, b.row, () => {}, new Set(known.handles));
  perform(b, known.row);
  const body = check({ ...b, row, abort: type }, node.body, type);
  equate(b, known.abort, type, node.handler.span, () => ({
    hints: ["a handler's `abort` gives what the whole `with` gives"],
  }));
  return { kind: "with", handler, body, span, type };
}
