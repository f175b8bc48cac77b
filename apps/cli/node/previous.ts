/** The version before that a manifest names, from the codebase at hand. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ContentHash } from "../../../src/content/index.ts";
import type { Store } from "../../../src/execution/index.ts";
import type { Previous } from "../../../src/language/index.ts";
import type { Manifest } from "../../../src/schema/index.ts";
import { type CommonOptions, storeDirectory, withStore } from "../session.ts";

export interface Where extends CommonOptions {
  /** A store that is open already. */
  readonly open?: Store | undefined;
}

/** Looks into a store only where the manifest asks for it, and makes none. */
export async function loadPrevious(
  manifest: Manifest.Manifest | undefined,
  { open, ...options }: Where = {},
): Promise<Previous | undefined> {
  if (manifest === undefined || ContentHash.parse(manifest.schema.previous ?? "") === undefined) return undefined;
  const { previousOf } = await import("../../../src/programs/index.ts");
  if (open !== undefined) return previousOf(manifest, open);
  if (!existsSync(join(storeDirectory(options), "store"))) return previousOf(manifest, undefined);
  return withStore(options, (store) => {
    const previous = previousOf(manifest, store);
    if (previous?.found === undefined) return previous;
    // The store is closed when the check begins: all that it may ask for is read before.
    const types = new Map<string, ReturnType<typeof previous.found.typeOf>>();
    const visit = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      if (
        "kind" in node &&
        node.kind === "hash" &&
        "hash" in node &&
        typeof node.hash === "string" &&
        !types.has(node.hash)
      ) {
        const type = previous.found!.typeOf(node.hash);
        types.set(node.hash, type);
        visit(type);
      }
      for (const each of Object.values(node)) visit(each);
    };
    visit(previous.found.state.map((field) => field.type));
    return { ...previous, found: { ...previous.found, typeOf: (hash: string) => types.get(hash) } };
  });
}
