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
