/** slt, sltu and their forms with a constant. */
import { add, defineTable } from "../air.ts";
import { continueAt, fetch, readFirst, readSecondOrConstant, selectors, step, writeResult } from "./adapter.ts";
import { opNumber } from "./buses.ts";
import { compare } from "./comparison.ts";

export const Compare = defineTable("compare", (t) => {
  const { active, op, of } = selectors(t, { slt: opNumber("slt"), sltu: opNumber("sltu") });
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2, immediate, constant } = readSecondOrConstant(t, now);
  const { less } = compare(t, active, of["slt"]!, a, c);
  const rd = writeResult(t, now, [less, 0, 0, 0]);
  fetch(t, now, { op, immediate, rd, rs1, rs2, constant });
  continueAt(t, now, add(now.pc, 1));
});
