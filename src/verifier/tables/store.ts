/** sb, sh, sw: the word around the address is replaced. Only words that are not constants can be. */
import { SLOT } from "../../riscv/index.ts";
import { add, defineTable, type Expr, mul, sub, type Term } from "../air.ts";
import {
  access,
  booleanWhen,
  carries,
  continueAt,
  fetch,
  placeOfWord,
  readFirst,
  readSecond,
  selectors,
  step,
  wordAddress,
} from "./adapter.ts";
import { opNumber, SPACE } from "./buses.ts";

export const Store = defineTable("store", (t) => {
  const names = ["sb", "sh", "sw"] as const;
  const { active, op, of } = selectors(t, Object.fromEntries(names.map((name) => [name, opNumber(name)])));
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const { c, rs2 } = readSecond(t, now);
  const constant = t.columns("i", 4);
  const quarter = t.column("quarter");
  const at = t.bits("offset", 4);
  t.equal("one offset", add(...at), active);
  const offset = add(at[1]!, mul(at[2]!, 2), mul(at[3]!, 3));
  const upper = t.columns("t", 3);
  booleanWhen(t, "carry of a + constant", active, carries(a, constant, [add(mul(quarter, 4), offset), ...upper]));
  t.zero("words are aligned", mul(of["sw"]!, sub(1, at[0]!)));
  t.zero("halves are aligned", mul(of["sh"]!, add(at[1]!, at[3]!)));

  const w = t.columns("w", 4);
  const n = t.columns("n", 4);
  const word = wordAddress(t, active, quarter, [upper[0]!, upper[1]!, upper[2]!]);
  access(t, "word", active, add(now.time, SLOT.word), { space: SPACE.data, address: placeOfWord(word) }, w, n);

  /** The old byte, or the given one where the bit is 1. */
  const choose = (i: number, bit: Expr, byte: Term): Expr => add(w[i]!, mul(bit, sub(byte, w[i]!)));
  const [sb, sh, sw] = [of["sb"]!, of["sh"]!, of["sw"]!];
  for (let i = 0; i < 4; i++) {
    const narrow = mul(sb, choose(i, at[i]!, c[0]!));
    const wide = mul(sh, choose(i, at[i - (i % 2)]!, c[i % 2]!));
    t.equal(`new byte ${i}`, n[i]!, add(narrow, wide, mul(sw, c[i]!)));
  }
  fetch(t, now, { op, rs1, rs2, constant });
  continueAt(t, now, add(now.pc, 1));
});
