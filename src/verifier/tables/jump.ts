/** jalr: target a + constant with bit 0 cleared and bit 1 zero; rd takes the address of the next word. */
import { add, compose, defineTable, mul } from "../air.ts";
import {
  booleanWhen,
  carries,
  continueAt,
  fetch,
  readFirst,
  selectors,
  step,
  wordAddress,
  writeResult,
} from "./adapter.ts";
import { opNumber, pairBus } from "./buses.ts";

export const Jump = defineTable("jump", (t) => {
  const { active, op } = selectors(t, { jalr: opNumber("jalr") });
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const constant = t.columns("i", 4);
  const quarter = t.column("quarter");
  const bit0 = t.bit("bit0");
  const upper = t.columns("t", 3);
  const sum = [add(mul(quarter, 4), bit0), ...upper];
  booleanWhen(t, "carry of a + constant", active, carries(a, constant, sum));

  const linkQuarter = t.column("link.quarter");
  const link = t.columns("link", 3);
  const rd = writeResult(t, now, [mul(linkQuarter, 4), ...link]);
  fetch(t, now, { op, rd, rs1, constant });
  t.send(pairBus, active, [linkQuarter, mul(linkQuarter, 4)]);
  t.send(pairBus, active, [link[0]!, link[1]!]);
  const linked = add(linkQuarter, mul(compose(link, 256), 64));
  t.equal("the link is the next word", linked, mul(active, add(now.pc, 1)));

  continueAt(t, now, wordAddress(t, active, quarter, [upper[0]!, upper[1]!, upper[2]!], link[2]!));
});
