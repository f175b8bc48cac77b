/**
 * What an editor waits for: the whole check after a key press, and each answer from a checked project. The project is the
 * arbitrage's library as many modules. Peer: the host's JSON.parse of as many bytes.
 */
import { readFileSync } from "node:fs";
import { analyse, complete, formatted, hover, inlays, references, semanticTokens } from "../src/editor/index.ts";

const math = readFileSync("examples/cross-chain-arb/math.tel", "utf8");
const body = math.slice(math.indexOf("type Pair"), math.indexOf("> decide"));
const COPIES = 100;
const sources = Array.from({ length: COPIES }, (_, i) => ({
  path: `m${i}.tel`,
  text: `module m${i}\nuse timelines (ethereum)\n\n${body}`,
}));
const environment = { timelines: ["ethereum"] };
const lines = sources.reduce((sum, source) => sum + source.text.split("\n").length, 0);
const json = JSON.stringify(sources);
const analysis = analyse(sources, environment);
const [first] = sources;
const { path, text } = first!;
const name = text.indexOf("spread(");
const dot = text.indexOf(".price") + 1;
// Made once for a checked project, as an editor does.
analysis.occurrences();
analysis.hashes();

const rows = [
  { name: "JSON.parse", work: () => void JSON.parse(json) },
  { name: "check after a key press", work: () => void analyse(sources, environment) },
  {
    name: "names of all files",
    work: () => void analyse(sources, environment).occurrences(),
  },
  { name: "hover", work: () => void hover(analysis, path, name) },
  { name: "references", work: () => void references(analysis, path, name, true) },
  { name: "completion of a name", work: () => void complete(analysis, path, name + 3) },
  { name: "completion after a dot", work: () => void complete(analysis, path, dot) },
  { name: "semantic tokens of a file", work: () => void semanticTokens(analysis, path) },
  { name: "inlay hints of a file", work: () => void inlays(analysis, path, { start: 0, end: text.length }) },
  { name: "formatting a file", work: () => void formatted(analysis, path) },
];

const ROUNDS = 7;
const best = rows.map(() => ({ clock: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY }));
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, row] of rows.entries()) {
    const used = process.cpuUsage();
    const start = performance.now();
    row.work();
    const clock = performance.now() - start;
    const { user, system } = process.cpuUsage(used);
    const now = best[i]!;
    now.clock = Math.min(now.clock, clock);
    now.processor = Math.min(now.processor, (user + system) / 1000);
  }
}
const results = rows.map((row, i) => ({
  name: row.name,
  milliseconds: Number(best[i]!.clock.toFixed(2)),
  processorMilliseconds: Number(best[i]!.processor.toFixed(2)),
}));
if (process.argv.includes("--json")) console.log(JSON.stringify({ bench: "editor", lines, results }, null, 2));
else {
  console.log(`${lines} lines in ${COPIES} modules`);
  console.table(results);
}
