/** Files and states from someone who means harm, or has made a mess: a refusal that says where, and nothing half-done. */
import { describe, expect, it } from "vitest";
import { Value } from "../../src/content/index.ts";
import {
  compilePlan,
  decodeSchema,
  encodeSchema,
  type Problem,
  parseManifest,
  showProblem,
  stateForm,
} from "../../src/schema/index.ts";
import { ALL_RULES, planOf, schemaFrom } from "./build.ts";

const problemsOf = (toml: string): readonly Problem[] => {
  const parsed = parseManifest(toml, "f.toml");
  return parsed.ok ? [] : parsed.error;
};
const codes = (toml: string) => problemsOf(toml).map((p) => p.code);
const fields = (type: string) => `[schema.fields]\nx = ${JSON.stringify(type)}\n`;

describe("a manifest", () => {
  it.each<readonly [string, string, number, number, string]>([
    ["not TOML", "[schema\nfields = []", 2, 1, "SCH0101"],
    ["a key given twice", "[schema]\nfields = []\nfields = []", 3, 1, "SCH0101"],
    ["an unknown table", "[shema]\n", 1, 2, "SCH0102"],
    ["an unknown key", "[schema]\nfield = []", 2, 1, "SCH0102"],
    ["a misspelt rule", '[schema.evolution]\nallowed = ["add-optionl-field"]', 2, 12, "SCH0105"],
    ["a rule list that is a text", '[schema.evolution]\nallowed = "add-optional-field"', 2, 11, "SCH0103"],
    ["a default for no field", '[schema]\nfields = ["a"]\n[schema.defaultValues]\nb = 1', 4, 5, "SCH0102"],
    ["a default of the wrong type", '[schema.fields]\na = { type = "int", default = "x" }', 2, 31, "SCH0116"],
    ["a field twice", '[schema]\nfields = ["a", "a"]', 2, 16, "SCH0108"],
    ["an unknown type", '[schema.fields]\na = "map<text, strin>"', 2, 16, "SCH0111"],
    ["a type that does not end", '[schema.fields]\na = "list<int"', 2, 14, "SCH0110"],
    ["a misspelt type with parts", '[schema.fields]\na = "list<varint{open}>"', 2, 11, "SCH0111"],
    ["a variant in angles", '[schema.fields]\na = "variant<open>"', 2, 13, "SCH0110"],
    ["a float as key", '[schema.fields]\na = "map<float, int>"', 2, 1, "SCH0113"],
    ["an option of an option", '[schema.fields]\na = "option<option<int>>"', 2, 1, "SCH0114"],
    ["a type without a value", '[schema.types]\nA = "record{a: A}"\n[schema.fields]\nx = "A"', 1, 2, "SCH0112"],
    [
      "a type that is another name for itself",
      '[schema.types]\nA = "B"\nB = "A"\n[schema.fields]\nx = "A"',
      1,
      2,
      "SCH0112",
    ],
    ["a declared field that is reserved", '[schema]\nreserved = ["x"]\n[schema.fields]\nx = "int"', 2, 13, "SCH0118"],
    ["a reserved text that is no path", '[schema]\nreserved = ["a..b"]', 2, 13, "SCH0119"],
    ["a version that is none", '[program]\nname = "P"\nversion = "one"', 3, 11, "SCH0106"],
    ["an empty protocol range", '[program]\nname = "P"\nprotocolVersions = [""]', 3, 21, "SCH0106"],
    ["a program without a name", '[program]\nversion = "1.0.0"', 1, 2, "SCH0104"],
    ["a timeout that is none", '[safeStateStrategy]\ntimeout = "soon"', 2, 11, "SCH0107"],
    ["a negative timeout", '[safeStateStrategy]\ntimeout = "-1h"', 2, 11, "SCH0107"],
    [
      "two words for one strategy",
      '[program]\nname = "P"\nsafeStateStrategy = "always"\n[safeStateStrategy]\ntype = "strict"',
      5,
      1,
      "SCH0109",
    ],
    ["a migration of an unknown kind", '[[schema.migrations]]\nop = "renme"', 2, 6, "SCH0105"],
    [
      "a migration with a key of another",
      '[[schema.migrations]]\nop = "rename"\nfrom = "a"\nto = "b"\nby = "/"',
      5,
      1,
      "SCH0102",
    ],
    ["nan as a default", '[schema]\nfields = ["a"]\n[schema.defaultValues]\na = nan', 4, 5, "SCH0116"],
  ])("with %s is refused at its place", (_, toml, line, column, code) => {
    const problems = problemsOf(toml);
    expect(problems.map((p) => [p.code, p.at?.line, p.at?.column])).toContainEqual([code, line, column]);
  });

  it("suggests what was meant", () => {
    expect(problemsOf("[shema]")[0]!.what).toContain("did you mean `schema`?");
    expect(problemsOf(fields("string"))[0]!.what).toContain("did you mean `text`?");
    expect(problemsOf(fields("timestamp"))[0]!.what).toContain("did you mean `instant`?");
    expect(problemsOf(fields("uint64"))[0]!.what).toContain("did you mean `nat64`?");
  });

  it("reports everything at once", () => {
    const all = codes(
      '[program]\nversion = "x"\n[schema]\nfoo = 1\nfields = ["a", "a"]\n[safeStateStrategy]\ntype = "never"\n[wat]',
    );
    expect([...all].sort()).toEqual(["SCH0102", "SCH0102", "SCH0104", "SCH0105", "SCH0106", "SCH0108"]);
  });

  it.each([
    ["arrays in arrays", `a = ${"[".repeat(50_000)}`],
    ["tables in tables", `a = ${"{a=".repeat(50_000)}`],
    ["a long text", `a = "${"x".repeat(500_000)}"`],
    ["a megabyte and more", `# ${"x".repeat(2_000_000)}`],
    ["a long dotted key", `a${".a".repeat(20_000)} = 1`],
    ["a lone surrogate", 'a = "\uD800"'],
    ["a deep type", fields(`${"list<".repeat(5000)}int${">".repeat(5000)}`)],
    ["a long type", fields(`record{${Array.from({ length: 20_000 }, (_, i) => `f${i}: int`).join(", ")}}`)],
  ])("with %s is refused without a crash", (_, toml) => {
    expect(problemsOf(toml).length).toBeGreaterThan(0);
  });

  it("may use names that are special to JavaScript", () => {
    const schema = schemaFrom(
      `[schema.types]\n__proto__ = "record{constructor: int}"\n[schema.fields]\n__proto__ = "__proto__"\ntoString = "int"\nhasOwnProperty = { type = "text", default = "x" }\n`,
    );
    const state = '{"__proto__":{"constructor":1},"hasOwnProperty":"y","toString":2}';
    const read = stateForm(schema).read(state);
    if (!read.ok) throw new Error(showProblem(read.error));
    expect(stateForm(schema).write(read.value)).toBe(state);
    expect(({} as { constructor: unknown }).constructor).toBe(Object);
  });

  it("keeps a decimal default digit by digit", () => {
    const schema = schemaFrom(
      '[schema.fields]\na = { type = "decimal", default = 0.10000000000000000000000000000000001 }\nb = { type = "decimal", default = "1e-30" }\nc = { type = "int", default = 0xFFFF_FFFF_FFFF_FFFF }',
    );
    expect(schema.state.fields.map((f) => stateForm(schema) && f.default)).toEqual([
      { tag: "decimal", coefficient: 10000000000000000000000000000000001n, exponent: -35 },
      { tag: "decimal", coefficient: 1n, exponent: -30 },
      18446744073709551615n,
    ]);
  });
});

