// bench.mjs [NAME…] [--json]: bundles bench/NAME.bench.ts and runs each in a process of its own, one after the other.
// Every bench prints its table, or with --json one JSON document; ratios are against a peer measured in the same run.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
const args = process.argv.slice(2);
const json = args.includes("--json");
const wanted = args.filter((arg) => !arg.startsWith("--"));
const all = readdirSync("bench")
  .filter((file) => file.endsWith(".bench.ts"))
  .map((file) => file.slice(0, -".bench.ts".length));
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(", ")}; there are: ${all.join(", ")}`);
  process.exit(2);
}
await build({
  entryPoints: all.map((name) => `bench/${name}.bench.ts`),
  outdir: "dist/bench",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  logLevel: "warning",
});
if (!json) {
  console.log(
    `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}`,
  );
}
for (const name of wanted.length > 0 ? wanted : all) {
  if (!json) console.log(`\n── ${name}`);
  const { status } = spawnSync(
    process.execPath,
    ["--expose-gc", `dist/bench/${name}.bench.js`, ...(json ? ["--json"] : [])],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exit(status ?? 1);
}
