/** The price on a timeline's market, as a program observes it: by a storage proof that is checked here. */
import { type Decimal, Value } from "../../../src/content/index.ts";
import { type Bandit, observeFact, type TimelineAccess } from "../../../src/programs/index.ts";
import type { StorageQuery } from "../../../src/protocol/index.ts";
import { take } from "./accounts.ts";

export async function readPrice(bandit: Bandit, timeline: TimelineAccess): Promise<Decimal.Decimal> {
  const word = (name: string, index: number) => ({
    name,
    index,
    keys: [],
    offset: 0,
    bytes: 32,
    type: "uint" as const,
  });
  const query: StorageQuery = {
    kind: "Storage",
    fact: "Price",
    arguments: Value.record([]),
    contract: timeline.contracts.get("market")!,
    slots: [word("base", 0), word("quote", 1)],
    reading: {
      kind: "Ratio",
      numerator: "quote",
      numeratorDecimals: 6,
      denominator: "base",
      denominatorDecimals: 18,
      places: 6,
      rounding: "half-even",
    },
  };
  const fact = take(await observeFact({ ...bandit, report: () => {} }, timeline, query, "price"));
  const price = fact.body.value;
  if (typeof price !== "object" || price.tag !== "decimal") throw new Error("internal error: a ratio is a Decimal");
  return price;
}
