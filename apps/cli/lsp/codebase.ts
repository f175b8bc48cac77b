/** The codebase beside a project: what it knows of names, and the text of what a hash stands for, kept as a file. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { KnownCode } from "../../../src/code/index.ts";
import type { Previous, Source } from "../../../src/language/index.ts";
import type { Manifest } from "../../../src/schema/index.ts";
import { CliFailure } from "../exit.ts";

const folder = (): string =>
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "time-bandits", "codebase");

/** `.tb` in the project's folder or above it, unless the environment names a store. */
export function storeOf(root: string): string | undefined {
  const named = process.env["TB_STORE"];
  if (named !== undefined) return named;
  for (let at = root; ; at = dirname(at)) {
    const store = join(at, ".tb");
    if (existsSync(store)) return store;
    if (dirname(at) === at) return undefined;
  }
}

/**
 * What the codebase knows of the names in these files that they do not declare; undefined where that is no more than
 * `before`, or the codebase is busy. It is open only while it is read.
 */
export async function knownBeside(
  root: string,
  sources: readonly Source[],
  before: KnownCode | undefined,
): Promise<KnownCode | undefined> {
  const store = storeOf(root);
  if (store === undefined || !existsSync(store)) return undefined;
  const { withStore } = await import("../session.ts");
  const { namesMeantBy } = await import("../node/codebase.ts");
  const { knownCode } = await import("../../../src/code/index.ts");
  try {
    return await withStore({ store }, (open) => {
      const { names, isDeclared } = namesMeantBy(open, sources);
      const found = knownCode(open, names, isDeclared);
      return found.known.length > 0 && !isSame(found, before) ? found : undefined;
    });
  } catch (error) {
    if (error instanceof CliFailure) return undefined;
    throw error;
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

const isSame = (one: KnownCode, other: KnownCode | undefined): boolean =>
  one.addresses.size === other?.addresses.size &&
  [...one.addresses].every(([name, hash]) => other.addresses.get(name) === hash);

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
