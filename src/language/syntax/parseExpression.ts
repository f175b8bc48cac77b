/** Expressions: operators by precedence (Pratt), then what follows an atom, then atoms. */
import { appended } from "../../std/index.ts";
import * as Cursor from "./Cursor.ts";
import * as Literal from "./Literal.ts";
import { commas } from "./lists.ts";
import { branches, ifElse, lambda, match, timed, withHandler } from "./parseForms.ts";
import { literal } from "./parseLiteral.ts";
import { pattern, skipText } from "./parsePattern.ts";
import { block, isStepWord, stepInExpression } from "./parseStep.ts";
import { takeLabel } from "./parseType.ts";
import { isComparison, levelOf, levels, ops } from "./precedence.ts";
import { isId, isWord, show, T, type TokenKind } from "./Token.ts";
import type { Arg, Expr, MapEntry, MissingExpr, TextPart } from "./Tree.ts";

export const startsExpression = (kind: TokenKind): boolean =>
  (kind >= T.id && kind <= T.textOpen && kind !== T.underscore && kind !== T.version) ||
  kind === T.parenOpen ||
  kind === T.bracketOpen ||
  kind === T.braceOpen ||
  kind === T.bang ||
  kind === T.true ||
  kind === T.false ||
  (kind >= T.fn && kind !== T.else);

export const missing = (c: Cursor.Cursor): MissingExpr => {
  const { start } = Cursor.missingSpan(c);
  return { kind: "missing", span: { start, end: start } };
};

export const expression = (c: Cursor.Cursor): Expr => binary(c, 1);

function binary(c: Cursor.Cursor, least: number): Expr {
  const from = Cursor.start(c);
  let left = unary(c);
  let chain = 0;
  for (;;) {
    if (Cursor.kind(c) === T.id) foreignWord(c, foreignInfix);
    const now = Cursor.kind(c);
    const level = levels[now]!;
    if (level < least || level === 0) break;
    if (Cursor.onNewLine(c) && (now === T.minus || now === T.greater || now === T.matches)) break;
    chain++;
    if (!Cursor.enter(c)) break;
    if (now === T.matches) {
      Cursor.advance(c);
      const read = pattern(c);
      left = { kind: "matches", span: Cursor.spanFrom(c, from), subject: left, pattern: read };
      continue;
    }
    const opSpan = Cursor.span(c);
    const op = ops[now]!;
    if (isComparison(level) && left.kind === "binary" && levelOf(left.op) === level)
      Cursor.report(c, "TEL0114", opSpan, "comparisons do not chain", {
        labels: [{ span: left.opSpan, text: "the first comparison" }],
        hints: ["write `a < b && b < c`, or put parentheses around one comparison"],
      });
    Cursor.advance(c);
    const right = binary(c, level + 1);
    left = { kind: "binary", span: Cursor.spanFrom(c, from), op, opSpan, left, right };
  }
  Cursor.leave(c, chain);
  return left;
}

const foreignInfix: ReadonlyMap<string, TokenKind> = new Map([
  ["and", T.and],
  ["or", T.or],
]);
const foreignPrefix: ReadonlyMap<string, TokenKind> = new Map([["not", T.bang]]);

/** `a and b`, `not a`: a name with another expression behind it on its line is no TEL; it is read as what was meant. */
function foreignWord(c: Cursor.Cursor, meanings: ReadonlyMap<string, TokenKind>): void {
  const next = Cursor.kindAhead(c, 1);
  if (Cursor.newLineAhead(c, 1) || !startsExpression(next) || next === T.parenOpen || next === T.bracketOpen) return;
  const written = Cursor.text(c);
  const kind = meanings.get(written);
  if (kind === undefined || (Cursor.onNewLine(c) && meanings === foreignInfix)) return;
  const sign = show(kind).slice(1, -1);
  Cursor.report(c, "TEL0009", Cursor.span(c), `\`${written}\` is not an operator of TEL`, {
    hints: [`write \`${sign}\``],
    fix: { title: `replace by \`${sign}\``, edits: [{ span: Cursor.span(c), text: sign }] },
  });
  c.tokens.kinds[c.at] = kind;
}

