/**
 * lui, auipc and jal: what they write and where they go on depends on the program alone, so the program table holds
 * both, and the three are one operation.
 */
import { defineTable } from "../air.ts";
import { continueAt, fetch, selectors, step, writeResult } from "./adapter.ts";
import { opNumber } from "./buses.ts";

export const Constant = defineTable("constant", (t) => {
  const { active, op } = selectors(t, { lui: opNumber("lui") });
  const now = step(t, active);
  const r = t.columns("r", 4);
  const target = t.column("target");
  const rd = writeResult(t, now, r);
  fetch(t, now, { op, rd, constant: r, target });
  continueAt(t, now, target);
});
