import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { format, parse, parseExpression, print, sameTree, showExpression } from "../../src/language/syntax/index.ts";
import { lex } from "../../src/language/syntax/lex.ts";
import { arbitraryExpr, arbitraryFile } from "./arbitraryTree.ts";

const samples = readdirSync("test/programs/samples").map((name) => {
  return [name, readFileSync(`test/programs/samples/${name}`, "utf8")] as const;
});

const formatted = (text: string): string => {
  const result = format(text, "a.tel");
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join("\n"));
  return result.text;
};

describe.each(samples)("%s", (_, text) => {
  test("parses without a problem", () => expect(parse(text, "a.tel").problems).toEqual([]));

  test("formats to itself the second time", () => {
    const once = formatted(text);
    expect(formatted(once)).toBe(once);
  });

  test("keeps each comment", () => {
    const words = (comments: readonly { readonly text: string }[]) => comments.map((comment) => comment.text).sort();
    expect(words(parse(formatted(text), "a.tel").tree.comments)).toEqual(words(parse(text, "a.tel").tree.comments));
  });
});

test("a pattern stays whole, and the value behind it breaks", () => {
  const text = `fn insert(queue: List<Int>, order: Int) -> List<Int> {
  match queue {
    [first_, ..rest] => if order < first_ {
      list.prepend(queue, order)
    } else {
      list.prepend(insert(rest, order), first_)
    }
    [] => [order]
  }
}
`;
  expect(formatted(text)).toBe(text);
});

test("parentheses that the layout adds look as those that were written", () => {
  const once = formatted("fn f() -> Int {\n  match x {\n    A => 1\n  }? / y\n}\n");
  expect(once).toBe(`fn f() -> Int {
  (
    match x {
      A => 1
    }
  )?
    / y
}
`);
  expect(formatted(once)).toBe(once);
});

