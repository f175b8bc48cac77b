/**
 * Inference of expressions, bidirectional: what is expected flows down into literals, lambdas and branches, what is
 * found flows up. `infer` gives a node of any type, `check` one whose type agrees with what was expected.
 */
import type { Value } from "../../content/index.ts";
import { closest } from "../../std/index.ts";
import * as Scope from "../names/Scope.ts";
import type { Binding } from "../names/Tree.ts";
import type { Details } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import { agree, type Body, binding, demand, errorNode, instantiate, report } from "./Body.ts";
import { block } from "./block.ts";
import { call, handlerCall, moduleOf } from "./call.ts";
import { constructed } from "./construct.ts";
import { builtinSignature, signature, stateInfo } from "./Declarations.ts";
import { exhaustive } from "./exhaustive.ts";
import { lambdaNode } from "./lambda.ts";
import { binary } from "./operators.ts";
import { argsOf, constantOf, constructorOf, fieldTypes, literalType, pattern } from "./patterns.ts";
import * as Row from "./Row.ts";
import { show, withArticle } from "./show.ts";
import type { Arm, Expr } from "./Tree.ts";
import * as T from "./Type.ts";
import { branches, timed, withHandler } from "./timed.ts";
import { tryOperator } from "./try.ts";
import { substitute } from "./unify.ts";

export const check = (b: Body, node: S.Expr, expected: T.Type): Expr => agree(b, infer(b, node, expected), expected);

export function infer(b: Body, node: S.Expr, expected?: T.Type): Expr {
  const { span } = node;
  switch (node.kind) {
    case "missing":
      return errorNode(span);
    case "int":
      return { kind: "int", text: node.text, span, type: T.unknown(T.Constraint.IntLiteral) };
    case "decimal":
    case "float":
    case "bool":
    case "duration":
    case "instant":
    case "hash": {
      const value = constantOf(node);
      if (value !== undefined) return { kind: "constant", value, span, type: literalType(node) };
      report(b, "TEL0333", span, "this literal has no value", {
        hints: node.kind === "hash" ? ["a content hash is written `#bafyrei…`"] : [],
      });
      return errorNode(span, literalType(node));
    }
    case "text":
      return text(b, node);
    case "group":
      return infer(b, node.inner, expected);
    case "block":
      return block(b, node, expected);
    case "name":
    case "member":
      return reference(b, node, expected);
    case "state":
      return errorNode(span, b.program === undefined ? T.unknown() : T.con(stateInfo(b.d, b.program)));
    case "tuple":
      return tuple(b, node, expected);
    case "list":
      return list(b, node, expected);
    case "map":
      return map(b, node, expected);
    case "call":
      return call(b, node, expected);
    case "index":
      return index(b, node);
    case "try":
      return tryOperator(b, node);
    case "unary":
      return unary(b, node, expected);
    case "binary":
      return binary(b, node, expected);
    case "matches": {
      const subject = infer(b, node.subject);
      return { kind: "matches", subject, pattern: pattern(b, node.pattern, subject.type), span, type: T.Bool };
    }
    case "lambda":
      return lambdaNode({ ...b, abort: undefined }, node.params, node.body, span, expected);
    case "if": {
      const condition = check(b, node.condition, T.Bool);
      if (node.else === undefined) {
        return { kind: "if", condition, then: check(b, node.then, T.Unit), else: undefined, span, type: T.Unit };
      }
      const type = expected ?? T.unknown();
      return { kind: "if", condition, then: check(b, node.then, type), else: check(b, node.else, type), span, type };
    }
    case "match":
      return match(b, node, expected);
    case "timed":
      return timed(b, node, expected);
    case "branches":
      return branches(b, node, expected);
    case "with":
      return withHandler(b, node, expected);
  }
}

const constant = (value: Value.Value, type: T.Type, span: S.Span): Expr => ({ kind: "constant", value, span, type });

function text(b: Body, node: S.TextExpr): Expr {
  const { span } = node;
  if (node.parts.every((part) => part.kind === "chars")) {
    return constant(constantOf(node)!, T.unknown(T.Constraint.TextLiteral), span);
  }
  const parts = node.parts.map((part) => {
    if (part.kind === "chars") return part.value;
    const made = infer(b, part.value);
    demand(b, made.type, T.Constraint.Eq, made.span);
    return made;
  });
  return { kind: "interpolation", parts, span, type: T.Text };
}

