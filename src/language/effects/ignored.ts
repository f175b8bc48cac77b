/** What moved assets is not dropped unseen: neither by `_` nor under a name that is never read. */
import type { Local } from "../names/Tree.ts";
import { error, type Problem } from "../problems/Problem.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Checked } from "../types/check.ts";
import { children } from "../types/children.ts";
import { holdsResult } from "../types/holdsResult.ts";
import * as Row from "../types/Row.ts";
import type { Expr, Pattern } from "../types/Tree.ts";

const moving: ReadonlySet<string> = new Set(["Act", "Deposit", "Transfer", "Withdraw"]);

export function checkIgnored(of: Checked, problems: Problem[]): void {
  if (!Row.labels(of.inferred).some((label) => moving.has(label))) return;
  const read = new Set<Local>();
  each(of.body, (e) => {
    if (e.kind === "local") read.add(e.local);
  });
  each(of.body, (e) => {
    if (e.kind !== "block") return;
    for (const step of e.steps) {
      if (step.kind !== "let") continue;
      const label = moved(step.value);
      if (label === undefined) continue;
      const whole = step.pattern.kind === "any" ? step.span : undefined;
      for (const part of unseen(step.pattern, read)) {
        problems.push(
          error("TEL0416", of.file, whole ?? part, `what became of ${label} is ignored`, {
            hints: ["assets may have moved or not: look at the result with `match` or `?`"],
          }),
        );
      }
    }
  });
}

function each(e: Expr, see: (e: Expr) => void): void {
  see(e);
  for (const child of children(e)) each(child, see);
}

/** The label of a movement of assets that happens while the value is worked out, shown. */
function moved(value: Expr): string | undefined {
  if (value.kind === "lambda") return undefined;
  const label =
    value.performs === undefined ? undefined : Row.labels(value.performs.row).find((one) => moving.has(one));
  if (label !== undefined) return `${label === "Act" ? "an" : "a"} \`${label}\``;
  for (const child of children(value)) {
    const found = moved(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The parts of a pattern that hold a Result which is never looked at. */
function unseen(pattern: Pattern, read: ReadonlySet<Local>): readonly Span[] {
  switch (pattern.kind) {
    case "any":
      return holdsResult(pattern.type) ? [pattern.span] : [];
    case "bind":
      return !read.has(pattern.local) && holdsResult(pattern.type) ? [pattern.span] : [];
    case "as":
      return read.has(pattern.local) ? [] : unseen(pattern.pattern, read);
    case "tuple":
    case "record":
      return pattern.items.flatMap((item) => unseen(item, read));
    default:
      return [];
  }
}
