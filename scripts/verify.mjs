// Everything that must hold before a change lands: format and lint, types, layers, made files, tests.
import { spawnSync } from "node:child_process";

const steps = [
  ["format and lint", "biome", ["check", "--error-on-warnings", "."]],
  ["types", "tsc", ["-b"]],
  ["layers", process.execPath, ["scripts/layers.mjs", "--check"]],
  ["tests", "vitest", ["run"]],
];
for (const [name, program, args] of steps) {
  const start = performance.now();
  console.log(`\n── ${name}: ${program.split("/").pop()} ${args.join(" ")}`);
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  console.log(
    `── ${name} ${status === 0 ? "passed" : "FAILED"} in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  if (status !== 0) process.exit(status ?? 1);
}
