/** Expressions, blocks and steps. */
import * as Literal from "../Literal.ts";
import { isComparison, levelOf, MATCHES_LEVEL } from "../precedence.ts";
import type { Arg, BinaryExpr, BinaryOp, Block, Branch, Expr, IfExpr, LiteralExpr, Step, TextExpr } from "../Tree.ts";
import type { Comments } from "./Comments.ts";
import { cat, choose, type Doc, flatText, group, indent, isHard, join, line, softline } from "./Doc.ts";
import { braces, commas, commasOf, hasCommentsBetween, type Item } from "./lists.ts";
import { printParams, printPattern, printType } from "./printType.ts";

/** A construct with brackets whose lines the caller may break: `group(inner, broken)` is its usual form. */
type Open = { readonly inner: Doc; readonly broken: boolean };

export function printExpression(comments: Comments, expr: Expr): Doc {
  const open = openForm(comments, expr);
  if (open !== undefined) return group(open.inner, open.broken);
  switch (expr.kind) {
    case "missing":
      return "()";
    case "state":
      return "state";
    case "name":
      return expr.hash === undefined ? expr.name.text : `${expr.name.text}#${expr.hash.text}`;
    case "group":
      return parenthesised(comments, expr.inner);
    case "member":
      return cat(postfixTarget(comments, expr.target), `.${expr.name.text}`);
    case "index":
      return cat(postfixTarget(comments, expr.target), "[", printExpression(comments, expr.index), "]");
    case "try":
      return cat(postfixTarget(comments, expr.target), "?");
    case "call": {
      const callee = postfixTarget(comments, expr.callee);
      const span = { start: expr.callee.span.end, end: expr.span.end };
      return cat(callee, expr.bang ? "!" : "", printArgs(comments, expr.args, span));
    }
    case "unary": {
      const { operand } = expr;
      const isLoose = operand.kind === "binary" || operand.kind === "matches";
      return cat(expr.op, isLoose ? parenthesised(comments, operand) : printExpression(comments, operand));
    }
    case "binary":
      return printBinary(comments, expr);
    case "matches": {
      const { subject } = expr;
      const isLoose = subject.kind === "matches" || (subject.kind === "binary" && levelOf(subject.op) <= MATCHES_LEVEL);
      const shown = isLoose ? parenthesised(comments, subject) : printExpression(comments, subject);
      return cat(shown, " matches ", printPattern(expr.pattern));
    }
    default:
      return printLiteral(expr as LiteralExpr, comments);
  }
}

/** Parentheses that the layout adds look as those that were written: they are, when the text is formatted again. */
const parenthesised = (comments: Comments, expr: Expr): Doc =>
  group(cat("(", indent(cat(softline, printExpression(comments, expr))), softline, ")"));

/** What can stand before `.`, `(`, `[` and `?` without parentheses. */
function postfixTarget(comments: Comments, expr: Expr): Doc {
  switch (expr.kind) {
    case "unary":
    case "binary":
    case "matches":
    case "lambda":
    case "if":
    case "match":
    case "timed":
    case "branches":
    case "with":
    case "block":
      return parenthesised(comments, expr);
    default:
      return printExpression(comments, expr);
  }
}

export function printLiteral(expr: LiteralExpr, comments?: Comments): Doc {
  switch (expr.kind) {
    case "int":
    case "decimal":
    case "duration":
      return expr.text;
    case "float":
      return `${expr.text}f`;
    case "bool":
      return String(expr.value);
    case "instant":
      return `@${expr.text}`;
    case "hash":
      return `#${expr.hash.text}`;
    case "text":
      return printText(expr, comments);
  }
}

function printText(expr: TextExpr, comments: Comments | undefined): string {
  const parts = expr.parts.map((part) => {
    if (part.kind === "chars") return Literal.spellingOf(part.value);
    const hole = comments === undefined ? "" : flatText(printExpression(comments, part.value));
    return `\${${hole}}`;
  });
  return `"${parts.join("")}"`;
}

