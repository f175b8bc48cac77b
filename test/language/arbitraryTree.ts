/** Random surface trees: every form of the grammar, in every place where it may stand. Places are all zero. */
import * as fc from "fast-check";
import type { Tree } from "../../src/language/syntax/index.ts";

const span = { start: 0, end: 0 };

const reserved = new Set(
  "true false let return abort assert fn if else match within after at par race first with state".split(" "),
);
const wordChars = "abcxyzABZ019_";
const tail = fc.string({ unit: fc.constantFrom(...wordChars), maxLength: 4 });
const idText = fc
  .tuple(fc.constantFrom("a", "b", "x", "_y", "z"), tail)
  .map(([head, rest]) => head + rest)
  .filter((word) => !reserved.has(word));
/** Words that mean something elsewhere are ordinary names too. */
const softWord = fc.constantFrom("uses", "matches", "as", "type", "test", "entry", "on", "every", "use", "for", "op");
const name = (text: string): Tree.Name => ({ text, span });
const id = fc.oneof({ weight: 9, arbitrary: idText }, { weight: 1, arbitrary: softWord }).map(name);
const up = fc.tuple(fc.constantFrom("A", "B", "Z"), tail).map(([head, rest]) => name(head + rest));
const anyWord = fc.oneof(id, up, fc.constantFrom(...reserved).map(name));
const hashText = fc.string({ unit: fc.constantFrom(..."abz234567"), minLength: 1, maxLength: 9 });
const hash = hashText.map((text): Tree.Hash => ({ text, span }));
const option = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> => fc.option(arbitrary, { nil: undefined });
const few = <A>(arbitrary: fc.Arbitrary<A>, minLength = 0): fc.Arbitrary<A[]> =>
  fc.array(arbitrary, { minLength, maxLength: 3 });

// ------------------------------------------------------------------------------------------------ literals

const digits = fc.bigInt({ min: 0n, max: 10n ** 25n }).map(String);
const fraction = fc.tuple(digits, fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 6 }));
const chars = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom('"', "\\", "$", "{", "}", "\n", "\r", "\t", "\u0000", "\u202e", "a", "é", "👩"),
    minLength: 1,
  }),
);
const duration = fc
  .tuple(...["d", "h", "m", "s", "ms"].map((unit) => option(fc.nat(9999).map((n) => `${n}${unit}`))))
  .map((parts) => parts.filter((part) => part !== undefined).join(""))
  .map((text) => (text === "" ? "0s" : text));
const instant = fc
  .date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true })
  .map((date) => date.toISOString());

const number: fc.Arbitrary<Tree.IntExpr | Tree.DecimalExpr | Tree.FloatExpr | Tree.DurationExpr> = fc.oneof(
  digits.map((text): Tree.IntExpr => ({ kind: "int", span, text })),
  fraction.map(([a, b]): Tree.DecimalExpr => ({ kind: "decimal", span, text: `${a}.${b}` })),
  fc
    .oneof(
      fraction.map(([a, b]) => `${a}.${b}`),
      digits,
      fc.constantFrom("6.02e23", "1e-7", "2e+3"),
    )
    .map((text): Tree.FloatExpr => ({ kind: "float", span, text })),
  duration.map((text): Tree.DurationExpr => ({ kind: "duration", span, text })),
);
const plainText = fc
  .oneof(fc.constant(""), chars)
  .map((value): Tree.TextExpr => ({ kind: "text", span, parts: value === "" ? [] : [{ kind: "chars", span, value }] }));
const otherLiteral: fc.Arbitrary<Tree.LiteralExpr> = fc.oneof(
  fc.boolean().map((value): Tree.BoolExpr => ({ kind: "bool", span, value })),
  instant.map((text): Tree.InstantExpr => ({ kind: "instant", span, text })),
  hash.map((value): Tree.HashExpr => ({ kind: "hash", span, hash: value })),
  plainText,
);
const title = fc.oneof(fc.constant("adds up"), chars).map((value): Tree.Title => ({ value, span }));
const version = fc
  .tuple(fc.nat(99), fc.nat(99), fc.nat(99))
  .map((parts): Tree.Version => ({ text: parts.join("."), span }));
const path = fc.array(anyWord, { minLength: 1, maxLength: 3 }).map((parts): Tree.Path => {
  return { parts, text: parts.map((part) => part.text).join("."), span };
});
const docLine = fc.constantFrom("", "What it does.", "  indented `code`", "/ a slash", "// more", "é 👩");
const doc = option(
  fc.array(docLine, { minLength: 1, maxLength: 3 }).map((lines): Tree.Doc => ({ text: lines.join("\n"), span })),
);