function unary(c: Cursor.Cursor): Expr {
  if (Cursor.kind(c) === T.id) foreignWord(c, foreignPrefix);
  const now = Cursor.kind(c);
  if (now !== T.minus && now !== T.bang) return postfix(c);
  const from = Cursor.start(c);
  if (!Cursor.enter(c)) {
    Cursor.leave(c);
    return missing(c);
  }
  Cursor.advance(c);
  const operand = unary(c);
  Cursor.leave(c);
  return { kind: "unary", span: Cursor.spanFrom(c, from), op: now === T.minus ? "-" : "!", operand };
}

/** What follows an atom, only on the line on which the atom ends. */
function postfix(c: Cursor.Cursor): Expr {
  const from = Cursor.start(c);
  let target = atom(c);
  let chain = 0;
  let isToldOnce = false;
  while (!Cursor.onNewLine(c) || Cursor.kind(c) === T.dot) {
    const now = Cursor.kind(c);
    if (now === T.dot) {
      if (Cursor.onNewLine(c)) {
        if (!isToldOnce) reportLeadingDot(c);
        isToldOnce = true;
      }
      if (!Cursor.enter(c)) break;
      chain++;
      Cursor.advance(c);
      const name =
        Cursor.kind(c) === T.int ? tuplePlace(c) : Cursor.word(c, "the name of a field or function after `.`");
      target = { kind: "member", span: Cursor.spanFrom(c, from), target, name };
      continue;
    }
    const bang = now === T.bang && Cursor.kindAhead(c, 1) === T.parenOpen && !Cursor.newLineAhead(c, 1);
    if (bang || now === T.parenOpen) {
      if (!Cursor.enter(c)) break;
      chain++;
      if (bang) Cursor.advance(c);
      const items = args(c);
      target = { kind: "call", span: Cursor.spanFrom(c, from), callee: target, bang, args: items };
    } else if (now === T.bracketOpen) {
      if (!Cursor.enter(c)) break;
      chain++;
      const open = c.at;
      Cursor.advance(c);
      const index = expression(c);
      if (!Cursor.accept(c, T.bracketClose)) unclosed(c, open, "`]`");
      target = { kind: "index", span: Cursor.spanFrom(c, from), target, index };
    } else if (now === T.question) {
      if (!Cursor.enter(c)) break;
      chain++;
      Cursor.advance(c);
      target = { kind: "try", span: Cursor.spanFrom(c, from), target };
      if (startsForeignChoice(c)) foreignChoice(c);
    } else if (now === T.bang && !Cursor.newLineAhead(c, 1) && Cursor.kindAhead(c, 1) === T.dot) {
      Cursor.report(c, "TEL0101", Cursor.span(c), "`!` marks a call, so it stands right before its `(`", {
        hints: ["write `f!(x)`"],
      });
      Cursor.advance(c);
    } else break;
  }
  Cursor.leave(c, c.stopped ? chain + 1 : chain);
  return target;
}

/** `a ? b : c`: a value right behind `?` is no TEL. */
const startsForeignChoice = (c: Cursor.Cursor): boolean => {
  const now = Cursor.kind(c);
  const continues = now === T.parenOpen || now === T.bracketOpen || now === T.bang || now === T.braceOpen;
  return !Cursor.onNewLine(c) && !continues && startsExpression(now) && Cursor.text(c) !== "matches";
};

function foreignChoice(c: Cursor.Cursor): void {
  const { start, end } = Cursor.span(c);
  Cursor.report(c, "TEL0009", { start: start - 2, end }, "TEL has no `? :`", {
    hints: ["write `if a { b } else { c }`"],
  });
  expression(c);
  if (Cursor.accept(c, T.colon)) expression(c);
  c.reportedAt = c.at;
}

function reportLeadingDot(c: Cursor.Cursor): void {
  const before = Cursor.lastEnd(c);
  const start = Cursor.start(c);
  const isBare = c.tokens.text.slice(before, start).trim() === "";
  Cursor.report(c, "TEL0115", Cursor.span(c), "a line cannot start with `.`", {
    hints: ["write it on the line before, or go on with `|>`"],
    ...(isBare ? { fix: { title: "join the lines", edits: [{ span: { start: before, end: start }, text: "" }] } } : {}),
  });
}

