/** Typed expressions to Core: operands become atoms in the order of the source, sugar goes. */
import { Value } from "../../content/index.ts";
import type { Arg, Expr, Target } from "../types/Tree.ts";
import * as T from "../types/Type.ts";
import { atomOf, bind, builtin, fresh, type Lowering, place, record, scope } from "./Lowering.ts";
import { closure, thunk } from "./lift.ts";
import { block } from "./lowerBlock.ts";
import { arithmeticModule, binary } from "./lowerOperator.ts";
import { intValue, match, matches } from "./match.ts";
import { type Atom, type Expression, literal, type Reference, symbol } from "./Tree.ts";

export function atom(l: Lowering, e: Expr): Atom {
  // Most operands are atoms already.
  if (e.kind === "local") return known(l, e);
  if (e.kind === "constant") return literal(e.value);
  return bind(l, expression(l, e));
}

function known(l: Lowering, { local }: Expr & { kind: "local" }): Atom {
  const found = l.locals.get(local);
  if (found === undefined) throw new Error(`internal error: ${local.name} is not bound`);
  return found;
}

/** The last thing that happens; what comes before it is in the `let`s of the scope around. */
export function expression(l: Lowering, e: Expr): Expression {
  const made = lower(l, e);
  if (made.kind === "perform" || made.kind === "call" || made.kind === "fault" || made.kind === "builtin") {
    place(l, made, e.span);
  }
  return made;
}

const value = (of: Value.Value): Expression => atomOf(literal(of));

const reference = (target: Target): Reference => target as Reference;

const ok = (inner: Atom): Expression => ({ kind: "variant", case: "Ok", payload: inner });

/** Arguments in the order of parameters, worked out in the order of the source. */
function inOrder(l: Lowering, args: readonly Arg[], count: number): readonly (Atom | undefined)[] {
  if (args.length === count && args.every((arg, i) => arg.at === i)) return args.map((arg) => atom(l, arg.value));
  const made = Array.from({ length: count }, (): Atom | undefined => undefined);
  for (const arg of args) made[arg.at] = atom(l, arg.value);
  return made;
}

const isComplete = (args: readonly (Atom | undefined)[]): args is readonly Atom[] => !args.includes(undefined);

const complete = (args: readonly (Atom | undefined)[]): readonly Atom[] =>
  isComplete(args) ? args : args.map((each) => each ?? literal(Value.unit));

function lower(l: Lowering, e: Expr): Expression {
  switch (e.kind) {
    case "error":
      return { kind: "fault", code: "NotChecked", message: literal("this part has errors") };
    case "int":
      return value(intValue(e.text, e.type));
    case "constant":
      return value(e.value);
    case "interpolation": {
      const parts = e.parts.map((part) => (typeof part === "string" ? literal(part) : shown(l, part)));
      return builtin("text.join", bind(l, { kind: "list", items: parts }), literal(""));
    }
    case "local":
      return atomOf(known(l, e));
    case "function":
      return atomOf({ kind: "function", reference: reference(e.target) });
    case "call":
      return { kind: "call", reference: reference(e.target), arguments: complete(inOrder(l, e.args, e.parameters)) };
    case "apply": {
      const callee = atom(l, e.callee);
      return { kind: "apply", function: callee, arguments: e.args.map((arg) => atom(l, arg)) };
    }
    case "builtin":
      return { kind: "builtin", name: e.name, arguments: e.args.map((arg) => atom(l, arg)) };
    case "binary":
      return binary(l, e);
    case "not":
      return builtin("bool.not", atom(l, e.operand));
    case "negate":
      return builtin(`${arithmeticModule(e.type)}.negate`, atom(l, e.operand));
    case "construct":
      return construct(l, e.of, inOrder(l, e.args, e.of.fields.length));
    case "outside": {
      const args = complete(inOrder(l, e.args, e.fields.length));
      if (args.length === 0) return { kind: "variant", case: e.name, payload: undefined };
      const payload = bind(l, record(e.fields.map((field, i) => [field, args[i]!])));
      return { kind: "variant", case: e.name, payload };
    }
    case "callValue": {
      const args = complete(inOrder(l, e.args, e.fields.length));
      const all = bind(l, record(e.fields.map((field, i) => [field, args[i]!])));
      return record([
        ["arguments", all],
        ["entry", literal(e.entry)],
        ["program", literal(e.program)],
      ]);
    }
    case "perform": {
      const given = inOrder(l, e.args, e.optional.length);
      const args = given.map((each, i) => {
        if (!e.optional[i]) return each ?? literal(Value.unit);
        return bind(l, { kind: "variant", case: each === undefined ? "None" : "Some", payload: each });
      });
      return { kind: "perform", label: e.label, operation: e.operation, arguments: args };
    }
    case "entryCall": {
      const args = complete(inOrder(l, e.args, e.parameters));
      return { kind: "entry", program: symbol(e.program), entry: e.entry, arguments: args };
    }
    case "worldItem": {
      const fields = e.fields.map(([name, field]): readonly [string, Atom] => [name, atom(l, field)]);
      return { kind: "variant", case: e.case, payload: bind(l, record(fields)) };
    }
    case "world":
      return { kind: "variant", case: "World", payload: atom(l, e.items) };
    case "fixed": {
      const answers = e.operations.map(([name, answer]): readonly [string, Atom] => [name, atom(l, answer)]);
      return { kind: "variant", case: "Fixed", payload: bind(l, record(answers)) };
    }
    case "handler": {
      const clauses = e.clauses.map(([name, clause]): readonly [string, Atom] => [
        name.slice(name.lastIndexOf(".") + 1),
        atom(l, clause),
      ]);
      const all = bind(l, record(clauses));
      const payload = bind(
        l,
        record([
          ["clauses", all],
          ["effect", literal(e.effect)],
        ]),
      );
      return { kind: "variant", case: "Handler", payload };
    }
    case "tuple":
      return { kind: "tuple", items: e.items.map((item) => atom(l, item)) };
    case "record":
      return record(e.fields.map(([name, field]): readonly [string, Atom] => [name, atom(l, field)]));
    case "list":
      return { kind: "list", items: e.items.map((item) => atom(l, item)) };
    case "map":
      return {
        kind: "map",
        entries: e.entries.map(([key, item]): readonly [Atom, Atom] => [atom(l, key), atom(l, item)]),
      };
    case "field":
      return { kind: "field", record: atom(l, e.target), name: e.name };
    case "state":
      return { kind: "stateGet", field: e.field };
    case "index": {
      const target = atom(l, e.target);
      return builtin(`${e.on}.get`, target, atom(l, e.index));
    }
    case "try":
      return tried(l, e);
    case "matches":
      return matches(l, atom(l, e.subject), e.pattern);
    case "lambda":
      return closure(l, e);
    case "if": {
      const condition = atom(l, e.condition);
      const yes = scope(l, () => expression(l, e.then));
      const no = e.else === undefined ? value(Value.unit) : scope(l, () => expression(l, e.else!));
      return { kind: "if", condition, then: yes, else: no };
    }
    case "match":
      return match(l, atom(l, e.subject), e.arms);
    case "within": {
      const duration = atom(l, e.time);
      if (e.otherwise !== undefined) {
        const body = scope(l, () => expression(l, e.body));
        return { kind: "within", duration, body, otherwise: scope(l, () => expression(l, e.otherwise!)) };
      }
      const body = scope(l, () => ok(atom(l, e.body)));
      const otherwise = scope(l, () => {
        const timeout = bind(l, record([["after", duration]]));
        return { kind: "variant", case: "Err", payload: timeout };
      });
      return { kind: "within", duration, body, otherwise };
    }
    case "wait":
      bind(l, { kind: "wait", mode: e.mode, time: atom(l, e.time) });
      return expression(l, e.body);
    case "par":
      return par(l, e);
    case "race":
      return { kind: "race", branches: e.branches.map((branch) => bind(l, thunk(l, branch))) };
    case "first":
      return first(l, e.branches);
    case "sequence":
      bind(l, expression(l, e.left));
      return expression(l, e.right);
    case "with": {
      const handler = atom(l, e.handler);
      return { kind: "with", handler, body: scope(l, () => expression(l, e.body)) };
    }
    case "block":
      return block(l, e.steps);
  }
}

