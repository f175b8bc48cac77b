/** The table of all pairs of bytes: it serves `and`, `pair` and, read as a + 256 b, `range`. The same for every program. */
import { add, defineTable, mul } from "../air.ts";
import { andBus, pairBus, rangeBus } from "./buses.ts";

export const LOOKUP_LOG_HEIGHT = 16;

export const Lookups = defineTable(
  "lookups",
  (t) => {
    const a = t.fixed("a");
    const b = t.fixed("b");
    const and = t.fixed("and");
    const andCount = t.column("and.count");
    const pairCount = t.column("pair.count");
    const rangeCount = t.column("range.count");
    t.receive(andBus, andCount, [a, b, and]);
    t.receive(pairBus, pairCount, [a, b]);
    t.receive(rangeBus, rangeCount, [add(a, mul(b, 256))]);
    return { andCount, pairCount, rangeCount };
  },
  { fixed: "constants", logHeight: LOOKUP_LOG_HEIGHT },
);

/** Row a + 256 b. */
export function lookupColumns(): Uint32Array[] {
  const size = 2 ** LOOKUP_LOG_HEIGHT;
  const row = (value: (a: number, b: number) => number): Uint32Array =>
    Uint32Array.from({ length: size }, (_, i) => value(i & 255, i >>> 8));
  return [row((a) => a), row((_, b) => b), row((a, b) => a & b)];
}
