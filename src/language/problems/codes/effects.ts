/** TEL04xx: what effects must not do: deadlines, grants, branches, resources. */
import type { Explanations } from "../Explanation.ts";

export const effects: Explanations = {
  TEL0403: {
    title: "never reached",
    explanation: "Steps after `return` or `abort` never happen.",
    wrong: "fn f() -> Int {\n  return 1\n  2\n}",
    right: "fn f() -> Int {\n  return 1\n}",
  },
  TEL0407: {
    title: "state written in a branch",
    explanation: "The branches of `par` and `race` run side by side, so `state` is read-only in them.",
    wrong: "program P {\n  state { n: Int = 0 }\n  entry f() { let both = par { a = { state.n = 1 }; b = 2 } }\n}",
    right:
      "program P {\n  state { n: Int = 0 }\n  entry f() {\n    let both = par { a = 1; b = 2 }\n    state.n = both.a\n  }\n}",
  },
};
