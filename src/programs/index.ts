/** The front door of programs: accounts, instances, deployment, activation, upgrade, and the Bandit that drives them. */
export * as Account from "./Account.ts";
export { type Consequence, openAccount, signMessage, submit, type Taken, withdraw } from "./accounts.ts";
export {
  type AccountLogEvent,
  type AccountView,
  accountStream,
  type Bandit,
  type BanditError,
  finerThan,
  type InstanceView,
  type LogReader,
  loadAccount,
  loadInstance,
  type Progress,
  programIds,
  programStream,
  putData,
  recordAccount,
  showBanditError,
  type TimelineAccess,
  timelineOf,
} from "./Bandit.ts";
export {
  type CompiledProgram,
  decodeCompiled,
  encodeCompiled,
  hashCompiled,
  loadCompiled,
} from "./CompiledProgram.ts";
export {
  type Compiled,
  type CompileProblem,
  compileProgram,
  compilerVersion,
  type Evaluate,
  type SourceFile,
} from "./compileProgram.ts";
export * as Deployment from "./Deployment.ts";
export { advance, approveActivation, deploymentId, instanceId, isOver, openDeployment, retry } from "./deploying.ts";
export { effectDag } from "./effectDag.ts";
export { armedOf, type Firing, fireDue } from "./firing.ts";
export * as Instance from "./Instance.ts";
export { storeJournal, wasSigned } from "./Journal.ts";
export * as Ledger from "./Ledger.ts";
export { readBindings } from "./manifestProblems.ts";
export { MIGRATION_LIMITS, type MigrationHost, migrationFunctions } from "./migrating.ts";
export { observeFact } from "./observing.ts";
export {
  loadState,
  planUpgrade,
  schemaOf,
  stepsTo,
  type UpgradePlan,
  type UpgradeStep,
  versionName,
} from "./planning.ts";
export { previousOf } from "./previousVersion.ts";
export { type RecomputedUpgrade, recomputeUpgrades } from "./recomputing.ts";
export { invoke, RUN_MILLISECONDS_MAX, type RunReport, recover } from "./running.ts";
export * as Schedule from "./Schedule.ts";
export { showLogEvent } from "./showLogEvent.ts";
export { stateTypes } from "./stateTypes.ts";
export { showTrigger, type Trigger, triggersOf } from "./Trigger.ts";
export { finishInterrupted, nextInstant, type Tell, type Tended, tend } from "./tending.ts";
export { deposit, type Reconciled, reconcile, showUndertaking } from "./undertakings.ts";
export { misfits, preview, type Upgraded, upgrade } from "./upgrading.ts";
export { FINAL_BLOCKS, type RetractedFact, type Reviewed, review } from "./watching.ts";
