import { describe, expect, test } from "vitest";
import { BabyBear } from "../../src/field/index.ts";
import { prove, type Task } from "../../src/prover/index.ts";
import { Layout, verifyProof } from "../../src/verifier/index.ts";
import { spansOf } from "./spans.ts";
import { claimOf, machine, Squares, task, verdict, witness } from "./toy.ts";

/** The same statement with two witnesses: squares of 0…39, which no message mentions, or nothing but zeros. */
function taskWith(zeros: boolean, hiding: boolean): Task {
  const of = task(100, undefined, hiding);
  const columns = witness(100);
  if (zeros) for (const column of columns.get(Squares.name)!) column.fill(0);
  return { ...of, segments: { count: 1, at: () => columns } };
}

/** Words of the proof that show column 0 of `squares`: at each opened row, and at the point. */
async function shown(of: Task, seed: number | undefined) {
  const options = seed === undefined ? {} : { seed: new Uint8Array(32).fill(seed) };
  const proof = await prove(of, { threads: 0, ...options });
  expect(verdict(of, proof)).toBe("accepted");
  const view = new DataView(proof.buffer, proof.byteOffset);
  const spans = spansOf(proof, (input) => verifyProof(claimOf(of), input));
  const blind = of.hiding ? 2 : 0;
  const widths = machine.tables.map((table) => table.main.length + blind);
  // Hiding gives all tables of the toy one height; without it `squares` is alone at its own.
  const row = of.hiding ? widths.reduce((sum, width) => sum + width, Layout.SALT_WORDS) : widths[1]!;
  const offset = of.hiding ? widths[0]! : 0;
  const rows = spans.filter(
    (span) => /opening of the main/.test(span.where) && span.elements && span.to - span.from === 4 * row,
  );
  const point = spans.find((span) => span.where === "main columns of table squares")!;
  const sums = spans.filter((span) => /^sum of/.test(span.where));
  return {
    opened: rows.map((span) => view.getUint32(span.from + 4 * offset, true)),
    point: view.getUint32(point.from, true),
    sums: sums.map((span) => [0, 4, 8, 12, 16].map((limb) => view.getUint32(span.from + limb, true)).join()),
  };
}

/** χ² of the values over sixteen equal parts of the field; 15 degrees of freedom, beyond 45 once in 10,000 times. */
function chiSquare(values: readonly number[]): number {
  const counts = new Array<number>(16).fill(0);
  for (const value of values) counts[Math.floor((16 * value) / BabyBear.P)]! += 1;
  const expected = values.length / 16;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("what a proof shows of its witness", () => {
  test("without hiding, a column of zeros is seen to be one", async () => {
    const { opened, point } = await shown(taskWith(true, false), undefined);
    expect(new Set(opened)).toEqual(new Set([0]));
    expect(point).toBe(0);
  });
  test("with hiding, opened values are spread evenly, whatever the witness", async () => {
    for (const zeros of [false, true]) {
      const { opened } = await shown(taskWith(zeros, true), 11);
      expect(opened.length).toBeGreaterThan(150);
      expect(new Set(opened).size).toBeGreaterThan(opened.length - 2);
      expect(chiSquare(opened)).toBeLessThan(45);
    }
  });
  test("with hiding, another seed changes every opened value, the values at the point and the published sums", async () => {
    const [a, b] = [await shown(taskWith(true, true), 1), await shown(taskWith(true, true), 2)];
    expect(a.point).not.toBe(b.point);
    expect(a.opened.filter((value) => b.opened.includes(value))).toEqual([]);
    expect(a.sums.filter((sum) => b.sums.includes(sum))).toEqual([]);
  });
  test("without hiding, the proof is a function of the witness", async () => {
    const [a, b] = [await shown(taskWith(false, false), undefined), await shown(taskWith(false, false), undefined)];
    expect(a).toEqual(b);
  });
});
