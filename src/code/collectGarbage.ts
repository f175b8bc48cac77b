/** Which blocks nothing leads to any more: mark from the roots over links, sweep the rest. */
import { type ContentHash, decode, isList, Kind } from "../content/index.ts";
import { type CodebaseReads, metaName } from "./Codebase.ts";
import { blockLinks } from "./decode.ts";

/** What collection needs of a store besides the codebase: logs are roots. */
export interface CollectableReads extends CodebaseReads {
  logStreams(prefix: string): readonly string[];
  logEntries(stream: string, from?: number, limit?: number): readonly { readonly entry: ContentHash.ContentHash }[];
}

export interface Garbage {
  readonly blocks: number;
  readonly bytes: number;
  readonly kept: number;
  readonly keptBytes: number;
  /** What can go, with its size and the kind of block. */
  readonly hashes: readonly (readonly [ContentHash.ContentHash, number, string])[];
}

const PAGE_BLOCKS = 10_000;

/**
 * Roots are what names stand for and stood for (with `keepChanges`, only that many of the newest values of each name),
 * and every entry of every log. What META blocks mention is not kept by that: words never keep code alive.
 */
export function findGarbage(reads: CollectableReads, keepChanges?: number): Garbage {
  const marked = new Set<ContentHash.ContentHash>();
  const todo: ContentHash.ContentHash[] = [];
  const mark = (hash: ContentHash.ContentHash | undefined) => {
    if (hash === undefined || marked.has(hash)) return;
    marked.add(hash);
    todo.push(hash);
  };
  for (const [, hash] of reads.names("")) mark(hash);
  const values = new Map<string, ContentHash.ContentHash[]>();
  for (const change of reads.nameHistory()) {
    if (change.new === undefined) continue;
    const all = values.get(change.name) ?? [];
    all.push(change.new);
    values.set(change.name, all);
  }
  for (const [name, all] of values) {
    // What is told beside a definition goes with it.
    if (name.startsWith("meta:") && keepChanges !== undefined) continue;
    for (const hash of keepChanges === undefined ? all : all.slice(-keepChanges)) mark(hash);
  }
  for (const stream of reads.logStreams("")) for (const { entry } of reads.logEntries(stream)) mark(entry);

  for (let hash = todo.pop(); hash !== undefined; hash = todo.pop()) {
    const block = reads.blocks.get(hash);
    if (block === undefined) continue;
    if (kindOf(block) === "meta") continue;
    for (const target of blockLinks(block) ?? []) mark(target);
    mark(reads.name(metaName(hash)));
  }

  const hashes: (readonly [ContentHash.ContentHash, number, string])[] = [];
  let [bytes, kept, keptBytes] = [0, 0, 0];
  let after: ContentHash.ContentHash | undefined;
  for (;;) {
    const page = reads.blockSizes(after, PAGE_BLOCKS);
    if (page.length === 0) break;
    for (const [hash, size] of page) {
      if (marked.has(hash)) {
        kept++;
        keptBytes += size;
      } else {
        hashes.push([hash, size, kindOf(reads.blocks.get(hash)!)]);
        bytes += size;
      }
    }
    after = page[page.length - 1]![0];
  }
  return { blocks: hashes.length, bytes, kept, keptBytes, hashes };
}

const NAMES: ReadonlyMap<unknown, string> = new Map(Object.entries(Kind).map(([name, number]) => [number, name]));

function kindOf(block: Uint8Array): string {
  const node = decode(block);
  return node.ok && isList(node.value) ? (NAMES.get(node.value[0]) ?? "other") : "other";
}
