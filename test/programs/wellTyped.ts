/** Random well-typed expressions as text. */
import fc from "fast-check";

export type Type = "Int" | "Decimal" | "Bool" | "Text" | "List<Int>" | "Option<Int>" | "(Int, Text)";
export const types: readonly Type[] = ["Int", "Decimal", "Bool", "Text", "List<Int>", "Option<Int>", "(Int, Text)"];

/** Text of an expression of a type; `vars` are the Ints in scope. */
function expression(type: Type, depth: number, vars: readonly string[]): fc.Arbitrary<string> {
  // Made only when it is drawn: all of them at once would be exponentially many.
  const of = (inner: Type, more: readonly string[] = []): fc.Arbitrary<string> =>
    fc.constant(undefined).chain(() => expression(inner, depth - 1, [...vars, ...more]));
  const name = `v${vars.length}`;
  const leaf: Readonly<Record<Type, fc.Arbitrary<string>>> = {
    Int: vars.length > 0 ? fc.oneof(fc.nat(99).map(String), fc.constantFrom(...vars)) : fc.nat(99).map(String),
    Decimal: fc
      .nat(999)
      .map((n) => `${n / 100}`.padEnd(3, ".0"))
      .map((t) => (t.includes(".") ? t : `${t}.5`)),
    Bool: fc.constantFrom("true", "false"),
    Text: fc.constantFrom('""', '"a"', '"hello"', '"ß"'),
    "List<Int>": fc.constantFrom("[1]", "[3, 1, 2]", "list.range(0, 4)"),
    "Option<Int>": fc.constantFrom("Some(4)", "option.filter(Some(1), fn(x) { x > 1 })"),
    "(Int, Text)": fc.constant('(7, "x")'),
  };
  if (depth <= 0) return leaf[type];
  const common = [
    leaf[type],
    fc.tuple(of("Bool"), of(type), of(type)).map(([c, a, b]) => `if ${c} { ${a} } else { ${b} }`),
    fc.tuple(of("Int"), of(type, [name])).map(([x, body]) => `{ let ${name} = ${x}; ${body} }`),
    fc
      .tuple(of("Option<Int>"), of(type, [name]), of(type))
      .map(([o, some, none]) => `match ${o} { Some(${name}) => ${some}; None => ${none} }`),
    fc
      .tuple(of("List<Int>"), of(type), of(type, [name]), of(type))
      .map(([xs, none, one, many]) => `match ${xs} { [] => ${none}; [${name}] => ${one}; [_, ..] => ${many} }`),
    fc.tuple(of("(Int, Text)"), of(type, [name])).map(([pair, body]) => `{ let (${name}, _) = ${pair}; ${body} }`),
  ];
  const own: Readonly<Record<Type, readonly fc.Arbitrary<string>[]>> = {
    Int: [
      fc.tuple(of("Int"), fc.constantFrom("+", "-", "*"), of("Int")).map(([a, op, b]) => `(${a} ${op} ${b})`),
      of("List<Int>").map((xs) => `int.sum(${xs})`),
      of("Text").map((t) => `text.length(${t})`),
      of("Option<Int>").map((o) => `option.or(${o}, 0)`),
      fc
        .tuple(of("List<Int>"), of("Int"), of("Int", [name, `${name}x`]))
        .map(([xs, start, body]) => `list.fold(${xs}, ${start}, fn(${name}, ${name}x) { ${body} })`),
      fc.tuple(of("List<Int>"), of("Bool", [name])).map(([xs, body]) => `list.count(${xs}, fn(${name}) { ${body} })`),
    ],
    Decimal: [
      fc.tuple(of("Decimal"), fc.constantFrom("+", "-", "*"), of("Decimal")).map(([a, op, b]) => `(${a} ${op} ${b})`),
      of("Int").map((n) => `int.toDecimal(${n})`),
    ],
    Bool: [
      fc
        .tuple(of("Int"), fc.constantFrom("<", "<=", "==", "!=", ">"), of("Int"))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(of("Bool"), fc.constantFrom("&&", "||"), of("Bool")).map(([a, op, b]) => `(${a} ${op} ${b})`),
      of("Bool").map((b) => `!(${b})`),
      of("Option<Int>").map((o) => `(${o}) matches Some(_)`),
      fc.tuple(of("List<Int>"), of("List<Int>")).map(([a, b]) => `((${a}) == (${b}))`),
    ],
    Text: [
      fc.tuple(of("Int"), of("Text")).map(([n, t]) => `text.concat("\${${n}}", ${t})`),
      of("Decimal").map((d) => `decimal.toText(${d})`),
    ],
    "List<Int>": [
      fc.tuple(of("List<Int>"), of("Int", [name])).map(([xs, body]) => `list.map(${xs}, fn(${name}) { ${body} })`),
      fc.tuple(of("List<Int>"), of("Bool", [name])).map(([xs, body]) => `list.filter(${xs}, fn(${name}) { ${body} })`),
      fc.tuple(of("List<Int>"), of("Int")).map(([xs, x]) => `list.append(${xs}, ${x})`),
      of("List<Int>").map((xs) => `list.sort(${xs})`),
      fc
        .tuple(of("List<Int>"), of("Int", [name, `${name}i`]))
        .map(([xs, body]) => `list.mapIndexed(${xs}, fn(${name}i, ${name}) { ${body} })`),
      fc
        .tuple(of("List<Int>"), of("Option<Int>", [name]))
        .map(([xs, body]) => `list.filterMap(${xs}, fn(${name}) { ${body} })`),
    ],
    "Option<Int>": [
      of("Int").map((n) => `Some(${n})`),
      of("List<Int>").map((xs) => `list.head(${xs})`),
      fc.tuple(of("List<Int>"), of("Bool", [name])).map(([xs, body]) => `list.find(${xs}, fn(${name}) { ${body} })`),
      fc.tuple(of("Option<Int>"), of("Int", [name])).map(([o, body]) => `option.map(${o}, fn(${name}) { ${body} })`),
    ],
    "(Int, Text)": [fc.tuple(of("Int"), of("Text")).map(([n, t]) => `(${n}, ${t})`)],
  };
  return fc.oneof(...common, ...own[type]);
}

