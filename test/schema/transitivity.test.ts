/**
 * Three versions, two upgrades that apply: the direct upgrade must apply too, and give the same state, since names that
 * one step retires cannot come back in the next. `npm run soundness:schema` runs 100,000 of them.
 */
import { describe, expect, it } from "vitest";
import { Value } from "../../src/content/index.ts";
import { compilePlan, Path, plan, RULES, type Schema, showProblem, type Uses } from "../../src/schema/index.ts";
import { type Choose, chooseFrom } from "./choose.ts";
import { safeEdit } from "./edits.ts";
import { randomSchema, randomState, schemaOf } from "./generate.ts";

const TRIPLES = Number(process.env["SCHEMA_TRIPLES"] ?? 2000);
const FIRST = Number(process.env["SCHEMA_FIRST"] ?? 1);
/** Not a time that is tested: a bound for the long run on a busy machine. */
const LONG_MILLISECONDS = 3_600_000;
const assumed: Uses = () => ({ kind: "assumed" });

function edited(choose: Choose, schema: Schema.Schema, retired: readonly string[]): Schema.Schema {
  let next = schema;
  // A name that leaves and comes back inside one upgrade never left.
  let gone = new Set(retired);
  for (let i = 0; i < 3; i++) {
    const step = safeEdit(choose, next, gone);
    if (step === undefined) continue;
    next = step.schema;
    if (step.rule === "remove-unused-field")
      gone = new Set([...gone, ...plan(schema, next, { uses: assumed }).retired]);
  }
  return next;
}

/** Says of every new field that it is no rename, so that the question does not arise. */
function declare(before: Schema.Schema, after: Schema.Schema): Schema.Schema {
  const asked = plan(before, after, { uses: assumed }).changes.filter((c) => c.rule === "rename");
  const notRenames = [...after.notRenames, ...asked.map((c) => Path.normal(c.path)!)];
  return schemaOf({ ...after, fields: after.state.fields, notRenames });
}

describe("upgrades compose", () => {
  it(
    `in ${TRIPLES} random triples of versions`,
    () => {
      let accepted = 0;
      for (let seed = FIRST; seed < FIRST + TRIPLES; seed++) {
        const choose = chooseFrom(seed * 2_654_435_761);
        const a = randomSchema(choose, { allowed: RULES }, 2);
        const b = declare(a, edited(choose, a, []));
        const first = plan(a, b, { uses: assumed });
        const c = declare(a, declare(b, edited(choose, b, first.retired)));
        const second = plan(b, c, { uses: assumed, retired: first.retired });
        const direct = plan(a, c, { uses: assumed });
        const text = () =>
          `seed ${seed}\n${[first, second, direct].flatMap((p) => p.problems.map(showProblem)).join("\n")}`;
        if (first.verdict === "refused" || second.verdict === "refused") throw new Error(text());
        if (direct.verdict === "refused") throw new Error(`the direct upgrade is refused: ${text()}`);
        accepted++;
        const state = randomState(choose, a);
        const once = compilePlan(first).apply(state);
        const twice = once.ok ? compilePlan(second).apply(once.value.value) : once;
        const straight = compilePlan(direct).apply(state);
        if (!twice.ok || !straight.ok) throw new Error(text());
        if (!Value.equal(twice.value.value, straight.value.value))
          throw new Error(
            `the states differ: ${text()}\n${[first, second, direct].map((p) => JSON.stringify(p.changes.map((c) => [c.path, c.rule, c.before, c.after, c.value]))).join("\n")}`,
          );
      }
      expect(accepted).toBe(TRIPLES);
    },
    LONG_MILLISECONDS,
  );

  it("because a name that one step retires is refused in the next", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const choose = chooseFrom(seed * 40_503);
      const a = randomSchema(choose, { allowed: RULES }, 2);
      const gone = a.state.fields[choose.int(a.state.fields.length)]!;
      const b = schemaOf({ ...a, fields: a.state.fields.filter((f) => f !== gone) });
      const first = plan(a, b, { uses: assumed });
      const again = plan(b, schemaOf({ ...a, fields: a.state.fields }), { uses: assumed, retired: first.retired });
      expect(again.problems.map((p) => [p.code, p.path])).toEqual([["SCH0136", Path.field("$", gone.name)]]);
    }
  });
});
