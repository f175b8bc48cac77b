/** The front door of the prover. */
export { type Progress, type ProveOptions, prove, type Segments, type Task } from "./prove.ts";
