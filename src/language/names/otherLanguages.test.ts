import { expect, test } from "vitest";
import { check } from "../index.ts";

/** The hints for the only problem of a program. */
function hintsOf(text: string): readonly string[] {
  const { problems } = check([{ path: "a.tel", text }]);
  expect(problems.map((problem) => problem.code)).toHaveLength(1);
  return problems[0]!.hints;
}

test.each([
  ["fn f(x: String) -> Int { 1 }", "did you mean `Text`?"],
  ["fn f(x: Array<Int>) -> Int { 1 }", "did you mean `List`?"],
  ["fn f() -> Option<Int> { null }", "did you mean `None`?"],
  ["fn f(x: Bool) -> Bool { x == True }", "did you mean `true`?"],
  ["fn f(xs: List<Int>) -> Int { list.reduce(xs, 0, fn(a, b) { a + b }) }", "did you mean `fold`?"],
  ["fn f(xs: List<Int>) -> List<Int> { xs.push(1) }", "did you mean `append`?"],
  ['fn f(m: Map<Text, Int>) -> Map<Text, Int> { map.put(m, "a", 1) }', "did you mean `set`?"],
  ["fn f(xs: List<Int>) -> Int { xs.size() }", "did you mean `length`?"],
  ["fn f(t: Text) -> Text { t.toUpperCase() }", "did you mean `asciiUpper`?"],
  ["fn f(xs: List<Int>) -> Int { xs.length }", "call it: `.length(…)`"],
  ["fn f() -> Int { int.pow(2, 3) }", "did you mean `power`?"],
  ["fn f(xs: List<Int>) -> List<Int> { [1, ..xs] }", "`..` stands in patterns only; `list.concat(xs, ys)` joins lists"],
  ["fn f() -> Decimal { decimal.round(1.5) }", "it takes (Decimal, Int, Rounding)"],
  ["fn f() -> Int { 2 ^ 3 }", "write `int.power(a, b)` or `decimal.power(a, b)` for a power"],
  ['fn f() { print("a") }', "a program prints nothing: start a line with `> ` to see a value, or `emit!` an event"],
  ['fn f(x: int) -> string { "a" }', "`string` is a type variable here; did you mean `Text`?"],
])("%s", (text, hint) => expect(hintsOf(text)).toContain(hint));

test("a foreign arrow is told alone", () => {
  expect(hintsOf("fn f(xs: List<Int>) -> List<Int> { list.map(xs, x => x + 1) }")).toEqual([]);
});

test("what is unknown because of a problem that is told is not told again", () => {
  expect(
    hintsOf("fn g(x: Int) -> Int { x }\nfn f() -> Int { let r = list.nowhere([1]); let s = g(r.a); s + r.b.c(1) }"),
  ).toEqual([]);
});
