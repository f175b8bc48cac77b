/** The front door of the memory timeline: the twin, and the suite that every adapter passes. */
export { adapterConformance, type ConformanceCase, trade } from "./adapterConformance.ts";
export { connectMemory, type MemoryConfig } from "./connectMemory.ts";
export { createMemoryChain, type MemoryChain, type MemorySetUp } from "./MemoryChain.ts";
export { marketManifest } from "./marketManifest.ts";
export { asset, FEE_BASIS_POINTS, GRANT_USDC, type Rig } from "./Rig.ts";
export { type Tampering, tamperings } from "./tamperings.ts";
