/** The front door of the verifier: all that prover and verifier agree on. */
export * as Air from "./air.ts";
export * as Blake3 from "./Blake3.ts";
export { checkTrace, type FixedColumns, showTraceProblem, type TraceCheck, type TraceProblem } from "./checkTrace.ts";
export { type BusChallenge, batchFraction, type Openings } from "./constraints.ts";
export { claims, type HeightClaims } from "./deep.ts";
export { foldCoset } from "./fold.ts";
export { BLIND_COLUMNS, BLIND_ROWS, hidingMachine } from "./hiding.ts";
export { fixedLogHeight, keyOf, treeRoot } from "./key.ts";
export type { Placed } from "./layout.ts";
export * as Layout from "./layout.ts";
export { machineDigest, machineText } from "./machineDigest.ts";
export { distinct } from "./opening.ts";
export * as Profile from "./Profile.ts";
export { type Reader, type Refusal, reader, showRefusal } from "./Reader.ts";
export type { RunMachine } from "./RunMachine.ts";
export * as Statement from "./Statement.ts";
export { mostSegments, type Soundness, type SoundnessTerm, soundness } from "./soundness.ts";
export * as Transcript from "./Transcript.ts";
/** The tables of the RISC-V machine, one by one: what a witness fills. */
export * as Tables from "./tables/index.ts";
export { RV32IM } from "./tables/index.ts";
export { type Claim, openTranscript, verifyProof } from "./verifyProof.ts";
export {
  claimOf,
  type Expected,
  headerBytes,
  imageOf,
  MAGIC,
  PROOF_MAX_BYTES,
  type Verdict,
  verifyRun,
} from "./verifyRun.ts";
