/**
 * The compiler's speed on a synthetic module of the example's kind: parse alone, and parse + names + types + effects + Core.
 * Peer: the host's JSON.parse of as many bytes.
 */
import { readFileSync } from "node:fs";
import { check, parse } from "../src/language/index.ts";

const math = readFileSync("examples/cross-chain-arb/math.tel", "utf8");
const body = math.slice(math.indexOf("type Pair"), math.indexOf("> decide"));
const COPIES = 200;
const sources = Array.from({ length: COPIES }, (_, i) => ({
  path: `m${i}.tel`,
  text: `module m${i}\nuse timelines (ethereum)\n\n${body}`,
}));
const bytes = sources.reduce((sum, source) => sum + source.text.length, 0);
const lines = sources.reduce((sum, source) => sum + source.text.split("\n").length, 0);
const json = JSON.stringify(sources.map((source) => source.text.split(" ")));

const rows = [
  { name: "JSON.parse", work: () => void JSON.parse(json), bytes: json.length },
  {
    name: "parse",
    work: () => {
      for (const source of sources) parse(source.text, source.path);
    },
    bytes,
  },
  {
    name: "check (parse, names, types, effects, Core)",
    work: () => {
      const checked = check(sources, { timelines: ["ethereum"] });
      if (checked.unit === undefined)
        throw new Error(JSON.stringify(checked.problems.find((p) => p.severity === "error")));
    },
    bytes,
  },
];
const best = rows.map(() => Number.POSITIVE_INFINITY);
for (let round = 0; round < 8; round++) {
  for (const [i, row] of rows.entries()) {
    const start = performance.now();
    row.work();
    best[i] = Math.min(best[i]!, performance.now() - start);
  }
}
const results = rows.map((row, i) => ({
  name: row.name,
  milliseconds: Number(best[i]!.toFixed(1)),
  megabytesPerSecond: Number((row.bytes / 1000 / best[i]!).toFixed(2)),
  linesPerSecond: i === 0 ? undefined : Math.round((lines / best[i]!) * 1000),
}));
if (process.argv.includes("--json")) console.log(JSON.stringify({ bench: "language", lines, results }, null, 2));
else {
  console.log(`${lines} lines in ${COPIES} modules`);
  console.table(results);
}
