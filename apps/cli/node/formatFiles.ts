/** What `tb fmt` needs of the language, loaded only when it runs. */
import { applyFixes, type Problem } from "../../../src/language/problems/index.ts";
import { parse } from "../../../src/language/syntax/index.ts";

export { render, toJson } from "../../../src/language/problems/index.ts";
export { format } from "../../../src/language/syntax/index.ts";

/** A fix can bring up the next problem, so they are applied in rounds. */
const ROUNDS_MAX = 10;

export type Repaired = { readonly text: string; readonly fixed: number };

/** Applies the fixes that problems offer until none is left, file by file. */
export function repair(texts: ReadonlyMap<string, string>): Map<string, Repaired> {
  const repaired = new Map<string, Repaired>([...texts].map(([file, text]) => [file, { text, fixed: 0 }]));
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const problems = problemsOf(repaired);
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

const problemsOf = (files: ReadonlyMap<string, Repaired>): Problem.Problem[] =>
  [...files].flatMap(([file, { text }]) => parse(text, file).problems);
