/** Calls: of functions, constructors, intrinsics, operations, entries, handlers, and of values that are functions. */
import { operations } from "../core/operations.ts";
import { nearest } from "../names/report.ts";
import * as Scope from "../names/Scope.ts";
import type { Binding, EntrySymbol, FnSymbol, HandlerSymbol, InterfaceEntrySymbol } from "../names/Tree.ts";
import type * as S from "../syntax/Tree.ts";
import { matchArgs } from "./args.ts";
import { type Body, binding, equate, errorNode, instantiate, perform, report } from "./Body.ts";
import { constructed } from "./construct.ts";
import { builtinSignature, labelOf, type Signature, signature } from "./Declarations.ts";
import { fieldType, infer } from "./expression.ts";
import { form } from "./forms.ts";
import { constructorOf } from "./patterns.ts";
import * as Row from "./Row.ts";
import { show, withArticle } from "./show.ts";
import type { Arg, Expr } from "./Tree.ts";
import * as T from "./Type.ts";

/** `first` is what stands left of `|>`. */
export function call(b: Body, node: S.CallExpr, expected: T.Type | undefined, first?: Expr): Expr {
  let callee: S.Expr = node.callee;
  while (callee.kind === "group") callee = callee.inner;
  const bound = callee.kind === "name" || callee.kind === "member" ? binding(b, callee) : undefined;
  if (bound !== undefined && bound.kind !== "local") return named(b, node, callee, bound, expected, first);
  if (callee.kind === "member" && bound === undefined) return method(b, node, callee, expected, first);
  return apply(b, node, infer(b, callee), expected, first);
}

function named(
  b: Body,
  node: S.CallExpr,
  callee: S.Expr,
  bound: Exclude<Binding, { kind: "local" }>,
  expected: T.Type | undefined,
  first: Expr | undefined,
): Expr {
  const { span } = node;
  switch (bound.kind) {
    case "unknown":
      for (const arg of node.args) infer(b, arg.value);
      return errorNode(span);
    case "fn":
      b.ensure(bound);
      return callOf(b, node, bound, signature(b.d, bound), expected, first);
    case "entry":
    case "interfaceEntry":
      return entry(b, node, callee, bound, expected, first);
    case "constructor":
    case "builtinConstructor":
    case "state": {
      const of = constructorOf(b, bound);
      if (of === undefined) return errorNode(span);
      superfluousBang(b, node, of.name);
      return constructed(b, of, node.args, span, expected, first);
    }
    case "fact":
    case "action":
    case "event": {
      const own = signature(b.d, bound);
      const fields = own.params.map((param) => param.name);
      const { args, type } = invoke(b, node, bound.name, own, expected, first);
      return { kind: "outside", name: bound.full, fields, args, span, type };
    }
    case "builtin": {
      const own = builtinSignature(b.d, bound.name)!;
      const { args, type } = invoke(b, node, bound.name, own, expected, first);
      return { kind: "builtin", name: bound.name, args: args.map((arg) => arg.value), span, type };
    }
    case "outside": {
      const operation = operations.get(bound.name)!;
      return performOperation(
        b,
        node,
        bound.name,
        operation.label,
        builtinSignature(b.d, bound.name)!,
        expected,
        first,
      );
    }
    case "operation":
      return performOperation(b, node, bound.full, bound.effect, signature(b.d, bound), expected, first);
    case "handler":
      superfluousBang(b, node, bound.name);
      return handlerCall(b, bound, node.args, span, first);
    case "form":
      return form(b, node, bound.name, expected);
    case "external":
      return errorNode(span);
    default:
      report(
        b,
        "TEL0305",
        callee.span,
        `\`${callee.kind === "name" || callee.kind === "member" ? callee.name.text : "this"}\` is not a function`,
        {},
      );
      for (const arg of node.args) infer(b, arg.value);
      return errorNode(span);
  }
}

/** What a call is made of. */
interface Invoked {
  readonly args: readonly Arg[];
  readonly type: T.Type;
  readonly row: Row.Row;
}

export function invoke(
  b: Body,
  node: S.CallExpr,
  name: string,
  own: Signature,
  expected: T.Type | undefined,
  first: Expr | undefined,
): Invoked {
  const made = instantiate(b, own, node.span);
  if (expected !== undefined && isUseful(made.result, expected)) equate(b, made.result, expected, node.span);
  const args = matchArgs(
    b,
    { name, params: own.params, types: made.params, file: own.file, span: node.span },
    node.args,
    first,
  );
  perform(b, made.row);
  mark(b, node, made.row, name);
  return { args, type: made.result, row: made.row };
}

