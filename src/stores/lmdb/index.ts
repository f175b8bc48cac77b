/** The front door of the embedded store: blocks, logs and names in one LMDB environment. */
export { type LmdbStoreOptions, openLmdbStore } from "./lmdbStore.ts";
export { acquire as acquireProcessLock, holderOf as holderOfProcessLock, type ProcessLock } from "./ProcessLock.ts";
