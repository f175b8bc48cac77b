/** Errors of LMDB and of the file system as the port's own. */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type StoreError, StoreFailure } from "../../execution/index.ts";

const DISK_FULL_ERRNO = new Set([
  28 /* ENOSPC */, 122 /* EDQUOT */, 27 /* EFBIG */, 69 /* EDQUOT on macOS */, -30792 /* MDB_MAP_FULL */,
]);
const DISK_FULL_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What LMDB says when the disk took only a part of a page. */
const EIO = 5;
const PROBE_BYTES = 64 * 1024;

/** Whether the data file has room to grow: tried past its end, where LMDB keeps nothing, and taken back. */
function canGrow(directory: string): boolean {
  try {
    const file = openSync(join(directory, "data.mdb"), "r+");
    const size = fstatSync(file).size;
    try {
      return writeSync(file, new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, size) === PROBE_BYTES;
    } finally {
      ftruncateSync(file, size);
      closeSync(file);
    }
  } catch (error) {
    return !DISK_FULL_CODES.has((error as { code?: string }).code ?? "");
  }
}

/** What the system says of a place, in words. */
const unusable: Readonly<Record<string, string>> = {
  ENOTDIR: "a file stands in its way",
  EEXIST: "a file stands in its way",
  ENOENT: "no folder can be made there",
  EACCES: "it may not be read and written",
  EPERM: "it may not be read and written",
  EROFS: "it may only be read",
  ELOOP: "its symbolic links lead in a circle",
  ENAMETOOLONG: "the name is too long",
};

/** LMDB's errors carry a number; those of user code that happened to run in a transaction do not. */
export const isHostError = (error: unknown): error is Error & { readonly code: number } =>
  error instanceof Error && typeof (error as { code?: unknown }).code === "number";

export function storeFailure(error: unknown, where: string): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const { code, message } = error as { readonly code?: number | string; readonly message?: string };
  const full =
    (typeof code === "number" && DISK_FULL_ERRNO.has(code)) ||
    (typeof code === "string" && DISK_FULL_CODES.has(code)) ||
    (code === EIO && !canGrow(where));
  const reason = typeof code === "string" ? unusable[code] : undefined;
  const detail: StoreError = full
    ? { kind: "DiskFull", where }
    : reason !== undefined
      ? { kind: "Unusable", where, reason }
      : { kind: "Damaged", where, reason: message ?? String(error) };
  return new StoreFailure(detail);
}
