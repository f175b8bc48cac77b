/** proof.md, "Numbers": the base field, its extension, roots of unity. */

export const P = 2013265921;

export const add = (a: number, b: number): number => (a + b >= P ? a + b - P : a + b);
export const sub = (a: number, b: number): number => (a < b ? a - b + P : a - b);

/** The quotient is off by one at most, so the low 32 bits give the product. */
export function mul(a: number, b: number): number {
  const r = (Math.imul(a, b) - Math.imul(Math.floor((a * b) / P), P)) | 0;
  return r < 0 ? r + P : r >= P ? r - P : r;
}

export function pow(a: number, exponent: number): number {
  let result = 1;
  for (let e = exponent, square = a; e > 0; e = Math.floor(e / 2), square = mul(square, square))
    if (e % 2 === 1) result = mul(result, square);
  return result;
}

export const inverse = (a: number): number => pow(a, P - 2);

export const shift = 31;

/** ω_k, of order 2^k. */
export const rootOfUnity = (k: number): number => pow(31, 15 * 2 ** (27 - k));

export function reverseBits(value: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result = (result << 1) | ((value >> i) & 1);
  return result;
}

/** The point at a position of a domain of 2^k points, without the shift. */
export const pointAt = (position: number, k: number): number => pow(rootOfUnity(k), reverseBits(position, k));

/** An element of the extension: the coefficients of 1, x, x², x³, x⁴ modulo x⁵ − 2. */
export type Ext = readonly number[];

export const zero: Ext = [0, 0, 0, 0, 0];
export const one: Ext = [1, 0, 0, 0, 0];
export const ext = (a: number): Ext => [a, 0, 0, 0, 0];
export const addE = (a: Ext, b: Ext): Ext => a.map((x, i) => add(x, b[i]!));
export const subE = (a: Ext, b: Ext): Ext => a.map((x, i) => sub(x, b[i]!));
export const scale = (a: Ext, k: number): Ext => a.map((x) => mul(x, k));
export const equalE = (a: Ext, b: Ext): boolean => a.every((x, i) => x === b[i]);
export const isZero = (a: Ext): boolean => a.every((x) => x === 0);

export function mulE(a: Ext, b: Ext): Ext {
  const product = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) product[i + j] = add(product[i + j]!, mul(a[i]!, b[j]!));
  const result = product.slice(0, 5);
  for (let i = 5; i < 9; i++) result[i - 5] = add(result[i - 5]!, mul(2, product[i]!));
  return result;
}

export function powE(a: Ext, exponent: number): Ext {
  let result = one;
  for (let e = exponent, square = a; e > 0; e = Math.floor(e / 2), square = mulE(square, square))
    if (e % 2 === 1) result = mulE(result, square);
  return result;
}

/** x ↦ xᵖ multiplies the coefficient of xⁱ by 2^(i(p−1)/5). The product of all five conjugates is in the base field. */
export function inverseE(a: Ext): Ext {
  const twist = pow(2, (P - 1) / 5);
  const conjugate = (e: Ext): Ext => e.map((x, i) => mul(x, pow(twist, i)));
  const others = [1, 2, 3].reduce<Ext[]>((list) => [...list, conjugate(list.at(-1)!)], [conjugate(a)]);
  const product = others.reduce(mulE);
  return scale(product, inverse(mulE(product, a)[0]!));
}

/** Five columns over the base field, at a point of the extension, make one value: Σ xⁱ·valueᵢ. */
export function combine(values: readonly Ext[]): Ext {
  let result = zero;
  for (let i = 0; i < 5; i++)
    result = addE(
      result,
      mulE(
        values[i]!,
        [0, 1, 2, 3, 4].map((k) => (k === i ? 1 : 0)),
      ),
    );
  return result;
}
