/** The parameters of the call around a place, and which of them is being written. */
import type { Tree } from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";
import { innermostCall } from "./complete.ts";
import { describe } from "./describe.ts";
import { ofBinding } from "./Target.ts";

export type SignatureHelp = {
  readonly code: string;
  readonly doc: string | undefined;
  /** Parts of `code`. */
  readonly parameters: readonly string[];
  readonly active: number;
};

export function signatureHelp(analysis: Analysis, file: string, offset: number): SignatureHelp | undefined {
  const call = innermostCall(analysis.trees.get(file), offset);
  if (call === undefined) return undefined;
  const binding = analysis.checked.resolved.scopes.get(file)?.bindings.get(call.callee);
  const target = binding === undefined ? undefined : ofBinding(binding);
  if (target === undefined) return undefined;
  const { code, doc } = describe(analysis, target, file);
  const parameters = parametersOf(code);
  return { code, doc, parameters, active: activeOf(call, parameters, offset) };
}

/** What stands between the first brackets, split at commas of their own level. */
function parametersOf(code: string): string[] {
  const open = code.indexOf("(");
  if (open < 0) return [];
  const found: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < code.length; i++) {
    const char = code[i];
    if (char === "(" || char === "<") depth++;
    else if (char === ")" || (char === ">" && code[i - 1] !== "-")) depth--;
    if (depth === 0 || (depth === 1 && char === ",")) {
      const text = code.slice(from, i).trim();
      if (text !== "") found.push(text);
      from = i + 1;
      if (depth === 0) break;
    }
  }
  return found;
}

function activeOf(call: Tree.CallExpr, parameters: readonly string[], offset: number): number {
  const written = call.args.findIndex((arg) => offset <= arg.span.end);
  const at = written < 0 ? call.args.length : written;
  const label = call.args[at]?.label?.text;
  const byLabel = label === undefined ? -1 : parameters.findIndex((one) => one.startsWith(`${label}:`));
  return byLabel >= 0 ? byLabel : at;
}
