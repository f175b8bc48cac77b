/**
 * The prover of any machine. It writes what `verifyProof` reads, in that order, on the same transcript.
 */
import { assert } from "../std/index.ts";
import { type Air, type Claim, type FixedColumns, hidingMachine, openTranscript } from "../verifier/index.ts";
import { type Engine, start } from "./Engine.ts";
import { findWork } from "./findWork.ts";
import { loadKeys } from "./keys.ts";
import { randomness } from "./Randomness.ts";
import { type Committed, commitMain, finishSegment } from "./segment.ts";
import { writer } from "./Writer.ts";

export type Progress = {
  readonly phase: string;
  /** Of `total`, in proportion to time as well as can be told. */
  readonly done: number;
  readonly total: number;
};

/** Says how much of a step is done, from 0 to 1; throws when the caller asked to stop. */
export type Meter = (fraction: number) => void;

/** Shares of the time of a segment. */
const COMMIT_SHARE = 20;
const FINISH_SHARE = 80;

export type ProveOptions = {
  readonly threads?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** 32 bytes that hide the witness; needed exactly when the claim is hiding, and never used twice. */
  readonly seed?: Uint8Array;
  readonly signal?: AbortSignal;
};

/** Segments of a run, each made when it is asked for, and asked for twice when there are several. */
export type Segments = { readonly count: number; at(index: number): Air.Witness | Promise<Air.Witness> };

/** What the prover needs to know of the claim; keys are computed from the fixed columns. */
export type Task = Omit<Claim, "keys"> & { readonly fixed: FixedColumns; readonly segments: Segments };

/** Proves the task. The witness is believed: a wrong one gives a proof that `verifyProof` refuses. */
export async function prove(task: Task, options: ProveOptions = {}): Promise<Uint8Array> {
  assert(task.hiding === (options.seed !== undefined), "a seed is given exactly for a hiding proof");
  const engine = start(options.threads ?? 2);
  try {
    return await proveOn(engine, task, options);
  } finally {
    await engine.close();
  }
}

/** The same on an engine that the caller starts and closes. */
export async function proveOn(engine: Engine, given: Task, options: ProveOptions = {}): Promise<Uint8Array> {
  const task = given.hiding ? { ...given, machine: hidingMachine(given.machine) } : given;
  const random = options.seed === undefined ? undefined : randomness(options.seed);
  const output = writer();
  const { keys, fixed } = await loadKeys(engine, task);
  const claim: Claim = { ...task, keys };
  const { count } = task.segments;
  const transcript = openTranscript(claim, count);
  output.word(count);
  // Several segments are committed twice: to draw the shared challenge, and to be proven.
  const commits = count === 1 ? 1 : 2;
  const total = count * (commits * COMMIT_SHARE + FINISH_SHARE);
  let before = 0;
  const meter = (phase: string, share: number): Meter => {
    const from = before;
    before += share;
    return (fraction) => {
      options.signal?.throwIfAborted();
      options.onProgress?.({ phase, done: from + share * fraction, total });
    };
  };

  let kept: Committed | undefined;
  const base = engine.mark();
  const commitAt = async (index: number): Promise<Committed> => {
    engine.release(base);
    const report = meter("committing", COMMIT_SHARE);
    report(0);
    const witness = await task.segments.at(index);
    return commitMain(engine, claim, fixed, witness, random?.segment(index, count), report);
  };
  for (let index = 0; index < count; index++) {
    kept = await commitAt(index);
    output.bytes(kept.heights);
    output.words(kept.main.root);
    transcript.absorb(kept.heights);
    transcript.absorb(kept.main.root);
  }
  await findWork(engine, transcript, claim.profile.grinding.bus, output);
  const challenge = { alpha: transcript.ext(), gamma: transcript.ext() };
  for (let index = 0; index < count; index++) {
    const own = transcript.fork();
    own.absorb([index]);
    const committed = count === 1 ? kept! : await commitAt(index);
    await finishSegment(engine, claim, committed, challenge, own, output, meter("proving", FINISH_SHARE));
  }
  return output.finish();
}
