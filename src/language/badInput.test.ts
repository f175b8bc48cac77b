/** Files made to be hard: refused with a code, or accepted, and never a stack that overflows. */
import { expect, test } from "vitest";
import { check } from "./check.ts";

const N = 10_000;
const r = (text: string, count = N): string => text.repeat(count);
const f = (body: string, result = "Int") => `fn f() -> ${result} { ${body} }`;

test.each<[string, string]>([
  ["types", `fn f(x: ${r("List<")}Int${r(">")}) -> Int { 1 }`],
  ["tuple types", `fn f(x: ${r("(")}Int${r(")")}) -> Int { 1 }`],
  ["results of function types", `fn f(x: ${r("fn() -> ")}Int) -> Int { 1 }`],
  ["parameters of function types", `fn f(x: ${r("fn(")}Int${r(") -> Int")}) -> Int { 1 }`],
  ["patterns", `fn f(x: Int) -> Int { match x { ${r("Some(")}y${r(")")} => 1 } }`],
  ["list patterns", `fn f(x: Int) -> Int { match x { ${r("[")}y${r("]")} => 1 } }`],
  ["blocks", f(`${r("{")}1${r("}")}`)],
  ["if", f(`${r("if true { ")}1${r("}")}`)],
  ["match", `fn f(x: Int) -> Int { ${r("match x { _ => ")}1${r("}")} }`],
  ["with", f(`${r("with x { ")}1${r("}")}`)],
  ["within", f(`${r("within 1s { ")}1${r("}")}`)],
  ["par", f(`${r("par { ")}1${r("}")}`)],
  ["lambdas", f(`${r("fn() { ")}1${r("}")}`)],
  ["texts", f(`${r('"${')}1${r('}"')}`, "Text")],
  ["lists", f(`${r("[")}1${r("]")}`)],
  ["maps", f(`${r("[1: ")}1${r("]")}`)],
  ["parentheses", f(`${r("(")}1${r(")")}`)],
  ["tuples", f(`${r("(1, ")}1${r(")")}`)],
  ["calls", f(`${r("f(")}1${r(")")}`)],
  ["fields", f(`x${r(".a")}`)],
  ["calls of calls", f(`x${r("()")}`)],
  ["indices", f(`x${r("[0]")}`)],
  ["questions", f(`x${r("?")}`)],
  ["operators", f(`1${r(" + 1")}`)],
  ["pipes", f(`1${r(" |> int.abs")}`)],
  ["not", f(`${r("!")}true`, "Bool")],
  ["minus", f(`${r("-")}1`)],
  ["defaults", `fn f(x: Int = ${r("(")}1${r(")")}) -> Int { x }`],
  ["watch lines", `> ${r("(")}1${r(")")}`],
  ["places of state", `program P {\n state { n: Int = 0 }\n entry f() { state${r("[0]")} = 1 }\n}`],
])("10,000 levels of %s are refused", (_, text) => {
  expect(check([{ path: "a.tel", text }]).problems.map((problem) => problem.code)).toContain("TEL0106");
});

test.each<[string, string]>([
  ["comments", `${r("// x\n")}fn f() -> Int { 1 }`],
  ["docs", `${r("/// x\n")}fn f() -> Int { 1 }`],
  ["holes of a text", f(`"${r("${1}")}"`, "Text")],
  ["else ifs", `fn f(b: Bool) -> Int { ${r("if b { 1 } else ", 300)}{ 1 } }`],
  ["cases of a type", `type T = ${Array.from({ length: N }, (_, i) => `A${i}`).join(" | ")}`],
  [
    "functions that call the next",
    `${Array.from({ length: N }, (_, i) => `fn f${i}() -> Int { f${i + 1}() }`).join("\n")}\nfn f${N}() -> Int { 1 }`,
  ],
  [
    "types that hold the next",
    `${Array.from({ length: N }, (_, i) => `type T${i}(x: Option<T${i + 1}>)`).join("\n")}\ntype T${N}(x: Int)`,
  ],
  ["nothing at all", ""],
])("thousands in a row are fine: %s", (_, text) => {
  expect(check([{ path: "a.tel", text }]).problems).toEqual([]);
});

const chain = (length: number, next: (i: number) => string): string =>
  `${Array.from({ length }, (_, i) => `fn f${i}(x: Int = ${next(i + 1)}) -> Int { x }`).join("\n")}\nfn f${length}() -> Int { 1 }`;

test("defaults in a chain are refused where it gets deep, and not before", () => {
  expect(check([{ path: "a.tel", text: chain(16, (i) => `f${i}()`) }]).problems).toEqual([]);
  const deep = check([{ path: "a.tel", text: chain(1_000, (i) => `f${i}()`) }]).problems;
  expect(new Set(deep.map(({ code }) => code))).toEqual(new Set(["TEL0339"]));
  expect(deep[0]!.message).toBe("this default needs others more than 16 deep");
});

test("defaults that need the next twice do not double with every step", () => {
  const { problems } = check([{ path: "a.tel", text: chain(12, (i) => `f${i}() + f${i}()`) }]);
  expect(problems[0]!.message).toBe("this default needs more than 256 others");
  expect(
    check([{ path: "a.tel", text: `${chain(7, (i) => `f${i}() + f${i}()`)}\nfn g() -> Int { f0() }` }]).problems,
  ).toEqual([]);
});

test.each([
  ["a byte that is none of text", "fn f() -> Int { \0 1 }", "TEL0002"],
  ["half of a pair", 'fn f() -> Text { "\\u{D800}" }', "TEL0004"],
  ["a number of a million digits", f(r("9", 1_000_000)), "TEL0005"],
])("%s is refused", (_, text, code) => {
  expect(check([{ path: "a.tel", text }]).problems.map((problem) => problem.code)).toContain(code);
});
