/**
 * sll, srl, sra and their forms with a constant. The amount is n + 8 m with n < 8, m < 4. Each byte is multiplied by
 * 2^n (left) or 2^(8−n) (right) and split into low and high byte; neighbours join, then bytes move by m places.
 */
import { add, defineTable, type Expr, mul, not, sub, type Term } from "../air.ts";
import {
  continueAt,
  fetch,
  readFirst,
  readSecondOrConstant,
  selectors,
  signWitness,
  step,
  writeResult,
} from "./adapter.ts";
import { opNumber, pairBus } from "./buses.ts";

export const Shift = defineTable("shift", (t) => {
  const { active, op, of } = selectors(t, { sll: opNumber("sll"), srl: opNumber("srl"), sra: opNumber("sra") });
  const left = of["sll"]!;
  const right = add(of["srl"]!, of["sra"]!);
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2, immediate, constant } = readSecondOrConstant(t, now);

  const bits = t.bits("n", 3);
  const moves = t.bits("move", 4);
  t.equal("one move", add(...moves), active);
  const rest = t.column("rest");
  const amount = add(
    bits[0]!,
    mul(bits[1]!, 2),
    mul(bits[2]!, 4),
    mul(moves[1]!, 8),
    mul(moves[2]!, 16),
    mul(moves[3]!, 24),
  );
  // `rest` is shown to be a byte below, so that 32 · rest, which is less than 256 + 32, is a whole multiple of 32.
  t.equal("the amount", c[0]!, add(amount, mul(rest, 32)));
  // A row of zeros has the power 0 and the product 1.
  const power = t.column("power");
  t.equal("2^n", add(power, not(active)), mul(add(1, bits[0]!), add(1, mul(bits[1]!, 3)), add(1, mul(bits[2]!, 15))));
  const factor = t.column("factor");
  t.zero("left shifts multiply by 2^n", mul(left, sub(factor, power)));
  t.zero("right shifts multiply by 2^(8 − n)", mul(right, sub(mul(factor, power), 256)));

  const low = t.columns("low", 4);
  const high = t.columns("high", 4);
  for (let i = 0; i < 4; i++) {
    t.send(pairBus, active, [low[i]!, high[i]!]);
    t.zero(`byte ${i} times factor`, mul(active, sub(mul(a[i]!, factor), add(low[i]!, mul(high[i]!, 256)))));
  }
  const sign = t.bit("sign");
  t.send(pairBus, active, [rest, signWitness(a[3]!, sign)]);
  const fill = t.column("fill");
  t.equal("filled with ones", fill, mul(of["sra"]!, sign));
  const top = t.column("top");
  t.equal("ones that enter the top byte", top, mul(fill, sub(256, factor)));

  const leftByte = (i: number): Term => (i < 0 ? 0 : i === 0 ? low[0]! : add(low[i]!, high[i - 1]!));
  const rightByte = (i: number): Term =>
    i > 3 ? mul(fill, 255) : i === 3 ? add(high[3]!, top) : add(high[i]!, low[i + 1]!);
  const r = t.columns("r", 4);
  for (let i = 0; i < 4; i++) {
    const terms: Expr[] = moves.map((move, m) =>
      mul(move, add(mul(left, leftByte(i - m)), mul(right, rightByte(i + m)))),
    );
    t.equal(`result ${i}`, r[i]!, add(...terms));
  }
  const rd = writeResult(t, now, r);
  fetch(t, now, { op, immediate, rd, rs1, rs2, constant });
  continueAt(t, now, add(now.pc, 1));
});
