/** What the compiler says about a user's text: collected, never thrown, each with a stable code. */
import type { Span } from "../syntax/Tree.ts";
import { codes } from "./codes.ts";

export type Severity = "error" | "warning";

/** A code of the table in `codes.ts`. Ranges: 00xx lexer, 01xx parser, 02xx names, 03xx types and effects, 04xx effect validation and resources, 05xx programs and manifests. */
export type Code = string;

export type Label = { readonly span: Span; readonly text: string; readonly file?: string };

/** Replace `span` of the problem's file by `text`. Edits of one fix do not overlap. */
export type Edit = { readonly span: Span; readonly text: string };

export type Fix = { readonly title: string; readonly edits: readonly Edit[] };

export type Problem = {
  readonly code: Code;
  readonly severity: Severity;
  /** One sentence: what is wrong, with the user's own names in `backticks`. */
  readonly message: string;
  /** The path under which the file was given to the compiler. */
  readonly file: string;
  readonly span: Span;
  /** Further places that explain the problem; the text at `span` itself may be one of them. */
  readonly labels: readonly Label[];
  /** How to go on, one sentence each. */
  readonly hints: readonly string[];
  readonly fix?: Fix;
};

export type Details = {
  readonly labels?: readonly Label[];
  readonly hints?: readonly string[];
  readonly fix?: Fix;
};

export const error = (code: Code, file: string, span: Span, message: string, details: Details = {}): Problem =>
  of("error", code, file, span, message, details);

export const warning = (code: Code, file: string, span: Span, message: string, details: Details = {}): Problem =>
  of("warning", code, file, span, message, details);

function of(severity: Severity, code: Code, file: string, span: Span, message: string, details: Details): Problem {
  if (!codes.has(code)) throw new Error(`internal error: problem code ${code} is not in the table`);
  const { labels = [], hints = [], fix } = details;
  return { code, severity, message, file, span, labels, hints, ...(fix === undefined ? {} : { fix }) };
}

/** By file, then place, then code: the order in which problems are shown. */
export function compare(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.span.start - b.span.start || a.span.end - b.span.end || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
}
