/** The TEL files that a command line names. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CliFailure, Exit } from "./exit.ts";
import { cannotRead } from "./session.ts";

/** A folder with more is not a program. */
const FILES_MAX = 100_000;

/** Files as they are named, folders with every `*.tel` under them in order of name; hidden folders and node_modules are left out. */
export function telFiles(paths: readonly string[]): string[] {
  const found: string[] = [];
  for (const path of paths) {
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch (error) {
      throw cannotRead(path, error);
    }
    if (isFolder) walk(path, found);
    else found.push(path);
  }
  return [...new Set(found)];
}

function walk(folder: string, found: string[]): void {
  for (const entry of entriesOf(folder)) {
    const path = folder === "." ? entry.name : join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith(".") && entry.name !== "node_modules") walk(path, found);
    } else if (entry.name.endsWith(".tel") && (entry.isFile() || entry.isSymbolicLink())) found.push(path);
    if (found.length > FILES_MAX) throw new CliFailure(Exit.source, `${folder} holds more than ${FILES_MAX} TEL files`);
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw cannotRead(folder, error);
  }
}
