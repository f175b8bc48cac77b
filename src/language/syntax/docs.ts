/** Comments that document what follows them. */
import type { Cursor } from "./Cursor.ts";
import type { Doc } from "./Tree.ts";

/** The `///` lines that stand, without a gap, last before the token here. */
export function takeDoc(c: Cursor): Doc | undefined {
  const { comments, text } = c.tokens;
  while (c.nextComment < comments.length && comments[c.nextComment]!.token < c.at) c.nextComment++;
  let last = c.nextComment;
  while (last < comments.length && comments[last]!.token === c.at) last++;
  last--;
  while (last >= c.nextComment && !isDocLine(comments[last]!)) last--;
  if (last < c.nextComment) return undefined;
  let first = last;
  while (
    first > c.nextComment &&
    isDocLine(comments[first - 1]!) &&
    isOneLineBreak(text, comments[first - 1]!.end, comments[first]!.start)
  )
    first--;
  return docOf(c, first, last);
}

/** Makes one doc of the comments from `first` to `last`. */
export function docOf(c: Cursor, first: number, last: number): Doc {
  const { comments, text } = c.tokens;
  const lines: string[] = [];
  for (let i = first; i <= last; i++) {
    const { start, end, kind } = comments[i]!;
    lines.push(
      text
        .slice(start + (kind === "doc" ? 3 : 4), end)
        .replace(/^ /, "")
        .trimEnd(),
    );
    c.docComments.add(i);
  }
  return { text: lines.join("\n"), span: { start: comments[first]!.start, end: comments[last]!.end } };
}

const isDocLine = (comment: { readonly kind: string; readonly ownLine: boolean }): boolean =>
  comment.kind === "doc" && comment.ownLine;

function isOneLineBreak(text: string, from: number, to: number): boolean {
  const line = text.indexOf("\n", from);
  return line < 0 || line >= to || text.indexOf("\n", line + 1) >= to || text.indexOf("\n", line + 1) < 0;
}
