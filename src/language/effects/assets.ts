/** An asset is named once, in the manifest's [assets]: a literal that it does not know is a slip of the pen. */
import { closest } from "../../std/index.ts";
import { error, type Problem } from "../problems/Problem.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Checked } from "../types/check.ts";
import { children } from "../types/children.ts";
import type { Expr, Pattern } from "../types/Tree.ts";
import * as T from "../types/Type.ts";

export function checkAssets(of: Checked, known: readonly string[], problems: Problem[]): void {
  const look = (value: unknown, type: T.Type, span: Span): void => {
    const at = T.shallow(type);
    if (typeof value !== "string" || at.kind !== "con" || at.info !== T.builtinTypes.Asset || known.includes(value))
      return;
    const near = closest(value, known);
    problems.push(
      error("TEL0212", of.file, span, `the manifest names no asset \`${value}\``, {
        hints: [
          near !== undefined ? `did you mean \`${near}\`?` : `add \`${value} = { … }\` under [assets] in program.toml`,
        ],
      }),
    );
  };
  const patterns = (pattern: Pattern): void => {
    switch (pattern.kind) {
      case "literal":
        look(pattern.value, pattern.type, pattern.span);
        return;
      case "as":
        patterns(pattern.pattern);
        return;
      case "construct":
      case "tuple":
      case "record":
        for (const item of pattern.items) patterns(item);
        return;
      case "list":
        for (const item of [...pattern.before, ...pattern.after]) patterns(item);
        return;
      case "or":
        for (const option of pattern.options) patterns(option);
        return;
      default:
        return;
    }
  };
  const visit = (e: Expr): void => {
    if (e.kind === "constant") look(e.value, e.type, e.span);
    if (e.kind === "match") for (const arm of e.arms) patterns(arm.pattern);
    if (e.kind === "matches") patterns(e.pattern);
    for (const child of children(e)) visit(child);
  };
  visit(of.body);
}
