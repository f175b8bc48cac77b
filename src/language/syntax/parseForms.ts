/** Expressions that start with a word of their own and hold blocks. */
import * as Cursor from "./Cursor.ts";
import { braced } from "./lists.ts";
import { expression, missing, startsExpression } from "./parseExpression.ts";
import { pattern, startsPattern } from "./parsePattern.ts";
import { bodyBlock } from "./parseStep.ts";
import { params } from "./parseType.ts";
import { isId, isWord, T } from "./Token.ts";
import type { Arm, Branch, BranchesExpr, Expr, IfExpr, TimedExpr, WithExpr } from "./Tree.ts";

export function lambda(c: Cursor.Cursor): Expr {
  const from = Cursor.start(c);
  Cursor.advance(c);
  if (isId(Cursor.kind(c)) && !Cursor.onNewLine(c)) {
    const written = Cursor.text(c);
    Cursor.report(c, "TEL0119", Cursor.span(c), "a function inside a block has no name of its own", {
      hints: [`write \`let ${written} = fn(…) { … }\`, or move it out of the block`],
    });
    Cursor.advance(c);
  }
  const read = params(c, "body");
  const body = bodyBlock(c, "`fn`");
  return { kind: "lambda", span: Cursor.spanFrom(c, from), params: read, body };
}

export function ifElse(c: Cursor.Cursor): IfExpr {
  const from = Cursor.start(c);
  Cursor.advance(c);
  const condition = expression(c);
  const then = bodyBlock(c, "`if`");
  let otherwise: IfExpr["else"];
  if (acceptElse(c)) {
    if (Cursor.kind(c) !== T.if) otherwise = bodyBlock(c, "`else`");
    else if (Cursor.enter(c)) {
      otherwise = ifElse(c);
      Cursor.leave(c);
    } else Cursor.leave(c);
  }
  const span = Cursor.spanFrom(c, from);
  return { kind: "if", span, condition, then, else: otherwise };
}

/**
 * Not every `else` belongs to what stands before it: `else = x` is the next branch of a `par`, with its label, and
 * `else: Int` the field after one whose default is an `if`.
 */
function acceptElse(c: Cursor.Cursor): boolean {
  const next = Cursor.kindAhead(c, 1);
  return next !== T.equals && next !== T.colon && Cursor.accept(c, T.else);
}

export function match(c: Cursor.Cursor): Expr {
  const from = Cursor.start(c);
  Cursor.advance(c);
  const subject = expression(c);
  const arms = braced(c, { item: arm, startsItem: startsPattern, what: "a case", endsBefore: Cursor.isBlockOver });
  return { kind: "match", span: Cursor.spanFrom(c, from), subject, arms };
}

function arm(c: Cursor.Cursor): Arm {
  const from = Cursor.start(c);
  const before = c.at;
  const read = pattern(c);
  const guard = c.at > before && Cursor.accept(c, T.if) ? expression(c) : undefined;
  const body = c.at > before ? armBody(c) : missing(c);
  return { span: Cursor.spanFrom(c, from), pattern: read, guard, body };
}

function armBody(c: Cursor.Cursor): Expr {
  if (Cursor.kind(c) !== T.arrow && Cursor.kind(c) !== T.colon)
    return Cursor.expect(c, T.fatArrow, "a case is `pattern => value`") ? expression(c) : missing(c);
  Cursor.report(c, "TEL0101", Cursor.span(c), `a case is \`pattern => value\`, with \`=>\`, not ${Cursor.found(c)}`, {
    fix: { title: "replace by `=>`", edits: [{ span: Cursor.span(c), text: "=>" }] },
  });
  Cursor.advance(c);
  return expression(c);
}

export function timed(c: Cursor.Cursor): TimedExpr {
  const from = Cursor.start(c);
  const now = Cursor.kind(c);
  const form = now === T.within ? "within" : now === T.after ? "after" : "at";
  Cursor.advance(c);
  const time = expression(c);
  const body = bodyBlock(c, `\`${form}\``);
  const otherwise = acceptElse(c) ? bodyBlock(c, "`else`") : undefined;
  return { kind: "timed", span: Cursor.spanFrom(c, from), form, time, body, else: otherwise };
}

export function branches(c: Cursor.Cursor): BranchesExpr {
  const from = Cursor.start(c);
  const now = Cursor.kind(c);
  const form = now === T.par ? "par" : now === T.race ? "race" : "first";
  Cursor.advance(c);
  const read = braced(c, {
    item: branch,
    startsItem: startsExpression,
    what: "a branch",
    endsBefore: Cursor.isBlockOver,
  });
  return { kind: "branches", span: Cursor.spanFrom(c, from), form, branches: read };
}

function branch(c: Cursor.Cursor): Branch {
  const from = Cursor.start(c);
  const labelled = isWord(Cursor.kind(c)) && Cursor.kindAhead(c, 1) === T.equals;
  const label = labelled ? Cursor.takeName(c) : undefined;
  if (labelled) Cursor.advance(c);
  const value = expression(c);
  return { span: Cursor.spanFrom(c, from), label, value };
}

export function withHandler(c: Cursor.Cursor): WithExpr {
  const from = Cursor.start(c);
  Cursor.advance(c);
  const handler = expression(c);
  const body = bodyBlock(c, "`with`");
  return { kind: "with", span: Cursor.spanFrom(c, from), handler, body };
}
