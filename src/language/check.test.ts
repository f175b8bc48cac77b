import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { check, checkLibrary, type Environment } from "./check.ts";
import { checkExpression } from "./checkExpression.ts";
import { codes } from "./problems/codes.ts";
import { render } from "./problems/render.ts";

const later = [...codes].filter(([code, { wrong }]) => code >= "TEL0200" && wrong !== undefined);
const codesOf = (text: string): readonly string[] => check([{ path: "a.tel", text }]).problems.map((p) => p.code);

test.each(later)("%s: the wrong example has exactly this problem", (code, { wrong }) => {
  expect(codesOf(wrong!)).toEqual([code]);
});

test.each(later)("%s: the right example has no problem", (_, { right }) => {
  expect(codesOf(right!)).toEqual([]);
});

test("the library has no problem", () => {
  expect(checkLibrary().problems).toEqual([]);
});

test("an expression sees what the files declare, and the library", () => {
  const sources = [{ path: "m.tel", text: "module m\nfn twice(x: Int) -> Int { x * 2 }" }];
  const { problems, unit, definition } = checkExpression("[1, 2] |> list.map(twice)", sources);
  expect(problems).toEqual([]);
  expect(unit?.definitions.map((each) => each.name)).toContain(definition);
});

test("an error in one definition does not hide the others, nor their Core", () => {
  const { problems, unit, sound } = check([
    { path: "a.tel", text: 'fn bad() -> Int { "x" }\nfn good() -> Int { 1 }\nfn worse() -> Int { y }' },
  ]);
  expect(problems.map((problem) => problem.code)).toEqual(["TEL0301", "TEL0201"]);
  expect(unit).toBeUndefined();
  expect(sound.definitions.map((each) => each.name)).toEqual(["good"]);
});

test("a file of one's own may be called like one of the library", () => {
  const own = { path: "library/list.tel", text: "module mine\nfn f() -> Int { list.length([1]) }" };
  const { problems, unit } = check([own]);
  expect(problems).toEqual([]);
  const names = unit!.definitions.map((each) => each.name);
  expect(names).toContain("mine.f");
  expect(new Set(names).size).toBe(names.length);
});

test("the order of files does not matter", () => {
  const a = { path: "a.tel", text: "module a\nfn f(x: Int) -> Int { x + 1 }" };
  const b = { path: "b.tel", text: "module b\nuse a (f)\nfn g(x: Int) -> Int { f(x) }" };
  expect(check([a, b]).unit).toEqual(check([b, a]).unit);
});

test("modules that import each other are refused, and still checked", () => {
  const a = { path: "a.tel", text: "module a\nuse b (g)\nfn f(x: Int) -> Int { g(x) }" };
  const b = { path: "b.tel", text: "module b\nuse a (f)\nfn g(x: Int) -> Int { f(x) }" };
  expect(check([a, b]).problems.map((problem) => problem.code)).toEqual(["TEL0209"]);
});

test("what the manifest does not name, grant or allow is refused", () => {
  const text = [
    "use timelines (ethereum)",
    "interface Desk = #bafyx { entry ask() -> Int }",
    "program P {",
    '  state { free: Map<Asset, Decimal> = ["ETC": 1] }',
    "  entry go() -> Result<Int, CallError> uses Invoke { invoke!(Desk.ask()) }",
    "}",
  ].join("\n");
  const problems = (environment: Environment) =>
    check([{ path: "a.tel", text }], environment).problems.map((problem) => problem.code);
  expect(problems({})).toEqual([]);
  expect(problems({ timelines: ["optimism"] })).toEqual(["TEL0211"]);
  expect(problems({ assets: ["ETH"] })).toEqual(["TEL0212"]);
  expect(problems({ granted: ["Act"] })).toEqual(["TEL0404"]);
  expect(problems({ safeState: { strategy: "strict", handshake: "optional" } })).toEqual(["TEL0414"]);
  expect(problems({ safeState: { strategy: "always", handshake: "required" } })).toEqual(["TEL0415"]);
});

test("a hash pins the definition that the environment knows under it", () => {
  const text = "fn g(n: Int) -> Int { n }\nfn f() -> Int { old#bafyg(1) }";
  const nameOf = (hash: string) => (hash === "bafyg" ? "g" : undefined);
  expect(check([{ path: "a.tel", text }], { nameOf }).problems).toEqual([]);
});

