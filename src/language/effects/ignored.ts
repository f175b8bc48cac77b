/** What moved assets is not dropped unseen: neither as a step nor as `let _`. */
import { error, type Problem } from "../problems/Problem.ts";
import type { Checked } from "../types/check.ts";
import { children } from "../types/children.ts";
import * as Row from "../types/Row.ts";
import type { Expr } from "../types/Tree.ts";
import * as T from "../types/Type.ts";

const moving: ReadonlySet<string> = new Set(["Act", "Deposit", "Transfer", "Withdraw"]);

export function checkIgnored(of: Checked, problems: Problem[]): void {
  const visit = (e: Expr): void => {
    if (e.kind === "block") {
      for (const step of e.steps) {
        if (step.kind !== "let" || step.pattern.kind !== "any") continue;
        const type = T.shallow(step.value.type);
        const labels = step.value.performs === undefined ? [] : Row.labels(step.value.performs.row);
        const label = labels.find((each) => moving.has(each));
        if (label === undefined || type.kind !== "con" || type.info !== T.builtinTypes.Result) continue;
        problems.push(
          error("TEL0416", of.file, step.span, `what became of a \`${label}\` is ignored`, {
            hints: ["assets may have moved or not: look at the result with `match` or `?`"],
          }),
        );
      }
    }
    for (const child of children(e)) visit(child);
  };
  visit(of.body);
}
