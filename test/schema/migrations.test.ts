import { describe, expect, it } from "vitest";
import { Decimal, Value } from "../../src/content/index.ts";
import {
  compilePlan,
  fuse,
  type MigrationFunctions,
  noFunctions,
  type Plan,
  parseManifest,
  plan,
  schemaFromNode,
  schemaToNode,
  showProblem,
  stateForm,
  Type as T,
} from "../../src/schema/index.ts";
import { err, ok } from "../../src/std/index.ts";
import { ALL_RULES, planOf, schemaFrom } from "./build.ts";

const fields = (text: string) => `[schema.fields]\n${text}\n${ALL_RULES}`;

function carried(
  upgrade: Plan,
  json: string,
): { readonly json: string; readonly back: string; readonly tombstones: number } {
  if (upgrade.verdict === "refused") throw new Error(upgrade.problems.map(showProblem).join("\n"));
  const state = stateForm(upgrade.before).read(json);
  if (!state.ok) throw new Error(showProblem(state.error));
  const compiled = compilePlan(upgrade);
  const applied = compiled.apply(state.value);
  if (!applied.ok) throw new Error(showProblem(applied.error));
  expect(stateForm(upgrade.after).check(applied.value.value)).toBeUndefined();
  const back = compiled.rollback(applied.value.value, applied.value.tombstones);
  if (!back.ok) throw new Error(showProblem(back.error));
  return {
    json: stateForm(upgrade.after).write(applied.value.value),
    back: stateForm(upgrade.before).write(back.value.value),
    tombstones: applied.value.tombstones.length,
  };
}

const sortKeys = (json: unknown): unknown => {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
};

