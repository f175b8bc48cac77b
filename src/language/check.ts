/** Checking once: what the command does. An editor keeps a checker (checker.ts). */
import type { Checked, Environment, Source } from "./Checked.ts";
import { checkOnce } from "./checker.ts";

export type { Checked, Environment, Source } from "./Checked.ts";
export { checkLibrary } from "./checker.ts";

export const check = (sources: readonly Source[], environment: Environment = {}): Checked =>
  checkOnce(sources, [], environment, []);
