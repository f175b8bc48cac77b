/** lb, lbu, lh, lhu, lw: the word around the address is read, and part of it is extended. */
import { SLOT } from "../../riscv/index.ts";
import { add, defineTable, mul, sub } from "../air.ts";
import {
  access,
  booleanWhen,
  carries,
  continueAt,
  fetch,
  placeOfWord,
  readFirst,
  selectors,
  signWitness,
  step,
  wordAddress,
  writeResult,
} from "./adapter.ts";
import { opNumber } from "./buses.ts";

export const Load = defineTable("load", (t) => {
  const names = ["lb", "lh", "lw", "lbu", "lhu"] as const;
  const { active, op, of } = selectors(t, Object.fromEntries(names.map((name) => [name, opNumber(name)])));
  const now = step(t, active);
  const { a, rs1 } = readFirst(t, now);
  const constant = t.columns("i", 4);
  const quarter = t.column("quarter");
  const at = t.bits("offset", 4);
  t.equal("one offset", add(...at), active);
  const offset = add(at[1]!, mul(at[2]!, 2), mul(at[3]!, 3));
  const upper = t.columns("t", 3);
  booleanWhen(t, "carry of a + constant", active, carries(a, constant, [add(mul(quarter, 4), offset), ...upper]));
  t.zero("words are aligned", mul(of["lw"]!, sub(1, at[0]!)));
  const half = add(of["lh"]!, of["lhu"]!);
  t.zero("halves are aligned", mul(half, add(at[1]!, at[3]!)));

  const w = t.columns("w", 4);
  const sign = t.bit("sign");
  const top = t.column("top");
  const word = wordAddress(t, active, quarter, [upper[0]!, upper[1]!, upper[2]!], signWitness(top, sign));
  const place = { space: t.bit("space"), address: placeOfWord(word) };
  access(t, "word", active, add(now.time, SLOT.word), place, w, w);

  const r = t.columns("r", 4);
  const byte = add(of["lb"]!, of["lbu"]!);
  const second = add(mul(at[0]!, w[1]!), mul(at[2]!, w[3]!));
  const extension = mul(sign, 255);
  t.equal("result 0", r[0]!, add(...at.map((bit, i) => mul(bit, w[i]!))));
  t.equal("result 1", r[1]!, add(mul(add(of["lw"]!, half), second), mul(byte, extension)));
  t.equal("result 2", r[2]!, add(mul(of["lw"]!, w[2]!), extension));
  t.equal("result 3", r[3]!, add(mul(of["lw"]!, w[3]!), extension));
  t.equal("the byte with the sign", top, add(mul(of["lb"]!, r[0]!), mul(of["lh"]!, r[1]!)));
  const rd = writeResult(t, now, r);
  fetch(t, now, { op, rd, rs1, constant });
  continueAt(t, now, add(now.pc, 1));
});