// ------------------------------------------------------------------------------------------ operators

/** A line may not start with these. */
const endsLine = (op: BinaryOp): boolean => op === "-" || op === ">";

const isComparing = (op: BinaryOp): boolean => isComparison(levelOf(op));

function printBinary(comments: Comments, expr: BinaryExpr): Doc {
  const level = levelOf(expr.op);
  const chain: { readonly op: BinaryOp; readonly right: Expr }[] = [];
  let first: Expr = expr;
  while (first.kind === "binary" && levelOf(first.op) === level && (first === expr || !isComparing(first.op))) {
    chain.unshift({ op: first.op, right: first.right });
    first = first.left;
  }
  const leftIsLoose =
    (first.kind === "binary" &&
      (levelOf(first.op) < level || (isComparing(first.op) && levelOf(first.op) === level))) ||
    (first.kind === "matches" && MATCHES_LEVEL <= level);
  const head = leftIsLoose ? parenthesised(comments, first) : printExpression(comments, first);
  const operatorsEnd = chain.some(({ op }) => endsLine(op));
  const tail = chain.map(({ op, right }) => {
    const isLoose =
      (right.kind === "binary" && levelOf(right.op) <= level) || (right.kind === "matches" && MATCHES_LEVEL <= level);
    const shown = isLoose ? parenthesised(comments, right) : printExpression(comments, right);
    return operatorsEnd ? cat(` ${op}`, line, shown) : cat(line, `${op} `, shown);
  });
  return group(cat(head, indent(cat(...tail))));
}

// ----------------------------------------------------------------------------------------- arguments

export function printArgs(comments: Comments, args: readonly Arg[], span: { start: number; end: number }): Doc {
  const items = args.map((arg): Item => ({ span: arg.span, doc: () => printArg(comments, arg) }));
  if (hasCommentsBetween(comments, items, span)) {
    const { inner, broken } = commas(comments, "(", items, ")", span);
    return group(inner, broken);
  }
  const last = args[args.length - 1];
  if (last === undefined) return "()";
  const before = args.slice(0, -1).map((arg) => printArg(comments, arg));
  const open = openForm(comments, last.value);
  if (open === undefined) {
    const only = printArg(comments, last);
    // `f(g(x, fn(y) {` and its end stand on lines of their own only when g's arguments do.
    if (args.length === 1 && last.value.kind === "call" && isHard(only)) {
      const together = cat("(", only, ")");
      return choose(together, together, group(commasOf("(", [only], ")"), true));
    }
    return group(commasOf("(", [...before, only], ")"));
  }
  const labelled = (doc: Doc): Doc => (last.label === undefined ? doc : cat(`${last.label.text}: `, doc));
  const plain = labelled(group(open.inner, open.broken));
  if (before.some(isHard)) return group(commasOf("(", [...before, plain], ")"));
  const broken = labelled(group(open.inner, true));
  const flat = cat("(", join([...before, plain], ", "), ")");
  const hug = cat("(", join([...before, broken], ", "), ")");
  return choose(flat, hug, group(commasOf("(", [...before, plain], ")"), true));
}

const printArg = (comments: Comments, arg: Arg): Doc =>
  arg.label === undefined
    ? printExpression(comments, arg.value)
    : cat(`${arg.label.text}: `, printExpression(comments, arg.value));

// --------------------------------------------------------------------------- constructs with brackets

