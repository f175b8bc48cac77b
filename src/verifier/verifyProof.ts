/**
 * The verifier of any machine: reads a proof in one pass and accepts it only when every byte is as it must be. The
 * order of reading is the order of the transcript; `docs/spec/proof.md` gives both.
 */
import { BabyBear, Ext } from "../field/index.ts";
import type { Machine, Message } from "./air.ts";
import * as Blake3 from "./Blake3.ts";
import { type BusChallenge, messageSum, type Openings, powerOfHeight, quotientAgrees } from "./constraints.ts";
import { claims, reducedWord } from "./deep.ts";
import { evaluateAt, foldCoset, pointAt } from "./fold.ts";
import { hidingMachine } from "./hiding.ts";
import {
  ABSENT,
  FINAL_LOG_DEGREE,
  groupTables,
  KEY_BLOWUP_BITS,
  type Keys,
  keyHeight,
  segment as layOut,
  MAX_LOG_HEIGHT,
  MAX_SEGMENTS_COUNT,
  MIN_HIDING_LOG_HEIGHT,
  MIN_LOG_HEIGHT,
  type Placed,
  type Segment,
} from "./layout.ts";
import { machineDigest } from "./machineDigest.ts";
import { checkPaths, distinct, readOpening } from "./opening.ts";
import type { Profile } from "./Profile.ts";
import type { Reader } from "./Reader.ts";
import * as Transcript from "./Transcript.ts";

/** What is proven: that the machine, with these fixed columns, has traces that balance with these messages. */
export type Claim = {
  readonly machine: Machine;
  readonly keys: Keys;
  readonly publics: readonly number[];
  readonly messages: readonly Message[];
  /** All of the statement that the messages and publics are made from, for the transcript. */
  readonly statement: Blake3.Digest;
  readonly profile: Profile;
  readonly hiding: boolean;
};

/** The transcript that both sides start from. */
export function openTranscript(claim: Claim, segments: number): Transcript.Transcript {
  const transcript = Transcript.start("time-bandits proof 1");
  const { profile } = claim;
  transcript.absorb([profile.code, claim.hiding ? 1 : 0, profile.blowupBits, profile.queries]);
  transcript.absorb(machineDigest(claim.machine));
  transcript.absorb(claim.statement);
  for (const group of ["constants", "program"] as const) {
    const key = claim.keys[group];
    transcript.absorb([key === undefined ? 0 : 1]);
    if (key !== undefined) {
      transcript.absorb(key.logHeights);
      transcript.absorb(key.root);
    }
  }
  transcript.absorb([claim.publics.length, ...claim.publics]);
  transcript.absorb([claim.messages.length]);
  transcript.absorb([segments]);
  return transcript;
}

