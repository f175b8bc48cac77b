/** Names in blocks and expressions. */
import { error } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import * as Report from "./report.ts";
import { member, name } from "./resolveName.ts";
import { pattern } from "./resolvePattern.ts";
import { params, type } from "./resolveSignature.ts";
import * as Scope from "./Scope.ts";
import type { Walk } from "./Walk.ts";

export function block(walk: Walk, node: S.Block): void {
  const to = Scope.mark(walk.locals);
  for (const step of node.steps) {
    switch (step.kind) {
      case "let":
        expression(walk, step.value);
        if (step.type !== undefined) type(walk, step.type);
        pattern(walk, step.pattern);
        break;
      case "assign":
        expression(walk, step.place);
        expression(walk, step.value);
        break;
      default:
        expression(walk, step.value);
    }
  }
  Scope.release(walk.locals, to);
}

function scoped(walk: Walk, work: () => void): void {
  const to = Scope.mark(walk.locals);
  work();
  Scope.release(walk.locals, to);
}

export function expression(walk: Walk, node: S.Expr): void {
  switch (node.kind) {
    case "int":
    case "decimal":
    case "float":
    case "bool":
    case "duration":
    case "instant":
    case "hash":
    case "missing":
      return;
    case "text":
      for (const part of node.parts) if (part.kind === "hole") expression(walk, part.value);
      return;
    case "state":
      if (walk.program === undefined) {
        walk.problems.push(
          error("TEL0213", walk.scope.file, node.span, "`state` exists only inside a `program`", {
            hints: ["pass what the function needs as a parameter"],
          }),
        );
      }
      return;
    case "name":
      name(walk, node);
      return;
    case "member":
      member(walk, node);
      return;
    case "group":
      expression(walk, node.inner);
      return;
    case "tuple":
      Report.duplicates(
        walk,
        node.items.flatMap((item) => (item.label === undefined ? [] : [item.label])),
        "label",
      );
      for (const item of node.items) expression(walk, item.value);
      return;
    case "list":
      for (const item of node.items) expression(walk, item);
      return;
    case "map":
      for (const entry of node.entries) {
        expression(walk, entry.key);
        expression(walk, entry.value);
      }
      return;
    case "call":
      call(walk, node);
      return;
    case "index":
      expression(walk, node.target);
      expression(walk, node.index);
      return;
    case "try":
      expression(walk, node.target);
      return;
    case "unary":
      expression(walk, node.operand);
      return;
    case "binary":
      expression(walk, node.left);
      expression(walk, node.right);
      return;
    case "matches":
      expression(walk, node.subject);
      scoped(walk, () => pattern(walk, node.pattern));
      return;
    case "lambda":
      scoped(walk, () => {
        params(walk, node.params);
        block(walk, node.body);
      });
      return;
    case "if":
      expression(walk, node.condition);
      block(walk, node.then);
      if (node.else !== undefined) expression(walk, node.else);
      return;
    case "match":
      expression(walk, node.subject);
      for (const arm of node.arms) {
        scoped(walk, () => {
          pattern(walk, arm.pattern);
          if (arm.guard !== undefined) expression(walk, arm.guard);
          expression(walk, arm.body);
        });
      }
      return;
    case "timed":
      expression(walk, node.time);
      block(walk, node.body);
      if (node.else !== undefined) block(walk, node.else);
      return;
    case "branches":
      Report.duplicates(
        walk,
        node.branches.flatMap((branch) => (branch.label === undefined ? [] : [branch.label])),
        "label",
      );
      for (const branch of node.branches) expression(walk, branch.value);
      return;
    case "with":
      expression(walk, node.handler);
      block(walk, node.body);
      return;
    case "block":
      block(walk, node);
      return;
  }
}

/** In `fixed(oraclePrice: …)` the labels are operations. */
function call(walk: Walk, node: S.CallExpr): void {
  expression(walk, node.callee);
  const callee = node.callee.kind === "name" ? walk.bindings.get(node.callee) : undefined;
  for (const arg of node.args) {
    if (callee?.kind === "form" && callee.name === "fixed" && arg.label !== undefined) {
      const found = Scope.value(walk.scope, arg.label.text);
      walk.bindings.set(arg.label, found ?? { kind: "unknown" });
      if (found === undefined) {
        Report.unknown(walk, "TEL0201", arg.label, "there is no operation", Scope.valueNames(walk.scope), "values");
      }
    }
    expression(walk, arg.value);
  }
}
