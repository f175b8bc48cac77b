import { assert } from "../std/index.ts";
import type { Transcript } from "../verifier/index.ts";
import type { Engine } from "./Engine.ts";
import type { Writer } from "./Writer.ts";

/** Nonces tried in one go, and by a worker at a time. */
const ROUND = 1 << 24;
const GRAIN = 1 << 14;
const NONE = 0xffffffff;

/** Finds the smallest nonce with the work, writes it and absorbs it; nothing when no work is asked for. */
export async function findWork(
  engine: Engine,
  transcript: Transcript.Transcript,
  bits: number,
  output: Writer,
): Promise<void> {
  if (bits === 0) return;
  const mark = engine.mark();
  const prefix = engine.alloc(64);
  engine.words(prefix, 9).set([2, ...transcript.workState()]);
  const found = engine.words(prefix + 40, 1);
  found[0] = NONE;
  // 2^31 tries for 20 bits: the chance to find none is below 2^-1000.
  for (let round = 0; round < 128 && found[0] === NONE; round++) {
    await tryRange(round * ROUND);
  }
  const nonce = found[0]!;
  engine.release(mark);
  assert(nonce !== NONE && transcript.checkWork(nonce, bits), "no nonce with the work");
  output.word(nonce);

  async function tryRange(from: number): Promise<void> {
    await engine.run("grind", ROUND, GRAIN, prefix, 2 ** bits - 1, prefix + 40, from);
  }
}
