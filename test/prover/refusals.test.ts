import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { BabyBear } from "../../src/field/index.ts";
import { prove, type Task } from "../../src/prover/index.ts";
import { Profile, verifyProof } from "../../src/verifier/index.ts";
import { changed, ends, type Span, spansOf } from "./spans.ts";
import { claimOf, segments, task, verdict } from "./toy.ts";

const parts = segments(200, 70);
const small: Profile.Profile = { ...Profile.STD100, queries: 20, grinding: { ...Profile.STD100.grinding, query: 8 } };
const seed = new Uint8Array(32).fill(7);

/** Few queries and little work, so that each of many verifications is short; what is checked is the same. */
const TASKS: Readonly<Record<string, Task>> = {
  deterministic: task(100, small),
  "with work everywhere": task(100, {
    ...small,
    blowupBits: 2,
    grinding: { bus: 3, point: 4, batch: 5, fold: 2, query: 8 },
  }),
  "two segments": { ...task(200, small), segments: { count: 2, at: (i) => parts[i]! } },
  hiding: task(100, small, true),
};

describe.each(Object.entries(TASKS))("a %s proof", (_, of) => {
  let proof: Uint8Array;
  let spans: Span[];
  beforeAll(async () => {
    proof = await prove(of, of.hiding ? { threads: 0, seed } : { threads: 0 });
    spans = spansOf(proof, (input) => verifyProof(claimOf(of), input));
  });

  test("is accepted as it is", () => {
    expect(verdict(of, proof)).toBe("accepted");
  });
  test("is refused when any of its fields is changed", () => {
    const survivors: string[] = [];
    for (const { where, from, to } of ends(spans)) {
      for (const [at, bit] of [
        [from, 1],
        [to - 1, 64],
      ] as const) {
        if (
          verdict(
            of,
            changed(proof, at, (byte) => byte ^ bit),
          ) === "accepted"
        )
          survivors.push(where);
      }
    }
    expect(survivors).toEqual([]);
  });
  test("is refused when any byte is changed", () => {
    fc.assert(
      fc.property(fc.nat({ max: proof.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        expect(
          verdict(
            of,
            changed(proof, at, (byte) => byte ^ mask),
          ),
        ).not.toBe("accepted");
      }),
      { numRuns: 60 },
    );
  });
  test("is refused when cut or longer", () => {
    for (const length of [0, 1, 4, 37, proof.length >> 2, proof.length >> 1, proof.length - 1]) {
      expect(verdict(of, proof.subarray(0, length))).toMatch(/^truncated|^shape|^work|^not canonical|^opening/);
    }
    const longer = new Uint8Array(proof.length + 1);
    longer.set(proof);
    expect(verdict(of, longer)).toMatch(/^extended: end of proof/);
  });
  test("is refused with field elements that are not below p", () => {
    const over = new Set<string>();
    for (const { from } of ends(spans.filter((span) => span.elements))) {
      const copy = proof.slice();
      const view = new DataView(copy.buffer);
      const word = view.getUint32(from, true);
      if (word + BabyBear.P >= 2 ** 32) continue;
      view.setUint32(from, word + BabyBear.P, true);
      over.add(verdict(of, copy).split(":")[0]!);
    }
    expect([...over]).toEqual(["not canonical"]);
  });
  test("is refused with a row, a digest or a coset twice, left out or exchanged with its neighbour", () => {
    for (const name of new Set(spans.filter((span) => /opening|^fold/.test(span.where)).map((span) => span.where))) {
      const list = spans.filter((span) => span.where === name);
      const [a, b] = [list[0]!, list[1]!];
      const piece = (span: Span): Uint8Array => proof.subarray(span.from, span.to);
      const before = proof.subarray(0, a.from);
      const after = proof.subarray(b.to);
      for (const middle of [[piece(a), piece(a), piece(b)], [piece(b)], [piece(b), piece(a)], [piece(a), piece(a)]]) {
        const other = Buffer.concat([before, ...middle, after]);
        if (other.equals(proof)) continue;
        expect(verdict(of, new Uint8Array(other))).not.toBe("accepted");
      }
    }
  });
  test("says which check failed", () => {
    const kinds = new Set(
      ends(spans).map(
        ({ from }) =>
          verdict(
            of,
            changed(proof, from, (byte) => byte ^ 1),
          ).split(":")[0]!,
      ),
    );
    for (const kind of ["shape", "constraint", "opening"]) expect([...kinds]).toContain(kind);
  });
});

test("bytes that are no proof are refused, quickly and without an exception", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
      expect(verdict(TASKS["deterministic"]!, bytes)).not.toBe("accepted");
    }),
  );
});