function tuplePlace(c: Cursor.Cursor): { text: string; span: { start: number; end: number } } {
  Cursor.report(c, "TEL0101", Cursor.span(c), "the parts of a tuple have no numbers", {
    hints: ["take it apart with `let (a, b) = …`, or label its parts: `(low: 1, high: 2)`"],
  });
  const name = { text: "", span: Cursor.span(c) };
  Cursor.advance(c);
  return name;
}

/** The bracket at token `open` should have been closed here: says so, and goes on behind its partner if it has one. */
function unclosed(c: Cursor.Cursor, open: number, close: string): void {
  const closer = c.closers[open]!;
  if (closer === 0) Cursor.reportUnclosed(c, open);
  else {
    Cursor.expected(c, close);
    if (closer > c.at) c.at = closer;
    Cursor.advance(c);
  }
}

export const args = (c: Cursor.Cursor): Arg[] => commas(c, T.parenClose, startsArg, arg);

/** An expression; `x => x + 1` is told, read to its end, and stands for no value, so that `x` is not asked for. */
export function withoutArrow(c: Cursor.Cursor): Expr {
  const value = expression(c);
  if (Cursor.kind(c) !== T.fatArrow || Cursor.onNewLine(c)) return value;
  Cursor.report(c, "TEL0009", Cursor.span(c), "a function without a name is written `fn(x) { … }`");
  Cursor.advance(c);
  expression(c);
  return { kind: "missing", span: Cursor.spanFrom(c, value.span.start) };
}

const startsArg = (kind: TokenKind): boolean => startsExpression(kind) || isWord(kind);

function arg(c: Cursor.Cursor): Arg {
  const from = Cursor.start(c);
  const label = takeLabel(c);
  const value = withoutArrow(c);
  return { span: label === undefined ? value.span : Cursor.spanFrom(c, from), label, value };
}

function atom(c: Cursor.Cursor): Expr {
  if (!Cursor.enter(c)) {
    Cursor.leave(c);
    return missing(c);
  }
  const read = atomHere(c);
  Cursor.leave(c);
  return read;
}

function atomHere(c: Cursor.Cursor): Expr {
  const now = Cursor.kind(c);
  if (isId(now) || now === T.up) return name(c);
  const simple = literal(c);
  if (simple !== undefined) return simple;
  if (isFormWord(now) && !startsForm(c, now)) return reservedName(c);
  switch (now) {
    case T.text:
    case T.textOpen:
      return text(c);
    case T.parenOpen:
      return parentheses(c);
    case T.bracketOpen:
      return listOrMap(c);
    case T.braceOpen:
      return block(c);
    case T.state: {
      const span = Cursor.span(c);
      Cursor.advance(c);
      return { kind: "state", span };
    }
    case T.fn:
      return lambda(c);
    case T.if:
      return ifElse(c);
    case T.match:
      return match(c);
    case T.within:
    case T.after:
    case T.at:
      return timed(c);
    case T.par:
    case T.race:
    case T.first:
      return branches(c);
    case T.with:
      return withHandler(c);
    case T.underscore:
      Cursor.report(c, "TEL0101", Cursor.span(c), "`_` matches any value but is not one", {
        hints: ["write the value, or a function: `fn(x) { x }`"],
      });
      Cursor.advance(c);
      return missing(c);
    case T.bad:
      Cursor.advance(c);
      return missing(c);
  }
  if (isStepWord(now)) return stepInExpression(c);
  const hint = strays.get(now);
  Cursor.expected(c, "an expression", ...(hint === undefined ? [] : [hint]));
  return missing(c);
}

/** What some signs and words mean to who writes them where a value should be. */
const strays: ReadonlyMap<TokenKind, string> = new Map([
  [T.else, "`else` follows the `}` of an `if` or `within`"],
  [T.dotDot, "`..` stands in patterns only; `list.concat(xs, ys)` joins lists"],
]);

const isFormWord = (kind: TokenKind): boolean => kind >= T.within && kind <= T.with;

/**
 * `par {`, `within d`: what follows tells the form from a name that somebody meant. `at - 1` and `at(x)` may be either: they
 * are the name once the file has declared it, so that one wrong name is one problem.
 */