/** A name or path that is not called. */
function reference(b: Body, node: S.NameExpr | S.MemberExpr, expected: T.Type | undefined): Expr {
  const { span } = node;
  const bound = binding(b, node);
  switch (bound?.kind) {
    case undefined:
      return node.kind === "member" ? field(b, node) : errorNode(span);
    case "unknown":
      return errorNode(span);
    case "local":
      return { kind: "local", local: bound, span, type: b.types.get(bound) ?? T.unknown() };
    case "timeline":
      return constant(bound.name, T.Timeline, span);
    case "program":
      return constant(bound.full, T.Text, span);
    // The manifest binds it by its name alone, whatever module declares it.
    case "interface":
      return constant(bound.name, T.Text, span);
    case "constructor":
    case "builtinConstructor":
    case "state": {
      const of = constructorOf(b, bound);
      if (of === undefined) return errorNode(span);
      if (of.fields.length === 0) return constructed(b, of, [], span, expected);
      return etaConstructor(of, span);
    }
    case "fact":
    case "action":
    case "event": {
      const own = signature(b.d, bound);
      if (own.params.length === 0) {
        return { kind: "outside", name: bound.full, fields: [], args: [], span, type: own.result };
      }
      report(b, "TEL0302", span, `\`${bound.name}\` takes arguments`, { hints: [`write \`${bound.name}(…)\``] });
      return errorNode(span, own.result);
    }
    case "fn":
    case "entry": {
      b.ensure(bound);
      const own = instantiate(b, signature(b.d, bound), span);
      const type = T.fn(own.params, own.result, own.row);
      return { kind: "function", target: { kind: "symbol", name: bound.full }, span, type };
    }
    case "builtin": {
      const own = instantiate(b, builtinSignature(b.d, bound.name)!, span);
      return eta(own.params, own.result, span, (args) => ({
        kind: "builtin",
        name: bound.name,
        args,
        span,
        type: own.result,
      }));
    }
    case "handler":
      return handlerCall(b, bound, [], span);
    case "outside":
    case "operation":
      return operationAsValue(b, node, bound);
    case "interfaceEntry":
      return errorNode(span, T.unknown());
    default:
      report(b, "TEL0210", span, `\`${nameOf(node)}\` is not a value`, {});
      return errorNode(span);
  }
}

/** An operation without its call. Its type is known all the same, so that what takes it has no second problem. */
function operationAsValue(
  b: Body,
  { span, name }: S.NameExpr | S.MemberExpr,
  bound: Extract<Binding, { kind: "outside" | "operation" }>,
): Expr {
  const declared = bound.kind === "operation" ? signature(b.d, bound) : builtinSignature(b.d, bound.name)!;
  const needed = { ...declared, params: declared.params.filter((param) => !param.optional) };
  const names = needed.params.map((param) => param.name);
  const written = `${name.text}!(${names.join(", ")})`;
  const wrapped = `fn(${names.join(", ")}) { ${written} }`;
  report(b, "TEL0310", span, `\`${bound.name}\` is an effect: it is performed, not passed`, {
    hints: [`call it: \`${written}\`, or pass a function that calls it: \`${wrapped}\``],
  });
  const { params, result, row } = instantiate(b, needed, span);
  return errorNode(span, T.fn(params, result, row));
}

const nameOf = (node: S.NameExpr | S.MemberExpr): string => node.name.text;

/** A constructor used as a function value. */
function etaConstructor(of: T.ConstructorInfo, span: S.Span): Expr {
  const args = of.owner.parameters.map(() => T.unknown());
  const params = fieldTypes(of, args);
  const result = T.con(of.owner, args);
  return eta(params, result, span, (locals) => ({
    kind: "construct",
    of,
    args: locals.map((value, at) => ({ at, value })),
    span,
    type: result,
  }));
}

/** `f` as `fn(a, b) { f(a, b) }`. */
function eta(params: readonly T.Type[], result: T.Type, span: S.Span, body: (args: readonly Expr[]) => Expr): Expr {
  const locals = params.map((_, i) => ({ kind: "local", name: `x${i}`, span }) as const);
  const args = locals.map((local, i): Expr => ({ kind: "local", local, span, type: params[i]! }));
  return { kind: "lambda", params: locals, body: body(args), span, type: T.fn(params, result, Row.empty) };
}

