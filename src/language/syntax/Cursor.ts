/** Where the parser stands in the tokens, what it has to say, and how it finds its way again after a mistake. */
import { type Details, error, type Problem } from "../problems/Problem.ts";
import { isOpener, pairBrackets, partner, type Suspect } from "./brackets.ts";
import { PROBLEMS_MAX, type Tokens } from "./Scanner.ts";
import { declarations, isId, isWord, reserved, show, T, type TokenKind } from "./Token.ts";
import type { Hash, Name, Span } from "./Tree.ts";

/** Nodes inside nodes. Deeper text is refused, so that no pass over the tree can run out of stack. */
export const NESTING_DEPTH_MAX = 400;

export type Cursor = {
  readonly file: string;
  readonly tokens: Tokens;
  readonly problems: Problem[];
  /** For each opening bracket the token that closes it, or 0. */
  readonly closers: Int32Array;
  /** Braces that close further left than the line that opened them: where a `}` may be missing. */
  readonly suspects: readonly Suspect[];
  at: number;
  depth: number;
  /** The token at which the last problem was reported: one problem per place. */
  reportedAt: number;
  /** Reserved words that were used as names: each is reported once. */
  readonly misused: Set<string>;
  /** Set when the depth limit was passed: the rest is skipped in silence. */
  stopped: boolean;
  /** Inside the braces of a `program`, where the words of its clauses end a block that was left open. */
  inProgram: boolean;
  /** The column in which the clause being read starts. */
  clauseColumn: number;
  /** The first comment that has not been looked at for docs. */
  nextComment: number;
  /** Comments that became docs. */
  readonly docComments: Set<number>;
};

export function of(file: string, tokens: Tokens, problems: Problem[]): Cursor {
  const { closers, suspects } = pairBrackets(tokens);
  return {
    file,
    tokens,
    problems,
    closers,
    suspects,
    at: 0,
    depth: 0,
    reportedAt: -1,
    misused: new Set(),
    stopped: false,
    inProgram: false,
    clauseColumn: 0,
    nextComment: 0,
    docComments: new Set(),
  };
}

// --------------------------------------------------------------------------------------------- reading

export const kind = (c: Cursor): TokenKind => c.tokens.kinds[c.at] as TokenKind;

export const kindAhead = (c: Cursor, ahead: number): TokenKind =>
  c.tokens.kinds[Math.min(c.at + ahead, c.tokens.count - 1)] as TokenKind;

/** The token is the first of its line. */
export const onNewLine = (c: Cursor): boolean => c.tokens.newlines[c.at] === 1;

const textAhead = (c: Cursor, ahead: number): string => {
  const { text, starts, ends, count } = c.tokens;
  const at = Math.min(c.at + ahead, count - 1);
  return text.slice(starts[at], ends[at]);
};

export const newLineAhead = (c: Cursor, ahead: number): boolean =>
  c.tokens.newlines[Math.min(c.at + ahead, c.tokens.count - 1)] === 1;

export const start = (c: Cursor): number => c.tokens.starts[c.at]!;

/** Where the token before ends. */
export const lastEnd = (c: Cursor): number => (c.at === 0 ? 0 : c.tokens.ends[c.at - 1]!);

export const span = (c: Cursor): Span => ({ start: c.tokens.starts[c.at]!, end: c.tokens.ends[c.at]! });

export const spanFrom = (c: Cursor, from: number): Span => ({ start: from, end: Math.max(from, lastEnd(c)) });

export const text = (c: Cursor): string => c.tokens.text.slice(c.tokens.starts[c.at], c.tokens.ends[c.at]);

/** The characters of a text token, without its quotes or the signs of its holes. */
export function textBetween(c: Cursor): string {
  const from = c.tokens.starts[c.at]!;
  const end = c.tokens.ends[c.at]!;
  const { text } = c.tokens;
  const now = kind(c);
  const closing = now === T.textOpen || now === T.textMiddle ? 2 : text.charCodeAt(end - 1) === 34 ? 1 : 0;
  return end - closing <= from ? "" : text.slice(from + 1, end - closing);
}

export const isSoft = (c: Cursor, word: string): boolean => {
  const from = c.tokens.starts[c.at]!;
  return c.tokens.ends[c.at]! - from === word.length && isWord(kind(c)) && c.tokens.text.startsWith(word, from);
};

export function advance(c: Cursor): void {
  if (c.at < c.tokens.count - 1) c.at++;
}

