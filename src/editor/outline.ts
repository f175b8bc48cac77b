/** What can be told from the tree alone: the outline of a file, what folds, and its layout. */
import { format, type Tree } from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";

export type OutlineKind =
  | "function"
  | "type"
  | "case"
  | "field"
  | "fact"
  | "action"
  | "event"
  | "effect"
  | "operation"
  | "interface"
  | "handler"
  | "program"
  | "entry"
  | "state"
  | "trigger"
  | "test";

export type OutlineItem = {
  readonly name: string;
  readonly kind: OutlineKind;
  readonly detail: string;
  readonly span: Tree.Span;
  readonly nameSpan: Tree.Span;
  readonly children: readonly OutlineItem[];
};

type Named = { readonly name: Tree.Name; readonly span: Tree.Span };

const item = (
  { name, span }: Named,
  kind: OutlineKind,
  children: readonly OutlineItem[] = [],
  detail = "",
): OutlineItem => ({
  name: name.text === "" ? "?" : name.text,
  kind,
  detail,
  span,
  nameSpan: name.span.start >= span.start && name.span.end <= span.end ? name.span : span,
  children,
});

export function outline(analysis: Analysis, file: string): readonly OutlineItem[] {
  const tree = analysis.trees.get(file);
  return tree === undefined ? [] : tree.items.flatMap(outlineOf);
}

function outlineOf(node: Tree.Item): OutlineItem[] {
  switch (node.kind) {
    case "use":
    case "watch":
      return [];
    case "fn":
      return [item(node, "function")];
    case "type":
      return [
        item(
          node,
          "type",
          node.shape.kind === "variants"
            ? node.shape.constructors.map((one) => item(one, "case"))
            : node.shape.fields.map((one) => item(one, "field")),
        ),
      ];
    case "fact":
    case "action":
    case "event":
      return [item(node, node.kind)];
    case "effect":
      return [
        item(
          node,
          "effect",
          node.operations.map((one) => item(one, "operation")),
        ),
      ];
    case "interface":
      return [
        item(
          node,
          "interface",
          node.entries.map((one) => item(one, "entry")),
        ),
      ];
    case "handler":
      return [
        item(
          node,
          "handler",
          node.clauses.map((one) => item(one, "operation")),
        ),
      ];
    case "program":
      return [item(node, "program", node.clauses.flatMap(clause))];
    case "test":
    case "prop":
      return [
        item({ name: { text: node.title.value, span: node.title.span }, span: node.span }, "test", [], node.kind),
      ];
  }
}

function clause(node: Tree.Clause): OutlineItem[] {
  const called = (text: string): Named => ({ name: { text, span: node.span }, span: node.span });
  switch (node.kind) {
    case "state":
      return [
        item(
          called("state"),
          "state",
          node.fields.map((one) => item(one, "field")),
        ),
      ];
    case "entry":
      return [item(node, "entry", [], node.exclusive ? "exclusive" : "")];
    case "fn":
      return [item(node, "function")];
    case "on":
      return [item(called(`on ${node.trigger} => ${node.entry.text}`), "trigger")];
    case "handshake":
      return [item(called("handshake"), "entry")];
    case "migration":
      return [item(called(`migration ${node.from.text} -> ${node.to.text}`), "entry")];
  }
}

// ------------------------------------------------------------------------------------------------ folding

export type Fold = { readonly span: Tree.Span; readonly kind: "code" | "comment" | "imports" };

/** Everything that spans lines: blocks and other brackets, runs of comments, docs, and runs of `use`. */
export function folds(analysis: Analysis, file: string): readonly Fold[] {
  const tree = analysis.trees.get(file);
  const text = analysis.sources.get(file)?.text;
  if (tree === undefined || text === undefined) return [];
  const found: Fold[] = [];
  const add = (span: Tree.Span, kind: Fold["kind"]): void => {
    const line = text.indexOf("\n", span.start);
    if (line >= 0 && line < span.end) found.push({ span, kind });
  };
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const { kind, span, doc } = node as { readonly kind?: string; readonly span?: Tree.Span; readonly doc?: Tree.Doc };
    if (kind !== undefined && span !== undefined && folding.has(kind))
      add({ start: bodyStart(node as Tree.Node), end: span.end }, "code");
    if (doc !== undefined && doc !== null) add(doc.span, "comment");
    for (const key of Object.keys(node)) if (key !== "span") visit((node as Readonly<Record<string, unknown>>)[key]);
  };
  visit(tree.items);
  for (const span of runs(tree.comments, text)) add(span, "comment");
  const uses = tree.items.filter((one) => one.kind === "use");
  for (const span of runs(uses, text)) add(span, "imports");
  return found.sort((a, b) => a.span.start - b.span.start);
}

const folding = new Set([
  "block",
  "match",
  "branches",
  "program",
  "state",
  "effect",
  "interface",
  "handler",
  "list",
  "map",
]);

/** A declaration folds from the line of its name, not of its doc. */
const bodyStart = (node: Tree.Node): number =>
  "name" in node && node.kind !== "member" ? (node.name as Tree.Name).span.start : node.span.start;

/** Neighbours with nothing but white space between them. */
function runs(all: readonly { readonly span: Tree.Span }[], text: string): Tree.Span[] {
  const found: Tree.Span[] = [];
  for (const { span } of all) {
    const last = found[found.length - 1];
    if (last !== undefined && /^[ \t]*\r?\n[ \t]*$/.test(text.slice(last.end, span.start)))
      found[found.length - 1] = { start: last.start, end: span.end };
    else found.push(span);
  }
  return found;
}

/** The text in the one layout; undefined where it has problems that forbid it. */
export function formatted(analysis: Analysis, file: string): string | undefined {
  const source = analysis.sources.get(file);
  if (source === undefined) return undefined;
  const result = format(source.text, file);
  return result.ok ? result.text : undefined;
}