test("printing any tree and parsing it gives the tree", () => {
  fc.assert(
    fc.property(arbitraryFile, (file) => {
      const printed = print(file);
      const { tree, problems } = parse(printed, "a.tel");
      expect(problems.map((problem) => problem.message)).toEqual([]);
      expect(sameTree(file, tree)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("a field named `else` after a default that ends in an `if` is a field", () => {
  const text = "program A {\n  state {\n    a: Int = if b {}\n    else: Int\n  }\n}\n";
  const { tree, problems } = parse(text, "a.tel");
  expect(problems).toEqual([]);
  expect(print(tree, text)).toBe(text);
});

test("formatting what was printed changes nothing", () => {
  fc.assert(
    fc.property(arbitraryFile, (file) => {
      const once = formatted(print(file));
      expect(formatted(once)).toBe(once);
    }),
    { numRuns: 200 },
  );
});

test("an expression is printed so that it parses to itself", () => {
  fc.assert(
    fc.property(arbitraryExpr, (expr) => {
      const again = parseExpression(showExpression(expr), "a.tel");
      expect(again.problems).toEqual([]);
      expect(sameTree(expr, again.expr)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

describe("comments", () => {
  const comments = (text: string) => parse(text, "a.tel").tree.comments.map((comment) => comment.text);

  /** Comments at the ends of some lines, and lines of comments, each with its own number. */
  const commented = (text: string, places: readonly number[]): string => {
    let count = 0;
    const lines = text.split("\n").map((line, i) => {
      const choice = places[i % places.length]!;
      if (choice === 1) return `${line} // c${count++}`;
      return choice === 2 ? `  // c${count++}\n${line}` : choice === 3 ? `\n//c${count++}\n\n\n${line}` : line;
    });
    return lines.join("\n");
  };
  const places = fc.array(fc.nat(5), { minLength: 1, maxLength: 40 });

  test("are all kept, wherever a line ends, and stay where they were put", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          arbitraryFile.map((file) => print(file)),
          fc.constantFrom(...samples.map(([, text]) => text)),
        ),
        places,
        (text, choices) => {
          const given = commented(text, choices);
          if (parse(given, "a.tel").problems.length > 0) return;
          const once = formatted(given);
          expect(comments(once).sort()).toEqual(comments(given).sort());
          expect(formatted(once)).toBe(once);
        },
      ),
      { numRuns: 400 },
    );
  });

  /** Where one token ends and the next begins; inside texts there is no place for a comment. */
  const gaps = (text: string): readonly number[] => {
    const { ends, count } = lex(text, "a.tel", []);
    return [...ends.slice(0, count)];
  };
  const corpus = readdirSync("test/programs/pass")
    .filter((name) => name.endsWith(".tel"))
    .map((name) => readFileSync(`test/programs/pass/${name}`, "utf8"));

  test("between any two tokens are kept, the second layout is the first, and the code is the same", () => {
    const texts = [...samples.map(([, text]) => text), ...corpus.flatMap((text) => text.split(/^\/\/ ----.*\n/m))];
    let tried = 0;
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (text, picks) => {
        const all = gaps(text);
        if (all.length === 0) return;
        const chosen = [...new Set(picks.map((pick) => all[pick % all.length]!))].sort((a, b) => b - a);
        let given = text;
        chosen.forEach((at, i) => {
          given = `${given.slice(0, at)} // here ${i}\n${given.slice(at)}`;
        });
        // Some line breaks end a step.
        const { tree, problems } = parse(given, "a.tel");
        if (problems.length > 0) return;
        tried++;
        const once = formatted(given);
        expect(comments(once).sort()).toEqual(comments(given).sort());
        expect(formatted(once)).toBe(once);
        expect(sameTree(parse(once, "a.tel").tree, tree)).toBe(true);
      }),
      { numRuns: 1500 },
    );
    expect(tried).toBeGreaterThan(200);
  });

  test.each([
    ["above and behind steps", "fn f() {\n  // one\n  a // two\n\n  // three\n  b\n  // four\n}\n"],
    ["behind an assertion", 'test "t" {\n  assert a == b // one\n  assert c // two\n}\n'],
    ["between arguments", "fn f() {\n  call(\n    // one\n    a, // two\n    b, // three\n    // four\n  )\n}\n"],
    ["in an empty block", "fn f() {\n  // nothing yet\n}\n"],
    ["around parameters", "fn f(\n  a: Int, // the first\n  // the second\n  b: Int,\n) -> Int {\n  a\n}\n"],
    ["around cases", "fn f() {\n  match a {\n    // one\n    A => 1 // two\n    // three\n  }\n}\n"],
    [
      "in a program",
      "program A {\n  // one\n  state {\n    // two\n    a: Int = 1 // three\n  }\n\n  // four\n  entry b() { c }\n}\n",
    ],
    ["at the ends of a file", "// first\n\n//// doc\nmodule a\n\nuse b // c\n// last\n"],
  ])("stay %s", (_, text) => expect(formatted(text)).toBe(text));

  test("with three slashes that document nothing do not begin to", () => {
    expect(formatted("program A { /// no doc\n  state { a: Int = 1 }\n}\n")).toBe(
      "program A {\n  // no doc\n  state { a: Int = 1 }\n}\n",
    );
    expect(formatted("program A {\n  state {\n    a: Int = 1 + /// no doc\n      2\n  }\n}\n")).toBe(
      "program A {\n  state {\n    // no doc\n    a: Int = 1 + 2\n  }\n}\n",
    );
  });

  test("inside an expression move above its step", () => {
    expect(formatted("fn f() {\n  let a = 1 + // one\n    2\n  a\n}\n")).toBe(
      "fn f() {\n  // one\n  let a = 1 + 2\n  a\n}\n",
    );
  });
});

describe("layout", () => {
  test.each([
    [
      "breaks a pipeline before each operator",
      "fn f() { quotes |> list.filter(fn(quote) { quote.price > tolerance }) |> list.map(fn(q) { q.price }) |> list.sum() }",
      "fn f() {\n  quotes\n    |> list.filter(fn(quote) { quote.price > tolerance })\n    |> list.map(fn(q) { q.price })\n    |> list.sum()\n}\n",
    ],
    [
      "never starts a line with `-` or `>`",
      `fn f() { ${"a".repeat(50)} - ${"b".repeat(50)} + ${"c".repeat(10)} }`,
      `fn f() {\n  ${"a".repeat(50)} -\n    ${"b".repeat(50)} +\n    ${"c".repeat(10)}\n}\n`,
    ],
    [
      "hugs the function that is the last argument",
      "fn f() { list.map(xs, fn(x) { let y = x + 1; y * y }) }",
      "fn f() {\n  list.map(xs, fn(x) {\n    let y = x + 1\n    y * y\n  })\n}\n",
    ],
    [
      "hugs a call that is the only argument with it",
      "fn f() { map.from(list.map(xs, fn(x) { let y = x + 1; (x, y) })) }",
      "fn f() {\n  map.from(list.map(xs, fn(x) {\n    let y = x + 1\n    (x, y)\n  }))\n}\n",
    ],
    [
      "gives each constructor a line when they do not fit",
      `type A = ${"B".repeat(40)}(a: Int) | ${"C".repeat(40)} | ${"D".repeat(20)}`,
      `type A =\n  | ${"B".repeat(40)}(a: Int)\n  | ${"C".repeat(40)}\n  | ${"D".repeat(20)}\n`,
    ],
    ["keeps one empty line of several", "type A = B\n\n\n\ntype C = D", "type A = B\n\ntype C = D\n"],
    [
      "sets functions apart",
      "type A = B\nfn f() { 1 }\nfn g() { 2; 3 }\ntype C = D",
      "type A = B\nfn f() { 1 }\n\nfn g() {\n  2\n  3\n}\n\ntype C = D\n",
    ],
    ["turns CRLF and tabs into its own white space", "fn f() {\r\n\ta\r\n\tb\r\n}\r\n", "fn f() {\n  a\n  b\n}\n"],
    ["leaves an empty file empty", "\n\n", ""],
    [
      "writes characters that cannot be seen as escapes",
      'fn f() { "a\\u{202e}\\u{e9}" }',
      'fn f() { "a\\u{202E}é" }\n',
    ],
  ])("%s", (_, text, expected) => expect(formatted(text)).toBe(expected));
});

test("a text with problems is not formatted", () => {
  const result = format("fn f( { 1 }", "a.tel");
  expect(result.ok).toBe(false);
});

test("a mutated sample is read to its end; where it still has no problem, its layout is stable", () => {
  const texts = samples.map(([, text]) => text);
  const mutation = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(20),
    insert: fc.oneof(fc.constant(""), fc.string({ maxLength: 3 }), fc.constantFrom(...'(){}[]<>"\n;,:.=!?#@-+|/ ')),
  });
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(mutation, { minLength: 1, maxLength: 3 }), (text, mutations) => {
      let mutated = text;
      for (const { at, remove, insert } of mutations) {
        const start = Math.floor(at * mutated.length);
        mutated = mutated.slice(0, start) + insert + mutated.slice(start + remove);
      }
      const { tree, problems } = parse(mutated, "a.tel");
      expect(tree.span.end).toBe(mutated.length);
      if (problems.length > 0) return;
      const once = formatted(mutated);
      expect(formatted(once)).toBe(once);
    }),
    { numRuns: 400 },
  );
});
