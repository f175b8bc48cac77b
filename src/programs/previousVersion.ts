/** What `[schema] previous` names, in a store: a compiled program by its own hash or by that of its schema. */
import { ContentHash } from "../content/index.ts";
import { codeSource, type StoreReads } from "../execution/index.ts";
import type { Previous } from "../language/index.ts";
import type { Manifest } from "../schema/index.ts";
import { type CompiledProgram, decodeCompiled } from "./CompiledProgram.ts";

/** Undefined where the manifest names no version before, or not by a hash; `found` is undefined without a store. */
export function previousOf(
  manifest: Manifest.Manifest,
  store: Pick<StoreReads, "blocks" | "names"> | undefined,
): Previous | undefined {
  const program = manifest.program?.name;
  const hash = ContentHash.parse(manifest.schema.previous ?? "");
  if (program === undefined || hash === undefined) return undefined;
  const missing = { program, hash, found: undefined };
  const before = store === undefined ? undefined : compiledAs(store, program, hash);
  if (store === undefined || before === undefined) return missing;
  const source = codeSource(store.blocks);
  const definition = source.loadProgram(before.definition);
  if (!definition.ok) return missing;
  const typeOf = (text: string) => {
    const of = ContentHash.parse(text);
    const type = of === undefined ? undefined : source.loadType(of);
    return type?.ok === true ? type.value : undefined;
  };
  return { program, hash, found: { version: before.version, state: definition.value.state, typeOf } };
}

/** Versions of one schema hold the same states, so the last of them says as much as any. */
function compiledAs(
  store: Pick<StoreReads, "blocks" | "names">,
  program: string,
  hash: ContentHash.ContentHash,
): CompiledProgram | undefined {
  const load = (at: ContentHash.ContentHash): CompiledProgram | undefined => {
    const block = store.blocks.get(at);
    const made = block === undefined ? undefined : decodeCompiled(block);
    return made?.ok === true ? made.value : undefined;
  };
  return (
    load(hash) ??
    store
      .names(`version:${program}@`)
      .map(([, at]) => load(at))
      .findLast((one) => one?.schemaHash === hash)
  );
}