/** Reads the whole proof and returns the shapes of its segments; on a refusal, which the reader holds, nothing. */
export function verifyProof(
  given: Claim,
  input: Reader,
  hashRows: Blake3.RowHasher = Blake3.plainRows,
): Segment[] | undefined {
  const claim = given.hiding ? { ...given, machine: hidingMachine(given.machine) } : given;
  const { machine, profile, hiding } = claim;
  const count = input.word("number of segments");
  if (count < 1 || count > MAX_SEGMENTS_COUNT) {
    input.refuse("shape", "number of segments", `1 to ${MAX_SEGMENTS_COUNT}`, String(count));
    return undefined;
  }
  const transcript = openTranscript(claim, count);
  const segments: { layout: Segment; mainRoot: Blake3.Digest }[] = [];
  let terms = claim.messages.length;
  for (let s = 0; s < count; s++) {
    const heights = input.bytes(machine.tables.length, `heights of segment ${s}`);
    const mainRoot = input.digest(`main root of segment ${s}`);
    if (input.refusal() !== undefined || !checkHeights(claim, heights, input)) return undefined;
    transcript.absorb(heights);
    transcript.absorb(mainRoot);
    const layout = layOut(machine, heights, claim.keys, profile, hiding);
    for (const placed of layout.tables) terms += 2 ** placed.logHeight * placed.table.interactions.length;
    // Counts of messages add up modulo p; below p of them they add up as whole numbers.
    if (terms >= BabyBear.P) {
      input.refuse("bus", "number of messages", `fewer than ${BabyBear.P}`, String(terms));
      return undefined;
    }
    segments.push({ layout, mainRoot });
  }
  if (!readWork(input, transcript, profile.grinding.bus, "work before the bus challenge")) return undefined;
  const challenge = { alpha: transcript.ext(), gamma: transcript.ext() };
  const ofStatement = messageSum(machine, claim.messages, challenge);
  if (ofStatement === undefined) {
    input.refuse("bus", "messages of the statement", "an inverse", "zero");
    return undefined;
  }
  let total = ofStatement;
  for (let s = 0; s < count; s++) {
    const own = transcript.fork();
    own.absorb([s]);
    const { layout, mainRoot } = segments[s]!;
    const sums = verifySegment({ claim, layout, mainRoot, challenge, transcript: own, input, hashRows });
    if (input.refusal() !== undefined) return undefined;
    total = sums.reduce(Ext.add, total);
  }
  if (!Ext.isZero(total)) {
    input.refuse("bus", "sum over all tables", "0", total.join(" "));
    return undefined;
  }
  input.end();
  return input.refusal() === undefined ? segments.map((segment) => segment.layout) : undefined;
}

function checkHeights(claim: Claim, heights: Uint8Array, input: Reader): boolean {
  const { machine, keys, hiding } = claim;
  const least = hiding ? MIN_HIDING_LOG_HEIGHT : MIN_LOG_HEIGHT;
  const wrong = (where: string, expected: string, got: number): boolean => {
    input.refuse("shape", where, expected, got === ABSENT ? "absent" : String(got));
    return false;
  };
  if (heights.every((height) => height === ABSENT)) return wrong("heights", "some table", ABSENT);
  for (const [index, table] of machine.tables.entries()) {
    const height = heights[index]!;
    const fixedHeight = keyHeight(machine, keys, table);
    const where = `height of table ${table.name}`;
    if (table.fixedGroup !== undefined) {
      const first = machine.tables.indexOf(groupTables(machine, table.fixedGroup)[0]!);
      if ((heights[first] === ABSENT) !== (height === ABSENT)) {
        return wrong(where, `all tables of ${table.fixedGroup} or none`, height);
      }
      if (height !== ABSENT && height !== fixedHeight) return wrong(where, String(fixedHeight), height);
    }
    if (height !== ABSENT && (height < least || height > MAX_LOG_HEIGHT)) {
      return wrong(where, `${least} to ${MAX_LOG_HEIGHT}`, height);
    }
  }
  return true;
}

function readWork(input: Reader, transcript: Transcript.Transcript, bits: number, where: string): boolean {
  if (bits === 0) return true;
  const nonce = input.word(where);
  if (input.refusal() === undefined && !transcript.checkWork(nonce, bits)) {
    input.refuse("work", where, `${bits} bits`, `nonce ${nonce}`);
  }
  return input.refusal() === undefined;
}

type SegmentTask = {
  readonly claim: Claim;
  readonly layout: Segment;
  readonly mainRoot: Blake3.Digest;
  readonly challenge: BusChallenge;
  readonly transcript: Transcript.Transcript;
  readonly input: Reader;
  readonly hashRows: Blake3.RowHasher;
};

