import { describe, expect, test } from "vitest";
import { agreed } from "./engines.ts";
import { randomProgram, TAPE_TAIL } from "./randomProgram.ts";

describe("step, interpreter, recorder and translation agree", () => {
  test("on random programs, to the last register and cycle", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { status, output } = agreed(randomProgram(seed, 200, TAPE_TAIL));
      expect(status).toEqual({ kind: "exited", code: 0 });
      expect(output.length).toBe(24);
    }
  });
  test("at every step limit", () => {
    const source = randomProgram(7, 40, TAPE_TAIL);
    for (let steps = 0; steps < 60; steps++) expect(agreed(source, [], steps).cycles).toBe(steps);
  });
  test("on a program of more than one translated region, with calls between them", () => {
    const filler = "  addi t0, t0, 1\n  xor t1, t1, t0\n".repeat(1500);
    const source = `_start:\n  li s1, 3\nagain:\n  call far\n${filler}  addi s1, s1, -1\n  beqz s1, done\n  j again\ndone:\n${TAPE_TAIL}\nfar:\n  addi t2, t2, 7\n  ret\n.data\n  .word 0`;
    expect(agreed(source.replaceAll("(s0)", "(sp)").replace("_start:", "_start:\n  addi sp, sp, -64")).status).toEqual({
      kind: "exited",
      code: 0,
    });
  });
});
