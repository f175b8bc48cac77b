/**
 * What an editor waits for: the check after a key press in a module that none uses and in one that all use, and each answer
 * from a checked project. The project is a made-up codebase of 50,000 lines. Peer: the host's JSON.parse of as many bytes.
 */
import {
  type Analysis,
  analyse,
  analyser,
  complete,
  formatted,
  hover,
  inlays,
  lenses,
  references,
  semanticTokens,
} from "../src/editor/index.ts";
import { codebase } from "./codebase.ts";

const { sources, lines, environment, hub, leaf } = codebase(50_000);
const json = JSON.stringify(sources);
const analysis = analyse(sources, environment);
const { path, text } = sources.find((source) => source.path === leaf)!;
const name = text.indexOf("lineTotal");
const dot = text.indexOf("item.price") + "item.".length;

/** A project whose file `file` gets one more letter in the body of a function, again and again. */
function edited(file: string, place: string): () => Analysis {
  const kept = analyser();
  kept(sources, environment);
  let presses = 0;
  return () => {
    const press = `${place} * ${++presses + 1}`;
    return kept(
      sources.map((source) =>
        source.path === file ? { path: file, text: source.text.replace(place, press) } : source,
      ),
      environment,
    );
  };
}
const pressed = edited(leaf, "sum * (1 - d)");
const pressedInHub = edited(hub, "m.amount * by");
// Made once for a checked project, as an editor does.
complete(analysis, path, dot);
references(analysis, path, name, true);

const rows = [
  { name: "JSON.parse", work: () => void JSON.parse(json) },
  { name: "check after a key press, in a leaf", work: () => void pressed() },
  { name: "check after a key press, in the hub", work: () => void pressedInHub() },
  {
    name: "check after a key press, and the tokens of that file",
    work: () => void semanticTokens(pressed(), leaf),
  },
  {
    name: "check after a key press, and the lenses of that file",
    work: () => void lenses(pressed(), leaf),
  },
  {
    name: "check after a key press in the hub, and the lenses of a leaf",
    work: () => void lenses(pressedInHub(), leaf),
  },
  {
    name: "check after a key press, and a hover with its hash",
    work: () => void hover(pressed(), leaf, name),
  },
  {
    name: "check after a key press, and the completion of a name",
    work: () => void complete(pressed(), leaf, name + 3),
  },
  {
    name: "check after a key press, and the completion after a dot",
    work: () => void complete(pressed(), leaf, dot),
  },
  {
    name: "check after a key press, and references",
    work: () => void references(pressed(), leaf, name, true),
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
  console.log(`${lines} lines in ${sources.length} modules`);
  console.table(results);
}