function callOf(
  b: Body,
  node: S.CallExpr,
  bound: FnSymbol | EntrySymbol,
  own: Signature,
  expected: T.Type | undefined,
  first: Expr | undefined,
): Expr {
  const { args, type, row } = invoke(b, node, bound.name, own, expected, first);
  return {
    kind: "call",
    target: { kind: "symbol", name: bound.full },
    parameters: own.params.length,
    args,
    span: node.span,
    type,
    performs: { row, bang: node.bang },
  };
}

/** Expected types flow down only where the outermost shapes agree: else the message is better at the whole call. */
function isUseful(result: T.Type, expected: T.Type): boolean {
  const r = T.shallow(result);
  const e = T.shallow(expected);
  return (
    (r.kind === "con" && e.kind === "con" && r.info === e.info && r.args.length > 0) ||
    (r.kind === "var" && e.kind !== "fn")
  );
}

export function mark(b: Body, node: S.CallExpr, row: Row.Row, what: string): void {
  if (!node.bang && row.rest === undefined && row.labels.length === 0) return;
  const end = node.callee.span.end;
  b.marks.push({ span: node.span, at: { start: end, end: node.bang ? end + 1 : end }, row, bang: node.bang, what });
}

export const superfluousBang = (b: Body, node: S.CallExpr, what: string): void => mark(b, node, Row.empty, what);

function performOperation(
  b: Body,
  node: S.CallExpr,
  operation: string,
  label: string,
  own: Signature,
  expected: T.Type | undefined,
  first: Expr | undefined,
): Expr {
  const optional = own.params.map((param) => param.optional);
  const { args, type, row } = invoke(b, node, operation, own, expected, first);
  const performs = { row, bang: node.bang };
  return { kind: "perform", label, operation, optional, args, span: node.span, type, performs };
}

/** `rebalance(p)` inside its program is a call; `P.rebalance!(p)` runs it in a test; `P.rebalance(p)` is a Call value. */
function entry(
  b: Body,
  node: S.CallExpr,
  callee: S.Expr,
  bound: EntrySymbol | InterfaceEntrySymbol,
  expected: T.Type | undefined,
  first: Expr | undefined,
): Expr {
  const { span } = node;
  const own = signature(b.d, bound);
  if (bound.kind === "entry" && (callee.kind === "name" || b.program === bound.program)) {
    b.ensure(bound);
    return callOf(b, node, bound, own, expected, first);
  }
  const program = bound.kind === "entry" ? bound.program.full : bound.interface;
  if (node.bang && bound.kind === "interfaceEntry") {
    report(b, "TEL0311", span, `\`${bound.name}\` belongs to another program, which is called through the account`, {
      hints: [`write \`invoke!(${bound.full}(…))\``],
    });
  }
  if (node.bang && bound.kind === "entry") {
    const row = Row.closed([...own.row.labels, "World"]);
    const { args, type } = invoke(b, node, bound.name, { ...own, row }, expected, first);
    const performs = { row, bang: true };
    return { kind: "entryCall", program, entry: bound.name, parameters: own.params.length, args, span, type, performs };
  }
  const type = T.con(T.builtinTypes.Call, [own.result]);
  const value: Signature = { ...own, row: Row.empty, result: type };
  const { args } = invoke(b, { ...node, bang: false }, bound.name, value, expected, first);
  const fields = own.params.map((param) => param.name);
  return { kind: "callValue", program, entry: bound.name, fields, args, span, type };
}

/** `signedFeed(ethereum)`: the handler value. */
export function handlerCall(b: Body, bound: HandlerSymbol, args: readonly S.Arg[], span: S.Span, first?: Expr): Expr {
  b.ensure(bound);
  const own = signature(b.d, bound);
  const made = instantiate(b, { ...own, row: Row.empty }, span);
  const values = matchArgs(
    b,
    { name: bound.name, params: own.params, types: made.params, file: own.file, span },
    args,
    first,
  );
  // The effect is named where the handler is written, which may be another file.
  const label = labelOf(b.d.resolved.scopes.get(bound.file)?.bindings.get(bound.decl.effect));
  const handles = label === undefined ? [] : [label];
  const type: T.Type = { kind: "handler", handles, row: own.row, abort: abortOf(b, bound) };
  return {
    kind: "call",
    target: { kind: "symbol", name: bound.full },
    parameters: own.params.length,
    args: values,
    span,
    type,
  };
}

