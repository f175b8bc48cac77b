/** TEL05xx: programs and manifests. */
import type { Explanations } from "../Explanation.ts";

export const programs: Explanations = {
  TEL0501: {
    title: "a clause twice",
    explanation: "A program has one `state` and at most one `handshake`.",
    wrong: "program P {\n  state { a: Int = 0 }\n  state { b: Int = 0 }\n}",
    right: "program P {\n  state { a: Int = 0; b: Int = 0 }\n}",
  },
  TEL0503: {
    title: "not a constant",
    explanation:
      "What starts an entry by itself is fixed when the program is deployed: literals, constructors, lists and timelines.",
    wrong: "fn size() -> Int { 3 }\nprogram P {\n  entry run(n: Int) { }\n  on every 1m => run(size())\n}",
    right: "program P {\n  entry run(n: Int) { }\n  on every 1m => run(3)\n}",
  },
  TEL0504: {
    title: "a migration that may never end",
    explanation:
      "Migrations are total. What they call recurses only on a part of what it was given, which a pattern took out of a parameter.",
    wrong:
      "fn down(n: Int) -> Int { if n == 0 { 0 } else { down(n - 1) } }\nprogram P {\n  state { n: Int = 0 }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: down(old.n)) }\n}",
    right:
      "type Tree = Leaf | Node(left: Tree, n: Int)\nfn sum(t: Tree) -> Int {\n  match t {\n    Leaf => 0\n    Node(left, n) => sum(left) + n\n  }\n}\nprogram P {\n  state { n: Int = 0 }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: sum(old.tree)) }\n}",
  },
  TEL0505: {
    title: "a migration with effects",
    explanation:
      "A migration makes the new state of the old one and of nothing else, so that everyone computes the same.",
    wrong: "program P {\n  state { at: Instant }\n  migration 1.0.0 -> 1.1.0 (old) { State(at: now!()) }\n}",
    right: "program P {\n  state { at: Instant }\n  migration 1.0.0 -> 1.1.0 (old) { State(at: old.at) }\n}",
  },
  TEL0506: {
    title: "a period that is too short",
    explanation: "A Bandit starts an entry at most once a second. A period of nothing, or less, would never end.",
    wrong: "program P {\n  entry run() { }\n  on every 0s => run()\n}",
    right: "program P {\n  entry run() { }\n  on every 1s => run()\n}",
  },
  TEL0507: {
    title: "nothing to try a property with",
    explanation: "A `prop` is tried with many values of its parameters' types, so these must be data.",
    wrong: 'prop "f" (f: fn(Int) -> Int) { assert f(1) == f(1) }',
    right: 'prop "f" (n: Int) { assert n == n }',
  },
  TEL0508: {
    title: "not data",
    explanation:
      "State, and what entries take and give, is stored, hashed and sent. Functions, handlers and Funds cannot be.",
    wrong: "program P {\n  state { f: fn(Int) -> Int }\n}",
    right: "program P {\n  state { n: Int }\n}",
  },
  TEL0509: {
    title: "two migrations for one step",
    explanation: "From one version to another leads at most one migration.",
    wrong:
      "program P {\n  state { n: Int = 0 }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: 1) }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: 2) }\n}",
    right: "program P {\n  state { n: Int = 0 }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: 1) }\n}",
  },
  TEL0510: {
    title: "the version before is not here",
    explanation:
      "`[schema] previous` names the version before by the hash of its schema or of its compiled program, and `old` has the type of its state. Without that version in the codebase, `old` is taken to have what the migration reads of it; an upgrade compares it with the state that is there.",
  },
};
