/**
 * The command as a whole process: how long `tb --help` and `tb check` of the example take, beside a bare Node that does
 * nothing. Median of several runs each.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const tb = resolve("bin/tb.js");
const rows = [
  { name: "node -e 0", args: ["-e", "0"] },
  { name: "tb --help", args: [tb, "--help"] },
  { name: "tb check examples/cross-chain-arb", args: [tb, "check", "examples/cross-chain-arb"] },
  { name: "tb eval '1 + 1'", args: [tb, "eval", "1 + 1"] },
] as const;
const RUNS = 15;

const times: number[][] = rows.map(() => []);
for (let run = 0; run < RUNS; run++) {
  for (const [i, row] of rows.entries()) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, row.args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${row.name} exits ${status}: ${stderr}`);
    times[i]!.push(performance.now() - start);
  }
}
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const bare = median(times[0]!);
const results = rows.map((row, i) => ({
  name: row.name,
  milliseconds: Number(median(times[i]!).toFixed(1)),
  least: Number(Math.min(...times[i]!).toFixed(1)),
  ratioToBareNode: Number((median(times[i]!) / bare).toFixed(2)),
}));
if (process.argv.includes("--json")) console.log(JSON.stringify({ bench: "command", results }, null, 2));
else console.table(results);
