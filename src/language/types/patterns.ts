/** Patterns against the type of what they match. */
import { ContentHash, Decimal, Int, Value } from "../../content/index.ts";
import type { Binding, Local } from "../names/Tree.ts";
import * as Literal from "../syntax/Literal.ts";
import type * as S from "../syntax/Tree.ts";
import { type Body, binding, equate, report } from "./Body.ts";
import { stateInfo, typeInfo } from "./Declarations.ts";
import { show, withArticle } from "./show.ts";
import type { Pattern } from "./Tree.ts";
import * as T from "./Type.ts";
import { type Substitution, substitute } from "./unify.ts";

const any = (span: S.Span, type: T.Type): Pattern => ({ kind: "any", span, type });

export function pattern(b: Body, node: S.Pattern, type: T.Type): Pattern {
  const { span } = node;
  switch (node.kind) {
    case "missing":
      b.noted.brokenPattern = true;
      return any(span, type);
    case "wildcard":
      return any(span, type);
    case "bind":
      return { kind: "bind", local: bindLocal(b, node, type), span, type };
    case "as": {
      const inner = pattern(b, node.pattern, type);
      return { kind: "as", local: bindLocal(b, node, type), pattern: inner, span, type };
    }
    case "literal":
      return literal(b, node, type);
    case "constructor":
      return constructed(b, node, type);
    case "tuplePattern":
      return tuple(b, node, type);
    case "listPattern": {
      const item = T.unknown();
      if (!equate(b, type, T.list(item), span)) bindRest(b, node);
      const before = node.before.map((each) => pattern(b, each, item));
      const named = node.rest?.name;
      const rest =
        node.rest === undefined
          ? undefined
          : { local: named === undefined ? undefined : bindLocal(b, node.rest, type) };
      const after = node.after.map((each) => pattern(b, each, item));
      return { kind: "list", before, rest, after, span, type };
    }
    case "or":
      return { kind: "or", options: node.options.map((option) => pattern(b, option, type)), span, type };
  }
}

const bindRest = (b: Body, node: S.Pattern & { kind: "listPattern" }): void => {
  if (node.rest?.name !== undefined) bindLocal(b, node.rest, T.unknown());
};

export function bindLocal(b: Body, node: object, type: T.Type): Local {
  const local = binding(b, node);
  if (local?.kind !== "local") throw new Error("internal error: a pattern's name is not bound");
  const before = b.types.get(local);
  if (before === undefined) b.types.set(local, type);
  else equate(b, type, before, local.span);
  return local;
}

function literal(b: Body, node: S.Pattern & { kind: "literal" }, type: T.Type): Pattern {
  const { span, value, negative } = node;
  if (value.kind === "int") {
    equate(b, T.unknown(T.Constraint.IntLiteral), type, span);
    return { kind: "int", text: (negative ? "-" : "") + value.text, span, type };
  }
  const constant = constantOf(value, negative);
  const own = constant === undefined ? T.unknown() : literalType(value);
  equate(b, own, type, span);
  if (constant === undefined) return any(span, type);
  return { kind: "literal", value: constant, span, type };
}

export function literalType(node: S.LiteralExpr): T.Type {
  switch (node.kind) {
    case "int":
      return T.unknown(T.Constraint.IntLiteral);
    case "decimal":
      return T.Decimal;
    case "float":
      return T.Float;
    case "bool":
      return T.Bool;
    case "text":
      return T.unknown(T.Constraint.TextLiteral);
    case "duration":
      return T.Duration;
    case "instant":
      return T.Instant;
    case "hash":
      return T.Hash;
  }
}

/** Undefined for what the lexer has already refused. */
export function constantOf(node: S.LiteralExpr, negative = false): Value.Value | undefined {
  switch (node.kind) {
    case "int":
      return Int.of(BigInt(node.text) * (negative ? -1n : 1n));
    case "decimal":
      return Decimal.parse((negative ? "-" : "") + node.text);
    case "float": {
      const value = Number(node.text);
      return Value.float(negative ? -value : value);
    }
    case "bool":
      return node.value;
    case "text":
      return node.parts.map((part) => (part.kind === "chars" ? part.value : "")).join("");
    case "duration": {
      const length = Literal.milliseconds(node.text);
      return length === undefined ? undefined : Value.duration(Int.of(negative ? -length : length));
    }
    case "instant": {
      const at = Literal.epochMilliseconds(node.text);
      return at === undefined ? undefined : Value.instant(Int.of(at));
    }
    case "hash": {
      const hash = ContentHash.parse(node.hash.text);
      return hash === undefined ? undefined : Value.hash(hash);
    }
  }
}

/** The constructor that a name stands for. */
export function constructorOf(b: Body, bound: Binding | undefined): T.ConstructorInfo | undefined {
  switch (bound?.kind) {
    case "constructor":
      return typeInfo(b.d, bound.owner).constructors.find((each) => each.name === bound.name);
    case "builtinConstructor": {
      const owner = bound.name === "Ok" || bound.name === "Err" ? T.builtinTypes.Result : T.builtinTypes.Option;
      return owner.constructors.find((each) => each.name === bound.name);
    }
    case "state":
      return stateInfo(b.d, bound.program).constructors[0];
    default:
      return undefined;
  }
}

/** Fields of a constructor for a given type of its owner. */
export function fieldTypes(of: T.ConstructorInfo, args: readonly T.Type[]): readonly T.Type[] {
  if (args.length === 0) return of.fields.map((field) => field.type);
  const types = argsOf(of.owner, args);
  return of.fields.map((field) => substitute(field.type, types));
}