const CARRIED: readonly (readonly [
  what: string,
  old: string,
  next: string,
  migration: string,
  state: string,
  after: string,
])[] = [
  [
    "rename",
    'price = "int"',
    'oraclePrice = "decimal"',
    'op = "rename"\nfrom = "price"\nto = "oraclePrice"',
    '{"price":3}',
    '{"oraclePrice":3}',
  ],
  [
    "rename inside a list of a named type",
    'legs = "list<record{px: int, qty: nat}>"',
    'legs = "list<record{price: int, qty: nat, note: option<text>}>"',
    'op = "rename"\nfrom = "legs[].px"\nto = "legs[].price"',
    '{"legs":[{"px":1,"qty":2},{"px":-3,"qty":4}]}',
    '{"legs":[{"note":null,"price":1,"qty":2},{"note":null,"price":-3,"qty":4}]}',
  ],
  [
    "two renames that swap",
    'a = "int"\nb = "text"',
    'a = "text"\nb = "int"',
    'op = "rename"\nfrom = "a"\nto = "b"\n[[schema.migrations]]\nop = "rename"\nfrom = "b"\nto = "a"',
    '{"a":1,"b":"x"}',
    '{"a":"x","b":1}',
  ],
  [
    "split of a record",
    'spread = "record{ask: decimal, bid: decimal}"',
    'askPrice = "decimal"\nbidPrice = "decimal"',
    'op = "split"\nfrom = "spread"\ninto = { askPrice = "ask", bidPrice = "bid" }',
    '{"spread":{"ask":2.5,"bid":2.4}}',
    '{"askPrice":2.5,"bidPrice":2.4}',
  ],
  [
    "split of a part of a record",
    'spread = "record{ask: decimal, bid: decimal}"',
    'ask = "decimal"',
    'op = "split"\nfrom = "spread"\ninto = ["ask"]',
    '{"spread":{"ask":2.5,"bid":2.4}}',
    '{"ask":2.5}',
  ],
  [
    "split of a tuple",
    'pair = "tuple<text, int>"',
    'base = "text"\nsize = "decimal"',
    'op = "split"\nfrom = "pair"\ninto = ["base", "size"]',
    '{"pair":["ETH",5]}',
    '{"base":"ETH","size":5}',
  ],
  [
    "split of a text",
    'pair = "text"',
    'base = "text"\nquote = "text"',
    'op = "split"\nfrom = "pair"\ninto = ["base", "quote"]\nby = "/"',
    '{"pair":"ETH/USD/C"}',
    '{"base":"ETH","quote":"USD/C"}',
  ],
  [
    "split of a text without the separator",
    'pair = "text"',
    'base = "text"\nquote = "text"',
    'op = "split"\nfrom = "pair"\ninto = ["base", "quote"]\nby = "/"\notherwise = "USDC"',
    '{"pair":"ETH"}',
    '{"base":"ETH","quote":"USDC"}',
  ],
  [
    "merge into a record",
    'ask = "int"\nbid = "int"',
    'spread = "record{high: decimal, low: decimal}"',
    'op = "merge"\nfrom = { high = "ask", low = "bid" }\nto = "spread"',
    '{"ask":3,"bid":2}',
    '{"spread":{"high":3,"low":2}}',
  ],
  [
    "merge into a tuple",
    'ask = "int"\nbid = "text"',
    'spread = "tuple<text, int>"',
    'op = "merge"\nfrom = ["bid", "ask"]\nto = "spread"',
    '{"ask":3,"bid":"x"}',
    '{"spread":["x",3]}',
  ],
  [
    "merge of texts that hold the separator",
    'base = "text"\nquote = "text"',
    'pair = "text"',
    'op = "merge"\nfrom = ["base", "quote"]\nto = "pair"\nby = "/"',
    '{"base":"A/B","quote":"C"}',
    '{"pair":"A/B/C"}',
  ],
  [
    "hoist",
    'limits = "record{inner: record{maxSlippage: decimal, x: int}}"',
    'limits = "record{inner: record{x: int}}"\nmaxSlippage = "decimal"',
    'op = "hoist"\nfrom = "limits.inner.maxSlippage"\nto = "maxSlippage"',
    '{"limits":{"inner":{"maxSlippage":0.01,"x":1}}}',
    '{"limits":{"inner":{"x":1}},"maxSlippage":0.01}',
  ],
  [
    "plunge",
    'limits = "record{x: int}"\nmaxSlippage = "decimal"',
    'limits = "record{maxSlippage: decimal, x: int}"',
    'op = "plunge"\nfrom = "maxSlippage"\nto = "limits.maxSlippage"',
    '{"limits":{"x":1},"maxSlippage":0.01}',
    '{"limits":{"maxSlippage":0.01,"x":1}}',
  ],
  [
    "fill of an option",
    'a = "map<text, option<int>>"',
    'a = "map<text, decimal>"',
    'op = "fill"\nfield = "a{}"\nvalue = 7',
    '{"a":{"x":null,"y":7,"z":1}}',
    '{"a":{"x":7,"y":7,"z":1}}',
  ],
  [
    "fill of a required field",
    'a = "int"',
    'a = "int"\nb = "text"',
    'op = "fill"\nfield = "b"\nvalue = "new"',
    '{"a":1}',
    '{"a":1,"b":"new"}',
  ],
  [
    "fill of values that a narrower type cannot hold",
    'a = "list<int>"',
    'a = "list<nat8>"',
    'op = "fill"\nfield = "a[]"\nvalue = 255',
    '{"a":[1,-1,256,255]}',
    '{"a":[1,255,255,255]}',
  ],
];

