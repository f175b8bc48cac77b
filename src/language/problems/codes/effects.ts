/** TEL04xx: what effects must not do: deadlines, grants, branches, resources. */
import type { Explanations } from "../Explanation.ts";

export const effects: Explanations = {
  TEL0401: {
    title: "a deadline that can never pass",
    explanation:
      "Deadlines nest by minimum: the nearest one passes first. An inner deadline that is not shorter than what is left of the outer one never passes, so its `else` never runs.",
    wrong: "fn f() -> Int uses Clock {\n  within 10s { within 1m { 1 } else { 2 } } else { 3 }\n}",
    right: "fn f() -> Int uses Clock {\n  within 1m { within 10s { 1 } else { 2 } } else { 3 }\n}",
  },
  TEL0402: {
    title: "a wait beyond its deadline",
    explanation: "What is delayed by `after` until past the enclosing deadline never happens.",
    wrong: "fn f() -> Int uses Clock {\n  within 10s { after 20s { 1 } } else { 2 }\n}",
    right: "fn f() -> Int uses Clock {\n  within 30s { after 20s { 1 } } else { 2 }\n}",
  },
  TEL0403: {
    title: "never reached",
    explanation: "Steps after `return` or `abort` never happen.",
    wrong: "fn f() -> Int {\n  return 1\n  2\n}",
    right: "fn f() -> Int {\n  return 1\n}",
  },
  TEL0404: {
    title: "an effect that is not granted",
    explanation:
      "The manifest says which effects a program may use; what it does not grant is refused before anything runs.",
  },
  TEL0405: {
    title: "a race that moves assets",
    explanation:
      "`race` takes the first value and drops the other branches. A dropped transfer may have happened or not, so branches of `race` move no assets.",
    wrong: 'fn f() -> Bool uses Transfer, Clock {\n  race { transfer!("bob", "ETH", 1) matches Ok(_); false }\n}',
    right:
      'fn f() -> Bool uses Transfer, Clock {\n  let go = race { true; false }\n  go && transfer!("bob", "ETH", 1) matches Ok(_)\n}',
  },
  TEL0406: {
    title: "branches that touch the same",
    explanation:
      "The branches of `par` have no order among them, so two of them may not move the same asset, act on the same timeline or call the same program.",
    wrong:
      'fn f() -> Bool uses Transfer {\n  let both = par { a = transfer!("bob", "ETH", 1); b = transfer!("eve", "ETH", 1) }\n  both.a == both.b\n}',
    right:
      'fn f() -> Bool uses Transfer {\n  let both = par { a = transfer!("bob", "ETH", 1); b = transfer!("eve", "USDC", 1) }\n  both.a == both.b\n}',
  },
  TEL0407: {
    title: "state written in a branch",
    explanation: "The branches of `par` and `race` run side by side, so `state` is read-only in them.",
    wrong: "program P {\n  state { n: Int = 0 }\n  entry f() { let both = par { a = { state.n = 1 }; b = 2 } }\n}",
    right:
      "program P {\n  state { n: Int = 0 }\n  entry f() {\n    let both = par { a = 1; b = 2 }\n    state.n = both.a\n  }\n}",
  },
  TEL0408: {
    title: "a write decided by old state",
    explanation:
      "While an entry waits at a `!`, other entries may change the state. A value read before decides nothing after: read it again, or make the entry `exclusive`.",
    wrong:
      "program P {\n  state { n: Int = 0 }\n  entry f() uses Clock {\n    let before = state.n\n    let _ = now!()\n    state.n = before + 1\n  }\n}",
    right:
      "program P {\n  state { n: Int = 0 }\n  entry f() uses Clock {\n    let _ = now!()\n    state.n = state.n + 1\n  }\n}",
  },
  TEL0410: {
    title: "funds lost",
    explanation:
      "What `reserve!` took out of the account must be sent, paid or released exactly once on every path, also where `?` or `return` leaves.",
    wrong: 'fn f() -> Result<Int, AccountError> uses Transfer {\n  let funds = reserve!("ETH", 1)?\n  Ok(1)\n}',
    right:
      'fn f() -> Result<Int, AccountError> uses Transfer {\n  let funds = reserve!("ETH", 1)?\n  release!(funds)\n  Ok(1)\n}',
  },
  TEL0411: {
    title: "funds used twice",
    explanation: "Reserved funds are used once. `funds.split` makes two of one.",
    wrong:
      'fn f() -> Result<Int, AccountError> uses Transfer {\n  let funds = reserve!("ETH", 1)?\n  release!(funds)\n  release!(funds)\n  Ok(1)\n}',
    right:
      'fn f() -> Result<Int, AccountError> uses Transfer {\n  let all = reserve!("ETH", 2)?\n  let (one, other) = funds.split(all, 1)\n  release!(one)\n  release!(other)\n  Ok(1)\n}',
  },
  TEL0412: {
    title: "funds across a deadline or a race",
    explanation:
      "A `within`, `race` or branch of `par` may end before it is done, and funds held across it would be in doubt.",
    wrong:
      'fn f() -> Result<Int, AccountError> uses Transfer, Clock {\n  let funds = reserve!("ETH", 1)?\n  let n = within 1s { 1 } else { 2 }\n  release!(funds)\n  Ok(n)\n}',
    right:
      'fn f() -> Result<Int, AccountError> uses Transfer, Clock {\n  let n = within 1s { 1 } else { 2 }\n  let funds = reserve!("ETH", 1)?\n  release!(funds)\n  Ok(n)\n}',
  },
  TEL0413: {
    title: "funds kept where they cannot be followed",
    explanation:
      "Funds stay in locals, tuples, Options and Results. In a list, a record, a closure or a generic function nobody could see whether they are used exactly once.",
    wrong:
      'fn f() -> Result<Int, AccountError> uses Transfer {\n  let funds = reserve!("ETH", 1)?\n  let later = fn() { release!(funds) }\n  later!()\n  Ok(1)\n}',
    right:
      'fn f() -> Result<Int, AccountError> uses Transfer {\n  let funds = reserve!("ETH", 1)?\n  release!(funds)\n  Ok(1)\n}',
  },
  TEL0414: {
    title: "a call in a strict program",
    explanation:
      "A program whose safe-state strategy is `strict` never has a pending return, so it calls no other program.",
  },
  TEL0415: {
    title: "a call without intent",
    explanation:
      'With `handshake = "required"` in the manifest every call says when it needs its answer and in which state it waits.',
  },
  TEL0416: {
    title: "a movement of assets ignored",
    explanation: "The result of what moves assets is looked at: whether it happened decides what is true afterwards.",
    wrong: 'fn f() -> Int uses Transfer {\n  let _ = transfer!("bob", "ETH", 1)\n  1\n}',
    right:
      'fn f() -> Result<Int, AccountError> uses Transfer {\n  let paid = transfer!("bob", "ETH", 1)?\n  Ok(if paid.value == () { 1 } else { 2 })\n}',
  },
};
