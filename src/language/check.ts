/** Checking once: what the command does. An editor keeps a checker (checker.ts). */
import { type Checked, checkOnce, type Environment, type Source } from "./checker.ts";

export { type Checked, checkLibrary, type Environment, type Source } from "./checker.ts";

export const check = (sources: readonly Source[], environment: Environment = {}): Checked =>
  checkOnce(sources, [], environment, []);
