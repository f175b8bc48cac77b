/** The first half of the effects pass: `!` exactly where a call may act, `uses` exactly what a function does. */
import { error, type Problem, warning } from "../problems/Problem.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Mark } from "../types/Body.ts";
import type { Checked } from "../types/check.ts";
import * as Row from "../types/Row.ts";

export function checkMarks(of: Checked, problems: Problem[]): void {
  for (const mark of of.marks) {
    const silent = Row.isEmpty(mark.row);
    if (silent === !mark.bang) continue;
    if (silent) {
      if (isBroken(of.file, mark.span, problems)) continue;
      problems.push(
        error(
          "TEL0311",
          of.file,
          mark.at,
          `\`${mark.what}\` is pure here: \`!\` marks only calls that may talk to the outside`,
          {
            hints: ["remove the `!`"],
            fix: { title: "remove the `!`", edits: [{ span: mark.at, text: "" }] },
          },
        ),
      );
    } else {
      const labels = Row.showLabels(Row.labels(mark.row));
      const at = { start: mark.at.end, end: mark.at.end };
      problems.push(
        error("TEL0310", of.file, mark.span, `\`${mark.what}\` does \`${labels}\`, so the call needs a \`!\``, {
          hints: [`write \`${mark.what}!(…)\``],
          fix: { title: "insert the `!`", edits: [{ span: at, text: "!" }] },
        }),
      );
    }
  }
  checkUses(of, problems);
}

function checkUses(of: Checked, problems: Problem[]): void {
  const done = Row.labels(of.inferred);
  const declared = Row.labels(of.declared);
  if (done.length === 0 && declared.length === 0) return;
  const missing = done.filter((label) => !declared.includes(label));
  if (of.rowAt === undefined) {
    if (missing.length > 0) unhandled(of, missing, problems);
    return;
  }
  if (of.written === undefined) return;
  if (missing.length > 0) {
    const all = Row.showLabels([...declared, ...missing].sort());
    const where = placeOf(of.marks, missing[0]!) ?? of.nameSpan;
    const edit =
      of.written.length > 0
        ? { span: { start: of.written[0]!.span.start, end: of.written.at(-1)!.span.end }, text: all }
        : { span: of.rowAt, text: of.rowAt.start === of.rowAt.end ? `uses ${all} ` : `uses ${all}` };
    problems.push(
      error(
        "TEL0312",
        of.file,
        where,
        `\`${short(of.name)}\` does \`${Row.showLabels(missing)}\`, and its \`uses\` does not say so`,
        {
          labels: [{ span: of.nameSpan, text: `declared here${declared.length === 0 ? " without `uses`" : ""}` }],
          hints: [`write \`uses ${all}\``],
          fix: { title: `declare \`uses ${all}\``, edits: [edit] },
        },
      ),
    );
  }
  if (isBroken(of.file, of.span, problems)) return;
  const superfluous = declared.filter((label) => !done.includes(label));
  for (const name of of.written) {
    const label = superfluous.find(
      (each) => each === name.text || each === Row.variable(name.text) || each.endsWith(`.${name.text}`),
    );
    if (label === undefined) continue;
    problems.push(
      warning("TEL0313", of.file, name.span, `\`${short(of.name)}\` never does \`${name.text}\``, {
        hints: ["remove it from `uses`"],
      }),
    );
  }
}

/** What went wrong inside may have hidden an effect. */
const isBroken = (file: string, span: Span, problems: readonly Problem[]): boolean =>
  problems.some(
    (each) =>
      each.severity === "error" && each.file === file && each.span.start >= span.start && each.span.end <= span.end,
  );

function unhandled(of: Checked, labels: readonly string[], problems: Problem[]): void {
  const where = placeOf(of.marks, labels[0]!) ?? of.nameSpan;
  if (of.kind === "function") {
    problems.push(
      error("TEL0505", of.file, where, `a migration is pure, and this does \`${Row.showLabels(labels)}\``, {
        hints: ["a migration makes the new state of the old one, and of nothing else"],
      }),
    );
    return;
  }
  const what =
    of.kind === "test" || of.kind === "prop" ? `this ${of.kind}` : "a value that is worked out before anything runs";
  problems.push(
    error("TEL0329", of.file, where, `${what} does \`${Row.showLabels(labels)}\`, and nothing answers it`, {
      hints:
        of.kind === "value"
          ? ["only pure expressions stand here"]
          : ["put it into `with world([…]) { … }`, `with fixed(…) { … }` or `with` a handler"],
    }),
  );
}

/** The innermost call that does it. */
function placeOf(marks: readonly Mark[], label: string): Span | undefined {
  return marks.find((mark) => Row.labels(mark.row).includes(label))?.span;
}

const short = (name: string): string => name.slice(name.lastIndexOf(".") + 1);
