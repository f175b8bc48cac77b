import { beforeAll, describe, expect, test } from "vitest";
import { type ProvenRun, programKey, proveRun, type RunOptions } from "../../src/prover/index.ts";
import { assemble, Machine } from "../../src/riscv/index.ts";
import { Blake3, imageOf, Profile, Statement, showRefusal, verifyRun } from "../../src/verifier/index.ts";
import { guest, TAPE } from "./guest.ts";
import { manySegments } from "./manySegments.ts";
import { changed } from "./spans.ts";

async function proven(rounds: number, options: RunOptions = {}): Promise<ProvenRun> {
  const result = await proveRun(guest(rounds), TAPE, { threads: 0, ...options });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function refusal(bytes: Uint8Array, expected = {}): string {
  const result = verifyRun(bytes, expected);
  return result.ok ? "accepted" : showRefusal(result.error);
}

describe("a proof of a run", () => {
  let run: ProvenRun;
  beforeAll(async () => {
    run = await proven(20);
  });

  test("carries the statement of the run", () => {
    const result = verifyRun(run.proof);
    expect(result.ok && result.value.statement).toEqual(run.statement);
    expect(run.statement).toMatchObject({ exitCode: 2 ** 32 - 5, marks: Uint32Array.of(1) });
    expect([...run.statement.input]).toEqual([3, 0]);
    expect([...run.statement.output].slice(0, 2)).toEqual([3, 42]);
    const machine = Machine.of(guest(20), TAPE);
    expect(machine.program.entry).toBe(run.statement.image.entry);
  });
  test("reaches the bits of its profile", () => {
    const result = verifyRun(run.proof);
    expect(result.ok && result.value.soundness.bits).toBeGreaterThanOrEqual(100);
  });
  test("is the same every time", async () => {
    expect((await proven(20)).proof).toEqual(run.proof);
  });
  test("names a program by an image id that plain code and kernels agree on", async () => {
    const image = imageOf(guest(20));
    expect(await programKey(guest(20))).toEqual(image.key);
    expect(run.statement.image).toEqual(image);
    expect(refusal(run.proof, { imageId: Statement.imageId(image) })).toBe("accepted");
  });
  test("is refused for another program, other tapes, another exit code, another profile", () => {
    const { input, output } = run.statement;
    expect(refusal(run.proof, { imageId: Blake3.ofBytes(new Uint8Array(1)) })).toMatch(/^program: image id/);
    expect(refusal(run.proof, { input: output })).toMatch(/^statement: input tape/);
    expect(refusal(run.proof, { output: input })).toMatch(/^statement: output tape/);
    expect(refusal(run.proof, { exitCode: 0 })).toMatch(/^statement: exit code/);
    expect(refusal(run.proof, { exitCode: -5 })).toBe("accepted");
    expect(refusal(run.proof, { profile: "std128" })).toMatch(/^profile/);
  });
  test("is refused with any part of its statement changed", () => {
    // Magic 8, profile, mode, machine 32, entry, base, height, root 32, tapes, exit code, cycles: 4 words read, 3 written.
    const { input, output, marks } = run.statement;
    const header = 8 + 2 + 32 + 8 + 1 + 32 + 4 * (5 + input.length + output.length + marks.length);
    const accepted: number[] = [];
    for (let at = 0; at < header; at++) {
      for (const mask of [1, 4, 128]) {
        if (refusal(changed(run.proof, at, (byte) => byte ^ mask)) === "accepted") accepted.push(at);
      }
    }
    expect(accepted).toEqual([]);
  });
  test("may lie anywhere in a larger buffer, of Node's kind too", () => {
    for (const before of [0, 1, 2, 3, 7]) {
      const larger = Buffer.alloc(before + run.proof.length + 5, 255);
      larger.set(run.proof, before);
      expect(refusal(larger.subarray(before, before + run.proof.length))).toBe("accepted");
    }
  });
  test("is refused as a longer, shorter or empty one", () => {
    for (const length of [0, 7, 8, 50, 100, 5000, run.proof.length - 1]) {
      expect(refusal(run.proof.subarray(0, length))).toMatch(/^truncated|^format/);
    }
    expect(refusal(new Uint8Array([...run.proof, 0]))).toMatch(/^extended/);
  });
});

describe("runs", () => {
  test("are proven in segments with one challenge", async () => {
    const whole = await proven(30);
    const run = await proven(30, { segmentSteps: 150 });
    const result = verifyRun(run.proof);
    expect(result.ok && result.value.segments).toBe(3);
    expect(run.statement).toEqual(whole.statement);
  });
  test.each(Profile.PROFILES)("are proven in profile $name, hidden", async (profile) => {
    const seed = new Uint8Array(32).fill(profile.code);
    const run = await proven(3, { profile, seed, segmentSteps: 40 });
    const result = verifyRun(run.proof);
    expect(result.ok ? [result.value.hiding, result.value.profile.name] : showRefusal(result.error)).toEqual([
      true,
      profile.name,
    ]);
  });
  test("in so many segments that a profile falls short of its bits are neither proven nor accepted", async () => {
    const profile = Profile.byName("compact100")!;
    const refused = await proveRun(guest(30), TAPE, { threads: 0, profile, segmentSteps: 40 });
    expect(refused.ok ? undefined : refused.error).toMatchObject({
      kind: "too-many-segments",
      profile: "compact100",
      maxSegments: 3,
      maxSteps: 120,
    });
    const proof = await manySegments(guest(30), TAPE, profile, 8);
    expect(refusal(proof)).toMatch(/^profile: proven soundness at this size: expected 100 bits, got \d\d$/);
    expect(refusal(await manySegments(guest(30), TAPE, Profile.STD100, 8))).toBe("accepted");
  });
  test("that trap, do not end or say too much have no proof", async () => {
    const trapped = await proveRun(guest(3), new Uint32Array(0), { threads: 0 });
    expect(trapped.ok ? undefined : trapped.error).toMatchObject({ kind: "trapped", trap: { kind: "input-ended" } });
    const long = await proveRun(guest(1000), TAPE, { threads: 0, maxSteps: 100 });
    expect(long.ok ? undefined : long.error).toEqual({ kind: "too-long", maxSteps: 100 });
    const talker = assemble(
      "_start:\n  li a7, 1025\nagain:\n  ecall\n  addi s0, s0, 1\n  li t0, 1048577\n  bne s0, t0, again\n  li a7, 93\n  ecall\n",
    );
    if (!talker.ok) throw new Error(JSON.stringify(talker.error));
    const wordy = await proveRun(talker.value, new Uint32Array(0), { threads: 0 });
    expect(wordy.ok ? undefined : wordy.error).toEqual({ kind: "tape-too-long", words: 1048577, maxWords: 1048576 });
    // 32 words in 35 steps, so that the test is short.
    const stores = Array.from({ length: 32 }, (_, i) => `  sw t0, ${4 * i}(s0)\n`).join("");
    const toucher = assemble(
      `_start:\n  la s0, area\n  lui t0, 0x20\nagain:\n${stores}  addi s0, s0, 128\n  addi t0, t0, -1\n  bnez t0, again\n  li a7, 93\n  ecall\n.data\narea: .word 1\n`,
    );
    if (!toucher.ok) throw new Error(JSON.stringify(toucher.error));
    const wide = await proveRun(toucher.value, new Uint32Array(0), { threads: 0 });
    // 2^22 words, of which one is the image's, which has 35 registers and cells, 40 words of code and this one.
    expect(wide.ok ? undefined : wide.error).toEqual({
      kind: "too-much-memory",
      words: 2 ** 22 - 1 + 35 + 40 + 1,
      maxWords: 2 ** 22 - 1024,
    });
  });
});
