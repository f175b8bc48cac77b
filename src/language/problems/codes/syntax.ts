/** TEL00xx: characters and literals. TEL01xx: grammar. */
import type { Explanations } from "../Explanation.ts";

export const syntax: Explanations = {
  TEL0001: {
    title: "file too large",
    explanation: "A file has at most 10 MiB characters. Nobody reads larger ones; split the file into modules.",
  },
  TEL0002: {
    title: "unknown character",
    explanation:
      "Outside of texts and comments TEL uses only ASCII letters, digits, `_` and a few signs, so that two names that look alike are alike. Any character may stand in a text.",
    wrong: "fn größe(x: Int) -> Int { x }",
    right: "fn size(x: Int) -> Int { x }",
  },
  TEL0003: {
    title: "text not closed",
    explanation:
      'A text ends on the line on which it starts, so that a forgotten `"` cannot swallow the rest of the file. Write `\\n` for a line break in a text.',
    wrong: 'fn greet() -> Text { "hello }\n}',
    right: 'fn greet() -> Text { "hello" }',
  },
  TEL0004: {
    title: "unknown escape",
    explanation: 'In a text, `\\` starts an escape: `\\n` `\\r` `\\t` `\\"` `\\\\` `\\$` or `\\u{1F600}`.',
    wrong: 'fn path() -> Text { "C:\\data" }',
    right: 'fn path() -> Text { "C:\\\\data" }',
  },
  TEL0005: {
    title: "not a number",
    explanation:
      "An Int is `42`, a Decimal `4.2`, a Float `4.2f` or `6.02e23f`. Numbers are written in base ten, without `_`, and a name cannot start with a digit.",
    wrong: "fn size() -> Int { 0xFF }",
    right: "fn size() -> Int { 255 }",
  },
  TEL0006: {
    title: "not a duration",
    explanation: "A duration is whole numbers with units, each once, from large to small: `7d`, `1h30m`, `500ms`.",
    wrong: "fn wait() -> Duration { 30m1h }",
    right: "fn wait() -> Duration { 1h30m }",
  },
  TEL0007: {
    title: "not an instant",
    explanation:
      "An instant is written in UTC to the second or millisecond: `@2025-06-01T12:00:00Z`, `@2025-06-01T12:00:00.250Z`. The day must exist.",
    wrong: "fn start() -> Instant { @2025-02-30T00:00:00Z }",
    right: "fn start() -> Instant { @2025-02-28T00:00:00Z }",
  },
  TEL0008: {
    title: "not a hash",
    explanation:
      "A hash is `#` and the lower-case letters and digits that `tb find` prints, or enough of them to be unique.",
    wrong: "use arb.math #",
    right: "use arb.math #bafyreia",
  },
  TEL0009: {
    title: "sign of another language",
    explanation: "Some signs are habits from elsewhere. The hint of the problem says what TEL writes instead.",
    wrong: "fn same(a: Int, b: Int) -> Bool { a === b }",
    right: "fn same(a: Int, b: Int) -> Bool { a == b }",
  },
  TEL0010: {
    title: "invisible character",
    explanation:
      "Control characters and marks that turn the direction of writing make a reader see another program than the compiler does (CVE-2021-42574), so they may not stand in texts and comments. Write the escape `\\u{…}` where one is meant.",
    wrong: 'fn mark() -> Text { "a\u202eb" }',
    right: 'fn mark() -> Text { "a\\u{202E}b" }',
  },
  TEL0011: {
    title: "not well-formed Unicode",
    explanation: "The text holds half of a surrogate pair, which no UTF-8 file can hold. Save the file as UTF-8.",
    wrong: "// \ud800",
    right: "// a whole character",
  },
  TEL0012: {
    title: "block comment",
    explanation: "Comments start with `//` and end with the line; `///` documents the next declaration.",
    wrong: "/* the size */\nfn size() -> Int { 1 }",
    right: "// the size\nfn size() -> Int { 1 }",
  },
  TEL0101: {
    title: "something else was expected",
    explanation: "The text stops making sense at this place. The message says what could stand there.",
    wrong: "fn size() -> { 1 }",
    right: "fn size() -> Int { 1 }",
  },
  TEL0102: {
    title: "bracket not closed",
    explanation:
      "A bracket is opened and never closed. Where the indentation shows that another bracket was closed in its stead, the problem points there too.",
    wrong: "fn size(a: Bool) -> Int {\n  if a {\n    1\n  } else { 2 }\n\nfn other() -> Int { 2 }",
    right: "fn size(a: Bool) -> Int {\n  if a {\n    1\n  } else { 2 }\n}\n\nfn other() -> Int { 2 }",
  },
  TEL0103: {
    title: "bracket closes nothing",
    explanation: "A closing bracket without an opening one; often a block before it was closed too early.",
    wrong: "fn size() -> Int { 1 }\n}",
    right: "fn size() -> Int { 1 }",
  },
  TEL0104: {
    title: "not a declaration",
    explanation:
      "On the top level of a file stand declarations (`fn`, `type`, `fact`, `action`, `event`, `effect`, `interface`, `handler`, `program`, `test`, `prop`), `use` lines and watch lines, which start with `>`.",
    wrong: "porgram Counter { state { count: Int = 0 } }",
    right: "program Counter { state { count: Int = 0 } }",
  },
  TEL0105: {
    title: "items not separated",
    explanation:
      "In braces each item has a line of its own, or `;` stands between two. Commas belong into `( )` and `[ ]`.",
    wrong: "fn size() -> Int { let a = 1 a }",
    right: "fn size() -> Int { let a = 1; a }",
  },
  TEL0106: {
    title: "nested too deeply",
    explanation:
      "Text may be nested 400 levels deep; a chain of 400 operators or calls counts too. Name the inner part with `let` or `fn`.",
  },
  TEL0107: {
    title: "too many problems",
    explanation:
      "The parser stops reporting after 200 problems in one file. Repair the first ones; the rest often follow from them.",
  },
  TEL0108: {
    title: "reserved word as a name",
    explanation:
      "A few words start a step or an expression and cannot name a value: `true false let return abort assert fn if else match within after at par race first with state`. As labels and after `.` they are ordinary words: `Quote(at: now)`, `quote.at`.",
    wrong: "fn early(first: Instant) -> Instant { first }",
    right: "fn early(start: Instant) -> Instant { start }",
  },
  TEL0109: {
    title: "only state can be assigned to",
    explanation:
      "Values never change: `let` names one for good. What a program remembers is `state`, and only its places can stand before `=`.",
    wrong: "fn size() -> Int { let a = 1; a = 2; a }",
    right: "fn size() -> Int { let a = 1; let b = a + 1; b }",
  },
  TEL0110: {
    title: "capital or small letter",
    explanation:
      "Types, constructors, facts, actions, events, effects, interfaces and programs start with a capital letter; functions, values, entries, operations and type variables with a small one. So a pattern's `Hold` is a constructor and its `hold` a new name.",
    wrong: "type pair(base: Text, quote: Text)",
    right: "type Pair(base: Text, quote: Text)",
  },
  TEL0111: {
    title: "step where an expression must stand",
    explanation: "`let`, `return`, `abort` and `assert` are steps, and steps stand in braces.",
    wrong: "fn size(a: Option<Int>) -> Int {\n  match a {\n    Some(x) => x\n    None => return 0\n  }\n}",
    right: "fn size(a: Option<Int>) -> Int {\n  match a {\n    Some(x) => x\n    None => { return 0 }\n  }\n}",
  },
  TEL0112: {
    title: "not a clause of a program",
    explanation:
      "A program consists of `state`, `entry` (or `exclusive entry`), `on`, `handshake`, `migration` and `fn`.",
    wrong: "program Counter {\n  entery count() -> Int { 1 }\n}",
    right: "program Counter {\n  entry count() -> Int { 1 }\n}",
  },
  TEL0113: {
    title: "comma missing",
    explanation: "Items in `( )` and `[ ]` are separated by commas, on one line or on several.",
    wrong: "fn sizes() -> List<Int> { [1 2] }",
    right: "fn sizes() -> List<Int> { [1, 2] }",
  },
  TEL0114: {
    title: "comparisons do not chain",
    explanation: "`a < b < c` would compare a Bool with a number. Write both comparisons and join them with `&&`.",
    wrong: "fn between(a: Int, b: Int, c: Int) -> Bool { a < b < c }",
    right: "fn between(a: Int, b: Int, c: Int) -> Bool { a < b && b < c }",
  },
  TEL0115: {
    title: "line starts with an operator that starts nothing new",
    explanation:
      "A line that starts with `-` or `>` is a new step or a watch line, never the rest of the line before; and `.` stands on the line of what it selects from. Put the operator at the end of the line before. Lines may start with `|>`, `+`, `&&` and the other operators.",
    wrong: "fn size(a: Int, b: Int) -> Bool {\n  a\n    > b\n}",
    right: "fn size(a: Int, b: Int) -> Bool {\n  a >\n    b\n}",
  },
  TEL0116: {
    title: "list and map mixed",
    explanation: "`[a, b]` is a list, `[k: a, l: b]` a map, `[:]` the empty map.",
    wrong: 'fn sizes() -> Map<Text, Int> { ["a": 1, 2] }',
    right: 'fn sizes() -> Map<Text, Int> { ["a": 1, "b": 2] }',
  },
  TEL0117: {
    title: "hole where the text must be fixed",
    explanation:
      "Titles of tests and texts in patterns are known when the program is compiled, so they cannot hold `${…}`.",
    wrong: 'test "adds ${1}" { assert 1 + 1 == 2 }',
    right: 'test "adds 1" { assert 1 + 1 == 2 }',
  },
  TEL0118: {
    title: "more than one rest",
    explanation:
      "`..` in a pattern stands for all that is not named. A list pattern has at most one; in `( )` it comes last.",
    wrong: "fn middle(a: List<Int>) -> Int {\n  match a {\n    [.., x, ..] => x\n    _ => 0\n  }\n}",
    right: "fn last(a: List<Int>) -> Int {\n  match a {\n    [.., x] => x\n    _ => 0\n  }\n}",
  },
  TEL0119: {
    title: "named function inside a block",
    explanation:
      "Functions with a name are declared on the top level or in a program. Inside a block, give a name to a `fn` value.",
    wrong: "fn twice(a: Int) -> Int {\n  fn double(x) { x + x }\n  double(a)\n}",
    right: "fn twice(a: Int) -> Int {\n  let double = fn(x) { x + x }\n  double(a)\n}",
  },
  TEL0120: {
    title: "statement of another language",
    explanation:
      "TEL has no variables, loops, exceptions or promises: values have names (`let`), lists are mapped and folded, errors are values (`Result`, `?`), effects are marked (`f!(x)`). The hint of the problem says what to write.",
    wrong: "fn size() -> Int {\n  var x = 1\n  x\n}",
    right: "fn size() -> Int {\n  let x = 1\n  x\n}",
  },
  TEL0121: {
    title: "module line in the wrong place",
    explanation: "`module name` stands once, before everything else in its file.",
    wrong: "fn size() -> Int { 1 }\nmodule sizes",
    right: "module sizes\nfn size() -> Int { 1 }",
  },
};
