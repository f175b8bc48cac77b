/** The version before a program's own, for its migration: from the store beside the project, the manifest, or by counting. */
import semver from "semver";
import { type ContentHash, decodeValue } from "../../../src/content/index.ts";
import type { Store } from "../../../src/execution/index.ts";
import type { Source } from "../../../src/language/index.ts";
import type { Manifest } from "../../../src/schema/index.ts";
import { CliFailure } from "../exit.ts";
import { storeOf } from "./codebase.ts";

export type Earlier = {
  readonly version: string;
  /** What it was compiled from; undefined where no store has it. */
  readonly sources: readonly Source[] | undefined;
};

/** Whether there can be an earlier version; which one it was, the store may have to say. */
export const hasEarlier = (manifest: Manifest.Manifest): boolean =>
  manifest.schema.previous !== undefined || countedBack(manifest) !== undefined;

/** The version that the manifest alone leads to; undefined for a first version. */
function countedBack(manifest: Manifest.Manifest): string | undefined {
  const { previous } = manifest.schema;
  if (previous !== undefined && semver.valid(previous) !== null) return previous;
  const version = semver.parse(manifest.program?.version);
  if (version === null) return undefined;
  const { major, minor, patch } = version;
  if (patch > 0) return `${major}.${minor}.${patch - 1}`;
  if (minor > 0) return `${major}.${minor - 1}.0`;
  return major > 1 ? `${major - 1}.0.0` : undefined;
}

/** What was compiled before `manifest`, in the store of the project at `root`; else by counting. */
export async function earlierVersion(root: string, manifest: Manifest.Manifest): Promise<Earlier | undefined> {
  const counted = countedBack(manifest);
  const guess: Earlier | undefined = counted === undefined ? undefined : { version: counted, sources: undefined };
  const store = storeOf(root);
  if (store === undefined) return guess;
  const { withStore } = await import("../session.ts");
  try {
    return (await withStore({ store }, (open) => storedBefore(open, manifest))) ?? guess;
  } catch (error) {
    // Another command has the store, or it is not one: the manifest will do.
    if (error instanceof CliFailure) return guess;
    throw error;
  }
}

async function storedBefore(store: Store, manifest: Manifest.Manifest): Promise<Earlier | undefined> {
  const { loadCompiled, versionName } = await import("../../../src/programs/index.ts");
  const { name, version } = manifest.program!;
  const { previous } = manifest.schema;
  const prefix = versionName(name, "");
  const before = store
    .names(prefix)
    .map(([full, hash]) => ({ version: full.slice(prefix.length), hash }))
    .filter((one) => semver.valid(one.version) !== null && semver.lt(one.version, version!))
    .sort((a, b) => semver.rcompare(a.version, b.version));
  const hasSchema = (one: (typeof before)[number]): boolean => {
    const compiled = loadCompiled(store, one.hash);
    return compiled.ok && compiled.value.schemaHash === previous;
  };
  const found = previous === undefined ? before[0] : before.find((one) => one.version === previous || hasSchema(one));
  return found === undefined ? undefined : { version: found.version, sources: await sourcesOf(store, found.hash) };
}

async function sourcesOf(store: Store, program: ContentHash.ContentHash): Promise<readonly Source[] | undefined> {
  const { Sources, sourcesName } = await import("../node/compile.ts");
  const block = store.name(sourcesName(program));
  const bytes = block === undefined ? undefined : store.blocks.get(block);
  const value = bytes === undefined ? undefined : decodeValue(bytes);
  const sources = value?.ok === true ? Sources.fromValue(value.value) : undefined;
  return sources?.ok === true ? sources.value : undefined;
}
