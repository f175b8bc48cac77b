/**
 * One test for each class of mistakes that real zero-knowledge virtual machines have shipped. Each builds the forgery
 * that the mistake would let pass and requires that it is refused. Sources are named where they are public.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { BabyBear } from "../../src/field/index.ts";
import { prove, proveRun } from "../../src/prover/index.ts";
import { type Program, Program as Programs } from "../../src/riscv/index.ts";
import {
  Air,
  checkTrace,
  claimOf,
  imageOf,
  Profile,
  RV32IM,
  Statement,
  Tables,
  verifyRun,
} from "../../src/verifier/index.ts";
import { assembled } from "./engines.ts";
import { forgedRun, isBetweenRows, otherWay, wrongNext, wrongResult, wrongWord } from "./forge.ts";
import { lookupsOf, search } from "./mutation.ts";
import { type Field, fieldsOf, restated, withByte, withWord } from "./proofFields.ts";
import { checkRow, rowAt } from "./Row.ts";
import { randomOf } from "./randomProgram.ts";
import { checkOf, honest, problemsOf } from "./tables.ts";

const END = "  li a7, 93\n  ecall\n";
const programOf = (body: string): Program.Program => assembled(`_start:\n${body}\n${END}`);
const tableOf = (name: string): Air.Table => RV32IM.machine.tables.find((table) => table.name === name)!;

/** The step at which a program of straight-line code executes its `line`-th word. */
type Lie = Parameters<typeof forgedRun>[3];

/** The forged run is refused by the instruction's own row: all rows agree with each other about the lie. */
function refusesRun(body: string, at: number, lie: Lie): void {
  const forged = forgedRun(programOf(body), [], at, lie);
  if (forged === undefined) throw new Error("the forged run does not end");
  const problems = checkTrace(forged.check);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.filter(isBetweenRows)).toEqual([]);
}

/** No values of the inner columns let a row of the table pass with these cells. */
function noRow(body: string, table: string, cells: Readonly<Record<string, number>>, row = 0): void {
  const run = honest(programOf(body));
  const of = tableOf(table);
  const start = rowAt(run.witnesses[0]!.get(table)!, row);
  const fixed = new Set<number>();
  for (const [name, value] of Object.entries(cells)) {
    const place = of.main.indexOf(name);
    if (place < 0) throw new Error(`${table} has no column ${name}`);
    start[place] = BabyBear.of(value);
    fixed.add(place);
  }
  for (const [place, name] of of.main.entries()) {
    if (/^(is\.|pc|time|rs1|rs2|rd|a\.|c\.|i\.|w\.|space|old\.|immediate)/.test(name)) fixed.add(place);
  }
  expect(search(of, start, fixed, lookupsOf(run), randomOf(7), 500)).toBeUndefined();
}

const bytes = (name: string, word: number): Record<string, number> =>
  Object.fromEntries([0, 1, 2, 3].map((i) => [`${name}.${i}`, (word >>> (8 * i)) & 255]));

test("the search finds a forgery where a constraint is missing", () => {
  // Without the constraint that ties the sign to the byte, lb of 0x7f may be extended with ones.
  const run = honest(programOf("  li t0, 0x7f\n  sw t0, 0(sp)\n  lb t1, 0(sp)"));
  const whole = tableOf("load");
  const weak = { ...whole, constraints: whole.constraints.filter(({ name }) => name !== "the byte with the sign") };
  const start = rowAt(run.witnesses[0]!.get("load")!, 0);
  const fixed = new Set<number>();
  for (const [name, value] of Object.entries(bytes("r", 0xffffff7f))) {
    start[whole.main.indexOf(name)] = value;
  }
  for (const [place, name] of whole.main.entries()) if (!/^(sign|top)$/.test(name)) fixed.add(place);
  const lookups = lookupsOf(run);
  expect(search(whole, start, fixed, lookups, randomOf(1), 3000)).toBeUndefined();
  const found = search(weak, start, fixed, lookups, randomOf(1), 3000);
  expect(found && checkRow(weak, found, lookups).failures).toEqual([]);
});

