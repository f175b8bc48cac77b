// tsc -b checks every layer and writes dist/; esbuild joins the command into few files, so that `tb` starts fast.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

const { version, dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const stamp = `export const version = ${JSON.stringify(version)};\n`;
if (readFileSync("apps/cli/version.generated.ts", "utf8") !== stamp)
  writeFileSync("apps/cli/version.generated.ts", stamp);

const layers = Object.keys(JSON.parse(readFileSync("layers.json", "utf8")).layers);
const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...layers], { stdio: "inherit" });
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

rmSync("dist/bundle", { recursive: true, force: true });
await build({
  entryPoints: { tb: "apps/cli/main.ts", demo: "apps/cli/demo/main.ts" },
  outdir: "dist/bundle",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // Less to read and compile at each start; names stay for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
  // Bundled CommonJS (commander) asks for Node's modules by require.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  // Native or large parts stay outside; they are loaded where they are used.
  external: Object.keys(dependencies).filter((name) => !["commander", "picocolors"].includes(name)),
});