function openForm(comments: Comments, expr: Expr): Open | undefined {
  switch (expr.kind) {
    case "block":
      return openBlock(comments, expr);
    case "tuple":
      return commas(comments, "(", argItems(comments, expr.items), ")", expr.span);
    case "list": {
      const items = expr.items.map((item): Item => ({ span: item.span, doc: () => printExpression(comments, item) }));
      return commas(comments, "[", items, "]", expr.span);
    }
    case "map": {
      if (expr.entries.length === 0) return { inner: "[:]", broken: false };
      const items = expr.entries.map(
        ({ span, key, value }): Item => ({
          span,
          doc: () => cat(printExpression(comments, key), ": ", printExpression(comments, value)),
        }),
      );
      return commas(comments, "[", items, "]", expr.span);
    }
    case "lambda": {
      const span = { start: expr.span.start, end: expr.body.span.start };
      const head = cat("fn", printParams(comments, expr.params, span), " ");
      return withBlock(comments, head, expr.body);
    }
    case "if":
      return openIf(comments, expr);
    case "match": {
      const arms = expr.arms.map(
        (arm): Item => ({
          span: arm.span,
          doc: () => {
            const guard = arm.guard === undefined ? "" : cat(" if ", printExpression(comments, arm.guard));
            return cat(printPattern(arm.pattern), guard, " => ", printExpression(comments, arm.body));
          },
        }),
      );
      const head = cat("match ", printExpression(comments, expr.subject), " ");
      const { inner } = braces(comments, arms, expr.subject.span.end, expr.span.end, false);
      return { inner: cat(head, inner), broken: arms.length > 0 };
    }
    case "timed": {
      const head = cat(`${expr.form} `, printExpression(comments, expr.time), " ");
      const body = withBlock(comments, head, expr.body);
      if (expr.else === undefined) return body;
      const otherwise = openBlock(comments, expr.else);
      return { inner: cat(body.inner, " else ", otherwise.inner), broken: body.broken || otherwise.broken };
    }
    case "branches": {
      const items = expr.branches.map(
        (branch): Item => ({ span: branch.span, doc: () => printBranch(comments, branch) }),
      );
      const { inner, broken } = braces(comments, items, expr.span.start, expr.span.end, true);
      return { inner: cat(`${expr.form} `, inner), broken };
    }
    case "with":
      return withBlock(comments, cat("with ", printExpression(comments, expr.handler), " "), expr.body);
    default:
      return undefined;
  }
}

const argItems = (comments: Comments, args: readonly Arg[]): Item[] =>
  args.map((arg) => ({ span: arg.span, doc: () => printArg(comments, arg) }));

function withBlock(comments: Comments, head: Doc, body: Block): Open {
  const { inner, broken } = openBlock(comments, body);
  return { inner: cat(head, inner), broken };
}

function openIf(comments: Comments, expr: IfExpr): Open {
  const head = cat("if ", printExpression(comments, expr.condition), " ");
  const then = withBlock(comments, head, expr.then);
  if (expr.else === undefined) return then;
  const otherwise = expr.else.kind === "if" ? openIf(comments, expr.else) : openBlock(comments, expr.else);
  return { inner: cat(then.inner, " else ", otherwise.inner), broken: then.broken || otherwise.broken };
}

function printBranch(comments: Comments, branch: Branch): Doc {
  const value = printExpression(comments, branch.value);
  return branch.label === undefined ? value : cat(`${branch.label.text} = `, value);
}

/** A block of one step may stand on one line; more steps have a line each. */
export function openBlock(comments: Comments, block: Block): Open {
  const items = block.steps.map((step): Item => ({ span: step.span, doc: () => printStep(comments, step) }));
  return braces(comments, items, block.span.start, block.span.end, block.steps.length <= 1);
}

export function printStep(comments: Comments, step: Step): Doc {
  switch (step.kind) {
    case "let": {
      const type = step.type === undefined ? "" : cat(": ", printType(step.type));
      return cat("let ", printPattern(step.pattern), type, " = ", printExpression(comments, step.value));
    }
    case "return":
    case "abort":
    case "assert":
      return cat(`${step.kind} `, printExpression(comments, step.value));
    case "assign":
      return cat(printExpression(comments, step.place), " = ", printExpression(comments, step.value));
    case "expr":
      return printExpression(comments, step.value);
  }
}
