/** What a pass is, and what it is given. */
import type { ContentHash, Value } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import type { Definition, Expression } from "./Tree.ts";
import { nodesOf } from "./walk.ts";

/** What the machine's own builtins say; the passes know none of their meanings. */
export interface Builtins {
  /**
   * The value of a builtin of these arguments, and what it charges beyond its node. `undefined` when it faults, when its
   * arguments are none that it takes, or when work or value are larger than it is worth.
   */
  evaluate(
    name: string,
    args: readonly Value.Value[],
  ): { readonly value: Value.Value; readonly fuel: number; readonly bytes: number } | undefined;
  /** What it charges beyond its node, where that is the same whatever its arguments; `undefined` where it is not. */
  fixed(name: string): { readonly fuel: number; readonly bytes: number } | undefined;
}

/** What surrounds a definition. Equal surroundings give equal results. */
export interface Context {
  load(hash: ContentHash.ContentHash): Core.Definition | undefined;
  /** A definition as it may stand in the place of a call; `undefined` when it may not. */
  callee(hash: ContentHash.ContentHash): Definition | undefined;
  readonly builtins: Builtins;
}

/** One definition on its way through the passes. */
export interface Work {
  readonly context: Context;
  /** Of the definition itself. */
  readonly hash: ContentHash.ContentHash;
  /** The next free local. */
  locals: number;
  frameBytes: number;
  /** Nodes that may still be added. */
  room: number;
  /** Rewrites so far: a round that adds none is the last. */
  changes: number;
}

export interface Pass {
  readonly name: string;
  readonly run: (work: Work, body: Expression) => Expression;
}

/** Whether a builtin charges nothing beyond its node. */
export function isFree(work: Work, name: string): boolean {
  const charge = work.context.builtins.fixed(name);
  return charge?.fuel === 0 && charge.bytes === 0;
}

export const fresh = (work: Work): number => work.locals++;

const EFFECTS: ReadonlySet<string> = new Set([
  "perform",
  "wait",
  "within",
  "with",
  "par",
  "race",
  "entry",
  "abort",
  "stateGet",
  "stateSet",
]);

/** Whether something in it asks the outside, is a scope, or touches the state. Such a definition stays as it was lowered. */
export function hasEffects(body: Expression): boolean {
  for (const { kind } of nodesOf(body)) if (EFFECTS.has(kind)) return true;
  return false;
}

/**
 * Whether nothing in it calls and nothing leaves it: charges may move over it. Between two calls memory only grows, so
 * neither the order of charges nor that of what is built can be seen.
 */
export function isCalm(body: Expression): boolean {
  for (const { kind } of nodesOf(body)) if (kind === "call" || kind === "apply" || kind === "return") return false;
  return !hasEffects(body);
}

/** Whether a way through it leads to a call in tail position. */
export function endsInCall(body: Expression): boolean {
  switch (body.kind) {
    case "call":
    case "apply":
      return true;
    case "let":
    case "charge":
    case "loop":
      return endsInCall(body.body);
    case "if":
      return endsInCall(body.then) || endsInCall(body.else);
    case "switch":
      return (
        body.cases.some((one) => endsInCall(one.body)) || (body.otherwise !== undefined && endsInCall(body.otherwise))
      );
    default:
      return false;
  }
}

/** Whether every way through it leaves the definition, or the turn of a loop: it has no value. */
export function leaves(body: Expression): boolean {
  switch (body.kind) {
    case "return":
    case "fault":
    case "again":
      return true;
    case "let":
      return leaves(body.value) || leaves(body.body);
    case "charge":
      return leaves(body.body);
    case "if":
      return leaves(body.then) && leaves(body.else);
    case "switch":
      return body.cases.every((one) => leaves(one.body)) && (body.otherwise === undefined || leaves(body.otherwise));
    default:
      return false;
  }
}

/** The same with other branches. */
export function mapWays<T extends Extract<Expression, { kind: "if" | "switch" }>>(
  node: T,
  way: (body: Expression) => Expression,
): Expression {
  if (node.kind === "if") return { ...node, then: way(node.then), else: way(node.else) };
  const cases = node.cases.map((one) => ({ ...one, body: way(one.body) }));
  return { ...node, cases, otherwise: node.otherwise === undefined ? undefined : way(node.otherwise) };
}

export const waysOf = (node: Extract<Expression, { kind: "if" | "switch" }>): readonly Expression[] =>
  node.kind === "if"
    ? [node.then, node.else]
    : [...node.cases.map((one) => one.body), ...(node.otherwise === undefined ? [] : [node.otherwise])];

/** What comes after the charges at the start. */
export function afterCharges(body: Expression): Expression {
  let at = body;
  while (at.kind === "charge") at = at.body;
  return at;
}
