/** The front door of execution. */
export {
  type AbortSignalLike,
  type Clock,
  checkStoreKey,
  type HeadMoved,
  type LogHead,
  type NameChange,
  type NameMoved,
  STORE_KEY_BYTES_MAX,
  type Store,
  type StoreError,
  StoreFailure,
  type StoreReads,
  type StoreTransaction,
} from "./ports.ts";
