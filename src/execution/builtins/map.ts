/** Maps: entries in the order of their keys. */
import { Value } from "../../content/index.ts";
import { type Meter, Stuck, spend } from "../machine/Meter.ts";
import { items } from "./GrownList.ts";
import { builtin, type Implementation, option, tagged } from "./Implementation.ts";
import { chargeSort } from "./list.ts";
import { bitLength, chargeDeep, chargeKey, chargeLength } from "./size.ts";

type V = Value.Value;

const map = (value: V): Value.MapValue => tagged(value, "map");
const mapBytes = (entries: number): number => 16 + 16 * entries;

const search = (meter: Meter, a: V, key: V) => chargeKey(meter, key, bitLength(map(a).entries.length));

/** A new map: the search, and the copy of the places of its entries. */
const change = (meter: Meter, a: V, key: V) => {
  search(meter, a, key);
  const count = map(a).entries.length + 1;
  chargeLength(meter, count, mapBytes(count));
};

const copy = (meter: Meter, a: V) => {
  const count = map(a).entries.length;
  spend(meter, count, 16 + 8 * count);
};

function pair(value: V): readonly [V, V] {
  const [key, item] = tagged(value, "tuple").items;
  if (key === undefined || item === undefined) throw new Stuck("an entry must be a pair");
  return [key, item];
}

/** The map of a literal; the fixed cost of sorting small keys is in its node. */
export function mapLiteral(meter: Meter, entries: readonly (readonly [V, V])[]): Value.MapValue {
  spend(meter, 0, mapBytes(entries.length));
  for (const [key] of entries) if (typeof key === "object" || typeof key === "bigint") chargeDeep(meter, key);
  return Value.map(entries);
}

export const maps: readonly Implementation[] = [
  builtin("map.size", 1, (a) => map(a).entries.length),
  builtin("map.get", 2, (a, b) => option(Value.mapGet(map(a), b)), search),
  builtin("map.has", 2, (a, b) => Value.mapGet(map(a), b) !== undefined, search),
  builtin("map.set", 3, (a, b, c) => Value.mapSet(map(a), b, c), change),
  builtin("map.remove", 2, (a, b) => Value.mapDelete(map(a), b), change),
  builtin("map.keys", 1, (a) => Value.list(map(a).entries.map((entry) => entry[0])), copy),
  builtin("map.values", 1, (a) => Value.list(map(a).entries.map((entry) => entry[1])), copy),
  builtin(
    "map.entries",
    1,
    (a) => Value.list(map(a).entries.map(([key, item]) => Value.tuple([key, item]))),
    (meter, a) => {
      const count = map(a).entries.length;
      spend(meter, count, 16 + 40 * count);
    },
  ),
  builtin(
    "map.fromEntries",
    1,
    (a) => Value.map(items(tagged(a, "list")).map(pair)),
    (meter, a) => {
      const entries = items(tagged(a, "list"));
      chargeSort(
        meter,
        entries.map((entry) => pair(entry)[0]),
      );
      spend(meter, 0, mapBytes(entries.length));
    },
  ),
  builtin(
    "map.merge",
    2,
    (a, b) => Value.map([...map(a).entries, ...map(b).entries]),
    (meter, a, b) => {
      const keys = [...map(a).entries, ...map(b).entries].map((entry) => entry[0]);
      chargeSort(meter, keys);
      spend(meter, 0, mapBytes(keys.length));
    },
  ),
];
