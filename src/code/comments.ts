/**
 * The comments between declarations, each with the declaration that it is kept with: one at the end of a line with what
 * stands before it, any other with what comes after it, and what comes last with the last.
 *
 *     // Copyright Ann                 head: before the module and among its imports
 *     module shop
 *     use shop.money (Price)
 *
 *     // ---- taxes ----               before withTax, with the empty line
 *
 *     // Checked by Bob.               before withTax
 *     fn withTax(…) { … } // sic       before and after: in withTax's text
 */
import type { Tree } from "../language/index.ts";

export interface Beside {
  /** Ends with the line end that separates it from the declaration. */
  readonly before: string;
  readonly after: string;
}

export interface Comments {
  /** Of the declarations that have any. */
  readonly beside: ReadonlyMap<Tree.Declaration, Beside>;
  /** What the file begins with, its doc included; it is kept with the first declaration. */
  readonly head: string;
  readonly first: Tree.Declaration | undefined;
}

/** A declaration begins with its doc. */
export const startOf = (item: Tree.Declaration): number =>
  Math.min(item.span.start, item.doc?.span.start ?? item.span.start);

interface Placed {
  readonly start: number;
  readonly end: number;
  readonly declaration: Tree.Declaration | undefined;
}

export function besideOf(file: Tree.File, text: string): Comments {
  const places: Placed[] = file.items.map((item) =>
    item.kind === "use" || item.kind === "watch"
      ? { start: item.span.start, end: item.span.end, declaration: undefined }
      : { start: startOf(item), end: item.span.end, declaration: item },
  );
  const first = places.find((place) => place.declaration !== undefined)?.declaration;
  const imports = file.items.filter((item) => item.kind === "use").map((item) => item.span.end);
  const headEnd = Math.max(file.module?.span.end ?? 0, ...imports);
  if (file.module !== undefined) places.unshift({ ...file.module.span, declaration: undefined });

  const head: Tree.Comment[] = [];
  const before = new Map<Tree.Declaration, Tree.Comment[]>();
  const after = new Map<Tree.Declaration, string>();
  const tail: Tree.Comment[] = [];
  // Both are in the order of the text.
  const following: (Tree.Declaration | undefined)[] = [];
  for (let i = places.length - 1; i >= 0; i--) following[i] = places[i]!.declaration ?? following[i + 1];
  let next = 0;
  for (const comment of file.comments) {
    while (next < places.length && places[next]!.end <= comment.span.start) next++;
    const place = places[next];
    if (place !== undefined && place.start <= comment.span.start) {
      // Inside a declaration it is in its text already.
      if (place.declaration === undefined && comment.span.start < headEnd) head.push(comment);
      continue;
    }
    const last = places[next - 1];
    const isBehind = last !== undefined && !text.slice(last.end, comment.span.start).includes("\n");
    const above = following[next];
    if (isBehind && last.declaration !== undefined) after.set(last.declaration, ` ${comment.text}`);
    else if (comment.span.start < headEnd || (isBehind && last.start <= headEnd)) head.push(comment);
    else if (above === undefined) tail.push(comment);
    else before.set(above, [...(before.get(above) ?? []), comment]);
  }
  const lastDeclaration = places.findLast((place) => place.declaration !== undefined)?.declaration;
  if (lastDeclaration !== undefined && tail.length > 0)
    after.set(lastDeclaration, `${after.get(lastDeclaration) ?? ""}\n\n${joined(tail, text)}`);
  const beside = new Map<Tree.Declaration, Beside>();
  for (const item of new Set([...before.keys(), ...after.keys()])) {
    const comments = before.get(item);
    const above =
      comments === undefined ? "" : `${joined(comments, text)}${gap(text, comments.at(-1)!, startOf(item))}`;
    beside.set(item, { before: above, after: after.get(item) ?? "" });
  }
  const doc = file.doc === undefined ? [] : [text.slice(file.doc.span.start, file.doc.span.end)];
  return { beside, head: [...doc, ...(head.length === 0 ? [] : [joined(head, text)])].join("\n"), first };
}

/** Comments below each other, with the empty lines between them. */
const joined = (comments: readonly Tree.Comment[], text: string): string =>
  comments
    .map((comment, i) => (i === 0 ? "" : gap(text, comments[i - 1]!, comment.span.start)) + comment.text)
    .join("");

const gap = (text: string, comment: Tree.Comment, to: number): string =>
  /\n[ \t\r]*\n/.test(text.slice(comment.span.end, to)) ? "\n\n" : "\n";
