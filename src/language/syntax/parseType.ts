/** Types, rows and parameters. */
import { appended } from "../../std/index.ts";
import * as Cursor from "./Cursor.ts";
import { commas } from "./lists.ts";
import { expression } from "./parseExpression.ts";
import { isId, isWord, T, type TokenKind } from "./Token.ts";
import type { Name, Param, Row, Type, TypeItem } from "./Tree.ts";

const startsType = (kind: TokenKind): boolean => kind === T.up || kind === T.parenOpen || kind === T.fn || isId(kind);

export function type(c: Cursor.Cursor): Type {
  const from = Cursor.start(c);
  const now = Cursor.kind(c);
  if (!startsType(now)) {
    Cursor.expected(c, "a type");
    return missing(from);
  }
  if (!Cursor.enter(c)) {
    Cursor.leave(c);
    return missing(from);
  }
  const read = now === T.up ? named(c) : now === T.fn ? fnType(c) : now === T.parenOpen ? tupleType(c) : variable(c);
  Cursor.leave(c);
  return read;
}

const missing = (at: number): Type => ({ kind: "missing", span: { start: at, end: at } });

const none: readonly Type[] = [];

function variable(c: Cursor.Cursor): Type {
  const name = Cursor.takeName(c);
  return { kind: "variable", span: name.span, name };
}

function named(c: Cursor.Cursor): Type {
  const name = Cursor.takeName(c);
  if (Cursor.kind(c) !== T.less) return { kind: "named", span: name.span, name, args: none };
  const args = angles(c, type);
  return { kind: "named", span: Cursor.spanFrom(c, name.span.start), name, args };
}

/** `<a, b>`. The closing sign may be the first half of `>>` or `>=`. */
export function angles<A>(c: Cursor.Cursor, item: (c: Cursor.Cursor) => A): A[] {
  const open = Cursor.span(c);
  Cursor.advance(c);
  let items: A[] = [];
  for (;;) {
    if (Cursor.acceptGreater(c)) {
      if (items.length === 0) Cursor.report(c, "TEL0101", open, "a type is missing between `<` and `>`");
      return items;
    }
    const before = c.at;
    items = appended(items, item(c));
    if (c.at === before) return items;
    if (Cursor.accept(c, T.comma)) continue;
    if (Cursor.acceptGreater(c)) return items;
    Cursor.report(c, "TEL0102", open, "this `<` is never closed", {
      labels: [{ span: Cursor.missingSpan(c), text: "`>` is missing here at the latest" }],
    });
    return items;
  }
}

function tupleType(c: Cursor.Cursor): Type {
  const from = Cursor.start(c);
  const items = commas(c, T.parenClose, startsItem, typeItem);
  const only = items[0];
  if (items.length === 1 && only !== undefined && only.label === undefined) return only.type;
  return { kind: "tupleType", span: Cursor.spanFrom(c, from), items };
}

const startsItem = (kind: TokenKind): boolean => startsType(kind) || isWord(kind);

function typeItem(c: Cursor.Cursor): TypeItem {
  const from = Cursor.start(c);
  const label = takeLabel(c);
  const read = type(c);
  return { span: Cursor.spanFrom(c, from), label, type: read };
}

/** `word:` if that stands here. */
export function takeLabel(c: Cursor.Cursor): Name | undefined {
  if (!isWord(Cursor.kind(c)) || Cursor.kindAhead(c, 1) !== T.colon) return undefined;
  const label = Cursor.takeName(c);
  Cursor.advance(c);
  return label;
}

function fnType(c: Cursor.Cursor): Type {
  const from = Cursor.start(c);
  Cursor.advance(c);
  const params = Cursor.kind(c) === T.parenOpen ? commas(c, T.parenClose, startsType, type) : [];
  if (c.tokens.kinds[c.at - 1] === T.fn) Cursor.expect(c, T.parenOpen);
  if (Cursor.expect(c, T.arrow, "a function type ends with its result: `fn(Int) -> Text`")) {
    const result = type(c);
    const read = Cursor.onNewLine(c) ? undefined : row(c);
    return { kind: "fnType", span: Cursor.spanFrom(c, from), params, result, row: read };
  }
  const { start } = Cursor.missingSpan(c);
  const result: Type = { kind: "missing", span: { start, end: start } };
  return { kind: "fnType", span: Cursor.spanFrom(c, from), params, result, row: undefined };
}

/**
 * `uses Observe, e`. After a comma a word belongs to the row unless `:` follows it, which makes it the next parameter.
 */
export function row(c: Cursor.Cursor): Row | undefined {
  const from = Cursor.start(c);
  if (!Cursor.accept(c, T.uses)) return undefined;
  const labels: Name[] = [];
  if (!isLabel(c)) Cursor.expected(c, "the name of an effect, such as `Observe`");
  else {
    labels.push(Cursor.takeName(c));
    while (Cursor.kind(c) === T.comma && isLabelAhead(c)) {
      Cursor.advance(c);
      labels.push(Cursor.takeName(c));
    }
  }
  return { span: Cursor.spanFrom(c, from), labels };
}

const isLabel = (c: Cursor.Cursor): boolean => Cursor.kind(c) === T.up || isId(Cursor.kind(c));

function isLabelAhead(c: Cursor.Cursor): boolean {
  const next = Cursor.kindAhead(c, 1);
  const after = Cursor.kindAhead(c, 2);
  return (next === T.up || isId(next)) && after !== T.colon && after !== T.less;
}

/** `-> type` if that stands here. */
export const result = (c: Cursor.Cursor): Type | undefined => {
  if (Cursor.accept(c, T.arrow)) return type(c);
  if (Cursor.kind(c) !== T.colon) return undefined;
  Cursor.report(c, "TEL0101", Cursor.span(c), "the result of a function follows `->`, not `:`", {
    fix: { title: "replace `:` by `->`", edits: [{ span: Cursor.span(c), text: " ->" }] },
  });
  Cursor.advance(c);
  return type(c);
};

/** `-> type`, which must stand here. */
export function neededResult(c: Cursor.Cursor): Type {
  const read = result(c);
  if (read !== undefined) return read;
  Cursor.expected(c, "`->` and a type");
  const { start } = Cursor.missingSpan(c);
  return { kind: "missing", span: { start, end: start } };
}

const startsParam = (kind: TokenKind): boolean => isWord(kind) || kind === T.underscore;

/** `(a: Int, _, b: Text = "x")`. Names that a body must be able to say cannot be reserved words. */
export function params(c: Cursor.Cursor, use: "fields" | "body"): Param[] {
  if (Cursor.kind(c) !== T.parenOpen) {
    Cursor.expected(c, "`(` and the parameters");
    return [];
  }
  return commas(c, T.parenClose, startsParam, (inner) => param(inner, use));
}

function param(c: Cursor.Cursor, use: "fields" | "body"): Param {
  const from = Cursor.start(c);
  const reserved = use === "body" && isWord(Cursor.kind(c)) && Cursor.isReserved(Cursor.text(c));
  if (reserved) Cursor.reportReserved(c, Cursor.span(c), Cursor.text(c));
  const name = Cursor.kind(c) === T.underscore ? Cursor.takeName(c) : Cursor.word(c, "the name of a parameter");
  const read = Cursor.accept(c, T.colon) ? type(c) : undefined;
  const value = Cursor.accept(c, T.equals) ? expression(c) : undefined;
  const isOnlyName = read === undefined && value === undefined && name.text !== "";
  return { span: isOnlyName ? name.span : Cursor.spanFrom(c, from), name, type: read, default: value };
}
