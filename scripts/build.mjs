// tsc -b checks every layer and writes dist/; esbuild joins the command into few files, so that `tb` starts fast.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
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
const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  // Less to read and compile at each start; names stay for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
};
await build({
  ...shared,
  entryPoints: { demo: "apps/cli/demo/main.ts" },
  outdir: "dist/bundle",
  splitting: true,
  format: "esm",
  // Bundled CommonJS (commander) asks for Node's modules by require.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  // Native or large parts stay outside; they are loaded where they are used.
  external: Object.keys(dependencies).filter((name) => !["commander", "picocolors"].includes(name)),
});

// `tb` is one script, of which V8 keeps the compiled form (bin/tb.js): what starts first is loaded without being compiled,
// and what is not needed is not even read. Modules still run only when they are imported.
const NATIVE_OR_LARGE = [
  "@clack/prompts",
  "@foundry-rs/anvil",
  "lmdb",
  "viem",
  "vscode-languageserver",
  "vscode-languageserver-textdocument",
];
const { outputFiles } = await build({
  ...shared,
  entryPoints: ["apps/cli/main.ts"],
  outfile: "dist/bundle/tb.cjs",
  write: false,
  format: "cjs",
  banner: {
    js: '(function(exports,require,module,__filename){const __url=require("node:url").pathToFileURL(__filename).href;',
  },
  footer: { js: "})" },
  define: { "import.meta.url": "__url" },
  external: NATIVE_OR_LARGE,
});
// ASCII, so that it is read byte for byte: esbuild escapes all but what is inside of regular expressions.
const script = outputFiles[0].text.replace(
  /[^\x00-\x7f]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
);
// The first line names the cache that belongs to this text and no other.
const id = createHash("sha256").update(script).digest("hex").slice(0, 16);
writeFileSync("dist/bundle/tb.cjs", `//${id}\n${script}`);
const cached = spawnSync(process.execPath, ["scripts/code-cache.mjs", "dist/bundle/tb.cjs", `dist/bundle/tb.${id}.cache`], {
  stdio: "inherit",
});
if (cached.status !== 0) process.exit(cached.status ?? 1);
