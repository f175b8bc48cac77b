/**
 * A second verifier, written from docs/spec/proof.md, machine.md and rv32im-tables.txt alone: that it can be is the
 * test of these pages. It shares no code with the first one, prefers the words of the page to speed, and is not part
 * of what is shipped. The numbers in comments are the steps of proof.md, "The bytes of a proof".
 */
import { hash, hashText } from "./Blake3.ts";
import { extended, padded } from "./Domain.ts";
import { addE, ext, inverseE, isZero, P, scale, zero } from "./Field.ts";
import { denominator, hidingText, type Machine, readMachine } from "./Machine.ts";
import { Present } from "./Present.ts";
import { insist, Reader, Refusal } from "./Reader.ts";
import { type Segment, shapeOf, verifySegment } from "./Segment.ts";
import { bits, profiles } from "./Soundness.ts";
import { Transcript } from "./Transcript.ts";
import { rootOf } from "./Tree.ts";

export type Statement = {
  profile: string;
  hiding: boolean;
  imageId: string;
  input: number[];
  output: number[];
  marks: number[];
  exitCode: number;
  cycles: number;
  segments: number;
  bits: number;
};
export type Verdict = { ok: true; statement: Statement } | { ok: false; reason: string };

export const hex = (words: ArrayLike<number>): string =>
  Array.from(words, (word) =>
    [0, 8, 16, 24].map((at) => ((word >>> at) & 255).toString(16).padStart(2, "0")).join(""),
  ).join("");

/** A verifier for the machine whose tables these are. */
export class Verifier {
  /** The machine, and the machine that hides. */
  readonly #machines: { digest: Uint32Array; machine: Machine }[];
  readonly #constants: readonly Uint32Array[];

