/** Numbers, durations, versions, instants and hashes. */
import * as Literal from "./Literal.ts";
import * as Scanner from "./Scanner.ts";
import { T, type TokenKind, units } from "./Token.ts";

/** A literal of more characters is refused, so that no later pass meets a number it cannot compute with. */
const LITERAL_LENGTH_MAX = 4096;

const FLOAT = /[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?f(?![A-Za-z0-9_])/y;
const DURATION = /(?:[0-9]+(?:ms|[dhms]))+(?![A-Za-z0-9_])/y;
const NUMBER_RUN = /[0-9]+(?:\.[0-9]+)?[A-Za-z0-9_]*/y;
const INSTANT = /@[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?Z(?![A-Za-z0-9_])/y;
const INSTANT_RUN = /@[0-9A-Za-z:.+-]*/y;
const HASH = /#[a-z0-9]+(?![A-Za-z0-9_])/y;
const HASH_RUN = /#[A-Za-z0-9_]*/y;
/** A number, a duration or a version. */
export function lexNumber(s: Scanner.Scanner): void {
  const start = s.at;
  let i = s.at + 1;
  while (i < s.text.length && Scanner.isDigit(s.text.charCodeAt(i))) i++;
  let kind: TokenKind = T.int;
  if (s.text.charCodeAt(i) === 46 && Scanner.isDigit(s.text.charCodeAt(i + 1))) {
    kind = T.decimal;
    i += 2;
    while (i < s.text.length && Scanner.isDigit(s.text.charCodeAt(i))) i++;
    if (s.text.charCodeAt(i) === 46 && Scanner.isDigit(s.text.charCodeAt(i + 1))) {
      kind = T.version;
      i += 2;
      while (i < s.text.length && Scanner.isDigit(s.text.charCodeAt(i))) i++;
    }
  }
  if (i < s.text.length && Scanner.isWordPart(s.text.charCodeAt(i))) {
    const float = Scanner.matchEnd(s, FLOAT);
    const duration = Scanner.matchEnd(s, DURATION);
    if (float > 0) {
      kind = T.float;
      i = float;
      if (!Number.isFinite(Number(s.text.slice(start, i - 1)))) {
        Scanner.report(
          s,
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
      if (Literal.milliseconds(s.text.slice(start, i)) === undefined) {
        Scanner.report(
          s,
          "TEL0006",
          { start, end: i },
          `the units of \`${s.text.slice(start, i)}\` are out of order or repeated`,
          `write each unit once, from large to small: ${units.map(([unit]) => unit).join(" ")}`,
        );
        kind = T.bad;
      }
    } else {
      i = kind === T.version ? i : Math.max(i, Scanner.matchEnd(s, NUMBER_RUN));
      while (i < s.text.length && Scanner.isWordPart(s.text.charCodeAt(i))) i++;
      reportNumber(s, start, i);
      kind = T.bad;
    }
  }
  if (i - start > LITERAL_LENGTH_MAX) {
    Scanner.report(s, "TEL0005", { start, end: i }, `this number has more than ${LITERAL_LENGTH_MAX} characters`);
    kind = T.bad;
  }
  Scanner.emit(s, kind, start, i);
}

function reportNumber(s: Scanner.Scanner, start: number, end: number): void {
  const written = s.text.slice(start, end);
  const span = { start, end };
  if (/^[0-9_.]+$/.test(written))
    Scanner.report(
      s,
      "TEL0005",
      span,
      `\`${written}\` is not a number`,
      `write \`${written.replaceAll("_", "")}\` without \`_\``,
    );
  else if (/^0[xXbBoO]/.test(written))
    Scanner.report(s, "TEL0005", span, `\`${written}\` is not a number`, "numbers are written in base ten");
  else if (/^[0-9.]+[eE]/.test(written))
    Scanner.report(s, "TEL0005", span, `\`${written}\` is not a number`, "only a Float has an exponent: `6.02e23f`");
  else if (/^[0-9]+\.[0-9]+(ms|[dhms])$/.test(written))
    Scanner.report(s, "TEL0006", span, `\`${written}\` is not a duration`, "a duration has whole numbers: `1h30m`");
  else if (/^[0-9]+[a-z]+$/.test(written))
    Scanner.report(
      s,
      "TEL0006",
      span,
      `\`${written}\` is neither a number nor a duration`,
      `the units of a duration are ${units.map(([unit]) => `\`${unit}\``).join(" ")}`,
    );
  else Scanner.report(s, "TEL0005", span, `\`${written}\` is not a number`, "a name cannot start with a digit");
}

export function lexInstant(s: Scanner.Scanner): void {
  const start = s.at;
  const end = Scanner.matchEnd(s, INSTANT);
  if (end > 0 && Literal.epochMilliseconds(s.text.slice(start + 1, end)) !== undefined) {
    Scanner.emit(s, T.instant, start, end);
    return;
  }
  const stop = end > 0 ? end : Scanner.matchEnd(s, INSTANT_RUN);
  const written = s.text.slice(start, stop);
  const hint = /^@[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(written)
    ? `write \`${written}T00:00:00Z\``
    : "an instant is written in UTC: `@2025-06-01T12:00:00Z`";
  Scanner.report(s, "TEL0007", { start, end: stop }, `\`${written}\` is not an instant`, hint);
  Scanner.emit(s, T.bad, start, stop);
}

export function lexHash(s: Scanner.Scanner): void {
  const start = s.at;
  const end = Scanner.matchEnd(s, HASH);
  if (end > 0 && end - start <= LITERAL_LENGTH_MAX) {
    Scanner.emit(s, T.hash, start, end);
    return;
  }
  const stop = Scanner.matchEnd(s, HASH_RUN);
  Scanner.report(
    s,
    "TEL0008",
    { start, end: stop },
    stop === start + 1 ? "a hash is missing after `#`" : "this is not a hash",
    "a hash is `#` with lower-case letters and digits, as `tb find` prints it",
  );
  Scanner.emit(s, T.bad, start, stop);
}
