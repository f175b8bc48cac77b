/**
 * The prover of any machine. It writes what `verifyProof` reads, in that order, on the same transcript.
 */
import { assert } from "../std/index.ts";
import { type Air, type Claim, type FixedColumns, openTranscript } from "../verifier/index.ts";
import { type Engine, start } from "./Engine.ts";
import { findWork } from "./findWork.ts";
import { randomness } from "./Randomness.ts";
import { type Committed, commitMain, finishSegment, loadKeys } from "./segment.ts";
import { writer } from "./Writer.ts";

export type Progress = { readonly phase: string; readonly done: number; readonly total: number };

export type ProveOptions = {
  readonly threads?: number;
  /** Called as work is done; `done` of `total` are in the unit of one cell of a trace. */
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

async function proveOn(engine: Engine, task: Task, options: ProveOptions): Promise<Uint8Array> {
  const random = options.seed === undefined ? undefined : randomness(options.seed);
  const output = writer();
  const { keys, fixed } = await loadKeys(engine, task);
  const claim: Claim = { ...task, keys };
  const { count } = task.segments;
  const transcript = openTranscript(claim, count);
  output.word(count);
  const step = (phase: string, done: number): void => {
    options.signal?.throwIfAborted();
    options.onProgress?.({ phase, done, total: count });
  };

  let kept: Committed | undefined;
  const base = engine.mark();
  const commitAt = async (index: number): Promise<Committed> => {
    engine.release(base);
    const witness = await task.segments.at(index);
    return commitMain(engine, claim, fixed, witness, random?.segment(index));
  };
  for (let index = 0; index < count; index++) {
    step("committing", index);
    kept = await commitAt(index);
    output.bytes(kept.heights);
    output.words(kept.main.root);
    transcript.absorb(kept.heights);
    transcript.absorb(kept.main.root);
  }
  await findWork(engine, transcript, claim.profile.grinding.bus, output);
  const challenge = { alpha: transcript.ext(), gamma: transcript.ext() };
  for (let index = 0; index < count; index++) {
    step("proving", index);
    const own = transcript.fork();
    own.absorb([index]);
    const committed = count === 1 ? kept! : await commitAt(index);
    await finishSegment(engine, claim, committed, challenge, own, output, options.signal);
  }
  step("done", count);
  return output.finish();
}