function field(b: Body, node: S.MemberExpr): Expr {
  const { span } = node;
  const name = node.name.text;
  if (node.target.kind === "state" && b.program !== undefined) {
    if (b.noState) {
      report(b, "TEL0213", node.target.span, "a migration has no `state`, only the old one that it is given", {
        hints: ["read the parameter: `old.field`"],
      });
      return errorNode(span);
    }
    const own = stateInfo(b.d, b.program).constructors[0]!.fields.find((each) => each.name === name);
    if (own !== undefined) return { kind: "state", field: name, span, type: own.type };
    report(b, "TEL0304", node.name.span, `the state of \`${b.program.name}\` has no field \`${name}\``, {
      ...meant(
        node.name,
        stateInfo(b.d, b.program).constructors[0]!.fields.map((each) => each.name),
      ),
    });
    return errorNode(span);
  }
  const target = infer(b, node.target);
  if (target.kind === "error") return errorNode(span);
  const type = fieldType(b, target.type, node);
  return type === undefined ? errorNode(span) : { kind: "field", target, name, span, type };
}

/** What there is instead of a name that is not there, and which of it was probably meant. */
function meant(name: S.Name, fields: readonly string[]): Details {
  const near = closest(name.text, fields);
  const hints = fields.length === 0 ? ["it has no fields"] : [`its fields: ${fields.join(", ")}`];
  if (near === undefined) return { hints };
  const fix = { title: `change it to \`${near}\``, edits: [{ span: name.span, text: near }] };
  return { hints: [`did you mean \`${near}\`?`, ...hints], fix };
}

/** The type of a field; undefined when there is none, which is reported. */
export function fieldType(b: Body, of: T.Type, node: S.MemberExpr): T.Type | undefined {
  const name = node.name.text;
  const type = T.shallow(of);
  if (name === "") return undefined;
  if (type.kind === "rec") {
    const at = type.names.indexOf(name);
    if (at >= 0) return type.types[at];
    report(b, "TEL0304", node.name.span, `\`${show(type)}\` has no \`${name}\``, meant(node.name, type.names));
    return undefined;
  }
  if (type.kind === "con" && type.info.kind === "record") {
    const only = type.info.constructors[0]!;
    const at = only.fields.findIndex((each) => each.name === name);
    if (at >= 0) {
      const own = only.fields[at]!.type;
      return type.args.length === 0 ? own : substitute(own, argsOf(type.info, type.args));
    }
    report(b, "TEL0304", node.name.span, `\`${show(type)}\` has no field \`${name}\``, {
      ...meant(
        node.name,
        only.fields.map((each) => each.name),
      ),
    });
    return undefined;
  }
  if (type.kind === "var" && (type.constraint & (T.Constraint.IntLiteral | T.Constraint.TextLiteral)) === 0) {
    if (node.target.kind !== "missing" && !T.isTold(type)) {
      report(b, "TEL0326", node.target.span, `the type of this is not known here, so \`.${name}\` has no meaning`, {
        hints: ["annotate it: `fn(x: Type) { … }` or `let x: Type = …`"],
      });
    }
    return undefined;
  }
  const cases = type.kind === "con" && type.info.constructors.length > 0;
  const module = moduleOf(type);
  const isFunction = module !== undefined && Scope.member(b.scope, module, name) !== undefined;
  report(b, "TEL0304", node.name.span, `\`${show(type)}\` has no field \`${name}\``, {
    hints: isFunction ? [`call it: \`.${name}(…)\``] : cases ? ["look into its cases with `match`"] : [],
  });
  return undefined;
}

function tuple(b: Body, node: S.TupleExpr, expected: T.Type | undefined): Expr {
  const { span } = node;
  if (node.items.length === 0) return constant(unitValue, T.Unit, span);
  const known = expected === undefined ? undefined : T.shallow(expected);
  if (node.items.some((item) => item.label !== undefined)) {
    const fields = node.items.map((item, i): readonly [string, Expr] => {
      const name = item.label?.text ?? `_${i}`;
      const at = known?.kind === "rec" ? known.names.indexOf(name) : -1;
      const want = known?.kind === "rec" && at >= 0 ? known.types[at]! : undefined;
      return [name, want === undefined ? infer(b, item.value) : check(b, item.value, want)];
    });
    return { kind: "record", fields, span, type: T.rec(fields.map(([name, value]) => [name, value.type])) };
  }
  const wanted = known?.kind === "tuple" && known.items.length === node.items.length ? known.items : undefined;
  const items = node.items.map((item, i) =>
    wanted === undefined ? infer(b, item.value) : check(b, item.value, wanted[i]!),
  );
  return { kind: "tuple", items, span, type: T.tuple(items.map((item) => item.type)) };
}

