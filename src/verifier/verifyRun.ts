/**
 * The verifier of runs: a proof carries its statement, and is accepted only if exactly that statement is proven.
 * `docs/spec/proof.md` gives the bytes. This code is unaudited.
 */

import type { Program } from "../riscv/index.ts";
import { Program as Programs } from "../riscv/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import * as Blake3 from "./Blake3.ts";
import { keyOf } from "./key.ts";
import { groupTables, MAX_LOG_HEIGHT, MIN_LOG_HEIGHT } from "./layout.ts";
import { machineDigest } from "./machineDigest.ts";
import { byCode, type Profile } from "./Profile.ts";
import { type Reader, type Refusal, reader } from "./Reader.ts";
import * as Statement from "./Statement.ts";
import { type Soundness, soundness } from "./soundness.ts";
import { RiscV, RV32IM } from "./tables/index.ts";
import { type Claim, verifyProof } from "./verifyProof.ts";

/** The first bytes of every proof: a name and the format. */
export const MAGIC: Uint8Array = Uint8Array.from([...Bytes.fromText("tbproof"), 1]);
export const PROOF_MAX_BYTES = 2 ** 31;
/** Steps have times 4(n+1) below 2^30. */
export const CYCLES_MAX_COUNT = 2 ** 28 - 2;

export type Verdict = {
  readonly statement: Statement.Statement;
  readonly imageId: Blake3.Digest;
  readonly profile: Profile;
  readonly hiding: boolean;
  readonly segments: number;
  readonly soundness: Soundness;
};

/** What the caller insists on; a field left out is only reported. */
export type Expected = {
  readonly imageId?: Blake3.Digest;
  readonly input?: Uint32Array;
  readonly output?: Uint32Array;
  readonly exitCode?: number;
  readonly profile?: Profile["name"];
};

/** The image of a program: what its image id names. */
export function imageOf(program: Program.Program): Statement.Image {
  const key = keyOf(RiscV, "program", RV32IM.programColumns(program), false)!;
  return { entry: program.entry, base: program.base, key };
}

/** The claim that a statement of this profile and mode makes to the verifier of any machine. */
export function claimOf(statement: Statement.Statement, profile: Profile, hiding: boolean): Claim {
  return {
    machine: RiscV,
    keys: {
      constants: hiding ? RV32IM.constantsKey.hiding : RV32IM.constantsKey.plain,
      program: statement.image.key,
    },
    publics: RV32IM.publics(statement),
    messages: RV32IM.messages(statement),
    statement: Statement.digest(statement),
    profile,
    hiding,
  };
}

/**
 * Accepts a proof and gives back what it proves, or says why not. Bounded by the length of the bytes; never throws.
 * `hashRows` may be a faster implementation of the same hash, which the caller then trusts.
 */
export function verifyRun(
  bytes: Uint8Array,
  expected: Expected = {},
  hashRows: Blake3.RowHasher = Blake3.plainRows,
): Result<Verdict, Refusal> {
  const input = reader(bytes);
  if (bytes.length > PROOF_MAX_BYTES) input.refuse("extended", "proof", `${PROOF_MAX_BYTES} bytes`, `${bytes.length}`);
  const header = readHeader(input);
  if (header === undefined) return err(input.refusal()!);
  const { profile, hiding, statement } = header;
  const imageId = Statement.imageId(statement.image);
  checkExpected(input, expected, header, imageId);
  if (input.refusal() !== undefined) return err(input.refusal()!);
  const claim = claimOf(statement, profile, hiding);
  const segments = verifyProof(claim, input, hashRows);
  const refusal = input.refusal();
  if (refusal !== undefined || segments === undefined) return err(refusal!);
  const strength = soundness(segments, profile, claim.messages.length);
  if (strength.bits < profile.bits) {
    return err({
      kind: "profile",
      where: "proven soundness at this size",
      expected: `${profile.bits} bits`,
      got: `${strength.bits}`,
    });
  }
  return ok({ statement, imageId, profile, hiding, segments: segments.length, soundness: strength });
}

type Header = { readonly profile: Profile; readonly hiding: boolean; readonly statement: Statement.Statement };

