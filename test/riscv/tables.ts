/** Runs, witnesses and statements for the tests of the tables. */
import { segments } from "../../src/prover/witness/index.ts";
import { Machine, type Program } from "../../src/riscv/index.ts";
import {
  type Air,
  checkTrace,
  RV32IM,
  type Statement,
  showTraceProblem,
  type TraceCheck,
} from "../../src/verifier/index.ts";

/** The statement of a finished run. The key is of no account to the row checker. */
export function statementOf(machine: Machine.Machine): Statement.Statement {
  if (machine.status.kind !== "exited") throw new Error(JSON.stringify(machine.status));
  const { program } = machine;
  return {
    image: { entry: program.entry, base: program.base, key: { root: new Uint32Array(8), logHeights: [] } },
    input: machine.input.slice(0, machine.inputAt),
    output: Uint32Array.from(machine.output),
    marks: Uint32Array.from(machine.marks),
    exitCode: machine.status.code >>> 0,
    cycles: machine.cycles,
  };
}

const CONSTANTS = RV32IM.constants();

/** What the row checker needs of a run, made of witnesses that may have been tampered with. */
export function checkOf(
  program: Program.Program,
  statement: Statement.Statement,
  witnesses: readonly Air.Witness[],
): TraceCheck {
  return {
    machine: RV32IM.machine,
    fixed: new Map([...CONSTANTS, ...RV32IM.programColumns(program)]),
    witnesses,
    publics: RV32IM.publics(statement),
    messages: RV32IM.messages(statement),
  };
}

export function honest(program: Program.Program, input: readonly number[] = [], steps = 2 ** 16) {
  const machine = Machine.of(program, Uint32Array.from(input));
  const witnesses = [...segments(machine, steps)];
  const statement = statementOf(machine);
  return { program, machine, statement, witnesses, check: checkOf(program, statement, witnesses) };
}

export const problemsOf = (check: TraceCheck): string[] => checkTrace(check).map(showTraceProblem);
