/**
 * The compiler's speed on a made-up codebase of 50,000 lines: parse alone, and parse + names + types + effects + Core; then
 * the check after one edit, by a checker that keeps what the edit does not reach. Peer: the host's JSON.parse of as many
 * bytes. Lines and bytes are of the whole codebase, also where only a part is checked again. Clock and processor time are
 * the best of all rounds each; processor time is that of all threads, the collector's among them.
 */
import { check, checker, parse } from "../src/language/index.ts";
import { codebase } from "./codebase.ts";

const { sources, lines, environment, hub, leaf } = codebase(50_000);
const bytes = sources.reduce((sum, source) => sum + source.text.length, 0);
const json = JSON.stringify(sources.map((source) => source.text.split(" ")));
const kept = checker();

/** The codebase with one place changed, differently each time. */
let edits = 0;
function edited(path: string, place: string, changed = (times: number) => `${place} * ${times}`) {
  const source = sources.find((one) => one.path === path)!;
  if (!source.text.includes(place)) throw new Error(`${path} has no ${place}`);
  const text = source.text.replace(place, changed(++edits + 1));
  return sources.map((one) => (one.path === path ? { path, text } : one));
}

function checked(with_: typeof check, files: typeof sources): void {
  const { unit, problems } = with_(files, environment);
  if (unit === undefined) throw new Error(JSON.stringify(problems.find(({ severity }) => severity === "error")));
}
checked(kept.check, sources);

const rows = [
  { name: "JSON.parse", work: () => void JSON.parse(json), bytes: json.length },
  {
    name: "parse",
    work: () => {
      for (const source of sources) parse(source.text, source.path);
    },
    bytes,
  },
  { name: "check (parse, names, types, effects, Core)", work: () => checked(check, sources), bytes },
  {
    name: "check again after an edit in a module that none uses",
    work: () => checked(kept.check, edited(leaf, "sum * (1 - d)")),
    bytes,
  },
  {
    name: "check again after an edit in a module that all use",
    work: () => checked(kept.check, edited(hub, "m.amount * by")),
    bytes,
  },
  {
    name: "check again after an edit of a type that all use",
    work: () =>
      checked(
        kept.check,
        edited(hub, "currency: Text)", (times) => `currency: Text, n${times}: Int = 1)`),
      ),
    bytes,
  },
];
const ROUNDS = 8;
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
  milliseconds: Number(best[i]!.clock.toFixed(1)),
  processorMilliseconds: Number(best[i]!.processor.toFixed(1)),
  megabytesPerSecond: Number((row.bytes / 1000 / best[i]!.clock).toFixed(2)),
  linesPerSecond: i === 0 ? undefined : Math.round((lines / best[i]!.clock) * 1000),
  linesPerProcessorSecond: i === 0 ? undefined : Math.round((lines / best[i]!.processor) * 1000),
}));
if (process.argv.includes("--json")) console.log(JSON.stringify({ bench: "language", lines, results }, null, 2));
else {
  console.log(`${lines} lines in ${sources.length} modules`);
  console.table(results);
}
