import { Blake3 } from "../verifier/index.ts";
import { type Engine, start } from "./Engine.ts";

let engine: Engine | undefined;

/** The verifier's hash of rows by the kernels: what `verifyRun` takes as its third argument. */
export const kernelRows: Blake3.RowHasher = (words, width) => {
  engine ??= start(0);
  const mark = engine.mark();
  const rows = words.length / width;
  const source = engine.alloc(4 * words.length);
  const out = engine.alloc(4 * Blake3.DIGEST_WORDS * rows);
  engine.words(source, words.length).set(words);
  engine.runHere("hashWords", rows, source, width, out);
  const digests = engine.words(out, Blake3.DIGEST_WORDS * rows).slice();
  engine.release(mark);
  return digests;
};
