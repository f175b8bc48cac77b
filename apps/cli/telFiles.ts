/** The TEL files that a command line names. */
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CliFailure, Exit } from "./exit.ts";
import { cannotRead } from "./session.ts";

/** A folder with more is not a program. */
const FILES_MAX = 100_000;

/**
 * Files as they are named, folders with every `*.tel` under them in order of name; hidden folders and node_modules are left
 * out. `unreadable` hears of folders that cannot be read; without it they end the command.
 */
export function telFiles(paths: readonly string[], unreadable: (failure: CliFailure) => void = fail): string[] {
  const found: string[] = [];
  for (const path of paths) {
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch (error) {
      throw cannotRead(path, error);
    }
    if (isFolder) walk(path, found, unreadable);
    else found.push(path);
  }
  return [...new Set(found)];
}

/** Folders whose files are not the user's to check. */
export const isLeftOut = (folder: string): boolean => folder.startsWith(".") || folder === "node_modules";

function fail(failure: CliFailure): never {
  throw failure;
}

function walk(folder: string, found: string[], unreadable: (failure: CliFailure) => void): void {
  for (const entry of entriesOf(folder, unreadable)) {
    const path = folder === "." ? entry.name : join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!isLeftOut(entry.name)) walk(path, found, unreadable);
    } else if (entry.name.endsWith(".tel") && (entry.isFile() || entry.isSymbolicLink())) found.push(path);
    if (found.length > FILES_MAX) throw new CliFailure(Exit.source, `${folder} holds more than ${FILES_MAX} TEL files`);
  }
}

function entriesOf(folder: string, unreadable: (failure: CliFailure) => void): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    unreadable(cannotRead(folder, error));
    return [];
  }
}