describe("1. aliased registers (RISC Zero GHSA-g3qg-6746-3mg9)", () => {
  test("two reads of one register by one instruction give one value", () => {
    const run = honest(programOf("  li t0, 9\n  sub t0, t0, t0"));
    const add = run.witnesses[0]!.get("add")!;
    const table = tableOf("add");
    const at = (name: string): Uint32Array => add[table.main.indexOf(name)]!;
    // Row 1 is the subtraction: 9 − 8 = 1, with everything about the second read made to agree.
    at("c.0")[1] = 8;
    at("r.0")[1] = 1;
    expect(problemsOf(run.check).some((problem) => problem.startsWith("bus memory: (2, 5, 8,"))).toBe(true);
  });
  test.each(["add", "sub", "xor", "mul", "mulhu", "div", "remu", "sll", "slt", "sltu"])(
    "%s t0, t0, t0 has one result",
    (name) => {
      refusesRun(
        `  li t0, 9\n  ${name} t0, t0, t0`,
        1,
        wrongResult((value) => value ^ 1),
      );
    },
  );
});

describe("2. division with more than one answer (RISC Zero GHSA-f6rc-24x4-ppxp, ZisK GHSA-qjgg-fcj3-p9x3)", () => {
  const wrong: readonly (readonly [string, number, number, number])[] = [
    ["rem", -7, 3, 1],
    ["rem", -7, 3, 2],
    ["rem", 7, -3, -2],
    ["div", 1, -1, 1],
    ["div", -7, 3, -3],
    ["div", -7, 3, 2],
    ["divu", 100, 7, 13],
    ["divu", 100, 7, 15],
    ["remu", 100, 7, 9],
    ["remu", 100, 7, 100],
    ["divu", 5, 0, 0],
    ["divu", 5, 0, 5],
    ["div", -5, 0, 1],
    ["rem", -5, 0, 5],
    ["rem", 5, 0, 0],
    ["div", -0x80000000, -1, 0x7fffffff],
    ["div", -0x80000000, -1, 0],
    ["rem", -0x80000000, -1, -1],
    ["rem", -0x80000000, 1, -0x80000000],
    ["divu", -1, 1, 1],
    ["div", 0, -5, -1],
  ];
  test.each(wrong)("%s of %i and %i is not %i", (name, a, b, result) => {
    const body = `  li t0, ${a}\n  li t1, ${b}\n  ${name} t2, t0, t1`;
    noRow(body, "divide", bytes("r", result));
  });
});

describe("3. high words of products without a bound (Nexus issue 611)", () => {
  const wrong: readonly (readonly [string, number, number, number])[] = [
    ["mulh", -1, -1, -1],
    ["mulh", -1, 1, 0],
    ["mulh", -0x80000000, 2, 0],
    ["mulhsu", -1, -1, 0],
    ["mulhsu", -1, 2, 1],
    ["mulhu", -1, -1, 0],
    ["mulhu", -1, -1, -1],
    ["mulhu", 3, 5, 1],
  ];
  test.each(wrong)("%s of %i and %i is not %i", (name, a, b, result) => {
    noRow(`  li t0, ${a}\n  li t1, ${b}\n  ${name} t2, t0, t1`, "multiply-high", bytes("r", result));
  });
});

