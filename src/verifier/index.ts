/** The front door of the verifier: all that prover and verifier agree on. */
export * as Air from "./air.ts";
export { checkTrace, type FixedColumns, showTraceProblem, type TraceCheck, type TraceProblem } from "./checkTrace.ts";