/** What stands for the parameters of a type. */
export const argsOf = (owner: T.TypeInfo, args: readonly T.Type[]): Substitution =>
  new Map(owner.rigids.map((rigid, i) => [rigid, args[i]!]));

function constructed(b: Body, node: S.Pattern & { kind: "constructor" }, type: T.Type): Pattern {
  const { span } = node;
  const of = constructorOf(b, binding(b, node));
  if (of === undefined) {
    b.noted.brokenPattern = true;
    for (const item of node.items) pattern(b, item.pattern, T.unknown());
    return any(span, type);
  }
  const known = T.shallow(type);
  const owner = T.con(
    of.owner,
    of.owner.parameters.map(() => T.unknown()),
  );
  if (known.kind === "con" && known.info !== of.owner) {
    report(
      b,
      "TEL0330",
      span,
      `\`${of.name}\` is a case of \`${show(owner)}\`, and this is ${withArticle(show(type))}`,
      {
        hints:
          known.info.constructors.length > 0
            ? [`its cases: ${known.info.constructors.map((c) => c.name).join(", ")}`]
            : [],
      },
    );
    for (const item of node.items) pattern(b, item.pattern, T.unknown());
    return any(span, type);
  }
  equate(b, owner, type, span);
  const types = fieldTypes(of, owner.args);
  const items: (Pattern | undefined)[] = of.fields.map(() => undefined);
  let next = 0;
  for (const item of node.items) {
    const at = item.label === undefined ? next++ : of.fields.findIndex((field) => field.name === item.label!.text);
    if (at < 0) {
      report(b, "TEL0304", item.label!.span, `\`${of.name}\` has no field \`${item.label!.text}\``, {
        hints: [`its fields: ${of.fields.map((field) => field.name).join(", ")}`],
      });
    }
    if (at >= 0 && at < items.length && items[at] !== undefined) {
      report(b, "TEL0303", item.span, `field \`${of.fields[at]!.name}\` is matched twice`, {});
    }
    const made = pattern(b, item.pattern, types[at] ?? T.unknown());
    if (at >= 0 && at < items.length) items[at] = made;
  }
  const given = node.items.length;
  if (next > of.fields.length || (!node.rest && given < of.fields.length)) {
    const takes = of.fields.length;
    report(
      b,
      "TEL0302",
      span,
      `\`${of.name}\` has ${takes} ${takes === 1 ? "field" : "fields"}, and the pattern has ${given}`,
      { hints: given < takes ? ["write `..` for the fields that do not matter"] : [] },
    );
  }
  return {
    kind: "construct",
    of,
    items: items.map((item, i) => item ?? any(span, types[i]!)),
    span,
    type,
  };
}

function tuple(b: Body, node: S.Pattern & { kind: "tuplePattern" }, type: T.Type): Pattern {
  const { span } = node;
  if (node.items.length === 0 && !node.rest) {
    equate(b, T.Unit, type, span);
    return { kind: "literal", value: Value.unit, span, type };
  }
  const known = T.shallow(type);
  if (node.items.some((item) => item.label !== undefined)) return record(b, node, type);
  let types: readonly T.Type[];
  if (
    known.kind === "tuple" &&
    (node.rest ? node.items.length <= known.items.length : node.items.length === known.items.length)
  ) {
    types = known.items;
  } else if (known.kind === "tuple") {
    const count = known.items.length;
    report(b, "TEL0302", span, `the tuple has ${count} items, and the pattern has ${node.items.length}`, {
      hints: ["write `..` for the items that do not matter"],
    });
    types = [];
  } else {
    types = node.items.map(() => T.unknown());
    equate(b, T.tuple(types), type, span);
  }
  const items = node.items.map((item, i) => pattern(b, item.pattern, types[i] ?? T.unknown()));
  for (let i = items.length; i < types.length; i++) items.push(any(span, types[i]!));
  return types.length === 0 ? any(span, type) : { kind: "tuple", items, span, type };
}

/** A labelled tuple, by label. */
function record(b: Body, node: S.Pattern & { kind: "tuplePattern" }, type: T.Type): Pattern {
  const { span } = node;
  let known = T.shallow(type);
  if (known.kind !== "rec" && !node.rest) {
    const made = T.rec(node.items.map((item, i) => [item.label?.text ?? `_${i}`, T.unknown()]));
    if (equate(b, made, type, span)) known = made;
  }
  if (known.kind !== "rec") {
    if (node.rest && !T.isTold(known))
      report(b, "TEL0326", span, "the type of what is matched is not known here", { hints: ["annotate it"] });
    for (const item of node.items) pattern(b, item.pattern, T.unknown());
    return any(span, type);
  }
  const { names, types } = known;
  const items: (Pattern | undefined)[] = names.map(() => undefined);
  for (const item of node.items) {
    const at = item.label === undefined ? -1 : names.indexOf(item.label.text);
    if (at < 0) {
      report(b, "TEL0304", item.span, `there is no such label in \`${show(type)}\``, {
        hints: ["write the label: `(eth: a)`"],
      });
    }
    const made = pattern(b, item.pattern, types[at] ?? T.unknown());
    if (at >= 0) items[at] = made;
  }
  if (!node.rest && items.some((item) => item === undefined) && node.items.length < names.length) {
    report(
      b,
      "TEL0302",
      span,
      `\`${show(type)}\` has ${names.length} labels, and the pattern has ${node.items.length}`,
      {
        hints: ["write `..` for the ones that do not matter"],
      },
    );
  }
  return { kind: "record", names, items: items.map((item, i) => item ?? any(span, types[i]!)), span, type };
}
