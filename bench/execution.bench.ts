/** Tier 0 against plain JavaScript, recording, replay and snapshots. CPU time; ratios are of one run on one machine. */
import { addressUnit } from "../src/code/index.ts";
import type { ContentHash, Value } from "../src/content/index.ts";
import {
  answer,
  codeSource,
  type EffectHandler,
  fuelUsed,
  newExecutor,
  newLibrary,
  openSnapshot,
  pending,
  readTrace,
  replay,
  run,
  start,
  takeSnapshot,
} from "../src/execution/index.ts";
import { check } from "../src/language/index.ts";
import { openMemoryStore } from "../src/stores/memory/index.ts";

const TEXT = `module bench
use timelines (ethereum)
fn fib(n: Int) -> Int { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
fn deep(n: Int) -> Int { if n == 0 { 0 } else { 1 + deep(n - 1) } }
fn squares(n: Int) -> Int { list.fold(list.map(list.range(0, n), fn(x) { x * x % 1000 }), 0, fn(a, b) { a + b }) }
fn swaps(n: Int, x: Decimal, y: Decimal) -> Decimal {
  if n == 0 { return x }
  let dx = x / 1000
  let dy = decimal.divideRounded(y * dx, x + dx, 18, HalfEven)
  swaps(n - 1, decimal.round(x + dx, 18, HalfEven), y - dy)
}
fact Price(pair: Text) -> Int
fn watch(n: Int, sum: Int) -> Int uses Observe {
  if n == 0 { sum } else { watch!(n - 1, sum + observe!(ethereum, Price("ETH")).value) }
}
`;

const checked = check([{ path: "bench.tel", text: TEXT }]);
if (checked.unit === undefined) throw new Error(checked.problems.map((one) => one.message).join("\n"));
const addressed = addressUnit(checked.unit);
const store = openMemoryStore();
await store.write((transaction) => {
  for (const { bytes } of addressed.blocks) transaction.put(bytes);
});
const library = newLibrary(codeSource(store.blocks));
const LIMITS = { fuel: 1e12, memoryBytes: 2 ** 40 };
const hashOf = (name: string): ContentHash.ContentHash => addressed.definitions.get(`bench.${name}`)!;

function machineOf(name: string, ...args: readonly Value.Value[]) {
  const machine = start(library, hashOf(name), args, LIMITS);
  if (!machine.ok) throw new Error(machine.error.kind);
  return machine.value;
}

function value(name: string, ...args: readonly Value.Value[]): Value.Value {
  const outcome = run(machineOf(name, ...args));
  if (outcome.kind !== "done") throw new Error(outcome.kind);
  return outcome.value;
}

/** CPU milliseconds, so that what else the machine does counts less; the least of several measurements of `each` runs. */
function least(times: number, work: () => void, each = 1): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const from = process.cpuUsage();
    for (let j = 0; j < each; j++) work();
    const used = process.cpuUsage(from);
    best = Math.min(best, (used.user + used.system) / 1000 / each);
  }
  return best;
}

interface Row {
  readonly what: string;
  readonly milliseconds: number;
  readonly note: string;
}
const rows: Row[] = [];

const plainFib = (n: number): number => (n < 2 ? n : plainFib(n - 1) + plainFib(n - 2));
const plainSquares = (n: number): number =>
  Array.from({ length: n }, (_, i) => i)
    .map((x) => (x * x) % 1000)
    .reduce((a, b) => a + b, 0);

function compare(what: string, plain: () => void, tier0: () => void, target: string): void {
  const plainTime = least(15, plain, 10);
  const time = least(15, tier0);
  rows.push({ what: `${what}, plain JavaScript`, milliseconds: plainTime, note: "1.0×" });
  rows.push({ what: `${what}, tier 0`, milliseconds: time, note: `${(time / plainTime).toFixed(1)}× (${target})` });
}