describe("declared migrations carry a state forward and exactly back", () => {
  it.each(CARRIED)("%s", (_, before, after, migration, was, becomes) => {
    const upgrade = planOf(fields(before), `${fields(after)}[[schema.migrations]]\n${migration}\n`);
    expect(upgrade.verdict).toBe("migrated");
    expect(carried(upgrade, was)).toMatchObject({ json: becomes, back: was });
  });

  const lenses = CARRIED.filter(([, , , migration]) => !/op = "(rename|fill|call)"/.test(migration));
  it.each(lenses)("%s, inside a record of the state", (_, old, next, migration, state, after) => {
    expect(lenses.length).toBeGreaterThan(8);
    const boxed = (text: string) => {
      const parts = text.split("\n").map((line) => line.replace(/^(\S+) = "(.*)"$/, "$1: $2"));
      return `before = "int"\nbox = "record{inner: record{${parts.join(", ").replaceAll('"', "'")}, last: int}, beside: text}"`.replaceAll(
        "'",
        '\\"',
      );
    };
    const json = (inner: string) => `{"before":1,"box":{"beside":"x","inner":${inner.replace(/\}$/, ',"last":2}')}}}`;
    const plain = planOf(fields(old), `${fields(next)}[[schema.migrations]]\n${migration}`);
    const inside = migration.replace(/op = "(\w+)"/g, 'op = "$1"\nin = "box.inner"');
    const upgrade = planOf(fields(boxed(old)), `${fields(boxed(next))}[[schema.migrations]]\n${inside}`);
    const sorted = (text: string) => JSON.stringify(sortKeys(JSON.parse(text)));
    const done = carried(upgrade, json(state));
    expect(sorted(done.json)).toBe(sorted(json(after)));
    expect(sorted(done.back)).toBe(sorted(json(state)));
    expect(done.tombstones).toBe(carried(plain, state).tombstones);
    expect(upgrade.changes.map((change) => change.rule)).toEqual(plain.changes.map((change) => change.rule));
    expect(upgrade.retired).toEqual(plain.retired.map((path) => path.replace("$", "$.box.inner")));
    // A plan of the canonical form is the same plan: the path of the record is part of what is hashed.
    const read = schemaFromNode(schemaToNode(upgrade.after));
    expect(read.ok && plan(upgrade.before, read.value).hash).toBe(plan(upgrade.before, upgrade.after).hash);
  });

  it.each([
    ["that the old state has not", 'in = "bax"', "`in`: the old state has no record `bax`"],
    ["that is no record", 'in = "before"', "`in`: the old state has no record `before`"],
    ["that is deeper than the state", 'in = "box.deep"', "`in`: `box` of the old state has no record `deep`"],
    ["without the field", 'in = "box"', "`box` of the old state has no field `spread`; did you mean `spread2`?"],
  ])("inside a record %s are refused", (_, where, what) => {
    const old = fields('before = "int"\nbox = "record{spread2: tuple<int, int>}"');
    const next = fields('before = "int"\nbox = "record{a: int, b: int}"');
    const upgrade = planOf(
      old,
      `${next}[[schema.migrations]]\nop = "split"\nfrom = "spread"\ninto = ["a", "b"]\n${where}`,
    );
    expect(upgrade.problems.map((problem) => problem.what)).toContain(`migration split: ${what}`);
  });

  it("take `in` only where fields of a record are meant", () => {
    const parsed = parseManifest(
      `${fields('b = "int"')}[[schema.migrations]]\nop = "rename"\nfrom = "a"\nto = "b"\nin = "c"`,
      "p.toml",
    );
    expect(!parsed.ok && parsed.error.map((problem) => problem.code)).toEqual(["SCH0102"]);
  });

  it("give bare fields their types, keeping values of the type and filling the rest", () => {
    const upgrade = planOf(
      `[schema]\nfields = ["balances"]\n${ALL_RULES}`,
      `${fields('balances = "map<asset, decimal>"')}[[schema.migrations]]\nop = "fill"\nfield = "balances"\nvalue = {}\n`,
    );
    expect(carried(upgrade, '{"balances":{"ETH":100}}')).toMatchObject({
      json: '{"balances":{"ETH":100}}',
      back: '{"balances":{"ETH":100}}',
    });
    expect(carried(upgrade, '{"balances":[1,"x",null]}')).toMatchObject({
      json: '{"balances":{}}',
      back: '{"balances":[1,"x",null]}',
    });
  });

  it("say in the plan what they take away", () => {
    const upgrade = planOf(
      fields('a = "option<int>"\np = "int"'),
      `${fields('a = "int"\nq = "int"')}[[schema.migrations]]\nop = "fill"\nfield = "a"\nvalue = 0\n[[schema.migrations]]\nop = "rename"\nfrom = "p"\nto = "q"`,
    );
    expect(upgrade.changes.map((c) => [c.path, c.rule, c.class, c.loss, c.reversible])).toEqual([
      ["$.a", "fill", "migration", "tombstoned", true],
      ["$.q", "rename", "migration", "none", true],
    ]);
    expect(upgrade.retired).toEqual(["$.p"]);
  });

  it("are the same written as renamed_from", () => {
    const one = planOf(fields('p = "int"'), fields('q = { type = "int", renamed_from = "p" }'));
    const other = planOf(
      fields('p = "int"'),
      `${fields('q = "int"')}[[schema.migrations]]\nop = "rename"\nfrom = "p"\nto = "q"`,
    );
    expect([one.verdict, one.hash]).toEqual(["migrated", other.hash]);
  });

  it("stay steps of their own when plans are fused, with the same result", () => {
    const versions = [
      fields('a = "int"\np = "option<text>"'),
      fields('a = "decimal"\np = "option<text>"\nb = "option<int>"'),
      `${fields('c = "record{left: decimal, right: option<int>}"\np = "text"')}[[schema.migrations]]\nop = "merge"\nfrom = { left = "a", right = "b" }\nto = "c"\n[[schema.migrations]]\nop = "fill"\nfield = "p"\nvalue = "none"`,
      fields('c = "record{left: decimal, right: option<int>, more: list<text> = []}"\np = "option<text>"'),
    ];
    const plans = versions.slice(1).map((after, i) => planOf(versions[i]!, after));
    const fused = fuse(plans);
    if (!fused.ok) throw new Error(fused.error.kind);
    const state = stateForm(plans[0]!.before).read('{"a":1,"p":null}');
    if (!state.ok) throw new Error(showProblem(state.error));
    const compiled = compilePlan(fused.value);
    const applied = compiled.apply(state.value);
    if (!applied.ok) throw new Error(showProblem(applied.error));
    expect(stateForm(fused.value.after).write(applied.value.value)).toBe(
      '{"c":{"left":1,"more":[],"right":null},"p":"none"}',
    );
    const back = compiled.rollback(applied.value.value, applied.value.tombstones);
    expect(back.ok && Value.equal(back.value.value, state.value)).toBe(true);
    expect(fused.value.steps.length).toBe(3);
  });
});

