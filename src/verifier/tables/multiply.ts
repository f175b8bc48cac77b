/**
 * mul, and in a table of its own mulh, mulhsu, mulhu: products of bytes, column by column, with carries.
 * A carry is below 2^16 (a lookup), so each column's equation has both sides below 2^25 and holds as whole numbers.
 */
import { add, defineTable, type Expr, mul, sub, type Term } from "../air.ts";
import {
  bytes,
  continueAt,
  fetch,
  readFirst,
  readSecond,
  selectors,
  signWitness,
  step,
  writeResult,
} from "./adapter.ts";
import { opNumber, pairBus, rangeBus } from "./buses.ts";

/** Σ x_i · y_j over i + j = k. */
export const productColumn = (x: readonly Term[], y: readonly Term[], k: number): Expr =>
  add(...x.flatMap((term, i) => (y[k - i] === undefined ? [] : [mul(term, y[k - i]!)])));

export const Multiply = defineTable("multiply", (t) => {
  const { active, op } = selectors(t, { mul: opNumber("mul") });
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2 } = readSecond(t, now);
  const r = t.columns("r", 4);
  const carry = t.columns("carry", 4);
  for (let k = 0; k < 4; k++) {
    t.send(rangeBus, active, [carry[k]!]);
    const sum = add(productColumn(a, c, k), carry[k - 1] ?? 0);
    t.equal(`column ${k}`, sum, add(r[k]!, mul(carry[k]!, 256)));
  }
  bytes(t, active, r);
  const rd = writeResult(t, now, r);
  fetch(t, now, { op, rd, rs1, rs2 });
  continueAt(t, now, add(now.pc, 1));
});

export const MultiplyHigh = defineTable("multiply-high", (t) => {
  const names = ["mulh", "mulhsu", "mulhu"] as const;
  const { active, op, of } = selectors(t, Object.fromEntries(names.map((name) => [name, opNumber(name)])));
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2 } = readSecond(t, now);
  const signA = t.bit("sign.a");
  const signC = t.bit("sign.c");
  t.send(pairBus, active, [signWitness(a[3]!, signA), signWitness(c[3]!, signC)]);
  // Operands extended to 64 bits: the product modulo 2^64 of the extensions is the signed product.
  const extendA = t.column("extend.a");
  const extendC = t.column("extend.c");
  t.equal("a is extended when it is signed", extendA, mul(sub(active, of["mulhu"]!), signA, 255));
  t.equal("c is extended when it is signed", extendC, mul(of["mulh"]!, signC, 255));
  const wideA = [...a, extendA, extendA, extendA, extendA];
  const wideC = [...c, extendC, extendC, extendC, extendC];

  const low = t.columns("low", 4);
  const r = t.columns("r", 4);
  const product = [...low, ...r];
  const carry = t.columns("carry", 8);
  for (let k = 0; k < 8; k++) {
    t.send(rangeBus, active, [carry[k]!]);
    const sum = add(productColumn(wideA, wideC, k), carry[k - 1] ?? 0);
    t.equal(`column ${k}`, sum, add(product[k]!, mul(carry[k]!, 256)));
  }
  bytes(t, active, product);
  const rd = writeResult(t, now, r);
  fetch(t, now, { op, rd, rs1, rs2 });
  continueAt(t, now, add(now.pc, 1));
});
