/**
 * The comments of a file while it is printed. Each is taken exactly once, by the item before or after which it stands;
 * one inside an expression is taken by the step around it and moves above that step.
 */
import type { Comment, Span } from "../Tree.ts";

export type Comments = {
  readonly source: string;
  readonly all: readonly Comment[];
  readonly taken: Uint8Array;
};

export const of = (all: readonly Comment[], source: string): Comments => ({
  source,
  all,
  taken: new Uint8Array(all.length),
});

/** Index of the first comment that starts at or after `offset`. */
function firstFrom({ all }: Comments, offset: number): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.span.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Takes what starts in `from … to` and has not been taken. */
export function take(comments: Comments, from: number, to: number): Comment[] {
  const found: Comment[] = [];
  for (let i = firstFrom(comments, from); i < comments.all.length; i++) {
    const one = comments.all[i]!;
    if (one.span.start >= to) break;
    if (comments.taken[i] === 1) continue;
    comments.taken[i] = 1;
    found.push(one);
  }
  return found;
}

export function has(comments: Comments, from: number, to: number): boolean {
  for (let i = firstFrom(comments, from); i < comments.all.length; i++) {
    if (comments.all[i]!.span.start >= to) return false;
    if (comments.taken[i] === 0) return true;
  }
  return false;
}

const BETWEEN = /^[ \t;,]*$/;

/** Takes the comment that stands behind `end` on the same line, with nothing but `;` or `,` between. */
export function takeTrailing(comments: Comments, end: number): Comment | undefined {
  const i = firstFrom(comments, end);
  const one = comments.all[i];
  if (one === undefined || comments.taken[i] === 1) return undefined;
  if (!BETWEEN.test(comments.source.slice(end, one.span.start))) return undefined;
  comments.taken[i] = 1;
  return one;
}

/** An empty line stands before `start`. */
export function hasBlankBefore({ source }: Comments, { start }: Span): boolean {
  let breaks = 0;
  for (let i = start - 1; i >= 0; i--) {
    const unit = source.charCodeAt(i);
    if (unit === 10) {
      if (++breaks === 2) return true;
    } else if (unit !== 32 && unit !== 9 && unit !== 13 && unit !== 59) return false;
  }
  return false;
}

/** Only white space stands before it on its line. */
export function isOwnLine({ source }: Comments, { start }: Span): boolean {
  let i = start - 1;
  while (i >= 0 && (source.charCodeAt(i) === 32 || source.charCodeAt(i) === 9)) i--;
  return i < 0 || source.charCodeAt(i) === 10 || source.charCodeAt(i) === 13;
}
