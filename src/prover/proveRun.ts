/** Proving a run of the RISC-V machine: run it, cut it into segments, prove them. This code is unaudited. */

import { interpret, Machine, type Program } from "../riscv/index.ts";
import { assert, Bytes, err, ok, type Result } from "../std/index.ts";
import { type Air, claimOf, headerBytes, Layout, mostSegments, Profile, RV32IM, Statement } from "../verifier/index.ts";
import { start } from "./Engine.ts";
import { loadKeys } from "./keys.ts";
import { type ProveOptions, prove, type Segments } from "./prove.ts";
import { countPlaces, segments as witnesses } from "./witness/index.ts";

/** Steps in a segment: its columns and their extensions stay well below the 4 GiB of the kernels' memory. */
export const SEGMENT_STEPS = 2 ** 19;

export type RunOptions = ProveOptions & {
  readonly profile?: Profile.Profile;
  readonly segmentSteps?: number;
  /** A run that takes more steps is not proven. */
  readonly maxSteps?: number;
};

/** Why a run has no proof. */
export type RunProblem =
  | { readonly kind: "trapped"; readonly trap: Machine.Trap; readonly cycles: number }
  | { readonly kind: "too-long"; readonly maxSteps: number }
  /** More words were read or written than a statement may hold. */
  | { readonly kind: "tape-too-long"; readonly words: number; readonly maxWords: number }
  /** More words of memory were touched than the memory boundary has rows for. */
  | { readonly kind: "too-much-memory"; readonly words: number; readonly maxWords: number }
  /** The profile does not reach its bits with so many segments. */
  | {
      readonly kind: "too-many-segments";
      readonly profile: Profile.Profile["name"];
      readonly segments: number;
      readonly maxSegments: number;
      readonly maxSteps: number;
    };

export type ProvenRun = { readonly proof: Uint8Array; readonly statement: Statement.Statement };

/**
 * Steps of the longest run that is proven. A step sends and receives about thirty messages, padding included, and a proof
 * must hold fewer than p ≈ 2^31 of them; a longer run would end in a proof that every verifier refuses.
 */
const MAX_STEPS = 2 ** 25;

/** Places of the tallest memory boundary, hidden rows aside. */
const MAX_PLACES = 2 ** Layout.MAX_LOG_HEIGHT - Layout.HIDDEN_ROWS;

/** Fields of the widest message. */
const WIDEST = Math.max(...RV32IM.machine.buses.map((bus) => bus.fields.length));

/** Runs the program on the input tape and proves the run. With a seed the proof hides everything but the statement. */
export async function proveRun(
  program: Program.Program,
  tape: Uint32Array,
  options: RunOptions = {},
): Promise<Result<ProvenRun, RunProblem>> {
  const profile = options.profile ?? Profile.STD100;
  const maxSteps = Math.min(options.maxSteps ?? MAX_STEPS, MAX_STEPS);
  const machine = Machine.of(program, tape);
  interpret(machine, maxSteps);
  const { status, cycles } = machine;
  if (status.kind === "trapped") return err({ kind: "trapped", trap: status.trap, cycles });
  if (status.kind === "running") return err({ kind: "too-long", maxSteps });
  const words = Math.max(machine.inputAt, machine.output.length);
  if (words > Statement.TAPE_MAX_WORDS) {
    return err({ kind: "tape-too-long", words, maxWords: Statement.TAPE_MAX_WORDS });
  }
  const segmentSteps = options.segmentSteps ?? SEGMENT_STEPS;
  const count = Math.ceil(cycles / segmentSteps);
  const maxSegments = mostSegments(profile, WIDEST);
  if (count > maxSegments) {
    const maxSteps = maxSegments * segmentSteps;
    return err({ kind: "too-many-segments", profile: profile.name, segments: count, maxSegments, maxSteps });
  }
  // A step touches one word at most, so only a long run can touch too many.
  const places = cycles > MAX_PLACES - 2 ** 21 ? countPlaces(program, tape) : 0;
  if (places > MAX_PLACES) return err({ kind: "too-much-memory", words: places, maxWords: MAX_PLACES });
  const fixed = new Map([...RV32IM.constants(), ...RV32IM.programColumns(program)]);
  const hiding = options.seed !== undefined;
  const key = await programKey(program, options.threads ?? 2);
  const statement: Statement.Statement = {
    image: { entry: program.entry, base: program.base, key },
    input: Uint32Array.from(tape.subarray(0, machine.inputAt)),
    output: Uint32Array.from(machine.output),
    marks: Uint32Array.from(machine.marks),
    exitCode: status.code >>> 0,
    cycles,
  };
  const segments = segmentsOf(program, tape, cycles, segmentSteps);
  const body = await prove({ ...claimOf(statement, profile, hiding), fixed, segments }, options);
  return ok({ proof: Bytes.concat(headerBytes(statement, profile, hiding), body), statement });
}

/** The program's key, by the kernels; `imageOf` computes the same without them. */
export async function programKey(program: Program.Program, threads = 0): Promise<Statement.Image["key"]> {
  const engine = start(threads);
  try {
    const machine = {
      ...RV32IM.machine,
      tables: RV32IM.machine.tables.filter((table) => table.fixedGroup === "program"),
    };
    const { keys } = await loadKeys(engine, { machine, fixed: RV32IM.programColumns(program), hiding: false });
    return keys.program!;
  } finally {
    await engine.close();
  }
}

/** The witness of each segment; asking for the first one again runs the machine again. */
function segmentsOf(program: Program.Program, tape: Uint32Array, cycles: number, steps: number): Segments {
  let source: Generator<Air.Witness> | undefined;
  let next = 0;
  return {
    count: Math.ceil(cycles / steps),
    at(index) {
      if (index === 0) {
        source = witnesses(Machine.of(program, tape), Math.min(steps, cycles));
        next = 0;
      }
      assert(source !== undefined && index === next, "segments are asked for in order");
      next++;
      const witness = source.next();
      assert(witness.done !== true, "a run has the segments that were counted");
      return witness.value;
    },
  };
}