/** Verifies one segment; returns the claimed sums of its tables. */
function verifySegment(task: SegmentTask): Ext.Ext[] {
  const { claim, layout, mainRoot, challenge, transcript, input, hashRows } = task;
  const { profile, hiding } = claim;
  const roots = new Map<string, Blake3.Digest>([["main", mainRoot]]);
  for (const group of ["constants", "program"] as const) {
    const key = claim.keys[group];
    if (key !== undefined) roots.set(group, key.root);
  }
  const readRoot = (name: string): void => {
    if (!layout.trees.some((tree) => tree.name === name)) return;
    const root = input.digest(`${name} root`);
    roots.set(name, root);
    transcript.absorb(root);
  };
  const readExt = (where: string): Ext.Ext => {
    const value = input.ext(where);
    transcript.absorbExt(value);
    return value;
  };

  readRoot("bus");
  const sums = layout.tables.map((placed) =>
    placed.busColumns === 0 ? Ext.ZERO : readExt(`sum of table ${placed.table.name}`),
  );
  const lambda = transcript.ext();
  readRoot("quotient");
  readRoot("mask");
  if (!readWork(input, transcript, profile.grinding.point, "work before the point")) return sums;
  const z = transcript.ext();
  const openings = layout.tables.map((placed) => readOpenings(placed, readExt));
  const mask = hiding ? [0, 1, 2, 3, 4].map(() => readExt("mask at z")) : [];
  if (input.refusal() !== undefined) return sums;
  for (const [place, placed] of layout.tables.entries()) {
    const { machine, publics } = claim;
    const sum = sums[place]!;
    const agrees = quotientAgrees({
      machine,
      placed,
      hiding,
      publics,
      challenge,
      sum,
      lambda,
      z,
      openings: openings[place]!,
    });
    if (!agrees) {
      input.refuse("constraint", `table ${placed.table.name}`, "constraints that fold to the quotient", "others");
      return sums;
    }
  }
  if (!readWork(input, transcript, profile.grinding.batch, "work before the batch challenge")) return sums;
  verifyLowDegree({ claim, layout, roots, openings, mask, z, transcript, input, hashRows });
  return sums;
}

function readOpenings(placed: Placed, readExt: (where: string) => Ext.Ext): Openings {
  const { table } = placed;
  const list = (count: number, what: string): Ext.Ext[] =>
    Array.from({ length: count }, () => readExt(`${what} of table ${table.name}`));
  return {
    fixed: list(table.fixed.length, "fixed columns"),
    main: list(table.main.length, "main columns"),
    bus: list(placed.busColumns, "bus columns"),
    quotient: list(placed.quotientColumns, "quotient"),
    nextFixed: list(table.usesNext ? table.fixed.length : 0, "next fixed columns"),
    nextMain: list(table.usesNext ? table.main.length : 0, "next main columns"),
    nextBus: list(placed.busColumns === 0 ? 0 : 5, "next running sum"),
  };
}

type LowDegree = {
  readonly claim: Claim;
  readonly layout: Segment;
  readonly roots: ReadonlyMap<string, Blake3.Digest>;
  readonly openings: readonly Openings[];
  readonly mask: readonly Ext.Ext[];
  readonly z: Ext.Ext;
  readonly transcript: Transcript.Transcript;
  readonly input: Reader;
  readonly hashRows: Blake3.RowHasher;
};

