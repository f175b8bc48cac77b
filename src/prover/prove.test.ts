import { describe, expect, test } from "vitest";
import {
  Air,
  Blake3,
  type Claim,
  checkTrace,
  type FixedColumns,
  keyOf,
  Profile,
  reader,
  showRefusal,
  verifyProof,
} from "../verifier/index.ts";
import { prove, type Task } from "./index.ts";

const { add, bus, defineMachine, defineTable, emptyColumns, mul, next, sub } = Air;

/** Fibonacci numbers whose low byte is looked up, with start and end on a bus that the statement closes. */
const byte = bus("byte", "value");
const ends = bus("ends", "index", "a", "b");
const Fibonacci = defineTable("fibonacci", (t) => {
  const active = t.bit("active");
  const first = t.bit("first");
  const last = t.bit("last");
  const index = t.column("index");
  const a = t.column("a");
  const b = t.column("b");
  const low = t.column("low");
  t.zero("ends are active", mul(add(first, last), sub(1, active)));
  t.step("a follows b", mul(sub(active, last), sub(next(a), b)));
  t.step("b is the sum", mul(sub(active, last), sub(next(b), add(a, b))));
  t.step("index counts", mul(sub(active, last), sub(next(index), add(index, 1))));
  t.receive(ends, first, [index, a, b]);
  t.send(ends, last, [index, a, b]);
  t.send(byte, active, [low]);
  return { active, first, last, index, a, b, low };
});
const Squares = defineTable("squares", (t) => {
  const x = t.column("x");
  const y = t.column("y");
  t.equal("y is x cubed", y, mul(x, x, x));
  return { x, y };
});
const Byte = defineTable(
  "byte",
  (t) => {
    const value = t.fixed("value");
    const count = t.column("count");
    t.receive(byte, count, [value]);
    return { value, count };
  },
  { fixed: "constants", logHeight: 8 },
);
const machine = defineMachine("toy", [Fibonacci, Squares, Byte]);
const fixed: FixedColumns = new Map([["byte", [Uint32Array.from({ length: 256 }, (_, i) => i)]]]);

function witness(rows: number): Map<string, Uint32Array[]> {
  const columns = emptyColumns(Fibonacci, rows);
  const counts = emptyColumns(Byte, 256);
  let [a, b] = [1, 1];
  for (let i = 0; i < rows; i++) {
    const set = (column: Air.MainColumn, value: number): void => {
      columns[column.index]![i] = value;
    };
    const { at } = Fibonacci;
    set(at.active, 1);
    set(at.first, i === 0 ? 1 : 0);
    set(at.last, i === rows - 1 ? 1 : 0);
    set(at.index, i);
    set(at.a, a);
    set(at.b, b);
    set(at.low, a & 255);
    counts[0]![a & 255]! += 1;
    [a, b] = [b, (a + b) % 2013265921];
  }
  const squares = emptyColumns(Squares, 40);
  for (let i = 0; i < 40; i++) {
    squares[0]![i] = i;
    squares[1]![i] = i ** 3;
  }
  return new Map([
    ["fibonacci", columns],
    ["squares", squares],
    ["byte", counts],
  ]);
}

function messages(rows: number): Air.Message[] {
  let [a, b] = [1, 1];
  for (let i = 1; i < rows; i++) [a, b] = [b, (a + b) % 2013265921];
  return [
    { bus: ends, multiplicity: 1, tuple: [0, 1, 1] },
    { bus: ends, multiplicity: -1, tuple: [rows - 1, a, b] },
  ];
}

function task(rows: number, profile = Profile.STD100, hiding = false): Task {
  return {
    machine,
    publics: [],
    messages: messages(rows),
    statement: Blake3.ofBytes(new Uint8Array(3)),
    profile,
    hiding,
    fixed,
    segments: { count: 1, at: () => witness(rows) },
  };
}

function verdict(of: Task, proof: Uint8Array): string {
  const claim: Claim = { ...of, keys: { constants: keyOf(machine, "constants", fixed, of.hiding) } };
  const input = reader(proof);
  verifyProof(claim, input);
  const refusal = input.refusal();
  return refusal === undefined ? "accepted" : showRefusal(refusal);
}

describe("a proof of a toy machine", () => {
  test("the witness satisfies the tables", () => {
    expect(checkTrace({ machine, fixed, witnesses: [witness(100)], messages: messages(100) })).toEqual([]);
  });
  test.each(Profile.PROFILES)("is accepted ($name)", async (profile) => {
    const of = task(100, profile);
    expect(verdict(of, await prove(of, { threads: 0 }))).toBe("accepted");
  });
});

describe("hiding", () => {
  test("is accepted", async () => {
    const of = task(100, Profile.STD100, true);
    expect(verdict(of, await prove(of, { threads: 0, seed: new Uint8Array(32) }))).toBe("accepted");
  });
});

describe("refused", () => {
  test("a cell of the witness changed", async () => {
    const results: string[] = [];
    for (const [table, column, row] of [
      ["fibonacci", 4, 50],
      ["fibonacci", 6, 3],
      ["fibonacci", 0, 120],
      ["squares", 1, 39],
      ["byte", 0, 255],
    ] as const) {
      const of = task(100);
      const wrong = witness(column === 0 && table === "fibonacci" ? 121 : 100);
      if (wrong.get("fibonacci")![0]!.length === 121) for (const c of wrong.get("fibonacci")!) c.fill(0, 100);
      wrong.get(table)![column]![row]! += 1;
      const proof = await prove({ ...of, segments: { count: 1, at: () => wrong } }, { threads: 0 }).catch(
        (e) => e as Error,
      );
      results.push(proof instanceof Error ? proof.message : verdict(of, proof));
    }
    expect(results).toMatchInlineSnapshot(`
      [
        "constraint: table fibonacci: expected constraints that fold to the quotient, got others",
        "bus: sum over all tables: expected 0, got 1377213516 1238756612 640425408 1347081550 1957032138",
        "constraint: table fibonacci: expected constraints that fold to the quotient, got others",
        "constraint: table squares: expected constraints that fold to the quotient, got others",
        "bus: sum over all tables: expected 0, got 1292286831 526623886 1991223182 955406480 339073025",
      ]
    `);
  });
});