// ----------------------------------------------------------------------------------- the recursive forms

type Forms = {
  type: Tree.Type;
  pattern: Tree.Pattern;
  simplePattern: Tree.Pattern;
  expr: Tree.Expr;
  block: Tree.Block;
  step: Tree.Step;
  ifElse: Tree.IfExpr;
  row: Tree.Row | undefined;
  bodyParam: Tree.Param;
  fieldParam: Tree.Param;
  arg: Tree.Arg;
  place: Tree.Expr;
};

const binaryOps: readonly Tree.BinaryOp[] = [
  ">>",
  "<|>",
  "<|",
  "|>",
  "||",
  "&&",
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "+",
  "-",
  "*",
  "/",
  "%",
];

const { type, pattern, expr, block, row, bodyParam, fieldParam, arg } = fc.letrec<Forms>((tie) => {
  const nested = { maxDepth: 5, depthSize: "small" as const, depthIdentifier: "tree" };
  const labelled = <A>(value: fc.Arbitrary<A>, key: "type" | "pattern" | "value") =>
    fc
      .record({ label: option(anyWord), item: value })
      .map(({ label, item }) => ({ span, label, [key]: item }) as never);
  return {
    type: fc.oneof(
      nested,
      up.map((written): Tree.Type => ({ kind: "named", span, name: written, args: [] })),
      id.map((written): Tree.Type => ({ kind: "variable", span, name: written })),
      fc.record({ kind: fc.constant("named" as const), span: fc.constant(span), name: up, args: few(tie("type"), 1) }),
      few(labelled<Tree.Type>(tie("type"), "type") as fc.Arbitrary<Tree.TypeItem>)
        .filter((items) => items.length !== 1 || items[0]!.label !== undefined)
        .map((items): Tree.Type => ({ kind: "tupleType", span, items })),
      fc.record({
        kind: fc.constant("fnType" as const),
        span: fc.constant(span),
        params: few(tie("type")),
        result: tie("type"),
        row: tie("row"),
      }),
    ),
    row: option(few(fc.oneof(up, id), 1).map((labels): Tree.Row => ({ span, labels }))),
    simplePattern: fc.oneof(
      nested,
      fc.constant<Tree.Pattern>({ kind: "wildcard", span }),
      id.map((written): Tree.Pattern => ({ kind: "bind", span, name: written })),
      fc
        .tuple(fc.boolean(), number)
        .map(([negative, value]): Tree.Pattern => ({ kind: "literal", span, negative, value })),
      otherLiteral.map((value): Tree.Pattern => ({ kind: "literal", span, negative: false, value })),
      fc.record({
        kind: fc.constant("constructor" as const),
        span: fc.constant(span),
        name: up,
        items: few(labelled<Tree.Pattern>(tie("pattern"), "pattern") as fc.Arbitrary<Tree.PatternItem>),
        rest: fc.boolean(),
      }),
      fc
        .record({
          kind: fc.constant("tuplePattern" as const),
          span: fc.constant(span),
          items: few(labelled<Tree.Pattern>(tie("pattern"), "pattern") as fc.Arbitrary<Tree.PatternItem>),
          rest: fc.boolean(),
        })
        .filter(({ items, rest }) => items.length !== 1 || rest || items[0]!.label !== undefined),
      few(tie("pattern")).map((before): Tree.Pattern => {
        return { kind: "listPattern", span, before, rest: undefined, after: [] };
      }),
      fc.tuple(few(tie("pattern")), option(id), few(tie("pattern"))).map(([before, written, after]): Tree.Pattern => {
        return { kind: "listPattern", span, before, rest: { span, name: written }, after };
      }),
    ),
    pattern: fc.oneof(
      nested,
      tie("simplePattern"),
      fc
        .array(tie("pattern"), { minLength: 2, maxLength: 3 })
        .map((options): Tree.Pattern => ({ kind: "or", span, options })),
      fc.tuple(tie("pattern"), id).map(([inner, written]): Tree.Pattern => {
        return { kind: "as", span, pattern: inner, name: written };
      }),
    ),
    bodyParam: fc.record({
      span: fc.constant(span),
      name: fc.oneof(id, up, fc.constant(name("_"))),
      type: option(tie("type")),
      default: option(tie("expr")),
    }),
    fieldParam: fc.record({
      span: fc.constant(span),
      name: anyWord,
      type: option(tie("type")),
      default: option(tie("expr")),
    }),
    arg: labelled<Tree.Expr>(tie("expr"), "value") as fc.Arbitrary<Tree.Arg>,
    place: fc.oneof(
      nested,
      fc.constant<Tree.Expr>({ kind: "state", span }),
      fc
        .tuple(tie("place"), anyWord)
        .map(([target, written]): Tree.Expr => ({ kind: "member", span, target, name: written })),
      fc.tuple(tie("place"), tie("expr")).map(([target, index]): Tree.Expr => ({ kind: "index", span, target, index })),
    ),
    step: fc.oneof(
      nested,
      tie("expr").map((value): Tree.Step => ({ kind: "expr", span, value })),
      fc.tuple(fc.constantFrom("return", "abort", "assert"), tie("expr")).map(([kind, value]) => {
        return { kind, span, value } as Tree.Step;
      }),
      fc.tuple(tie("pattern"), option(tie("type")), tie("expr")).map(([inner, annotation, value]): Tree.Step => {
        return { kind: "let", span, pattern: inner, type: annotation, value };
      }),
      fc.tuple(tie("place"), tie("expr")).map(([place, value]): Tree.Step => ({ kind: "assign", span, place, value })),
    ),
    block: few(tie("step")).map((steps): Tree.Block => ({ kind: "block", span, steps })),
    ifElse: fc
      .tuple(tie("expr"), tie("block"), option(fc.oneof(nested, tie("block"), tie("ifElse"))))
      .map(([condition, then, otherwise]): Tree.IfExpr => {
        return { kind: "if", span, condition, then, else: otherwise };
      }),
    expr: fc.oneof(
      nested,
      fc
        .tuple(fc.oneof(id, up), option(hash))
        .map(([written, pin]): Tree.Expr => ({ kind: "name", span, name: written, hash: pin })),
      number,
      otherLiteral,
      fc.constant<Tree.Expr>({ kind: "state", span }),
      fc
        .tuple(option(chars), tie("expr"), option(chars), option(tie("expr")))
        .map(([before, first, between, second]): Tree.Expr => {
          const parts: Tree.TextPart[] = [];
          if (before !== undefined) parts.push({ kind: "chars", span, value: before });
          parts.push({ kind: "hole", span, value: first });
          if (between !== undefined) parts.push({ kind: "chars", span, value: between });
          if (second !== undefined) parts.push({ kind: "hole", span, value: second });
          return { kind: "text", span, parts };
        }),
      tie("expr").map((inner): Tree.Expr => ({ kind: "group", span, inner })),
      few(tie("arg"))
        .filter((items) => items.length !== 1 || items[0]!.label !== undefined)
        .map((items): Tree.Expr => ({ kind: "tuple", span, items })),
      few(tie("expr")).map((items): Tree.Expr => ({ kind: "list", span, items })),
      few(fc.record({ span: fc.constant(span), key: tie("expr"), value: tie("expr") })).map((entries): Tree.Expr => {
        return { kind: "map", span, entries };
      }),
      fc
        .tuple(tie("expr"), anyWord)
        .map(([target, written]): Tree.Expr => ({ kind: "member", span, target, name: written })),
      fc.tuple(tie("expr"), fc.boolean(), few(tie("arg"))).map(([callee, bang, args]): Tree.Expr => {
        return { kind: "call", span, callee, bang, args };
      }),
      fc.tuple(tie("expr"), tie("expr")).map(([target, index]): Tree.Expr => ({ kind: "index", span, target, index })),
      tie("expr").map((target): Tree.Expr => ({ kind: "try", span, target })),
      fc
        .tuple(fc.constantFrom("-", "!"), tie("expr"))
        .map(([op, operand]) => ({ kind: "unary", span, op, operand }) as Tree.Expr),
      fc.tuple(fc.constantFrom(...binaryOps), tie("expr"), tie("expr")).map(([op, left, right]): Tree.Expr => {
        return { kind: "binary", span, op, opSpan: span, left, right };
      }),
      fc.tuple(tie("expr"), tie("pattern")).map(([subject, inner]): Tree.Expr => {
        return { kind: "matches", span, subject, pattern: inner };
      }),
      fc
        .tuple(few(tie("bodyParam")), tie("block"))
        .map(([params, body]): Tree.Expr => ({ kind: "lambda", span, params, body })),
      tie("ifElse"),
      fc
        .tuple(
          tie("expr"),
          few(
            fc.record({
              span: fc.constant(span),
              pattern: tie("pattern"),
              guard: option(tie("expr")),
              body: tie("expr"),
            }),
          ),
        )
        .map(([subject, arms]): Tree.Expr => ({ kind: "match", span, subject, arms })),
      fc
        .tuple(fc.constantFrom("within", "after", "at"), tie("expr"), tie("block"), option(tie("block")))
        .map(
          ([form, time, body, otherwise]) => ({ kind: "timed", span, form, time, body, else: otherwise }) as Tree.Expr,
        ),
      fc
        .tuple(
          fc.constantFrom("par", "race", "first"),
          few(fc.record({ span: fc.constant(span), label: option(anyWord), value: tie("expr") })),
        )
        .map(([form, branches]) => ({ kind: "branches", span, form, branches }) as Tree.Expr),
      fc.tuple(tie("expr"), tie("block")).map(([handler, body]): Tree.Expr => ({ kind: "with", span, handler, body })),
      tie("block"),
    ),
  };
});

