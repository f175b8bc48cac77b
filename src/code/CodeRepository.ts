/** Definitions by address: put, get, dependents, and what is told beside them. */
import type { ContentHash } from "../content/index.ts";
import { Bytes, err, type Result } from "../std/index.ts";
import type { AddressedUnit } from "./address.ts";
import { type CodebaseReads, type CodebaseTransaction, metaName, type Note } from "./Codebase.ts";
import { type Code, type CodeError, decodeDefinition } from "./decode.ts";
import type { IntrinsicTable } from "./intrinsics.ts";
import * as Meta from "./Meta.ts";
import * as Typing from "./Typing.ts";

export interface CodeRepository {
  /** Reads and validates a definition. */
  get(hash: ContentHash.ContentHash): Result<Code, CodeError>;
  has(hash: ContentHash.ContentHash): boolean;
  /** The definitions that mention this one directly. */
  dependents(hash: ContentHash.ContentHash): readonly ContentHash.ContentHash[];
  /** What is told beside a definition; undefined where nothing is, or it is not readable. */
  meta(hash: ContentHash.ContentHash): Meta.Meta | undefined;
}

/** How many decoded definitions are kept; then the oldest half is forgotten. */
const DECODED_MAX = 20_000;

export function codeRepository(reads: CodebaseReads, table?: IntrinsicTable): CodeRepository {
  // A definition never changes, so what was read once holds.
  const decoded = new Map<ContentHash.ContentHash, Result<Code, CodeError>>();
  const components = new Map<ContentHash.ContentHash, readonly Code[]>();
  const load = (one: ContentHash.ContentHash) => reads.blocks.get(one);
  const options = table === undefined ? { load, components } : { load, components, table };
  return {
    get(hash) {
      const known = decoded.get(hash);
      if (known !== undefined) return known;
      const block = reads.blocks.get(hash);
      if (block === undefined) return err({ kind: "MissingBlock", hash, neededBy: undefined });
      const read = decodeDefinition(block, hash, options);
      if (read.ok) {
        if (decoded.size >= DECODED_MAX) {
          for (const old of [...decoded.keys()].slice(0, DECODED_MAX / 2)) decoded.delete(old);
          components.clear();
        }
        decoded.set(hash, read);
      }
      return read;
    },
    has: (hash) => reads.blocks.has(hash),
    dependents: (hash) => reads.dependents(hash),
    meta(hash) {
      const at = reads.name(metaName(hash));
      const block = at === undefined ? undefined : reads.blocks.get(at);
      const read = block === undefined ? undefined : Meta.decode(block);
      return read?.ok === true ? read.value : undefined;
    },
  };
}

/** Writes a unit's blocks, its dependents and what is told beside. Names are set by `NameRegistry`. Gives the new addresses. */
export function putUnit(tx: CodebaseTransaction, unit: AddressedUnit, note: Note): readonly ContentHash.ContentHash[] {
  const fresh = [...unit.links.keys()].filter((hash) => !tx.blocks.has(hash));
  for (const { hash, bytes } of unit.blocks) {
    const links = unit.links.get(hash);
    if (links === undefined) tx.put(bytes);
    else tx.putDefinition(bytes, links);
  }
  for (const meta of unit.meta.values()) putMeta(tx, meta, note);
  for (const typing of unit.typings.values()) putTyping(tx, typing);
  return fresh;
}

/** Adds to what is told beside a definition; entries under the same name are replaced. */
export function putMeta(tx: CodebaseTransaction, meta: Meta.Meta, note: Note): void {
  const name = metaName(meta.definition);
  const at = tx.name(name);
  const block = at === undefined ? undefined : tx.blocks.get(at);
  const known = block === undefined ? undefined : Meta.decode(block);
  const merged = known?.ok === true ? Meta.merge(known.value, meta) : meta;
  const next = tx.put(Meta.encode(merged));
  if (next !== at) tx.setName(name, at, next, note);
}

/** Adds to what is known of a definition; entries under the same name are replaced. */
export function putTyping(tx: CodebaseTransaction, typing: Typing.Typing): void {
  const record = tx.typing(typing.definition);
  const known = record === undefined ? undefined : Typing.decode(record);
  const bytes = Typing.encode(known?.ok === true ? Typing.merge(known.value, typing) : typing);
  if (record === undefined || !Bytes.equal(record, bytes)) tx.setTyping(typing.definition, bytes);
}
