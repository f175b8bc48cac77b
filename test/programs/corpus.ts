/** Reads the corpus: a file, a folder of files that belong together, or a file with several programs in it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { environmentOf } from "../../apps/cli/node/checkFiles.ts";
import type { Environment, Source } from "../../src/language/index.ts";
import { parseManifest } from "../../src/schema/index.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Name and files of each program under `folder`. */
export function programs(folder: string): readonly (readonly [string, readonly Source[]])[] {
  const root = join(here, folder);
  const read = (path: string): Source => ({ path, text: readFileSync(join(root, path), "utf8") });
  const found: (readonly [string, readonly Source[]])[] = [];
  for (const area of readdirSync(root, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!area.isDirectory()) found.push([area.name, [read(area.name)]]);
    else {
      const files = readdirSync(join(root, area.name))
        .filter((file) => file.endsWith(".tel"))
        .sort();
      found.push([area.name, files.map((file) => read(join(area.name, file)))]);
    }
  }
  return found.flatMap(([name, sources]) =>
    sources.flatMap((source) => (source.text.includes("\n// ----") ? split(source) : [])).length > 0
      ? sources.flatMap(split).map((one) => [one.path, [one]] as const)
      : [[name, sources] as const],
  );
}

/** What the manifest says that stands beside a folder's files, if one does. */
export function environment(folder: string, name: string): Environment {
  const path = join(here, folder, name, "program.toml");
  if (!existsSync(path)) return {};
  const manifest = parseManifest(readFileSync(path, "utf8"), path);
  if (!manifest.ok) throw new Error(`${path}: ${manifest.error.map((problem) => problem.what).join("; ")}`);
  return environmentOf(manifest.value);
}

/** A file may hold several programs, each under a line `// ---- what it shows`. */
function split(source: Source): readonly Source[] {
  return `\n${source.text}`
    .split(/\n\/\/ ----/)
    .slice(1)
    .map((part) => ({
      path: `${source.path}:${part.slice(0, part.indexOf("\n"))}`,
      text: part.slice(part.indexOf("\n")),
    }));
}
