/** A small machine with every feature of the language: a step table, a cubic, a lookup table, the statement's messages. */
import type { Task } from "../../src/prover/index.ts";
import {
  Air,
  Blake3,
  type Claim,
  type FixedColumns,
  keyOf,
  Profile,
  reader,
  showRefusal,
  verifyProof,
} from "../../src/verifier/index.ts";

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
  t.send(ends, last, [add(index, 1), b, add(a, b)]);
  t.send(byte, active, [low]);
  return { active, first, last, index, a, b, low };
});
export const Squares = defineTable("squares", (t) => {
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
export const machine = defineMachine("toy", [Fibonacci, Squares, Byte]);
export const fixed: FixedColumns = new Map([["byte", [Uint32Array.from({ length: 256 }, (_, i) => i)]]]);

export function witness(rows: number): Map<string, Uint32Array[]> {
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

export function messages(rows: number): Air.Message[] {
  let [a, b] = [1, 1];
  for (let i = 0; i < rows; i++) [a, b] = [b, (a + b) % 2013265921];
  return [
    { bus: ends, multiplicity: 1, tuple: [0, 1, 1] },
    { bus: ends, multiplicity: -1, tuple: [rows, a, b] },
  ];
}

/** The witness cut into two segments: the first rows of Fibonacci, then all the rest. */
export function segments(rows: number, cut: number): Map<string, Uint32Array[]>[] {
  const whole = witness(rows);
  const part = (from: number, to: number): Uint32Array[] =>
    whole.get("fibonacci")!.map((column) => column.slice(from, to));
  // Each part has its own ends: the state goes from one to the other over the bus.
  const [before, after] = [part(0, cut), part(cut, rows)];
  before[Fibonacci.at.last.index]![cut - 1] = 1;
  const first = after[Fibonacci.at.first.index]!;
  first[0] = 1;
  return [new Map([["fibonacci", before]]), new Map([...whole, ["fibonacci", after]])];
}

export function task(rows: number, profile = Profile.STD100, hiding = false): Task {
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

export const keys = [false, true].map((hiding) => ({ constants: keyOf(machine, "constants", fixed, hiding) }));

export const claimOf = (of: Task): Claim => ({ ...of, keys: keys[of.hiding ? 1 : 0]! });

export function verdict(of: Task, proof: Uint8Array): string {
  const input = reader(proof);
  verifyProof(claimOf(of), input);
  const refusal = input.refusal();
  return refusal === undefined ? "accepted" : showRefusal(refusal);
}