compare(
  "fib(27)",
  () => plainFib(27),
  () => value("fib", 27),
  "required ≤ 20×, aim ≤ 5×",
);
compare(
  "list map and fold, 1e5",
  () => plainSquares(100_000),
  () => value("squares", 100_000),
  "aim ≤ 3×",
);
rows.push({
  what: "recursion 1e6 deep, tier 0",
  milliseconds: least(5, () => value("deep", 1_000_000)),
  note: "plain JavaScript overflows",
});
rows.push({
  what: "1e4 Decimal swaps, tier 0",
  milliseconds: least(5, () => value("swaps", 10_000, dec(1000), dec(3_000_000))),
  note: "",
});

function dec(n: number): Value.Value {
  return { tag: "decimal", coefficient: BigInt(n), exponent: 0 };
}

const EFFECTS = 20_000;
const effects: EffectHandler = {
  perform: async () => ({
    kind: "answer",
    value: {
      tag: "record",
      names: ["observedAt", "proof", "value"],
      values: [{ tag: "instant", milliseconds: 0 }, { tag: "hash", hash: hashOf("fib") }, 7],
    },
  }),
};
const executor = newExecutor({ store, clock: { now: () => 0, until: async () => {} }, effects });
const context = executor.createContext();
if (!context.ok) throw new Error(context.error.kind);
const from = process.cpuUsage();
const recorded = await executor.execute({ definition: hashOf("watch"), arguments: [EFFECTS, 0] }, context.value);
const { user, system } = process.cpuUsage(from);
const recording = (user + system) / 1000;
const perSecond = (time: number): string => `${Math.round((EFFECTS / time) * 1000).toLocaleString("en")} per second`;
rows.push({ what: `${EFFECTS} effects, recorded in memory`, milliseconds: recording, note: perSecond(recording) });

const trace = readTrace(store.blocks, recorded.trace!);
if (!trace.ok) throw new Error(trace.error.kind);
const replaying = least(5, () => {
  const replayed = replay(library, trace.value, recorded.trace!);
  if (!replayed.ok) throw new Error(replayed.error.kind);
});
rows.push({ what: `${EFFECTS} effects, replayed and compared`, milliseconds: replaying, note: perSecond(replaying) });
const bytes = trace.value.entries.reduce((sum, entry) => sum + store.blocks.get(entry.hash)!.length, 0);
rows.push({ what: "trace", milliseconds: 0, note: `${Math.round(bytes / EFFECTS)} bytes per effect` });

const waiting = machineOf("watch", 10, 0);
run(waiting);
rows.push({
  what: "snapshot at an effect",
  milliseconds: least(10, () => void takeSnapshot(waiting), 100),
  note: "",
});
const paused = machineOf("deep", 1_000_000);
run(paused, 5_000_000);
const taken = takeSnapshot(paused);
if (!taken.ok) throw new Error(taken.error.kind);
const blocks = new Map(taken.value.blocks.map((block) => [block.hash, block.bytes]));
rows.push({
  what: "snapshot of a deep stack",
  milliseconds: least(3, () => void takeSnapshot(paused)),
  note: `${blocks.size} blocks`,
});
rows.push({
  what: "the same, opened",
  milliseconds: least(3, () => {
    const opened = openSnapshot(library, taken.value.root, (hash) => blocks.get(hash));
    if (!opened.ok) throw new Error(opened.error.kind);
  }),
  note: "",
});
answer(waiting, pending(waiting)[0]!.index, 7);
const fuelMachine = machineOf("fib", 27);
const fuelTime = least(1, () => run(fuelMachine));
rows.push({
  what: "fuel of fib(27)",
  milliseconds: fuelTime,
  note: `${Math.round(fuelUsed(fuelMachine) / fuelTime / 1000)} M per second`,
});

if (process.argv.includes("--json")) console.log(JSON.stringify({ bench: "execution", rows }, null, 2));
else
  for (const row of rows)
    console.log(`${row.what.padEnd(40)} ${row.milliseconds.toFixed(2).padStart(10)} ms  ${row.note}`);
