/**
 * A codebase made up for benches: as many lines as asked for, in modules of about 250 lines that use one hub and a few
 * modules before them. Records, generics, matches, lists, texts, effects, handlers, programs, tests and properties, the
 * names and numbers different in each module. The same text for the same size.
 */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

export interface Codebase {
  readonly sources: readonly SourceText[];
  readonly lines: number;
  readonly environment: { readonly timelines: readonly string[] };
  /** The path of the module that all others use. */
  readonly hub: string;
  /** The path of a module that none uses. */
  readonly leaf: string;
}

const environment = { timelines: ["ethereum", "optimism"] };

export function codebase(linesWanted: number): Codebase {
  const sources: SourceText[] = [{ path: "src/base.tel", text: hub }];
  let lines = linesOf(hub);
  for (let i = 0; lines < linesWanted; i++) {
    const text = moduleText(i);
    sources.push({ path: `src/m${i}.tel`, text });
    lines += linesOf(text);
  }
  return { sources, lines, environment, hub: "src/base.tel", leaf: sources.at(-1)!.path };
}

const linesOf = (text: string): number => text.split("\n").length;

const hub = `//// What every module of the codebase builds on.
module app.base

type Id(text: Text)

type Money(amount: Decimal, currency: Text)

type Page<a>(items: List<a>, next: Option<Int>)

type Level = Low | Middle(share: Decimal) | High(limit: Decimal, reason: Text)

/// Both in one currency, or nothing.
fn plus(a: Money, b: Money) -> Option<Money> {
  if a.currency == b.currency { Some(Money(a.amount + b.amount, a.currency)) } else { None }
}

fn scaled(m: Money, by: Decimal) -> Money { Money(m.amount * by, m.currency) }

fn levelOf(share: Decimal, limit: Decimal) -> Level {
  if share < 0.1 { return Low }
  if share < 0.5 { Middle(share: share) } else { High(limit: limit, reason: "share \${share}") }
}

fn paged(items: List<a>, from: Int, size: Int) -> Page<a> {
  let rest = list.drop(items, from)
  let next = if list.length(rest) > size { Some(from + size) } else { None }
  Page(items: list.take(rest, size), next: next)
}

fn largest(items: List<a>, otherwise: a) -> a {
  list.fold(items, otherwise, fn(best, x) { if x > best { x } else { best } })
}

effect Audit {
  op record(what: Text, amount: Decimal) -> Bool
}

test "money adds up" { assert plus(Money(1.5, "USD"), Money(2, "USD")) == Some(Money(3.5, "USD")) }
`;

const sections: readonly ((i: number, s: string) => string)[] = [records, lists, texts, effects, choices, program];

/** Module \`i\` uses the hub and up to three modules before it. */
function moduleText(i: number): string {
  const before = [i - 1, i >> 1, i - 7].filter((j, at, all) => j >= 0 && j < i && all.indexOf(j) === at);
  const uses = before.map((j) => `use app.m${j} (Order${j}, total${j}, describe${j})\n`).join("");
  const bodies = Array.from({ length: 6 }, (_, part) => sections[(part + (i % 3)) % sections.length]!(i, `${i}`));
  const link = before
    .map((j) => `fn via${j}In${i}(o: Order${j}) -> Text { "\${describe${j}(o)}: \${total${j}(o)}" }\n`)
    .join("\n");
  return `//// Part ${i} of the codebase.
module app.m${i}
use app.base (Audit, Id, Level, Money, Page, largest, levelOf, paged, plus, scaled)
use timelines (ethereum, optimism)
${uses}
${bodies.join("\n")}
${link}`;
}

