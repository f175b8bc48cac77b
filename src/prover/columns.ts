/** Columns in the kernels' memory: over a table's rows, and extended to its evaluation domain. */
import type { Claim } from "../verifier/index.ts";
import { type Domain, GRAIN_WORDS } from "./Domain.ts";
import type { Engine } from "./Engine.ts";
import type { Columns } from "./tablePrograms.ts";

/** A matrix over a table's rows in natural order, and over its evaluation domain. */
export type Extended = { readonly natural: Columns; readonly extended: Columns };

/** Evaluation cosets that a matrix is extended to: the committed ones, and two or four to make a quotient on. */
export const extendedBits = (claim: Claim): number => (claim.hiding ? 2 : claim.profile.blowupBits);

const GRAIN_COLUMNS = 1;

export async function extend(
  engine: Engine,
  roots: Domain,
  from: Columns,
  count: number,
  logHeight: number,
  cosetBits: number,
): Promise<Columns> {
  const stride = 4 * 2 ** (logHeight + cosetBits);
  const address = engine.alloc(count * stride);
  await engine.run(
    "extend",
    count,
    GRAIN_COLUMNS,
    from.address,
    from.stride,
    address,
    stride,
    logHeight,
    2 ** cosetBits,
    roots.scales.get(logHeight)!,
    roots.twiddles,
    roots.inverses,
    1,
  );
  return { address, stride };
}

/** Canonical columns → Montgomery columns of 2^logHeight rows, zero below what is given. */
export async function load(
  engine: Engine,
  columns: readonly Uint32Array[],
  count: number,
  logHeight: number,
): Promise<Columns> {
  const height = 2 ** logHeight;
  const address = engine.alloc(4 * height * count);
  const words = engine.words(address, height * count);
  words.fill(0);
  columns.forEach((column, i) => {
    words.set(column, i * height);
  });
  await engine.run("toMontgomery", words.length, GRAIN_WORDS, address, address);
  return { address, stride: 4 * height };
}
