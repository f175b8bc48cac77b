/** Items in brackets, with the comments between them. */
import type { Span } from "../Tree.ts";
import * as Comments from "./Comments.ts";
import { blank, cat, comment, type Doc, ifBroken, indent, join, line, separator, softline } from "./Doc.ts";

/** A thing with a place, and how it is printed. */
export type Item = { readonly span: Span; readonly doc: () => Doc; readonly isTall?: boolean };

export type Entry = {
  readonly doc: Doc;
  /** An empty line stands before it in the source. */
  readonly blank: boolean;
  readonly isTall: boolean;
  /** Nothing but a comment. */
  readonly isComment: boolean;
  /** The comment behind it on its line. */
  readonly trailing: Doc | undefined;
};

export const whole = ({ doc, trailing }: Entry): Doc => (trailing === undefined ? doc : cat(doc, trailing));

/**
 * The items of `from … to` with the comments around them: comments of their own line first, then each item, with the
 * comment that ends its line. An item says after printing which comments it left: these move above it.
 */
export function entries(comments: Comments.Comments, items: readonly Item[], from: number, to: number): Entry[] {
  const found: Entry[] = [];
  const own = (one: { readonly text: string; readonly span: Span }): void => {
    const blank = Comments.hasBlankBefore(comments, one.span);
    const text = Comments.isOwnLine(comments, one.span) ? one.text : undocumented(one.text);
    found.push({ doc: comment(text), blank, isTall: false, isComment: true, trailing: undefined });
  };
  let at = from;
  for (const item of items) {
    for (const one of Comments.take(comments, at, item.span.start)) own(one);
    const printed = item.doc();
    const moved = Comments.take(comments, item.span.start, item.span.end);
    const blankBefore = Comments.hasBlankBefore(comments, item.span);
    moved.forEach((one, i) => {
      found.push({
        doc: comment(undocumented(one.text)),
        blank: i === 0 && blankBefore,
        isTall: false,
        isComment: true,
        trailing: undefined,
      });
    });
    const trailing = Comments.takeTrailing(comments, item.span.end);
    const blank = moved.length === 0 && blankBefore;
    found.push({
      doc: printed,
      blank,
      isTall: item.isTall ?? false,
      isComment: false,
      trailing: trailing === undefined ? undefined : comment(trailing.text),
    });
    at = item.span.end;
  }
  for (const one of Comments.take(comments, at, to)) own(one);
  return found;
}

/** A `///` that documented nothing must not begin to, when it moves to a line of its own. */
const undocumented = (text: string): string => text.replace(/^\/{3,4}(?!\/)/, "//");

/** Entries under each other; tall ones with an empty line around them. */
export function stack(found: readonly Entry[]): Doc {
  const parts: Doc[] = [];
  found.forEach((entry, i) => {
    const before = found[i - 1];
    const isApart = entry.blank || (before !== undefined && needsBlank(before, entry));
    if (before !== undefined) parts.push(isApart ? blank : separator);
    parts.push(whole(entry));
  });
  return cat(...parts);
}

/** A tall item keeps its distance from other items; a comment above it stays with it. */
export const needsBlank = (before: Entry, after: Entry): boolean =>
  before.isTall || (after.isTall && !before.isComment);

/** `{ a; b }`: on one line when `mayBeFlat` and it fits. */
export function braces(
  comments: Comments.Comments,
  items: readonly Item[],
  open: number,
  close: number,
  mayBeFlat: boolean,
): { readonly inner: Doc; readonly isEmpty: boolean; readonly broken: boolean } {
  const found = entries(comments, items, open, close);
  if (found.length === 0) return { inner: "{}", isEmpty: true, broken: false };
  const inner = cat("{", indent(cat(line, stack(found))), line, "}");
  return {
    inner,
    isEmpty: false,
    broken: !mayBeFlat || found.some((one) => one.isComment || one.trailing !== undefined),
  };
}

/** `(a, b)`, broken where comments stand between the items. */
export function commas(
  comments: Comments.Comments,
  open: string,
  items: readonly Item[],
  close: string,
  span: Span,
): { readonly inner: Doc; readonly broken: boolean } {
  if (!hasCommentsBetween(comments, items, span)) {
    const docs = items.map((item) => item.doc());
    return { inner: commasOf(open, docs, close), broken: false };
  }
  const found = entries(comments, items, span.start, span.end);
  const lines = found.map(withComma);
  return { inner: cat(open, indent(cat(softline, join(lines, line))), softline, close), broken: true };
}

/** The comma stands before the comment that ends the line; a comment alone has none. */
function withComma({ doc, isComment, trailing }: Entry): Doc {
  if (isComment) return doc;
  return trailing === undefined ? cat(doc, ",") : cat(doc, ",", trailing);
}

export function commasOf(open: string, docs: readonly Doc[], close: string): Doc {
  if (docs.length === 0) return open + close;
  return cat(open, indent(cat(softline, join(docs, cat(",", line)), ifBroken(","))), softline, close);
}

export function hasCommentsBetween(comments: Comments.Comments, items: readonly Item[], span: Span): boolean {
  if (comments.all.length === 0) return false;
  let at = span.start;
  for (const item of items) {
    if (Comments.has(comments, at, item.span.start)) return true;
    at = item.span.end;
  }
  return Comments.has(comments, at, span.end);
}