describe("4. words that overflow the field (OpenVM CVE-2025-46723)", () => {
  const aliases = [BabyBear.P, -BabyBear.P, 2 * BabyBear.P];
  test.each(aliases)("auipc, lui and jal: a result %i off has no row", (by) => {
    const run = forgedRun(
      programOf("  auipc t0, 0x80000"),
      [],
      0,
      wrongResult((value) => value + by),
    );
    expect(run && checkTrace(run.check).map(({ kind }) => kind)).toContain("unbalanced");
    refusesRun(
      "  auipc t0, 0x80000",
      0,
      wrongResult((value) => value + by),
    );
  });
  test.each(aliases)("add: a sum %i off has no row", (by) => {
    refusesRun(
      "  li t0, 0x7fffffff\n  add t0, t0, t0",
      2,
      wrongResult((value) => value + by),
    );
  });
  test.each(aliases)("jalr: a link %i off has no row", (by) => {
    const link = (0x1000c + by) >>> 0;
    const cells = { "link.quarter": (link & 255) / 4, "link.0": (link >>> 8) & 255, "link.1": (link >>> 16) & 255 };
    noRow("  la t0, on\n  jalr t1, 0(t0)\non:", "jump", { ...cells, "link.2": link >>> 24 });
  });
  test.each(aliases)("jalr: a target %i off has no row", (by) => {
    const target = (0x1000c + by) >>> 0;
    const cells = { "t.0": (target >>> 8) & 255, "t.1": (target >>> 16) & 255, "t.2": target >>> 24 };
    noRow("  la t0, on\n  jalr t1, 0(t0)\non:", "jump", { quarter: (target & 255) / 4, ...cells });
  });
  test.each(aliases)("lw: an address %i off has no row", (by) => {
    const address = (0x400fff0 + by) >>> 0;
    const cells = { "t.0": (address >>> 8) & 255, "t.1": (address >>> 16) & 255, "t.2": address >>> 24 };
    noRow("  lw t1, 0(sp)", "load", { quarter: (address & 255) / 4, ...cells });
  });
});

describe("5. loose ends: jump bits, shift amounts, comparisons (Pico pull request 101)", () => {
  test("jalr cannot keep bit 0, nor go between words", () => {
    const body = "  la t0, on\n  jalr t1, 1(t0)\n  nop\non:";
    noRow(body, "jump", { bit0: 0 });
    noRow(body, "jump", { bit0: 3, quarter: 4 });
    const between = forgedRun(
      programOf(body),
      [],
      2,
      wrongNext((pc) => pc - 4),
    );
    expect(between && checkTrace(between.check).length).toBeGreaterThan(0);
  });
  test.each([
    ["sll", 33, 5 << 2],
    ["sll", 1, 5],
    ["srl", 8, 5],
    ["srl", 32, 0],
    ["sra", 31, 1],
  ])("%s by %i does not give %i", (name, amount, result) => {
    noRow(`  li t0, 5\n  li t1, ${amount}\n  ${name} t2, t0, t1`, "shift", bytes("r", result));
  });
  test.each([
    ["slt", -1, 0],
    ["slt", 0, -1],
    ["sltu", -1, 0],
    ["sltu", 3, 3],
    ["slt", 0x7fffffff, -0x80000000],
  ])("%s of %i and %i has one result", (name, a, b) => {
    const less = name === "slt" ? a < b : a >>> 0 < b >>> 0;
    const body = `  li t0, ${a}\n  li t1, ${b}\n  ${name} t2, t0, t1`;
    noRow(body, "compare", { less: less ? 0 : 1 });
    noRow(body, "compare", { less: 2 });
  });
  test.each(["beq", "bne", "blt", "bge", "bltu", "bgeu"])("%s goes one way", (name) => {
    for (const [a, b] of [
      [1, 1],
      [-1, 1],
      [1, -1],
    ]) {
      refusesRun(`  li t0, ${a}\n  li t1, ${b}\n  ${name} t0, t1, on\n  nop\non:`, 2, otherWay);
    }
  });
});

describe("6. narrow loads and loads into x0 (ZisK issue 1188)", () => {
  const word = "  li t0, 0x80ff8180\n  sw t0, 0(sp)\n";
  const wrong: readonly (readonly [string, number, number])[] = [
    ["lb", 0, 0x80],
    ["lb", 1, 0xffffff80],
    ["lbu", 0, 0xffffff80],
    ["lh", 0, 0x8180],
    ["lhu", 2, 0xffff80ff],
    ["lhu", 2, 0x8180],
    ["lw", 0, 0x80ff8181],
  ];
  test.each(wrong)("%s at offset %i is not %i", (name, offset, result) => {
    noRow(`${word}  ${name} t1, ${offset}(sp)`, "load", bytes("r", result));
  });
  test("a store changes the bytes it names and no others", () => {
    for (const flip of [1, 0x100, 0x10000, 0x1000000]) {
      refusesRun(
        `${word}  sb t0, 1(sp)`,
        3,
        wrongWord((value) => value ^ flip),
      );
      refusesRun(
        `${word}  sh t0, 2(sp)`,
        3,
        wrongWord((value) => value ^ flip),
      );
    }
  });
  test("a load into x0 reads memory, and a misaligned one has no row", () => {
    const run = honest(programOf(`${word}  lw zero, 0(sp)`));
    expect(run.witnesses[0]!.get("load")![0]!.length).toBe(1);
    const of = tableOf("load");
    noRow(`${word}  lw zero, 0(sp)`, "load", { "offset.0": 0, "offset.2": 1 });
    expect(of.interactions.filter(({ bus }) => bus.name === "memory").length).toBe(6);
  });
});

