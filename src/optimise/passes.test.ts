/** What each pass does to a small program, before and after. */
import { describe, expect, test } from "vitest";
import { addressUnit } from "../code/index.ts";
import { codeSource, optimiserOf } from "../execution/index.ts";
import { check } from "../language/index.ts";
import { lower, printOptimised, type Tree } from "./index.ts";

interface Step {
  readonly pass: string;
  readonly before: Tree.Definition;
  readonly after: Tree.Definition;
  readonly shown: string;
}

/** Every step of the optimiser over the function `f` of a module. */
function stepsOf(text: string): readonly Step[] {
  const { unit, problems } = check([{ path: "a.tel", text }]);
  if (unit === undefined) throw new Error(problems.map((one) => one.message).join("\n"));
  const addressed = addressUnit(unit);
  const blocks = new Map(addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
  const names = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
  const nameOf = (hash: string) => names.get(hash as never);
  const source = codeSource({ get: (hash) => blocks.get(hash) }, nameOf);
  const hash = addressed.definitions.get("f")!;
  const core = source.loadDefinition(hash);
  if (!core.ok) throw new Error(core.error.kind);
  const steps: Step[] = [];
  let before = lower(core.value);
  optimiserOf(source).optimise(hash, core.value, (pass, after) => {
    const [was, is] = [printOptimised(before, nameOf), printOptimised(after, nameOf)];
    if (was !== is) steps.push({ pass, before, after, shown: `\n${was}\n=>\n${is}\n` });
    before = after;
  });
  return steps;
}

/** What the pass did first. */
function first(pass: string, text: string): string {
  const step = stepsOf(text).find((one) => one.pass === pass);
  return step === undefined ? `${pass} changes nothing` : step.shown;
}

/** What is left when all passes are done. */
const last = (text: string): string => stepsOf(text).at(-1)?.shown.split("\n=>\n")[1] ?? "nothing changes";

describe("each pass, before and after", () => {
  test("straighten", () => {
    expect(
      first("straighten", "fn f(a: Int) -> Int { more(a) * 2 }\nfn more(a: Int) -> Int { a + 1 }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0) frame 88 bytes
        charge 7
        let $1 =
          charge 2
          %int.add($0, 1)
        %int.multiply($1, 2)
      =>
      function f($0) frame 88 bytes
        charge 9
        let $1 = %int.add($0, 1)
        %int.multiply($1, 2)
      "
    `);
  });
  test("returns", () => {
    expect(first("returns", "fn f(a: Int) -> Int { if a < 0 { return 0 }\n a + 1 }")).toMatchInlineSnapshot(`
      "
      function f($0) frame 56 bytes
        charge 3
        let $1 = %int.less($0, 0)
        let $2 =
          if $1 then
            charge 1
            return 0
          else
            charge 1
            ()
        charge 2
        %int.add($0, 1)
      =>
      function f($0) frame 56 bytes
        charge 3
        let $1 = %int.less($0, 0)
        if $1 then
          charge 1
          0
        else
          let $2 =
            charge 1
            ()
          charge 2
          %int.add($0, 1)
      "
    `);
  });
  test("loops", () => {
    expect(
      first("loops", "fn f(n: Int, sum: Int) -> Int { if n == 0 { sum } else { f(n - 1, sum + n) } }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0, $1) frame 72 bytes
        charge 3
        let $2 = %int.equal($0, 0)
        if $2 then
          charge 1
          $1
        else
          charge 10
          let $3 = %int.subtract($0, 1)
          let $4 = %int.add($1, $0)
          f($3, $4)
      =>
      function f($0, $1) frame 72 bytes
        charge 3
        loop $5 = $0, $6 = $1
          let $2 = %int.equal($5, 0)
          if $2 then
            charge 1
            $6
          else
            charge 10
            let $3 = %int.subtract($5, 1)
            let $4 = %int.add($6, $5)
            charge 3
            again($3, $4)
      "
    `);
  });
  test("inline", () => {
    expect(
      first("inline", "fn f(a: Int) -> Int { square(a) + 1 }\nfn square(a: Int) -> Int { a * a }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0) frame 48 bytes
        charge 7
        let $1 = square($0)
        %int.add($1, 1)
      =>
      function f($0) frame 88 bytes
        charge 7
        let $1 =
          charge 2
          %int.multiply($0, $0)
        %int.add($1, 1)
      "
    `);
  });
  test("uncurry", () => {
    expect(
      first("uncurry", "fn f(a: Int) -> Int { apply(fn(x) { x * a }) }\nfn apply(g: fn(Int) -> Int) -> Int { g(7) }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0) frame 88 bytes
        charge 8
        let $1 = closure f/1[$0]
        charge 5
        $1(7)
      =>
      function f($0) frame 88 bytes
        charge 8
        let $1 = closure f/1[$0]
        charge 5
        f/1($0, 7)
      "
    `);
  });
  test("fold", () => {
    expect(first("fold", 'fn f() -> Option<Text> { Some(text.concat("a", "b")) }')).toMatchInlineSnapshot(`
      "
      function f() frame 40 bytes
        charge 4
        let $0 = %text.concat("a", "b")
        Some($0)
      =>
      function f() frame 40 bytes
        charge 4
        let $0 =
          charge 1, 20 bytes
          "ab"
        charge 0, 24 bytes
        Some("ab")
      "
    `);
  });
  test("known", () => {
    expect(
      first("known", "fn f(a: Int) -> Int { match Some(a) { Some(x) => x + 1; None => 0 } }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0) frame 56 bytes
        charge 3
        let $1 = Some($0)
        switch $1
        | None =>
          charge 1
          0
        | Some($2) =>
          charge 2
          %int.add($2, 1)
      =>
      function f($0) frame 56 bytes
        charge 3
        let $1 = Some($0)
        let $2 = $0
        charge 2
        %int.add($2, 1)
      "
    `);
  });
  test("known: case of case", () => {
    expect(first("known", "fn f(a: Int, b: Int) -> Int { if a < b && b < 9 { a } else { 0 } }")).toMatchInlineSnapshot(`
      "
      function f($0, $1) frame 64 bytes
        charge 3
        let $2 = %int.less($0, $1)
        let $3 =
          if $2 then
            charge 2
            %int.less($1, 9)
          else
            charge 1
            false
        charge 1
        if $3 then
          charge 1
          $0
        else
          charge 1
          0
      =>
      function f($0, $1) frame 64 bytes
        charge 3
        let $2 = %int.less($0, $1)
        if $2 then
          charge 2
          let $4 = %int.less($1, 9)
          charge 1
          if $4 then
            charge 1
            $0
          else
            charge 1
            0
        else
          charge 1
          let $5 = false
          charge 1
          charge 1
          0
      "
    `);
  });
  test("known: the other way round", () => {
    expect(last("fn f(a: Int, b: Int) -> Int { if a != b { a } else { 0 } }")).toMatchInlineSnapshot(`
      "function f($0, $1) frame 64 bytes
        charge 5
        let $2 = %int.equal($0, $1)
        if $2 then
          charge 1
          0
        else
          charge 1
          $0
      "
    `);
  });
  test("dead", () => {
    expect(first("dead", "fn f(a: Int) -> Int { let pair = (a, 1); let (x, _) = pair; x }")).toMatchInlineSnapshot(`
      "
      function f($0) frame 56 bytes
        charge 7
        let $1 = ($0, 1)
        $0
      =>
      function f($0) frame 56 bytes
        charge 7
        charge 0, 32 bytes
        $0
      "
    `);
  });
  test("invariants", () => {
    expect(
      first(
        "invariants",
        "fn f(xs: List<Int>, i: Int, sum: Int) -> Int {\n if i >= list.length(xs) { sum } else { f(xs, i + 1, sum + list.at(xs, i)) }\n}",
      ),
    ).toMatchInlineSnapshot(`
      "
      function f($0, $1, $2) frame 96 bytes
        charge 5
        loop $8 = $0, $9 = $1, $10 = $2
          let $3 = %list.length($8)
          let $4 = %int.lessOrEqual($3, $9)
          if $4 then
            charge 1
            $10
          else
            charge 13
            let $5 = %int.add($9, 1)
            let $6 = %list.at($8, $9)
            let $7 = %int.add($10, $6)
            charge 5
            again($8, $5, $7)
      =>
      function f($0, $1, $2) frame 96 bytes
        charge 5
        let $3 = %list.length($0)
        loop $9 = $1, $10 = $2
          let $4 = %int.lessOrEqual($3, $9)
          if $4 then
            charge 1
            $10
          else
            charge 13
            let $5 = %int.add($9, 1)
            let $6 = %list.at($0, $9)
            let $7 = %int.add($10, $6)
            charge 5
            again($5, $7)
      "
    `);
  });
  test("unbox", () => {
    expect(
      first(
        "unbox",
        "fn f(n: Int, p: (Int, Int)) -> Int { g(n, (0, 1)) }\nfn g(n: Int, p: (Int, Int)) -> Int {\n let (a, b) = p\n if n == 0 { a } else { g(n - 1, (b, a + b)) }\n}",
      ),
    ).toMatchInlineSnapshot(`
      "
      function f($0, $1) frame 168 bytes
        charge 10
        let $2 =
          charge 0, 32 bytes
          (0, 1)
        charge 7
        loop $3 = $0, $4 = (0, 1)
          let $5 = $4.0
          let $6 = $4.1
          let $7 = %int.equal($3, 0)
          if $7 then
            charge 1
            $5
          else
            charge 14
            let $8 = %int.subtract($3, 1)
            let $9 = %int.add($5, $6)
            let $10 = ($6, $9)
            charge 7
            again($8, $10)
      =>
      function f($0, $1) frame 168 bytes
        charge 10
        let $2 =
          charge 0, 32 bytes
          (0, 1)
        charge 7
        loop $3 = $0, $11 = 0, $12 = 1
          let $5 = $11
          let $6 = $12
          let $7 = %int.equal($3, 0)
          if $7 then
            charge 1
            $5
          else
            charge 14
            let $8 = %int.subtract($3, 1)
            let $9 = %int.add($5, $6)
            let $10 = ($6, $9)
            charge 7
            again($8, $6, $9)
      "
    `);
  });
  test("unbox: not where the whole is read", () => {
    const g =
      "fn g(n: Int, p: (Int, Int)) -> (Int, Int) {\n let (a, b) = p\n if n == 0 { p } else { g(n - 1, (b, a + b)) }\n}";
    expect(first("unbox", `fn f(n: Int) -> (Int, Int) { g(n, (0, 1)) }\n${g}`)).toBe("unbox changes nothing");
  });
  test("fuse", () => {
    expect(
      first("fuse", "fn f(xs: List<Int>) -> Int { list.fold(list.map(xs, fn(x) { x * x }), 0, fn(a, b) { a + b }) }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0) frame 296 bytes
        charge 28, 16 bytes
        let $6 = %list.length($0)
        let $1 =
          loop $3 = 0, $4 = []
            let $7 = %int.lessOrEqual($6, $3)
            if $7 then
              charge 1
              $4
            else
              charge 19
              let $8 = %int.add($3, 1)
              let $9 = %list.at($0, $3)
              charge 2
              let $10 = %int.multiply($9, $9)
              charge 5
              let $11 = %list.append($4, $10)
              again($8, $11)
        charge 13
        let $16 = %list.length($1)
        loop $13 = 0, $14 = 0
          let $17 = %int.lessOrEqual($16, $13)
          if $17 then
            charge 1
            $14
          else
            charge 18
            let $18 = %int.add($13, 1)
            let $19 = %list.at($1, $13)
            charge 2
            let $20 = %int.add($14, $19)
            charge 5
            again($18, $20)
      =>
      function f($0) frame 296 bytes
        charge 28, 16 bytes
        let $6 = %list.length($0)
        charge 13
        loop $3 = 0, $14 = 0
          let $7 = %int.lessOrEqual($6, $3)
          if $7 then
            charge 1
            charge 1
            $14
          else
            charge 19
            let $8 = %int.add($3, 1)
            let $9 = %list.at($0, $3)
            charge 2
            let $10 = %int.multiply($9, $9)
            charge 5
            charge 18, 48 bytes
            let $22 = $10
            charge 2
            let $23 = %int.add($14, $22)
            charge 5
            again($8, $23)
      "
    `);
  });
  test("sink", () => {
    expect(
      first("sink", "fn f(a: Int, b: Int) -> (Int, Int) { let pair = (a, b); if a < 0 { pair } else { (0, 0) } }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0, $1) frame 64 bytes
        charge 7
        let $2 = ($0, $1)
        let $3 = %int.less($0, 0)
        if $3 then
          charge 1
          $2
        else
          charge 4, 32 bytes
          (0, 0)
      =>
      function f($0, $1) frame 64 bytes
        charge 7
        let $3 = %int.less($0, 0)
        if $3 then
          charge 1
          let $2 = ($0, $1)
          $2
        else
          charge 4, 64 bytes
          (0, 0)
      "
    `);
  });
  test("pair", () => {
    expect(
      first(
        "pair",
        "fn f(a: Int, b: Int) -> Int { least(a, b) + 1 }\nfn least(a: Int, b: Int) -> Int { if b < a { b } else { a } }",
      ),
    ).toMatchInlineSnapshot(`
      "
      function f($0, $1) frame 112 bytes
        charge 11
        let $3 = %int.less($1, $0)
        let $2 =
          if $3 then
            charge 1
            $1
          else
            charge 1
            $0
        %int.add($2, 1)
      =>
      function f($0, $1) frame 112 bytes
        charge 11
        let $2 =
          let $3 = %int.less($1, $0)
          if $3 then
            charge 1
            $1
          else
            charge 1
            $0
        %int.add($2, 1)
      "
    `);
  });
  test("gather", () => {
    expect(
      first("gather", "fn f(a: Int) -> Int { square(a) + square(a + 1) }\nfn square(a: Int) -> Int { a * a }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0) frame 104 bytes
        charge 16
        let $1 = %int.multiply($0, $0)
        let $2 = %int.add($0, 1)
        charge 2
        let $3 = %int.multiply($2, $2)
        %int.add($1, $3)
      =>
      function f($0) frame 104 bytes
        charge 18
        let $1 = %int.multiply($0, $0)
        let $2 = %int.add($0, 1)
        let $3 = %int.multiply($2, $2)
        %int.add($1, $3)
      "
    `);
  });
  test("number", () => {
    expect(
      first("number", "fn f(a: Int) -> Int { let (x, _) = (a + 1, 2); if x < 0 && a > 1 { x } else { 2 } }"),
    ).toMatchInlineSnapshot(`
      "
      function f($0) frame 80 bytes
        charge 11, 32 bytes
        let $1 = %int.add($0, 1)
        let $4 = %int.less($1, 0)
        if $4 then
          charge 3
          let $6 = %int.less(1, $0)
          if $6 then
            charge 1
            $1
          else
            charge 1
            2
        else
          charge 3
          2
      =>
      function f($0) frame 80 bytes
        charge 11, 32 bytes
        let $1 = %int.add($0, 1)
        let $2 = %int.less($1, 0)
        if $2 then
          charge 3
          let $3 = %int.less(1, $0)
          if $3 then
            charge 1
            $1
          else
            charge 1
            2
        else
          charge 3
          2
      "
    `);
  });
});

describe("pipelines", () => {
  const loops = (text: string): number => last(text).split("loop ").length - 1;
  test.each([
    ["map and fold", "list.fold(list.map(xs, fn(x) { x * 2 }), 0, fn(a, b) { a + b })", 1],
    ["filter and count", "list.count(list.filter(xs, fn(x) { x > 2 }), fn(x) { x < 9 })", 1],
    ["three in a row", "int.sum(list.map(list.filter(xs, fn(x) { x > 2 }), fn(x) { x + 1 }))", 1],
    ["filterMap", "int.sum(list.filterMap(xs, fn(x) { if x > 1 { Some(x) } else { None } }))", 1],
    ["positions of the second", "int.sum(list.mapIndexed(list.filter(xs, fn(x) { x > 2 }), fn(i, x) { i * x }))", 1],
    ["a function that is not known", "list.fold(list.map(xs, g), 0, fn(a, b) { a + b })", 2],
    ["a second loop that may stop", "option.or(list.find(list.map(xs, fn(x) { x * 2 }), fn(x) { x > 3 }), 0)", 2],
    ["a list that is read twice", "{ let ys = list.map(xs, fn(x) { x * 2 }); int.sum(ys) + list.length(ys) }", 2],
    ["a list that starts with items", "int.sum(list.mapFrom(xs, 0, [7], fn(x) { x * 2 }))", 2],
    ["a loop that calls", "int.sum(list.map(xs, fn(x) { slow(x) }))", 2],
  ])("%s", (_, body, expected) => {
    const slow = "fn slow(n: Int) -> Int { if n < 1 { 0 } else { 1 + slow(n - 1) } }";
    expect(loops(`fn f(xs: List<Int>, g: fn(Int) -> Int) -> Int { ${body} }\n${slow}`)).toBe(expected);
  });
});

describe("what stays as it is", () => {
  test("a definition that asks the outside", () => {
    expect(last("fn f(n: Int) -> Int uses Clock { let t = now!(); if true { n + 1 } else { 0 } }")).toBe(
      "nothing changes",
    );
  });
  test("a call that comes back to be returned does not become one in tail position", () => {
    const g = "fn g(n: Int) -> Int { if n < 1 { 0 } else { 1 + g(n - 1) } }";
    const made = last(`fn f(n: Int, m: Int) -> Int { let x = if n < m && true { g(n) } else { g(m) }; x }\n${g}`);
    expect(made).toMatchInlineSnapshot(`
      "function f($0, $1) frame 72 bytes
        charge 3
        let $3 =
          let $2 = %int.less($0, $1)
          if $2 then
            charge 7
            g($0)
          else
            charge 7
            g($1)
        charge 1
        $3
      "
    `);
  });
  test("a builtin whose argument may be of another type", () => {
    // Code from elsewhere is not type-checked again: tier 0 stops where `$0` is no Bool.
    expect(last("fn f(b: Bool) -> Int { let c = !b; 3 }")).toBe("nothing changes");
    expect(last("fn f(n: Int) -> Int { let c = !(n < 1); 3 }")).not.toContain("bool.not");
  });
  test("what would fault", () => {
    expect(last("fn f() -> Int { 1 / 0 }")).toBe("nothing changes");
  });
  test("what is unused and may fault", () => {
    expect(last("fn f(n: Int) -> Int { let x = 1 / n; 3 }")).toBe("nothing changes");
  });
  test("a value that is too large for a constant", () => {
    expect(last("fn f() -> Int { list.length(list.range(0, 1000)) }")).toBe("nothing changes");
  });
});
