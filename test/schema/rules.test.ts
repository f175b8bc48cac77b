/** Every rule in every nesting: once allowed, once without the rule, and each unsafe change at the same places. */
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/content/index.ts";
import { compilePlan, showProblem, stateForm } from "../../src/schema/index.ts";
import { ALL_RULES, planOf } from "./build.ts";

/** A place for a type inside the state: how it is written, how its path goes on, and a state around a value. */
const NESTINGS: readonly (readonly [
  name: string,
  around: (type: string) => string,
  path: string,
  state: (json: string) => string,
])[] = [
  ["a field", (t) => t, "$.x", (v) => v],
  ["an option", (t) => `option<${t}>`, "$.x?", (v) => v],
  ["a list", (t) => `list<${t}>`, "$.x[]", (v) => `[${v},${v}]`],
  ["a list of fixed length", (t) => `list[2]<${t}>`, "$.x[]", (v) => `[${v},${v}]`],
  ["a map", (t) => `map<text, ${t}>`, "$.x{}", (v) => `{"a":${v},"b":${v}}`],
  ["a map with tuples as keys", (t) => `map<tuple<int, text>, ${t}>`, "$.x{}", (v) => `[[[1,"a"],${v}]]`],
  ["a tuple", (t) => `tuple<text, ${t}>`, "$.x.1", (v) => `["a",${v}]`],
  ["a record", (t) => `record{inner: ${t}}`, "$.x.inner", (v) => `{"inner":${v}}`],
  ["a variant", (t) => `variant{none, some: ${t}}`, "$.x#some", (v) => `{"some":${v}}`],
  ["a named type", () => "Named", "$.x", (v) => v],
  [
    "a recursive type",
    () => "list<Node>",
    "$.x[].item",
    (v) => `[{"item":${v},"next":[]},{"item":${v},"next":[{"item":${v},"next":[]}]}]`,
  ],
  [
    "a map of lists of records",
    (t) => `map<asset, list<record{leg: ${t}}>>`,
    "$.x{}[].leg",
    (v) => `{"ETH":[{"leg":${v}}]}`,
  ],
];

/** What each rule does at the place: type before and after, the path below it, a value before and after. */
const RULES: readonly (readonly [
  rule: string,
  before: string,
  after: string,
  step: string,
  was: string,
  becomes: string,
])[] = [
  ["add-optional-field", "record{a: int}", "record{a: int, b: option<text>}", ".b", '{"a":1}', '{"a":1,"b":null}'],
  ["add-default-field", "record{a: int}", "record{a: int, b: decimal = 0.05}", ".b", '{"a":1}', '{"a":1,"b":0.05}'],
  ["remove-unused-field", "record{a: int, old: text}", "record{a: int}", ".old", '{"a":1,"old":"x"}', '{"a":1}'],
  ["coerce-lossless", "int", "decimal", "", "9007199254740993", '"9007199254740993"'],
  ["coerce-lossless", "nat8", "int16", "", "255", "255"],
  ["coerce-lossless", "int32", "float", "", "-7", "-7"],
  ["coerce-lossless", "bytes[2]", "bytes", "", '"0x0102"', '"0x0102"'],
  ["coerce-lossless", "record{a: int}", "option<record{a: int}>", "", '{"a":1}', '{"a":1}'],
  ["add-variant-case", "variant{open}", "variant{open, closed: text}", "#closed", '"open"', '"open"'],
];

/** Changes that no rule covers. */
const UNSAFE: readonly (readonly [rule: string, before: string, after: string, step: string, cls: string])[] = [
  ["rename", "record{price: decimal}", "record{oraclePrice: decimal = 1}", ".oraclePrice", "migration"],
  ["add-required-field", "record{a: int}", "record{a: int, b: text}", ".b", "migration"],
  ["change-type", "int", "int8", "", "migration"],
  ["change-type", "int", "nat", "", "migration"],
  ["change-type", "int", "float", "", "migration"],
  ["change-type", "decimal", "int", "", "migration"],
  ["change-type", "decimal", "decimal(10, 2)", "", "migration"],
  ["change-type", "float", "decimal", "", "forbidden"],
  ["change-type", "decimal", "float", "", "forbidden"],
  ["change-type", "text", "bytes", "", "migration"],
  ["change-type", "bool", "int", "", "migration"],
  ["change-type", "record{a: option<int>}", "record{a: int}", ".a", "migration"],
  ["change-type", "tuple<int, int>", "tuple<int>", "", "migration"],
  ["change-type", "list[2]<int>", "list[3]<int>", "", "migration"],
  ["change-type", "list<int>", "set<int>", "", "migration"],
  ["change-type", "variant{open}", "variant{open: text}", "#open", "migration"],
  ["remove-variant-case", "variant{open, closed}", "variant{open}", "#closed", "migration"],
  ["change-key-type", "map<text, int>", "map<asset, int>", "{key}", "forbidden"],
  ["change-key-type", "map<nat8, int>", "map<nat16, int>", "{key}", "forbidden"],
  ["change-key-type", "set<text>", "set<asset>", "[]", "forbidden"],
];

const typed = (field: string, type: string, allowed: string) => `[schema]
version = "1.0.0"
[schema.types]
Named = ${JSON.stringify(type)}
Node = ${JSON.stringify(`record{item: ${type}, next: list<Node>}`)}
[schema.fields]
x = ${JSON.stringify(field)}
${allowed}`;

const without = (rule: string) =>
  ALL_RULES.replace(`"${rule}"`, "").replace(", ,", ",").replace("[, ", "[").replace(", ]", "]");

