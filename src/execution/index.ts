/** The front door of execution. */
export {
  type AbortSignalLike,
  type Clock,
  type HeadMoved,
  type LogHead,
  type NameChange,
  type NameMoved,
  type Store,
  type StoreError,
  StoreFailure,
  type StoreReads,
  type StoreTransaction,
} from "./ports.ts";
