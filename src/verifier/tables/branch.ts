/** The six branches. Words are equal when the bytes of their difference add up to 0. */
import { add, defineTable, mul, not, sub } from "../air.ts";
import { continueAt, fetch, readFirst, readSecond, selectors, step } from "./adapter.ts";
import { opNumber } from "./buses.ts";
import { compare } from "./comparison.ts";

export const Branch = defineTable("branch", (t) => {
  const names = ["beq", "bne", "blt", "bge", "bltu", "bgeu"] as const;
  const { active, op, of } = selectors(t, Object.fromEntries(names.map((name) => [name, opNumber(name)])));
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2 } = readSecond(t, now);
  const { less, d } = compare(t, active, add(of["blt"]!, of["bge"]!), a, c);
  const target = t.column("target");
  fetch(t, now, { op, rs1, rs2, target });
  const difference = add(...d);
  const equal = t.column("equal");
  const inverse = t.column("inverse");
  t.zero("equal words have no difference", mul(equal, difference));
  t.equal("words with no difference are equal", mul(difference, inverse), sub(active, equal));
  const taken = t.column("taken");
  t.equal(
    "the branch is taken as its condition says",
    taken,
    add(
      mul(of["beq"]!, equal),
      mul(of["bne"]!, not(equal)),
      mul(add(of["blt"]!, of["bltu"]!), less),
      mul(add(of["bge"]!, of["bgeu"]!), not(less)),
    ),
  );
  const next = t.column("next");
  const on = add(now.pc, 1);
  t.zero("the next pc", mul(active, sub(sub(next, on), mul(taken, sub(target, on)))));
  continueAt(t, now, next);
});
