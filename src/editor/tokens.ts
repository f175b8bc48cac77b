/** What each name is, for colouring: more than a grammar of words can tell. */
import type { Tree } from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";
import type { Occurrence } from "./occurrences.ts";

export const tokenTypes = [
  "namespace",
  "type",
  "enumMember",
  "function",
  "method",
  "parameter",
  "variable",
  "property",
  "event",
  "interface",
  "class",
  "typeParameter",
] as const;
export type TokenType = (typeof tokenTypes)[number];

export const tokenModifiers = ["declaration", "defaultLibrary", "effect"] as const;
export type TokenModifier = (typeof tokenModifiers)[number];

export type SemanticToken = {
  readonly span: Tree.Span;
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
};

export function semanticTokens(analysis: Analysis, file: string): readonly SemanticToken[] {
  const text = analysis.sources.get(file)?.text ?? "";
  return analysis.occurrencesIn(file).map((one) => {
    const modifiers: TokenModifier[] = [];
    if (one.role === "declaration") modifiers.push("declaration");
    if (isGiven(one)) modifiers.push("defaultLibrary");
    if (text[one.span.end] === "!" && text[one.span.end + 1] === "(") modifiers.push("effect");
    return { span: one.span, type: typeOf(one), modifiers };
  });
}

const isGiven = ({ target }: Occurrence): boolean =>
  target.kind === "module"
    ? target.module.library
    : target.kind !== "symbol" && target.kind !== "local" && target.kind !== "field" && target.kind !== "timeline";

function typeOf({ target }: Occurrence): TokenType {
  switch (target.kind) {
    case "local":
      return target.isParameter ? "parameter" : "variable";
    case "field":
      return "property";
    case "module":
      return "namespace";
    case "timeline":
      return "variable";
    case "builtinType":
      return "type";
    case "builtinConstructor":
      return "enumMember";
    case "label":
      return "interface";
    case "builtin":
    case "outside":
    case "form":
      return "function";
    case "symbol":
      switch (target.symbol.kind) {
        case "type":
          return "type";
        case "constructor":
          return "enumMember";
        case "fact":
        case "action":
        case "event":
          return "event";
        case "effect":
        case "interface":
          return "interface";
        case "program":
          return "class";
        case "entry":
        case "interfaceEntry":
        case "operation":
          return "method";
        default:
          return "function";
      }
  }
}