// ------------------------------------------------------------------------------------------- declarations

const at = fc.constant(span);
const is = <K extends string>(kind: K): fc.Arbitrary<K> => fc.constant(kind);
const bodyParams = few(bodyParam);
const fieldParams = few(fieldParam);

const fn: fc.Arbitrary<Tree.FnDecl> = fc.record({
  kind: is("fn"),
  span: at,
  doc,
  name: id,
  params: bodyParams,
  result: option(type),
  row,
  body: block,
});

const shape: fc.Arbitrary<Tree.TypeShape> = fc.oneof(
  fc.record({ kind: is("record"), span: at, fields: fieldParams }),
  fc.record({
    kind: is("variants"),
    span: at,
    constructors: few(fc.record({ span: at, name: up, fields: fieldParams }), 1),
  }),
);

const stateField = fc.record({ span: at, doc, name: anyWord, type, default: option(expr) });
const signature = fc.record({
  kind: is("entrySignature"),
  span: at,
  doc,
  name: id,
  params: fieldParams,
  result: option(type),
});
const operation = fc.record({ kind: is("op"), span: at, doc, name: id, params: fieldParams, result: type });
const handlerClause = fc.record({ kind: is("handlerClause"), span: at, doc, name: id, params: bodyParams, body: expr });

const clause: fc.Arbitrary<Tree.Clause> = fc.oneof(
  fn,
  fc.record({ kind: is("state"), span: at, doc, fields: few(stateField) }),
  fc.record({
    kind: is("entry"),
    span: at,
    doc,
    exclusive: fc.boolean(),
    name: id,
    params: bodyParams,
    result: option(type),
    row,
    body: block,
  }),
  fc.record({
    kind: is("on"),
    span: at,
    doc,
    trigger: fc.constantFrom("every", "at", "fact"),
    subject: expr,
    entry: id,
    args: few(arg),
  }),
  fc.record({ kind: is("handshake"), span: at, doc, params: bodyParams, row, body: block }),
  fc.record({ kind: is("migration"), span: at, doc, from: version, to: version, params: bodyParams, body: block }),
);

