import { BabyBear } from "../field/index.ts";
import { Layout } from "../verifier/index.ts";
import type { Domain } from "./Domain.ts";
import type { Engine } from "./Engine.ts";
import { toMontgomery } from "./Program.ts";

/** Π over the hidden rows of (x − ω^row) at each point of four cosets; its address. */
export async function hiddenColumn(engine: Engine, roots: Domain, logHeight: number): Promise<number> {
  const height = 2 ** logHeight;
  const address = engine.alloc(16 * height);
  const coefficients = engine.alloc(4 * height);
  const polynomial = hiddenPolynomial(logHeight);
  // The factors of an extension divide by the height, so the coefficients are multiplied by it.
  const words = engine.words(coefficients, height);
  words.fill(0);
  polynomial.forEach((coefficient, i) => {
    words[i] = toMontgomery(BabyBear.mul(coefficient, height));
  });
  await engine.run(
    "extendCoefficients",
    1,
    1,
    coefficients,
    0,
    address,
    0,
    logHeight,
    4,
    roots.scales.get(logHeight)!,
    roots.twiddles,
  );
  return address;
}

/** Coefficients by log2 of the height: the same for every table, and quadratic work. */
const polynomials = new Map<number, Uint32Array>();

function hiddenPolynomial(logHeight: number): Uint32Array {
  const before = polynomials.get(logHeight);
  if (before !== undefined) return before;
  const root = BabyBear.rootOfUnity(logHeight);
  const polynomial = new Uint32Array(Layout.HIDDEN_ROWS + 1);
  polynomial[0] = 1;
  let point = BabyBear.pow(root, 2 ** logHeight - Layout.HIDDEN_ROWS);
  for (let degree = 1; degree <= Layout.HIDDEN_ROWS; degree++) {
    for (let i = degree; i >= 0; i--) {
      const shifted = i === 0 ? 0 : polynomial[i - 1]!;
      polynomial[i] = BabyBear.sub(shifted, BabyBear.mul(point, polynomial[i]!));
    }
    point = BabyBear.mul(point, root);
  }
  polynomials.set(logHeight, polynomial);
  return polynomial;
}
