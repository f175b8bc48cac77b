/**
 * The port of a content-addressed store. `put` is idempotent; what `get` gives has been checked against its hash
 * by whoever put it. Drivers: the memory twin below, `stores/lmdb`. Conformance: `stores/memory/blockStoreConformance.ts`.
 */
import * as ContentHash from "./ContentHash.ts";

export interface BlockStore {
  /** Stores the block and gives its hash. */
  put(block: Uint8Array): ContentHash.ContentHash;
  /** The block, or `undefined` when it is not here. */
  get(hash: ContentHash.ContentHash): Uint8Array | undefined;
  has(hash: ContentHash.ContentHash): boolean;
}

/** The memory twin. */
export function memoryBlockStore(): BlockStore & { readonly size: () => number } {
  const blocks = new Map<ContentHash.ContentHash, Uint8Array>();
  return {
    put(block) {
      const hash = ContentHash.of(block);
      if (!blocks.has(hash)) blocks.set(hash, block.slice());
      return hash;
    },
    get: (hash) => blocks.get(hash)?.slice(),
    has: (hash) => blocks.has(hash),
    size: () => blocks.size,
  };
}
