/** Typed expressions to Core: operands become atoms in the order of the source, sugar goes. */
import { Value } from "../../content/index.ts";
import type { Arg, Expr, Place, Step } from "../types/Tree.ts";
import * as T from "../types/Type.ts";
import { atomOf, bind, fresh, type Lowering, nameAtom, scope } from "./Lowering.ts";
import { closure, thunk } from "./lift.ts";
import { destructure, equality, intValue, match, matches } from "./match.ts";
import { type Atom, type Expression, literal, type Reference, symbol } from "./Tree.ts";

export const atom = (l: Lowering, e: Expr): Atom => bind(l, expression(l, e));

/** The last thing that happens; what comes before it is in the `let`s of the scope around. */
export function expression(l: Lowering, e: Expr): Expression {
  const made = lower(l, e);
  if (made.kind === "perform" || made.kind === "call" || made.kind === "fault" || made.kind === "builtin") {
    l.output.spans.set(made, e.span);
  }
  return made;
}

const value = (of: Value.Value): Expression => atomOf(literal(of));

const reference = (
  target: { readonly kind: "symbol"; readonly name: string } | { readonly kind: "hash"; readonly hash: string },
): Reference => (target.kind === "symbol" ? symbol(target.name) : (target as Reference));

const builtin = (name: string, ...args: readonly Atom[]): Expression => ({ kind: "builtin", name, arguments: args });

const ok = (inner: Atom): Expression => ({ kind: "variant", case: "Ok", payload: inner });

/** Arguments in the order of parameters, worked out in the order of the source. */
function inOrder(l: Lowering, args: readonly Arg[], count: number): (Atom | undefined)[] {
  const made: (Atom | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const arg of args) made[arg.at] = atom(l, arg.value);
  return made;
}

const complete = (args: readonly (Atom | undefined)[]): readonly Atom[] =>
  args.map((each) => each ?? literal(Value.unit));

export function record(fields: readonly (readonly [string, Atom])[]): Expression {
  const sorted = [...fields].sort((a, b) => Value.compareText(a[0], b[0]));
  return { kind: "record", names: sorted.map((each) => each[0]), values: sorted.map((each) => each[1]) };
}

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
    case "local": {
      const known = l.locals.get(e.local);
      if (known === undefined) throw new Error(`internal error: ${e.local.name} is not bound`);
      return atomOf(known);
    }
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

