/** From a hash in a file to the text of what it names: taken from the codebase beside the project, kept as a file. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Previous } from "../../../src/language/index.ts";
import type { Manifest } from "../../../src/schema/index.ts";
import { CliFailure } from "../exit.ts";

const folder = (): string =>
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "time-bandits", "codebase");

/** `.tb` in the project's folder or above it, unless the environment names a store. */
function storeOf(root: string): string | undefined {
  const named = process.env["TB_STORE"];
  if (named !== undefined) return named;
  for (let at = root; ; at = dirname(at)) {
    const store = join(at, ".tb");
    if (existsSync(store)) return store;
    if (dirname(at) === at) return undefined;
  }
}

/** What `[schema] previous` names; undefined where it names nothing by a hash, or the codebase is busy. */
export async function previousIn(root: string, manifest: Manifest.Manifest | undefined): Promise<Previous | undefined> {
  const store = storeOf(root);
  const { loadPrevious } = await import("../node/previous.ts");
  try {
    return await loadPrevious(manifest, { store: store ?? join(root, ".tb") });
  } catch (error) {
    if (error instanceof CliFailure) return undefined;
    throw error;
  }
}

/** The path of a file with the definition's text; undefined where the codebase does not know it, or is busy. */
export async function definitionFile(root: string, hash: string): Promise<string | undefined> {
  const store = storeOf(root);
  if (store === undefined || !existsSync(store)) return undefined;
  const { withStore } = await import("../session.ts");
  const { target } = await import("../node/codebase.ts");
  const { view } = await import("../../../src/code/index.ts");
  try {
    return await withStore({ store }, (open) => {
      const found = target(open, `#${hash}`);
      const shown = view(open, found.hash, found.name);
      if (shown === undefined) return undefined;
      mkdirSync(folder(), { recursive: true });
      const path = join(folder(), `${found.hash}.tel`);
      // The name is the hash of the content, so a file that is there is the same.
      writeFileSync(path, `// ${shown.name ?? "without a name"} #${found.hash}\n${shown.text}\n`);
      return path;
    });
  } catch (error) {
    if (error instanceof CliFailure) return undefined;
    throw error;
  }
}