describe("7. rows that do nothing doing something (OpenVM 1.6, Jolt audit)", () => {
  const instructions = RV32IM.machine.tables.filter((table) => table.main.some((name) => name.startsWith("is.")));
  test("a row of zeros keeps every constraint and says nothing", () => {
    for (const table of [...instructions, tableOf("boundary")]) {
      const zeros = table.main.map(() => 0);
      expect(checkRow(table, zeros, { program: new Set(), publics: [16384] })).toEqual({ failures: [], messages: "" });
    }
  });
  test("a row that takes part fetches an operation that padding of the program does not hold", () => {
    for (const table of instructions) {
      const fetches = table.interactions.filter(({ bus }) => bus.name === "program");
      expect(fetches.length).toBe(1);
      const [fetch] = fetches as [Air.Interaction];
      for (const [selector, name] of table.main.entries()) {
        if (!name.startsWith("is.")) continue;
        const ring: Air.Ring<number> = {
          constant: (value) => value,
          main: (index) => (index === selector ? 1 : 0),
          fixed: () => 0,
          public: () => 0,
          add: BabyBear.add,
          sub: BabyBear.sub,
          mul: BabyBear.mul,
        };
        expect(Air.evaluate(fetch.multiplicity, ring)).toBe(1);
        expect(Air.evaluate(fetch.tuple[1]!, ring)).toBeGreaterThan(0);
      }
    }
  });
  test("selectors are bits, and at most one is set", () => {
    for (const table of instructions) {
      const places = table.main.flatMap((name, i) => (name.startsWith("is.") ? [i] : []));
      const fails = (cells: readonly (readonly [number, number])[]): readonly string[] => {
        const row = table.main.map(() => 0);
        for (const [place, value] of cells) row[place] = value;
        return checkRow(table, row, { program: new Set(), publics: [0] }).failures;
      };
      for (const place of places) expect(fails([[place, 2]])).toContain(`${table.main[place]} is 0 or 1`);
      for (const one of places) {
        for (const other of places) {
          if (one < other)
            expect(
              fails([
                [one, 1],
                [other, 1],
              ]),
            ).toContain("at most one operation");
        }
      }
    }
  });
  test("nothing can follow an exit, and no run ends without one", () => {
    const program = programOf("  li a0, 1");
    const { statement, witnesses } = honest(program);
    const longer = { ...statement, cycles: statement.cycles + 1 };
    expect(problemsOf(checkOf(program, longer, witnesses)).join()).toMatch(/bus exit/);
    const cut = new Map(witnesses[0]);
    cut.delete("call");
    expect(problemsOf(checkOf(program, statement, [cut])).join()).toMatch(/bus state/);
  });
  test("a jump to a word that is no instruction has no proof", () => {
    const forged = forgedRun(
      programOf("  j on\n  .word 0\non:"),
      [],
      0,
      wrongNext((pc) => pc),
    );
    expect(forged && checkTrace(forged.check)).toEqual([]);
    const run = honest(programOf("  j on\n  .word 0\non:"));
    const constant = run.witnesses[0]!.get("constant")!;
    constant[tableOf("constant").main.indexOf("target")]![0] = 0x10004 / 4;
    expect(problemsOf(run.check).length).toBeGreaterThan(0);
  });
});

