/** and, or, xor and their forms with a constant: one lookup of the conjunction for each byte. */
import { add, defineTable, mul, sub } from "../air.ts";
import { continueAt, fetch, readFirst, readSecondOrConstant, selectors, step, writeResult } from "./adapter.ts";
import { andBus, opNumber } from "./buses.ts";

export const Bitwise = defineTable("bitwise", (t) => {
  const { active, op, of } = selectors(t, { and: opNumber("and"), or: opNumber("or"), xor: opNumber("xor") });
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2, immediate, constant } = readSecondOrConstant(t, now);
  const both = t.columns("both", 4);
  const r = t.columns("r", 4);
  const rd = writeResult(t, now, r);
  fetch(t, now, { op, immediate, rd, rs1, rs2, constant });
  for (let i = 0; i < 4; i++) {
    t.send(andBus, active, [a[i]!, c[i]!, both[i]!]);
    const or = sub(add(a[i]!, c[i]!), both[i]!);
    const xor = sub(or, both[i]!);
    t.equal(`result ${i}`, r[i]!, add(mul(of["and"]!, both[i]!), mul(of["or"]!, or), mul(of["xor"]!, xor)));
  }
  continueAt(t, now, add(now.pc, 1));
});
