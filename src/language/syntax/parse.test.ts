import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyFixes } from "../problems/applyFixes.ts";
import { lex } from "./lex.ts";
import { parse, parseExpression } from "./parse.ts";
import { infix, reserved, signs, T } from "./Token.ts";
import type { Expr } from "./Tree.ts";

const codesOf = (text: string): string[] => parse(text, "a.tel").problems.map((problem) => problem.code);
const messagesOf = (text: string): string[] => parse(text, "a.tel").problems.map((problem) => problem.message);
const isFine = (text: string): void => expect(messagesOf(text)).toEqual([]);

/** The shape of an expression: operators and atoms, fully parenthesised. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case "binary":
      return `(${shape(expr.left)} ${expr.op} ${shape(expr.right)})`;
    case "unary":
      return `(${expr.op}${shape(expr.operand)})`;
    case "matches":
      return `(${shape(expr.subject)} matches …)`;
    case "name":
      return expr.name.text;
    case "int":
      return expr.text;
    case "call":
      return `${shape(expr.callee)}${expr.bang ? "!" : ""}(${expr.args.map((arg) => shape(arg.value)).join(", ")})`;
    case "member":
      return `${shape(expr.target)}.${expr.name.text}`;
    case "index":
      return `${shape(expr.target)}[${shape(expr.index)}]`;
    case "try":
      return `${shape(expr.target)}?`;
    case "group":
      return shape(expr.inner);
    default:
      return `<${expr.kind}>`;
  }
}
const shapeOf = (text: string): string => {
  const { expr, problems } = parseExpression(text, "a.tel");
  expect(problems).toEqual([]);
  return shape(expr);
};

describe("each rule of the grammar accepts", () => {
  test.each([
    ["module", "module arb.math"],
    ["module with words of the language", "module program.test"],
    ["use", "use arb.math"],
    ["use with names", "use arb.math (Move, decide)"],
    ["use with a hash", "use arb.math #bafyreia (Move)"],
    ["watch", "> 1 + 1\n> f(2)"],
    ["fn", 'fn f(a: Int, _, b: Text = "x") -> List<a> uses Observe, e { a }'],
    ["fn without result", "fn f() { 1 }"],
    ["fn with its head on several lines", "fn f(\n  a: Int,\n)\n  -> Int\n  uses Observe\n{\n  a\n}"],
    ["record type", "type Pair(base: Text, at: Instant)"],
    ["generic variants", "type Tree<a, b> = Leaf | Node(left: Tree<a, b>, value: a)"],
    ["variants on several lines", "type A =\n  | B\n  | C(x: Int)"],
    ["type of nested angles", "fn f(a: Map<Text, List<Option<Int>>>= [:]) { a }"],
    ["tuple and function types", "fn f(a: (), b: (Int, x: Text), c: fn(a, b) -> c uses e, d: Int) { a }"],
    ["fact, action, event", "fact A(x: Int) -> Int\naction B(x: Int) -> Int\nevent C(x: Int)"],
    ["effect", "effect A {\n  /// doc\n  op a(x: Int) -> Int\n  op b() -> ()\n}"],
    ["interface", "interface A = #bafy { entry a(x: Int) -> Int; entry b() }"],
    ["handler", "handler h(a: Int) for A uses Observe { b(x) => x; c() => { 1 } }\nhandler i for A { }"],
    ["test", 'test "a \\u{1F600}" { assert true }'],
    ["prop", 'prop "a" (x: Int) { assert x == x }'],
    ["state", "program A { state { a: Int = 1; at: Text } }"],
    ["entry", "program A { entry a() -> Int uses Clock { 1 }\n exclusive entry b() { 2 } }"],
    ["on", "program A { on every 1m => a(); on at @2025-06-01T12:00:00Z => a(1)\n on fact P(1) => b(x: 2) }"],
    ["handshake", "program A { handshake (intent, caller) uses Clock { Acknowledge } }"],
    ["migration", "program A { migration 1.3.0 -> 1.4.0 (old) { State(a: old.a) } }"],
    ["fn in a program", "program A { fn a() { 1 }\n fn b() { 2 } }"],
    ["steps", "fn f() { let (a, b): (Int, Int) = c; return a; }\nfn g() { abort 1 }\nfn h() { assert a == b }"],
    ["assignment", 'fn f() { state = 1; state.a = 2; state.a["b"].c = 3 }'],
    [
      "literals",
      '> [42, 4.20, 4.2f, 1f, 6.02e23f, 1e-7f, "a", true, false, 1h30m, 15m, 500ms, 7d, @2025-06-01T12:00:00.25Z, #bafy]',
    ],
    ["text with holes in holes", '> "a ${ "b ${c + "}"} d" } ${f({ 1 })} \\${e} $ {"'],
    ["names with hashes", "> f#bafy(1) + g#bafy"],
    ["lists, maps and tuples", '> f([], [1, 2,], [:], ["a": 1, b: 2,], (), (1), (1, 2), (a: 1))'],
    ["labels that are words of the language", "> f(at: 1, if: 2, Up: 3)"],
    ["fields that are words of the language", "> a.at.first.match.with"],
    ["postfix", "> a.b(1)!(2)[3]?.c?"],
    ["lambda", "> f(fn(a, _, b: Int) { a })"],
    ["if", "> if a { 1 } else if b { 2 } else { 3 }"],
    ["else on a line of its own", "fn f() {\n  if a { 1 }\n  else { 2 }\n}"],
    ["match", "> match a { A => 1; B(x) if x > 1 => 2\n _ => { 3 } }"],
    ["timed", "> within 1m { a } else { b }\n> after 2s { a }\n> at t { a }"],
    ["branches", "> par { a = f!(1); g!(2) }\n> race { a\n b }\n> first { a }"],
    ["with", "> with h(1) { a }"],
    [
      "patterns",
      '> match a { _ => 1; x => 1; 1 => 1; -1.5 => 1; "a" => 1; true => 1; 5m => 1; -5m => 1; #bafy => 1; A => 1; A(..) => 1; A(b: B(x), ..) => 1; (a, b) => 1; (x: a, ..) => 1; [] => 1; [a, .., b] => 1; [.. rest] => 1; A | B => 1; (A | B) as x => 1 }',
    ],
    ["matches", "> a matches Some(_) && b matches A | B"],
    ["comments and docs anywhere", "//// file\n// c\n/// d\nfn f() { // c\n  a // d\n  // e\n}\n//"],
    ["semicolons everywhere", "use a; use b; fn f() { ;a;;b; }; > 1;"],
    ["soft words as names", "fn on(test: Int, use: Int) { let program = test; let uses = use; program + uses }"],
    ["CRLF", "fn f() {\r\n  a\r\n  b\r\n}\r\n"],
    ["a byte order mark", "\ufefffn f() { 1 }"],
    ["an empty file", ""],
  ])("%s", (_, text) => isFine(text));
});

describe("each rule of the grammar refuses", () => {
  test.each([
    ["module without a name", "module", ["TEL0101"]],
    ["module after a declaration", "use a\nmodule b", ["TEL0121"]],
    ["use without a path", "use", ["TEL0101"]],
    ["use of a text", 'use "a"', ["TEL0101"]],
    ["an unclosed use list", "use a (B\nfn f() { 1 }", ["TEL0102"]],
    ["fn without a name", "fn (a) { 1 }", ["TEL0101"]],
    ["fn without parameters", "fn f { 1 }", ["TEL0101"]],
    ["fn without a body", "fn f()\nfn g() { 1 }", ["TEL0101"]],
    ["fn with `=`", "fn f() = 1", ["TEL0101"]],
    ["a result after `:`", "fn f(): Int { 1 }", ["TEL0101"]],
    ["an empty row", "fn f() uses { 1 }", ["TEL0101"]],
    ["a capital function", "fn F() { 1 }", ["TEL0110"]],
    ["a type without a shape", "type A", ["TEL0101"]],
    ["a type in braces", "type A { b: Int }", ["TEL0101"]],
    ["empty angles", "type A = B(c: List<>)", ["TEL0101"]],
    ["unclosed angles", "fn f(a: List<Int) { 1 }", ["TEL0102"]],
    ["fact without a result", "fact A(x: Int)", ["TEL0101"]],
    ["effect with fn", "effect A { fn a() -> Int }", ["TEL0101"]],
    ["interface without a hash", "interface A { entry a() }", ["TEL0101"]],
    ["handler without an effect", "handler h { a() => 1 }", ["TEL0101"]],
    ["handler clause with a block only", "handler h for A { a() { 1 } }", ["TEL0101"]],
    ["test without a title", "test { assert a }", ["TEL0101"]],
    ["a state field without a type", "program A { state { a = 1 } }", ["TEL0101"]],
    ["a version behind a program's name", "program A 1.0.0 { }", ["TEL0101"]],
    ["exclusive without entry", "program A { exclusive a() { 1 } }", ["TEL0101"]],
    ["on without a trigger", "program A { on 1m => a() }", ["TEL0101"]],
    ["on with an effect mark", "program A { on every 1m => a!() }", ["TEL0101"]],
    ["a migration between numbers", "program A { migration 1.3 -> 1.4.0 (old) { 1 } }", ["TEL0101"]],
    ["let without a value", "fn f() {\n  let a\n  1\n}", ["TEL0101"]],
    ["return without a value", "fn f() { return }", ["TEL0101"]],
    ["an operator without a right side", "fn f() { 1 + }", ["TEL0101"]],
    ["two operators", "fn f() { 1 + * 2 }", ["TEL0101"]],
    ["a call without its end", "fn f() {\n  g(1\n  h(2)\n}", ["TEL0102"]],
    ["an index without its end", "fn f() {\n  g[1\n}", ["TEL0102"]],
    ["a lambda with an arrow", "fn f() { g(fn(x) => x) }", ["TEL0101"]],
    ["an if without braces", "fn f() { if a b else c }", ["TEL0101", "TEL0101"]],
    ["a case without an arrow", "fn f() { match a { B 1 } }", ["TEL0101"]],
    ["a case with `->`", "fn f() { match a { B -> 1 } }", ["TEL0101"]],
    ["`_` as a value", "fn f() { g(_) }", ["TEL0101"]],
    ["numbered tuple parts", "fn f() { a.0 }", ["TEL0101"]],
    ["a line that starts with `.`", "fn f() {\n  a\n    .b()\n}", ["TEL0115"]],
    ["a hole that does not end", 'fn f() { "a ${b" }', ["TEL0003"]],
    ["a hole with nothing in it", 'fn f() { "a ${}" }', ["TEL0101"]],
    ["loops", "fn f() {\n  for x in xs { g(x) }\n  while (a) { b }\n  1\n}", ["TEL0120", "TEL0120"]],
    ["steps at the top", "let a = 1\nfn f() { 1 }", ["TEL0104"]],
    ["a nested named function", "program A {\n  entry a() {\n    fn b() { 1 }\n    b()\n  }\n}", ["TEL0119"]],
  ])("%s", (_, text, codes) => expect([codesOf(text), messagesOf(text)]).toEqual([codes, expect.anything()]));
});

describe("operators", () => {
  test.each([
    [
      "a >> b <|> c <| d |> e || f && g == h < i + j * k",
      "(a >> (b <|> (c <| (d |> (e || (f && (g == (h < (i + (j * k))))))))))",
    ],
    [
      "a * b + c < d == e && f || g |> h <| i <|> j >> k",
      "((((((((((a * b) + c) < d) == e) && f) || g) |> h) <| i) <|> j) >> k)",
    ],
    ["a - b - c", "((a - b) - c)"],
    ["a / b % c * d", "(((a / b) % c) * d)"],
    ["-a * !b", "((-a) * (!b))"],
    ["-a.b(c)?", "(-a.b(c)?)"],
    ["--a", "(-(-a))"],
    ["a + b matches C", "((a + b) matches …)"],
    ["a matches B | C && d", "((a matches …) && d)"],
    ["(a < b) < c", "((a < b) < c)"],
  ])("%s", (text, expected) => expect(shapeOf(text)).toBe(expected));
});

describe("lines", () => {
  const steps = (body: string): number => {
    const { tree, problems } = parse(`fn f() {\n${body}\n}`, "a.tel");
    expect(problems.map((problem) => problem.message)).toEqual([]);
    const [first] = tree.items;
    return first?.kind === "fn" ? first.body.steps.length : -1;
  };

  test.each(["a\n+ b", "a +\nb", "a\n|> b", "a\n&& b", "a\n<| b", "let x =\n1", "a\n== b"])("%j is one step", (body) =>
    expect(steps(body)).toBe(1),
  );
  test.each(["a\n- b", "a\n(b)", "a\n[b]", "a\n{ b }", "a\n!b", "a; b", "a;\nb", "return a\nmatches"])(
    "%j is two steps",
    (body) => expect(steps(body)).toBe(2),
  );
});

describe("recovery", () => {
  test("tells every problem of a file, and each once", () => {
    const text = "type a = B\nfn f() { [1 2] }\nfn g( { 1 }\nfn h() {\n  let x 1\n  x === 2\n}\ntest { 1 }";
    expect(codesOf(text)).toEqual(["TEL0110", "TEL0113", "TEL0102", "TEL0101", "TEL0009", "TEL0101"]);
  });

  test("keeps the declarations around a broken one", () => {
    const { tree } = parse("fn a() { 1 }\nfn b( {{{ ]\nfn c() { 1 }\ntype D = E", "a.tel");
    const names = tree.items.map((item) => ("name" in item ? item.name.text : ""));
    expect(names).toEqual(["a", "b", "c", "D"]);
  });

  test("a brace left open does not swallow the next declaration", () => {
    const { tree, problems } = parse('fn a() {\n  if b {\n    c\n}\n\nfn d() { 1 }\ntest "e" { 1 }', "a.tel");
    expect(problems.map((problem) => problem.code)).toEqual(["TEL0102"]);
    expect(tree.items.map((item) => item.kind)).toEqual(["fn", "fn", "test"]);
    // The indentation tells that the brace of line 2 lacks its partner.
    expect(problems[0]!.labels.map((label) => label.span.start)).toEqual([16, 24]);
  });

  test("a brace left open in an entry does not swallow the next entry", () => {
    const { tree, problems } = parse(
      "program A {\n  entry a() {\n    if b {\n      c\n  }\n\n  entry d() { 1 }\n}",
      "a.tel",
    );
    expect(problems.map((problem) => problem.code)).toEqual(["TEL0102"]);
    const [program] = tree.items;
    expect(program?.kind === "program" && program.clauses.map((clause) => clause.kind)).toEqual(["entry", "entry"]);
  });

  test("a case of a match in an entry may bind a name that is the word of a clause", () => {
    for (const name of ["entry", "on", "exclusive", "migration", "handshake"])
      expect(codesOf(`program A {\n  entry a() {\n    match b {\n      ${name} as c => c\n    }\n  }\n}`)).toEqual([]);
  });

  test("one closing brace too many gives one problem", () => {
    expect(codesOf("fn a() {\n  if b { c } }\n  let d = 1\n  d\n}\nfn e() { 1 }")).toEqual(["TEL0104"]);
    expect(codesOf("fn a() {\n  if b { c } }\n}\nfn e() { 1 }")).toEqual(["TEL0103"]);
  });

  test("a text left open ends with its line", () => {
    expect(codesOf('fn a() {\n  f("b)\n  c\n}\nfn d() { 1 }')).toEqual(["TEL0003"]);
  });

  test("`else` as a label begins the next branch", () => {
    expect(codesOf("fn f() {\n  par {\n    if a { b }\n    else = c\n  }\n}")).toEqual([]);
    expect(codesOf("fn f() {\n  par {\n    within 1s { b }\n    else = c\n  }\n}")).toEqual([]);
  });

  test("a reserved word as a name is told once, however often it is used", () => {
    expect(codesOf("fn f(first: Int) { first + first }")).toEqual(["TEL0108"]);
    expect(codesOf("fn f(at: Int) {\n  let a = at - 1\n  g(at[0], at)\n}")).toEqual(["TEL0108"]);
    expect(codesOf("fn after(x: Int) { x }\nfn f() { g(after(1), after (2) * 3) }\nfn h() { after 2s { 1 } }")).toEqual(
      ["TEL0108"],
    );
  });

  test.each([
    ["function f() { 1 }", "did you mean `fn`?"],
    ["struct A(b: Int)", "did you mean `type`?"],
    ["evnet A(b: Int)", "did you mean `event`?"],
    ["program A { entyr b() { 1 } }", "did you mean `entry`?"],
  ])("%s: %s", (text, hint) => expect(parse(text, "a.tel").problems[0]!.hints).toContain(hint));

  test("after 200 problems the parser says no more", () => {
    const problems = parse("fn f( { 1 }\n".repeat(500), "a.tel").problems;
    expect(problems.length).toBe(201);
    expect(problems[200]!.code).toBe("TEL0107");
  });
});

describe("habits from other languages are told once, and repaired where it is no guess", () => {
  test.each([
    ["fn f() { a ? b : c }", ["TEL0009"], undefined],
    ["fn f() { let g = x => x + 1; g(2) }", ["TEL0009"], undefined],
    ["fn f() { g(xs, (x) => x + 1) }", ["TEL0009"], undefined],
    ["fn f() { not a and b or c }", ["TEL0009", "TEL0009", "TEL0009"], "fn f() { ! a && b || c }"],
    ["fn f() {\n  x\n    .g()\n    .h()\n}", ["TEL0115"], undefined],
    ["fn f() {\n  x\n    .g()\n}", ["TEL0115"], "fn f() {\n  x.g()\n}"],
    ["fn f() { let {a, b} = c; a }", ["TEL0101"], undefined],
    ['fn f() { {"a": 1} }', ["TEL0101"], undefined],
    ["fn f() { a.b!.c }", ["TEL0101"], undefined],
    ["fn f<T>(a: T) -> T { a }", ["TEL0101"], undefined],
    ["pub fn f() { 1 }", ["TEL0104"], "fn f() { 1 }"],
    ["entry f() { 1 }", ["TEL0104"], undefined],
    ["use arb.math.{Move, Pair}", ["TEL0101"], undefined],
    ["type A = B(c: Int), D", ["TEL0101"], "type A = B(c: Int) | D"],
    ["interface R = #bafy { fn a() -> Int }", ["TEL0101"], "interface R = #bafy { entry a() -> Int }"],
    ["handler h for E { op a(x) => x }", ["TEL0101"], "handler h for E { a(x) => x }"],
    ["fn f() { match a { B -> 1 } }", ["TEL0101"], "fn f() { match a { B => 1 } }"],
    ["program A { state { a: Int = 1, b: Int = 2 } }", ["TEL0105"], "program A { state { a: Int = 1; b: Int = 2 } }"],
  ])("%s", (text, codes, repaired) => {
    const { problems } = parse(text, "a.tel");
    expect(problems.map((problem) => problem.code)).toEqual(codes);
    if (repaired === undefined) return;
    const fixed = applyFixes(text, problems, "a.tel").text;
    expect(fixed).toBe(repaired);
    isFine(fixed);
  });
});

describe("bounds", () => {
  const deep = 10_000;
  test.each([
    ["parentheses", `> ${"(".repeat(deep)}1${")".repeat(deep)}`],
    ["lists", `> ${"[".repeat(deep)}`],
    ["blocks", `> ${"{".repeat(deep)}${"}".repeat(deep)}`],
    ["signs", `> ${"-".repeat(deep)}1`],
    ["operators", `> 1${" + 1".repeat(deep)}`],
    ["members", `> a${".b".repeat(deep)}`],
    ["calls", `> a${"(1)".repeat(deep)}`],
    ["else if", `> if a {}${" else if a {}".repeat(deep)}`],
    ["types", `fn f(a: ${"List<".repeat(deep)}Int${">".repeat(deep)}) { a }`],
    ["function types", `fn f(a: ${"fn() -> ".repeat(deep)}Int) { a }`],
    ["patterns", `> match a { ${"Some(".repeat(deep)}`],
    ["texts in texts", `> ${'"${'.repeat(deep)}1${'}"'.repeat(deep)}`],
  ])("%s nested 10,000 deep are refused once", (_, text) => expect(codesOf(text)).toEqual(["TEL0106"]));

  test("300 levels are fine", () => isFine(`> ${"(".repeat(300)}1${")".repeat(300)}`));

  test("a file of more than 10 MiB is refused without being read", () => {
    expect(codesOf(" ".repeat(10 * 1024 * 1024 + 1))).toEqual(["TEL0001"]);
  });

  test("a number of more than 4096 digits is refused", () =>
    expect(codesOf(`> ${"1".repeat(5000)}`)).toEqual(["TEL0005"]));
});

test.each(signs)("the sign %s is one token", (text, kind) => {
  const { count, kinds } = lex(`a ${text} b`, "a.tel", []);
  expect([...kinds.slice(1, count - 2)]).toEqual([kind]);
});

test.each([...reserved, ...infix])("the word %s is a token of its own, and its beginning a name", (text, kind) => {
  expect(lex(text, "a.tel", []).kinds[0]).toBe(kind);
  expect(lex(`${text}x`, "a.tel", []).kinds[0]).toBe(T.id);
});

describe("hostile text", () => {
  const fragments = [
    "fn ",
    "f",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "=",
    "=>",
    "->",
    "|",
    ",",
    ";",
    ":",
    ".",
    "..",
    "!",
    "?",
    "#bafy",
    "@2025",
    '"',
    "${",
    "}",
    "\\",
    "\n",
    "  ",
    "//",
    "///",
    "////",
    "let ",
    "return ",
    "if ",
    "else ",
    "match ",
    "within ",
    "par ",
    "with ",
    "state",
    "program A",
    "entry ",
    "on ",
    "every ",
    "migration 1.0.0",
    "type A",
    "test ",
    "1h",
    "4.2f",
    "_",
    "uses ",
    "matches ",
    "as ",
    "at ",
    "\ud800",
    "é",
    "\u202e",
    "\ufeff",
    "/*",
    "*/",
    "'",
    "`",
    "&",
    "===",
    "module ",
    "use ",
    "handler h for A",
    "effect E",
    "interface I = ",
    "op ",
    "-",
    "+",
  ];
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.constantFrom(...fragments), { maxLength: 60 }).map((parts) => parts.join("")),
  );

  test("is read to the end, with every place of a problem inside the text, whatever it is", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { tree, problems } = parse(text, "a.tel");
        expect(tree.span).toEqual({ start: 0, end: text.length });
        for (const { span, labels } of problems) {
          for (const place of [span, ...labels.map((label) => label.span)]) {
            expect(place.start).toBeGreaterThanOrEqual(0);
            expect(place.end).toBeGreaterThanOrEqual(place.start);
            expect(place.end).toBeLessThanOrEqual(text.length);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("that once held the parser is read", () => {
    expect(codesOf('test "maps" {\n  f(m, "a${\ufffd, fn(o) { 1 })["a"]\n}')).toContain("TEL0002");
  });

  test("tokens cover the text in order, without overlap", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { count, starts, ends, kinds } = lex(text, "a.tel", []);
        for (let i = 1; i < count; i++) expect(starts[i]!).toBeGreaterThanOrEqual(ends[i - 1]!);
        expect(kinds[count - 1]).toBe(T.end);
        expect(starts[count - 1]).toBe(text.length);
      }),
      { numRuns: 1000 },
    );
  });

  test("that fails gives at least one problem, and that has none keeps every word", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { tree, problems } = parse(text, "a.tel");
        const missing = JSON.stringify(tree).includes('"kind":"missing"');
        if (missing) expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});
