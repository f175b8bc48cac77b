/**
 * a < c for words of bytes, as used by compare and branch: c + d = a modulo 2^32, whose last carry says a < c unsigned.
 * For signed words the top bytes are compared with their highest bit flipped.
 */
import { add, type Expr, type MainColumn, mul, sub, type TableBuilder, type Term } from "../air.ts";
import { booleanWhen, bytes, carries, signWitness } from "./adapter.ts";
import { pairBus } from "./buses.ts";

/** Adds the columns `d`, `sign.a`, `sign.c` and `less`; `signed` must be a sum of selectors. */
export function compare(
  t: TableBuilder,
  active: Expr,
  signed: Term,
  a: readonly MainColumn[],
  c: readonly MainColumn[],
): { less: MainColumn; d: readonly MainColumn[] } {
  const d = t.columns("d", 4);
  const signA = t.bit("sign.a");
  const signC = t.bit("sign.c");
  const less = t.bit("less");
  t.send(pairBus, active, [signWitness(a[3]!, signA), signWitness(c[3]!, signC)]);
  bytes(t, active, d);
  const below = carries(c, d, a).slice(0, 3);
  booleanWhen(t, "carry of c + d = a", active, below);
  // The flip of bit 7 adds 128 − 256 · sign; the two 128 cancel.
  const flips = mul(signed, mul(sub(signA, signC), 256));
  t.equal("the last carry", mul(less, 256), add(sub(add(c[3]!, d[3]!, below[2]!), a[3]!), flips));
  return { less, d };
}
