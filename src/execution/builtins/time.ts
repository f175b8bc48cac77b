/** Durations and instants: whole milliseconds, unbounded. */
import { Int, Value } from "../../content/index.ts";
import type { Meter } from "../machine/Meter.ts";
import { builtin, type Implementation, int, option, tagged, text } from "./Implementation.ts";
import { bounded, chargeDigits, chargeProduct, nonZero } from "./int.ts";
import { chargeLength } from "./size.ts";

type V = Value.Value;

const span = (value: V): Int.Int => tagged(value, "duration").milliseconds;
const moment = (value: V): Int.Int => tagged(value, "instant").milliseconds;
/** Milliseconds of either. */
const time = (value: V): Int.Int =>
  typeof value === "object" && value.tag === "instant" ? value.milliseconds : span(value);

const duration = (value: Int.Int) => Value.duration(bounded(value));
const instant = (value: Int.Int) => Value.instant(bounded(value));

const digits = (meter: Meter, a: V, b: V) => chargeDigits(meter, time(a), time(b));
const product = (meter: Meter, a: V, b: V) => chargeProduct(meter, span(a), int(b));

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?Z$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** ISO 8601 in UTC. Days are counted by integer arithmetic (Hinnant, "chrono-compatible date algorithms"). */
export function parseInstant(source: string): number | undefined {
  const match = INSTANT.exec(source);
  if (match === null) return undefined;
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [number, number, number, number, number];
  const second = Number(match[6] ?? "0");
  const millisecond = Number((match[7] ?? "").padEnd(3, "0"));
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]! || (month === 2 && day === 29 && !leap))
    return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - 719_468;
  return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + millisecond;
}

export const times: readonly Implementation[] = [
  builtin("duration.add", 2, (a, b) => duration(Int.add(span(a), span(b))), digits),
  builtin("duration.subtract", 2, (a, b) => duration(Int.subtract(span(a), span(b))), digits),
  builtin(
    "duration.negate",
    1,
    (a) => duration(Int.negate(span(a))),
    (meter, a) => chargeDigits(meter, span(a), 0),
  ),
  builtin("duration.multiply", 2, (a, b) => duration(Int.multiply(span(a), int(b))), product),
  builtin("duration.divide", 2, (a, b) => duration(Int.divide(span(a), nonZero(int(b)))), product),
  builtin("duration.toMilliseconds", 1, span),
  builtin("duration.fromMilliseconds", 1, (a) => duration(int(a))),
  builtin("instant.add", 2, (a, b) => instant(Int.add(moment(a), span(b))), digits),
  builtin("instant.subtract", 2, (a, b) => instant(Int.subtract(moment(a), span(b))), digits),
  builtin("instant.since", 2, (a, b) => duration(Int.subtract(moment(a), moment(b))), digits),
  builtin("instant.toMilliseconds", 1, moment),
  builtin("instant.fromMilliseconds", 1, (a) => instant(int(a))),
  builtin(
    "instant.parse",
    1,
    (a) => {
      const at = parseInstant(text(a));
      return option(at === undefined ? undefined : Value.instant(at));
    },
    (meter, a) => chargeLength(meter, text(a).length, 0),
  ),
];
