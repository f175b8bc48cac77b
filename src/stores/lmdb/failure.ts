/** Errors of LMDB and of the file system as the port's own. */
import { type StoreError, StoreFailure } from "../../execution/index.ts";

const DISK_FULL_ERRNO = new Set([
  28 /* ENOSPC */, 122 /* EDQUOT */, 27 /* EFBIG */, 69 /* EDQUOT on macOS */, -30792 /* MDB_MAP_FULL */,
]);
const DISK_FULL_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** LMDB's errors carry a number; those of user code that happened to run in a transaction do not. */
export const isHostError = (error: unknown): error is Error & { readonly code: number } =>
  error instanceof Error && typeof (error as { code?: unknown }).code === "number";

export function storeFailure(error: unknown, where: string): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const { code, message } = error as { readonly code?: number | string; readonly message?: string };
  const full =
    (typeof code === "number" && DISK_FULL_ERRNO.has(code)) || (typeof code === "string" && DISK_FULL_CODES.has(code));
  const detail: StoreError = full
    ? { kind: "DiskFull", where }
    : { kind: "Damaged", where, reason: message ?? String(error) };
  return new StoreFailure(detail);
}