/** A type and an expression of it. */
export const program = fc
  .constantFrom(...types)
  .chain((type) => expression(type, 3, []).map((text) => ({ type, text })));

/** Functions of (Int, Int) -> Int in the shapes that compilers change: loops, deep calls, early ends, closures, data. */
export const functions = ["tail", "pairs", "deep", "early", "tries", "higher", "ping", "shapes", "piped"] as const;

/** Expressions over these Ints. */
export const int = (...vars: readonly string[]) => expression("Int", 2, vars);
export const bool = (...vars: readonly string[]) => expression("Bool", 1, vars);
export const option = (...vars: readonly string[]) => expression("Option<Int>", 2, vars);
export const list = (...vars: readonly string[]) => expression("List<Int>", 2, vars);
export const text = (...vars: readonly string[]) => expression("Text", 1, vars);

/** Each hole of a module, and what stands in it. */
const holes = [
  int("a"),
  int("n", "a"),
  int("x", "y"),
  int("y", "n"),
  bool("n", "a"),
  option("n", "a"),
  option("x", "n"),
  int("v", "a"),
  bool("v", "n"),
] as const;

/** A module with these functions, for an expression that calls one of them. */
export const moduleWithCall = fc
  .tuple(fc.tuple(...holes), fc.constantFrom(...functions), fc.integer({ min: -3, max: 9 }), fc.integer())
  .map(([[a, na, xy, yn, test, some, more, va, keep], name, n, start]) => ({
    text: `module m
fn tail(n: Int, a: Int) -> Int { if n <= 0 { ${a} } else { tail(n - 1, (${na}) % 1000) } }
fn pairs(n: Int, a: Int) -> Int { pairsFrom(n, (a, 1)) }
fn pairsFrom(n: Int, p: (Int, Int)) -> Int {
  let (x, y) = p
  if n <= 0 { ${xy} } else { pairsFrom(n - 1, (y, ${yn})) }
}
fn deep(n: Int, a: Int) -> Int {
  if n <= 0 { return ${a} }
  let y = deep(n - 1, ${na})
  ${yn}
}
fn early(n: Int, a: Int) -> Int {
  if ${test} { return ${a} }
  match ${some} { Some(x) => { let y = a; ${xy} }; None => ${na} }
}
fn tries(n: Int, a: Int) -> Int { option.or(tried(n, a), ${na}) }
fn tried(n: Int, a: Int) -> Option<Int> {
  let x = (${some})?
  let y = (${more})?
  Some(${xy})
}
fn twice(f: fn(Int) -> Int, n: Int) -> Int { f(f(n)) }
fn times(f: fn(Int) -> Int, n: Int, a: Int) -> Int { if n <= 0 { a } else { times(f, n - 1, f(a) % 1000) } }
fn higher(n: Int, a: Int) -> Int { twice(fn(v) { ${va} }, n) + times(fn(v) { ${va} }, n, a) }
fn ping(n: Int, a: Int) -> Int { if n <= 0 { a } else { pong(n - 1, (${na}) % 100) } }
fn pong(n: Int, a: Int) -> Int { if ${test} { ${a} } else { ping(n - 1, a) } }
type Shape = Dot(x: Int) | Box(x: Int, y: Int)
fn shapes(n: Int, a: Int) -> Int {
  let shape = if ${test} { Dot(x: ${na}) } else { Box(x: a, y: ${a}) }
  match shape { Dot(x) => { let y = n; ${xy} }; Box(x, y) => ${xy} }
}
fn piped(n: Int, a: Int) -> Int {
  let xs = list.map(list.range(0, n), fn(v) { ${va} })
  list.fold(list.filter(xs, fn(v) { ${keep} }), ${a}, fn(x, y) { ${xy} })
}
`,
    call: `m.${name}(${n}, ${start})`,
  }));
