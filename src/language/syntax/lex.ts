/**
 * Text to tokens. One pass, no backtracking, never fails: what cannot be read becomes a `bad` token and a problem.
 *
 * A text with holes becomes `"a ${` tokens `} b ${` tokens `} c"`, as the words inside a hole are ordinary tokens. A text
 * ends on the line on which it starts, so a forgotten quote cannot swallow the file.
 */
import { Bytes } from "../../std/index.ts";
import { error, type Problem } from "../problems/Problem.ts";
import { PROBLEMS_MAX } from "./Cursor.ts";
import * as Literal from "./Literal.ts";
import { infix, reserved, T, type TokenKind, units } from "./Token.ts";
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

/** A literal of more characters is refused, so that no later pass meets a number it cannot compute with. */
const LITERAL_LENGTH_MAX = 4096;

const FLOAT = /[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?f(?![A-Za-z0-9_])/y;
const DURATION = /(?:[0-9]+(?:ms|[dhms]))+(?![A-Za-z0-9_])/y;
const NUMBER_RUN = /[0-9]+(?:\.[0-9]+)?[A-Za-z0-9_]*/y;
const INSTANT = /@[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?Z(?![A-Za-z0-9_])/y;
const INSTANT_RUN = /@[0-9A-Za-z:.+-]*/y;
const HASH = /#[a-z0-9]+(?![A-Za-z0-9_])/y;
const HASH_RUN = /#[A-Za-z0-9_]*/y;
/** Controls and direction marks: a reader sees something else than the compiler (CVE-2021-42574). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the rule is about
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const LETTERS = /[\p{L}\p{M}\p{N}]/u;

/** Signs of other languages: what to write instead, and the token to go on with. */
const foreign: readonly (readonly [sign: string, kind: TokenKind, instead: string])[] = [
  ["===", T.same, "write `==`; values never convert, so one equality is enough"],
  ["!==", T.different, "write `!=`; values never convert, so one inequality is enough"],
  ["&", T.and, "write `&&` for both conditions"],
  ["**", T.times, "write `int.pow(a, b)` for a power"],
  ["++", T.plus, "write `list.concat(a, b)`, `text.concat(a, b)` or `x + 1`"],
  ["+=", T.equals, "write `state.x = state.x + …`"],
  ["-=", T.equals, "write `state.x = state.x - …`"],
  ["*=", T.equals, "write `state.x = state.x * …`"],
  ["/=", T.equals, "write `state.x = state.x / …`"],
  [":=", T.equals, "write `let x = …`"],
  ["::", T.dot, "write `.` between a module and a name"],
];

const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isLower = (c: number): boolean => c >= 97 && c <= 122;
const isUpper = (c: number): boolean => c >= 65 && c <= 90;
const isWordPart = (c: number): boolean => isLower(c) || isUpper(c) || isDigit(c) || c === 95;

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const DOLLAR = 36;
const SLASH = 47;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;
const BACKSLASH = 92;

export function lex(given: string, file: string, problems: Problem[]): Tokens {
  const text = Bytes.isWellFormed(given) ? given : withoutLoneSurrogates(given, file, problems);
  const hasHidden = HIDDEN.test(text);
  const length = text.length;
  let capacity = (length >> 2) + 16;
  let kinds = new Uint8Array(capacity);
  let starts = new Int32Array(capacity);
  let ends = new Int32Array(capacity);
  let newlines = new Uint8Array(capacity);
  const comments: LexedComment[] = [];
  const brokenTexts = new Set<number>();
  /** The open holes: where their text starts, and how many braces are open in them. */
  const holes: { readonly text: number; braces: number }[] = [];
  let count = 0;
  let newline = 1;
  let at = 0;

  const report = (code: string, span: Span, message: string, ...hints: string[]): void => {
    if (problems.length < PROBLEMS_MAX) problems.push(error(code, file, span, message, { hints }));
  };

  const emit = (kind: TokenKind, start: number, end: number): void => {
    if (count === capacity) {
      capacity *= 2;
      kinds = grown(kinds, new Uint8Array(capacity));
      starts = grown(starts, new Int32Array(capacity));
      ends = grown(ends, new Int32Array(capacity));
      newlines = grown(newlines, new Uint8Array(capacity));
    }
    kinds[count] = kind;
    starts[count] = start;
    ends[count] = end;
    newlines[count++] = newline;
    newline = 0;
    at = end;
  };

  const sticky = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : -1;
  };

  const checkHidden = (start: number, end: number, what: string): void => {
    if (!hasHidden) return;
    for (let i = start; i < end; i++) {
      if (!HIDDEN.test(text[i]!) || text[i] === "\t" || text[i] === "\r") continue;
      const code = text.charCodeAt(i).toString(16).toUpperCase().padStart(4, "0");
      report(
        "TEL0010",
        { start: i, end: i + 1 },
        `this ${what} holds the invisible character U+${code}`,
        what === "text" ? `write \`\\u{${code}}\` if it is meant` : "remove it",
      );
    }
  };

  /** Reads the characters of a text from `at`, which is after `"` or after the `}` of a hole. */
  const lexText = (start: number, first: boolean): void => {
    const open = first ? start : holes[holes.length - 1]!.text;
    let i = at;
    for (;;) {
      const c = i < length ? text.charCodeAt(i) : NEWLINE;
      if (c === QUOTE) {
        checkHidden(at, i, "text");
        if (!first) holes.pop();
        emit(first ? T.text : T.textClose, start, i + 1);
        return;
      }
      if (c === DOLLAR && text.charCodeAt(i + 1) === BRACE_OPEN) {
        checkHidden(at, i, "text");
        if (first) holes.push({ text: start, braces: 0 });
        emit(first ? T.textOpen : T.textMiddle, start, i + 2);
        return;
      }
      if (c === NEWLINE || c === RETURN) {
        // Inside a hole the text around it is told instead, when its line ends.
        if (holes.length === 0 || !first) reportOpenText(holes[0]?.text ?? open, i);
        brokenTexts.add(count);
        emit(first ? T.text : T.textClose, start, i);
        if (!first) {
          holes.pop();
          closeHoles(i);
        }
        return;
      }
      if (c === BACKSLASH) i = checkEscape(i);
      else i++;
    }
  };

  const reportOpenText = (start: number, end: number): void =>
    report(
      "TEL0003",
      { start, end },
      "this text is not closed on its line",
      holes.length > 0
        ? 'close the hole with `}` and add the closing `"`; name a long expression with `let` first'
        : 'add the closing `"`; write `\\n` for a line break inside a text',
    );

  const checkEscape = (back: number): number => {
    const letter = text[back + 1] ?? "\n";
    if (letter === "\n" || letter === "\r") return back + 1;
    if (Literal.escapeOf(letter) !== undefined) return back + 2;
    const unicode = letter === "u" ? Literal.unicodeEscape(text, back + 2) : undefined;
    if (unicode !== undefined) return unicode.next;
    const end = back + 1 + (text.codePointAt(back + 1)! > 0xffff ? 2 : 1);
    if (letter === "u") {
      report("TEL0004", { start: back, end }, "this escape is not a Unicode character", "write it as `\\u{1F600}`");
    } else {
      report(
        "TEL0004",
        { start: back, end },
        `\`${text.slice(back, end)}\` is not an escape`,
        'the escapes are `\\n` `\\r` `\\t` `\\"` `\\\\` `\\$` and `\\u{…}`; write `\\\\` for a backslash',
      );
    }
    return end;
  };

  /** A line has ended inside a hole: closes all open texts, so that the rest of the file is read as usual. */
  const closeHoles = (here: number): void => {
    while (holes.length > 0) {
      holes.pop();
      brokenTexts.add(count);
      emit(T.textClose, here, here);
    }
  };

  const lexNumber = (): void => {
    const start = at;
    let i = at + 1;
    while (i < length && isDigit(text.charCodeAt(i))) i++;
    let kind: TokenKind = T.int;
    if (text.charCodeAt(i) === 46 && isDigit(text.charCodeAt(i + 1))) {
      kind = T.decimal;
      i += 2;
      while (i < length && isDigit(text.charCodeAt(i))) i++;
      if (text.charCodeAt(i) === 46 && isDigit(text.charCodeAt(i + 1))) {
        kind = T.version;
        i += 2;
        while (i < length && isDigit(text.charCodeAt(i))) i++;
      }
    }
    if (i < length && isWordPart(text.charCodeAt(i))) {
      const float = sticky(FLOAT);
      const duration = sticky(DURATION);
      if (float > 0) {
        kind = T.float;
        i = float;
        if (!Number.isFinite(Number(text.slice(start, i - 1)))) {
          report(
            "TEL0005",
            { start, end: i },
            "this Float is too large",
            "the largest Float is 1.7976931348623157e308f",
          );
          kind = T.bad;
        }
      } else if (duration > 0) {
        kind = T.duration;
        i = duration;
        if (Literal.milliseconds(text.slice(start, i)) === undefined) {
          report(
            "TEL0006",
            { start, end: i },
            `the units of \`${text.slice(start, i)}\` are out of order or repeated`,
            `write each unit once, from large to small: ${units.map(([unit]) => unit).join(" ")}`,
          );
          kind = T.bad;
        }
      } else {
        i = kind === T.version ? i : Math.max(i, sticky(NUMBER_RUN));
        while (i < length && isWordPart(text.charCodeAt(i))) i++;
        reportNumber(start, i);
        kind = T.bad;
      }
    }
    if (i - start > LITERAL_LENGTH_MAX) {
      report("TEL0005", { start, end: i }, `this number has more than ${LITERAL_LENGTH_MAX} characters`);
      kind = T.bad;
    }
    emit(kind, start, i);
  };

  const reportNumber = (start: number, end: number): void => {
    const written = text.slice(start, end);
    const span = { start, end };
    if (/^[0-9_.]+$/.test(written))
      report(
        "TEL0005",
        span,
        `\`${written}\` is not a number`,
        `write \`${written.replaceAll("_", "")}\` without \`_\``,
      );
    else if (/^0[xXbBoO]/.test(written))
      report("TEL0005", span, `\`${written}\` is not a number`, "numbers are written in base ten");
    else if (/^[0-9.]+[eE]/.test(written))
      report("TEL0005", span, `\`${written}\` is not a number`, "only a Float has an exponent: `6.02e23f`");
    else if (/^[0-9]+\.[0-9]+(ms|[dhms])$/.test(written))
      report("TEL0006", span, `\`${written}\` is not a duration`, "a duration has whole numbers: `1h30m`");
    else if (/^[0-9]+[a-z]+$/.test(written))
      report(
        "TEL0006",
        span,
        `\`${written}\` is neither a number nor a duration`,
        `the units of a duration are ${units.map(([unit]) => `\`${unit}\``).join(" ")}`,
      );
    else report("TEL0005", span, `\`${written}\` is not a number`, "a name cannot start with a digit");
  };

  const lexInstant = (): void => {
    const start = at;
    const end = sticky(INSTANT);
    if (end > 0 && Literal.epochMilliseconds(text.slice(start + 1, end)) !== undefined) {
      emit(T.instant, start, end);
      return;
    }
    const stop = end > 0 ? end : sticky(INSTANT_RUN);
    const written = text.slice(start, stop);
    const hint = /^@[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(written)
      ? `write \`${written}T00:00:00Z\``
      : "an instant is written in UTC: `@2025-06-01T12:00:00Z`";
    report("TEL0007", { start, end: stop }, `\`${written}\` is not an instant`, hint);
    emit(T.bad, start, stop);
  };

  const lexHash = (): void => {
    const start = at;
    const end = sticky(HASH);
    if (end > 0 && end - start <= LITERAL_LENGTH_MAX) {
      emit(T.hash, start, end);
      return;
    }
    const stop = sticky(HASH_RUN);
    report(
      "TEL0008",
      { start, end: stop },
      stop === start + 1 ? "a hash is missing after `#`" : "this is not a hash",
      "a hash is `#` with lower-case letters and digits, as `tb find` prints it",
    );
    emit(T.bad, start, stop);
  };

  const lexComment = (): void => {
    const start = at;
    let end = start + 2;
    while (end < length && text.charCodeAt(end) !== NEWLINE && text.charCodeAt(end) !== RETURN) end++;
    let slashes = 2;
    while (start + slashes < end && text.charCodeAt(start + slashes) === SLASH) slashes++;
    checkHidden(start, end, "comment");
    const kind = slashes === 3 ? "doc" : slashes === 4 ? "moduleDoc" : "plain";
    const ownLine = newline === 1;
    comments.push({ kind, start, end, token: count, ownLine });
    at = end;
  };

  const lexBlockComment = (): void => {
    const close = text.indexOf("*/", at + 2);
    const end = close < 0 ? length : close + 2;
    report(
      "TEL0012",
      { start: at, end: at + 2 },
      "TEL has no block comments",
      "start each line of the comment with `//`",
    );
    for (let i = at; i < end; i++) if (text.charCodeAt(i) === NEWLINE) newline = 1;
    at = end;
  };

  /** `'text'` and `` `text` ``: reported, then read as a text. */
  const lexForeignQuote = (quote: string): void => {
    const start = at;
    let end = start + 1;
    while (end < length && text[end] !== quote && text.charCodeAt(end) !== NEWLINE) end++;
    const closed = text[end] === quote;
    report(
      "TEL0009",
      { start, end: closed ? end + 1 : start + 1 },
      `\`${quote}\` is not a quote of TEL`,
      'write a text as `"…"`',
    );
    emit(T.bad, start, closed ? end + 1 : start + 1);
  };

  const lexBad = (): void => {
    const start = at;
    let end = start;
    while (end < length && isBad(text.charCodeAt(end))) end++;
    end = Math.max(end, start + 1);
    const written = text.slice(start, end);
    // A word with a foreign letter in the middle is one mistake, so its ASCII neighbours belong to it.
    if (LETTERS.test(written)) {
      while (end < length && (isWordPart(text.charCodeAt(end)) || isBad(text.charCodeAt(end)))) end++;
      report(
        "TEL0002",
        { start, end },
        `\`${shown(text.slice(start, end))}\` cannot be in a name`,
        "names are made of a–z, A–Z, 0–9 and `_`",
      );
    } else report("TEL0002", { start, end }, `TEL has no use for ${shownCharacter(written)}`);
    emit(T.bad, start, end);
  };

  /** A sign of one to three characters at `at`. */
  const lexSign = (c: number): void => {
    const start = at;
    const next = text.charCodeAt(start + 1);
    const mayBeForeign = next === 61 || next === 42 || next === 43 || next === 58 || (c === 38 && next !== 38);
    const found = mayBeForeign ? foreign.find(([sign]) => text.startsWith(sign, start)) : undefined;
    if (found !== undefined) {
      const [sign, kind, instead] = found;
      report("TEL0009", { start, end: start + sign.length }, `\`${sign}\` is not an operator of TEL`, instead);
      emit(kind, start, start + sign.length);
      return;
    }
    const [kind, size] = sign(c, next, text.charCodeAt(start + 2));
    if (size === 0) lexBad();
    else emit(kind, start, start + size);
  };

  while (at < length) {
    const c = text.charCodeAt(at);
    if (c === 32 || c === 9) at++;
    else if (c === NEWLINE || c === RETURN) {
      if (holes.length > 0) {
        reportOpenText(holes[0]!.text, at);
        closeHoles(at);
      }
      newline = 1;
      at++;
    } else if (isLower(c) || c === 95) {
      const start = at;
      let i = at + 1;
      while (i < length && isWordPart(text.charCodeAt(i))) i++;
      let kind: TokenKind = T.id;
      if (i - start <= 7) {
        const word = text.slice(start, i);
        kind = word === "_" ? T.underscore : (reserved.get(word) ?? infix.get(word) ?? T.id);
      }
      if (i < length && isForeignLetter(text, i)) {
        at = start;
        lexForeignWord();
      } else emit(kind, start, i);
    } else if (isUpper(c)) {
      const start = at;
      let i = at + 1;
      while (i < length && isWordPart(text.charCodeAt(i))) i++;
      if (i < length && isForeignLetter(text, i)) {
        at = start;
        lexForeignWord();
      } else emit(T.up, start, i);
    } else if (isDigit(c)) lexNumber();
    else if (c === QUOTE) {
      const start = at++;
      lexText(start, true);
    } else if (c === SLASH && text.charCodeAt(at + 1) === SLASH) lexComment();
    else if (c === SLASH && text.charCodeAt(at + 1) === 42) lexBlockComment();
    else if (c === BRACE_OPEN) {
      if (holes.length > 0) holes[holes.length - 1]!.braces++;
      emit(T.braceOpen, at, at + 1);
    } else if (c === BRACE_CLOSE) {
      const hole = holes[holes.length - 1];
      if (hole === undefined || hole.braces > 0) {
        if (hole !== undefined) hole.braces--;
        emit(T.braceClose, at, at + 1);
      } else {
        const start = at++;
        lexText(start, false);
      }
    } else if (c === 64) lexInstant();
    else if (c === 35) lexHash();
    else if (c === 39 || c === 96) lexForeignQuote(String.fromCharCode(c));
    else if (c === 0xfeff) at++;
    else lexSign(c);
  }
  if (holes.length > 0) {
    reportOpenText(holes[0]!.text, length);
    closeHoles(length);
  }
  newline = 1;
  emit(T.end, length, length);
  return { count, kinds, starts, ends, newlines, comments, brokenTexts, text };

  function lexForeignWord(): void {
    const start = at;
    let end = start;
    while (end < length && (isWordPart(text.charCodeAt(end)) || isForeignLetter(text, end))) end++;
    report(
      "TEL0002",
      { start, end },
      `\`${shown(text.slice(start, end))}\` cannot be a name`,
      "names are made of a–z, A–Z, 0–9 and `_`",
    );
    emit(T.bad, start, end);
  }
}

