/** What the manifest allows: effects granted, `strict` programs that call nobody, handshakes that are required. */
import { error, type Problem } from "../problems/Problem.ts";
import type { Typed, TypedProgram } from "../types/check.ts";
import { children } from "../types/children.ts";
import * as Row from "../types/Row.ts";
import type { Expr } from "../types/Tree.ts";

export interface Policy {
  /** Labels that the program may use; undefined: all. */
  readonly granted: readonly string[] | undefined;
  readonly safeState: { readonly strategy: string; readonly handshake: string } | undefined;
}

export function checkGrant(typed: Typed, program: TypedProgram, policy: Policy, problems: Problem[]): void {
  const { symbol } = program;
  for (const entry of symbol.entries.values()) {
    const of = typed.functions.get(entry.full);
    if (of === undefined) continue;
    for (const label of Row.labels(of.inferred)) {
      if (label === "Invoke" && policy.safeState?.strategy === "strict") {
        problems.push(
          error(
            "TEL0414",
            of.file,
            entry.span,
            `\`${entry.name}\` calls another program, and the manifest's strategy is \`strict\``,
            {
              labels: placeOf(of.body, label),
              hints: ["a strict program never waits for another one: remove the call, or choose `no-pending-returns`"],
            },
          ),
        );
      } else if (policy.granted !== undefined && !policy.granted.includes(label)) {
        problems.push(
          error(
            "TEL0404",
            of.file,
            entry.span,
            `\`${entry.name}\` does \`${label}\`, which the manifest does not grant`,
            {
              labels: placeOf(of.body, label),
              hints: [`grant \`${label}\` in program.toml, or remove the effect`],
            },
          ),
        );
      }
    }
    if (policy.safeState?.handshake === "required") withoutIntent(of.file, of.body, problems);
  }
}

function placeOf(e: Expr, label: string): { readonly span: Expr["span"]; readonly text: string }[] {
  for (const child of children(e)) {
    const found = placeOf(child, label);
    if (found.length > 0) return found;
  }
  const done = e.performs !== undefined && Row.labels(e.performs.row).includes(label);
  return done ? [{ span: e.span, text: "done here" }] : [];
}

function withoutIntent(file: string, e: Expr, problems: Problem[]): void {
  if (e.kind === "perform" && e.operation === "invoke" && !e.args.some((arg) => arg.at === 1)) {
    problems.push(
      error("TEL0415", file, e.span, "this call says no intent, and the manifest requires a handshake", {
        hints: ["pass `intent: SafeStateIntent(…)`"],
      }),
    );
  }
  for (const child of children(e)) withoutIntent(file, child, problems);
}