describe("a migration that does not fit is refused", () => {
  it.each<readonly [string, string, string, string, string]>([
    ["a rename from nothing", 'a = "int"', 'b = "int"', 'op = "rename"\nfrom = "aa"\nto = "b"', "no field $.aa"],
    ["a rename to nothing", 'a = "int"', 'b = "int"', 'op = "rename"\nfrom = "a"\nto = "c"', "no field $.c"],
    [
      "a rename out of its record",
      'a = "record{x: int}"',
      'b = "int"',
      'op = "rename"\nfrom = "a.x"\nto = "b"',
      "inside one record",
    ],
    [
      "a split of a number",
      'a = "int"',
      'b = "int"\nc = "int"',
      'op = "split"\nfrom = "a"\ninto = ["b", "c"]',
      "only records",
    ],
    [
      "a split into a field that exists",
      'a = "tuple<int, int>"\nb = "int"',
      'b = "int"\nc = "int"',
      'op = "split"\nfrom = "a"\ninto = ["b", "c"]',
      "already has",
    ],
    [
      "a merge of numbers by a separator",
      'a = "int"\nb = "int"',
      'c = "text"',
      'op = "merge"\nfrom = ["a", "b"]\nto = "c"\nby = "/"',
      "only texts",
    ],
    [
      "a hoist through a list",
      'a = "list<record{x: int}>"',
      'x = "int"',
      'op = "hoist"\nfrom = "a.x"\nto = "x"',
      "through records",
    ],
    [
      "a fill of the wrong type",
      'a = "option<int>"',
      'a = "int"',
      'op = "fill"\nfield = "a"\nvalue = "x"',
      "expected int",
    ],
    [
      "a fill that fills nothing",
      'a = "int"',
      'a = "int"\nb = "option<int>"',
      'op = "fill"\nfield = "a"\nvalue = 1',
      "needs no value",
    ],
    [
      "a function that is not here",
      'a = "int"',
      'b = "int"',
      'op = "call"\nfunction = "bafy123..."\nreads = ["a"]\nwrites = ["b"]',
      "not in this store",
    ],
  ])("%s", (_, before, after, migration, text) => {
    const upgrade = planOf(fields(before), `${fields(after)}[[schema.migrations]]\n${migration}\n`);
    expect(upgrade.verdict).toBe("refused");
    expect(upgrade.problems.map((p) => `${p.what} ${p.why ?? ""}`).join("\n")).toContain(text);
    expect(upgrade.problems.every((p) => p.at !== undefined)).toBe(true);
  });
});

