/** The front door of optimise: the tree that code is generated from, Core as that tree, and the passes over it. */
export { checkTree } from "./check.ts";
export * as Cost from "./cost.ts";
export { lower } from "./lower.ts";
export { newOptimiser, type Observer, type Optimiser, passNames } from "./optimise.ts";
export type { Builtins } from "./Pass.ts";
export { print as printOptimised } from "./print.ts";
export type * as Tree from "./Tree.ts";
export { atomsOf, childrenOf, countUses, nodesOf, reads, sizeOf } from "./walk.ts";