function records(i: number, s: string): string {
  return `type Item${s}(id: Id, price: Decimal, count: Int, tags: List<Text>)

type Order${s}(id: Id, items: List<Item${s}>, discount: Option<Decimal>, note: Text)

fn lineTotal${s}(item: Item${s}) -> Decimal { item.price * int.toDecimal(item.count) }

/// The sum of all lines, less the discount.
fn total${s}(o: Order${s}) -> Decimal {
  let sum = list.fold(o.items, 0, fn(sum, item) { sum + lineTotal${s}(item) })
  match o.discount {
    Some(d) if d > 0 && d < 1 => sum * (1 - d)
    Some(_) => sum
    None => sum
  }
}

fn describe${s}(o: Order${s}) -> Text {
  let count = list.length(o.items)
  let what = if count == 1 { "item" } else { "items" }
  "\${o.id.text} with \${count} \${what}, \${total${s}(o)} in all"
}

fn withItem${s}(o: Order${s}, item: Item${s}) -> Order${s} {
  Order${s}(id: o.id, items: list.append(o.items, item), discount: o.discount, note: "\${o.note}+")
}

fn cheapest${s}(o: Order${s}) -> Option<Item${s}> {
  match o.items |> list.sortBy(fn(item) { item.price }) {
    [low, ..] => Some(low)
    [] => None
  }
}

test "an order of part ${s}" {
  let item = Item${s}(id: Id("a${s}"), price: ${i + 1}.25, count: 2, tags: ["new", "part${s}"])
  let order = Order${s}(id: Id("o"), items: [item], discount: None, note: "")
  assert total${s}(order) == ${(i + 1) * 2}.5
  assert list.length(withItem${s}(order, item).items) == 2
}
`;
}

function lists(i: number, s: string): string {
  return `fn pairs${s}(xs: List<a>, ys: List<b>) -> List<(a, b)> { list.zip(xs, ys) }

fn countIf${s}(xs: List<a>, wanted: fn(a) -> Bool) -> Int {
  list.fold(xs, 0, fn(n, x) { if wanted(x) { n + 1 } else { n } })
}

fn smooth${s}(xs: List<Decimal>, window: Int) -> List<Decimal> {
  let indices = list.range(0, list.length(xs))
  indices |> list.map(fn(i) {
    let part = list.take(list.drop(xs, i), window)
    let n = list.length(part)
    if n == 0 { 0.0 } else { list.fold(part, 0, fn(a, b) { a + b }) / int.toDecimal(n) }
  })
}

fn grouped${s}(xs: List<Int>) -> Map<Int, List<Int>> {
  list.fold(xs, [:], fn(groups, x) {
    let key = x % ${(i % 7) + 2}
    let known = option.or(map.get(groups, key), [])
    map.set(groups, key, list.append(known, x))
  })
}

fn best${s}(xs: List<Int>) -> Int { largest(xs, ${i}) }

fn firstPage${s}(xs: List<a>) -> Page<a> { paged(xs, 0, ${(i % 20) + 5}) }

fn lookUp${s}(table: Map<Text, Int>, key: Text) -> Result<Int, Text> {
  match map.get(table, key) {
    Some(n) if n >= 0 => Ok(n)
    Some(n) => Err("negative: \${n}")
    None => Err("missing: \${key}")
  }
}

fn addAll${s}(table: Map<Text, Int>, keys: List<Text>) -> Result<Int, Text> {
  match keys {
    [] => Ok(0)
    [key, ..rest] => {
      let one = lookUp${s}(table, key)?
      let others = addAll${s}(table, rest)?
      Ok(one + others)
    }
  }
}

prop "counting all of part ${s}" (xs: List<Int>) { assert countIf${s}(xs, fn(_) { true }) == list.length(xs) }

> best${s}([1, 2, ${i}])
`;
}

function texts(i: number, s: string): string {
  return `type Token${s} = Word(text: Text) | Number(value: Int) | Sign(text: Text)

fn classify${s}(word: Text) -> Token${s} {
  match int.parse(word) {
    Some(n) => Number(n)
    None => if text.length(word) == 1 { Sign(word) } else { Word(word) }
  }
}

fn words${s}(line: Text) -> List<Token${s}> { text.split(line, " ") |> list.map(classify${s}) }

fn weight${s}(token: Token${s}) -> Int {
  match token {
    Word(t) => text.length(t)
    Number(n) if n > ${i} => 2
    Number(_) => 1
    Sign("+") => 3
    Sign(_) => 0
  }
}

fn score${s}(line: Text) -> Int { list.fold(words${s}(line), 0, fn(sum, token) { sum + weight${s}(token) }) }

fn shout${s}(line: Text, times: Int) -> Text {
  if times <= 0 { line } else { shout${s}(text.concat(line, "!"), times - 1) }
}

test "scores of part ${s}" {
  assert score${s}("ab + cd") == 7
  assert shout${s}("a", 2) == "a!!"
}
`;
}

