/** From the language service's plain data to the protocol's. */

import type * as Lsp from "vscode-languageserver";
import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  FoldingRangeKind,
  InlayHintKind,
  SymbolKind,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type * as Editor from "../../../src/editor/index.ts";
import type { Problem, Tree } from "../../../src/language/index.ts";
import type * as Schema from "../../../src/schema/index.ts";

export const range = (document: TextDocument, span: Tree.Span): Lsp.Range => ({
  start: document.positionAt(span.start),
  end: document.positionAt(span.end),
});

export const span = (document: TextDocument, { start, end }: Lsp.Range): Tree.Span => ({
  start: document.offsetAt(start),
  end: document.offsetAt(end),
});

/** A problem of a whole block is marked where the block starts: lines of red underlining hide what is in them. */
function firstLine(document: TextDocument, at: Tree.Span): Lsp.Range {
  const { start, end } = range(document, at);
  if (start.line === end.line) return { start, end };
  const text = document.getText({ start, end: { line: start.line + 1, character: 0 } });
  return { start, end: { line: start.line, character: start.character + text.trimEnd().length } };
}

/** Documents by path, for places in other files. */
export type Documents = (path: string) => TextDocument | undefined;

export function diagnostic(problem: Problem.Problem, document: TextDocument, documents: Documents): Lsp.Diagnostic {
  const related = problem.labels.flatMap((label): Lsp.DiagnosticRelatedInformation[] => {
    const at = label.file === undefined || label.file === problem.file ? document : documents(label.file);
    return at === undefined ? [] : [{ location: { uri: at.uri, range: range(at, label.span) }, message: label.text }];
  });
  const hints = problem.hints.map((hint) => `\n${hint}`).join("");
  return {
    range: firstLine(document, problem.span),
    severity: problem.severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code: problem.code,
    source: "tel",
    message: problem.message + hints,
    ...(related.length > 0 ? { relatedInformation: related } : {}),
  };
}

/** More in one file are one mistake; no list of an editor is read so far. */
const DIAGNOSTICS_MAX = 1_000;

export function diagnostics(
  problems: readonly Problem.Problem[],
  document: TextDocument,
  documents: Documents,
): Lsp.Diagnostic[] {
  const found = problems.slice(0, DIAGNOSTICS_MAX).map((problem) => diagnostic(problem, document, documents));
  const more = problems.length - found.length;
  const next = problems[DIAGNOSTICS_MAX];
  if (next === undefined) return found;
  const message = `${more} more problem${more === 1 ? " is" : "s are"} not listed: repair the first ones, or see \`tb check\``;
  const range = firstLine(document, next.span);
  return [...found, { range, severity: DiagnosticSeverity.Error, source: "tel", message }];
}

/** A problem of `program.toml`: its place is a line and a column, both from 1. */
export function manifestDiagnostic({ code, what, why, fix, at }: Schema.Problem): Lsp.Diagnostic {
  const start = { line: Math.max(0, (at?.line ?? 1) - 1), character: Math.max(0, (at?.column ?? 1) - 1) };
  return {
    range: { start, end: { line: start.line, character: Number.MAX_SAFE_INTEGER } },
    severity: DiagnosticSeverity.Error,
    code,
    source: "tel",
    message: [what, why, fix].filter((part) => part !== undefined).join("\n"),
  };
}

export function workspaceEdit(edits: readonly Editor.FileEdit[], documents: Documents): Lsp.WorkspaceEdit {
  const changes: Record<string, Lsp.TextEdit[]> = {};
  for (const { file, span: at, text } of edits) {
    const document = documents(file);
    if (document === undefined) continue;
    changes[document.uri] ??= [];
    changes[document.uri]!.push({ range: range(document, at), newText: text });
  }
  return { changes };
}

export const hover = ({ code, notes, span: at }: Editor.Hover, document: TextDocument): Lsp.Hover => ({
  contents: { kind: "markdown", value: [`\`\`\`tel\n${code}\n\`\`\``, ...notes].join("\n\n") },
  range: range(document, at),
});

const completionKinds: Readonly<Record<Editor.CompletionKind, CompletionItemKind>> = {
  local: CompletionItemKind.Variable,
  function: CompletionItemKind.Function,
  constructor: CompletionItemKind.EnumMember,
  type: CompletionItemKind.Struct,
  effect: CompletionItemKind.Interface,
  module: CompletionItemKind.Module,
  field: CompletionItemKind.Field,
  label: CompletionItemKind.Property,
  program: CompletionItemKind.Class,
  timeline: CompletionItemKind.Constant,
  event: CompletionItemKind.Event,
  keyword: CompletionItemKind.Keyword,
};

export function completion(item: Editor.Completion, document: TextDocument): Lsp.CompletionItem {
  const more = item.more.map(({ span: at, text }) => ({ range: range(document, at), newText: text }));
  return {
    label: item.label,
    kind: completionKinds[item.kind],
    sortText: `${item.rank}${item.label}`,
    textEdit: { range: range(document, item.replace), newText: item.insert },
    ...(item.detail === "" ? {} : { detail: item.detail }),
    ...(item.doc === undefined ? {} : { documentation: { kind: "markdown", value: item.doc } }),
    ...(more.length > 0 ? { additionalTextEdits: more } : {}),
  };
}

const symbolKinds: Readonly<Record<Editor.OutlineKind, SymbolKind>> = {
  function: SymbolKind.Function,
  type: SymbolKind.Struct,
  case: SymbolKind.EnumMember,
  field: SymbolKind.Field,
  fact: SymbolKind.Event,
  action: SymbolKind.Event,
  event: SymbolKind.Event,
  effect: SymbolKind.Interface,
  operation: SymbolKind.Method,
  interface: SymbolKind.Interface,
  handler: SymbolKind.Function,
  program: SymbolKind.Class,
  entry: SymbolKind.Method,
  state: SymbolKind.Object,
  trigger: SymbolKind.Event,
  test: SymbolKind.Boolean,
};

export const documentSymbol = (item: Editor.OutlineItem, document: TextDocument): Lsp.DocumentSymbol => ({
  name: item.name,
  detail: item.detail,
  kind: symbolKinds[item.kind],
  range: range(document, item.span),
  selectionRange: range(document, item.nameSpan),
  children: item.children.map((child) => documentSymbol(child, document)),
});

export function fold({ span: at, kind }: Editor.Fold, document: TextDocument): Lsp.FoldingRange {
  const { start, end } = range(document, at);
  // The line of a closing bracket stays visible.
  const endLine = kind === "code" ? Math.max(start.line, end.line - 1) : end.line;
  return {
    startLine: start.line,
    endLine,
    ...(kind === "code" ? {} : { kind: kind === "comment" ? FoldingRangeKind.Comment : FoldingRangeKind.Imports }),
  };
}

export const inlay = ({ offset, text, kind }: Editor.Inlay, document: TextDocument): Lsp.InlayHint => ({
  position: document.positionAt(offset),
  label: text,
  ...(kind === "type" ? { kind: InlayHintKind.Type } : {}),
});

export function quickFix(action: Editor.Action, document: TextDocument, documents: Documents): Lsp.CodeAction {
  return {
    title: action.title,
    kind: CodeActionKind.QuickFix,
    edit: workspaceEdit(action.edits, documents),
    ...(action.preferred ? { isPreferred: true } : {}),
    diagnostics: [diagnostic(action.problem, document, documents)],
  };
}
