/** The front door of the memory store: the twin, and the suite that every driver of the store passes. */
export { openMemoryStore } from "./memoryStore.ts";
export { type Suite, storeConformance } from "./storeConformance.ts";