describe("a state", () => {
  const schema = schemaFrom(`[schema.types]
Node = "record{item: int8, next: option<Node>}"
[schema.fields]
m = "map<text, decimal>"
n = "option<Node>"
s = "set<int>"
f = "float"
v = "variant{open, closed: text}"
`);
  const good = { m: "{}", n: "null", s: "[]", f: "1", v: '"open"' };
  const stateWith = (part: Partial<typeof good>) => {
    const all = { ...good, ...part };
    return `{"f":${all.f},"m":${all.m},"n":${all.n},"s":${all.s},"v":${all.v}}`;
  };
  const refused = (text: string) => {
    const read = stateForm(schema).read(text);
    if (read.ok) throw new Error(`read ${text}`);
    return read.error;
  };

  it.each<readonly [string, string, string, string]>([
    ["is cut", '{"f":1', "SCH0120", "$"],
    ["is empty", "", "SCH0121", "$"],
    ["is a list", "[]", "SCH0121", "$"],
    ["has text after it", `${stateWith({})} x`, "SCH0120", "$"],
    ["misses a field", '{"f":1}', "SCH0121", "$"],
    ["has an unknown field", '{"f":1,"q":2}', "SCH0121", "$"],
    ["has a field twice", '{"f":1,"f":1}', "SCH0121", "$"],
    ["has a key twice", stateWith({ m: '{"a":1,"a":1}' }), "SCH0121", "$.m"],
    ["has an item twice", stateWith({ s: "[1,1]" }), "SCH0121", "$.s"],
    ["has a number outside its type", stateWith({ n: '{"item":128,"next":null}' }), "SCH0121", "$.n.item"],
    ["has a fraction for an int", stateWith({ n: '{"item":1.5}' }), "SCH0121", "$.n.item"],
    ["has NaN", stateWith({ f: '"NaN"' }), "SCH0121", "$.f"],
    ["has a float past the double", stateWith({ f: "1e999" }), "SCH0121", "$.f"],
    ["has a decimal of a huge exponent", stateWith({ m: '{"a":1e999999}' }), "SCH0121", '$.m{"a"}'],
    ["has a lone surrogate", stateWith({ v: '{"closed":"\\ud800"}' }), "SCH0120", "$.v#closed"],
    ["has a raw control character", stateWith({ v: '{"closed":"\n"}' }), "SCH0120", "$.v#closed"],
    ["has an unknown case", stateWith({ v: '"opened"' }), "SCH0121", "$.v"],
    ["has a case without its payload", stateWith({ v: '"closed"' }), "SCH0121", "$.v"],
    ["has a payload too many", stateWith({ v: '{"open":1}' }), "SCH0121", "$.v"],
    ["has a number with a leading zero", stateWith({ f: "01" }), "SCH0120", "$.f"],
  ])("that %s is refused at its path", (_, text, code, path) => {
    const problem = refused(text);
    expect([problem.code, problem.path]).toEqual([code, path]);
    expect(problem.at).toBeDefined();
  });

  it("nested 10,000 deep is refused, not a crash", () => {
    const depth = 10_000;
    const text = stateWith({ n: `${'{"item":1,"next":'.repeat(depth)}null${"}".repeat(depth)}` });
    expect(refused(text).code).toBe("SCH0122");
  });

  it("built 10,000 deep by another layer is refused too", () => {
    let node: Value.Value = Value.none;
    for (let i = 0; i < 10_000; i++)
      node = Value.some(
        Value.record([
          ["item", 1],
          ["next", node],
        ]),
      );
    const state = Value.record([
      ["f", Value.float(1)],
      ["m", Value.map([])],
      ["n", node],
      ["s", Value.set([])],
      ["v", Value.variant("open")],
    ]);
    expect(stateForm(schema).check(state)?.what).toContain("deeper");
  });

  it("of ten megabytes is read, migrated and written", () => {
    const before = `[schema.fields]\nm = "map<text, record{price: int}>"\n${ALL_RULES}`;
    const after = '[schema.fields]\nm = "map<text, record{price: decimal, note: option<text>}>"';
    const plan = planOf(before, after);
    const entries = Array.from({ length: 300_000 }, (_, i) => `"key${String(i).padStart(8, "0")}":{"price":${i}}`);
    const text = `{"m":{${entries.join(",")}}}`;
    expect(text.length).toBeGreaterThan(8_000_000);
    const state = stateForm(plan.before).read(text);
    if (!state.ok) throw new Error(showProblem(state.error));
    const applied = compilePlan(plan).apply(state.value);
    if (!applied.ok) throw new Error(showProblem(applied.error));
    expect(stateForm(plan.after).write(applied.value.value).length).toBeGreaterThan(text.length);
  });

  it("that is not of the plan's schema is refused, and stays as it was", () => {
    const plan = planOf(
      `[schema.fields]\na = "int"\nb = "text"\n${ALL_RULES}`,
      '[schema.fields]\na = "decimal"\nb = "text"',
    );
    const compiled = compilePlan(plan);
    for (const wrong of [
      1,
      Value.unit,
      Value.record([["a", 1]]),
      Value.record([
        ["a", "x"],
        ["b", "x"],
      ]),
      Value.record([
        ["a", 1],
        ["c", "x"],
      ]),
    ]) {
      const copy = structuredClone(wrong);
      const result = compiled.apply(wrong);
      expect(result.ok).toBe(false);
      expect(wrong).toEqual(copy);
    }
  });
});

