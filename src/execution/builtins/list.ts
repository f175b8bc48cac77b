/** Lists. `append` costs the same for any version of a list; what makes a new array is charged by its length. */
import { Value } from "../../content/index.ts";
import { Fault, fuelLeft, type Meter, OutOfFuel, spend } from "../machine/Meter.ts";
import { append, itemAt, items, lengthOf } from "./GrownList.ts";
import { builtin, type Implementation, int, option, position, tagged } from "./Implementation.ts";
import { bitLength, chargeDeep, chargeLength } from "./size.ts";

type V = Value.Value;

const list = (value: V): Value.List => tagged(value, "list");
/** The place of an appended item and its share of the blocks above. */
export const APPEND_BYTES = 48;
const listBytes = (count: number): number => 16 + 8 * count;

/** Copying as many items as the lists have, and `more`. */
function copy(meter: Meter, more: number, ...lists: readonly V[]): void {
  let count = more;
  for (const one of lists) count += lengthOf(list(one));
  chargeLength(meter, count, listBytes(count));
}

/** The position, or a fault when the list has no such item. */
function within(value: V, length: number): number {
  const at = int(value);
  if (typeof at === "bigint" || at < 0 || at >= length)
    throw new Fault("OutOfRange", `position ${at} of a list of ${length}`);
  return at;
}

function slice(value: V, from: V, to: V): V {
  const all = items(list(value));
  const start = position(from, all.length);
  return Value.list(all.slice(start, Math.max(start, position(to, all.length))));
}

/** How many items a length from a program asks for; more than can be paid is out of fuel before anything is built. */
function affordable(meter: Meter, count: number | bigint): number {
  if (count <= 0) return 0;
  if (count > fuelLeft(meter) * 8) throw new OutOfFuel();
  return Number(count);
}

const rangeLength = (from: V, to: V): number | bigint => BigInt(int(to)) - BigInt(int(from));

function range(from: V, to: V): V {
  const start = int(from);
  const count = Math.max(0, Number(rangeLength(from, to)));
  if (typeof start === "number" && Number.isSafeInteger(start + count))
    return Value.list(Array.from({ length: count }, (_, i) => start + i));
  const first = BigInt(start);
  return Value.list(
    Array.from({ length: count }, (_, i) => {
      const value = first + BigInt(i);
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }),
  );
}

/** n log n comparisons of what is compared. */
export function chargeSort(meter: Meter, keys: readonly V[]): void {
  const depth = bitLength(keys.length);
  chargeLength(meter, keys.length * depth, listBytes(keys.length));
  let total = 0;
  for (const key of keys) total += typeof key === "number" ? 1 : chargeDeep(meter, key);
  spend(meter, total * depth, 0);
}

const pairKey = (pair: V): V => tagged(pair, "tuple").items[0] ?? Value.unit;

export const lists: readonly Implementation[] = [
  builtin("list.length", 1, (a) => lengthOf(list(a))),
  builtin("list.get", 2, (a, b) => {
    const at = int(b);
    const known = list(a);
    return option(typeof at === "number" && at >= 0 && at < lengthOf(known) ? itemAt(known, at) : undefined);
  }),
  builtin("list.at", 2, (a, b) => itemAt(list(a), within(b, lengthOf(list(a))))),
  builtin(
    "list.set",
    3,
    (a, b, c) => Value.list(items(list(a)).with(within(b, lengthOf(list(a))), c)),
    (meter, a) => copy(meter, 0, a),
  ),
  builtin("list.slice", 3, slice, (meter, a, b, c) => {
    const length = lengthOf(list(a));
    copy(meter, Math.max(0, position(c, length) - position(b, length)));
    chargeLength(meter, length, 0);
  }),
  builtin(
    "list.append",
    2,
    (a, b) => append(list(a), b),
    (meter) => spend(meter, 0, APPEND_BYTES),
  ),
  builtin(
    "list.prepend",
    2,
    (a, b) => Value.list([b, ...items(list(a))]),
    (meter, a) => copy(meter, 1, a),
  ),
  builtin(
    "list.concat",
    2,
    (a, b) => Value.list(items(list(a)).concat(items(list(b)))),
    (meter, a, b) => copy(meter, 0, a, b),
  ),
  builtin(
    "list.flatten",
    1,
    (a) => Value.list(items(list(a)).flatMap((one) => items(list(one)))),
    (meter, a) => {
      spend(meter, lengthOf(list(a)), 0);
      copy(meter, 0, ...items(list(a)));
    },
  ),
  builtin(
    "list.reverse",
    1,
    (a) => Value.list(items(list(a)).toReversed()),
    (meter, a) => copy(meter, 0, a),
  ),
  builtin(
    "list.repeat",
    2,
    (a, b) => Value.list(new Array<V>(Math.max(0, Number(int(b)))).fill(a)),
    (meter, _a, b) => copy(meter, affordable(meter, int(b))),
  ),
  builtin("list.range", 2, range, (meter, a, b) => copy(meter, affordable(meter, rangeLength(a, b)))),
  builtin(
    "list.indexOf",
    2,
    (a, b) => {
      const at = items(list(a)).findIndex((item) => Value.equal(item, b));
      return option(at < 0 ? undefined : at);
    },
    (meter, a, b) => chargeDeep(meter, a, b),
  ),
  builtin(
    "list.sort",
    1,
    (a) => Value.list(items(list(a)).toSorted(Value.compare)),
    (meter, a) => chargeSort(meter, items(list(a))),
  ),
  builtin(
    "list.sortPairs",
    1,
    (a) => Value.list(items(list(a)).toSorted((x, y) => Value.compare(pairKey(x), pairKey(y)))),
    (meter, a) => chargeSort(meter, items(list(a)).map(pairKey)),
  ),
];
