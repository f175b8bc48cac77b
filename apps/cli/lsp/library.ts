/** The library's text as files, so that every editor can open what a name of it leads to. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { librarySources } from "../../../src/language/index.ts";
import { version } from "../version.generated.ts";

const folder = (): string =>
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "time-bandits", `library-${version}`);

const READ_ONLY = 0o444;

/** The path of `library:list.tel` on disk, written if need be; undefined where it cannot be written. */
export function libraryFile(name: string): string | undefined {
  const source = librarySources.find(({ path }) => path === name);
  if (source === undefined) return undefined;
  const path = join(folder(), name.slice("library:".length));
  try {
    if (existsSync(path) && readFileSync(path, "utf8") === source.text) return path;
    mkdirSync(folder(), { recursive: true });
    if (existsSync(path)) chmodSync(path, 0o644);
    writeFileSync(path, source.text);
    chmodSync(path, READ_ONLY);
    return path;
  } catch {
    return undefined;
  }
}
