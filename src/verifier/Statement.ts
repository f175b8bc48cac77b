/**
 * What a proof of a run says: the program with this image id, started with this input tape, read exactly these words
 * of it, wrote this output tape, and exited with this code after so many cycles.
 */
import { Bytes } from "../std/index.ts";
import * as Blake3 from "./Blake3.ts";
import type { Key } from "./layout.ts";

/** Words of a tape that a statement may hold; each is a message that the verifier adds up. */
export const TAPE_MAX_WORDS = 2 ** 20;

/** A program as the verifier knows it: where it starts and where its memory window starts, and its fixed columns. */
export type Image = {
  readonly entry: number;
  readonly base: number;
  readonly key: Key;
};

export type Statement = {
  readonly image: Image;
  /** The words that the run has read, in order. */
  readonly input: Uint32Array;
  readonly output: Uint32Array;
  /** Places of the output tape, ascending, whose words were written by `effect`. */
  readonly marks: Uint32Array;
  /** a0 at the exit, unsigned. */
  readonly exitCode: number;
  readonly cycles: number;
};

const tagged = (tag: string, words: ArrayLike<number>): Blake3.Digest => {
  const label = Blake3.ofBytes(Bytes.fromText(tag));
  const all = new Uint32Array(label.length + words.length);
  all.set(label);
  all.set(words, label.length);
  return Blake3.ofWords(all);
};

/** The name of a program: the hash of its entry, its window and the root over its decoded code and initial memory. */
export const imageId = (image: Image): Blake3.Digest =>
  tagged("time-bandits image 1", [
    image.entry,
    image.base,
    image.key.logHeights.length,
    ...image.key.logHeights,
    ...image.key.root,
  ]);

/** The hash of a tape: of its words, little-endian. */
export const tapeHash = (words: Uint32Array): Blake3.Digest => Blake3.ofWords(words);

/** What the transcript absorbs of the statement. */
export const digest = (statement: Statement): Blake3.Digest =>
  tagged("time-bandits run 1", [
    ...imageId(statement.image),
    statement.input.length,
    ...tapeHash(statement.input),
    statement.output.length,
    ...tapeHash(statement.output),
    statement.marks.length,
    ...tapeHash(statement.marks),
    statement.exitCode,
    statement.cycles,
  ]);