function startsForm(c: Cursor.Cursor, now: TokenKind): boolean {
  const next = Cursor.kindAhead(c, 1);
  if (Cursor.newLineAhead(c, 1)) return false;
  if (now === T.par || now === T.race || now === T.first) return next === T.braceOpen;
  const isEither = next === T.minus || next === T.parenOpen || next === T.bracketOpen || next === T.bang;
  return isEither ? !c.misused.has(Cursor.text(c)) : startsExpression(next);
}

function reservedName(c: Cursor.Cursor): Expr {
  const span = Cursor.span(c);
  const text = Cursor.text(c);
  Cursor.reportReserved(c, span, text);
  Cursor.advance(c);
  return { kind: "name", span, name: { text, span }, hash: undefined };
}

function name(c: Cursor.Cursor): Expr {
  const read = Cursor.takeName(c);
  if (Cursor.kind(c) !== T.hash || Cursor.onNewLine(c))
    return { kind: "name", span: read.span, name: read, hash: undefined };
  const hash = Cursor.takeHash(c);
  return { kind: "name", span: { start: read.span.start, end: hash.span.end }, name: read, hash };
}

function text(c: Cursor.Cursor): Expr {
  const from = Cursor.start(c);
  let parts = chars(c, []);
  while (c.tokens.kinds[c.at - 1] === T.textOpen || c.tokens.kinds[c.at - 1] === T.textMiddle) {
    const holeStart = Cursor.lastEnd(c) - 2;
    const value = expression(c);
    const now = Cursor.kind(c);
    if (now !== T.textMiddle && now !== T.textClose) {
      Cursor.expected(c, "`}` and the rest of the text");
      skipToText(c);
    }
    parts = appended(parts, { kind: "hole", span: { start: holeStart, end: Cursor.start(c) + 1 }, value });
    if (Cursor.kind(c) === T.end) break;
    parts = chars(c, parts);
  }
  return { kind: "text", span: Cursor.spanFrom(c, from), parts };
}

/** The parts with what one text token spells. */
function chars(c: Cursor.Cursor, parts: TextPart[]): TextPart[] {
  const value = Literal.charsOf(Cursor.textBetween(c));
  const { start, end } = Cursor.span(c);
  Cursor.advance(c);
  return value === "" ? parts : appended(parts, { kind: "chars", span: { start: start + 1, end }, value });
}

/** To the token that ends the hole. */
function skipToText(c: Cursor.Cursor): void {
  for (;;) {
    const now = Cursor.kind(c);
    if (now === T.end || now === T.textMiddle || now === T.textClose) return;
    if (now === T.textOpen) skipText(c);
    else Cursor.advance(c);
  }
}

function parentheses(c: Cursor.Cursor): Expr {
  const from = Cursor.start(c);
  const items = args(c);
  const span = Cursor.spanFrom(c, from);
  const only = items[0];
  if (items.length === 1 && only !== undefined && only.label === undefined)
    return { kind: "group", span, inner: only.value };
  return { kind: "tuple", span, items };
}

function listOrMap(c: Cursor.Cursor): Expr {
  const from = Cursor.start(c);
  if (Cursor.kindAhead(c, 1) === T.colon && Cursor.kindAhead(c, 2) === T.bracketClose) {
    c.at += 3;
    return { kind: "map", span: Cursor.spanFrom(c, from), entries: [] };
  }
  let items: Expr[] = [];
  let entries: MapEntry[] = [];
  commas(c, T.bracketClose, startsExpression, (inner) => {
    const start = Cursor.start(inner);
    const first = expression(inner);
    const isEntry = Cursor.kind(inner) === T.colon;
    if (isEntry ? items.length > 0 : entries.length > 0)
      Cursor.report(inner, "TEL0116", { start, end: Cursor.lastEnd(inner) }, "a list and a map cannot be mixed", {
        hints: ["a list is `[a, b]`, a map is `[k: a, l: b]`"],
      });
    if (!isEntry) items = appended(items, first);
    else {
      Cursor.advance(inner);
      const value = expression(inner);
      entries = appended(entries, { span: Cursor.spanFrom(inner, start), key: first, value });
    }
  });
  const span = Cursor.spanFrom(c, from);
  return entries.length > 0 ? { kind: "map", span, entries } : { kind: "list", span, items };
}
