import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { proveRun } from "../../src/prover/index.ts";
import { assemble, Elf } from "../../src/riscv/index.ts";
import {
  Blake3,
  hidingMachine,
  imageOf,
  machineText,
  Profile,
  RV32IM,
  Statement,
  verifyRun,
} from "../../src/verifier/index.ts";
import { manySegments } from "../prover/manySegments.ts";
import { hashText } from "./second/Blake3.ts";
import { imageId, readElf } from "./second/imageId.ts";
import { hidingText } from "./second/Machine.ts";
import { constantsRoot, hex, Verifier } from "./second/verify.ts";

const here = import.meta.dirname;
const frozen = resolve(here, "../frozen");
const tables = readFileSync(resolve(here, "../../docs/spec/rv32im-tables.txt"), "utf8");
const page = readFileSync(resolve(here, "../../docs/spec/proof.md"), "utf8");
const index: readonly { readonly file: string; readonly [field: string]: unknown }[] = JSON.parse(
  readFileSync(join(frozen, "index.json"), "utf8"),
);
/** The constants' roots as the page gives them; the second verifier computes the first again below. */
const roots = [RV32IM.constantsKey.plain.root, RV32IM.constantsKey.hiding.root];
const second = new Verifier(tables, roots);

/** What a run proves, or nothing, by the first verifier in the words of the second. */
function first(proof: Uint8Array) {
  const verdict = verifyRun(proof);
  if (!verdict.ok) return undefined;
  const { statement, imageId, profile, hiding, segments, soundness } = verdict.value;
  const { input, output, marks, exitCode, cycles } = statement;
  return {
    profile: profile.name,
    hiding,
    imageId: Blake3.show(imageId),
    ...{ input: [...input], output: [...output], marks: [...marks], exitCode, cycles, segments },
    bits: soundness.bits,
  };
}

function byTheSecond(proof: Uint8Array) {
  const verdict = second.verify(proof);
  return verdict.ok ? verdict.statement : undefined;
}

const program = (source: string) => {
  const program = assemble(source);
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  return program.value;
};

const guest = program(`
  .data
cell: .word 77
  .text
_start:
  li s0, 300
  la s1, cell
next:
  lw t0, 0(s1)
  mul t0, t0, s0
  xori t0, t0, 85
  remu t1, t0, s0
  sra t2, t0, s0
  sltu t3, t1, t2
  sb t3, 1(s1)
  sw t0, 0(s1)
  addi s0, s0, -1
  bnez s0, next
  li a7, 1026
  mv a0, t0
  ecall
  li a7, 93
  ecall
`);

describe("the second verifier", () => {
  const proofs = new Map<string, Uint8Array>(
    index.map(({ file }) => [file, new Uint8Array(readFileSync(join(frozen, file)))]),
  );
  beforeAll(async () => {
    const seed = new Uint8Array(32).fill(9);
    for (const [name, profile, segmentSteps, hiding] of [
      ["two segments", "std100", 2048, false],
      ["two segments, compact", "compact100", 2048, false],
      ["two segments that hide", "std128", 2048, true],
    ] as const) {
      const options = { profile: Profile.byName(profile)!, segmentSteps, threads: 0, ...(hiding ? { seed } : {}) };
      const run = await proveRun(guest, Uint32Array.of(5, 6), options);
      if (!run.ok) throw new Error(JSON.stringify(run.error));
      proofs.set(name, run.value.proof);
    }
  });

  test("shares no code with the first", () => {
    const files = readdirSync(join(here, "second"));
    const imports = files.flatMap((file) => {
      const text = readFileSync(join(here, "second", file), "utf8");
      return [...text.matchAll(/from "([^"]+)"/g)].map((match) => match[1]!);
    });
    expect(imports.length).toBeGreaterThan(20);
    expect(imports.filter((from) => !files.includes(from.replace("./", "")))).toEqual([]);
  });
  test("computes the constants' root that the page gives", () => {
    expect(roots.map(hex).filter((root) => !page.includes(root))).toEqual([]);
    expect(hex(constantsRoot(false))).toBe(hex(roots[0]!));
  });
  test("makes of the tables' text that of the machine that hides", () => {
    const hiding = hidingText(tables);
    expect(hiding).toBe(machineText(hidingMachine(RV32IM.machine)));
    expect(page).toContain(hex(hashText(hiding)));
  });
  test("accepts the frozen proofs for their statements", () => {
    for (const { file, format: _, ...statement } of index)
      expect(second.verify(proofs.get(file)!)).toMatchObject({ ok: true, statement });
  });
  test("accepts new proofs, with the same statement and bits as the first", () => {
    expect(proofs.size).toBe(index.length + 3);
    for (const [name, proof] of proofs) {
      const expected = first(proof);
      expect(expected, name).toBeDefined();
      expect(byTheSecond(proof), name).toEqual(expected);
    }
  });
  test("refuses, as the first does, a proof that falls short of its bits by its number of segments", async () => {
    const proof = await manySegments(guest, Uint32Array.of(5, 6), Profile.byName("compact100")!, 8);
    expect(second.verify(proof)).toEqual({ ok: false, reason: "fewer bits than promised" });
    expect(first(proof)).toBeUndefined();
  });
  test("computes the same image id from an ELF file", () => {
    expect(hex(imageId(readElf(Elf.encode(guest))))).toBe(Blake3.show(Statement.imageId(imageOf(guest))));
  });
  test("agrees with the first on changed proofs", () => {
    const names = [...proofs.keys()];
    const reasons = new Set<string>();
    const change = fc.record({
      name: fc.constantFrom(...names),
      /** Most of a proof are openings; half of the changes are made before them. */
      at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(200), fc.nat(60_000)),
      kind: fc.constantFrom("bit", "byte", "plus p", "zeros", "cut", "insert", "remove", "swap", "repeat"),
      size: fc.constantFrom(1, 4, 20, 32),
      by: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(change, ({ name, at, kind, size, by }) => {
        const proof = proofs.get(name)!;
        const from = Math.min(at > 0 && at < 1 ? Math.floor(at * proof.length) : at, proof.length - 64);
        const changed = changedProof(proof, kind, from, size, by);
        const verdict = second.verify(changed);
        if (!verdict.ok) reasons.add(verdict.reason);
        expect(verdict.ok ? verdict.statement : undefined).toEqual(first(changed));
        expect(verdict.ok).toBe(Buffer.compare(changed, proof) === 0);
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(reasons.size).toBeGreaterThan(8);
  });
});

function changedProof(proof: Uint8Array, kind: string, at: number, size: number, by: number): Uint8Array {
  const [head, part, tail] = [proof.subarray(0, at), proof.slice(at, at + size), proof.subarray(at + size)];
  const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
  switch (kind) {
    case "bit":
      part[0]! ^= 1 << (by % 8);
      return joined(head, part, tail);
    case "byte":
      part[size - 1]! ^= by;
      return joined(head, part, tail);
    case "plus p": {
      const copy = proof.slice();
      const view = new DataView(copy.buffer);
      view.setUint32(at, view.getUint32(at, true) + 2013265921, true);
      return copy;
    }
    case "zeros":
      return joined(head, part.fill(0), tail);
    case "cut":
      return head.slice();
    case "insert":
      return joined(head, new Uint8Array(size).fill(by), part, tail);
    case "remove":
      return joined(head, tail);
    case "swap":
      return joined(head, tail.subarray(0, size), part, tail.subarray(size));
    default:
      return joined(head, part, part, tail);
  }
}
