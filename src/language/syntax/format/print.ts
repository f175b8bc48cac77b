/**
 * The tree as text in the one layout: 100 columns, no options. Comments are kept. Parsing the text gives the same tree
 * again, except for places, added parentheses and commas.
 */
import type { Declaration, Expr, File, Item as FileItem, Pattern, Type } from "../Tree.ts";
import * as Comments from "./Comments.ts";
import { cat, type Doc, join, line, render } from "./Doc.ts";
import { entries, type Item, needsBlank, whole } from "./lists.ts";
import { docLines, printDeclaration, printUse } from "./printDeclaration.ts";
import { printExpression } from "./printExpression.ts";
import { printPattern, printType } from "./printType.ts";

/** `source` is the text from which the tree was read: it shows where empty lines stood. */
export function print(file: File, source = ""): string {
  const comments = Comments.of(file.comments, source);
  const items: Item[] = [];
  const { doc, module } = file;
  if (doc !== undefined) items.push({ span: doc.span, doc: () => cat(join(docLines(doc, "////"), line)) });
  if (module !== undefined) {
    const start = Math.max(0, source.lastIndexOf("module", module.span.start));
    items.push({ span: { start, end: module.span.end }, doc: () => `module ${module.text}` });
  }
  for (const item of file.items) items.push({ span: item.span, doc: () => printItem(comments, item) });
  const found = entries(comments, items, 0, file.span.end + 1);
  const texts = found.map((entry) => render(whole(entry)));
  const tall = found.map((entry, i) => ({ ...entry, isTall: texts[i]!.includes("\n") }));
  const parts = tall.map((entry, i) => {
    if (i === 0) return texts[i]!;
    return (entry.blank || needsBlank(tall[i - 1]!, entry) ? "\n\n" : "\n") + texts[i]!;
  });
  return parts.length === 0 ? "" : `${parts.join("")}\n`;
}

function printItem(comments: Comments.Comments, item: FileItem): Doc {
  if (item.kind === "use") return printUse(item);
  if (item.kind === "watch") return cat("> ", printExpression(comments, item.value));
  return printDeclaration(comments, item);
}

const none = Comments.of([], "");

export const showExpression = (expr: Expr): string => render(printExpression(none, expr));
export const showType = (type: Type): string => render(printType(type));
export const showPattern = (pattern: Pattern): string => render(printPattern(pattern));
export const showDeclaration = (declaration: Declaration): string => render(printDeclaration(none, declaration));
