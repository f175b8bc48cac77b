import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Value as V, type Value } from "../../src/content/index.ts";
import {
  coercion,
  compilePlan,
  decodeSchema,
  encodeSchema,
  fuse,
  hashSchema,
  Path,
  type Plan,
  plan,
  planToJson,
  RULES,
  type Schema,
  showProblem,
  stateForm,
  Type as T,
  type Uses,
} from "../../src/schema/index.ts";
import { type Choose, choices } from "./choose.ts";
import { type Edited, safeEdit, spotsOf, unsafeEdit } from "./edits.ts";
import { randomSchema, randomState, randomValue, SCALARS, schemaOf } from "./generate.ts";

const assumed: Uses = () => ({ kind: "assumed" });
const allowed = RULES;

/** New fields are declared not to be renames, so that only the rules under test decide. */
function declared(before: Schema.Schema, after: Schema.Schema): Schema.Schema {
  const names = new Set(
    plan(before, after, { uses: assumed }).changes.flatMap((c) => (c.rule === "rename" ? [c.path] : [])),
  );
  return schemaOf({ ...after, fields: after.state.fields, notRenames: [...names].map((path) => Path.normal(path)!) });
}

interface Step {
  readonly plan: Plan;
  readonly edits: readonly Edited[];
}

/** A chain of upgrades of a few safe edits each. */
function chain(choose: Choose, versions: number): readonly Step[] {
  let schema = randomSchema(choose, { allowed });
  let retired: readonly string[] = [];
  const steps: Step[] = [];
  for (let v = 0; v < versions; v++) {
    const edits: Edited[] = [];
    let next = schema;
    let gone = new Set(retired);
    for (let e = 0; e < 3; e++) {
      const edited = safeEdit(choose, next, gone);
      if (edited === undefined) continue;
      edits.push(edited);
      next = edited.schema;
      // A name that leaves and comes back inside one upgrade never left.
      if (edited.rule === "remove-unused-field")
        gone = new Set([...gone, ...plan(schema, next, { uses: assumed }).retired]);
    }
    next = declared(schema, next);
    const step = plan(schema, next, { uses: assumed, retired });
    steps.push({ plan: step, edits });
    if (step.verdict === "refused") break;
    retired = step.retired;
    schema = next;
  }
  return steps;
}

const explain = (step: Step): string =>
  `${step.edits.map((e) => `${e.rule} at ${e.path}`).join(", ")}\n${step.plan.problems.map(showProblem).join("\n")}`;

const applied = (step: Plan, state: Value.Value) => {
  const result = compilePlan(step).apply(state);
  if (!result.ok) throw new Error(showProblem(result.error));
  return result.value;
};

/** `SCHEMA_RUNS=10` runs ten times as many. */
const TIMES = Number(process.env["SCHEMA_RUNS"] ?? 1);
const RUNS = { numRuns: 300 * TIMES };