/** Which intrinsics do arithmetic on a type. */
function arithmeticModule(type: T.Type): string {
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

const verbs = { "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder" } as const;

function binary(l: Lowering, e: Expr & { kind: "binary" }): Expression {
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
      return builtin(`${orderModule(e.left.type)}.less`, left, right);
    case ">":
      return builtin(`${orderModule(e.left.type)}.less`, right, left);
    case "<=":
      return builtin(`${orderModule(e.left.type)}.lessOrEqual`, left, right);
    case ">=":
      return builtin(`${orderModule(e.left.type)}.lessOrEqual`, right, left);
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

function orderModule(type: T.Type): string {
  const module = arithmeticModule(type);
  return module === "int" || module === "decimal" || module === "float" ? module : "value";
}

function arithmetic(e: Expr & { kind: "binary" }, op: keyof typeof verbs, left: Atom, right: Atom): Expression {
  const l = arithmeticModule(e.left.type);
  const r = arithmeticModule(e.right.type);
  if (l === "instant" && r === "instant") return builtin("instant.since", left, right);
  if (l === "duration" && r === "instant") return builtin("instant.add", right, left);
  if (r === "duration" && l === "int") return builtin("duration.multiply", right, left);
  return builtin(`${l}.${verbs[op]}`, left, right);
}

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

function block(l: Lowering, steps: readonly Step[]): Expression {
  let last: Expression = value(Value.unit);
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    const isLast = i === steps.length - 1;
    switch (step.kind) {
      case "let":
        letStep(l, step);
        break;
      case "expr": {
        const made = expression(l, step.value);
        if (isLast) last = made;
        else if (made.kind !== "atom") bind(l, made);
        break;
      }
      case "return":
        last = { kind: "return", value: atom(l, step.value) };
        return last;
      case "abort":
        last = { kind: "abort", value: atom(l, step.value) };
        return last;
      case "assert":
        bind(l, asserted(l, step.value));
        break;
      case "assign":
        assign(l, step);
        break;
    }
  }
  return last;
}

function letStep(l: Lowering, step: Step & { kind: "let" }): void {
  const { pattern } = step;
  const made = expression(l, step.value);
  if (pattern.kind === "any") {
    if (made.kind !== "atom") bind(l, made);
    return;
  }
  const subject = bind(l, made, pattern.kind === "bind" ? pattern.local.name : "");
  if (pattern.kind === "bind") {
    l.locals.set(pattern.local, subject);
    nameAtom(l, subject, pattern.local.name);
  } else destructure(l, subject, pattern);
}

/** A fault that says what was found, where the condition is a comparison. */
function asserted(l: Lowering, condition: Expr): Expression {
  let inner = condition;
  while (inner.kind === "block" && inner.steps.length === 1 && inner.steps[0]!.kind === "expr")
    inner = inner.steps[0]!.value;
  const fault = (message: Atom): Expression => {
    const made: Expression = { kind: "fault", code: "AssertionFailed", message };
    l.output.spans.set(made, condition.span);
    return made;
  };
  if (inner.kind === "binary" && inner.op === "==") {
    const left = atom(l, inner.left);
    const right = atom(l, inner.right);
    const same = bind(l, builtin(equality(inner.left.type), left, right));
    const no = scope(l, () => {
      const texts = [bind(l, builtin("value.show", left)), literal(" is not "), bind(l, builtin("value.show", right))];
      const list = bind(l, { kind: "list", items: texts });
      return fault(bind(l, builtin("text.join", list, literal(""))));
    });
    return { kind: "if", condition: same, then: value(Value.unit), else: no };
  }
  const held = atom(l, inner);
  return { kind: "if", condition: held, then: value(Value.unit), else: fault(literal("the assertion does not hold")) };
}

function assign(l: Lowering, step: Step & { kind: "assign" }): void {
  const places = step.path.map((place): Place & { readonly at?: Atom } =>
    place.kind === "field" ? place : { ...place, at: atom(l, place.index) },
  );
  const made = atom(l, step.value);
  if (places.length === 0) {
    bind(l, { kind: "stateSet", field: step.field, value: made });
    return;
  }
  const before = bind(l, { kind: "stateGet", field: step.field });
  bind(l, { kind: "stateSet", field: step.field, value: replaced(l, before, places, made) });
}

/** `container` with `made` at the place inside it. */
function replaced(l: Lowering, container: Atom, places: readonly (Place & { readonly at?: Atom })[], made: Atom): Atom {
  const [place, ...rest] = places;
  if (place === undefined) return made;
  if (place.kind === "field") {
    const inner =
      rest.length === 0
        ? made
        : replaced(l, bind(l, { kind: "field", record: container, name: place.name }), rest, made);
    const fields = place.names.map((name): readonly [string, Atom] => [
      name,
      name === place.name ? inner : bind(l, { kind: "field", record: container, name }),
    ]);
    return bind(l, record(fields));
  }
  const at = place.at!;
  if (rest.length === 0) return bind(l, builtin(`${place.kind}.set`, container, at, made));
  const found = bind(l, builtin(`${place.kind}.get`, container, at));
  const local = fresh(l);
  const missing: Expression = { kind: "fault", code: "OutOfRange", message: literal("there is no entry to change") };
  const inside = bind(l, {
    kind: "switch",
    subject: found,
    cases: [{ case: "Some", local, body: atomOf({ kind: "local", index: local }) }],
    otherwise: missing,
  });
  return bind(l, builtin(`${place.kind}.set`, container, at, replaced(l, inside, rest, made)));
}
