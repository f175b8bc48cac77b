/** Problems as tools read them. Lines and columns count from 1, columns in code points; offsets are UTF-16. */
import type { Span } from "../syntax/Tree.ts";
import * as Position from "./Position.ts";
import type { Problem, Severity } from "./Problem.ts";

export type Place = { readonly offset: number; readonly line: number; readonly column: number };
export type Range = { readonly start: Place; readonly end: Place };

export type ProblemJson = {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  /** Left out when the text of the file is not known. */
  readonly range?: Range;
  readonly labels: readonly { readonly file: string; readonly range?: Range; readonly text: string }[];
  readonly hints: readonly string[];
  readonly fix?: {
    readonly title: string;
    readonly edits: readonly { readonly range?: Range; readonly text: string }[];
  };
};

export function toJson(problem: Problem, sources: string | ((file: string) => string | undefined)): ProblemJson {
  const known = new Map<string, Position.Source | undefined>();
  const range = (file: string, span: Span): { readonly range?: Range } => {
    if (!known.has(file)) {
      const text = typeof sources === "string" ? (file === problem.file ? sources : undefined) : sources(file);
      known.set(file, text === undefined ? undefined : Position.sourceOf(text));
    }
    const source = known.get(file);
    if (source === undefined) return {};
    const place = (offset: number): Place => ({ offset, ...Position.at(source, offset) });
    return { range: { start: place(span.start), end: place(span.end) } };
  };
  const { code, severity, message, file, span, labels, hints, fix } = problem;
  return {
    code,
    severity,
    message,
    file,
    ...range(file, span),
    labels: labels.map((label) => ({
      file: label.file ?? file,
      ...range(label.file ?? file, label.span),
      text: label.text,
    })),
    hints,
    ...(fix === undefined
      ? {}
      : {
          fix: { title: fix.title, edits: fix.edits.map((edit) => ({ ...range(file, edit.span), text: edit.text })) },
        }),
  };
}