describe("a chain of edits that the rules cover", () => {
  it("is never refused, its plan never fails on a state of the old type, and the result is of the new type", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const [step] = chain(choose, 1);
        expect(step!.plan.verdict, explain(step!)).not.toBe("refused");
        const state = randomState(choose, step!.plan.before);
        const { value } = applied(step!.plan, state);
        expect(stateForm(step!.plan.after).check(value)).toBeUndefined();
      }),
      RUNS,
    );
  });

  it("rolls back exactly, through the tombstones of what it took", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const [step] = chain(choose, 1);
        const state = randomState(choose, step!.plan.before);
        const { value, tombstones } = applied(step!.plan, state);
        const back = compilePlan(step!.plan).rollback(value, tombstones);
        if (!back.ok) throw new Error(showProblem(back.error));
        expect(V.equal(back.value.value, state)).toBe(true);
        expect(back.value.left).toEqual([]);
      }),
      RUNS,
    );
  });

  it("loses no leaf: each is kept, coerced or in a tombstone", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const [step] = chain(choose, 1);
        const state = randomState(choose, step!.plan.before);
        const { value, tombstones } = applied(step!.plan, state);
        const after = leaves(value).concat(tombstones.flatMap((t) => leaves(t.value)));
        for (const leaf of leaves(state)) {
          const at = after.indexOf(leaf);
          expect(at, `${leaf} is lost`).toBeGreaterThanOrEqual(0);
          after.splice(at, 1);
        }
      }),
      RUNS,
    );
  });

  it("gives the same result fused as step by step, over several versions", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const steps = chain(choose, 5);
        expect(steps.at(-1)!.plan.verdict, explain(steps.at(-1)!)).not.toBe("refused");
        const fused = fuse(steps.map((step) => step.plan));
        if (!fused.ok) throw new Error(fused.error.kind);
        expect(fused.value.steps.length).toBeLessThanOrEqual(1);
        const state = randomState(choose, fused.value.before);
        const stepwise = steps.reduce((at, step) => applied(step.plan, at).value, state);
        const compiled = compilePlan(fused.value);
        const together = compiled.apply(state);
        if (!together.ok) throw new Error(showProblem(together.error));
        expect(V.equal(together.value.value, stepwise)).toBe(true);
        const back = compiled.rollback(together.value.value, together.value.tombstones);
        if (!back.ok) throw new Error(showProblem(back.error));
        expect(V.equal(back.value.value, state)).toBe(true);
      }),
      RUNS,
    );
  });

  it("is judged and hashed alike whatever the order of fields, names of types and positions", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const [step] = chain(choose, 1);
        const { before, after } = step!.plan;
        const shuffled = plan(shuffle(choose, before), shuffle(choose, after), { uses: assumed });
        expect(shuffled.hash).toBe(step!.plan.hash);
        expect(shuffled.from).toBe(step!.plan.from);
        expect(planToJson(plan(before, after, { uses: assumed }))).toBe(
          planToJson(plan(before, after, { uses: assumed })),
        );
      }),
      RUNS,
    );
  });

  it("is nothing at all on a state that is already there", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const [step] = chain(choose, 1);
        const { after } = step!.plan;
        const again = plan(after, after, { uses: assumed });
        expect([again.verdict, again.changes]).toEqual(["identical", []]);
        const state = randomState(choose, after);
        expect(applied(again, state).value).toBe(state);
      }),
      RUNS,
    );
  });
});

describe("a lossless coercion", () => {
  const pairs = SCALARS.flatMap((from) => SCALARS.map((to) => [from, to] as const)).filter(
    ([from, to]) => coercion(from, to).kind === "lossless",
  );

  it("is total, keeps different values different, and numbers in order", () => {
    expect(pairs.length).toBeGreaterThan(60);
    const upgrades = pairs.map(([from, to]) => {
      const field = (type: T.Type) => schemaOf({ fields: [T.field("x", type)], allowed });
      return { from, to, plan: plan(field(from), field(to)) };
    });
    fc.assert(
      fc.property(choices(), (choose) => {
        const { from, to, plan: upgrade } = upgrades[choose.int(upgrades.length)]!;
        const a = randomValue(choose, from, new Map());
        const b = randomValue(choose, from, new Map());
        const image = (value: Value.Value) =>
          V.field(applied(upgrade, V.record([["x", value]])).value as Value.Record, "x")!;
        const conforms = (value: Value.Value) => stateForm(upgrade.after).check(V.record([["x", value]]));
        expect(conforms(image(a)), `${JSON.stringify(from)} to ${JSON.stringify(to)}`).toBeUndefined();
        expect(Math.sign(V.compare(image(a), image(b)))).toBe(Math.sign(V.compare(a, b)));
      }),
      { numRuns: 1000 * TIMES },
    );
  });
});

describe("an unsafe edit among safe ones", () => {
  it("refuses the whole plan, and names its path and rule", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const before = randomSchema(choose, { allowed });
        const spoiled = unsafeEdit(choose, before);
        fc.pre(spoiled !== undefined);
        let after = spoiled!.schema;
        for (let e = 0; e < 2; e++) {
          // Safe edits elsewhere in the state; a named type may be the spoiled one.
          const edited = safeEdit(choose, after, new Set());
          const elsewhere =
            edited?.path !== undefined &&
            spoiled!.path !== undefined &&
            !spoiled!.path.startsWith(edited.path) &&
            !edited.path.startsWith(spoiled!.path);
          if (edited !== undefined && elsewhere) after = edited.schema;
        }
        const judged = plan(before, after, { uses: assumed });
        // Inside a named type that no field reaches, nothing of the state changes.
        fc.pre(hashSchema(before) !== hashSchema(after));
        expect(judged.verdict).toBe("refused");
        const { path, rule } = spoiled!;
        if (path !== undefined) expect(judged.problems.map((p) => p.path)).toContain(path);
        else expect(judged.changes.filter((c) => c.reason !== undefined).map((c) => c.rule)).toContain(rule);
        expect(judged.steps).toEqual([]);
      }),
      { numRuns: 600 * TIMES },
    );
  });
});

