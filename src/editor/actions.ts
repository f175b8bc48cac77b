/** Changes that the editor offers where a problem is: its fix, or the import of an unknown name. */
import type { Problem, Tree } from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";
import type { FileEdit } from "./navigate.ts";

export type Action = {
  readonly title: string;
  /** The problem that it repairs. */
  readonly problem: Problem.Problem;
  readonly edits: readonly FileEdit[];
  /** The one that a key press may apply without asking. */
  readonly preferred: boolean;
};

export const meets = (a: Tree.Span, b: Tree.Span): boolean => a.start <= b.end && b.start <= a.end;

export function actions(analysis: Analysis, file: string, range: Tree.Span): readonly Action[] {
  const found: Action[] = [];
  for (const problem of analysis.checked.problems) {
    if (problem.file !== file || !meets(problem.span, range)) continue;
    const imported = imports(analysis, file, problem);
    // The checker's own import stands at the start of the file; here the `use` lines are known.
    if (problem.fix !== undefined && imported.length === 0) {
      const edits = problem.fix.edits.map((edit) => ({ file, ...edit }));
      found.push({ title: problem.fix.title, problem, edits, preferred: true });
    }
    found.push(...imported);
  }
  return found;
}

/** Problems that say that a name is not known. */
const unknownCodes = new Set(["TEL0201", "TEL0202", "TEL0203", "TEL0204"]);

function imports(analysis: Analysis, file: string, problem: Problem.Problem): Action[] {
  if (!unknownCodes.has(problem.code)) return [];
  const name = analysis.sources.get(file)?.text.slice(problem.span.start, problem.span.end) ?? "";
  const found: Action[] = [];
  for (const module of analysis.checked.resolved.modules.values()) {
    if (module.name === "" || module.name === "prelude") continue;
    if (!module.values.has(name) && !module.types.has(name) && !module.effects.has(name)) continue;
    const edit = importEdit(analysis, file, module.name, name);
    if (edit === undefined) continue;
    found.push({
      title: `use \`${name}\` of ${module.name}`,
      problem,
      edits: [edit],
      preferred: false,
    });
  }
  return found;
}

/** Adds `name` to the file's `use` of `module`, or a new `use`; undefined where it is there already. */
export function importEdit(analysis: Analysis, file: string, module: string, name: string): FileEdit | undefined {
  const tree = analysis.trees.get(file);
  if (tree === undefined) return undefined;
  const uses = tree.items.filter((item) => item.kind === "use");
  const own = uses.find((use) => use.path.text === module && use.names !== undefined);
  if (own !== undefined) {
    if (own.names!.some((one) => one.text === name)) return undefined;
    const last = own.names![own.names!.length - 1];
    if (last === undefined) return { file, span: { start: own.span.end - 1, end: own.span.end - 1 }, text: name };
    return { file, span: { start: last.span.end, end: last.span.end }, text: `, ${name}` };
  }
  const line = `use ${module} (${name})`;
  const lastUse = uses[uses.length - 1];
  const after = lastUse?.span.end ?? tree.module?.span.end;
  if (after !== undefined) return { file, span: { start: after, end: after }, text: `\n${line}` };
  const first = tree.items[0]?.span.start ?? 0;
  return { file, span: { start: first, end: first }, text: `${line}\n` };
}
