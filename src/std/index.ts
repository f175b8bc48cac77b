/** The front door of std: nothing here knows the domain. */
export { appended } from "./appended.ts";
export { assert, never } from "./assert.ts";
export * as Bytes from "./Bytes.ts";
export { closest } from "./closest.ts";
export { err, ok, type Result } from "./Result.ts";