test("a hash in `use` pins its one name", () => {
  const module = { path: "m.tel", text: "module m\nfn g() -> Int { 1 }\nfn h() -> Int { 2 }" };
  const nameOf = (hash: string) => (hash === "bafyg" ? "m.g" : undefined);
  const codes = (use: string) =>
    check([module, { path: "a.tel", text: `${use}\nfn f() -> Int { m.g() }` }], { nameOf }).problems.map(
      ({ code }) => code,
    );
  expect(codes("use m #bafyg (g)")).toEqual([]);
  for (const use of ["use m #bafyg (h)", "use m #bafyh (g)", "use m #bafyg (g, h)", "use m #bafyg"])
    expect(codes(use)).toEqual(["TEL0218"]);
});

test("names that two modules give are refused", () => {
  const module = (name: string) => ({ path: `${name}.tel`, text: `module ${name}\nfn f() -> Int { 1 }` });
  const both = { path: "c.tel", text: "use a (f)\nuse b (f)\nfn g() -> Int { f() }" };
  expect(check([module("a"), module("b"), both]).problems.map((problem) => problem.code)).toEqual(["TEL0217"]);
});

/** What one short file cannot show: it takes several, a long one, or a manifest. */
const program = `use timelines (ethereum)
interface Desk = #bafyx { entry ask() -> Int }
program P {
  state { free: Map<Asset, Decimal> = ["ETC": 1] }
  entry go() -> Result<Int, CallError> uses Invoke { invoke!(Desk.ask()) }
}`;
const larger: readonly [code: string, files: readonly string[], environment: Environment | undefined][] = (
  [
    ["TEL0001", [" ".repeat(10 * 1024 * 1024 + 1)]],
    ["TEL0106", [`fn f() -> Int { ${"(".repeat(500)}1${")".repeat(500)} }`]],
    ["TEL0107", [`fn f() {\n${"  let = 1\n".repeat(201)}}`]],
    ["TEL0209", ["module a\nuse b (g)\nfn f() -> Int { g() }", "module b\nuse a (f)\nfn g() -> Int { f() }"]],
    ["TEL0211", [program], { timelines: ["ethereum2"] }],
    ["TEL0212", [program], { assets: ["ETH"] }],
    ["TEL0217", ["module a\nfn f() { }", "module b\nfn f() { }", "use a (f)\nuse b (f)"]],
    ["TEL0333", ["fn f() -> Hash { #bafyx }"]],
    [
      "TEL0335",
      [
        `fn f(n: Int) -> Int {\n  match n {\n${Array.from({ length: 1001 }, (_, i) => `    ${i} => ${i}\n`).join("")}    _ => 0\n  }\n}`,
      ],
    ],
    [
      "TEL0510",
      ["program P {\n  state { n: Int = 0 }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: old.n) }\n}"],
      { previous: { program: "P", hash: "bafyx", found: undefined } },
    ],
    ["TEL0404", [program], { granted: ["Act"] }],
    ["TEL0414", [program], { safeState: { strategy: "strict", handshake: "optional" } }],
    ["TEL0415", [program], { safeState: { strategy: "always", handshake: "required" } }],
  ] as readonly (readonly [string, readonly string[], Environment?])[]
).map(([code, files, environment]) => [code, files, environment]);

test.each(larger)("%s too is shown as its golden file says", async (code, files, environment = {}) => {
  const sources = files.map((text, i) => ({ path: `${"abc"[i]}.tel`, text }));
  const { problems } = check(sources, environment);
  const last = problems.at(-1)!;
  expect(last.code).toBe(code);
  const shown = render(last, (file) => sources.find(({ path }) => path === file)?.text);
  await expect(`${shown}\n`).toMatchFileSnapshot(`problems/golden/${code}.txt`);
});

test("every code of the language is shown by a golden file", () => {
  const golden = readdirSync(new URL("./problems/golden/", import.meta.url)).map((file) => file.slice(0, -4));
  expect([...codes.keys()].filter((code) => code.startsWith("TEL") && !golden.includes(code))).toEqual([]);
  expect(golden.filter((code) => !codes.has(code))).toEqual([]);
});

test.each(later)("%s is shown as its golden file says", async (code, { wrong }) => {
  const { problems } = check([{ path: "a.tel", text: wrong! }]);
  const shown = problems.map((problem) => render(problem, wrong!)).join("\n\n");
  await expect(`${shown}\n`).toMatchFileSnapshot(`problems/golden/${code}.txt`);
});
