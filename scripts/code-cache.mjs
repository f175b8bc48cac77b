// code-cache.mjs BUNDLE FILE RUNS: runs the command lines of RUNS (JSON), and writes what V8 has compiled of the bundle
// by then to FILE. bin/tb.js loads both.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { Script } from "node:vm";

const [bundle, file, runs] = process.argv.slice(2);
const filename = resolve(bundle);
const script = new Script(readFileSync(filename, "latin1"), {
  filename,
});
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(filename), module, filename);

const write = process.stdout.write;
for (const args of JSON.parse(runs)) {
  process.stdout.write = () => true;
  const code = await module.exports.main(args);
  process.stdout.write = write;
  if (code === 0) continue;
  process.stderr.write(`tb ${args.join(" ")} exits ${code} while what it compiles is kept\n`);
  process.exit(1);
}
// Whole or not at all.
writeFileSync(`${file}.part`, script.createCachedData());
renameSync(`${file}.part`, file);