  /** The text of rv32im-tables.txt; and the roots of the constants, by mode, which `constantsRoot` computes. */
  constructor(tables: string, constants: readonly Uint32Array[]) {
    this.#constants = constants;
    this.#machines = [tables, hidingText(tables)].map((text) => ({
      digest: hashText(text),
      machine: readMachine(text),
    }));
  }

  verify(bytes: Uint8Array): Verdict {
    try {
      return { ok: true, statement: this.#verify(new Reader(bytes)) };
    } catch (error) {
      if (error instanceof Refusal) return { ok: false, reason: error.message };
      throw error;
    }
  }

  #verify(reader: Reader): Statement {
    // 1
    for (const c of "tbproof\x01") insist(reader.byte() === c.charCodeAt(0), "not a proof of format 1");
    const profileByte = reader.byte();
    const profile = profiles.get(profileByte);
    insist(profile !== undefined, "no such profile");
    const mode = reader.byte();
    insist(mode <= 1, "no such mode");
    const hiding = mode === 1;
    insist(hex(reader.words(8)) === hex(this.#machines[0]!.digest), "another machine");
    const { digest: machineDigest, machine } = this.#machines[mode]!;

    // 2
    const entry = reader.word();
    const base = reader.word();
    insist(entry % 4 === 0 && base % 4 === 0 && base <= 2 ** 32 - 2 ** 26, "entry or base");
    const programHeight = reader.byte();
    insist(programHeight >= 4 && programHeight <= 22, "the height of the program");
    const programRoot = reader.words(8);
    const tape = (): number[] => {
      const length = reader.word();
      insist(length <= 2 ** 20, "a tape is too long");
      return [...reader.words(length)];
    };
    const input = tape();
    const output = tape();
    const marks = tape();
    insist(
      marks.every((mark, i) => mark < output.length && (i === 0 || mark > marks[i - 1]!)),
      "marks",
    );
    const exitCode = reader.word();
    const cycles = reader.word();
    insist(cycles >= 1 && cycles <= 2 ** 28 - 2, "cycles");

    // 3
    const transcript = Transcript.start();
    const image = hash(hashText("time-bandits image 1"), [entry, base, 1, programHeight], programRoot);
    const digest = hash(
      hashText("time-bandits run 1"),
      image,
      ...[input, output, marks].flatMap((list) => [[list.length], hash(list)]),
      [exitCode, cycles],
    );
    const groups = [
      { name: "constants", height: hiding ? 17 : 16, root: this.#constants[mode]! },
      { name: "program", height: programHeight, root: programRoot },
    ];
    transcript.absorb([profileByte, mode, profile.blowUpBits, profile.queries]);
    transcript.absorb(machineDigest);
    transcript.absorb(digest);
    for (const group of groups) transcript.absorb([1, group.height, ...group.root]);
    const publics = [base / 4];
    transcript.absorb([publics.length, ...publics]);
    const said = statementMessages(machine, entry, cycles, exitCode, input, output, marks);
    transcript.absorb([said.length]);
    const count = reader.word();
    insist(count >= 1 && count <= 4096, "segments");
    transcript.absorb([count]);

    // 4
    const segments = Array.from({ length: count }, (): Segment => {
      const heights = machine.tables.map(() => reader.byte());
      transcript.absorb(heights);
      const present = machine.tables.flatMap((table, i) => {
        const height = heights[i]!;
        if (height === 255) return [];
        insist(height <= 22 && height >= (hiding ? 12 : 4), "a table's height");
        const group = groups.find((group) => group.name === table.group);
        insist(group === undefined || group.height === height, "the height of a table with fixed columns");
        return [new Present(table, height, hiding)];
      });
      insist(present.length > 0, "a segment without tables");
      const main = reader.words(8);
      transcript.absorb(main);
      return { tables: present, main };
    });
    let messages = said.length;
    for (const { tables } of segments) for (const { table, n } of tables) messages += n * table.messages.length;
    insist(messages < P, "too many messages");

    // 5
    if (profile.work.bus > 0) insist(transcript.work(profile.work.bus, reader.word()), "work");
    const alpha = transcript.element();
    const gamma = transcript.element();
    let total = zero;
    for (const message of said) {
      const value = denominator(alpha, gamma, message.bus, message.tuple.map(ext));
      insist(!isZero(value), "a message of the statement has denominator 0");
      total = addE(total, scale(inverseE(value), message.sign === 1 ? 1 : P - 1));
    }

    // 6
    for (const [s, segment] of segments.entries()) {
      const fork = transcript.fork();
      fork.absorb([s]);
      total = addE(total, verifySegment(reader, fork, { profile, hiding, groups, publics, alpha, gamma }, segment));
    }
    insist(isZero(total), "the buses do not balance");
    reader.end();
    const shapes = segments.map((segment) => shapeOf(segment, hiding, profile.blowUpBits));
    const proven = bits(profile, shapes, said.length);
    insist(proven >= profile.promised, "fewer bits than promised");
    return {
      profile: profile.name,
      hiding,
      imageId: hex(image),
      input,
      output,
      marks,
      exitCode,
      cycles,
      segments: count,
      bits: Math.floor(proven),
    };
  }
}

/** proof.md, "Fixed columns": the root of the tree over the extended columns of the constants. */
export function constantsRoot(hiding: boolean): Uint32Array {
  const column = (value: (a: number, b: number) => number): number[] =>
    padded(
      Array.from({ length: 65536 }, (_, i) => value(i & 255, i >> 8)),
      hiding ? 17 : 16,
    );
  return rootOf(extended([column((a) => a), column((_, b) => b), column((a, b) => a & b)]));
}

type Said = { sign: 1 | -1; bus: number; tuple: number[] };

const bytesOf = (word: number): number[] => [0, 8, 16, 24].map((at) => (word >>> at) & 255);

function statementMessages(
  machine: Machine,
  entry: number,
  cycles: number,
  exitCode: number,
  input: readonly number[],
  output: readonly number[],
  marks: readonly number[],
): Said[] {
  const message = (sign: 1 | -1, bus: string, ...tuple: number[]): Said => ({
    sign,
    bus: machine.buses.indexOf(bus) + 1,
    tuple,
  });
  const marked = new Set(marks);
  return [
    message(1, "state", entry / 4, 4),
    message(1, "boundary", 1),
    ...input.map((word, i) => message(1, "input", i, ...bytesOf(word))),
    message(-1, "exit", ...bytesOf(exitCode), 4 * cycles),
    ...output.map((word, i) => message(-1, "output", i, marked.has(i) ? 1 : 0, ...bytesOf(word))),
  ];
}
