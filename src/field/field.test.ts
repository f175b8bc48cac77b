import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BabyBear, Ext, Ntt } from "./index.ts";

const P = BigInt(BabyBear.P);
const corner = fc.constantFrom(0, 1, 2, BabyBear.P - 1, BabyBear.P - 2, 1 << 27, 0x3fffffff, 0x78000000);
const element = fc.oneof(corner, fc.nat({ max: BabyBear.P - 1 }));
const extension = fc.tuple(element, element, element, element, element) as fc.Arbitrary<Ext.Ext>;

describe("base field", () => {
  test("multiplication agrees with big integers", () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(BigInt(BabyBear.mul(a, b))).toBe((BigInt(a) * BigInt(b)) % P);
      }),
      { numRuns: 5000 },
    );
  });
  test("addition, subtraction and negation agree with big integers", () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(BigInt(BabyBear.add(a, b))).toBe((BigInt(a) + BigInt(b)) % P);
        expect(BigInt(BabyBear.sub(a, b))).toBe((BigInt(a) - BigInt(b) + P) % P);
        expect(BabyBear.add(a, BabyBear.neg(a))).toBe(0);
      }),
    );
  });
  test("every element but 0 has an inverse", () => {
    fc.assert(fc.property(element, (a) => a === 0 || BabyBear.mul(a, BabyBear.inv(a)) === 1));
    expect(() => BabyBear.inv(0)).toThrow();
  });
  test("only integers from 0 to p−1 are canonical", () => {
    for (const bad of [-1, -0, 0.5, Number.NaN, BabyBear.P, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(BabyBear.isCanonical(bad)).toBe(false);
    }
    expect(BabyBear.isCanonical(0) && BabyBear.isCanonical(BabyBear.P - 1)).toBe(true);
    expect(BabyBear.of(-1)).toBe(BabyBear.P - 1);
    expect(Object.is(BabyBear.of(-BabyBear.P), 0)).toBe(true);
  });
  test("roots of unity have exactly their order", () => {
    for (let bits = 1; bits <= BabyBear.TWO_ADICITY_BITS; bits++) {
      expect(BabyBear.pow(BabyBear.rootOfUnity(bits), 2 ** (bits - 1))).toBe(BabyBear.P - 1);
    }
  });
  test("31 generates the group", () => {
    for (const prime of [2, 3, 5]) expect(BabyBear.pow(BabyBear.GENERATOR, (BabyBear.P - 1) / prime)).not.toBe(1);
  });
});

describe("extension", () => {
  test("2 is no fifth power, so x^5 − 2 is irreducible", () => {
    expect(BabyBear.pow(Ext.W, (BabyBear.P - 1) / 5)).not.toBe(1);
  });
  test("multiplication agrees with schoolbook big integers", () => {
    fc.assert(
      fc.property(extension, extension, (a, b) => {
        const wide = new Array<bigint>(9).fill(0n);
        for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) wide[i + j]! += BigInt(a[i]!) * BigInt(b[j]!);
        const expected = [0, 1, 2, 3, 4].map((i) => Number((wide[i]! + 2n * (wide[i + 5] ?? 0n)) % P));
        expect(Ext.mul(a, b)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
  test("inverses, alone and together", () => {
    fc.assert(
      fc.property(
        fc.array(
          extension.filter((a) => !Ext.isZero(a)),
          { minLength: 1, maxLength: 5 },
        ),
        (list) => {
          const all = Ext.invAll(list);
          list.forEach((a, i) => {
            expect(Ext.mul(a, Ext.inv(a))).toEqual(Ext.ONE);
            expect(all[i]).toEqual(Ext.inv(a));
          });
        },
      ),
    );
  });
  test("Frobenius is the p-th power", () => {
    const a: Ext.Ext = [3, 1, 4, 1, 5];
    expect(Ext.frobenius(a, 1)).toEqual(Ext.pow(a, BabyBear.P));
  });
});

describe("transform", () => {
  test("agrees with evaluation term by term", () => {
    const coefficients = Uint32Array.from({ length: 16 }, (_, i) => BabyBear.pow(7, i + 1));
    const root = BabyBear.rootOfUnity(4);
    const values = Ntt.evaluate(coefficients);
    for (let i = 0; i < 16; i++) {
      let sum = 0;
      coefficients.forEach((c, j) => {
        sum = BabyBear.add(sum, BabyBear.mul(c, BabyBear.pow(root, i * j)));
      });
      expect(values[i]).toBe(sum);
    }
    expect(Ntt.interpolate(values)).toEqual(coefficients);
  });
  test("an extension of a constant is constant", () => {
    expect(new Set(Ntt.extend(new Uint32Array(8).fill(9), 1, BabyBear.GENERATOR))).toEqual(new Set([9]));
  });
});
