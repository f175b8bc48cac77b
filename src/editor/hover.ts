/** What stands under the pointer: type or signature, effects, hash and doc. */
import { Inspect, type Tree } from "../language/index.ts";
import { type Analysis, typedAt } from "./Analysis.ts";
import { describe } from "./describe.ts";
import { occurrenceAt } from "./navigate.ts";

export type Hover = {
  readonly span: Tree.Span;
  /** TEL text. */
  readonly code: string;
  /** Markdown, one paragraph each. */
  readonly notes: readonly string[];
};

/** Characters of a hash that are enough to tell it apart while reading. */
const HASH_SHOWN_LENGTH = 16;

export function hover(analysis: Analysis, file: string, offset: number): Hover | undefined {
  const occurrence = occurrenceAt(analysis, file, offset);
  if (occurrence === undefined) return typeHover(analysis, file, offset);
  const { code, doc, full } = describe(analysis, occurrence.target, file);
  const notes: string[] = [];
  if (doc !== undefined && doc !== "") notes.push(doc);
  if (full !== undefined) {
    const effects = effectsOf(analysis, full);
    const hash = analysis.hashOf(full);
    const parts = [effects, hash === undefined ? undefined : `\`#${hash.slice(0, HASH_SHOWN_LENGTH)}\``];
    const line = parts.filter((part) => part !== undefined).join(" · ");
    if (line !== "") notes.push(line);
  }
  return { span: occurrence.span, code, notes };
}

function effectsOf(analysis: Analysis, full: string): string | undefined {
  const known = analysis.checked.known.find((one) => one.name === full);
  if (known?.kind === "function") {
    const { labels, variable } = known.row;
    return labels.length === 0 && variable === undefined ? "pure" : `does ${labels.join(", ") || "what it is given"}`;
  }
  const definition = analysis.checked.typed.functions.get(full);
  if (definition === undefined || definition.kind !== "function") return undefined;
  const labels = Inspect.Row.labels(definition.inferred);
  return labels.length === 0 ? "pure" : `does ${Inspect.Row.showLabels(labels)}`;
}

/** Literals and brackets have no name, but a type. */
function typeHover(analysis: Analysis, file: string, offset: number): Hover | undefined {
  const node = typedAt(analysis, file, offset);
  if (node === undefined || node.kind === "block") return undefined;
  return { span: node.span, code: Inspect.showInferred(node.type), notes: [] };
}
