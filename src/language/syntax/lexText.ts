/**
 * Texts and their holes. A text with holes becomes `"a ${` tokens `} b ${` tokens `} c"`; it ends on the line on which it
 * starts, so a forgotten quote cannot swallow the file.
 */
import * as Literal from "./Literal.ts";
import * as Scanner from "./Scanner.ts";
import { T } from "./Token.ts";

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const DOLLAR = 36;
const BRACE_OPEN = 123;
const BACKSLASH = 92;

/** Reads the characters of a text from `at`, which is after `"` or after the `}` of a hole. */
export function lexText(s: Scanner.Scanner, start: number, first: boolean): void {
  const open = first ? start : s.holes[s.holes.length - 1]!.text;
  let i = s.at;
  for (;;) {
    const c = i < s.text.length ? s.text.charCodeAt(i) : NEWLINE;
    if (c === QUOTE) {
      Scanner.checkHidden(s, s.at, i, "text");
      if (!first) s.holes.pop();
      Scanner.emit(s, first ? T.text : T.textClose, start, i + 1);
      return;
    }
    if (c === DOLLAR && s.text.charCodeAt(i + 1) === BRACE_OPEN) {
      Scanner.checkHidden(s, s.at, i, "text");
      if (first) s.holes.push({ text: start, braces: 0 });
      Scanner.emit(s, first ? T.textOpen : T.textMiddle, start, i + 2);
      return;
    }
    if (c === NEWLINE || c === RETURN) {
      // Inside a hole the text around it is told instead, when its line ends.
      if (s.holes.length === 0 || !first) reportOpenText(s, s.holes[0]?.text ?? open, i);
      s.brokenTexts.add(s.count);
      Scanner.emit(s, first ? T.text : T.textClose, start, i);
      if (!first) {
        s.holes.pop();
        closeHoles(s, i);
      }
      return;
    }
    if (c === BACKSLASH) i = checkEscape(s, i);
    else i++;
  }
}

function checkEscape(s: Scanner.Scanner, back: number): number {
  const letter = s.text[back + 1] ?? "\n";
  if (letter === "\n" || letter === "\r") return back + 1;
  if (Literal.escapeOf(letter) !== undefined) return back + 2;
  const unicode = letter === "u" ? Literal.unicodeEscape(s.text, back + 2) : undefined;
  if (unicode !== undefined) return unicode.next;
  const end = back + 1 + (s.text.codePointAt(back + 1)! > 0xffff ? 2 : 1);
  if (letter === "u") {
    Scanner.report(
      s,
      "TEL0004",
      { start: back, end },
      "this escape is not a Unicode character",
      "write it as `\\u{1F600}`",
    );
  } else {
    Scanner.report(
      s,
      "TEL0004",
      { start: back, end },
      `\`${s.text.slice(back, end)}\` is not an escape`,
      'the escapes are `\\n` `\\r` `\\t` `\\"` `\\\\` `\\$` and `\\u{…}`; write `\\\\` for a backslash',
    );
  }
  return end;
}

function closeHoles(s: Scanner.Scanner, here: number): void {
  while (s.holes.length > 0) {
    s.holes.pop();
    s.brokenTexts.add(s.count);
    Scanner.emit(s, T.textClose, here, here);
  }
}

function reportOpenText(s: Scanner.Scanner, start: number, end: number): void {
  Scanner.report(
    s,
    "TEL0003",
    { start, end },
    "this text is not closed on its line",
    s.holes.length > 0
      ? 'close the hole with `}` and add the closing `"`; name a long expression with `let` first'
      : 'add the closing `"`; write `\\n` for a line break inside a text',
  );
}

/** A line has ended inside a hole: closes all open texts, so that the rest of the file is read as usual. */
export function endHoles(s: Scanner.Scanner, here: number): void {
  if (s.holes.length === 0) return;
  reportOpenText(s, s.holes[0]!.text, here);
  closeHoles(s, here);
}
