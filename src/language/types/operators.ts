/** Operators. Arithmetic is on two numbers of one type, or on Instants and Durations. */
import type { Details } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import { agree, type Body, demand, equate, errorNode, report } from "./Body.ts";
import { ignoredResult } from "./block.ts";
import { apply, call } from "./call.ts";
import { check, infer } from "./expression.ts";
import { show, withArticle } from "./show.ts";
import type { Expr } from "./Tree.ts";
import * as T from "./Type.ts";
import { firstOf, parOf } from "./timed.ts";

export function binary(b: Body, node: S.BinaryExpr, expected: T.Type | undefined): Expr {
  const { span, op } = node;
  switch (op) {
    case "&&":
    case "||": {
      const left = check(b, node.left, T.Bool);
      return { kind: "binary", op, left, right: check(b, node.right, T.Bool), span, type: T.Bool };
    }
    case "==":
    case "!=": {
      const [left, right] = sides(b, node, undefined);
      demand(b, left.type, T.Constraint.Eq, span);
      return { kind: "binary", op, left, right, span, type: T.Bool };
    }
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const [left, right] = sides(b, node, undefined);
      demand(b, left.type, T.Constraint.Ord, span);
      return { kind: "binary", op, left, right, span, type: T.Bool };
    }
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(b, node, expected);
    case "|>":
      return pipe(b, node, expected);
    case ">>": {
      const left = infer(b, node.left);
      b.later.push(() => ignoredResult(b, left));
      const right = expected === undefined ? infer(b, node.right) : check(b, node.right, expected);
      return { kind: "sequence", left, right, span, type: right.type };
    }
    case "<|>":
      return parOf(b, flatten(node, "<|>"), span);
    case "<|":
      return firstOf(b, flatten(node, "<|"), span, expected);
  }
}

/** `a <|> b <|> c` is one `par` of three. */
function flatten(node: S.Expr, op: S.BinaryOp): readonly S.Expr[] {
  if (node.kind !== "binary" || node.op !== op) return [node];
  return [...flatten(node.left, op), ...flatten(node.right, op)];
}

/** Both sides of one type. A literal on the left learns its type from the right. */
function sides(b: Body, node: S.BinaryExpr, expected: T.Type | undefined): readonly [Expr, Expr] {
  const left = expected === undefined ? infer(b, node.left) : infer(b, node.left, expected);
  const right = infer(b, node.right, left.type);
  const before = right.type;
  if (left.kind !== "error" && right.kind !== "error") {
    equate(b, before, left.type, node.right.span, leftSide(node, left));
  }
  return [left, right];
}

/** What stands left, as it is before both sides are made one. */
function leftSide(node: S.BinaryExpr, left: Expr): () => Details {
  const tell = (): Details => ({
    labels: [{ span: node.left.span, text: `this is ${withArticle(show(left.type))}` }],
  });
  const type = T.shallow(left.type);
  if (type.kind === "con" && type.args.length === 0) return tell;
  const told = tell();
  return () => told;
}

const isCon = (type: T.Type, info: T.TypeInfo): boolean => type.kind === "con" && type.info === info;