function construct(l: Lowering, of: T.ConstructorInfo, given: readonly (Atom | undefined)[]): Expression {
  const args = complete(given);
  if (of.bare) return { kind: "variant", case: of.name, payload: args[0] };
  const fields = of.fields.map((field, i): readonly [string, Atom] => [field.name, args[i]!]);
  if (of.owner.kind === "record") return record(fields);
  const payload = fields.length === 0 ? undefined : bind(l, record(fields));
  return { kind: "variant", case: of.name, payload };
}

function shown(l: Lowering, part: Expr): Atom {
  const type = T.shallow(part.type);
  const made = atom(l, part);
  const isText =
    (type.kind === "con" && type.info === T.builtinTypes.Text) ||
    (type.kind === "var" && (type.constraint & T.Constraint.TextLiteral) !== 0);
  return isText ? made : bind(l, builtin("value.show", made));
}

// ------------------------------------------------------------------------------------------------ operators

// ------------------------------------------------------------------------------------------------ control

function tried(l: Lowering, e: Expr & { kind: "try" }): Expression {
  const target = atom(l, e.target);
  if (e.on === "option") {
    const local = fresh(l);
    const some: Expression = atomOf({ kind: "local", index: local });
    return {
      kind: "switch",
      subject: target,
      cases: [{ case: "Some", local, body: some }],
      otherwise: { kind: "return", value: target },
    };
  }
  const local = fresh(l);
  const good = { case: "Ok", local, body: atomOf({ kind: "local", index: local }) };
  if (e.wrap === undefined) {
    return { kind: "switch", subject: target, cases: [good], otherwise: { kind: "return", value: target } };
  }
  const { wrap } = e;
  const error = fresh(l);
  const bad = scope(l, () => {
    const outer = bind(l, construct(l, wrap, [{ kind: "local", index: error }]));
    return { kind: "return", value: bind(l, { kind: "variant", case: "Err", payload: outer }) };
  });
  return {
    kind: "switch",
    subject: target,
    cases: [good, { case: "Err", local: error, body: bad }],
    otherwise: undefined,
  };
}

function par(l: Lowering, e: Expr & { kind: "par" }): Expression {
  const branches = e.branches.map((branch) => bind(l, thunk(l, branch)));
  if (e.labels !== undefined) return { kind: "par", names: e.labels, branches };
  const names = branches.map((_, i) => `${i}`);
  const all = bind(l, { kind: "par", names, branches });
  return { kind: "tuple", items: names.map((name) => bind(l, { kind: "field", record: all, name })) };
}

/** The first `Ok`, else the last answer. */
function first(l: Lowering, branches: readonly Expr[]): Expression {
  const [head, ...rest] = branches;
  if (rest.length === 0) return expression(l, head!);
  const result = atom(l, head!);
  const otherwise = scope(l, () => first(l, rest));
  return {
    kind: "switch",
    subject: result,
    cases: [{ case: "Ok", local: undefined, body: atomOf(result) }],
    otherwise,
  };
}
