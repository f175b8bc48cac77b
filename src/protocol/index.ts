/** The front door of protocol: the nouns that are hashed, signed and logged, and the port of a timeline. */
export {
  ActionCall,
  encodeReceipt,
  hashAction,
  hashReceipt,
  Input,
  Move,
  Outcome,
  outcomeFrom,
  outcomeOf,
  Receipt,
} from "./Action.ts";
export * as Bindings from "./Bindings.ts";
export {
  BlockId,
  type Equivocation,
  equivocation,
  FACT_BYTES_MAX,
  Fact,
  FactQuery,
  Finality,
  MoveReading,
  Observation,
  type OutcomeQuery,
  Proof,
  Retraction,
  RetractionBody,
  Slot,
  type StorageQuery,
} from "./Fact.ts";
export * as HouseCalls from "./houseCalls.ts";
export { parseBindings } from "./parseBindings.ts";
export { Asset, TimeKeeper, Traveler } from "./parties.ts";
export * as Reading from "./Reading.ts";
export { type BindingError, resolveAction, resolveFact, showBindingError } from "./resolveBinding.ts";
export { type Signed, type SignedError, type SignedKind, showSignedError, signedKind } from "./Signed.ts";
export {
  isPublicKey,
  keyId,
  PUBLIC_KEY_BYTES,
  parseKeyId,
  SEED_BYTES,
  SIGNATURE_BYTES,
  type Signer,
  signerFromSeed,
  type VerifySignature,
  verifySignature,
} from "./Signer.ts";
export {
  DeploymentObservation,
  DeploymentObservationBody,
  LogEntry,
  LogEntryBody,
  Message,
  MessageBody,
} from "./statements.ts";
export { evmChainId, evmTimeline, isTimelineId, type TimelineId } from "./Timeline.ts";
export {
  type Head,
  memoryJournal,
  type ProofError,
  type SignedTransaction,
  showProofError,
  showTimelineError,
  type TimelineAdapter,
  type TimelineError,
  type TransactionJournal,
  type TransferRequest,
  type Verified,
} from "./TimelineAdapter.ts";
export { checkFacts, type FactPolicy, type FactRefusal, isRetracted, type Keeping, startKeeper } from "./timeKeeper.ts";