function readHeader(input: Reader): Header | undefined {
  const magic = input.bytes(MAGIC.length, "format");
  if (!Bytes.equal(magic, MAGIC)) input.refuse("format", "first bytes", Bytes.toHex(MAGIC), Bytes.toHex(magic));
  const code = input.byte("profile");
  const profile = byCode(code);
  if (profile === undefined) input.refuse("profile", "profile", "1, 2 or 3", String(code));
  const mode = input.byte("mode");
  if (mode > 1) input.refuse("format", "mode", "0 or 1", String(mode));
  const machine = input.digest("machine");
  const own = machineDigest(RiscV);
  if (!Blake3.equal(machine, own)) input.refuse("machine", "tables", Blake3.show(own), Blake3.show(machine));
  const statement = readStatement(input);
  if (input.refusal() !== undefined || profile === undefined || statement === undefined) return undefined;
  return { profile, hiding: mode === 1, statement };
}

function readStatement(input: Reader): Statement.Statement | undefined {
  const entry = input.word("entry");
  const base = input.word("base");
  if (entry % 4 !== 0) input.refuse("statement", "entry", "a multiple of 4", String(entry));
  if (base % 4 !== 0 || base > 2 ** 32 - Programs.WINDOW_BYTES) {
    input.refuse("statement", "base", "the start of a window", String(base));
  }
  const logHeights = [...input.bytes(groupTables(RiscV, "program").length, "heights of the program")];
  for (const height of logHeights) {
    if (height < MIN_LOG_HEIGHT || height > MAX_LOG_HEIGHT) {
      input.refuse("statement", "height of the program", `${MIN_LOG_HEIGHT} to ${MAX_LOG_HEIGHT}`, String(height));
    }
  }
  const root = input.digest("root of the program");
  const tape = (where: string): Uint32Array | undefined => {
    const length = input.word(`length of ${where}`);
    if (length > Statement.TAPE_MAX_WORDS) {
      input.refuse("statement", where, `at most ${Statement.TAPE_MAX_WORDS} words`, String(length));
    }
    return input.refusal() === undefined ? input.words(length, where) : undefined;
  };
  const read = tape("the input tape");
  const output = tape("the output tape");
  const marks = tape("the marks");
  const exitCode = input.word("exit code");
  const cycles = input.word("cycles");
  if (read === undefined || output === undefined || marks === undefined) return undefined;
  for (let i = 0; i < marks.length; i++) {
    if (marks[i]! >= output.length || (i > 0 && marks[i]! <= marks[i - 1]!)) {
      input.refuse("statement", "marks", "ascending places of the output tape", String(marks[i]));
    }
  }
  if (cycles < 1 || cycles > CYCLES_MAX_COUNT) {
    input.refuse("statement", "cycles", `1 to ${CYCLES_MAX_COUNT}`, String(cycles));
  }
  return { image: { entry, base, key: { root, logHeights } }, input: read, output, marks, exitCode, cycles };
}

function checkExpected(input: Reader, expected: Expected, header: Header, imageId: Blake3.Digest): void {
  const { statement, profile } = header;
  if (expected.imageId !== undefined && !Blake3.equal(expected.imageId, imageId)) {
    input.refuse("program", "image id", Blake3.show(expected.imageId), Blake3.show(imageId));
  }
  for (const which of ["input", "output"] as const) {
    const tape = expected[which];
    if (tape !== undefined && !sameWords(tape, statement[which])) {
      const show = (words: Uint32Array): string => `${words.length} words, ${Blake3.show(Statement.tapeHash(words))}`;
      input.refuse("statement", `${which} tape`, show(tape), show(statement[which]));
    }
  }
  if (expected.exitCode !== undefined && expected.exitCode >>> 0 !== statement.exitCode) {
    input.refuse("statement", "exit code", String(expected.exitCode >>> 0), String(statement.exitCode));
  }
  if (expected.profile !== undefined && expected.profile !== profile.name) {
    input.refuse("profile", "profile", expected.profile, profile.name);
  }
}

const sameWords = (a: Uint32Array, b: Uint32Array): boolean =>
  a.length === b.length && a.every((word, i) => word === b[i]);

/** The bytes of everything before the machine-independent proof; `readHeader`'s counterpart. */
export function headerBytes(statement: Statement.Statement, profile: Profile, hiding: boolean): Uint8Array {
  const { image, input, output, marks, exitCode, cycles } = statement;
  const words = (...list: ArrayLike<number>[]): Uint8Array => {
    const all = list.flatMap((part) => Array.from(part));
    return Blake3.toBytes(Uint32Array.from(all));
  };
  return Bytes.concat(
    MAGIC,
    Uint8Array.from([profile.code, hiding ? 1 : 0]),
    words(machineDigest(RiscV), [image.entry, image.base]),
    Uint8Array.from(image.key.logHeights),
    words(image.key.root, [input.length], input, [output.length], output, [marks.length], marks, [exitCode, cycles]),
  );
}
