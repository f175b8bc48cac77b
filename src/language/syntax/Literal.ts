/** What the spelling of a literal means. The lexer has checked the spelling; `undefined` is for other callers. */
import { units } from "./Token.ts";

const LARGEST_CODE_POINT = 0x10ffff;

/** Milliseconds of "1h30m"; units from large to small, each at most once. */
export function milliseconds(duration: string): bigint | undefined {
  let rest = duration;
  let total = 0n;
  for (const [unit, length] of units) {
    const match = /^([0-9]+)([a-z]+)/.exec(rest);
    if (match === null || match[2] !== unit) continue;
    total += BigInt(match[1]!) * BigInt(length);
    rest = rest.slice(match[0].length);
  }
  return rest === "" && duration !== "" ? total : undefined;
}

const INSTANT = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,3}))?Z$/;

/** Milliseconds since 1970-01-01T00:00:00Z of an instant in UTC (RFC 3339 without offsets and leap seconds). */
export function epochMilliseconds(instant: string): bigint | undefined {
  const match = INSTANT.exec(instant);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = Number((match[7] ?? "").padEnd(3, "0"));
  return BigInt(daysSinceEpoch(year, month, day) * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000 + fraction);
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;

/** Howard Hinnant's `days_from_civil`: days of the proleptic Gregorian calendar. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"', $: "$" };

/** Characters that stand for themselves after a backslash, and what they give. */
export const escapeOf = (letter: string): string | undefined =>
  Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;

/** The code point of `{1F600}` at `at` in `text`, with the place after it. */
export function unicodeEscape(text: string, at: number): { readonly value: string; readonly next: number } | undefined {
  const match = /^\{([0-9a-fA-F]{1,6})\}/.exec(text.slice(at, at + 8));
  if (match === null) return undefined;
  const point = Number.parseInt(match[1]!, 16);
  if (point > LARGEST_CODE_POINT || (point >= 0xd800 && point <= 0xdfff)) return undefined;
  return { value: String.fromCodePoint(point), next: at + match[0].length };
}

/** The characters that a stretch of text stands for. Escapes that mean nothing are kept as they are. */
export function charsOf(raw: string): string {
  if (!raw.includes("\\")) return raw;
  let value = "";
  let at = 0;
  while (at < raw.length) {
    const back = raw.indexOf("\\", at);
    if (back < 0) break;
    value += raw.slice(at, back);
    const letter = raw[back + 1] ?? "";
    const simple = escapeOf(letter);
    const unicode = letter === "u" ? unicodeEscape(raw, back + 2) : undefined;
    value += simple ?? unicode?.value ?? `\\${letter}`;
    at = unicode?.next ?? back + 1 + letter.length;
  }
  return value + raw.slice(at);
}

/** What a reader could not see or would misread: controls, separators, direction marks; but not the joiners of emoji. */
const HIDDEN = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** The other way: how the formatter writes a stretch of text. */
export function spellingOf(value: string): string {
  let raw = "";
  for (const char of value) {
    if (char === "\\") raw += "\\\\";
    else if (char === '"') raw += '\\"';
    else if (char === "\n") raw += "\\n";
    else if (char === "\r") raw += "\\r";
    else if (char === "\t") raw += "\\t";
    else if (HIDDEN.test(char)) raw += `\\u{${char.codePointAt(0)!.toString(16).toUpperCase()}}`;
    else raw += char;
  }
  return raw.replaceAll("${", "\\${");
}