/** Stands in for a program's function: the middle of a spread becomes its two sides. */
const halves: MigrationFunctions = (call) =>
  call.function === "bafyhalves"
    ? ok({
        reads: new Map([["spread", T.decimal()]]),
        writes: new Map([
          ["askPrice", T.decimal()],
          ["bidPrice", T.decimal()],
        ]),
        types: new Map(),
        run: (reads) => {
          const spread = reads.get("spread") as Decimal.Decimal;
          if (spread.coefficient < 0n) return err("a spread is not negative");
          const half = Decimal.divide(spread, Decimal.of(2n, 0));
          if (spread.coefficient === 13n) return ok(new Map<string, Value.Value>([["askPrice", "13"]]));
          return ok(
            new Map<string, Value.Value>([
              ["askPrice", half],
              ["bidPrice", Decimal.negate(half)],
            ]),
          );
        },
      })
    : noFunctions(call);

describe("a migration function", () => {
  const before = fields('spread = "decimal"\nkeep = "int"');
  const after = `${fields('askPrice = "decimal"\nbidPrice = "decimal"\nkeep = "decimal"')}[[schema.migrations]]\nop = "call"\nfunction = "bafyhalves"\nreads = ["spread"]\nwrites = ["askPrice", "bidPrice"]\n`;

  it("is type-checked against both schemas, and what it does not touch evolves by the rules", () => {
    const upgrade = planOf(before, after, { functions: halves });
    expect(carried(upgrade, '{"keep":1,"spread":3}')).toMatchObject({
      json: '{"askPrice":1.5,"bidPrice":-1.5,"keep":1}',
      back: '{"keep":1,"spread":3}',
    });
  });

  it("of another type is refused", () => {
    const upgrade = planOf(before.replace("decimal", "text"), after, { functions: halves });
    expect(upgrade.problems.map((p) => p.what)).toEqual([
      "migration call: the function takes spread as decimal, the old state has text",
    ]);
  });

  it("that refuses, or gives what it did not promise, leaves the state as it was", () => {
    const upgrade = planOf(before, after, { functions: halves });
    const form = stateForm(upgrade.before);
    for (const [json, text] of [
      ['{"keep":1,"spread":-3}', "a spread is not negative"],
      ['{"keep":1,"spread":13}', "it gave no value for bidPrice"],
    ] as const) {
      const state = form.read(json);
      if (!state.ok) throw new Error(showProblem(state.error));
      const applied = compilePlan(upgrade).apply(state.value);
      expect(!applied.ok && applied.error.code).toBe("SCH0152");
      expect(!applied.ok && applied.error.what).toContain(text);
      expect(form.write(state.value)).toBe(json);
    }
  });

  it("carries a change of meaning, which nothing else can", () => {
    const was = fields('risk = { type = "decimal", meaning = "per asset, 0 to 1" }');
    const is = fields('risk = { type = "decimal", meaning = "global, 0 to 1" }');
    const refused = planOf(was, is);
    expect(refused.changes.map((c) => [c.path, c.rule, c.class])).toEqual([["$.risk", "change-meaning", "migration"]]);
    const same: MigrationFunctions = () =>
      ok({
        reads: new Map([["risk", T.decimal()]]),
        writes: new Map([["risk", T.decimal()]]),
        types: new Map(),
        run: (reads) =>
          ok(new Map([["risk", Decimal.multiply(reads.get("risk") as Decimal.Decimal, Decimal.of(2n, 0))]])),
      });
    const upgrade = planOf(
      was,
      `${is}[[schema.migrations]]\nop = "call"\nfunction = "bafytwice"\nreads = ["risk"]\nwrites = ["risk"]\n`,
      { functions: same },
    );
    expect(carried(upgrade, '{"risk":0.25}')).toMatchObject({ json: '{"risk":0.5}', back: '{"risk":0.25}' });
  });
});

