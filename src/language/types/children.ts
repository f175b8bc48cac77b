/** The expressions directly inside one, in the order in which they are worked out. Lambdas keep their bodies to themselves. */
import type { Expr, Step } from "./Tree.ts";

export function children(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "error":
    case "int":
    case "constant":
    case "local":
    case "function":
    case "state":
      return [];
    case "interpolation":
      return e.parts.filter((part): part is Expr => typeof part !== "string");
    case "call":
    case "construct":
    case "outside":
    case "callValue":
    case "perform":
    case "entryCall":
      return e.args.map((arg) => arg.value);
    case "apply":
      return [e.callee, ...e.args];
    case "builtin":
      return e.args;
    case "binary":
    case "sequence":
      return [e.left, e.right];
    case "not":
    case "negate":
      return [e.operand];
    case "worldItem":
    case "record":
      return e.fields.map(([, field]) => field);
    case "fixed":
      return e.operations.map(([, answer]) => answer);
    case "handler":
      return e.clauses.map(([, clause]) => clause);
    case "world":
      return [e.items];
    case "tuple":
    case "list":
      return e.items;
    case "map":
      return e.entries.flat();
    case "field":
    case "try":
      return [e.target];
    case "index":
      return [e.target, e.index];
    case "matches":
      return [e.subject];
    case "lambda":
      return [e.body];
    case "if":
      return e.else === undefined ? [e.condition, e.then] : [e.condition, e.then, e.else];
    case "match":
      return [e.subject, ...e.arms.flatMap((arm) => (arm.guard === undefined ? [arm.body] : [arm.guard, arm.body]))];
    case "within":
      return e.otherwise === undefined ? [e.time, e.body] : [e.time, e.body, e.otherwise];
    case "wait":
      return [e.time, e.body];
    case "par":
    case "race":
    case "first":
      return e.branches;
    case "with":
      return [e.handler, e.body];
    case "block":
      return e.steps.flatMap(stepExprs);
  }
}

const stepExprs = (step: Step): readonly Expr[] =>
  step.kind === "assign"
    ? [...step.path.flatMap((place) => (place.kind === "field" ? [] : [place.index])), step.value]
    : [step.value];
