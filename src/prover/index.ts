/** The front door of the prover. */
export { type Progress, type ProveOptions, prove, type Segments, type Task } from "./prove.ts";
export {
  type ProvenRun,
  programKey,
  proveRun,
  type RunOptions,
  type RunProblem,
  SEGMENT_STEPS,
} from "./proveRun.ts";
export { kernelRows } from "./rowHasher.ts";
