import { describe, expect, test } from "vitest";
import { prove } from "../../src/prover/index.ts";
import { checkTrace, Profile } from "../../src/verifier/index.ts";
import { fixed, machine, messages, segments, task, verdict, witness } from "./toy.ts";

const seed = Uint8Array.from({ length: 32 }, (_, i) => i);

describe("a proof of a toy machine", () => {
  test("the witness satisfies the tables", () => {
    expect(checkTrace({ machine, fixed, witnesses: [witness(100)], messages: messages(100) })).toEqual([]);
  });
  test.each(Profile.PROFILES)("is accepted ($name)", async (profile) => {
    const of = task(100, profile);
    expect(verdict(of, await prove(of, { threads: 0 }))).toBe("accepted");
  });
  test.each(Profile.PROFILES)("is accepted when it hides the witness ($name)", async (profile) => {
    const of = task(100, profile, true);
    expect(verdict(of, await prove(of, { threads: 0, seed }))).toBe("accepted");
  });
  test("does not depend on the number of workers", async () => {
    const of = task(3000);
    const [alone, together] = await Promise.all([prove(of, { threads: 0 }), prove(of, { threads: 2 })]);
    expect(alone).toEqual(together);
  });
  test("hides with its seed: same statement, other bytes", async () => {
    const of = task(100, Profile.STD100, true);
    const first = await prove(of, { threads: 0, seed });
    const again = await prove(of, { threads: 0, seed });
    const other = await prove(of, { threads: 0, seed: seed.map((byte) => byte ^ 1) });
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(verdict(of, other)).toBe("accepted");
  });
  test.each([1, 16, 17, 129])("is accepted for %i rows", async (rows) => {
    const of = task(rows);
    expect(verdict(of, await prove(of, { threads: 0 }))).toBe("accepted");
  });
  test("reports progress and stops when it is told to", async () => {
    const seen: number[] = [];
    await prove(task(100), { threads: 0, onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    const stop = AbortSignal.abort(new Error("stopped"));
    await expect(prove(task(100), { threads: 0, signal: stop })).rejects.toThrow("stopped");
  });
});

describe("segments", () => {
  const parts = segments(200, 70);
  const of = { ...task(200), segments: { count: 2, at: (i: number) => parts[i]! } };
  test("balance together", () => {
    expect(checkTrace({ machine, fixed, witnesses: parts, messages: messages(200) })).toEqual([]);
  });
  test("are accepted, hiding or not", async () => {
    expect(verdict(of, await prove(of, { threads: 0 }))).toBe("accepted");
    const hiding = { ...of, hiding: true };
    expect(verdict(hiding, await prove(hiding, { threads: 0, seed }))).toBe("accepted");
  });
  test.each([
    ["one of them alone", [0]],
    ["one of them twice", [0, 0, 1]],
  ] as const)("are refused: %s", async (_, order) => {
    const wrong = { ...of, segments: { count: order.length, at: (i: number) => parts[order[i]!]! } };
    expect(verdict(of, await prove(wrong, { threads: 0 }))).toMatch(/^bus: sum over all tables/);
  });
});

describe("a wrong witness is refused", () => {
  test.each([
    ["fibonacci", 4, 50, /^constraint: table fibonacci/],
    ["fibonacci", 6, 3, /^bus/],
    ["fibonacci", 3, 0, /^constraint|^bus/],
    ["squares", 1, 39, /^constraint: table squares/],
    ["byte", 0, 255, /^bus/],
  ] as const)("%s, column %i, row %i", async (table, column, row, reason) => {
    const wrong = witness(100);
    wrong.get(table)![column]![row]! += 1;
    const of = task(100);
    const proof = await prove({ ...of, segments: { count: 1, at: () => wrong } }, { threads: 0 });
    expect(verdict(of, proof)).toMatch(reason);
  });
  test("another claim than the proven one", async () => {
    const of = task(100);
    const proof = await prove(of, { threads: 0 });
    expect(verdict(task(101), proof)).not.toBe("accepted");
    expect(verdict({ ...of, statement: Uint32Array.from(of.statement, (word) => word ^ 1) }, proof)).not.toBe(
      "accepted",
    );
    expect(verdict(task(100, Profile.byName("std128")), proof)).not.toBe("accepted");
    expect(verdict(task(100, Profile.STD100, true), proof)).not.toBe("accepted");
  });
});
