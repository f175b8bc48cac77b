/** TEL02xx: what names mean. */
import type { Explanations } from "../Explanation.ts";

export const names: Explanations = {
  TEL0201: {
    title: "unknown name",
    explanation:
      "A name must be a parameter, a `let` before its use, a declaration of the module, or imported with `use`. Library functions are named with their module: `list.map`.",
    wrong: "fn double(x: Int) -> Int { y * 2 }",
    right: "fn double(x: Int) -> Int { x * 2 }",
  },
  TEL0202: {
    title: "unknown type",
    explanation:
      "A type must be one of the language, declared in the module, or imported. A lower-case name is a type variable; in a `type` declaration it must be one of its parameters.",
    wrong: "fn price(q: Quote) -> Int { 1 }",
    right: "type Quote(price: Int)\nfn price(q: Quote) -> Int { q.price }",
  },
  TEL0203: {
    title: "unknown constructor",
    explanation:
      "A capitalised name in an expression or pattern is a constructor: of a `type`, `fact`, `action` or `event`. Importing a type brings its constructors along.",
    wrong: "fn f(x: Option<Int>) -> Int {\n  match x {\n    Just(n) => n\n    _ => 0\n  }\n}",
    right: "fn f(x: Option<Int>) -> Int {\n  match x {\n    Some(n) => n\n    _ => 0\n  }\n}",
  },
  TEL0204: {
    title: "unknown effect",
    explanation:
      "After `uses` stand the labels of built-in operations (Observe, Act, Emit, Invoke, Clock, …), declared effects, and at most one lower-case row variable.",
    wrong: "fn f() -> Instant uses Time { now!() }",
    right: "fn f() -> Instant uses Clock { now!() }",
  },
  TEL0205: {
    title: "unknown module",
    explanation: "`use` names a module of these files, of the library, or of the codebase.",
    wrong: "use arb.maths (spread)\nfn f() -> Int { 1 }",
    right: "fn f() -> Int { 1 }",
  },
  TEL0206: {
    title: "not in that module",
    explanation: "The module exists, but declares nothing of this name.",
    wrong: "fn f(xs: List<Int>) -> Int { list.size(xs) }",
    right: "fn f(xs: List<Int>) -> Int { list.length(xs) }",
  },
  TEL0207: {
    title: "declared twice",
    explanation: "In a module each value, type and effect has a name of its own.",
    wrong: "fn f() -> Int { 1 }\nfn f() -> Int { 2 }",
    right: "fn f() -> Int { 1 }\nfn g() -> Int { 2 }",
  },
  TEL0208: {
    title: "twice in one list",
    explanation: "Parameters, fields, labels and the names of one pattern differ from each other.",
    wrong: "fn f(a: Int, a: Int) -> Int { a }",
    right: "fn f(a: Int, b: Int) -> Int { a + b }",
  },
  TEL0209: {
    title: "circular imports",
    explanation:
      "Modules that import each other in a circle have no order in which they could be read or published. Move what both need into a module of its own.",
  },
  TEL0210: {
    title: "not a value",
    explanation: "A module, a type or an effect stands where a value is needed.",
    wrong: "fn f() -> Int { list }",
    right: "fn f() -> Int { list.length([1]) }",
  },
  TEL0211: {
    title: "unknown timeline",
    explanation: "`use timelines (…)` binds timelines that the manifest names under [timelines].",
  },
  TEL0212: {
    title: "unknown asset",
    explanation:
      "An asset is named once, under [assets] in the manifest; a Text literal that stands for an Asset is one of these names.",
  },
  TEL0213: {
    title: "`state` outside a program",
    explanation: "State belongs to a program. Functions outside take values as parameters, so that they stay reusable.",
    wrong: "fn f() -> Int { state.count }",
    right: "program P {\n  state { count: Int = 0 }\n  entry f() -> Int { state.count }\n}",
  },
  TEL0214: {
    title: "unknown entry",
    explanation: "The program or interface declares no entry of this name.",
    wrong: "program P {\n  entry run() { }\n  on every 1m => walk()\n}",
    right: "program P {\n  entry run() { }\n  on every 1m => run()\n}",
  },
  TEL0215: {
    title: "alternatives bind different names",
    explanation:
      "Behind a pattern with `|` it is not known which alternative fitted, so each must bind the same names.",
    wrong: "fn f(r: Result<Int, Int>) -> Int {\n  match r {\n    Ok(a) | Err(b) => a\n  }\n}",
    right: "fn f(r: Result<Int, Int>) -> Int {\n  match r {\n    Ok(a) | Err(a) => a\n  }\n}",
  },
  TEL0216: {
    title: "a name of the language",
    explanation: "The types of the language cannot be declared again.",
    wrong: "type Int = One | Two",
    right: "type Number = One | Two",
  },
  TEL0217: {
    title: "imported twice",
    explanation: "Two modules give the same name, so it would be ambiguous.",
  },
  TEL0218: {
    title: "unknown hash",
    explanation:
      "`name#hash` pins a definition. It must be in the files or in the codebase that the compiler was given.",
    wrong: "fn f() -> Int { g#bafyx(1) }",
    right: "fn g(n: Int) -> Int { n }\nfn f() -> Int { g(1) }",
  },
  TEL0219: {
    title: "more than one row variable",
    explanation: "A row is a set of labels and at most one variable.",
    wrong: "fn f(g: fn() -> Int uses a, b) -> Int { 1 }",
    right: "fn f(g: fn() -> Int uses a) -> Int { 1 }",
  },
};
