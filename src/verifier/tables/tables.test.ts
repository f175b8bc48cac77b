import { describe, expect, test } from "vitest";
import { batches } from "../layout.ts";
import { RV32IM } from "./index.ts";

describe("the tables of RV32IM", () => {
  test("have the widths that the specification gives", () => {
    const widths = RV32IM.machine.tables.map((table) => [table.name, table.main.length, 5 * batches(table).length]);
    expect(widths).toEqual([
      ["add", 30, 45],
      ["bitwise", 35, 50],
      ["compare", 33, 50],
      ["shift", 52, 55],
      ["branch", 34, 35],
      ["constant", 15, 20],
      ["jump", 30, 40],
      ["load", 46, 45],
      ["store", 41, 45],
      ["multiply", 32, 55],
      ["multiply-high", 46, 70],
      ["divide", 67, 80],
      ["call", 24, 55],
      ["boundary", 18, 20],
      ["program", 1, 5],
      ["lookups", 3, 10],
    ]);
  });
});
