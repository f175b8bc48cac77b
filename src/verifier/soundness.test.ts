import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bus, defineMachine, defineTable, type Table } from "./air.ts";
import { segment } from "./layout.ts";
import { log2 } from "./log2.ts";
import { PROFILES } from "./Profile.ts";
import { mostSegments, soundness } from "./soundness.ts";

/** 24 lookups of seven fields, 1,500 columns and about as many constraints in tables of 2^20 rows: a large machine. */
const wide = bus("wide", "a", "b", "c", "d", "e", "f", "g");
const tables: Table[] = Array.from({ length: 12 }, (_, k) =>
  defineTable(`t${k}`, (t) => {
    const columns = t.columns("c", 110);
    for (let i = 0; i < 120; i++) t.zero(`c${i}`, columns[i % 110]!);
    t.send(wide, 1, columns.slice(0, 7));
    t.receive(wide, 1, columns.slice(7, 14));
  }),
);
const machine = defineMachine("large", tables);

describe("proven soundness", () => {
  test.each(PROFILES)("$name reaches its bits at 2^20 rows, hiding or not", (profile) => {
    for (const hiding of [false, true]) {
      const shape = segment(machine, new Uint8Array(12).fill(20), {}, profile, hiding);
      const result = soundness([shape], profile, 1000);
      expect(result.bits).toBeGreaterThanOrEqual(profile.bits);
      expect(result.bits).toBe(Math.floor(Math.min(...result.terms.map((term) => term.bits))));
    }
  });
  test("the terms of std100 are those computed by hand", () => {
    const profile = PROFILES[0]!;
    const shape = segment(machine, new Uint8Array(12).fill(20), {}, profile, false);
    const bits = (round: string): number =>
      Math.floor(soundness([shape], profile, 0).terms.find((term) => term.round === round)!.bits);
    expect(bits("queries")).toBe(100);
    expect(bits("point")).toBe(132);
    // A batch of 1,500 over a domain of 2^21: 154.53 − 10.55 − 21.
    expect(bits("batch of columns")).toBe(122);
  });
  test("without proof of work or with half the queries a profile falls short", () => {
    const [std100] = PROFILES;
    const shape = segment(machine, new Uint8Array(12).fill(20), {}, std100!, false);
    const grinding = { ...std100!.grinding, query: 0 };
    expect(soundness([shape], { ...std100!, grinding }, 0).bits).toBe(80);
    expect(soundness([shape], { ...std100!, queries: 96 }, 0).bits).toBeLessThan(60);
  });
  test("with many candidates, each segment makes as many times more choices", () => {
    const compact100 = PROFILES[2]!;
    const shape = segment(machine, new Uint8Array(12).fill(16), {}, compact100, false);
    const of = (count: number) => soundness(new Array(count).fill(shape), compact100, 0);
    expect(of(1).m).toBeGreaterThanOrEqual(30);
    // m = 30 has L = 60 candidates, 5.9 bits a segment, and 2·N·W/|F| alone leaves 154.5 − 29 bits.
    expect([1, 3, 5, 4096].map((count) => of(count).bits >= 100)).toEqual([true, true, false, false]);
    expect(of(4096).bits).toBe(Math.floor(Math.min(...of(4096).terms.map((term) => term.bits))));
    expect(PROFILES.map((profile) => mostSegments(profile, 11))).toEqual([Infinity, Infinity, 3]);
  });
});

describe("the logarithm", () => {
  test("is the host's, but for the last digits, and exact for powers of two", () => {
    for (let n = -60; n <= 400; n++) expect(log2(2 ** n)).toBe(n);
    fc.assert(
      fc.property(fc.double({ min: 1e-18, max: 1e100, noNaN: true }), (x) => {
        expect(Math.abs(log2(x) - Math.log2(x))).toBeLessThan(1e-13);
      }),
    );
  });
});