const unitValue: Value.Unit = Object.freeze({ tag: "unit" });

function list(b: Body, node: S.ListExpr, expected: T.Type | undefined): Expr {
  const known = expected === undefined ? undefined : T.shallow(expected);
  const isList = known?.kind === "con" && known.info === T.builtinTypes.List;
  const item = isList ? known.args[0]! : T.unknown();
  const items = node.items.map((each) => check(b, each, item));
  return { kind: "list", items, span: node.span, type: isList ? known : T.list(item) };
}

function map(b: Body, node: S.MapExpr, expected: T.Type | undefined): Expr {
  const known = expected === undefined ? undefined : T.shallow(expected);
  const isMap = known?.kind === "con" && known.info === T.builtinTypes.Map;
  const key = isMap ? known.args[0]! : T.unknown();
  const value = isMap ? known.args[1]! : T.unknown();
  const entries = node.entries.map((entry): readonly [Expr, Expr] => [
    check(b, entry.key, key),
    check(b, entry.value, value),
  ]);
  demand(b, key, T.Constraint.Eq, node.entries[0]?.key.span ?? node.span);
  return { kind: "map", entries, span: node.span, type: isMap ? known : T.map(key, value) };
}

function index(b: Body, node: S.IndexExpr): Expr {
  const { span } = node;
  const target = infer(b, node.target);
  const type = T.shallow(target.type);
  if (type.kind === "con" && type.info === T.builtinTypes.Map) {
    const key = check(b, node.index, type.args[0]!);
    return { kind: "index", on: "map", target, index: key, span, type: T.option(type.args[1]!) };
  }
  if (type.kind === "con" && type.info === T.builtinTypes.List) {
    const at = check(b, node.index, T.Int);
    return { kind: "index", on: "list", target, index: at, span, type: T.option(type.args[0]!) };
  }
  infer(b, node.index);
  if (target.kind !== "error") {
    report(b, "TEL0324", span, `${withArticle(show(type))} has nothing to look up with \`[ ]\``, {
      hints: ["Map and List have: `m[key]`, `xs[0]` give an Option"],
    });
  }
  return errorNode(span);
}

function unary(b: Body, node: S.UnaryExpr, expected: T.Type | undefined): Expr {
  const { span } = node;
  if (node.op === "!") return { kind: "not", operand: check(b, node.operand, T.Bool), span, type: T.Bool };
  const { operand } = node;
  if (operand.kind === "int") {
    return { kind: "int", text: `-${operand.text}`, span, type: T.unknown(T.Constraint.IntLiteral) };
  }
  if (operand.kind === "decimal" || operand.kind === "float" || operand.kind === "duration") {
    return constant(constantOf(operand, true)!, literalType(operand), span);
  }
  const made = infer(b, operand, expected);
  const type = T.shallow(made.type);
  if (!(type.kind === "con" && type.info === T.builtinTypes.Duration)) {
    demand(b, made.type, T.Constraint.Num, operand.span);
  }
  return { kind: "negate", operand: made, span, type: made.type };
}

/** Each case is one level of tests; more would be slow for every tier. */
const MATCH_ARMS_MAX = 1_000;

function match(b: Body, node: S.MatchExpr, expected: T.Type | undefined): Expr {
  const { span } = node;
  const subject = infer(b, node.subject);
  const type = expected ?? T.unknown();
  if (node.arms.length > MATCH_ARMS_MAX) {
    report(b, "TEL0335", span, `this match has ${node.arms.length} cases, the limit is ${MATCH_ARMS_MAX}`, {
      hints: ["look the value up in a Map"],
    });
    return errorNode(span, type);
  }
  let broken = subject.kind === "error";
  const arms = node.arms.map((arm): Arm => {
    const before = b.d.problems.length;
    b.noted.brokenPattern = false;
    const made = pattern(b, arm.pattern, subject.type);
    if (b.noted.brokenPattern || b.d.problems.length > before) broken = true;
    const guard = arm.guard === undefined ? undefined : check(b, arm.guard, T.Bool);
    return { span: arm.span, pattern: made, guard, body: check(b, arm.body, type) };
  });
  if (!broken) b.later.push(() => exhaustive(b, node, subject.type, arms));
  return { kind: "match", subject, arms, span, type };
}