describe.each(NESTINGS)("inside %s", (_, around, path, stateOf) => {
  it.each(RULES)("%s carries %s to %s", (rule, before, after, step, was, becomes) => {
    // An option of an option is no type; there the coercion has nowhere to stand.
    if (after.startsWith("option") && path.endsWith("?")) return;
    const plan = planOf(typed(around(before), before, ALL_RULES), typed(around(after), after, ALL_RULES));
    expect(plan.problems.map(showProblem)).toEqual([]);
    expect(plan.changes.map((c) => [c.path, c.rule])).toEqual([[path + step, rule]]);
    expect(plan.verdict).toBe("auto");
    const state = stateForm(plan.before).read(`{"x":${stateOf(was)}}`);
    if (!state.ok) throw new Error(showProblem(state.error));
    const compiled = compilePlan(plan);
    const applied = compiled.apply(state.value);
    if (!applied.ok) throw new Error(showProblem(applied.error));
    expect(stateForm(plan.after).write(applied.value.value)).toBe(`{"x":${stateOf(becomes)}}`);
    const back = compiled.rollback(applied.value.value, applied.value.tombstones);
    if (!back.ok) throw new Error(showProblem(back.error));
    expect(stateForm(plan.before).write(back.value.value as Value.Value)).toBe(
      stateForm(plan.before).write(state.value),
    );
  });

  it.each(RULES)(
    "%s is refused by name when the old program does not allow it (%s to %s)",
    (rule, before, after, step) => {
      if (after.startsWith("option") && path.endsWith("?")) return;
      const plan = planOf(typed(around(before), before, without(rule)), typed(around(after), after, ALL_RULES));
      expect(plan.verdict).toBe("refused");
      expect(plan.changes.map((c) => [c.path, c.rule, c.class])).toEqual([[path + step, rule, "allowed-rule-missing"]]);
      expect(plan.problems[0]!.why).toContain(rule);
      expect(plan.problems[0]!.fix).toContain(`"${rule}"`);
      expect(plan.steps).toEqual([]);
    },
  );

  it.each(UNSAFE)("%s is refused: %s to %s", (rule, before, after, step, cls) => {
    const plan = planOf(typed(around(before), before, ALL_RULES), typed(around(after), after, ALL_RULES));
    expect(plan.verdict).toBe("refused");
    expect(plan.changes.map((c) => [c.path, c.rule, c.class])).toEqual([[path + step, rule, cls]]);
    const [problem] = plan.problems;
    expect(problem!.path).toBe(path + step);
    expect(problem!.why).toBeTruthy();
    expect(problem!.fix).toBeTruthy();
    expect(problem!.at?.file).toBe("new.toml");
  });
});

describe("coercions", () => {
  const INTS = ["nat8", "nat16", "nat32", "nat64", "nat", "int8", "int16", "int32", "int64", "int"];
  const OTHERS = [
    "decimal",
    "decimal(3, 0)",
    "decimal(5, 0)",
    "decimal(10, 0)",
    "decimal(12, 2)",
    "decimal(20, 0)",
    "float32",
    "float",
  ];
  const RANGES: { readonly [type: string]: readonly [string, string] } = {
    nat8: ["0", "255"],
    nat16: ["0", "65535"],
    nat32: ["0", "4294967295"],
    nat64: ["0", "18446744073709551615"],
    nat: ["0", "99999999999999999999999999"],
    int8: ["-128", "127"],
    int16: ["-32768", "32767"],
    int32: ["-2147483648", "2147483647"],
    int64: ["-9223372036854775808", "9223372036854775807"],
    int: ["-99999999999999999999999999", "99999999999999999999999999"],
  };
  const schema = (type: string) => `[schema.fields]\nx = "${type}"\n${ALL_RULES}`;

  it.each(INTS.flatMap((from) => [...INTS, ...OTHERS].map((to) => [from, to] as const)))(
    "%s to %s is allowed exactly when both ends of its range fit",
    (from, to) => {
      const plan = planOf(schema(from), schema(to));
      const fits = RANGES[from]!.every((json) => {
        const read = stateForm(planOf(schema(to), schema(to)).after).read(
          `{"x":${to.startsWith("float") ? json : `"${json}"`}}`,
        );
        return read.ok && (!to.startsWith("float") || exact(json, to));
      });
      // Unbounded integers have no ends: a decimal holds them, a float does not.
      const unbounded = (from === "int" || from === "nat") && to.startsWith("float");
      expect(plan.verdict !== "refused").toBe(fits && !unbounded);
    },
  );

  const exact = (json: string, to: string): boolean => {
    const bits = BigInt(json) < 0n ? -BigInt(json) : BigInt(json) + 1n;
    return bits <= 1n << (to === "float" ? 53n : 24n);
  };

  it("keep the order and the difference of numbers", () => {
    const plan = planOf(schema("int64"), schema("decimal"));
    const compiled = compilePlan(plan);
    const form = stateForm(plan.before);
    const numbers = [
      "-9223372036854775808",
      "-1",
      "0",
      "1",
      "10",
      "9007199254740993",
      "9007199254740992",
      "9223372036854775807",
    ];
    const written = numbers.map((n) => {
      const state = form.read(`{"x":"${n}"}`);
      if (!state.ok) throw new Error(showProblem(state.error));
      const applied = compiled.apply(state.value);
      if (!applied.ok) throw new Error(showProblem(applied.error));
      return stateForm(plan.after)
        .write(applied.value.value)
        .replace(/[^-0-9]/g, "");
    });
    expect(written).toEqual(numbers);
  });
});
