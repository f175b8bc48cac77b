import { prove, proveRun } from "../../src/prover/index.ts";
import { segments } from "../../src/prover/witness/index.ts";
import { Machine, type Program } from "../../src/riscv/index.ts";
import { claimOf, headerBytes, type Profile, RV32IM } from "../../src/verifier/index.ts";

/** A proof in any number of segments, also where `proveRun` refuses to make it. */
export async function manySegments(
  program: Program.Program,
  tape: Uint32Array,
  profile: Profile.Profile,
  count: number,
): Promise<Uint8Array> {
  const whole = await proveRun(program, tape, { threads: 0 });
  if (!whole.ok) throw new Error(JSON.stringify(whole.error));
  const { statement } = whole.value;
  const witnesses = [...segments(Machine.of(program, tape), Math.ceil(statement.cycles / count))];
  const body = await prove(
    {
      ...claimOf(statement, profile, false),
      fixed: new Map([...RV32IM.constants(), ...RV32IM.programColumns(program)]),
      segments: { count: witnesses.length, at: (index) => witnesses[index]! },
    },
    { threads: 0 },
  );
  return new Uint8Array(Buffer.concat([headerBytes(statement, profile, false), body]));
}
