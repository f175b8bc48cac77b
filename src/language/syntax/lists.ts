/** Items between brackets: `(a, b)`, `[a, b]` and `{ a; b }`, with their recovery. */
import { appended } from "../../std/index.ts";
import { isCloser } from "./brackets.ts";
import * as Cursor from "./Cursor.ts";
import { show, T, type TokenKind } from "./Token.ts";

/**
 * Items separated by commas up to `close`; a comma may stand before `close`. The opening bracket is the token here.
 * `startsItem` tells a forgotten comma from other text.
 */
export function commas<A>(
  c: Cursor.Cursor,
  close: TokenKind,
  startsItem: (kind: TokenKind) => boolean,
  item: (c: Cursor.Cursor) => A,
): A[] {
  const open = c.at;
  const closer = c.closers[open]!;
  let items: A[] = [];
  Cursor.advance(c);
  while (!Cursor.accept(c, close)) {
    // A text that was not closed can swallow the closing bracket.
    if (closer !== 0 && c.at > closer) break;
    const isLost = closer === 0 && !startsItem(Cursor.kind(c)) && Cursor.kind(c) !== T.minus;
    if (isLost || Cursor.kind(c) === T.end || Cursor.isDeclarationHead(c)) {
      Cursor.reportUnclosed(c, open);
      break;
    }
    const before = c.at;
    items = appended(items, item(c));
    if (Cursor.accept(c, T.comma)) continue;
    if (Cursor.kind(c) === close) continue;
    if (closer === 0) {
      Cursor.reportUnclosed(c, open);
      break;
    }
    if (c.at > before && startsItem(Cursor.kind(c))) {
      const { end } = Cursor.spanFrom(c, 0);
      Cursor.report(c, "TEL0113", { start: end, end }, "a comma is missing between two items", {
        fix: { title: "insert `,`", edits: [{ span: { start: end, end }, text: "," }] },
      });
      continue;
    }
    if (!reportLeadingOperator(c)) Cursor.expected(c, `\`,\` or ${show(close)}`);
    while (c.at < closer && Cursor.kind(c) !== T.comma) Cursor.skipGroup(c);
    Cursor.accept(c, T.comma);
  }
  return items;
}

export type Items<A> = {
  /** Reads one item; that it takes no token means that none stands here. */
  readonly item: (c: Cursor.Cursor) => A;
  readonly startsItem: (kind: TokenKind) => boolean;
  /** "a step", for "expected a step". */
  readonly what: string;
  /** Where the braces must have ended before. */
  readonly endsBefore?: (c: Cursor.Cursor) => boolean;
};

/** Items in braces, each on its own line or after `;`. Without an opening brace there are none. */
export function braced<A>(c: Cursor.Cursor, { item, startsItem, what, endsBefore }: Items<A>): A[] {
  const open = c.at;
  let items: A[] = [];
  if (!Cursor.expect(c, T.braceOpen)) return items;
  const isOver = endsBefore ?? Cursor.isDeclarationHead;
  for (;;) {
    while (Cursor.accept(c, T.semicolon));
    if (Cursor.accept(c, T.braceClose)) return items;
    if (Cursor.kind(c) === T.end || isOver(c)) {
      Cursor.reportUnclosed(c, open);
      return items;
    }
    const before = c.at;
    const problems = c.problems.length;
    const read = item(c);
    if (c.at === before) {
      reportStray(c, what);
      Cursor.skipGroup(c);
    } else items = appended(items, read);
    const now = Cursor.kind(c);
    if (now === T.semicolon || now === T.braceClose || now === T.end || Cursor.onNewLine(c)) {
      // A step or case may start with `-`.
      if (now !== T.minus && reportLeadingOperator(c)) skipLine(c);
      continue;
    }
    const known = c.problems.length > problems || c.at === before;
    // A problem well inside the item does not excuse that the next one follows on its line.
    if (startsItem(now) && (!known || (c.at > before && c.reportedAt < c.at - 1))) {
      const end = Cursor.lastEnd(c);
      Cursor.report(c, "TEL0105", { start: end, end }, `${what} ends with its line or with \`;\``, {
        fix: { title: "insert `;`", edits: [{ span: { start: end, end }, text: ";" }] },
      });
      continue;
    }
    if (now === T.comma && !known) {
      Cursor.report(c, "TEL0105", Cursor.span(c), "in braces, items are separated by a new line or `;`, not by `,`", {
        fix: { title: "replace `,` by `;`", edits: [{ span: Cursor.span(c), text: ";" }] },
      });
      Cursor.advance(c);
      continue;
    }
    if (!known && now === T.colon)
      Cursor.expected(c, "a new line or `;`", 'braces hold steps; a map is written `["key": value]`');
    else if (!known) Cursor.expected(c, "a new line or `;`");
    skipLine(c);
  }
}

/** To the next line, `;` or `}`; past whole brackets. */
export function skipLine(c: Cursor.Cursor): void {
  do {
    const now = Cursor.kind(c);
    if (now === T.semicolon || now === T.braceClose || now === T.end) return;
    Cursor.skipGroup(c);
  } while (!Cursor.onNewLine(c));
}

export function reportStray(c: Cursor.Cursor, what: string): void {
  if (isCloser(Cursor.kind(c))) Cursor.report(c, "TEL0103", Cursor.span(c), `this ${Cursor.found(c)} closes nothing`);
  else Cursor.expected(c, what);
}

/** A line that goes on with an operator that cannot start one. */
export function reportLeadingOperator(c: Cursor.Cursor): boolean {
  const now = Cursor.kind(c);
  if (!Cursor.onNewLine(c)) return false;
  if (now !== T.minus && now !== T.greater) return false;
  Cursor.report(
    c,
    "TEL0115",
    Cursor.span(c),
    `a line that starts with ${show(now)} does not go on with the line before`,
    {
      hints: [`put ${show(now)} at the end of the line before`],
    },
  );
  return true;
}
