import { describe, expect, test } from "vitest";
import { assembled } from "./engines.ts";
import { randomProgram, TAPE_TAIL } from "./randomProgram.ts";
import { honest, problemsOf } from "./tables.ts";

const END = "  li a7, 93\n  ecall\n";

describe("an honest run satisfies every constraint, and every bus balances", () => {
  test("for the smallest program", () => {
    expect(problemsOf(honest(assembled(`_start:\n${END}`)).check)).toEqual([]);
  });
  test("for random programs", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { check } = honest(assembled(randomProgram(seed, 150, TAPE_TAIL)));
      expect(problemsOf(check)).toEqual([]);
    }
  });
  test("in segments of any length", () => {
    const program = assembled(randomProgram(99, 60, TAPE_TAIL));
    for (const steps of [1, 7, 50]) expect(problemsOf(honest(program, [], steps).check)).toEqual([]);
  });
  test("that reads, writes and performs effects", () => {
    const source = `_start:
  li a7, 1024
  ecall
  li a7, 1026
  ecall
  li a7, 1025
  ecall
  li a0, -7
${END}`;
    expect(problemsOf(honest(assembled(source), [5, 0xfffffff0, 9]).check)).toEqual([]);
  });
});
