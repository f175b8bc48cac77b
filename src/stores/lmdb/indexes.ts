/** The tables that are worked out from others: written with them, and made anew for a store of an earlier format. */
import type { RootDatabase } from "lmdb";
import { isDefinitionName, shapeOf } from "../../code/index.ts";
import { ContentHash } from "../../content/index.ts";
import { StoreFailure, type StoreReads } from "../../execution/index.ts";
import { Bytes } from "../../std/index.ts";
import { keyOfSequence, sequenceOf, textKey } from "./keys.ts";
import type { Table, Tables } from "./tables.ts";

const NOTHING = new Uint8Array(0);
const NUL = Uint8Array.of(0);
const MAX_KEY = Uint8Array.of(0xff);
/** An entry that is no longer lies in a leaf of the tree, and is cheap to write again for one name more. */
const CATALOGUE_ENTRY_BYTES = 1_500;

/** Puts a value where `before` stood. */
export type Put = (table: Table, key: Uint8Array, value: Uint8Array, before: Uint8Array | undefined) => void;

export interface Indexes {
  /** A name stands for something for the first time. */
  firstNamed(name: string): void;
  /** A name no longer stands for this. */
  replaced(name: string, old: ContentHash.ContentHash): void;
  definition(hash: ContentHash.ContentHash, block: Uint8Array): void;
}

export function indexes(tables: Tables, put: Put, load: StoreReads["blocks"]["get"]): Indexes {
  const putKey = (table: Table, key: Uint8Array) => {
    if (!table.doesExist(key)) put(table, key, NOTHING, undefined);
  };
  /** Adds a name to the last entry of the catalogue, or begins another one. */
  const putInCatalogue = (name: Uint8Array) => {
    const [last] = [...tables.catalogue.getRange({ start: MAX_KEY, reverse: true, limit: 1 })];
    const names = last === undefined ? undefined : new Uint8Array(last.value);
    if (last !== undefined && names !== undefined && names.length + name.length < CATALOGUE_ENTRY_BYTES)
      put(tables.catalogue, last.key.slice(), Bytes.concat(names, NUL, name), names);
    else put(tables.catalogue, keyOfSequence(last === undefined ? 0 : sequenceOf(last.key) + 1), name, undefined);
  };
  return {
    firstNamed(name) {
      if (isDefinitionName(name)) putInCatalogue(textKey(name));
    },
    replaced(name, old) {
      if (isDefinitionName(name)) putKey(tables.replaced, Bytes.concat(ContentHash.toBytes(old), textKey(name)));
    },
    definition(hash, block) {
      const shape = shapeOf(block, load);
      if (shape === undefined) return;
      putKey(tables.shapes, textKey(shape));
      putKey(tables.shaped, Bytes.concat(textKey(shape), NUL, ContentHash.toBytes(hash)));
    },
  };
}

/** How the tables are written now. Format 1 had none of these, and did not say its number. */
export const FORMAT = 2;
const FORMAT_KEY = textKey("format");

/** Throws StoreFailure where a store that may only be read has another format. */
export function checkFormat(tables: Tables, where: string): void {
  // A table that was never made cannot be made here.
  const found = (tables.format as Table | undefined)?.get(FORMAT_KEY);
  const format = found === undefined ? 1 : sequenceOf(found);
  if (format > FORMAT) throw new StoreFailure({ kind: "TooNew", where, format, known: FORMAT });
  if (format < FORMAT) throw new StoreFailure({ kind: "ReadOnly", where });
}

/** Gives a store of an earlier format what it lacks, once; throws StoreFailure where the format is a later one. */
export function bringUpToDate(
  env: RootDatabase,
  tables: Tables,
  reads: StoreReads,
  where: string,
  onUpgrade: (() => void) | undefined,
): void {
  const found = tables.format.get(FORMAT_KEY);
  const format = found === undefined ? 1 : sequenceOf(found);
  if (format > FORMAT) throw new StoreFailure({ kind: "TooNew", where, format, known: FORMAT });
  if (format === FORMAT) return;
  if (reads.nameHistory(undefined, 1).length > 0) onUpgrade?.();
  env.transactionSync(() => {
    const made = indexes(tables, (table, key, value) => table.putSync(key, value), reads.blocks.get);
    const named = new Set<string>();
    for (const { name, old } of reads.nameHistory()) {
      if (!named.has(name)) made.firstNamed(name);
      named.add(name);
      if (old !== undefined) made.replaced(name, old);
    }
    for (const [hash] of reads.blockSizes(undefined, Number.MAX_SAFE_INTEGER))
      made.definition(hash, reads.blocks.get(hash)!);
    tables.format.putSync(FORMAT_KEY, keyOfSequence(FORMAT));
  });
}
