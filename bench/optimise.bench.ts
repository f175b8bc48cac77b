/** Optimised code against tier 0 and plain JavaScript in one run: time, and that fuel and memory are the same. */
import { addressUnit } from "../src/code/index.ts";
import type { Value } from "../src/content/index.ts";
import {
  codeSource,
  fuelUsed,
  type Library,
  memoryUsed,
  newLibrary,
  optimisedLibrary,
  run,
  start,
} from "../src/execution/index.ts";
import { check } from "../src/language/index.ts";

const TEXT = `module bench
fn fib(n: Int) -> Int { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }

fn pipeline(n: Int) -> Int {
  list.fold(list.filter(list.map(list.range(0, n), fn(x) { x * x % 1000 }), fn(x) { x > 100 }), 0, fn(a, b) { a + b })
}

fn total(xs: List<Int>) -> Int { int.sum(list.map(xs, fn(x) { x + 1 })) }
fn totals(n: Int) -> Int { total(list.range(0, n)) }

type Body(x: Float, v: Float)
fn step(b: Body, dt: Float) -> Body { Body(x: b.x + b.v * dt, v: b.v - b.x * dt) }
fn orbit(n: Int, b: Body, dt: Float) -> Float { if n == 0 { b.x + b.v } else { orbit(n - 1, step(b, dt), dt) } }
fn spring(n: Int) -> Float { orbit(n, Body(x: 1.0f, v: 0.0f), 0.001f) }

type Expr = Num(value: Int) | Add(left: Expr, right: Expr) | Mul(left: Expr, right: Expr) | Neg(of: Expr)
fn evaluate(e: Expr) -> Int {
  match e {
    Num(value) => value
    Add(left, right) => evaluate(left) + evaluate(right)
    Mul(left, right) => evaluate(left) * evaluate(right) % 1009
    Neg(of) => -evaluate(of)
  }
}
fn tree(n: Int) -> Expr {
  if n == 0 { Num(3) } else { if n % 3 == 0 { Neg(tree(n - 1)) } else { Add(tree(n - 1), Mul(tree(n - 1), Num(n))) } }
}
fn evaluations(n: Int) -> Int { let e = tree(12); again(n, e, 0) }
fn again(n: Int, e: Expr, sum: Int) -> Int { if n == 0 { sum } else { again(n - 1, e, sum + evaluate(e)) } }

fn clampAll(n: Int, sum: Int) -> Int {
  if n == 0 { sum } else { clampAll(n - 1, sum + int.clamp(n % 100, 10, 50) + int.abs(-n) % 7) }
}
`;

const checked = check([{ path: "bench.tel", text: TEXT }]);
if (checked.unit === undefined) throw new Error(checked.problems.map((one) => one.message).join("\n"));
const addressed = addressUnit(checked.unit);
const blocks = new Map(addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
const source = codeSource({ get: (hash) => blocks.get(hash) });
const tier0 = newLibrary(source);
const optimised = optimisedLibrary(source);

function once(library: Library, name: string, args: readonly Value.Value[]) {
  const machine = start(library, addressed.definitions.get(`bench.${name}`)!, args, {
    fuel: 1e12,
    memoryBytes: 2 ** 40,
  });
  if (!machine.ok) throw new Error(machine.error.kind);
  const outcome = run(machine.value);
  if (outcome.kind !== "done") throw new Error(`${name}: ${outcome.kind}`);
  const value = JSON.stringify(outcome.value);
  return `${value} for ${fuelUsed(machine.value)} fuel, ${memoryUsed(machine.value)} bytes`;
}

/** CPU milliseconds, the least of several. */
function least(times: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const from = process.cpuUsage();
    work();
    const used = process.cpuUsage(from);
    best = Math.min(best, (used.user + used.system) / 1000);
  }
  return best;
}

const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2));
const squares = (n: number): number =>
  Array.from({ length: n }, (_, i) => i)
    .map((x) => (x * x) % 1000)
    .filter((x) => x > 100)
    .reduce((a, b) => a + b, 0);
const totals = (n: number): number =>
  Array.from({ length: n }, (_, i) => i)
    .map((x) => x + 1)
    .reduce((a, b) => a + b, 0);
function spring(n: number): number {
  let body = { x: 1, v: 0 };
  for (let i = 0; i < n; i++) body = { x: body.x + body.v * 0.001, v: body.v - body.x * 0.001 };
  return body.x + body.v;
}
type Expr = { k: 0; n: number } | { k: 1 | 2; l: Expr; r: Expr } | { k: 3; l: Expr };
const tree = (n: number): Expr =>
  n === 0
    ? { k: 0, n: 3 }
    : n % 3 === 0
      ? { k: 3, l: tree(n - 1) }
      : { k: 1, l: tree(n - 1), r: { k: 2, l: tree(n - 1), r: { k: 0, n } } };
function evaluate(e: Expr): number {
  switch (e.k) {
    case 0:
      return e.n;
    case 1:
      return evaluate(e.l) + evaluate(e.r);
    case 2:
      return (evaluate(e.l) * evaluate(e.r)) % 1009;
    default:
      return -evaluate(e.l);
  }
}
function evaluations(n: number): number {
  const e = tree(12);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += evaluate(e);
  return sum;
}
function clampAll(n: number): number {
  let sum = 0;
  for (let i = n; i > 0; i--) sum += Math.min(Math.max(i % 100, 10), 50) + (Math.abs(-i) % 7);
  return sum;
}

const cases: readonly (readonly [string, string, readonly Value.Value[], () => number])[] = [
  ["fib(25)", "fib", [25], () => fib(25)],
  ["map, filter, fold of 1e5", "pipeline", [100_000], () => squares(100_000)],
  ["map and sum of 1e5", "totals", [100_000], () => totals(100_000)],
  ["1e5 steps of a record of Floats", "spring", [100_000], () => spring(100_000)],
  ["a tree evaluated 200 times", "evaluations", [200], () => evaluations(200)],
  ["1e5 turns with small calls", "clampAll", [100_000, 0], () => clampAll(100_000)],
];

interface Row {
  readonly what: string;
  readonly plainMilliseconds: number;
  readonly tier0Milliseconds: number;
  readonly optimisedMilliseconds: number;
  readonly isEqual: boolean;
}

const rows = cases.map(([what, name, args, plain]): Row => {
  let result = "";
  const plainMilliseconds = least(15, () => plain());
  const tier0Milliseconds = least(9, () => {
    result = once(tier0, name, args);
  });
  let optimisedResult = "";
  const optimisedMilliseconds = least(9, () => {
    optimisedResult = once(optimised, name, args);
  });
  return { what, plainMilliseconds, tier0Milliseconds, optimisedMilliseconds, isEqual: result === optimisedResult };
});

if (process.argv.includes("--json")) console.log(JSON.stringify({ bench: "optimise", rows }, null, 2));
else
  for (const row of rows) {
    const { what, plainMilliseconds: plain, tier0Milliseconds: zero, optimisedMilliseconds: fast, isEqual } = row;
    const times = `${plain.toFixed(2).padStart(8)} ms plain ${zero.toFixed(2).padStart(9)} ms tier 0 ${fast.toFixed(2).padStart(9)} ms optimised`;
    const same = isEqual ? "value, fuel and memory equal" : "DIFFERENT value, fuel or memory";
    console.log(`${what.padEnd(34)} ${times}  ${(zero / fast).toFixed(2)}× faster  ${same}`);
  }