describe("the canonical form", () => {
  it("reads back as the same schema, and its states as the same states", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const schema = randomSchema(choose, { allowed });
        const again = decodeSchema(encodeSchema(schema));
        if (!again.ok) throw new Error(again.error.reason);
        expect(hashSchema(again.value)).toBe(hashSchema(schema));
        const state = randomState(choose, schema);
        expect(stateForm(again.value).check(state)).toBeUndefined();
        expect(plan(schema, again.value).verdict).toBe("identical");
      }),
      RUNS,
    );
  });

  it("differs when anything about the states differs", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const schema = randomSchema(choose, { allowed });
        const edited = safeEdit(choose, schema, new Set());
        fc.pre(edited !== undefined && edited.path !== undefined);
        expect(hashSchema(edited!.schema)).not.toBe(hashSchema(schema));
      }),
      RUNS,
    );
  });

  it("is one for a recursive type and the same type unrolled", () => {
    const tree = (name: string) => T.record([T.field("value", T.int()), T.field("left", T.option(T.ref(name)))]);
    const plain = schemaOf({ fields: [T.field("t", T.ref("Tree"))], types: new Map([["Tree", tree("Tree")]]) });
    const unrolled = schemaOf({
      fields: [T.field("t", T.ref("A"))],
      types: new Map([
        ["A", tree("B")],
        ["B", T.record([T.field("value", T.int()), T.field("left", T.option(tree("A")))])],
      ]),
    });
    expect(hashSchema(unrolled)).toBe(hashSchema(plain));
    expect(plan(plain, unrolled).verdict).toBe("identical");
  });
});

describe("states as JSON", () => {
  it("are read back as they were written", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const schema = randomSchema(choose);
        const state = randomState(choose, schema);
        const form = stateForm(schema);
        expect(form.check(state)).toBeUndefined();
        const text = form.write(state);
        expect(() => JSON.parse(text)).not.toThrow();
        const again = form.read(text);
        if (!again.ok) throw new Error(`${showProblem(again.error)}\n${text}`);
        expect(V.equal(again.value, state)).toBe(true);
        expect(form.write(again.value)).toBe(text);
      }),
      { numRuns: 600 * TIMES },
    );
  });
});

/** The leaves of a value in a form that lossless coercions do not change. */
function leaves(value: Value.Value): string[] {
  if (typeof value !== "object") return [String(value)];
  switch (value.tag) {
    case "list":
    case "set":
    case "tuple":
      return value.items.flatMap(leaves);
    case "map":
      return value.entries.flatMap(([k, v]) => [...leaves(k), ...leaves(v)]);
    case "record":
      return value.values.flatMap(leaves);
    case "variant":
      // Options come and go around a value; None holds nothing.
      return value.payload === undefined ? (value.case === "None" ? [] : [value.case]) : leaves(value.payload);
    case "decimal":
      return value.exponent >= 0
        ? [String(value.coefficient * 10n ** BigInt(value.exponent))]
        : [`${value.coefficient}e${value.exponent}`];
    case "float":
      return [Object.is(value.value, -0) ? "-0" : String(value.value)];
    default:
      return [JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : v))];
  }
}

/** The same schema, written differently: fields in another order, other names of types. */
function shuffle(choose: Choose, schema: Schema.Schema): Schema.Schema {
  const renamed = (name: string) => `Other${name}`;
  const rename = (type: T.Type): T.Type => {
    switch (type.kind) {
      case "ref":
        return T.ref(renamed(type.name));
      case "option":
      case "list":
      case "set":
        return { ...type, item: rename(type.item) };
      case "map":
        return { ...type, key: rename(type.key), item: rename(type.item) };
      case "tuple":
        return { ...type, items: type.items.map(rename) };
      case "record":
        return T.record(type.fields.map((f) => ({ ...f, type: rename(f.type) })).reverse());
      case "variant":
        return T.variant(
          type.cases.map((c) => ({ ...c, payload: c.payload === undefined ? undefined : rename(c.payload) })).reverse(),
        );
      default:
        return type;
    }
  };
  const types = [...schema.types].map(([name, type]) => [renamed(name), rename(type)] as const);
  if (choose.int(2) === 0) types.reverse();
  return schemaOf({ ...schema, fields: (rename(schema.state) as T.RecordType).fields, types: new Map(types) });
}

describe("the generator", () => {
  it("reaches every kind of type", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(choices(), (choose) => {
        for (const spot of spotsOf(randomSchema(choose))) kinds.add(spot.type.kind);
      }),
      { numRuns: 300 },
    );
    expect(kinds.size).toBeGreaterThanOrEqual(18);
  });
});