describe("retired names", () => {
  it("stay retired inside a record that was renamed", () => {
    const a = fields('p = "record{x: int, y: int}"');
    const b = fields('p = "record{y: int}"');
    const first = planOf(a, b);
    const second = planOf(
      b,
      `${fields('q = "record{y: int}"')}[[schema.migrations]]\nop = "rename"\nfrom = "p"\nto = "q"`,
      { retired: first.retired },
    );
    const third = planOf(fields('q = "record{y: int}"'), fields('q = "record{y: int, x: option<int>}"'), {
      retired: second.retired,
    });
    expect(third.problems.map((p) => [p.code, p.path])).toEqual([["SCH0136", "$.q.x"]]);
  });

  it("cannot be dropped from a file", () => {
    const upgrade = planOf(
      `[schema]\nreserved = ["old"]\n${fields('a = "int"')}`.replace("[schema]", "[schema]"),
      fields('a = "int"\nb = "option<int>"'),
    );
    expect(upgrade.problems.map((p) => [p.code, p.path])).toEqual([["SCH0141", "$.old"]]);
  });
});

describe("effects", () => {
  const effect = (parameters: string, result = "unit") =>
    `[schema]\nfields = []\n${ALL_RULES}[effects.Deposit]\nparameters = 'record{${parameters}}'\nresult = "${result}"\n`;
  it.each<readonly [string, string, string, string, string]>([
    [
      "a new optional parameter",
      effect("amount: decimal"),
      effect("amount: decimal, timestamp: option<instant>"),
      "add-optional-parameter",
      "auto",
    ],
    [
      "a new parameter with a default",
      effect("amount: decimal"),
      effect('amount: decimal, memo: text = ""'),
      "add-optional-parameter",
      "auto",
    ],
    [
      "a new required parameter",
      effect("amount: decimal"),
      effect("amount: decimal, timestamp: instant"),
      "change-effect-parameter",
      "refused",
    ],
    [
      "a parameter that is gone",
      effect("amount: decimal, memo: text"),
      effect("amount: decimal"),
      "change-effect-parameter",
      "refused",
    ],
    ["a wider parameter", effect("amount: int"), effect("amount: decimal"), "coerce-lossless", "auto"],
    ["a narrower parameter", effect("amount: decimal"), effect("amount: int"), "change-effect-parameter", "refused"],
    ["a narrower result", effect("", "option<int>"), effect("", "int"), "refine-return-type", "auto"],
    [
      "a result with a field more",
      effect("", "record{a: int}"),
      effect("", "record{a: int, b: text}"),
      "refine-return-type",
      "auto",
    ],
    ["a wider result", effect("", "int"), effect("", "option<int>"), "change-return-type", "refused"],
    [
      "a result with a case more",
      effect("", "variant{a}"),
      effect("", "variant{a, b}"),
      "change-return-type",
      "refused",
    ],
    ["a new effect", `[schema]\nfields = []\n${ALL_RULES}`, effect(""), "add-effect-type", "auto"],
    ["an effect that is gone", effect(""), `[schema]\nfields = []\n${ALL_RULES}`, "remove-effect-type", "refused"],
  ])("%s", (_, before, after, rule, verdict) => {
    const upgrade = planOf(before, after);
    expect(upgrade.changes.map((c) => c.rule)).toEqual([rule]);
    expect(upgrade.verdict).toBe(verdict);
  });
});