export function accept(c: Cursor, wanted: TokenKind): boolean {
  if (kind(c) !== wanted) return false;
  advance(c);
  return true;
}

/** Takes the first sign of `>>` or `>=`, as in `Map<Asset, List<Int>>`. */
export function acceptGreater(c: Cursor): boolean {
  const { kinds, starts } = c.tokens;
  const now = kind(c);
  if (now === T.greater) advance(c);
  else if (now === T.sequence) {
    kinds[c.at] = T.greater;
    starts[c.at]!++;
  } else if (now === T.greaterEqual) {
    kinds[c.at] = T.equals;
    starts[c.at]!++;
  } else return false;
  return true;
}

// ------------------------------------------------------------------------------------------ problems

const isSilent = (c: Cursor): boolean =>
  c.stopped ||
  c.reportedAt === c.at ||
  kind(c) === T.bad ||
  c.tokens.brokenTexts.has(c.at) ||
  c.tokens.brokenTexts.has(c.at - 1) ||
  c.problems.length >= PROBLEMS_MAX;

/** Reports once per token, and never at characters that the lexer has reported, or right behind a text that it had to end. */
export function report(c: Cursor, code: string, where: Span, message: string, details?: Details): void {
  if (isSilent(c)) return;
  c.reportedAt = c.at;
  c.problems.push(error(code, c.file, where, message, details));
}

/** What stands here, for "…, found X". */
export function found(c: Cursor): string {
  const now = kind(c);
  if (now === T.id || now === T.up || isWord(now)) return `\`${text(c)}\``;
  return show(now);
}

/** The place of a missing thing: here, or after the token before when that ended its line. */
export function missingSpan(c: Cursor): Span {
  const before = c.tokens.ends[c.at - 1];
  if (before !== undefined && (onNewLine(c) || kind(c) === T.end)) return { start: before, end: before };
  return span(c);
}

export function expected(c: Cursor, what: string, ...hints: string[]): void {
  const where = missingSpan(c);
  const message =
    kind(c) === T.end
      ? `expected ${what}, but the file ends here`
      : where.start === where.end
        ? `expected ${what} here`
        : `expected ${what}, found ${found(c)}`;
  report(c, "TEL0101", where, message, { hints });
}

export function expect(c: Cursor, wanted: TokenKind, ...hints: string[]): boolean {
  if (accept(c, wanted)) return true;
  expected(c, show(wanted), ...hints);
  return false;
}

/** Counts one level down; false when that is too deep, and then nothing more is read. */
export function enter(c: Cursor): boolean {
  if (++c.depth <= NESTING_DEPTH_MAX) return true;
  if (!c.stopped) {
    report(c, "TEL0106", span(c), `this is nested more than ${NESTING_DEPTH_MAX} levels deep`, {
      hints: ["give the inner part a name with `let` or `fn`"],
    });
    c.stopped = true;
    c.at = c.tokens.count - 1;
  }
  return false;
}

export function leave(c: Cursor, levels = 1): void {
  c.depth -= levels;
}

// --------------------------------------------------------------------------------------------- names

/** An empty name where one is missing. */
export const noName = (c: Cursor): Name => {
  const { start } = missingSpan(c);
  return { text: "", span: { start, end: start } };
};

export function takeName(c: Cursor): Name {
  const name = { text: text(c), span: span(c) };
  advance(c);
  return name;
}

/** Any word: a label, a field, the name after `.`. */
export function word(c: Cursor, what: string): Name {
  if (isWord(kind(c))) return takeName(c);
  expected(c, what);
  return noName(c);
}

/** A name for a value. */
export function id(c: Cursor, what: string): Name {
  const now = kind(c);
  if (isId(now)) return takeName(c);
  if (now === T.up) {
    const written = text(c);
    const lower = written[0]!.toLowerCase() + written.slice(1);
    report(c, "TEL0110", span(c), `${what} starts with a lower-case letter, found \`${written}\``, {
      fix: { title: `rename to ${lower}`, edits: [{ span: span(c), text: lower }] },
    });
    return takeName(c);
  }
  if (isWord(now)) {
    reportReserved(c, span(c), text(c));
    return takeName(c);
  }
  expected(c, what);
  return noName(c);
}

