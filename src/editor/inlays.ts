/** What is inferred and not written: the types of names, and the effects of anonymous functions. */
import { Inspect, type Tree } from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";
import { eachTyped } from "./typedNodes.ts";

export type Inlay = { readonly offset: number; readonly text: string; readonly kind: "type" | "row" | "value" };

/** Longer types are told by hover only. */
const TYPE_LENGTH_MAX = 40;

export function inlays(analysis: Analysis, file: string, range: Tree.Span): readonly Inlay[] {
  const tree = analysis.trees.get(file);
  if (tree === undefined) return [];
  const found: Inlay[] = [];
  const types = analysis.localTypesIn(file);
  const bindings = analysis.checked.resolved.scopes.get(file)?.bindings;
  const isInside = (span: Tree.Span): boolean => span.end >= range.start && span.start <= range.end;
  const typeOf = (node: object, name: Tree.Name): void => {
    const local = bindings?.get(node);
    const type = local?.kind === "local" ? types.get(local) : undefined;
    if (type === undefined || name.text === "_") return;
    const shown = Inspect.showInferred(type);
    if (shown.length <= TYPE_LENGTH_MAX && !shown.startsWith("_"))
      found.push({ offset: name.span.end, text: `: ${shown}`, kind: "type" });
  };
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const at = node as Tree.Node;
    if (at.span !== undefined && !isInside(at.span)) return;
    if (at.kind === "let" && at.type === undefined && at.pattern.kind === "bind") typeOf(at.pattern, at.pattern.name);
    if (at.kind === "lambda") for (const param of at.params) if (param.type === undefined) typeOf(param, param.name);
    for (const key of Object.keys(node)) if (key !== "span") visit((node as Readonly<Record<string, unknown>>)[key]);
  };
  visit(tree.items);
  rows(analysis, file, isInside, found);
  return found.sort((a, b) => a.offset - b.offset);
}

/** ` uses Observe` before the body of a function that has no row of its own to read. */
function rows(analysis: Analysis, file: string, isInside: (span: Tree.Span) => boolean, found: Inlay[]): void {
  for (const definition of analysis.checked.typed.functions.values()) {
    if (definition.file !== file) continue;
    eachTyped(definition.body, (node) => {
      if (node.kind !== "lambda" || !isInside(node.span)) return;
      const type = Inspect.shallow(node.type);
      const labels = type.kind === "fn" ? Inspect.Row.labels(type.row) : [];
      if (labels.length > 0)
        found.push({ offset: node.body.span.start, text: `uses ${Inspect.Row.showLabels(labels)} `, kind: "row" });
    });
  }
}
