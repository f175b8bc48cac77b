/** Text to tokens. One pass, no backtracking, never fails: what cannot be read becomes a `bad` token and a problem. */
import { Bytes } from "../../std/index.ts";
import { error, type Problem } from "../problems/Problem.ts";
import { lexHash, lexInstant, lexNumber } from "./lexLiteral.ts";
import { isForeignLetter, lexForeignQuote, lexForeignWord, lexSign } from "./lexSign.ts";
import { endHoles, lexText } from "./lexText.ts";
import * as Scanner from "./Scanner.ts";
import { infix, reserved, T, type TokenKind } from "./Token.ts";

export type { LexedComment, Tokens } from "./Scanner.ts";

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const HASH = 35;
const SINGLE_QUOTE = 39;
const STAR = 42;
const SLASH = 47;
const AT = 64;
const UNDERSCORE = 95;
const BACKTICK = 96;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;
const BYTE_ORDER_MARK = 0xfeff;

/** The longest word that is not just a name. */
const KNOWN_WORD_LENGTH_MAX = Math.max(...[...reserved.keys(), ...infix.keys()].map((word) => word.length));

export function lex(given: string, file: string, problems: Problem[]): Scanner.Tokens {
  const text = Bytes.isWellFormed(given) ? given : withoutLoneSurrogates(given, file, problems);
  const s = Scanner.of(text, file, problems);
  while (s.at < text.length) {
    const c = text.charCodeAt(s.at);
    if (c === 32 || c === 9 || c === BYTE_ORDER_MARK) s.at++;
    else if (c === NEWLINE || c === RETURN) {
      endHoles(s, s.at);
      s.newline = 1;
      s.at++;
    } else if (Scanner.isLower(c) || Scanner.isUpper(c) || c === UNDERSCORE) lexWord(s, c);
    else if (Scanner.isDigit(c)) lexNumber(s);
    else if (c === QUOTE) {
      const start = s.at++;
      lexText(s, start, true);
    } else if (c === SLASH && text.charCodeAt(s.at + 1) === SLASH) lexComment(s);
    else if (c === SLASH && text.charCodeAt(s.at + 1) === STAR) lexBlockComment(s);
    else if (c === BRACE_OPEN) {
      if (s.holes.length > 0) s.holes[s.holes.length - 1]!.braces++;
      Scanner.emit(s, T.braceOpen, s.at, s.at + 1);
    } else if (c === BRACE_CLOSE) lexBraceClose(s);
    else if (c === AT) lexInstant(s);
    else if (c === HASH) lexHash(s);
    else if (c === SINGLE_QUOTE || c === BACKTICK) lexForeignQuote(s, String.fromCharCode(c));
    else lexSign(s, c);
  }
  endHoles(s, text.length);
  return Scanner.finish(s);
}

function lexWord(s: Scanner.Scanner, first: number): void {
  const { text, at: start } = s;
  let end = start + 1;
  while (end < text.length && Scanner.isWordPart(text.charCodeAt(end))) end++;
  if (end < text.length && isForeignLetter(text, end)) lexForeignWord(s);
  else Scanner.emit(s, Scanner.isUpper(first) ? T.up : kindOfWord(text, start, end), start, end);
}

function kindOfWord(text: string, start: number, end: number): TokenKind {
  if (end - start > KNOWN_WORD_LENGTH_MAX) return T.id;
  const word = text.slice(start, end);
  return word === "_" ? T.underscore : (reserved.get(word) ?? infix.get(word) ?? T.id);
}

/** Closes a block, or the hole of a text. */
function lexBraceClose(s: Scanner.Scanner): void {
  const hole = s.holes[s.holes.length - 1];
  if (hole === undefined || hole.braces > 0) {
    if (hole !== undefined) hole.braces--;
    Scanner.emit(s, T.braceClose, s.at, s.at + 1);
  } else {
    const start = s.at++;
    lexText(s, start, false);
  }
}

function lexComment(s: Scanner.Scanner): void {
  const { text, at: start } = s;
  let end = start + 2;
  while (end < text.length && text.charCodeAt(end) !== NEWLINE && text.charCodeAt(end) !== RETURN) end++;
  let slashes = 2;
  while (start + slashes < end && text.charCodeAt(start + slashes) === SLASH) slashes++;
  Scanner.checkHidden(s, start, end, "comment");
  const kind = slashes === 3 ? "doc" : slashes === 4 ? "moduleDoc" : "plain";
  s.comments.push({ kind, start, end, token: s.count, ownLine: s.newline === 1 });
  s.at = end;
}

function lexBlockComment(s: Scanner.Scanner): void {
  const { text, at } = s;
  const close = text.indexOf("*/", at + 2);
  const end = close < 0 ? text.length : close + 2;
  const hint = "start each line of the comment with `//`";
  Scanner.report(s, "TEL0012", { start: at, end: at + 2 }, "TEL has no block comments", hint);
  if (text.slice(at, end).includes("\n")) s.newline = 1;
  s.at = end;
}

function withoutLoneSurrogates(text: string, file: string, problems: Problem[]): string {
  let from = -1;
  const whole = text.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (_, at: number) => {
      if (from < 0) from = at;
      return "\ufffd";
    },
  );
  problems.push(
    error(
      "TEL0011",
      file,
      { start: from, end: from + 1 },
      "this file is not well-formed Unicode: half of a surrogate pair",
      {
        hints: ["save the file as UTF-8"],
      },
    ),
  );
  return whole;
}
