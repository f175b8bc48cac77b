/** Sets: items in their order, each once. */
import { Value } from "../../content/index.ts";
import type { Meter } from "../machine/Meter.ts";
import { items } from "./GrownList.ts";
import { builtin, type Implementation, tagged } from "./Implementation.ts";
import { chargeSort } from "./list.ts";
import { bitLength, chargeKey, chargeLength } from "./size.ts";

type V = Value.Value;

const set = (value: V): Value.SetValue => tagged(value, "set");
const at = (value: V, item: V): number => Value.indexOf(set(value).items, item, false);
const of = (all: readonly V[]): Value.SetValue => ({ tag: "set", items: all });

const search = (meter: Meter, a: V, item: V) => chargeKey(meter, item, bitLength(set(a).items.length));
const change = (meter: Meter, a: V, item: V) => {
  search(meter, a, item);
  const count = set(a).items.length + 1;
  chargeLength(meter, count, 16 + 8 * count);
};
const both = (meter: Meter, a: V, b: V) => chargeSort(meter, [...set(a).items, ...set(b).items]);

export const sets: readonly Implementation[] = [
  builtin("set.size", 1, (a) => set(a).items.length),
  builtin("set.has", 2, (a, b) => at(a, b) >= 0, search),
  builtin(
    "set.add",
    2,
    (a, b) => {
      const found = at(a, b);
      return found >= 0 ? a : of(set(a).items.toSpliced(~found, 0, b));
    },
    change,
  ),
  builtin(
    "set.remove",
    2,
    (a, b) => {
      const found = at(a, b);
      return found < 0 ? a : of(set(a).items.toSpliced(found, 1));
    },
    change,
  ),
  builtin(
    "set.toList",
    1,
    (a) => Value.list(set(a).items),
    (meter, a) => chargeLength(meter, set(a).items.length, 16),
  ),
  builtin(
    "set.fromList",
    1,
    (a) => Value.set(items(tagged(a, "list"))),
    (meter, a) => chargeSort(meter, items(tagged(a, "list"))),
  ),
  builtin("set.union", 2, (a, b) => Value.set([...set(a).items, ...set(b).items]), both),
  builtin("set.intersection", 2, (a, b) => of(set(a).items.filter((item) => at(b, item) >= 0)), both),
  builtin("set.difference", 2, (a, b) => of(set(a).items.filter((item) => at(b, item) < 0)), both),
];
