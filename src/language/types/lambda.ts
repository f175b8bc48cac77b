/** Anonymous functions: parameter types come from what is expected, or from what the body does with them. */
import type * as S from "../syntax/Tree.ts";
import { type Body, binding, equate } from "./Body.ts";
import { toType } from "./Declarations.ts";
import { check } from "./expression.ts";
import * as Row from "./Row.ts";
import type { Expr } from "./Tree.ts";
import * as T from "./Type.ts";

/** Of a lambda, or of a handler's clause, whose `abort` leaves the `with` that installed it. */
export function lambdaNode(
  b: Body,
  nodes: readonly S.Param[],
  bodyNode: S.Expr,
  span: S.Span,
  expected: T.Type | undefined,
): Expr {
  const known = expected === undefined ? undefined : T.shallow(expected);
  const wanted = known?.kind === "fn" && known.params.length === nodes.length ? known : undefined;
  const params = nodes.map((param, i) => {
    const local = binding(b, param);
    if (local?.kind !== "local") throw new Error("internal error: a parameter is not bound");
    const type = wanted?.params[i] ?? T.unknown();
    if (param.type !== undefined) {
      const written = toType(b.d, b.file, param.type, b.variables);
      equate(b, type, written, param.span);
      b.types.set(local, written);
    } else b.types.set(local, type);
    return local;
  });
  const row = Row.open();
  const result = wanted?.result ?? T.unknown();
  const body = check({ ...b, row, result }, bodyNode, result);
  const type = T.fn(
    params.map((local) => b.types.get(local)!),
    result,
    row,
  );
  return { kind: "lambda", params, body, span, type };
}
