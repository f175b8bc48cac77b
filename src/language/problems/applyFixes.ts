/** The fixes that problems offer, applied to the text. */
import type { Edit, Problem } from "./Problem.ts";

export type Fixed = { readonly text: string; readonly applied: readonly Problem[] };

/** Applies the fix of each problem of `file` that has one; a fix that touches the place of an earlier one waits. */
export function applyFixes(text: string, problems: readonly Problem[], file: string): Fixed {
  const edits: Edit[] = [];
  const applied: Problem[] = [];
  for (const problem of problems) {
    if (problem.file !== file || problem.fix === undefined || problem.fix.edits.length === 0) continue;
    const isFree = problem.fix.edits.every((edit) => edits.every((other) => areApart(edit, other)));
    if (!isFree) continue;
    edits.push(...problem.fix.edits);
    applied.push(problem);
  }
  return { text: applyEdits(text, edits), applied };
}

const areApart = (a: Edit, b: Edit): boolean => a.span.end < b.span.start || b.span.end < a.span.start;

/** Edits do not overlap; their spans are of the text as it is given. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let result = "";
  let at = 0;
  for (const { span, text: replacement } of sorted) {
    result += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return result + text.slice(at);
}