const item: fc.Arbitrary<Tree.Item> = fc.oneof(
  fc.record({ kind: is("use"), span: at, path, hash: option(hash), names: option(few(anyWord)) }),
  fc.record({ kind: is("watch"), span: at, value: expr }),
  fn,
  fc.record({ kind: is("type"), span: at, doc, name: up, parameters: few(id), shape }),
  fc.record({ kind: is("fact"), span: at, doc, name: up, params: fieldParams, result: type }),
  fc.record({ kind: is("action"), span: at, doc, name: up, params: fieldParams, result: type }),
  fc.record({ kind: is("event"), span: at, doc, name: up, params: fieldParams }),
  fc.record({ kind: is("effect"), span: at, doc, name: up, operations: few(operation) }),
  fc.record({ kind: is("interface"), span: at, doc, name: up, hash, entries: few(signature) }),
  fc.record({
    kind: is("handler"),
    span: at,
    doc,
    name: id,
    params: option(bodyParams),
    effect: up,
    row,
    clauses: few(handlerClause),
  }),
  fc.record({ kind: is("program"), span: at, doc, name: up, clauses: few(clause) }),
  fc.record({ kind: is("test"), span: at, doc, title, body: block }),
  fc.record({ kind: is("prop"), span: at, doc, title, params: bodyParams, body: block }),
);

export const arbitraryFile: fc.Arbitrary<Tree.File> = fc.record({
  kind: is("file"),
  span: at,
  doc,
  module: option(path),
  items: few(item),
  comments: fc.constant([]),
});

export const arbitraryExpr = expr;
export const arbitraryPattern = pattern;
export const arbitraryType = type;
