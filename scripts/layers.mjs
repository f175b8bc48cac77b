// Writes every layer's tsconfig.json, the root tsconfig and the picture in ARCHITECTURE.md from layers.json.
// With --check it writes nothing and exits 1 when a file differs.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const check = process.argv.includes("--check");
const { layers } = JSON.parse(readFileSync(join(root, "layers.json"), "utf8"));
const names = Object.keys(layers);
const allowed = (name) =>
  layers[name].may.flatMap((may) => (may.endsWith("/*") ? names.filter((n) => n.startsWith(may.slice(0, -1))) : [may]));

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const outputs = new Map();
for (const name of names) {
  const up = relative(join(root, name), root);
  outputs.set(
    `${name}/tsconfig.json`,
    json({
      extends: `${up}/tsconfig.base.json`,
      compilerOptions: {
        rootDir: ".",
        outDir: `${up}/dist/${name}`,
        ...(layers[name].pure ? {} : { types: ["node"] }),
      },
      include: ["**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.bench.ts"],
      references: allowed(name).map((other) => ({ path: relative(join(root, name), join(root, other)) })),
    }),
  );
}
outputs.set(
  "tsconfig.test.json",
  json({
    extends: "./tsconfig.base.json",
    compilerOptions: {
      composite: false,
      incremental: true,
      noEmit: true,
      rewriteRelativeImportExtensions: false,
      types: ["node"],
      tsBuildInfoFile: "dist/test.tsbuildinfo",
    },
    include: ["src/**/*.test.ts", "apps/**/*.test.ts", "src/**/*.bench.ts", "test/**/*.ts", "bench/**/*.ts"],
    references: names.map((name) => ({ path: `./${name}` })),
  }),
);
outputs.set(
  "tsconfig.json",
  json({ files: [], references: [...names.map((name) => ({ path: `./${name}` })), { path: "./tsconfig.test.json" }] }),
);

const picture = names
  .map((name) => {
    const may = layers[name].may.map((m) => m.replace(/^src\//, ""));
    return `| \`${name}\` | ${layers[name].what} | ${may.length ? may.join(", ") : "–"} |`;
  })
  .join("\n");
const table = `<!-- layers: made by scripts/layers.mjs from layers.json -->\n| folder | what it is | may import |\n|---|---|---|\n${picture}\n<!-- /layers -->`;
const architecture = join(root, "ARCHITECTURE.md");
if (existsSync(architecture)) {
  const text = readFileSync(architecture, "utf8");
  outputs.set(
    "ARCHITECTURE.md",
    text.replace(/<!-- layers:[\s\S]*?<!-- \/layers -->/, () => table),
  );
}

let different = 0;
for (const [file, text] of outputs) {
  const path = join(root, file);
  const now = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (now === text) continue;
  different++;
  if (check) console.error(`${file} does not agree with layers.json: run node scripts/layers.mjs`);
  else writeFileSync(path, text);
}
if (check && different > 0) process.exit(1);
