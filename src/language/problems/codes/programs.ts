/** TEL05xx: programs and manifests. */
import type { Explanations } from "../Explanation.ts";

export const programs: Explanations = {
  TEL0503: {
    title: "not a constant",
    explanation:
      "What starts an entry by itself is fixed when the program is deployed: literals, constructors, lists and timelines.",
    wrong: "fn size() -> Int { 3 }\nprogram P {\n  entry run(n: Int) { }\n  on every 1m => run(size())\n}",
    right: "program P {\n  entry run(n: Int) { }\n  on every 1m => run(3)\n}",
  },
  TEL0509: {
    title: "two migrations for one step",
    explanation: "From one version to another leads at most one migration.",
    wrong:
      "program P {\n  state { n: Int = 0 }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: 1) }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: 2) }\n}",
    right: "program P {\n  state { n: Int = 0 }\n  migration 1.0.0 -> 1.1.0 (old) { State(n: 1) }\n}",
  },
};