function verifyLowDegree(of: LowDegree): void {
  const { layout, transcript, input, z, hashRows } = of;
  const { profile } = of.claim;
  const phi = transcript.ext();
  const folds: { root: Blake3.Digest; beta: Ext.Ext }[] = [];
  for (const [i] of layout.folds.entries()) {
    const root = input.digest(`root of fold ${i}`);
    transcript.absorb(root);
    if (!readWork(input, transcript, profile.grinding.fold, `work before fold ${i}`)) return;
    folds.push({ root, beta: transcript.ext() });
  }
  const final = Array.from({ length: 2 ** FINAL_LOG_DEGREE }, () => {
    const value = input.ext("final polynomial");
    transcript.absorbExt(value);
    return value;
  });
  if (!readWork(input, transcript, profile.grinding.query, "work before the queries")) return;
  const logLength = layout.logMax + layout.blowupBits;
  const queries = distinct(Array.from({ length: profile.queries }, () => transcript.index(logLength)));

  const opened = layout.trees.flatMap((tree) => {
    const spare = tree.name === "constants" || tree.name === "program" ? KEY_BLOWUP_BITS - layout.blowupBits : 0;
    const leaves = distinct(queries.map((query) => query >>> (logLength - (tree.logLeaves - spare))));
    return input.refusal() === undefined ? readOpening(input, tree, of.roots.get(tree.name)!, leaves, hashRows) : [];
  });
  if (input.refusal() !== undefined) return;

  const points = layout.tables.map((placed) => powerOfHeight(z, placed.logHeight + layout.blowupBits));
  if (
    points.some((power, i) => Ext.equal(power, Ext.of(shiftPower(layout.tables[i]!.logHeight + layout.blowupBits))))
  ) {
    input.refuse("constraint", "point", "a point outside of the evaluation domain", z.join(" "));
    return;
  }
  const words = new Map(
    claims(layout, of.openings, of.mask).map((height) => {
      const log = height.logHeight + layout.blowupBits;
      const positions = distinct(queries.map((query) => query >>> (logLength - log)));
      return [log, reducedWord(layout, height, opened, positions, z, phi)] as const;
    }),
  );

  let word: ReadonlyMap<number, Ext.Ext> = words.get(logLength)!;
  for (const [i, { logLength: log, bits }] of layout.folds.entries()) {
    const { root, beta } = folds[i]!;
    const folded = verifyFold({ input, where: `fold ${i}`, root, word, logLength: log, bits, beta, hashRows });
    if (folded === undefined) return;
    const joining = words.get(log - bits);
    if (joining !== undefined) {
      const weight = Ext.pow(beta, 2 ** bits);
      for (const [index, value] of folded) folded.set(index, Ext.add(value, Ext.mul(weight, joining.get(index)!)));
    }
    word = folded;
  }
  const logFinal = FINAL_LOG_DEGREE + layout.blowupBits;
  for (const [index, value] of word) {
    if (!Ext.equal(value, evaluateAt(final, pointAt(index, logFinal)))) {
      input.refuse("fold", "final polynomial", value.join(" "), "another value");
      return;
    }
  }
}

const shiftPower = (log: number): number => BabyBear.pow(BabyBear.GENERATOR, 2 ** log);

type FoldTask = {
  readonly input: Reader;
  readonly where: string;
  readonly root: Blake3.Digest;
  /** Values of the word that are known so far, by position. */
  readonly word: ReadonlyMap<number, Ext.Ext>;
  readonly logLength: number;
  readonly bits: number;
  readonly beta: Ext.Ext;
  readonly hashRows: Blake3.RowHasher;
};

/** Reads the cosets of one committed word, checks them against the values known so far, and folds them. */
function verifyFold(task: FoldTask): Map<number, Ext.Ext> | undefined {
  const { input, where, word, logLength, bits, hashRows } = task;
  const size = 2 ** bits;
  const cosets = distinct([...word.keys()].map((index) => index >>> bits));
  const all = new Uint32Array(5 * size * cosets.length);
  const values = new Map<number, Ext.Ext[]>();
  for (const [i, coset] of cosets.entries()) {
    const words = input.elements(5 * size, where);
    all.set(words, 5 * size * i);
    const list: Ext.Ext[] = [];
    for (let at = 0; at < words.length; at += 5) {
      list.push([words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!, words[at + 4]!]);
    }
    values.set(coset, list);
  }
  if (input.refusal() !== undefined) return undefined;
  for (const [index, value] of word) {
    const committed = values.get(index >>> bits)![index % size]!;
    if (!Ext.equal(committed, value)) {
      input.refuse("fold", where, value.join(" "), committed.join(" "));
      return undefined;
    }
  }
  const level = { indices: cosets, digests: hashRows(all, 5 * size) };
  checkPaths(input, where, logLength - bits, new Map([[logLength - bits, level]]), task.root, hashRows);
  if (input.refusal() !== undefined) return undefined;
  return new Map(cosets.map((coset) => [coset, foldCoset(values.get(coset)!, coset, logLength, task.beta)]));
}
