/**
 * Evolution of state: planning, and states per second through a plan, in memory and from JSON text, one version and ten
 * versions behind. Peer: the host's own JSON.parse and JSON.stringify of the same state.
 */
import { Value as V, type Value } from "../src/content/index.ts";
import {
  compilePlan,
  fuse,
  type Plan,
  parseManifest,
  plan,
  RULES,
  type Schema,
  stateForm,
} from "../src/schema/index.ts";

const ALLOWED = `[schema.evolution]\nallowed = ${JSON.stringify(RULES)}\n`;

function schema(fields: string): Schema.Schema {
  const parsed = parseManifest(`[schema.fields]\n${fields}\n${ALLOWED}`, "bench.toml");
  if (!parsed.ok) throw new Error(parsed.error.map((p) => p.what).join("; "));
  return parsed.value.schema;
}

interface Row {
  readonly name: string;
  readonly unit: "ms" | "states/s";
  readonly work: () => void;
  readonly calls: number;
}

/**
 * Processor time of one call of each row in seconds, the best of several rounds in which the rows take turns: what other
 * processes take from the clock is not counted, and a slow moment does not fall on one row alone.
 */
function measure(rows: readonly Row[]): readonly number[] {
  const best = rows.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 12; round++) {
    for (const [i, row] of rows.entries()) {
      const start = process.cpuUsage();
      for (let call = 0; call < row.calls; call++) row.work();
      const { user, system } = process.cpuUsage(start);
      best[i] = Math.min(best[i]!, (user + system) / 1e6 / row.calls);
    }
  }
  return best;
}

// About 300 bytes of JSON; three nested edits: a field in each position, an int that becomes a decimal, a new setting.
const before = schema(`balances = "map<asset, decimal>"
lastPrice = "map<text, int>"
positions = "list<record{asset: asset, entry: decimal, open: bool, size: decimal}>"
settings = "record{maxSlippage: decimal, mode: variant{live, paper}, name: text}"
updated = "instant"`);
const after = schema(`balances = "map<asset, decimal>"
lastPrice = "map<text, decimal>"
positions = "list<record{asset: asset, entry: decimal, note: option<text>, open: bool, size: decimal}>"
settings = "record{maxSlippage: decimal, mode: variant{live, paper}, name: text, riskTolerance: decimal = 0.05}"
updated = "instant"`);
const text = JSON.stringify({
  balances: { ETH: 100, USDC: 25000.5, WBTC: 0.25 },
  lastPrice: { "ETH/USDC": 2900, "WBTC/USDC": 61000 },
  positions: [
    { asset: "ETH", entry: 2850.25, open: true, size: 1.5 },
    { asset: "WBTC", entry: 60250, open: false, size: 0.125 },
  ],
  settings: { maxSlippage: 0.01, mode: "live", name: "cross-chain arbitrage" },
  updated: "2025-06-01T12:00:00Z",
});

/** Ten versions, each with one new field somewhere and a wider number. */
function tenVersions(): readonly Plan[] {
  const versions = Array.from({ length: 11 }, (_, v) => {
    const notes = Array.from({ length: v }, (_, i) => `, note${i}: option<text>`).join("");
    const settings = Array.from({ length: v }, (_, i) => `, s${i}: decimal = 0.5`).join("");
    return schema(`balances = "map<asset, decimal>"
lastPrice = "map<text, ${v < 5 ? "int" : "decimal"}>"
positions = "list<record{asset: asset, entry: decimal, open: bool, size: decimal${notes}}>"
settings = "record{maxSlippage: decimal, mode: variant{live, paper}, name: text${settings}}"
updated = "instant"`);
  });
  return versions.slice(1).map((next, i) => plan(versions[i]!, next));
}

const wide = (changed: boolean) =>
  schema(
    Array.from({ length: 200 }, (_, i) => {
      const inner =
        changed && i % 3 === 0
          ? `record{a: decimal, b: map<text, int>, c: option<text>}`
          : `record{a: int, b: map<text, int>}`;
      return `field${i} = "${i % 2 === 0 ? inner : changed && i % 5 === 0 ? "decimal" : "int"}"`;
    }).join("\n"),
  );

const read = stateForm(before).read;
const state = (() => {
  const value = read(text);
  if (!value.ok) throw new Error(value.error.what);
  return value.value;
})();
const oneStep = compilePlan(plan(before, after));
const ten = tenVersions();
const fused = fuse(ten);
if (!fused.ok) throw new Error(fused.error.kind);
const tenFused = compilePlan(fused.value);
const tenSteps = ten.map((p) => compilePlan(p));
const one = compilePlan(plan(ten[0]!.before, ten.at(-1)!.after));

const must = <T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
  if (!result.ok) throw new Error("refused");
  return result.value;
};
let sink: unknown;
const stepwise = () => {
  let at: Value.Value = state;
  for (const step of tenSteps) at = must(step.apply(at)).value;
  sink = at;
};
stepwise();
if (!V.equal(sink as Value.Value, must(tenFused.apply(state)).value)) throw new Error("fused differs from stepwise");

const wideBefore = wide(false);
const wideAfter = wide(true);
const writeAfter = stateForm(after).write;
const rows: readonly Row[] = [
  {
    name: "plan of two 200-field schemas",
    unit: "ms",
    calls: 20,
    work: () => {
      sink = plan(wideBefore, wideAfter);
    },
  },
  {
    name: "one step, in memory",
    unit: "states/s",
    calls: 50_000,
    work: () => {
      sink = oneStep.apply(state);
    },
  },
  {
    name: "one step, from JSON text",
    unit: "states/s",
    calls: 10_000,
    work: () => {
      sink = oneStep.apply(must(read(text)));
    },
  },
  {
    name: "one step, from JSON text to JSON text",
    unit: "states/s",
    calls: 10_000,
    work: () => {
      sink = writeAfter(must(oneStep.apply(must(read(text)))).value);
    },
  },
  {
    name: "peer: JSON.parse",
    unit: "states/s",
    calls: 10_000,
    work: () => {
      sink = JSON.parse(text);
    },
  },
  {
    name: "peer: JSON.parse and JSON.stringify",
    unit: "states/s",
    calls: 10_000,
    work: () => {
      sink = JSON.stringify(JSON.parse(text));
    },
  },
  {
    name: "all ten changes as one step, in memory",
    unit: "states/s",
    calls: 30_000,
    work: () => {
      sink = one.apply(state);
    },
  },
  {
    name: "ten versions behind, fused",
    unit: "states/s",
    calls: 30_000,
    work: () => {
      sink = tenFused.apply(state);
    },
  },
  { name: "ten versions behind, step by step", unit: "states/s", calls: 5000, work: stepwise },
];

const results = measure(rows);
if (process.argv.includes("--json")) {
  const values = rows.map(({ name, unit }, i) => ({
    name,
    unit,
    value: unit === "ms" ? results[i]! * 1000 : 1 / results[i]!,
  }));
  console.log(JSON.stringify({ bytes: text.length, rows: values }));
} else {
  console.log(`state of ${text.length} bytes; processor time, best of 12 rounds`);
  for (const [i, { name, unit }] of rows.entries()) {
    const s = results[i]!;
    const value = unit === "ms" ? `${(s * 1000).toFixed(2)} ms` : `${Math.round(1 / s).toLocaleString("en")} /s`;
    console.log(`${name.padEnd(42)} ${value.padStart(14)}`);
  }
}
