/** The front door of execution. */
export { codeSource } from "./codeSource.ts";
export { adapt, checkArguments } from "./conforms.ts";
export { derive, type ExecutionEvent } from "./derive.ts";
export { type ExecutionError, showExecutionError } from "./ExecutionError.ts";
export {
  type ContentAddressableExecutor,
  type ContextOptions,
  type ContextState,
  type Execution,
  type ExecutionContext,
  type ExecutorOptions,
  namesIn,
  newExecutor,
  type Run,
} from "./Executor.ts";
export {
  type AbandonSignal,
  type EffectAnswer,
  type EffectContext,
  type EffectHandler,
  type EffectRequest,
  isIdempotent,
  noEffects,
} from "./effects.ts";
export { type Evaluated, evaluate } from "./evaluate.ts";
export { idempotencyKey } from "./execute.ts";
export { newState } from "./machine/initialState.ts";
export { type CodeSource, type Library, type LoadError, type Loaded, newLibrary } from "./machine/Library.ts";
export type { CallFrame, End, Limits, Machine, Outcome, Request } from "./machine/Machine.ts";
export { openSnapshot } from "./machine/openSnapshot.ts";
export { type Snapshot, type SnapshotError, takeSnapshot } from "./machine/Snapshot.ts";
export {
  answer,
  deadlines,
  fire,
  fuelUsed,
  memoryUsed,
  pending,
  run,
  type StartError,
  start,
} from "./machine/schedule.ts";
export { accelerated, HOT_FUEL, optimisedLibrary, optimiserOf, startAccelerated } from "./optimised.ts";
export {
  type AbortSignalLike,
  type Clock,
  checkStoreKey,
  type HeadMoved,
  isStoreKey,
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
export {
  type AllocationError,
  type ResourceAllocator,
  type ResourceGrant,
  type ResourceRequest,
  type ResourceUsage,
  staticAllocator,
} from "./ResourceAllocator.ts";
export { defaultResources, FUEL_PER_MILLISECOND, type Resource, type Resources } from "./Resources.ts";
export { type ReplayError, type Replayed, type ReplayOptions, replay } from "./replay.ts";
export {
  type EffectScope,
  type EffectType,
  type ExternalCallType,
  externalCall,
  newSecuritySandbox,
  type SecuritySandbox,
} from "./Sandbox.ts";
export { type Attempt, attempt, type Failure } from "./testing/attempt.ts";
export { PROP_CASES, runTest, TEST_LIMITS, type TestOutcome, testResultName } from "./testing/runTest.ts";
export { type Cause, type Divergence, showCause, showDivergence } from "./trace/Divergence.ts";
export { type Difference, diff } from "./trace/diff.ts";
export * as TraceEvent from "./trace/Event.ts";
export {
  type Entry,
  headline,
  readTrace,
  runOf,
  saltedStream,
  showTraceError,
  streamOf,
  type Trace,
  type TraceError,
} from "./trace/Trace.ts";
