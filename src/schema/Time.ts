/** Durations and instants as text: `1h30m`, `15 minutes`, `2025-06-01T12:00:00Z`. Milliseconds, by integer arithmetic alone. */
import { Int } from "../content/index.ts";

const UNIT_MILLISECONDS: ReadonlyMap<string, bigint> = new Map(
  (
    [
      [["ms", "millisecond", "milliseconds"], 1n],
      [["s", "sec", "second", "seconds"], 1000n],
      [["m", "min", "minute", "minutes"], 60_000n],
      [["h", "hour", "hours"], 3_600_000n],
      [["d", "day", "days"], 86_400_000n],
    ] as const
  ).flatMap(([names, size]) => names.map((name) => [name as string, size] as const)),
);

/** Longer texts are refused unread. */
const TEXT_CHARS_MAX = 64;

/** Reads `1h30m`, `500ms`, `-2d`, `15 minutes`, `1 hour 30 minutes`; `undefined` for anything else. */
export function parseDuration(text: string): Int.Int | undefined {
  if (text.length > TEXT_CHARS_MAX || !/^-?\s*(?:\d+\s*[a-z]+\s*)+$/.test(text)) return undefined;
  let total = 0n;
  for (const [, digits, unit] of text.matchAll(/(\d+)\s*([a-z]+)/g)) {
    const size = UNIT_MILLISECONDS.get(unit!);
    if (size === undefined) return undefined;
    total += BigInt(digits!) * size;
  }
  return Int.of(text.startsWith("-") ? -total : total);
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:\d\d)$/;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Reads an ISO 8601 instant with an offset, to the millisecond; `undefined` when it is malformed or no such date exists. */
export function parseInstant(text: string): Int.Int | undefined {
  return plainInstant(text) ?? anyInstant(text);
}

/** `2025-06-01T12:00:00Z` letter by letter: the form that this system writes, and the one that is read a million times. */
function plainInstant(text: string): Int.Int | undefined {
  if (text.length !== 20 || text.charCodeAt(19) !== 90 || text.charCodeAt(10) !== 84) return undefined;
  const two = (at: number): number => {
    const tens = text.charCodeAt(at) - 48;
    const ones = text.charCodeAt(at + 1) - 48;
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
  };
  const mark = (at: number, unit: number): boolean => text.charCodeAt(at) === unit;
  if (!(mark(4, 45) && mark(7, 45) && mark(13, 58) && mark(16, 58))) return undefined;
  const day = two(8);
  const minutes = two(11) * 60 + two(14);
  const time = minutes * 60 + two(17);
  // Days past 28 need the calendar; the longer way knows it.
  if (!(day >= 1 && day <= 28 && two(11) <= 23 && two(14) <= 59 && two(17) <= 59)) return undefined;
  const month = two(5);
  if (!(month >= 1 && month <= 12)) return undefined;
  const result = (daysFromCivil(two(0) * 100 + two(2), month, day) * 86_400 + time) * 1000;
  return Number.isNaN(result) ? undefined : result;
}

function anyInstant(text: string): Int.Int | undefined {
  const match = text.length > TEXT_CHARS_MAX ? null : INSTANT.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? "0")) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const daysInMonth = (MONTH_DAYS[month - 1] ?? 0) + (leap && month === 2 ? 1 : 0);
  if (day < 1 || day > daysInMonth || hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = offsetMinutes(match[8]!);
  if (offset === undefined) return undefined;
  const millisecond = Number((match[7] ?? "").padEnd(3, "0"));
  const minutes = (daysFromCivil(year, month, day) * 24 + hour) * 60 + minute - offset;
  return (minutes * 60 + second) * 1000 + millisecond;
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-compatible date algorithms"). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Instants of the years 0000 to 9999, which text can write; others are written as milliseconds. */
export const INSTANT_MIN = -62_167_219_200_000;
export const INSTANT_MAX = 253_402_300_799_999;
