/** Random well-typed expressions: the checker accepts them, the machine gives a value of their type, and layout changes nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { memoryBlockStore, Value } from "../../src/content/index.ts";
import { codeSource } from "../../src/execution/codeSource.ts";
import { newLibrary } from "../../src/execution/machine/Library.ts";
import { run, start } from "../../src/execution/machine/schedule.ts";
import { checkExpression, format } from "../../src/language/index.ts";

type Type = "Int" | "Decimal" | "Bool" | "Text" | "List<Int>" | "Option<Int>" | "(Int, Text)";
const types: readonly Type[] = ["Int", "Decimal", "Bool", "Text", "List<Int>", "Option<Int>", "(Int, Text)"];

const belongs: Readonly<Record<Type, (value: Value.Value) => boolean>> = {
  Int: (value) => typeof value === "number" || typeof value === "bigint",
  Decimal: (value) => Value.kindOf(value) === "decimal",
  Bool: (value) => typeof value === "boolean",
  Text: (value) => typeof value === "string",
  "List<Int>": (value) => Value.kindOf(value) === "list",
  "Option<Int>": (value) => Value.kindOf(value) === "variant",
  "(Int, Text)": (value) => Value.kindOf(value) === "tuple",
};

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
    ],
    "Option<Int>": [
      of("Int").map((n) => `Some(${n})`),
      of("List<Int>").map((xs) => `list.head(${xs})`),
      fc.tuple(of("Option<Int>"), of("Int", [name])).map(([o, body]) => `option.map(${o}, fn(${name}) { ${body} })`),
    ],
    "(Int, Text)": [fc.tuple(of("Int"), of("Text")).map(([n, t]) => `(${n}, ${t})`)],
  };
  return fc.oneof(...common, ...own[type]);
}

const program = fc.constantFrom(...types).chain((type) => expression(type, 3, []).map((text) => ({ type, text })));

function core(text: string) {
  const { problems, unit, definition } = checkExpression(text);
  expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
  const addressed = addressUnit(unit!);
  return { addressed, hash: addressed.definitions.get(definition)! };
}

test("what is well typed has a value of its type, and the same address in any layout", () => {
  fc.assert(
    fc.property(program, ({ type, text }) => {
      const { addressed, hash } = core(text);
      const blocks = memoryBlockStore();
      for (const block of addressed.blocks) blocks.put(block.bytes);
      const machine = start(newLibrary(codeSource(blocks)), hash, [], { fuel: 1e8, memoryBytes: 2 ** 28 });
      if (!machine.ok) throw new Error(machine.error.kind);
      const outcome = run(machine.value);
      expect(outcome.kind).toBe("done");
      if (outcome.kind === "done") expect(belongs[type](outcome.value)).toBe(true);
      const formatted = format(`> ${text}\n`, "a.tel");
      expect(formatted.ok).toBe(true);
      if (formatted.ok) expect(core(formatted.text.trim().slice(2)).hash).toBe(hash);
    }),
    { numRuns: 300 },
  );
});
