/** Patterns. */
import { appended } from "../../std/index.ts";
import * as Cursor from "./Cursor.ts";
import * as Literal from "./Literal.ts";
import { commas } from "./lists.ts";
import { literal } from "./parseLiteral.ts";
import { takeLabel } from "./parseType.ts";
import { isId, isWord, T, type TokenKind } from "./Token.ts";
import type { LiteralExpr, Name, Pattern, PatternItem, Span } from "./Tree.ts";

export function pattern(c: Cursor.Cursor): Pattern {
  const from = Cursor.start(c);
  if (!Cursor.enter(c)) {
    Cursor.leave(c);
    return { kind: "missing", span: { start: from, end: from } };
  }
  let read = alternative(c);
  if (Cursor.kind(c) === T.pipe) {
    const options = [read];
    while (Cursor.accept(c, T.pipe)) options.push(alternative(c));
    read = { kind: "or", span: Cursor.spanFrom(c, from), options };
  }
  if (Cursor.kind(c) === T.as && !Cursor.onNewLine(c)) {
    Cursor.advance(c);
    const name = Cursor.id(c, "the name of the matched value");
    read = { kind: "as", span: Cursor.spanFrom(c, from), pattern: read, name };
  }
  Cursor.leave(c);
  return read;
}

const isNumber = (kind: TokenKind): boolean =>
  kind === T.int || kind === T.decimal || kind === T.float || kind === T.duration;

export const startsPattern = (kind: TokenKind): boolean =>
  kind === T.underscore ||
  kind === T.up ||
  isId(kind) ||
  isNumber(kind) ||
  kind === T.minus ||
  kind === T.instant ||
  kind === T.hash ||
  kind === T.text ||
  kind === T.textOpen ||
  kind === T.true ||
  kind === T.false ||
  kind === T.parenOpen ||
  kind === T.bracketOpen;

function alternative(c: Cursor.Cursor): Pattern {
  const now = Cursor.kind(c);
  if (now === T.up) return variant(c);
  if (now === T.parenOpen) return tuple(c);
  if (now === T.bracketOpen) return list(c);
  if (isId(now)) return bind(c);
  const span = Cursor.span(c);
  if (now === T.underscore) {
    Cursor.advance(c);
    return { kind: "wildcard", span };
  }
  if (now === T.minus && isNumber(Cursor.kindAhead(c, 1))) {
    Cursor.advance(c);
    const value = literal(c)!;
    return { kind: "literal", span: Cursor.spanFrom(c, span.start), negative: true, value };
  }
  if (now === T.textOpen) {
    Cursor.report(c, "TEL0117", span, "a pattern cannot hold a text with holes", {
      hints: ["bind the text to a name and compare it in a guard: `it if it == …`"],
    });
    return { kind: "missing", span: skipText(c) };
  }
  const value: LiteralExpr | undefined = now === T.text ? text(c) : literal(c);
  if (value !== undefined) return { kind: "literal", span, negative: false, value };
  if (isWord(now) && Cursor.isReserved(Cursor.text(c)) && now !== T.if) {
    Cursor.reportReserved(c, span, Cursor.text(c));
    return bind(c);
  }
  if (now === T.braceOpen) {
    Cursor.report(c, "TEL0101", span, "a record is taken apart by its name and parentheses: `Pair(a, b)`");
    Cursor.skipGroup(c);
    return { kind: "missing", span: Cursor.spanFrom(c, span.start) };
  }
  Cursor.expected(c, "a pattern");
  return { kind: "missing", span: { start: span.start, end: span.start } };
}

function bind(c: Cursor.Cursor): Pattern {
  const name = Cursor.takeName(c);
  return { kind: "bind", span: name.span, name };
}

/** A text without holes. */
function text(c: Cursor.Cursor): LiteralExpr {
  const span = Cursor.span(c);
  const value = Literal.charsOf(Cursor.textBetween(c));
  Cursor.advance(c);
  const inner = { start: span.start + 1, end: Math.max(span.start + 1, span.end - 1) };
  return { kind: "text", span, parts: value === "" ? [] : [{ kind: "chars", span: inner, value }] };
}

/** Past a text with holes, from its first token; the span of all of it. */
export function skipText(c: Cursor.Cursor): Span {
  const start = Cursor.start(c);
  let open = 0;
  do {
    const now = Cursor.kind(c);
    if (now === T.end) break;
    if (now === T.textOpen) open++;
    if (now === T.textClose) open--;
    Cursor.advance(c);
  } while (open > 0);
  return Cursor.spanFrom(c, start);
}

const none: readonly PatternItem[] = [];

function variant(c: Cursor.Cursor): Pattern {
  const name = Cursor.takeName(c);
  if (Cursor.kind(c) !== T.parenOpen || Cursor.onNewLine(c))
    return { kind: "constructor", span: name.span, name, items: none, rest: false };
  const { items, rest } = itemsAndRest(c);
  return { kind: "constructor", span: Cursor.spanFrom(c, name.span.start), name, items, rest };
}

function tuple(c: Cursor.Cursor): Pattern {
  const from = Cursor.start(c);
  const { items, rest } = itemsAndRest(c);
  const only = items[0];
  if (items.length === 1 && !rest && only !== undefined && only.label === undefined) return only.pattern;
  return { kind: "tuplePattern", span: Cursor.spanFrom(c, from), items, rest };
}

const startsItem = (kind: TokenKind): boolean => startsPattern(kind) || kind === T.dotDot || isWord(kind);

function itemsAndRest(c: Cursor.Cursor): { readonly items: PatternItem[]; readonly rest: boolean } {
  let items: PatternItem[] = [];
  let rest = false;
  commas(c, T.parenClose, startsItem, (inner) => {
    const from = Cursor.start(inner);
    if (rest)
      Cursor.report(inner, "TEL0118", Cursor.span(inner), "`..` stands for all that is left, so nothing can follow it");
    if (Cursor.accept(inner, T.dotDot)) {
      rest = true;
      return;
    }
    const label = takeLabel(inner);
    const read = pattern(inner);
    items = appended(items, { span: Cursor.spanFrom(inner, from), label, pattern: read });
  });
  return { items, rest };
}

function list(c: Cursor.Cursor): Pattern {
  const from = Cursor.start(c);
  const before: Pattern[] = [];
  const after: Pattern[] = [];
  let rest: { readonly span: Span; readonly name: Name | undefined } | undefined;
  commas(c, T.bracketClose, startsItem, (inner) => {
    const here = Cursor.span(inner);
    if (Cursor.kind(inner) === T.dotDot) {
      if (rest !== undefined)
        Cursor.report(inner, "TEL0118", here, "a list pattern has at most one `..`", {
          labels: [{ span: rest.span, text: "the first one" }],
        });
      Cursor.advance(inner);
      const name = isWord(Cursor.kind(inner)) ? Cursor.id(inner, "the name of the rest") : undefined;
      rest ??= { span: Cursor.spanFrom(inner, here.start), name };
      return;
    }
    const read = pattern(inner);
    (rest === undefined ? before : after).push(read);
  });
  return { kind: "listPattern", span: Cursor.spanFrom(c, from), before, rest, after };
}
