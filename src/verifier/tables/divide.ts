/**
 * div, divu, rem, remu by absolute values: A = |a|, C = |c|, A = C · Q + R over the whole numbers with R < C, and the
 * result is Q or R with its sign. −2^31 / −1 needs no case of its own: Q = 2^31 without a sign is the word −2^31.
 * With c = 0 the product is 0, so R = A, and the quotient is −1 by a constraint.
 */
import { add, defineTable, type Expr, type MainColumn, mul, not, sub, type TableBuilder, type Term } from "../air.ts";
import {
  booleanWhen,
  bytes,
  carries,
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
import { productColumn } from "./multiply.ts";

/** y = x when `same`, y = −x modulo 2^32 when `negated`: then x + y carries 0 or 1 out of each byte and leaves 0. */
function signedCopy(
  t: TableBuilder,
  name: string,
  same: Expr,
  negated: Term,
  x: readonly MainColumn[],
  y: readonly MainColumn[],
): void {
  booleanWhen(t, `${name}: carry of the negation`, negated, carries(x, y, [0, 0, 0, 0]));
  for (let i = 0; i < 4; i++) t.zero(`${name}: byte ${i}`, mul(same, sub(x[i]!, y[i]!)));
}

export const Divide = defineTable("divide", (t) => {
  const names = ["div", "divu", "rem", "remu"] as const;
  const { active, op, of } = selectors(t, Object.fromEntries(names.map((name) => [name, opNumber(name)])));
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2 } = readSecond(t, now);
  const signed = add(of["div"]!, of["rem"]!);
  const wantsQuotient = add(of["div"]!, of["divu"]!);
  const wantsRemainder = add(of["rem"]!, of["remu"]!);

  const topA = t.bit("top.a");
  const topC = t.bit("top.c");
  t.send(pairBus, active, [signWitness(a[3]!, topA), signWitness(c[3]!, topC)]);
  const signA = t.column("sign.a");
  const signC = t.column("sign.c");
  t.equal("a is negative when it is signed", signA, mul(signed, topA));
  t.equal("c is negative when it is signed", signC, mul(signed, topC));

  const absoluteA = t.columns("A", 4);
  const absoluteC = t.columns("C", 4);
  const quotient = t.columns("Q", 4);
  const remainder = t.columns("R", 4);
  bytes(t, active, [...absoluteA, ...absoluteC, ...quotient, ...remainder]);
  signedCopy(t, "|a|", sub(active, signA), signA, a, absoluteA);
  signedCopy(t, "|c|", sub(active, signC), signC, c, absoluteC);

  // A = C · Q + R, with nothing above 2^32: the products that would be are bytes and add up to 0.
  const carry = t.columns("carry", 3);
  for (let k = 0; k < 4; k++) {
    const sum = add(productColumn(absoluteC, quotient, k), remainder[k]!, carry[k - 1] ?? 0);
    if (k < 3) t.send(rangeBus, active, [carry[k]!]);
    t.equal(`column ${k}`, sum, k < 3 ? add(absoluteA[k]!, mul(carry[k]!, 256)) : absoluteA[k]!);
  }
  t.zero("no products above", add(...[4, 5, 6].map((k) => productColumn(absoluteC, quotient, k))));

  const zero = t.column("zero");
  const inverse = t.column("inverse");
  const sum = add(...c);
  t.zero("the divisor is 0", mul(zero, sum));
  t.equal("the divisor is not 0", mul(sum, inverse), sub(active, zero));
  // R + D + 1 = C without a carry out: R < C.
  const d = t.columns("d", 4);
  bytes(t, active, d);
  const below = carries(remainder, d, absoluteC, 1);
  booleanWhen(t, "carry of R + d + 1 = C", sub(active, zero), below.slice(0, 3));
  t.zero("the remainder is below the divisor", mul(sub(active, zero), below[3]!));
  for (let i = 0; i < 4; i++) t.zero(`no quotient of 0, byte ${i}`, mul(zero, quotient[i]!));

  const chosen = t.columns("chosen", 4);
  for (let i = 0; i < 4; i++) {
    t.equal(`chosen ${i}`, chosen[i]!, add(mul(wantsQuotient, quotient[i]!), mul(wantsRemainder, remainder[i]!)));
  }
  const ones = t.column("ones");
  t.equal("the quotient by 0", ones, mul(zero, wantsQuotient));
  const unlike = t.column("unlike");
  t.equal("signs differ", unlike, sub(add(signA, signC), mul(signA, signC, 2)));
  const negated = t.column("negated");
  t.equal("the result is negated", negated, add(mul(wantsQuotient, unlike, not(zero)), mul(wantsRemainder, signA)));
  const r = t.columns("r", 4);
  bytes(t, active, r);
  signedCopy(t, "result", sub(sub(active, negated), ones), negated, chosen, r);
  for (let i = 0; i < 4; i++) t.zero(`all ones, byte ${i}`, mul(ones, sub(r[i]!, 255)));
  const rd = writeResult(t, now, r);
  fetch(t, now, { op, rd, rs1, rs2 });
  continueAt(t, now, add(now.pc, 1));
});