describe("proofs", () => {
  const body = "  li a7, 1024\n  ecall\n  addi a0, a0, 1\n  li a7, 1025\n  ecall\n  li a0, 0";
  const program = programOf(body);
  let proof: Uint8Array;
  let statement: Statement.Statement;
  let fields: Field[];
  beforeAll(async () => {
    const proven = await proveRun(program, Uint32Array.from([41]), { threads: 0 });
    if (!proven.ok) throw new Error(JSON.stringify(proven.error));
    proof = proven.value.proof;
    statement = proven.value.statement;
    fields = fieldsOf(proof, statement, Profile.STD100);
  });
  const kind = (bytes: Uint8Array, expected?: Parameters<typeof verifyRun>[1]): string => {
    const verdict = verifyRun(bytes, expected);
    return verdict.ok ? "accepted" : verdict.error.kind;
  };
  const find = (where: RegExp): Field[] => fields.filter((field) => where.test(field.where));

  test("the honest one is accepted", () => expect(kind(proof)).toBe("accepted"));

  describe("8. what the challenges do not depend on (SP1 GHSA-8m24-3cfx-9fjw, GHSA-c873-wfhp-wx5m, Jolt pull request 981)", () => {
    test("sums of tables that still add up to 0", () => {
      const [first, second] = find(/^sum of table/) as [Field, Field];
      const up = withWord(proof, first.at, (word) => (word + 1) % BabyBear.P);
      expect(kind(withWord(up, second.at, (word) => (word + BabyBear.P - 1) % BabyBear.P))).toBe("constraint");
    });
    test("other heights, another order of tables", () => {
      const [heights] = find(/^heights/) as [Field];
      const [one, two] = [heights.at, heights.at + 4];
      const swapped = withByte(
        withByte(proof, one, () => proof[two]!),
        two,
        () => proof[one]!,
      );
      for (const wrong of [swapped, withByte(proof, one, (byte) => byte + 1), withByte(proof, one, () => 255)]) {
        expect(kind(wrong)).not.toBe("accepted");
      }
    });
    test("claimed values at the point", () => {
      for (const field of find(/columns of table|quotient of table|next/).slice(0, 12)) {
        expect(kind(withWord(proof, field.at, (word) => (word + 1) % BabyBear.P))).not.toBe("accepted");
      }
    });
    test("every part of the statement", () => {
      const changes: Partial<Statement.Statement>[] = [
        { exitCode: 1 },
        { cycles: statement.cycles + 1 },
        { input: Uint32Array.from([42]) },
        { input: Uint32Array.from([41, 0]) },
        { input: new Uint32Array(0) },
        { output: Uint32Array.from([43]) },
        { output: new Uint32Array(0) },
        { marks: Uint32Array.from([0]) },
        { image: { ...statement.image, entry: statement.image.entry + 4 } },
        { image: { ...statement.image, base: statement.image.base + 4096 } },
      ];
      for (const change of changes)
        expect(kind(restated(proof, statement, Profile.STD100, change))).not.toBe("accepted");
    });
  });

  describe("9. folding (Plonky3 GHSA-4w7p-8f9q-f4g2)", () => {
    test("final polynomials, folded words and their roots", () => {
      const of = find(/^final polynomial|^root of fold|^fold [0-9]/);
      expect(of.length).toBeGreaterThan(20);
      for (const field of of.filter((_, i) => i % Math.ceil(of.length / 24) === 0)) {
        expect(kind(withWord(proof, field.at, (word) => (word + 1) % BabyBear.P))).not.toBe("accepted");
      }
    });
    test("a final polynomial has a fixed number of coefficients, all of them read", () => {
      const of = find(/^final polynomial/);
      expect(of.length).toBe(8);
      for (const field of of) expect(kind(withWord(proof, field.at + 16, (word) => word ^ 1))).not.toBe("accepted");
    });
  });

  describe("10. a key that is not compared (Pico audit)", () => {
    test("a proof of another program, and a proof relabelled as this one", async () => {
      const other = programOf(`  nop\n${body}`);
      const otherId = Statement.imageId(imageOf(other));
      expect(kind(proof, { imageId: Statement.imageId(imageOf(program)) })).toBe("accepted");
      expect(kind(proof, { imageId: otherId })).toBe("program");
      expect(kind(restated(proof, statement, Profile.STD100, { image: imageOf(other) }))).not.toBe("accepted");
    });
    test("a program that the key does not bind", async () => {
      // The prover uses the columns of a program whose addend is 2, under the honest program's statement.
      const evil = programOf(body.replace("a0, a0, 1", "a0, a0, 2"));
      const run = honest(evil, [41]);
      const claim = claimOf({ ...statement, output: Uint32Array.from([43]) }, Profile.STD100, false);
      const fixed = new Map([...RV32IM.constants(), ...RV32IM.programColumns(evil)]);
      const segments = { count: 1, at: () => run.witnesses[0]! };
      const bytes = await prove({ ...claim, fixed, segments }, { threads: 0 });
      const header = restated(proof, statement, Profile.STD100, { output: Uint32Array.from([43]) });
      const length = header.length - (proof.length - fields[0]!.at);
      const whole = new Uint8Array(length + bytes.length);
      whole.set(header.subarray(0, length));
      whole.set(bytes, length);
      expect(kind(whole)).not.toBe("accepted");
    });
    test("tapes and exit code that the caller expects to be others", () => {
      expect(kind(proof, { output: Uint32Array.from([43]) })).toBe("statement");
      expect(kind(proof, { input: Uint32Array.from([40]) })).toBe("statement");
      expect(kind(proof, { exitCode: 7 })).toBe("statement");
    });
  });

  describe("11. bytes that are not exactly a proof", () => {
    test("elements of the field in a second encoding", () => {
      let tried = 0;
      for (const field of find(/columns of table|final polynomial|^sum/)) {
        const word = new DataView(proof.buffer, proof.byteOffset).getUint32(field.at, true);
        if (word + BabyBear.P >= 2 ** 32) continue;
        expect(kind(withWord(proof, field.at, (value) => value + BabyBear.P))).toBe("not canonical");
        if (++tried === 12) break;
      }
      expect(tried).toBe(12);
    });
    test("cut, extended, doubled", () => {
      for (let length = 0; length < proof.length; length += 1 + Math.floor(proof.length / 37)) {
        expect(kind(proof.subarray(0, length))).not.toBe("accepted");
      }
      expect(kind(proof.subarray(0, proof.length - 1))).toBe("truncated");
      for (const more of [1, 4, 32]) {
        const longer = new Uint8Array(proof.length + more);
        longer.set(proof);
        expect(kind(longer)).toBe("extended");
      }
    });
    test("an opening in place of another", () => {
      const rows = fields.filter(
        (field) => field.where === fields.findLast(({ where }) => /^fold 0/.test(where))?.where,
      );
      const [first, last] = [rows[0]!, rows.at(-1)!];
      const copy = proof.slice();
      copy.set(proof.subarray(last.at, last.at + Math.min(first.bytes, last.bytes)), first.at);
      expect(kind(copy)).not.toBe("accepted");
    });
    test("another profile, another mode, another machine, another format", () => {
      for (const [at, change] of [
        [7, 2],
        [8, 2],
        [8, 3],
        [8, 99],
        [9, 1],
        [9, 2],
        [10, proof[10]! ^ 1],
      ] as const) {
        expect(kind(withByte(proof, at, () => change))).not.toBe("accepted");
      }
    });
  });

  test("12. more messages than the field can count are refused before any work", () => {
    const [count] = find(/^number of segments/) as [Field];
    const segments = 4096;
    const tables = RV32IM.machine.tables.length;
    const header = proof.subarray(0, count.at);
    const each = new Uint8Array(tables + 32);
    for (const [i, table] of RV32IM.machine.tables.entries()) each[i] = table.fixedGroup === undefined ? 22 : 255;
    const body = new Uint8Array(4 + segments * each.length);
    new DataView(body.buffer).setUint32(0, segments, true);
    for (let i = 0; i < segments; i++) body.set(each, 4 + i * each.length);
    const whole = new Uint8Array(header.length + body.length);
    whole.set(header);
    whole.set(body, header.length);
    expect(kind(whole)).toBe("bus");
  });
});

