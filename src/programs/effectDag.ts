/**
 * The effect DAG of an entry: each request to the outside that it can make, and after which others (ADR 010 addendum,
 * CompiledProgram.effectDAG). Made from Core, with known calls followed into their definitions:
 *
 *     let seen = within 20s { par { eth = quote!(…); alt = quote!(…) } }      0 observe      1 observe
 *     act!(…); act!(…); emit!(…)                                              2 act after 0, 1   3 act after 2   4 emit after 3
 *
 * Branches of `if` and `switch` both follow what came before; what comes after follows the ends of both. A recursive
 * call is not followed a second time. A function value is followed where it is made: it can run at any time after.
 */
import type { Core } from "../language/index.ts";
import type { EffectNode } from "./CompiledProgram.ts";

export function effectDag(unit: Core.Unit, root: Core.Reference): readonly EffectNode[] {
  const definitions = new Map(unit.definitions.map((d) => [d.name, d]));
  const nodes: EffectNode[] = [];
  type Ends = readonly number[];

  const add = (label: string, operation: string, after: Ends): Ends => {
    nodes.push({ id: nodes.length, label, operation, after: [...after].sort((a, b) => a - b) });
    return [nodes.length - 1];
  };

  const join = (...ends: readonly Ends[]): Ends => [...new Set(ends.flat())];

  /** Lifted lambdas by the local that holds them, per depth of calls that are followed. */
  const closures = new Map<string, Core.Reference>();

  const followBranch = (branch: Core.Atom, after: Ends, open: readonly string[]): Ends => {
    if (branch.kind === "function") return follow(branch.reference, after, open);
    const reference = branch.kind === "local" ? closures.get(`${open.length}/${branch.index}`) : undefined;
    return reference === undefined ? after : follow(reference, after, open);
  };

  const follow = (reference: Core.Reference, after: Ends, open: readonly string[]): Ends => {
    if (reference.kind !== "symbol" || open.includes(reference.name)) return after;
    const definition = definitions.get(reference.name);
    return definition === undefined ? after : walk(definition.body, after, [...open, reference.name]);
  };

  const walk = (expression: Core.Expression, after: Ends, open: readonly string[]): Ends => {
    switch (expression.kind) {
      case "let": {
        const { local, value, body } = expression;
        if (value.kind === "closure") {
          closures.set(`${open.length}/${local}`, value.reference);
          // A branch runs where its `par` stands, beside the others.
          if (branchLocals(body).has(local)) return walk(body, after, open);
        }
        return walk(body, walk(value, after, open), open);
      }
      case "call":
        return follow(expression.reference, after, open);
      case "closure":
        return join(after, follow(expression.reference, after, open));
      case "par":
      case "race":
        return join(...expression.branches.map((branch) => followBranch(branch, after, open)));
      case "perform":
        return add(expression.label, expression.operation, after);
      case "wait":
        return add("Clock", expression.mode, after);
      case "if":
        return join(walk(expression.then, after, open), walk(expression.else, after, open));
      case "switch": {
        const ends = expression.cases.map((c) => walk(c.body, after, open));
        if (expression.otherwise !== undefined) ends.push(walk(expression.otherwise, after, open));
        return join(...ends);
      }
      case "within": {
        const body = walk(expression.body, after, open);
        return join(body, walk(expression.otherwise, body, open));
      }
      case "with":
        return walk(expression.body, after, open);
      default:
        return after;
    }
  };

  follow(root, [], []);
  return nodes;
}

/** The locals that stand as branches of a `par` or `race` on the way through an expression's lets. */
function branchLocals(expression: Core.Expression): ReadonlySet<number> {
  const found = new Set<number>();
  const look = (at: Core.Expression): void => {
    switch (at.kind) {
      case "let":
        look(at.value);
        look(at.body);
        break;
      case "par":
      case "race":
        for (const branch of at.branches) if (branch.kind === "local") found.add(branch.index);
        break;
      case "if":
        look(at.then);
        look(at.else);
        break;
      case "switch":
        for (const c of at.cases) look(c.body);
        if (at.otherwise !== undefined) look(at.otherwise);
        break;
      case "within":
        look(at.body);
        look(at.otherwise);
        break;
      case "with":
        look(at.body);
        break;
    }
  };
  look(expression);
  return found;
}
