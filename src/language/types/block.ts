/** Blocks and their steps. A block's type is its last step's; a block that leaves has whatever type is wanted. */
import { appended } from "../../std/index.ts";
import type * as S from "../syntax/Tree.ts";
import { agree, type Body, report, warn } from "./Body.ts";
import { stateInfo, toType } from "./Declarations.ts";
import { refutable } from "./exhaustive.ts";
import { check, fieldType, infer } from "./expression.ts";
import { holdsResult } from "./holdsResult.ts";
import { pattern } from "./patterns.ts";
import { show, withArticle } from "./show.ts";
import type { Expr, Place, Step } from "./Tree.ts";
import * as T from "./Type.ts";

export function block(b: Body, node: S.Block, expected: T.Type | undefined): Expr {
  let steps: Step[] = [];
  let type: T.Type = T.Unit;
  const last = node.steps.length - 1;
  for (let i = 0; i <= last; i++) {
    const step = node.steps[i]!;
    const made = i === last && step.kind === "expr" ? tail(b, step, expected) : inner(b, step);
    if (made === undefined) continue;
    steps = appended(steps, made);
    if (made.kind === "return" || made.kind === "abort") {
      if (i < last) {
        warn(b, "TEL0403", node.steps[i + 1]!.span, `nothing after \`${made.kind}\` is ever reached`, {
          hints: ["remove it, or move it before"],
        });
      }
      type = expected ?? T.unknown();
    } else if (i === last) type = made.kind === "expr" ? made.value.type : T.Unit;
  }
  return { kind: "block", steps, span: node.span, type };
}

const tail = (b: Body, step: S.ExprStep, expected: T.Type | undefined): Step => ({
  kind: "expr",
  span: step.span,
  value: expected === undefined ? infer(b, step.value) : check(b, step.value, expected),
});

function inner(b: Body, step: S.Step): Step | undefined {
  const { span } = step;
  switch (step.kind) {
    case "let":
      return letStep(b, step);
    case "return":
      b.noted.leaves = true;
      if (b.result === undefined) {
        report(b, "TEL0328", span, `\`return\` cannot leave ${b.noResult}`, {
          hints: ["give the value back as the last step, and decide outside"],
        });
        return { kind: "return", span, value: infer(b, step.value) };
      }
      return { kind: "return", span, value: check(b, step.value, b.result) };
    case "abort":
      b.noted.leaves = true;
      if (b.abort === undefined) {
        report(b, "TEL0327", span, "`abort` stands outside a `with` and outside a handler", {
          hints: ["`return` leaves a function"],
        });
        return { kind: "abort", span, value: infer(b, step.value) };
      }
      return { kind: "abort", span, value: check(b, step.value, b.abort) };
    case "assert":
      return { kind: "assert", span, value: check(b, step.value, T.Bool) };
    case "assign":
      return assign(b, step);
    case "expr":
      return middle(b, step);
  }
}

function letStep(b: Body, step: S.LetStep): Step {
  const written = step.type === undefined ? undefined : toType(b.d, b.file, step.type, b.variables);
  const value = written === undefined ? infer(b, step.value) : check(b, step.value, written);
  const made = pattern(b, step.pattern, written ?? value.type);
  if (made.kind !== "bind" && made.kind !== "any") b.later.push(() => refutable(b, made, step.pattern.span));
  return { kind: "let", span: step.span, pattern: made, value };
}

function middle(b: Body, step: S.ExprStep): Step {
  const value = infer(b, step.value);
  b.later.push(() => ignored(b, value));
  return { kind: "expr", span: step.span, value };
}

/** A value in the middle of a block goes nowhere. */
function ignored(b: Body, value: Expr): void {
  const type = T.shallow(value.type);
  if (T.isFree(type) || value.kind === "error") return;
  if (type.kind === "con" && type.info === T.builtinTypes.Unit) return;
  if (ignoredResult(b, value)) return;
  const details = { hints: ["use it, or say that it does not matter: `let _ = …`"] };
  warn(b, "TEL0323", value.span, `this \`${show(type)}\` is not used`, details);
}

/** Tells that a Result goes nowhere, as a step or left of `>>`. */
export function ignoredResult(b: Body, value: Expr): boolean {
  if (!holdsResult(value.type)) return false;
  const shown = show(T.shallow(value.type));
  report(b, "TEL0323", value.span, `this \`${shown}\` is ignored, and with it the error that it may hold`, {
    hints: ["`?` passes the error on, `match` looks at it"],
  });
  return true;
}

function assign(b: Body, step: S.AssignStep): Step | undefined {
  const chain: (S.MemberExpr | S.IndexExpr)[] = [];
  let at: S.Expr = step.place;
  while (at.kind === "member" || at.kind === "index" || at.kind === "group") {
    if (at.kind === "group") at = at.inner;
    else {
      chain.push(at);
      at = at.target;
    }
  }
  chain.reverse();
  const head = chain[0];
  if (at.kind !== "state" || b.program === undefined) {
    infer(b, step.value);
    return undefined;
  }
  if (head?.kind !== "member") {
    report(b, "TEL0301", step.place.span, "`state` as a whole cannot be replaced", {
      hints: ["assign its fields: `state.field = …`"],
    });
    infer(b, step.value);
    return undefined;
  }
  const own = stateInfo(b.d, b.program).constructors[0]!.fields.find((field) => field.name === head.name.text);
  if (own === undefined) {
    infer(b, head);
    infer(b, step.value);
    return undefined;
  }
  if (b.readOnlyState) {
    report(b, "TEL0407", step.span, `\`state\` is read-only inside ${b.noResult}`, {
      hints: ["give the value back, and write it after all branches are done"],
    });
  }
  let type = own.type;
  const path: Place[] = [];
  for (const part of chain.slice(1)) {
    const known = T.shallow(type);
    if (part.kind === "member") {
      const inside = fieldType(b, type, part);
      if (inside === undefined) {
        infer(b, step.value);
        return undefined;
      }
      const names =
        known.kind === "rec"
          ? known.names
          : known.kind === "con"
            ? known.info.constructors[0]!.fields.map((field) => field.name)
            : [];
      path.push({ kind: "field", name: part.name.text, names });
      type = inside;
    } else if (known.kind === "con" && known.info === T.builtinTypes.Map) {
      path.push({ kind: "map", index: check(b, part.index, known.args[0]!) });
      type = known.args[1]!;
    } else if (known.kind === "con" && known.info === T.builtinTypes.List) {
      path.push({ kind: "list", index: check(b, part.index, T.Int) });
      type = known.args[0]!;
    } else {
      report(b, "TEL0324", part.span, `${withArticle(show(type))} has nothing to replace with \`[ ]\``, {});
      infer(b, step.value);
      return undefined;
    }
  }
  // A place inside a missing entry of a map cannot be written.
  const value = agree(b, check(b, step.value, type), type);
  return { kind: "assign", span: step.span, field: own.name, path, value };
}
