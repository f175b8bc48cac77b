/** TEL03xx: types, and effects as types see them. */
import type { Explanations } from "../Explanation.ts";

export const types: Explanations = {
  TEL0301: {
    title: "type mismatch",
    explanation:
      "A value of one type stands where another is needed. Values never convert silently; only an Int literal may stand for a Decimal, and a Text literal for an Asset.",
    wrong: 'fn f() -> Int { "one" }',
    right: "fn f() -> Int { 1 }",
  },
  TEL0302: {
    title: "wrong number of arguments",
    explanation:
      "A call gives each parameter exactly one argument; only those with a default may be left out. A pattern may skip the rest with `..`.",
    wrong: "fn add(a: Int, b: Int) -> Int { a + b }\nfn f() -> Int { add(1) }",
    right: "fn add(a: Int, b: Int) -> Int { a + b }\nfn f() -> Int { add(1, 2) }",
  },
  TEL0303: {
    title: "wrong label",
    explanation: "A labelled argument names a parameter, each at most once.",
    wrong: "fn scale(x: Int, by: Int) -> Int { x * by }\nfn f() -> Int { scale(2, times: 3) }",
    right: "fn scale(x: Int, by: Int) -> Int { x * by }\nfn f() -> Int { scale(2, by: 3) }",
  },
  TEL0304: {
    title: "no such field",
    explanation:
      "Records have the fields that their type declares. What is in the cases of a sum is reached with `match`.",
    wrong: "type Pair(base: Text, quote: Text)\nfn f(p: Pair) -> Text { p.bass }",
    right: "type Pair(base: Text, quote: Text)\nfn f(p: Pair) -> Text { p.base }",
  },
  TEL0305: {
    title: "not a function",
    explanation: "Only functions, constructors, operations and entries can be called.",
    wrong: "fn f(x: Int) -> Int { x(1) }",
    right: "fn f(x: fn(Int) -> Int) -> Int { x(1) }",
  },
  TEL0306: {
    title: "not a number",
    explanation: "Arithmetic is on two numbers of one type: Int, Decimal or Float.",
    wrong: "fn f(a: Bool, b: Bool) -> Bool { a + b }",
    right: "fn f(a: Int, b: Int) -> Int { a + b }",
  },
  TEL0307: {
    title: "no order",
    explanation:
      "`<` and sorting need values with an order: numbers, Text, Bytes, Bool, Duration, Instant, and tuples, lists and options of them.",
    wrong: "fn f(a: Map<Text, Int>, b: Map<Text, Int>) -> Bool { a < b }",
    right: "fn f(a: Map<Text, Int>, b: Map<Text, Int>) -> Bool { map.size(a) < map.size(b) }",
  },
  TEL0308: {
    title: "no equality",
    explanation: "Functions and Funds cannot be compared, shown or used as keys.",
    wrong: "fn f(a: fn(Int) -> Int, b: fn(Int) -> Int) -> Bool { a == b }",
    right: "fn f(a: fn(Int) -> Int, b: fn(Int) -> Int) -> Bool { a(1) == b(1) }",
  },
  TEL0309: {
    title: "missing type",
    explanation: "Parameters of functions, entries and operations have written types; only lambdas are inferred.",
    wrong: "fn double(x) -> Int { 2 }",
    right: "fn double(x: Int) -> Int { x * 2 }",
  },
  TEL0310: {
    title: "missing `!`",
    explanation:
      "A call that may talk to the outside is marked: `f!(x)`. There state is saved and the world answers, so the reader must see it. `tb fmt --fix` inserts the mark.",
    wrong: "fn f() -> Instant uses Clock { now() }",
    right: "fn f() -> Instant uses Clock { now!() }",
  },
  TEL0311: {
    title: "superfluous `!`",
    explanation: "A call without effects has no mark, so that a mark always means something.",
    wrong: "fn double(x: Int) -> Int { x * 2 }\nfn f() -> Int { double!(2) }",
    right: "fn double(x: Int) -> Int { x * 2 }\nfn f() -> Int { double(2) }",
  },
  TEL0312: {
    title: "effect not declared",
    explanation: "What a function does must stand in its `uses`. `tb fmt --fix` adds it.",
    wrong: "fn f() -> Instant { now!() }",
    right: "fn f() -> Instant uses Clock { now!() }",
  },
  TEL0313: {
    title: "effect declared but not done",
    explanation: "`uses` names an effect that the function never performs.",
    wrong: "fn f() -> Int uses Clock { 1 }",
    right: "fn f() -> Int { 1 }",
  },
  TEL0314: {
    title: "effect where none is allowed",
    explanation:
      "The place takes a function with fewer effects, or none: a default value, say, or a parameter whose type has no `uses`.",
    wrong: "fn twice(g: fn() -> Instant) -> Instant { g() }\nfn f() -> Instant uses Clock { twice(fn() { now!() }) }",
    right:
      "fn twice(g: fn() -> Instant uses e) -> Instant uses e { g!() }\nfn f() -> Instant uses Clock { twice!(fn() { now!() }) }",
  },
  TEL0315: {
    title: "a case is missing",
    explanation: "A `match` says what to do in every case. The message names one that is missing.",
    wrong: "fn f(x: Option<Int>) -> Int {\n  match x {\n    Some(n) => n\n  }\n}",
    right: "fn f(x: Option<Int>) -> Int {\n  match x {\n    Some(n) => n\n    None => 0\n  }\n}",
  },
  TEL0316: {
    title: "a case is never reached",
    explanation: "The cases before it already take every value that it could take.",
    wrong: "fn f(x: Option<Int>) -> Int {\n  match x {\n    _ => 0\n    Some(n) => n\n  }\n}",
    right: "fn f(x: Option<Int>) -> Int {\n  match x {\n    Some(n) => n\n    _ => 0\n  }\n}",
  },
  TEL0317: {
    title: "`?` does not fit here",
    explanation:
      "`?` takes the value out of an Option or a Result, and else returns early; the function around must give the same kind.",
    wrong: "fn f(x: Option<Int>) -> Int { x? + 1 }",
    right: "fn f(x: Option<Int>) -> Option<Int> { Some(x? + 1) }",
  },
  TEL0319: {
    title: "the pattern may not fit",
    explanation: "`let` takes patterns that fit every value; a `match` says what to do when one does not.",
    wrong: "fn f(x: Option<Int>) -> Int {\n  let Some(n) = x\n  n\n}",
    right: "fn f(x: Option<Int>) -> Int {\n  match x {\n    Some(n) => n\n    None => 0\n  }\n}",
  },
  TEL0320: {
    title: "infinite type",
    explanation: "A value would have to contain a value of its own type without end.",
    wrong: "fn f() -> Int {\n  let g = fn(x) { x(x) }\n  1\n}",
    right: "fn f() -> Int {\n  let g = fn(x: Int) { x }\n  g(1)\n}",
  },
  TEL0321: {
    title: "wrong number of type arguments",
    explanation: "`List` takes one type argument, `Map` two, and so on.",
    wrong: "fn f(xs: List) -> Int { 1 }",
    right: "fn f(xs: List<Int>) -> Int { list.length(xs) }",
  },
  TEL0323: {
    title: "a value goes nowhere",
    explanation: "A step in the middle of a block is there for its effect. An ignored Result would hide an error.",
    wrong: "fn g() -> Result<Int, Text> { Ok(1) }\nfn f() -> Int {\n  g()\n  2\n}",
    right: "fn g() -> Result<Int, Text> { Ok(1) }\nfn f() -> Int {\n  let _ = g()\n  2\n}",
  },
  TEL0324: {
    title: "nothing to look up",
    explanation: "`m[key]` and `xs[0]` look into a Map or a List and give an Option.",
    wrong: "fn f(x: Int) -> Option<Int> { x[0] }",
    right: "fn f(x: List<Int>) -> Option<Int> { x[0] }",
  },
  TEL0325: {
    title: "operator without meaning",
    explanation:
      "Not every pair of types can be added or multiplied: an Instant and a Duration can be added, two Instants only subtracted.",
    wrong: "fn f(a: Instant, b: Instant) -> Instant { a + b }",
    right: "fn f(a: Instant, b: Instant) -> Duration { a - b }",
  },
  TEL0326: {
    title: "type not known here",
    explanation: "A field or label can only be read where the type is already known. Annotate the parameter or `let`.",
    wrong: "fn f() -> Int {\n  let g = fn(p) { p.x }\n  1\n}",
    right: "type P(x: Int)\nfn f() -> Int {\n  let g = fn(p: P) { p.x }\n  g(P(1))\n}",
  },
  TEL0327: {
    title: "`abort` outside `with`",
    explanation: "`abort` leaves the enclosing `with`; a handler's clause leaves the one that installed it.",
    wrong: "fn f() -> Int { abort 1 }",
    right: "fn f() -> Int { return 1 }",
  },
  TEL0328: {
    title: "nothing can be left here",
    explanation:
      "A branch of `par` or `race`, a trigger and a first value are not inside a function that could return early.",
    wrong:
      "fn g() -> Option<Int> { None }\nfn f() -> Option<Int> {\n  let both = par { a = g()?; b = 1 }\n  Some(both.a)\n}",
    right: "fn g() -> Option<Int> { None }\nfn f() -> Option<Int> {\n  let both = par { a = g(); b = 1 }\n  both.a\n}",
  },
  TEL0329: {
    title: "effects in a test",
    explanation: "A test gives the same result every time, so its effects are answered by a `with` around them.",
    wrong: 'test "now" { assert now!() > @2025-06-01T12:00:00Z }',
    right: 'test "now" {\n  with fixed(now: @2025-06-02T12:00:00Z) { assert now!() > @2025-06-01T12:00:00Z }\n}',
  },
  TEL0330: {
    title: "a case of another type",
    explanation: "The pattern names a constructor that values of this type never have.",
    wrong: "fn f(x: Option<Int>) -> Int {\n  match x {\n    Ok(n) => n\n    _ => 0\n  }\n}",
    right: "fn f(x: Option<Int>) -> Int {\n  match x {\n    Some(n) => n\n    _ => 0\n  }\n}",
  },
  TEL0333: {
    title: "literal without a value",
    explanation:
      "The spelling is right, but there is no such value: a number out of range, or a hash that is no content hash.",
  },
  TEL0335: {
    title: "too many cases",
    explanation: "A match has at most 1,000 cases. A Map looks up one of many values faster.",
  },
  TEL0336: {
    title: "`first` needs Results",
    explanation: "`first` tries Results in order until one is `Ok`, and gives a Result.",
    wrong: "fn f() -> Int { first { 1; 2 } }",
    right: 'fn f() -> Result<Int, Text> { first { Err("no"); Ok(2) } }',
  },
  TEL0337: {
    title: "operations without an answer",
    explanation: "A handler answers every operation of its effect, and nothing else.",
    wrong: "effect Dice { op roll(sides: Int) -> Int }\nhandler fair for Dice { throw(n) => 1 }",
    right: "effect Dice { op roll(sides: Int) -> Int }\nhandler fair for Dice { roll(n) => 1 }",
  },
  TEL0338: {
    title: "a type that contains itself",
    explanation:
      "A record whose field is the record itself could never be built. An Option or a List may hold the inner one.",
    wrong: "type Node(next: Node)",
    right: "type Node(next: Option<Node>)",
  },
  TEL0339: {
    title: "a default that needs itself",
    explanation:
      "A default is worked out where its argument is left out. If it leaves out the same argument in turn, that never ends. What a default needs stands in the code of each call, so a default needs at most 256 others, and these at most 16 deep.",
    wrong: "fn f(x: Int, y: Int = f(x: 1)) -> Int { x + y }",
    right: "fn f(x: Int, y: Int = f(x: 1, y: 2)) -> Int { x + y }",
  },
};