/** What its clauses abort with: known when they are checked, free when they never do. */
const abortOf = (b: Body, bound: HandlerSymbol): T.Type => b.aborts.get(bound) ?? T.unknown();

const moduleOfType: ReadonlyMap<T.TypeInfo, string> = new Map<T.TypeInfo, string>([
  [T.builtinTypes.Int, "int"],
  [T.builtinTypes.Decimal, "decimal"],
  [T.builtinTypes.Float, "float"],
  [T.builtinTypes.Text, "text"],
  [T.builtinTypes.Bytes, "bytes"],
  [T.builtinTypes.List, "list"],
  [T.builtinTypes.Map, "map"],
  [T.builtinTypes.Set, "set"],
  [T.builtinTypes.Option, "option"],
  [T.builtinTypes.Result, "result"],
  [T.builtinTypes.Duration, "duration"],
  [T.builtinTypes.Instant, "instant"],
  [T.builtinTypes.Hash, "hash"],
]);

/** The library's module for values of this type. */
export function moduleOf(type: T.Type): string | undefined {
  if (type.kind === "con") return moduleOfType.get(type.info);
  if (type.kind !== "var") return undefined;
  if ((type.constraint & T.Constraint.TextLiteral) !== 0) return "text";
  return (type.constraint & T.Constraint.IntLiteral) !== 0 ? "int" : undefined;
}

/** `x.div(y, 2)`: a field that holds a function, or a function of the library's module for x's type. */
function method(
  b: Body,
  node: S.CallExpr,
  callee: S.MemberExpr,
  expected: T.Type | undefined,
  first: Expr | undefined,
): Expr {
  const target = callee.target.kind === "state" ? undefined : infer(b, callee.target);
  const name = callee.name.text;
  if (target === undefined) return apply(b, node, infer(b, callee), expected, first);
  const type = T.shallow(target.type);
  const module = moduleOf(type);
  if (module !== undefined) {
    const found = Scope.member(b.scope, module, name);
    if (found !== undefined && found.kind !== "local") {
      return named(b, { ...node, callee }, callee, found, expected, target);
    }
    if (target.kind !== "error") {
      const near = nearest(name, [...Scope.memberNames(b.scope, module)], "members");
      report(b, "TEL0304", callee.name.span, `\`${show(type)}\` has no \`${name}\``, {
        hints: [near === undefined ? `module \`${module}\` has no function of that name` : `did you mean \`${near}\`?`],
        ...(near === undefined
          ? {}
          : { fix: { title: `change it to \`${near}\``, edits: [{ span: callee.name.span, text: near }] } }),
      });
    }
    for (const arg of node.args) infer(b, arg.value);
    return errorNode(node.span);
  }
  if (target.kind === "error") {
    for (const arg of node.args) infer(b, arg.value);
    return errorNode(node.span);
  }
  const own = fieldType(b, target.type, callee);
  const value: Expr =
    own === undefined ? errorNode(callee.span) : { kind: "field", target, name, span: callee.span, type: own };
  return apply(b, node, value, expected, first);
}

/** A call of a value. */
export function apply(b: Body, node: S.CallExpr, callee: Expr, expected: T.Type | undefined, first?: Expr): Expr {
  const { span } = node;
  const type = T.shallow(callee.type);
  if (callee.kind === "error") {
    for (const arg of node.args) infer(b, arg.value);
    return errorNode(span);
  }
  if (type.kind === "fn") {
    const params = type.params.map((param) => ({ name: "", type: param, node: undefined, optional: false }));
    const args = matchArgs(
      b,
      { name: "this function", params, types: type.params, file: undefined, span },
      node.args,
      first,
    );
    perform(b, type.row);
    mark(b, node, type.row, "this function");
    return {
      kind: "apply",
      callee,
      args: args.map((arg) => arg.value),
      span,
      type: type.result,
      performs: { row: type.row, bang: node.bang },
    };
  }
  if (T.isFree(type)) {
    const args = [...(first === undefined ? [] : [first]), ...node.args.map((arg) => infer(b, arg.value))];
    const result = expected ?? T.unknown();
    const row = Row.open();
    equate(
      b,
      type,
      T.fn(
        args.map((arg) => arg.type),
        result,
        row,
      ),
      callee.span,
    );
    perform(b, row);
    mark(b, node, row, "this function");
    return { kind: "apply", callee, args, span, type: result, performs: { row, bang: node.bang } };
  }
  report(b, "TEL0305", callee.span, `this is ${withArticle(show(type))}, not a function`, {});
  for (const arg of node.args) infer(b, arg.value);
  return errorNode(span);
}