describe("12. time, multiplicity and replay (Plonky3's bound on messages)", () => {
  const body = "  li t0, 5\n  add t0, t0, t0\n  sw t0, 0(sp)\n  lw t1, 0(sp)";
  test.each([0, 1, 4, 2 ** 13, 2 ** 29])("an access cannot be %i later than its own time", (by) => {
    const run = honest(programOf(body));
    const of = tableOf("add");
    const row = rowAt(run.witnesses[0]!.get("add")!, 1);
    const time = row[of.main.indexOf("time")]!;
    noRow(body, "add", { "rs1.last": time + by }, 1);
    noRow(body, "add", { "rd.last": time + 3 + by }, 1);
  });
  test("an old value of a register or a word cannot be read again", () => {
    const run = honest(programOf("  li t0, 5\n  li t0, 6\n  mv t1, t0"));
    const of = tableOf("add");
    const add = run.witnesses[0]!.get("add")!;
    // The move reads 5, as of the first write.
    add[of.main.indexOf("a.0")]![2] = 5;
    add[of.main.indexOf("r.0")]![2] = 5;
    add[of.main.indexOf("rs1.last")]![2] = 7;
    add[of.main.indexOf("rs1.low")]![2] = 12 - 7 - 1;
    expect(problemsOf(run.check).some((problem) => problem.startsWith("bus memory"))).toBe(true);
  });
  test("no place has two histories: a second boundary, a doubled or an unsorted place", () => {
    const run = honest(programOf(body));
    const [only] = run.witnesses as [Air.Witness];
    // A boundary of one place that nobody touches, in a segment of its own: its messages cancel, but for the token.
    const cells: Record<string, number> = { active: 1, begin: 1, address: 64 + 0x50000, "offset.high": 5 };
    const second = new Map([["boundary", tableOf("boundary").main.map((name) => Uint32Array.of(cells[name] ?? 0))]]);
    expect(problemsOf(checkOf(run.program, run.statement, [only, second])).join()).toMatch(/bus boundary/);
    const of = tableOf("boundary");
    const boundary = only.get("boundary")!.map((column) => Uint32Array.of(...column, column[40]!));
    const doubled = new Map([...only, ["boundary", boundary] as const]);
    expect(problemsOf(checkOf(run.program, run.statement, [doubled])).join()).toMatch(/addresses go up/);
    const again = boundary.map((column) => column.slice());
    again[of.main.indexOf("begin")]![again[0]!.length - 1] = 1;
    expect(problemsOf(checkOf(run.program, run.statement, [new Map([...only, ["boundary", again]])])).join()).toMatch(
      /no other row begins/,
    );
  });
  test("addresses of the boundary cannot wrap around the field", () => {
    // A program near the top of memory, where a step from a word's address past p would end at register 0. The place
    // in front has a history of its own, so the word would have two.
    const source = programOf(body);
    const far = { ...source.regions[0]!, address: 0xfff00000 };
    const moved = Programs.of(far.address, [far]);
    if (!moved.ok) throw new Error(moved.error.message);
    const run = honest(moved.value);
    expect(problemsOf(run.check)).toEqual([]);
    const table = tableOf("boundary");
    const at = (name: string): number => table.main.indexOf(name);
    const honestColumns = run.witnesses[0]!.get("boundary")!;
    const last = honestColumns[0]!.length - 1;
    const columns = honestColumns.map((column) => Uint32Array.of(column[last]!, ...column));
    for (const name of ["last.0", "last.1", "last.2", "last.3", "time"]) columns[at(name)]![0] = 0;
    columns[at("begin")]![0] = 1;
    columns[at("begin")]![1] = 0;
    const gap = BabyBear.P - columns[at("address")]![0]! - 1;
    const low = gap % 2 ** Tables.GAP_LOW_BITS;
    const high = (gap - low) / 2 ** Tables.GAP_LOW_BITS;
    columns[at("gap.low")]![0] = low;
    columns[at("gap.high")]![0] = high;
    const lookups = run.witnesses[0]!.get("lookups")!.map((column) => column.slice());
    const counted = [columns[at("offset.low")]![0]!, low, high];
    for (const value of counted) if (value < 65536) lookups[2]![value]!++;
    lookups[1]![columns[at("offset.high")]![0]!]!++;
    const forged = new Map([...run.witnesses[0]!, ["boundary", columns] as const, ["lookups", lookups] as const]);
    expect(problemsOf(checkOf(moved.value, run.statement, [forged]))).not.toEqual([]);
  });
  test("loads and stores cannot name a register, not even by an address just below the window", () => {
    const run = honest(programOf("  lw t0, 0(sp)\n  sw t0, 0(sp)"));
    for (const name of ["load", "store"]) {
      const of = tableOf(name);
      const row = rowAt(run.witnesses[0]!.get(name)!, 0);
      // 59 words below the window: the address of t0 on the bus, but for the space.
      const address = 0x10000 - 4 * 59;
      row[of.main.indexOf("quarter")] = (address & 255) / 4;
      for (const i of [0, 1, 2]) row[of.main.indexOf(`t.${i}`)] = (address >>> (8 * (i + 1))) & 255;
      expect(checkRow(of, row, lookupsOf(run)).messages).toMatch(/memory\(0,5,/);
      if (name === "store") continue;
      row[of.main.indexOf("space")] = 2;
      expect(checkRow(of, row, lookupsOf(run)).failures).toContain("space is 0 or 1");
    }
    const wordAccesses = RV32IM.machine.tables.flatMap((table) =>
      table.interactions.filter(({ bus, tuple }) => bus.name === "memory" && Air.show(tuple[0]!) !== "2"),
    );
    expect(wordAccesses.map(({ tuple }) => Air.show(tuple[0]!))).toEqual([
      "space",
      "space",
      "0",
      "0",
      "space",
      "space",
    ]);
  });
  test("initial contents are the program's: another value, a left out or an invented constant", () => {
    const run = honest(programOf(body));
    const of = tableOf("boundary");
    const change = (edit: (columns: Uint32Array[]) => void): string => {
      const columns = run.witnesses[0]!.get("boundary")!.map((column) => column.slice());
      edit(columns);
      return problemsOf(
        checkOf(run.program, run.statement, [new Map([...run.witnesses[0]!, ["boundary", columns]])]),
      ).join();
    };
    const at = (name: string): number => of.main.indexOf(name);
    expect(change((columns) => (columns[at("first.0")]![5] = 1))).toMatch(/bus image/);
    expect(change((columns) => (columns[at("image")]![5] = 0))).toMatch(/other places are words of the window/);
    expect(change((columns) => (columns[at("space")]![columns[0]!.length - 1] = 1))).toMatch(/other places are data/);
    expect(change((columns) => (columns[at("first.1")]![columns[0]!.length - 1] = 1))).toMatch(
      /other places start as 0/,
    );
  });
  test("a segment cannot be replayed or left out", () => {
    const program = programOf(body);
    const { statement, witnesses } = honest(program, [], 3);
    expect(witnesses.length).toBeGreaterThan(1);
    expect(problemsOf(checkOf(program, statement, witnesses))).toEqual([]);
    expect(problemsOf(checkOf(program, statement, [witnesses[0]!, ...witnesses])).length).toBeGreaterThan(0);
    expect(problemsOf(checkOf(program, statement, witnesses.slice(1))).length).toBeGreaterThan(0);
  });
  test("a store to a constant has no proof", () => {
    const source = "  la t0, k\n  sw t0, 0(t0)\n.rodata\nk: .word 1\n.text";
    expect(() => honest(programOf(source))).toThrow(/store-to-constant/);
    const run = honest(programOf("  la t0, k\n  lw t0, 0(t0)\n.rodata\nk: .word 1\n.text"));
    const load = run.witnesses[0]!.get("load")!;
    const space = tableOf("load").main.indexOf("space");
    expect(load[space]![0]).toBe(1);
    load[space]![0] = 0;
    expect(problemsOf(run.check).join()).toMatch(/bus memory/);
  });
});
