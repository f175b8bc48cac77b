/** Operators to intrinsics, by the types of their operands. */
import type { Expr } from "../types/Tree.ts";
import * as T from "../types/Type.ts";
import { atomOf, bind, builtin, type Lowering, scope } from "./Lowering.ts";
import { atom, expression } from "./lowerExpression.ts";
import { equality } from "./match.ts";
import { type Atom, type Expression, literal } from "./Tree.ts";

const value = (of: boolean): Expression => atomOf(literal(of));

/** Which intrinsics do arithmetic on a type. */
export function arithmeticModule(type: T.Type): Module {
  const at = T.shallow(type);
  if (at.kind === "var" && (at.constraint & T.Constraint.IntLiteral) !== 0) return "int";
  if (at.kind !== "con") return "num";
  switch (at.info) {
    case T.builtinTypes.Int:
      return "int";
    case T.builtinTypes.Decimal:
      return "decimal";
    case T.builtinTypes.Float:
      return "float";
    case T.builtinTypes.Duration:
      return "duration";
    case T.builtinTypes.Instant:
      return "instant";
    default:
      return "num";
  }
}

const modules = ["int", "decimal", "float", "duration", "instant", "num", "value"] as const;
type Module = (typeof modules)[number];

/** What `verb` is called in each module. */
const inAll = (verb: string) =>
  Object.fromEntries(modules.map((module) => [module, `${module}.${verb}`])) as Readonly<Record<Module, string>>;

const verbs = {
  "+": inAll("add"),
  "-": inAll("subtract"),
  "*": inAll("multiply"),
  "/": inAll("divide"),
  "%": inAll("remainder"),
};
const less = inAll("less");
const lessOrEqual = inAll("lessOrEqual");

export function binary(l: Lowering, e: Expr & { kind: "binary" }): Expression {
  const { op } = e;
  if (op === "&&" || op === "||") {
    const condition = atom(l, e.left);
    const right = scope(l, () => expression(l, e.right));
    return op === "&&"
      ? { kind: "if", condition, then: right, else: value(false) }
      : { kind: "if", condition, then: value(true), else: right };
  }
  const left = atom(l, e.left);
  const right = atom(l, e.right);
  switch (op) {
    case "==":
      return builtin(equality(e.left.type), left, right);
    case "!=":
      return builtin("bool.not", bind(l, builtin(equality(e.left.type), left, right)));
    case "<":
      return builtin(less[orderModule(e.left.type)], left, right);
    case ">":
      return builtin(less[orderModule(e.left.type)], right, left);
    case "<=":
      return builtin(lessOrEqual[orderModule(e.left.type)], left, right);
    case ">=":
      return builtin(lessOrEqual[orderModule(e.left.type)], right, left);
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(e, op, left, right);
    case ">>":
    case "<|>":
    case "<|":
    case "|>":
      throw new Error(`internal error: ${op} was sugar`);
  }
}

function orderModule(type: T.Type): Module {
  const module = arithmeticModule(type);
  return module === "int" || module === "decimal" || module === "float" ? module : "value";
}

function arithmetic(e: Expr & { kind: "binary" }, op: keyof typeof verbs, left: Atom, right: Atom): Expression {
  const l = arithmeticModule(e.left.type);
  const r = arithmeticModule(e.right.type);
  if (l === "instant" && r === "instant") return builtin("instant.since", left, right);
  if (l === "duration" && r === "instant") return builtin("instant.add", right, left);
  if (r === "duration" && l === "int") return builtin("duration.multiply", right, left);
  return builtin(verbs[op][l], left, right);
}
