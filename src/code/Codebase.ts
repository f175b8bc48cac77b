/**
 * What the codebase needs of a store. The Store port of execution has this shape; `code` is below it and names only
 * what it uses. Definitions stand under their full names; `meta:#hash` names the META block of a definition.
 */
import type { BlockStore, ContentHash } from "../content/index.ts";
import type { Result } from "../std/index.ts";

/** One change of a name, kept for ever. */
export interface NameChange {
  readonly sequence: number;
  readonly name: string;
  readonly old: ContentHash.ContentHash | undefined;
  /** `undefined` = deleted. */
  readonly new: ContentHash.ContentHash | undefined;
  readonly author: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly reason: string;
}

/** Another writer changed the name first: what was expected, and what it is. */
export interface NameMoved {
  readonly kind: "NameMoved";
  readonly name: string;
  readonly expected: ContentHash.ContentHash | undefined;
  readonly got: ContentHash.ContentHash | undefined;
}

/** Who changes names, when, and why. Changes of one note are one step of the history: `undo` takes them back together. */
export interface Note {
  readonly author: string;
  readonly time: number;
  readonly reason: string;
}

export interface CodebaseReads {
  readonly blocks: Pick<BlockStore, "get" | "has">;
  name(name: string): ContentHash.ContentHash | undefined;
  nameAt(name: string, sequence: number): ContentHash.ContentHash | undefined;
  names(prefix: string): readonly (readonly [string, ContentHash.ContentHash])[];
  nameHistory(name?: string, last?: number): readonly NameChange[];
  dependents(hash: ContentHash.ContentHash): readonly ContentHash.ContentHash[];
  typing(definition: ContentHash.ContentHash): Uint8Array | undefined;
  /** Every name of a definition that ever stood for something, in no order. */
  namesEver(): readonly string[];
  /** What names of definitions stood for until something else took its place, or nothing. */
  replaced(): readonly (readonly [ContentHash.ContentHash, string])[];
  /** The shapes of all definitions (`shapeOf`), each once. */
  shapes(): readonly string[];
  ofShape(shape: string): readonly ContentHash.ContentHash[];
  /** Addresses of blocks and their sizes, ascending by address, from the first one past `after`. */
  blockSizes(
    after: ContentHash.ContentHash | undefined,
    limit: number,
  ): readonly (readonly [ContentHash.ContentHash, number])[];
}

export interface CodebaseTransaction extends CodebaseReads {
  put(block: Uint8Array): ContentHash.ContentHash;
  putDefinition(block: Uint8Array, links: readonly ContentHash.ContentHash[]): ContentHash.ContentHash;
  setTyping(definition: ContentHash.ContentHash, record: Uint8Array): void;
  setName(
    name: string,
    expected: ContentHash.ContentHash | undefined,
    next: ContentHash.ContentHash | undefined,
    note: Note,
  ): Result<NameChange, NameMoved>;
}

export interface CodebaseStore extends CodebaseReads {
  write<T>(work: (transaction: CodebaseTransaction) => T): Promise<T>;
}

const META_PREFIX = "meta:";

export const metaName = (definition: ContentHash.ContentHash): string => `${META_PREFIX}${definition}`;

export const isMetaName = (name: string): boolean => name.startsWith(META_PREFIX);

/**
 * Names of definitions are dotted words, and titles after `test` or `prop`; the store's other names begin with a word and
 * a colon.
 */
export const isDefinitionName = (name: string): boolean => !/^[\w-]+:/.test(name);
