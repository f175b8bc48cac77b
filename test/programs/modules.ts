/**
 * Random modules of declarations in the shapes of the whole language: rows and row variables, handlers, programs with
 * state, triggers, handshakes and migrations, funds, deadlines, branches, calls of other programs, defaults and labels,
 * nested patterns, texts with parts, recursive types and functions. Each declaration is drawn with random expressions in
 * its holes and says in a test what it does; a module is some of them, which may use one another's functions.
 */
import fc from "fast-check";
import { bool, int, list, option, text } from "./wellTyped.ts";

/** Every kind of declaration; the holes of each are expressions over the names that stand in it. */
export const shapes: readonly fc.Arbitrary<string>[] = [
  fc.tuple(int("n"), int("f0", "n")).map(
    ([a, b]) => `effect Dice0 { op roll(sides: Int) -> Int; op flip() -> Bool }
handler loaded(f0: Int) for Dice0 { flip() => f0 > 3; roll(n) => ${b} }
handler unlucky for Dice0 { roll(_) => { abort 0 }; flip() => false }
fn play(n: Int) -> Int uses Dice0 { if flip!() { roll!(${a}) } else { ${a} } }
test "loaded" { with loaded(4) { let x = play!(2); assert x == x } }
test "unlucky" { assert (with unlucky { play!(2) + 1 }) != -1 || true }`,
  ),
  fc.tuple(int("x"), bool("x"), int("y")).map(
    ([a, keep, b]) => `fn each(xs: List<a>, f: fn(a) -> b uses e) -> List<b> uses e {
  match xs { [] => []; [head, .. tail] => { let one = f!(head); list.prepend(each!(tail, f), one) } }
}
fn timed(f: fn() -> a uses Clock, e) -> (value: a, took: Duration) uses Clock, e {
  let start = now!()
  let value = f!()
  (value: value, took: now!() - start)
}
test "each" { assert list.length(each([1, 2, 3], fn(x) { ${a} })) == 3 }
test "each, with an effect" {
  with fixed(random: 3) { assert list.length(each!([1, 2], fn(x) { if ${keep} { random!(6) } else { x } })) == 2 }
}
test "timed" { with fixed(now: @2025-01-01T00:00:00Z) { let y = 4; assert timed!(fn() { ${b} }).took == 0s } }`,
  ),
  fc.tuple(int(), int("x", "y"), int("x", "y"), bool("x")).map(
    ([start, a, b, c]) => `program Counter {
  state { n: Int = ${start}; log: List<Text> = []; best: Map<Text, Int> = ["a": ${start}] }
  on every 1m => add(1, 2)
  on at @2030-01-01T00:00:00Z => reset()
  handshake (intent, caller) { if state.n >= 0 { Acknowledge } else { Refuse("below zero, \${caller}") } }
  exclusive entry add(x: Int, y: Int = 3) -> Int {
    state.n = ${a}
    if ${c} { state.log = list.append(state.log, "add \${x} of \${y}") }
    state.best["b"] = ${b}
    state.n
  }
  fn total() -> Int { state.n + option.or(state.best["b"], 0) }
  entry reset() -> Int { let before = total(); state.n = 0; before }
  migration 1.0.0 -> 1.1.0 (old) { let x = 1; let y = 2; State(n: ${a}, log: [], best: [:]) }
}
test "counter" { with world([]) { let a = Counter.add!(1); let b = Counter.add!(2, y: a); assert a == a && b == b && Counter.reset!() == Counter.reset!() || true } }`,
  ),
  fc.tuple(fc.integer({ min: 1, max: 9 }), bool("n")).map(
    ([n, c]) => `fn move(n: Int) -> Result<Int, AccountError> uses Transfer {
  let all = reserve!("ETH", ${n + 1})?
  let (one, other) = funds.split(all, ${n})
  if ${c} { release!(one) } else { match send!("bob", one) { Ok(_) => {}; Err(_) => {} } }
  release!(other)
  Ok(n)
}
test "funds" { with world([balance("ETH", ${n + 3})]) { assert move!(${n}) == Ok(${n}) } }
test "no funds" { with world([balance("ETH", ${n})]) { assert move!(${n}) matches Err(NotEnough(..)) } }`,
  ),
  fc.tuple(int("v"), int("v"), fc.integer({ min: 1, max: 4 })).map(
    ([a, b, s]) => `fn slow(v: Int) -> Int uses Clock { within 10s { after ${s}s { ${a} } } else { ${b} } }
fn both(v: Int) -> (a: Int, b: (Int, Int)) { par { a = ${a}; b = (v <|> ${b}) } }
fn fastest(v: Int) -> Int uses Clock { race { a = { after ${s}s { ${a} } }; b = { after 30s { ${b} } } } }
fn either(v: Int) -> Result<Int, Text> { first { a = if v > 3 { Ok(${a}) } else { Err("small") }; b = Ok(v) } }
fn tried(v: Int) -> Result<Int, Timeout> uses Clock { within 5s { after ${s}s { v } } }
test "in time" { with world([advance(${s}s)]) { let x = slow!(3); assert x == x } }
test "branches" { assert both(2) == both(2) && either(5) == either(5) && either(1) == Ok(1) }
test "race" { with world([advance(40s)]) { let x = fastest!(2); assert x == x } }
test "tried" { with world([advance(40s)]) { let x = tried!(2); assert x == x } }`,
  ),
  fc.tuple(int("n"), int("d")).map(
    ([a, b]) => `interface Desk = #bafyx { entry ask(n: Int) -> Int; entry tell() }
program Caller {
  state { last: Int = 0 }
  entry go(n: Int) -> Result<Int, CallError> uses Invoke, Clock {
    let d = (within 1m { invoke!(Desk.ask(${a})) } else { Err(TimedOut(1m)) })?
    state.last = ${b}
    Ok(state.last)
  }
}
test "answered" { let n = 4; with world([reply(Desk.ask(${a}), Ok(8))]) { assert Caller.go!(n) matches Ok(_) } }
test "stalled" { with world([stalled(Desk.ask), advance(2m)]) { assert Caller.go!(4) matches Err(_) } }`,
  ),
  fc.tuple(int("a", "b"), int("b"), int("x"), text()).map(
    ([ab, other, x, word]) => `type Point0(x: Int, y: Int = 7)
type Line<a>(from: a, to: a, name: Text = ${word})
type Tree<a> = Leaf | Node(left: Tree<a>, value: a, right: Tree<a>)
fn labelled(a: Int, b: Int = 5) -> Int { ${ab} }
fn swapped(b: Int, a: Int = 2) -> Int { labelled(b: a, a: b) + labelled(${other}) }
fn insert(tree: Tree<Int>, x: Int) -> Tree<Int> {
  match tree {
    Leaf => Node(Leaf, x, Leaf)
    Node(left, value, right) if x < value => Node(insert(left, x), value, right)
    Node(left: l, value: v, right: r) => Node(l, v, insert(r, x))
  }
}
fn depth(tree: Tree<a>) -> Int {
  match tree { Leaf => 0; Node(Leaf, _, Leaf) => 1; Node(Node(..) as l, _, r) => 1 + int.max(depth(l), depth(r)); Node(_, _, r) => 1 + depth(r) }
}
fn nested(p: Option<(Point0, List<Int>)>) -> Int {
  match p {
    Some((Point0(x: 1 | 2, ..) as q, [_, .. rest])) => q.y + list.length(rest)
    Some((Point0(x, y), [low, .., high])) if low < high => ${x} + y
    Some((_, [x])) => ${x}
    Some(_) => -1
    None => 0
  }
}
test "records" { assert Point0(1) == Point0(x: 1, y: 7) && swapped(1, a: 3) == swapped(a: 3, b: 1) && Line(1, 2).name == ${word} }
test "trees" { assert depth(list.fold([3, 1, 2], Leaf, fn(t, x) { insert(t, x) })) >= 1 }
test "nested" { assert nested(Some((Point0(2), [1, 2, 3]))) == 9 && nested(None) == 0 && nested(Some((Point0(5), []))) == -1 }`,
  ),
  fc.tuple(int("n"), list("n"), option("n"), text("n")).map(
    ([a, xs, o, t]) => `fn even(n: Int) -> Bool { if n <= 0 { true } else { odd(n - 1) } }
fn odd(n: Int) -> Bool { if n <= 0 { false } else { even(n - 1) } }
fn said(n: Int) -> Text { "\${n} is \${if even(n) { "even" } else { "odd, \${${t}}" }}: \${${a}}" }
fn all(n: Int) -> (Int, List<Int>) { let k = fn(v) { v + ${a} }; (k(n), list.map(${xs}, k)) }
fn maybe(n: Int) -> Option<Int> { let x = (${o})?; Some(x + 1) }
prop "even or odd" (n: Int) { let m = int.min(int.abs(n), 20); assert even(m) != odd(m) }
test "said" { assert text.length(said(4)) > 0 && all(1) == all(1) && maybe(2) == maybe(2) }
> said(3)`,
  ),
  fc.tuple(fc.nat(99), int("n"), bool("n")).map(
    ([price, a, c]) => `fact PriceOf0(of: Text) -> Decimal
action Buy0(amount: Decimal) -> Decimal
event Bought0(amount: Decimal, of: Text)
fn seenAt(chain: Timeline, n: Int) -> Decimal uses Observe { observe!(chain, PriceOf0("ETH \${n}")).value }
program Buyer {
  on fact (ethereum, PriceOf0("ETH 1")) => go(1)
  exclusive entry go(n: Int) -> Result<Decimal, ActError> uses Observe, Act, Emit, Clock {
    let price = within 20s { seenAt!(ethereum, 1) } else { 0.5 }
    if ${c} { return Ok(price) }
    let got = act!(ethereum, Buy0(price))?
    emit!(Bought0(amount: got.value, of: "ETH \${${a}}"))
    Ok(got.value)
  }
}
test "bought" {
  with world([seen(ethereum, PriceOf0("ETH 1"), ${price}), answer(ethereum, Buy0(${price}), 7)]) { let r = Buyer.go!(3); assert r == r }
}
test "silent" { with world([stalled(ethereum, PriceOf0("ETH 1")), advance(1m), answer(ethereum, Buy0(0.5), 7)]) { let r = Buyer.go!(3); assert r == r } }`,
  ),
];

/** What every module may need, and then its declarations. */
export const randomModule = fc
  .uniqueArray(fc.nat(shapes.length - 1), { minLength: 1, maxLength: 3 })
  .chain((which) => fc.tuple(...which.map((one) => shapes[one]!)))
  .map((made) => `module m\nuse timelines (ethereum)\n${made.join("\n")}\n`);

export const bindings = new Map([["Desk", "program:Desk"]]);