describe("two schemas", () => {
  const cycle = (length: number, item: string) => {
    const names = Array.from({ length }, (_, i) => `A${i} = "record{v: ${item}, next: list<A${(i + 1) % length}>}"`);
    return `[schema.types]\n${names.join("\n")}\n[schema.fields]\nx = "A0"\n${ALL_RULES}`;
  };

  it("whose cycles meet in few pairs are compared", () => {
    const plan = planOf(cycle(6, "int"), cycle(4, "decimal"));
    expect([plan.verdict, plan.changes.length]).toEqual(["auto", 12]);
  });

  it("whose cycles meet in more pairs than the bound are refused", () => {
    // Each name tells itself apart, so that no two of them are one type.
    const own = (length: number, item: string) =>
      cycle(length, item).replace(/A(\d+) = "record\{v/g, 'A$1 = "record{v$1: option<int>, v');
    const plan = planOf(own(151, "int"), own(140, "decimal"));
    expect(plan.problems.map((p) => p.code)).toContain("SCH0115");
    expect(plan.steps).toEqual([]);
  });
});

describe("a schema block", () => {
  it("with any byte changed is refused or another schema", () => {
    const schema = schemaFrom(
      `[schema]\nreserved = ["gone"]\n[schema.types]\nTree = "record{v: int = 1, l: option<Tree>}"\n[schema.fields]\nt = "Tree"\nm = "map<text, variant{a, b: bytes[3]}>"\n${ALL_RULES}`,
    );
    const block = encodeSchema(schema);
    for (let i = 0; i < block.length; i++) {
      for (const flip of [1, 0x80, 0x1f]) {
        const changed = block.slice();
        changed[i]! ^= flip;
        const decoded = decodeSchema(changed);
        // What is accepted is written as it was read: one schema, one block.
        if (decoded.ok) expect(encodeSchema(decoded.value)).toEqual(changed);
      }
    }
  });
});
