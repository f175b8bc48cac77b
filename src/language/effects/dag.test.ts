import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { check } from "../check.ts";
import { dagOf, dagsOf } from "./dag.ts";
import { dagDot, dagSvg, dagText } from "./drawDag.ts";

const read = (name: string) => {
  const path = new URL(`../../../test/programs/pass/arbitrage/${name}`, import.meta.url);
  return { path: name, text: readFileSync(path, "utf8") };
};
const arbitrage = check([read("math.tel"), read("arb.tel")]).typed;

test("order, decisions and deadlines of the arbitrage", () => {
  expect(dagText(dagsOf(arbitrage)[0]!)).toBe(
    [
      "CrossChainArb.rebalance",
      "    1 observe ethereum PriceOf  within 20s",
      "    2 observe optimism PriceOf  within 20s",
      "    3 act buyOn Trade           after 1, 2 · decided by 1, 2 · on some paths",
      "    4 act sellOn Trade          after 3 · decided by 1, 2, 3 · on some paths",
      "    5 emit ArbDone              after 4 · decided by 1, 2, 3, 4 · on some paths",
    ].join("\n"),
  );
});

test("DOT and SVG name every node and edge", () => {
  const dags = dagsOf(arbitrage);
  expect(dagDot(dags)).toContain("n0_3 -> n0_4;");
  const svg = dagSvg(dags);
  expect(svg.match(/<rect /g)).toHaveLength(5);
  expect(svg).toContain("emit ArbDone");
});

test("a function that calls itself is followed once", () => {
  const { typed } = check([
    { path: "a.tel", text: "fn f(n: Int) -> Int uses Random { if n == 0 { random!(6) } else { f!(n - 1) } }" },
  ]);
  expect(dagOf(typed, "f")?.nodes).toHaveLength(1);
});