/** A name for a type or one of its constructors. */
export function up(c: Cursor, what: string): Name {
  const now = kind(c);
  if (now === T.up) return takeName(c);
  if (isWord(now)) {
    const written = text(c);
    const upper = written[0]!.toUpperCase() + written.slice(1);
    report(c, "TEL0110", span(c), `${what} starts with a capital letter, found \`${written}\``, {
      fix: { title: `rename to ${upper}`, edits: [{ span: span(c), text: upper }] },
    });
    return takeName(c);
  }
  expected(c, what);
  return noName(c);
}

export function reportReserved(c: Cursor, where: Span, written: string): void {
  if (c.misused.has(written)) return;
  c.misused.add(written);
  report(c, "TEL0108", where, `\`${written}\` is a word of the language and cannot name a value`, {
    hints: [`choose another name; as a label, \`${written}:\` is fine`],
  });
}

export const isReserved = (written: string): boolean => reserved.has(written);

export function takeHash(c: Cursor): Hash {
  const where = span(c);
  const hash = { text: c.tokens.text.slice(where.start + 1, where.end), span: where };
  advance(c);
  return hash;
}

// ------------------------------------------------------------------------------------------ recovery

/** Past the token here, and past its partner when it opens a bracket. */
export function skipGroup(c: Cursor): void {
  const closer = c.closers[c.at]!;
  if (isOpener(kind(c)) && closer > c.at) c.at = closer;
  advance(c);
}

/** The token starts its line in the first column with the head of a declaration, such as `fn name` or `test "…"`. */
export function isDeclarationHead(c: Cursor): boolean {
  if (!onNewLine(c)) return false;
  const from = start(c);
  if (from > 0 && c.tokens.text.charCodeAt(from - 1) !== 10 && c.tokens.text.charCodeAt(from - 1) !== 13) return false;
  if (!isWord(kind(c)) || newLineAhead(c, 1)) return false;
  const next = kindAhead(c, 1);
  const head = text(c);
  if (head === "fn" || head === "handler" || head === "use" || head === "module") return isId(next);
  if (head === "test" || head === "prop") return next === T.text || next === T.textOpen;
  return (declarations as readonly string[]).includes(head) && next === T.up;
}

/** Characters before the token here on its line. */
export const column = (c: Cursor): number => start(c) - 1 - c.tokens.text.lastIndexOf("\n", start(c) - 1);

/** A line that starts a clause of a program, and can be no step: `entry name`, `on every`, `state {`. */
export function isClauseHead(c: Cursor): boolean {
  if (!onNewLine(c) || newLineAhead(c, 1) || !isWord(kind(c))) return false;
  const next = kindAhead(c, 1);
  switch (text(c)) {
    case "state":
      return next === T.braceOpen;
    case "fn":
      return isId(next) && column(c) <= c.clauseColumn;
    // These are names elsewhere, so a case may be `entry as a => …`.
    case "entry":
      return isId(next) && kindAhead(c, 2) === T.parenOpen;
    case "exclusive":
      return textAhead(c, 1) === "entry";
    case "on":
      return ["every", "at", "fact"].includes(textAhead(c, 1));
    case "migration":
      return next === T.version;
    default:
      return false;
  }
}

/** Where a block of steps, cases or branches must have ended before. */
export const isBlockOver = (c: Cursor): boolean => isDeclarationHead(c) || (c.inProgram && isClauseHead(c));

/** A word that starts a declaration, wherever it stands. */
export const isDeclarationWord = (c: Cursor): boolean =>
  isWord(kind(c)) && (declarations as readonly string[]).includes(text(c));

/** Says that the bracket at token `open` is never closed, and where its partner may be missing. */
export function reportUnclosed(c: Cursor, open: number): void {
  if (isSilent(c)) return;
  const { starts, ends, kinds } = c.tokens;
  const opener = { start: starts[open]!, end: ends[open]! };
  const suspect = c.suspects.find((pair) => pair.open > open && pair.close < c.at);
  const here = missingSpan(c);
  const labels =
    suspect === undefined
      ? [{ span: here, text: `${show(partner(kinds[open]!) as TokenKind)} is missing here at the latest` }]
      : [
          {
            span: { start: starts[suspect.open]!, end: ends[suspect.open]! },
            text: "this one is closed further left than its line starts …",
          },
          {
            span: { start: starts[suspect.close]!, end: ends[suspect.close]! },
            text: "… by this one, so a `}` may be missing before it",
          },
        ];
  report(c, "TEL0102", opener, `this ${show(kinds[open] as TokenKind)} is never closed`, { labels });
}
