/** Text: sequences of code points. Lengths for charges are UTF-16 units, which every host knows without a walk. */

import { Value } from "../../content/index.ts";
import { Bytes } from "../../std/index.ts";
import { type Meter, spend } from "../machine/Meter.ts";
import { items } from "./GrownList.ts";
import { builtin, bytes, type Implementation, int, option, position, tagged, text } from "./Implementation.ts";
import { chargeLength, lengthFuel } from "./size.ts";

type V = Value.Value;

const textBytes = (units: number): number => 16 + 2 * units;

/** One walk over each text, and a result no longer than they are. */
const walk = (meter: Meter, ...texts: readonly V[]): void => {
  let units = 0;
  for (const one of texts) units += text(one).length;
  chargeLength(meter, units, textBytes(units));
};
const walk1 = (meter: Meter, a: V) => walk(meter, a);
const walk2 = (meter: Meter, a: V, b: V) => walk(meter, a, b);

/** UTF-16 offset of code point number `count`, at most the length. */
function offset(source: string, count: number): number {
  let at = 0;
  for (let i = 0; i < count && at < source.length; i++) at += source.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

function countPoints(source: string, to: number = source.length): number {
  let count = 0;
  for (let at = 0; at < to; count++) at += source.codePointAt(at)! > 0xffff ? 2 : 1;
  return count;
}

function slice(source: string, from: V, to: V): string {
  const start = position(from, source.length);
  const end = position(to, source.length);
  if (end <= start) return "";
  const at = offset(source, start);
  return source.slice(at, at + offset(source.slice(at), end - start));
}

const WHITE = new Set([" ", "\t", "\r", "\n"]);

function trim(source: string): string {
  let from = 0;
  let to = source.length;
  while (from < to && WHITE.has(source[from]!)) from++;
  while (to > from && WHITE.has(source[to - 1]!)) to--;
  return source.slice(from, to);
}

const ascii = (source: string, from: number, to: number, by: number): string => {
  let out = "";
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i);
    out += unit >= from && unit <= to ? String.fromCharCode(unit + by) : source[i]!;
  }
  return out;
};

function fromCodePoints(points: readonly V[]): string | undefined {
  let out = "";
  for (const point of points) {
    const value = int(point);
    if (typeof value === "bigint" || value < 0 || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
      return undefined;
    out += String.fromCodePoint(value);
  }
  return out;
}

/** How often `part` occurs without overlap. */
function occurrences(source: string, part: string): number {
  if (part === "") return 0;
  let count = 0;
  for (let at = source.indexOf(part); at >= 0; at = source.indexOf(part, at + part.length)) count++;
  return count;
}

const listOf = (texts: readonly string[]) => Value.list(texts);

export const texts: readonly Implementation[] = [
  builtin(
    "text.length",
    1,
    (a) => countPoints(text(a)),
    (meter, a) => chargeLength(meter, text(a).length, 0),
  ),
  builtin("text.concat", 2, (a, b) => text(a) + text(b), walk2),
  builtin(
    "text.join",
    2,
    (a, b) => items(tagged(a, "list")).map(text).join(text(b)),
    (meter, a, b) => {
      const parts = items(tagged(a, "list"));
      spend(meter, parts.length, 0);
      let units = text(b).length * Math.max(0, parts.length - 1);
      for (const part of parts) units += text(part).length;
      chargeLength(meter, units, textBytes(units));
    },
  ),
  builtin("text.slice", 3, (a, b, c) => slice(text(a), b, c), walk1),
  builtin(
    "text.split",
    2,
    (a, b) => listOf(text(b) === "" ? [...text(a)] : text(a).split(text(b))),
    (meter, a, b) => {
      walk(meter, a, b);
      // At most one part for each unit: what it holds is in the walk, what it is costs a place and a header.
      const parts = text(b) === "" ? text(a).length : occurrences(text(a), text(b)) + 1;
      spend(meter, parts, 16 + 24 * parts);
    },
  ),
  builtin(
    "text.indexOf",
    2,
    (a, b) => {
      const at = text(a).indexOf(text(b));
      return option(at < 0 ? undefined : countPoints(text(a), at));
    },
    // A search may compare the whole part at every place.
    (meter, a, b) => spend(meter, lengthFuel(text(a).length * Math.max(1, text(b).length)), 0),
  ),
  builtin(
    "text.replace",
    3,
    (a, b, c) => (text(b) === "" ? text(a) : text(a).split(text(b)).join(text(c))),
    (meter, a, b, c) => {
      spend(meter, lengthFuel(text(a).length * Math.max(1, text(b).length)), 0);
      const units = text(a).length + occurrences(text(a), text(b)) * Math.max(0, text(c).length - text(b).length);
      chargeLength(meter, units, textBytes(units));
    },
  ),
  builtin("text.trim", 1, (a) => trim(text(a)), walk1),
  builtin("text.asciiUpper", 1, (a) => ascii(text(a), 97, 122, -32), walk1),
  builtin("text.asciiLower", 1, (a) => ascii(text(a), 65, 90, 32), walk1),
  builtin(
    "text.codePoints",
    1,
    (a) => Value.list([...text(a)].map((point) => point.codePointAt(0)!)),
    (meter, a) => spend(meter, text(a).length, 16 + 8 * text(a).length),
  ),
  builtin(
    "text.fromCodePoints",
    1,
    (a) => option(fromCodePoints(items(tagged(a, "list")))),
    (meter, a) => {
      const count = items(tagged(a, "list")).length;
      spend(meter, count, textBytes(2 * count));
    },
  ),
  builtin(
    "text.toBytes",
    1,
    (a) => Value.bytes(Bytes.fromText(text(a))),
    (meter, a) => chargeLength(meter, 3 * text(a).length, 16 + 3 * text(a).length),
  ),
  builtin(
    "text.fromBytes",
    1,
    (a) => option(Bytes.toText(bytes(a))),
    (meter, a) => chargeLength(meter, bytes(a).length, textBytes(bytes(a).length)),
  ),
];
