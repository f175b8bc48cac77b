/** add, addi, sub, and fence, which is the addition of 0 to x0 into the sink. */
import { add, defineTable } from "../air.ts";
import {
  booleanWhen,
  bytes,
  carries,
  continueAt,
  fetch,
  readFirst,
  readSecondOrConstant,
  selectors,
  step,
  writeResult,
} from "./adapter.ts";
import { opNumber } from "./buses.ts";

export const Add = defineTable("add", (t) => {
  const { active, op, of } = selectors(t, { add: opNumber("add"), sub: opNumber("sub") });
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2, immediate, constant } = readSecondOrConstant(t, now);
  const r = t.columns("r", 4);
  const rd = writeResult(t, now, r);
  fetch(t, now, { op, immediate, rd, rs1, rs2, constant });
  bytes(t, active, r);
  booleanWhen(t, "carry of a + c = r", of["add"]!, carries(a, c, r));
  booleanWhen(t, "carry of r + c = a", of["sub"]!, carries(r, c, a));
  continueAt(t, now, add(now.pc, 1));
});
