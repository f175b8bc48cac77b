/** The front door of optimise: the tree that code is generated from, Core as that tree, and the passes over it. */
export * as Cost from "./cost.ts";
export { lower } from "./lower.ts";
export type * as Tree from "./Tree.ts";
export { atomsOf, childrenOf, countUses, reads } from "./walk.ts";
