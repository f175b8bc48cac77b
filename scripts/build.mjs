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

const NATIVE_OR_LARGE = [
  "@clack/prompts",
  "@foundry-rs/anvil",
  "lmdb",
  "viem",
  "vscode-languageserver",
  "vscode-languageserver-textdocument",
];

// `tb` is one script, of which V8 keeps the compiled form (bin/tb.js): it is loaded without being compiled again. Modules
// still run only when they are imported. What `tb --help` needs is a script of its own, with the tables of commands alone.
await script("tb", [], [["--help"], ["check", "examples/cross-chain-arb"], ["eval", "1 + 1"]]);
const noActions = {
  name: "no-actions",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ kind }) => (kind === "dynamic-import" ? { external: true } : {})),
};
await script("help", [noActions], [["--help"], ["check", "--help"]]);

/** Bundles the command as NAME.cjs, and keeps beside it what V8 compiles while the command lines of `runs` run. */
async function script(name, plugins, runs) {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: ["apps/cli/main.ts"],
    outfile: `dist/bundle/${name}.cjs`,
    write: false,
    format: "cjs",
    plugins,
    banner: {
      js: '(function(exports,require,module,__filename){const __url=require("node:url").pathToFileURL(__filename).href;',
    },
    footer: { js: "})" },
    define: { "import.meta.url": "__url" },
    // What is not in the bundle is required: a script that imports at run time needs a part of Node that is experimental.
    supported: { "dynamic-import": false },
    external: NATIVE_OR_LARGE,
  });
  // ASCII, so that it is read byte for byte: esbuild escapes all but what is inside of regular expressions.
  const text = outputFiles[0].text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  // The first line names the cache that belongs to this text and no other.
  const id = createHash("sha256").update(text).digest("hex").slice(0, 16);
  writeFileSync(`dist/bundle/${name}.cjs`, `//${id}\n${text}`);
  const args = ["scripts/code-cache.mjs", `dist/bundle/${name}.cjs`, `dist/bundle/${name}.${id}.cache`];
  const { status } = spawnSync(process.execPath, [...args, JSON.stringify(runs)], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