function effects(i: number, s: string): string {
  return `fact Price${s}(asset: Text) -> Decimal

action Buy${s}(asset: Text, amount: Decimal) -> Decimal

event Bought${s}(asset: Text, paid: Decimal)

fn look${s}(chain: Timeline, asset: Text) -> Money uses Observe {
  let seen = observe!(chain, Price${s}(asset))
  Money(seen.value, asset)
}

fn both${s}(asset: Text) -> (Money, Money) uses Observe {
  let seen = par { a = look${s}!(ethereum, asset); b = look${s}!(optimism, asset) }
  (seen.a, seen.b)
}

fn buy${s}(asset: Text, amount: Decimal) -> Result<Decimal, ActError> uses Act, Audit, Emit {
  let paid = act!(ethereum, Buy${s}(asset, amount))?
  let known = record!("bought \${asset}", paid.value)
  if known { emit!(Bought${s}(asset: asset, paid: paid.value)) }
  Ok(paid.value)
}

handler quiet${s}() for Audit {
  record(what, amount) => text.length(what) > 0 && amount > ${i}
}

test "looks on both sides in part ${s}" {
  with world([seen(ethereum, Price${s}("ETH"), ${i + 10}), seen(optimism, Price${s}("ETH"), ${i + 11})]) {
    let (a, b) = both${s}!("ETH")
    assert a.amount < b.amount
  }
}
`;
}

function choices(i: number, s: string): string {
  return `type Node${s} = Leaf(value: Int) | Branch(left: Node${s}, right: Node${s})

fn depth${s}(n: Node${s}) -> Int {
  match n {
    Leaf(_) => 1
    Branch(l, r) => 1 + int.max(depth${s}(l), depth${s}(r))
  }
}

fn mapNode${s}(n: Node${s}, f: fn(Int) -> Int) -> Node${s} {
  match n {
    Leaf(v) => Leaf(f(v))
    Branch(left, right) => Branch(mapNode${s}(left, f), mapNode${s}(right, f))
  }
}

fn risk${s}(share: Decimal) -> Text {
  match levelOf(share, ${i}.5) {
    Low => "low"
    Middle(share) if share < 0.3 => "small"
    Middle(_) => "middle"
    High(limit, reason) => "high: \${reason} over \${limit}"
  }
}

fn add${s}(a: Money, b: Money, c: Money) -> Option<Money> {
  let both = plus(a, b)?
  let all = plus(both, scaled(c, ${(i % 9) + 1}))?
  Some(all)
}

fn clamp${s}(x: Int, low: Int, high: Int) -> Int {
  if x < low { return low }
  if x > high { return high }
  x
}

fn steps${s}(n: Int) -> Int {
  let half = n / 2
  let odd = n % 2 == 1
  let next = if odd { 3 * n + 1 } else { half }
  if n <= 1 { 0 } else { 1 + steps${s}(clamp${s}(next, 0, ${1000 + i})) }
}

test "trees of part ${s}" {
  let tree = Branch(Leaf(1), Branch(Leaf(2), Leaf(${i})))
  assert depth${s}(tree) == 3
  assert depth${s}(mapNode${s}(tree, fn(x) { x * 2 })) == 3
  assert risk${s}(0.05) == "low"
}
`;
}

function program(i: number, s: string): string {
  return `program Keeper${s} {
  state {
    prices: Map<Text, Decimal> = [:]
    count: Int = 0
  }

  on every ${(i % 50) + 10}m => refresh("ETH")

  entry refresh(asset: Text) -> Decimal uses Clock, Observe {
    let seen = within 20s { look${s}!(ethereum, asset) } else { Money(0, asset) }
    state.prices[asset] = seen.amount
    state.count = state.count + 1
    average(seen.amount, option.or(state.prices["all"], 0))
  }

  exclusive entry reset(to: Int) -> Int {
    let old = state.count
    state.count = to
    old
  }

  fn average(a: Decimal, b: Decimal) -> Decimal { (a + b) / 2 }

  migration 1.0.0 -> 2.0.0 (old) { State(prices: old.prices, count: clamp${s}(old.count, 0, 100)) }
}
`;
}