/** Kind and length of the sign that starts with `c`; length 0 when there is none. Agrees with `signs` in Token.ts. */
function sign(c: number, next: number, third: number): readonly [TokenKind, number] {
  switch (c) {
    case 40:
      return [T.parenOpen, 1];
    case 41:
      return [T.parenClose, 1];
    case 91:
      return [T.bracketOpen, 1];
    case 93:
      return [T.bracketClose, 1];
    case 44:
      return [T.comma, 1];
    case 59:
      return [T.semicolon, 1];
    case 58:
      return [T.colon, 1];
    case 63:
      return [T.question, 1];
    case 46:
      return next === 46 ? [T.dotDot, 2] : [T.dot, 1];
    case 43:
      return [T.plus, 1];
    case 42:
      return [T.times, 1];
    case 47:
      return [T.divide, 1];
    case 37:
      return [T.remainder, 1];
    case 45:
      return next === 62 ? [T.arrow, 2] : [T.minus, 1];
    case 61:
      return next === 61 ? [T.same, 2] : next === 62 ? [T.fatArrow, 2] : [T.equals, 1];
    case 33:
      return next === 61 ? [T.different, 2] : [T.bang, 1];
    case 60:
      if (next === 124) return third === 62 ? [T.both, 3] : [T.orElse, 2];
      return next === 61 ? [T.lessEqual, 2] : [T.less, 1];
    case 62:
      return next === 62 ? [T.sequence, 2] : next === 61 ? [T.greaterEqual, 2] : [T.greater, 1];
    case 124:
      return next === 62 ? [T.into, 2] : next === 124 ? [T.or, 2] : [T.pipe, 1];
    case 38:
      return next === 38 ? [T.and, 2] : [T.bad, 0];
    default:
      return [T.bad, 0];
  }
}

function grown<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Characters that start no token. */
const isBad = (c: number): boolean =>
  c > 126 ? c !== 0xfeff : c < 32 ? c !== 9 && c !== 10 && c !== 13 : c === 94 || c === 126 || c === 92 || c === 36;

const isForeignLetter = (text: string, at: number): boolean =>
  text.charCodeAt(at) > 126 && LETTERS.test(String.fromCodePoint(text.codePointAt(at)!));

const SHOWN_MAX = 40;
const shown = (written: string): string => (written.length > SHOWN_MAX ? `${written.slice(0, SHOWN_MAX)}…` : written);

function shownCharacter(written: string): string {
  const point = written.codePointAt(0)!;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  const visible = point > 32 && point !== 127 && !HIDDEN.test(String.fromCodePoint(point));
  return visible ? `\`${String.fromCodePoint(point)}\` (${code})` : `the invisible character ${code}`;
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
