// Makes src/language/library/sources.generated.ts of the .tel files beside it, so that the browser needs no disk.
// With --check: fails when the file is not up to date.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../src/language/library/", import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".tel"))
  .sort();
const entries = files.map((name) => {
  const text = readFileSync(join(folder, name), "utf8");
  return `  { path: "library:${name}", text: ${JSON.stringify(text)} },`;
});
const made = `// Made by scripts/library.mjs from the .tel files beside it.
export const librarySources: readonly { readonly path: string; readonly text: string }[] = [
${entries.join("\n")}
];
`;
const target = join(folder, "sources.generated.ts");
if (process.argv.includes("--check")) {
  let before = "";
  try {
    before = readFileSync(target, "utf8");
  } catch {
    // Not made yet.
  }
  if (before !== made) {
    console.error("src/language/library/sources.generated.ts is not up to date: run node scripts/library.mjs");
    process.exit(1);
  }
} else writeFileSync(target, made);
