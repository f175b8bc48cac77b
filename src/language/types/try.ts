/**
 * `e?`: the value of an `Ok` or `Some`, else the function around returns the `Err` or `None`. Where the outer error has
 * exactly one constructor whose only field has the inner error's type, the inner error is wrapped in it.
 */
import type * as S from "../syntax/Tree.ts";
import { type Body, equate, errorNode, report } from "./Body.ts";
import { infer } from "./expression.ts";
import { show, withArticle } from "./show.ts";
import type { Expr } from "./Tree.ts";
import * as T from "./Type.ts";

export function tryOperator(b: Body, node: S.TryExpr): Expr {
  const { span } = node;
  const target = infer(b, node.target);
  const type = T.shallow(target.type);
  if (target.kind === "error") return errorNode(span);
  const { Option, Result } = T.builtinTypes;
  if (type.kind !== "con" || (type.info !== Option && type.info !== Result)) {
    report(
      b,
      "TEL0317",
      span,
      `\`?\` takes the value out of an Option or a Result, and this is ${withArticle(show(type))}`,
      {
        hints: type.kind === "var" ? ["its type is not known here: annotate it"] : ["remove the `?`"],
      },
    );
    return errorNode(span);
  }
  const value = type.args[0]!;
  if (b.result === undefined) {
    report(b, "TEL0328", span, `\`?\` cannot leave ${b.noResult}`, { hints: ["look at the result with `match`"] });
    return errorNode(span, value);
  }
  const outer = T.shallow(b.result);
  if (type.info === Option) {
    if (outer.kind === "var") equate(b, T.option(T.unknown()), outer, span);
    else if (outer.kind !== "con" || outer.info !== Option) {
      noResult(b, span, "Option", outer);
      return errorNode(span, value);
    }
    return { kind: "try", on: "option", target, wrap: undefined, span, type: value };
  }
  const error = type.args[1]!;
  if (outer.kind === "var") {
    equate(b, T.result(T.unknown(), error), outer, span);
    return { kind: "try", on: "result", target, wrap: undefined, span, type: value };
  }
  if (outer.kind !== "con" || outer.info !== Result) {
    noResult(b, span, "Result", outer);
    return errorNode(span, value);
  }
  const wrap = wrapper(error, outer.args[1]!);
  if (wrap === undefined) {
    const hints = [whyNotWrapped(error, outer.args[1]!)];
    equate(b, error, outer.args[1]!, span, () => ({ hints }));
  }
  return { kind: "try", on: "result", target, wrap, span, type: value };
}

function noResult(b: Body, span: S.Span, needs: string, outer: T.Type): void {
  report(
    b,
    "TEL0317",
    span,
    `\`?\` returns early with ${withArticle(needs)}, and the function around gives ${withArticle(show(outer))}`,
    {
      hints: [`let the function give \`${needs}<…>\`, or use \`match\``],
    },
  );
}

const headOf = (type: T.Type): T.TypeInfo | undefined => {
  const at = T.shallow(type);
  return at.kind === "con" ? at.info : undefined;
};

function wrappers(inner: T.Type, outer: T.Type): readonly T.ConstructorInfo[] {
  const from = headOf(inner);
  const to = headOf(outer);
  if (from === undefined || to === undefined || from === to || to.kind === "builtin") return [];
  return to.constructors.filter((each) => each.fields.length === 1 && headOf(each.fields[0]!.type) === from);
}

function wrapper(inner: T.Type, outer: T.Type): T.ConstructorInfo | undefined {
  const all = wrappers(inner, outer);
  return all.length === 1 ? all[0] : undefined;
}

function whyNotWrapped(inner: T.Type, outer: T.Type): string {
  const all = wrappers(inner, outer);
  if (all.length > 1)
    return `${all.map((each) => `\`${each.name}\``).join(" and ")} could both wrap it: say which with \`result.mapError\``;
  return `\`?\` wraps by itself where \`${show(outer)}\` has exactly one case whose only field is ${withArticle(show(inner))}`;
}
