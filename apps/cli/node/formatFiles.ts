/** What `tb fmt` needs of the language, loaded only when it runs. */
import { applyFixes, check, type Problem } from "../../../src/language/index.ts";

export { format, render, toJson } from "../../../src/language/index.ts";

/** A fix can bring up the next problem, so they are applied in rounds. */
const ROUNDS_MAX = 10;

export type Repaired = { readonly text: string; readonly fixed: number };

/** Missing and superfluous marks, and missing `uses`. */
const sureCodes = new Set(["TEL0310", "TEL0311", "TEL0312"]);

/** Fixes that are no guess: those of the grammar, and those of effects. */
const isSure = ({ code }: Problem.Problem): boolean => code < "TEL0200" || sureCodes.has(code);

/** Applies the fixes that problems offer until none is left. */
export function repair(texts: ReadonlyMap<string, string>): Map<string, Repaired> {
  const repaired = new Map<string, Repaired>([...texts].map(([file, text]) => [file, { text, fixed: 0 }]));
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const sources = [...repaired].map(([path, { text }]) => ({ path, text }));
    const problems = check(sources).problems.filter(isSure);
    let applied = 0;
    for (const [file, { text, fixed }] of repaired) {
      const result = applyFixes(text, problems, file);
      applied += result.applied.length;
      repaired.set(file, { text: result.text, fixed: fixed + result.applied.length });
    }
    if (applied === 0) break;
  }
  return repaired;
}