describe("a plan", () => {
  it("takes the proof of non-use into account, and shows the reader that stands in the way", () => {
    const before = fields('a = "int"\nold = "text"');
    const after = fields('a = "int"');
    const with_ = (uses: Parameters<typeof planOf>[2]) =>
      planOf(before, after, uses).problems.map((p) => [p.code, p.why]);
    expect(with_({ uses: () => ({ kind: "used", witness: ["entry run", "fn total", "state.old"] }) })).toEqual([
      ["SCH0132", "the field is still read: entry run → fn total → state.old"],
    ]);
    expect(with_({ uses: () => ({ kind: "unknown", reason: "the callee is not known" }) })[0]![0]).toBe("SCH0131");
    const proven = planOf(before, after, { uses: () => ({ kind: "unused", certificate: "bafycert" }) });
    expect([proven.verdict, proven.changes[0]!.evidence]).toEqual(["auto", "bafycert"]);
    expect(plan(schemaFrom(before), schemaFrom(after)).verdict).toBe("refused");
  });

  it("is judged by the rules of the old program: the new one cannot grant itself permission", () => {
    const upgrade = planOf('[schema.fields]\na = "int"\n', fields('a = "int"\nb = "option<int>"'));
    expect(upgrade.changes.map((c) => c.class)).toEqual(["allowed-rule-missing"]);
    expect(upgrade.notes[0]).toContain("the rules for the next upgrade change");
  });

  it("reports everything that is wrong at once", () => {
    const upgrade = planOf(
      '[schema.fields]\na = "decimal"\nb = "map<text, int>"\nc = "option<int>"\nprice = "text"\n',
      fields('a = "float"\nb = "map<asset, int>"\nc = "int"\noraclePrice = "text"\nd = "int"'),
    );
    expect(upgrade.problems.map((p) => [p.code, p.path]).sort()).toEqual([
      ["SCH0133", "$.oraclePrice"],
      ["SCH0134", "$.d"],
      ["SCH0135", "$.a"],
      ["SCH0135", "$.c"],
      ["SCH0137", "$.b{key}"],
    ]);
  });

  it("has a default change as no change of any state", () => {
    const upgrade = planOf(fields('a = { type = "int", default = 1 }'), fields('a = { type = "int", default = 2 }'));
    expect(upgrade.changes.map((c) => [c.rule, c.class, c.before, c.after])).toEqual([
      ["change-default", "identical", "1", "2"],
    ]);
    expect(carried(upgrade, '{"a":7}').json).toBe('{"a":7}');
  });

  it("of schemas with migrations survives the schema's block", () => {
    const schema = schemaFrom(
      `${fields('b = "int"')}[[schema.migrations]]\nop = "rename"\nfrom = "a"\nto = "b"\n[[schema.migrations]]\nop = "call"\nfunction = "bafyx"\nreads = ["p"]\nwrites = ["b"]\nhistory = { effects = ["ObserveOracle"], from = "genesis", fold = "bafyfold" }\n`,
    );
    const again = schemaFromNode(schemaToNode(schema));
    expect(again.ok && again.value.migrations.map(({ at: _, ...rest }) => rest)).toEqual(
      schema.migrations.map(({ at: _, ...rest }) => rest),
    );
  });
});
