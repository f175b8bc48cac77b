/** Signs, the signs of other languages, and characters that TEL has no use for. */
import * as Scanner from "./Scanner.ts";
import { signs, T, type TokenKind } from "./Token.ts";

const POWER = "write `int.power(a, b)` or `decimal.power(a, b)` for a power";

/** Signs of other languages: what to write instead, and the token to go on with. */
const foreign: readonly (readonly [sign: string, kind: TokenKind, instead: string])[] = [
  ["===", T.same, "write `==`; values never convert, so one equality is enough"],
  ["!==", T.different, "write `!=`; values never convert, so one inequality is enough"],
  ["&", T.and, "write `&&` for both conditions"],
  ["**", T.times, POWER],
  ["^", T.times, POWER],
  ["++", T.plus, "write `list.concat(a, b)`, `text.concat(a, b)` or `x + 1`"],
  ["+=", T.equals, "write `state.x = state.x + …`"],
  ["-=", T.equals, "write `state.x = state.x - …`"],
  ["*=", T.equals, "write `state.x = state.x * …`"],
  ["/=", T.equals, "write `state.x = state.x / …`"],
  [":=", T.equals, "write `let x = …`"],
  ["::", T.dot, "write `.` between a module and a name"],
];

/** By the code of the first character, longest first. */
const byFirst: { readonly sign: string; readonly kind: TokenKind }[][] = [];
for (const [first] of signs) {
  const all = signs.map(([sign, kind]) => ({ sign, kind })).filter(({ sign }) => sign[0] === first[0]);
  byFirst[first.charCodeAt(0)] ??= all.sort((a, b) => b.sign.length - a.sign.length);
}

const LETTERS = /[\p{L}\p{M}\p{N}]/u;
const NEWLINE = 10;
const SHOWN_MAX = 40;

export function lexSign(s: Scanner.Scanner, c: number): void {
  const { text, at } = s;
  const next = text.charCodeAt(at + 1);
  const mayBeForeign =
    next === 61 || next === 42 || next === 43 || next === 58 || (c === 38 && next !== 38) || c === 94;
  if (mayBeForeign && lexForeignSign(s)) return;
  const all = byFirst[c];
  for (let i = 0; all !== undefined && i < all.length; i++) {
    const { sign, kind } = all[i]!;
    if (sign.length > 1 && !text.startsWith(sign, at)) continue;
    Scanner.emit(s, kind, at, at + sign.length);
    return;
  }
  lexBad(s);
}

function lexForeignSign(s: Scanner.Scanner): boolean {
  const { text, at } = s;
  const found = foreign.find(([sign]) => text.startsWith(sign, at));
  if (found === undefined) return false;
  const [sign, kind, instead] = found;
  const span = { start: at, end: at + sign.length };
  Scanner.report(s, "TEL0009", span, `\`${sign}\` is not an operator of TEL`, instead);
  Scanner.emit(s, kind, at, at + sign.length);
  return true;
}

/** `'text'` and `` `text` ``: reported, then read as one bad token. */
export function lexForeignQuote(s: Scanner.Scanner, quote: string): void {
  const start = s.at;
  let end = start + 1;
  while (end < s.text.length && s.text[end] !== quote && s.text.charCodeAt(end) !== NEWLINE) end++;
  const closed = s.text[end] === quote;
  Scanner.report(
    s,
    "TEL0009",
    { start, end: closed ? end + 1 : start + 1 },
    `\`${quote}\` is not a quote of TEL`,
    'write a text as `"…"`',
  );
  Scanner.emit(s, T.bad, start, closed ? end + 1 : start + 1);
}

function lexBad(s: Scanner.Scanner): void {
  const start = s.at;
  let end = start;
  while (end < s.text.length && isBad(s.text.charCodeAt(end))) end++;
  end = Math.max(end, start + 1);
  const written = s.text.slice(start, end);
  // A word with a foreign letter in the middle is one mistake, so its ASCII neighbours belong to it.
  if (LETTERS.test(written)) {
    while (end < s.text.length && (Scanner.isWordPart(s.text.charCodeAt(end)) || isBad(s.text.charCodeAt(end)))) end++;
    Scanner.report(
      s,
      "TEL0002",
      { start, end },
      `\`${shown(s.text.slice(start, end))}\` cannot be in a name`,
      "names are made of a–z, A–Z, 0–9 and `_`",
    );
  } else Scanner.report(s, "TEL0002", { start, end }, `TEL has no use for ${shownCharacter(written)}`);
  Scanner.emit(s, T.bad, start, end);
}

/** A word with letters that are not ASCII. */
export function lexForeignWord(s: Scanner.Scanner): void {
  const start = s.at;
  let end = start;
  while (end < s.text.length && (Scanner.isWordPart(s.text.charCodeAt(end)) || isForeignLetter(s.text, end))) end++;
  Scanner.report(
    s,
    "TEL0002",
    { start, end },
    `\`${shown(s.text.slice(start, end))}\` cannot be a name`,
    "names are made of a–z, A–Z, 0–9 and `_`",
  );
  Scanner.emit(s, T.bad, start, end);
}

/** Characters that start no token. */
const isBad = (c: number): boolean =>
  c > 126 ? c !== 0xfeff : c < 32 ? c !== 9 && c !== 10 && c !== 13 : c === 126 || c === 92 || c === 36;

export const isForeignLetter = (text: string, at: number): boolean =>
  text.charCodeAt(at) > 126 && LETTERS.test(String.fromCodePoint(text.codePointAt(at)!));

const shown = (written: string): string => (written.length > SHOWN_MAX ? `${written.slice(0, SHOWN_MAX)}…` : written);

function shownCharacter(written: string): string {
  const point = written.codePointAt(0)!;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  const visible = point > 32 && point !== 127 && !Scanner.HIDDEN.test(String.fromCodePoint(point));
  return visible ? `\`${String.fromCodePoint(point)}\` (${code})` : `the invisible character ${code}`;
}
