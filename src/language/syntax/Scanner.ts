/** The text being read and the tokens read so far. */
import { error, type Problem } from "../problems/Problem.ts";
import { T, type TokenKind } from "./Token.ts";
import type { Span } from "./Tree.ts";

/** A comment and the token before which it stands. */
export type LexedComment = {
  readonly kind: "plain" | "doc" | "moduleDoc";
  readonly start: number;
  readonly end: number;
  readonly token: number;
  /** Only white space stands before it on its line. */
  readonly ownLine: boolean;
};

/** Token i is `text.slice(starts[i], ends[i])`; the last one is `end`. */
export type Tokens = {
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 1 where a line ends between this token and the one before. */
  readonly newlines: Uint8Array;
  readonly comments: readonly LexedComment[];
  /** Text tokens that their line ended: what they swallowed is no further mistake. */
  readonly brokenTexts: ReadonlySet<number>;
  /** The text that the tokens index: the given one, with lone surrogates replaced. */
  readonly text: string;
};

/** Problems of one file that are worth reading. */
export const PROBLEMS_MAX = 200;

/** Tokens as columns of numbers, as a file can have millions of them; `at` is the next character to read. */
export type Scanner = {
  readonly text: string;
  readonly file: string;
  readonly problems: Problem[];
  readonly comments: LexedComment[];
  readonly brokenTexts: Set<number>;
  /** The open holes: where their text starts, and how many braces are open in them. */
  readonly holes: { readonly text: number; braces: number }[];
  /** Whether there is any character in the text that a reader cannot see. */
  readonly hasHidden: boolean;
  kinds: Uint8Array<ArrayBuffer>;
  starts: Int32Array<ArrayBuffer>;
  ends: Int32Array<ArrayBuffer>;
  newlines: Uint8Array<ArrayBuffer>;
  count: number;
  /** 1 where a line has ended since the last token. */
  newline: number;
  at: number;
};

/** Controls and direction marks: a reader sees something else than the compiler (CVE-2021-42574). */
export const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for; one class is much faster than \p{Cc} with exceptions
  /[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

export function of(text: string, file: string, problems: Problem[]): Scanner {
  const capacity = (text.length >> 2) + 16;
  return {
    text,
    file,
    problems,
    comments: [],
    brokenTexts: new Set(),
    holes: [],
    hasHidden: HIDDEN.test(text),
    kinds: new Uint8Array(capacity),
    starts: new Int32Array(capacity),
    ends: new Int32Array(capacity),
    newlines: new Uint8Array(capacity),
    count: 0,
    newline: 1,
    at: 0,
  };
}

export function report(s: Scanner, code: string, span: Span, message: string, ...hints: string[]): void {
  if (s.problems.length < PROBLEMS_MAX) s.problems.push(error(code, s.file, span, message, { hints }));
}

export function emit(s: Scanner, kind: TokenKind, start: number, end: number): void {
  if (s.count === s.kinds.length) grow(s);
  s.kinds[s.count] = kind;
  s.starts[s.count] = start;
  s.ends[s.count] = end;
  s.newlines[s.count++] = s.newline;
  s.newline = 0;
  s.at = end;
}

function grow(s: Scanner): void {
  const capacity = s.kinds.length * 2;
  s.kinds = copied(s.kinds, new Uint8Array(capacity));
  s.starts = copied(s.starts, new Int32Array(capacity));
  s.ends = copied(s.ends, new Int32Array(capacity));
  s.newlines = copied(s.newlines, new Uint8Array(capacity));
}

function copied<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Where a sticky pattern that matches here ends, or -1. */
export function matchEnd(s: Scanner, pattern: RegExp): number {
  pattern.lastIndex = s.at;
  return pattern.test(s.text) ? pattern.lastIndex : -1;
}

export function checkHidden(s: Scanner, start: number, end: number, what: "text" | "comment"): void {
  if (!s.hasHidden) return;
  for (let i = start; i < end; i++) {
    if (!HIDDEN.test(s.text[i]!)) continue;
    const code = s.text.charCodeAt(i).toString(16).toUpperCase().padStart(4, "0");
    report(
      s,
      "TEL0010",
      { start: i, end: i + 1 },
      `this ${what} holds the invisible character U+${code}`,
      what === "text" ? `write \`\\u{${code}}\` if it is meant` : "remove it",
    );
  }
}

/** The end of the file, which is a token. */
export function finish(s: Scanner): Tokens {
  s.newline = 1;
  emit(s, T.end, s.text.length, s.text.length);
  const { count, kinds, starts, ends, newlines, comments, brokenTexts, text } = s;
  return { count, kinds, starts, ends, newlines, comments, brokenTexts, text };
}

export const isDigit = (c: number): boolean => c >= 48 && c <= 57;
export const isLower = (c: number): boolean => c >= 97 && c <= 122;
export const isUpper = (c: number): boolean => c >= 65 && c <= 90;
export const isWordPart = (c: number): boolean => isLower(c) || isUpper(c) || isDigit(c) || c === 95;
