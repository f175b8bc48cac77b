/** The TEL files that a command line names. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CliFailure, Exit } from "./exit.ts";

/** A folder with more is not a program. */
const FILES_MAX = 100_000;

/** Files as they are named, folders with every `*.tel` under them in order of name; hidden folders and node_modules are left out. */
export function telFiles(paths: readonly string[]): string[] {
  const found: string[] = [];
  for (const path of paths) {
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch {
      throw new CliFailure(Exit.source, `cannot read ${path}: there is no such file`);
    }
    if (isFolder) walk(path, found);
    else found.push(path);
  }
  return [...new Set(found)];
}

function walk(folder: string, found: string[]): void {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder === "." ? entry.name : join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith(".") && entry.name !== "node_modules") walk(path, found);
    } else if (entry.name.endsWith(".tel")) found.push(path);
    if (found.length > FILES_MAX) throw new CliFailure(Exit.source, `${folder} holds more than ${FILES_MAX} TEL files`);
  }
}