function arithmetic(b: Body, node: S.BinaryExpr, expected: T.Type | undefined): Expr {
  const { span, op } = node;
  const known = expected === undefined ? undefined : T.shallow(expected);
  const number =
    known !== undefined && (isCon(known, T.builtinTypes.Decimal) || isCon(known, T.builtinTypes.Int))
      ? known
      : undefined;
  const left = infer(b, node.left, number);
  const right = infer(b, node.right, number);
  if (left.kind === "error" || right.kind === "error") {
    return errorNode(span, left.kind === "error" ? right.type : left.type);
  }
  const l = T.shallow(left.type);
  const r = T.shallow(right.type);
  const time = temporal(op, l, r);
  if (time !== undefined) {
    if (time.right !== undefined) agree(b, right, time.right);
    if (time.left !== undefined) agree(b, left, time.left);
    return { kind: "binary", op, left, right, span, type: time.type };
  }
  const { Duration, Instant, Text } = T.builtinTypes;
  if ([l, r].some((type) => isCon(type, Duration) || isCon(type, Instant))) {
    report(b, "TEL0325", span, `\`${show(l)}\` ${op} \`${show(r)}\` has no meaning`, {
      hints: ["Instant − Instant, Instant ± Duration, Duration ± Duration, Duration × Int and Duration ÷ Int have one"],
    });
    return errorNode(span);
  }
  const isText = (type: T.Type): boolean =>
    isCon(type, Text) || (type.kind === "var" && (type.constraint & T.Constraint.TextLiteral) !== 0);
  if (op === "+" && (isText(l) || isText(r))) {
    report(b, "TEL0325", span, "texts are not added with `+`", {
      hints: [`put them into one text: \`"\${a}\${b}"\`, or use \`text.concat\``],
    });
    return errorNode(span, T.Text);
  }
  if (equate(b, right.type, left.type, node.right.span, leftSide(node, left))) {
    demand(b, left.type, T.Constraint.Num, span);
  }
  return { kind: "binary", op, left, right, span, type: left.type };
}

interface Temporal {
  readonly type: T.Type;
  readonly left?: T.Type;
  readonly right?: T.Type;
}

function temporal(op: S.BinaryOp, l: T.Type, r: T.Type): Temporal | undefined {
  const { Duration, Instant, Int } = T.builtinTypes;
  const isInt = (type: T.Type): boolean =>
    isCon(type, Int) || (type.kind === "var" && (type.constraint & T.Constraint.IntLiteral) !== 0);
  if (isCon(l, Instant)) {
    if (isCon(r, Instant)) return op === "-" ? { type: T.Duration } : undefined;
    if (isCon(r, Duration) || (r.kind === "var" && r.constraint === 0 && op === "+")) {
      return op === "+" || op === "-" ? { type: T.Instant, right: T.Duration } : undefined;
    }
    return undefined;
  }
  if (isCon(l, Duration)) {
    if (isCon(r, Duration)) return op === "+" || op === "-" ? { type: T.Duration } : undefined;
    if (isCon(r, Instant)) return op === "+" ? { type: T.Instant } : undefined;
    if (isInt(r)) return op === "*" || op === "/" ? { type: T.Duration, right: T.Int } : undefined;
    return undefined;
  }
  return isCon(r, Duration) && isInt(l) && op === "*" ? { type: T.Duration, left: T.Int } : undefined;
}

/** `x |> f(y)` is `f(x, y)`. */
function pipe(b: Body, node: S.BinaryExpr, expected: T.Type | undefined): Expr {
  const first = infer(b, node.left);
  let to: S.Expr = node.right;
  while (to.kind === "group") to = to.inner;
  if (to.kind === "call") return call(b, to, expected, first);
  if (to.kind === "binary" && node.right.kind !== "group") {
    report(b, "TEL0305", to.opSpan, `\`|>\` binds looser than \`${to.op}\`, so all of this would be its right side`, {
      hints: [`put the pipe in parentheses: \`(x |> f()) ${to.op} …\``],
    });
    infer({ ...b, d: { ...b.d, problems: [] } }, to);
    return errorNode(node.span);
  }
  if (to.kind === "try" && to.target.kind === "call") {
    report(b, "TEL0305", to.span, "`?` binds to what is right of `|>`", {
      hints: ["put the pipe in parentheses: `(x |> f())?`"],
    });
    return errorNode(node.span);
  }
  const call_: S.CallExpr = { kind: "call", span: node.span, callee: to, bang: false, args: [] };
  if (to.kind === "name" || to.kind === "member") return call(b, call_, expected, first);
  return apply(b, call_, infer(b, to), expected, first);
}
