/**
 * A look at the file before LMDB maps it: reading a mapped page that the file no longer has kills the process (SIGBUS)
 * instead of failing. Layout: LMDB's `MDB_meta` in the first two pages, after a page header of 24 bytes.
 */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { StoreFailure } from "../../execution/index.ts";

const HEADER_BYTES = 24;
const META_BYTES = 136;
const MAGIC = 0xbeefc0de;
const NO_PAGE = 2n ** 64n - 1n;
/** Pages that a transaction took and gave back are never written, so a whole file may lack some at its end. */
const UNWRITTEN_PAGES_MAX = 1024n;

interface MetaPage {
  readonly pageBytes: number;
  readonly roots: readonly bigint[];
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/** Throws StoreFailure Damaged when the file is not LMDB's or lacks pages that it needs. */
export function inspect(directory: string, readOnly: boolean): void {
  const path = join(directory, "data.mdb");
  if (!existsSync(path)) return;
  const damaged = (reason: string) => new StoreFailure({ kind: "Damaged", where: directory, reason });
  const file = openSync(path, readOnly ? "r" : "r+");
  try {
    const size = fstatSync(file).size;
    if (size === 0) return;
    const first = readMeta(file, 0);
    const second = first === undefined ? undefined : readMeta(file, first.pageBytes);
    if (first === undefined) throw damaged("data.mdb is not an LMDB file");
    const newest = second !== undefined && second.transaction > first.transaction ? second : first;
    const pages = BigInt(Math.floor(size / newest.pageBytes));
    const needed = newest.lastPage + 1n;
    const rootMissing = newest.roots.some((root) => root !== NO_PAGE && root >= pages);
    if (rootMissing || needed - pages > UNWRITTEN_PAGES_MAX)
      throw damaged(`data.mdb was cut short: it has ${pages} pages of ${needed}`);
    if (pages < needed && !readOnly) ftruncateSync(file, Number(needed) * newest.pageBytes);
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, at: number): MetaPage | undefined {
  const bytes = new Uint8Array(META_BYTES);
  if (readSync(file, bytes, 0, META_BYTES, at + HEADER_BYTES) < META_BYTES) return undefined;
  const view = new DataView(bytes.buffer);
  const pageBytes = view.getUint32(24, true);
  if (view.getUint32(0, true) !== MAGIC || pageBytes < 256 || pageBytes > 65_536) return undefined;
  return {
    pageBytes,
    roots: [view.getBigUint64(64, true), view.getBigUint64(112, true)],
    lastPage: view.getBigUint64(120, true),
    transaction: view.getBigUint64(128, true),
  };
}
