/**
 * The seam between the engine, which proves any machine, and the tables of RV32IM. `tables/index.ts` exports one value
 * of this type, `RV32IM`; the witness that fills the tables is the prover's.
 */
import type { Program } from "../riscv/index.ts";
import type { Machine, Message } from "./air.ts";
import type { FixedColumns } from "./checkTrace.ts";
import type { Key } from "./layout.ts";
import type { Statement } from "./Statement.ts";

export type RunMachine = {
  readonly machine: Machine;
  /** Columns of the tables that are the same for every program. */
  constants(): FixedColumns;
  /**
   * The keys of those columns, as constants of the source, so that the verifier need not build them; a test compares
   * them with `keyOf`. The second leaves room for hidden rows.
   */
  readonly constantsKey: { readonly plain: Key; readonly hiding: Key };
  /** Columns of the tables of group "program": decoded code, initial memory. */
  programColumns(program: Program.Program): FixedColumns;
  /** What the statement puts on the buses: the first and last state, the tapes, the exit. */
  messages(statement: Statement): Message[];
  /** Values of the machine's publics, if it has any. */
  publics(statement: Statement): number[];
};
