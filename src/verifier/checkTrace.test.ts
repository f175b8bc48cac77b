import { describe, expect, test } from "vitest";
import { add, bus, defineMachine, defineTable, emptyColumns, mul, next, sub } from "./air.ts";
import { checkTrace, showTraceProblem } from "./checkTrace.ts";

const range = bus("range", "value");
const Counter = defineTable("counter", (t) => {
  const active = t.bit("active");
  const value = t.column("value");
  t.send(range, active, [value]);
  t.step("counts up", mul(next(active), sub(next(value), add(value, 1))));
  t.first("starts at 3", mul(active, sub(value, 3)));
  return { active, value };
});
const Range = defineTable(
  "range",
  (t) => {
    const value = t.fixed("value");
    const count = t.column("count");
    t.receive(range, count, [value]);
    return { value, count };
  },
  { fixed: "constants", logHeight: 3 },
);
const machine = defineMachine("counter", [Counter, Range]);
const fixed = new Map([["range", [Uint32Array.from({ length: 8 }, (_, i) => i)]]]);

function witness(rows: number) {
  const counter = emptyColumns(Counter, rows);
  const counts = emptyColumns(Range, 8);
  for (let i = 0; i < rows; i++) {
    counter[Counter.at.active.index]![i] = 1;
    counter[Counter.at.value.index]![i] = 3 + i;
    if (3 + i < 8) counts[0]![3 + i]! += 1;
  }
  return new Map([
    ["counter", counter],
    ["range", counts],
  ]);
}

describe("the row checker", () => {
  test("accepts an honest trace, padding included", () => {
    expect(checkTrace({ machine, fixed, witnesses: [witness(5)] })).toEqual([]);
    expect(checkTrace({ machine, fixed, witnesses: [witness(2), witness(4)] })).toEqual([]);
  });
  test("names table, row and constraint", () => {
    const wrong = witness(5);
    wrong.get("counter")![1]![2] = 7;
    const shown = checkTrace({ machine, fixed, witnesses: [wrong] }).map(showTraceProblem);
    expect(shown[0]).toBe('counter, row 1: "counts up" is 2, not 0');
    expect(shown).toContain("bus range: (5) is sent -1 times more than received; range row 5");
  });
  test("refuses a tuple that the lookup table does not hold", () => {
    const shown = checkTrace({ machine, fixed, witnesses: [witness(6)] }).map(showTraceProblem);
    expect(shown).toEqual(["bus range: (8) is sent 1 times more than received; counter row 5"]);
  });
  test("a message of the statement balances a bus", () => {
    const messages = [{ bus: range, multiplicity: -1, tuple: [8] }];
    expect(checkTrace({ machine, fixed, witnesses: [witness(6)], messages })).toEqual([]);
  });
  test("cells must be field elements", () => {
    const wrong = witness(1);
    wrong.get("counter")![1]![0] = 2013265921;
    expect(checkTrace({ machine, fixed, witnesses: [wrong] })[0]?.kind).toBe("shape");
  });
  test("definitions of too high a degree, or out of place, throw", () => {
    expect(() =>
      defineTable("bad", (t) => {
        const a = t.column("a");
        t.zero("a^4", mul(a, a, a, a));
      }),
    ).toThrow(/degree 4/);
    expect(() =>
      defineTable("bad", (t) => {
        const a = t.column("a");
        t.zero("next", next(a));
      }),
    ).toThrow(/next row/);
    expect(() =>
      defineTable("bad", (t) => {
        t.send(range, 1, [t.column("a"), 1]);
      }),
    ).toThrow(/1 fields/);
  });
});
