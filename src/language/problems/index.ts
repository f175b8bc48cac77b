/** The front door of problems: what they are, the table of their codes, how they are shown. */
export { applyEdits, applyFixes, type Fixed } from "./applyFixes.ts";
export { codes } from "./codes.ts";
export type { Explanation } from "./Explanation.ts";
export * as Position from "./Position.ts";
export * as Problem from "./Problem.ts";
export { type RenderOptions, render, type Sources } from "./render.ts";
export { type ProblemJson, toJson } from "./toJson.ts";
