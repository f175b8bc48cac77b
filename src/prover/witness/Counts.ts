/** How often each row of the lookup and program tables is used, over all segments of a run. */

import type { Program } from "../../riscv/index.ts";
import { Tables } from "../../verifier/index.ts";

export type Counts = {
  /** By a + 256 b. */
  readonly and: Uint32Array;
  readonly pair: Uint32Array;
  /** By value. */
  readonly range: Uint32Array;
  /** By row of the program table. */
  readonly program: Uint32Array;
  /** Row of the program table of each place in the code. */
  readonly rowOf: Int32Array;
};

export function of(program: Program.Program): Counts {
  const rowOf = Tables.rowsOfCode(program);
  return {
    and: new Uint32Array(65536),
    pair: new Uint32Array(65536),
    range: new Uint32Array(65536),
    program: new Uint32Array(rowOf.length),
    rowOf,
  };
}
