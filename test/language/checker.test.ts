/** A checker that keeps what did not change says exactly what a new one says, after every edit. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { ContentHash } from "../../src/content/index.ts";
import {
  type Checked,
  check,
  checker,
  describer,
  type Environment,
  type Known,
  printEffects,
  printNames,
  printTypes,
  printUnit,
  type Source,
} from "../../src/language/index.ts";

const environment: Environment = { timelines: ["ethereum", "optimism"], assets: ["ETH"] };

/** Everything that a reader of the result can see. */
function seen(checked: Checked) {
  const { problems, unit, sound, typed, resolved, files } = checked;
  // Any address does for what is known and not here.
  const known = new Map(checked.known.map(({ name }) => [name, ContentHash.of(new TextEncoder().encode(name))]));
  return {
    problems,
    isWhole: unit !== undefined,
    hashes: unit === undefined ? [] : [...addressUnit(unit, { known }).definitions],
    definitions: printUnit(sound),
    types: sound.types,
    outside: sound.outside,
    programs: sound.programs,
    functions: printTypes(typed),
    effects: printEffects(typed),
    names: printNames(resolved),
    places: [...typed.functions.values()].map(({ name, file, span }) => [name, file, span]),
    files: files.map((file) => file.path),
  };
}

/** Checks one codebase after the other with one checker, and each with a new one beside it; some beside known code. */
function agree(
  states: readonly (readonly Source[])[],
  knownAt: (i: number) => readonly Known.Known[] = () => [],
): void {
  const kept = checker();
  states.forEach((sources, i) => {
    const given = { ...environment, known: knownAt(i) };
    expect(seen(kept.check(sources, given))).toEqual(seen(check(sources, given)));
  });
}

/** What is known of some declarations of checked text. */
function knownOf(text: string, ...names: readonly string[]): readonly Known.Known[] {
  const checked = check([{ path: "known.tel", text }], environment);
  expect(checked.problems).toEqual([]);
  const describe = describer(checked);
  return names.map((name) => {
    const known = describe(name);
    if (known === undefined) throw new Error(`${name} is not known`);
    return known;
  });
}

// ------------------------------------------------------------------------------------- made-up codebases

type File = { module: string; readonly uses: string[]; readonly declarations: string[] };

const paths = ["a.tel", "b.tel", "c.tel", "d.tel", "e.tel"];
const modules = ["a", "b", "a.b", "c", "x.list", "", "list"];
const values = ["f0", "f1", "f2", "f3"];
const types = ["T0", "T1", "T2"];

/** A declaration of one of few names, that leans on others of few names, in this module or in another. */
function declaration(pick: (max: number) => number): string {
  const of = <A>(all: readonly A[]): A => all[pick(all.length)]!;
  const home = () => of(["", "", "a.", "b.", "c."]);
  const [f, g, t] = [of(values), `${home()}${of(values)}`, `${home()}${of(types)}`];
  const own = of(types);
  const templates = [
    `fn ${f}(x: Int) -> Int { x + ${pick(3)} }`,
    `fn ${f}(x: Int) -> Int { ${g}(x) }`,
    `fn ${f}(x: a, y: a) -> Bool { ${of(["x < y", "x == y", "true"])} }`,
    `fn ${f}(x: a, y: a) -> Bool { ${g}(y, x) }`,
    `fn ${f}(x: ${t}) -> ${t} { x }`,
    `fn ${f}(x: ${t}) -> Bool { x == x }`,
    `fn ${f}(x) { x }`,
    `fn ${f}(x: Int, y: Int = ${of(["1", `${g}(1)`, "-2"])}) -> Int { x + y }`,
    `fn ${f}(x: ${t}) -> Int { x.value }`,
    `fn ${f}(x: List<Int>) -> Int { list.${of(["length", "fold", "nothing"])}(x) }`,
    `fn ${f}(x: Int) -> Int uses Observe { observe!(ethereum, P(x)).value }`,
    `fn ${f}(x: Int) -> Int uses Transfer { match transfer!("a", ${of(['"ETH"', '"BTC"'])}, 1) { Ok(_) => x; Err(_) => 0 } }`,
    `fn ${f}(x: Int) -> Int uses Transfer { ${g}!(x) }`,
    `fn ${f}(x: Int) -> Int uses Transfer { let both = par { l = ${g}!(x); r = ${g}!(x) }\n both.l }`,
    `type ${own}(value: ${of(["Int", "Decimal", `Option<${t}>`, "fn(Int) -> Int"])})`,
    `type ${own} = ${of(["A", "B"])} | C(value: ${of(["Int", `List<${t}>`])}${of(["", " = 3"])})`,
    `type ${own}<a>(value: a)`,
    `fact P(x: Int) -> ${of(["Int", t])}`,
    `event Q(x: ${of(["Int", t])})`,
    `effect E { op ask(x: Int) -> ${of(["Int", t])} }`,
    `handler h() for ${home()}E { ask(x) => ${of(["x", "abort 1", "abort 1.5", `${g}(x)`])} }`,
    `fn ${f}(x: Int) -> Int { with ${home()}h() { ask!(x) } }`,
    `program R { state { n: ${of(["Int = 0", `Option<${t}> = None`, "List<Int> = []"])} }\n entry go(x: Int) -> Int { state.n = x\n x } }`,
    `program S { state { n: Int = 0 }\n migration 1.0.0 -> 2.0.0 (old) { State(n: ${g}(old.n)) } }`,
    `test "t${pick(2)}" { assert ${g}(1) == ${pick(3)} }`,
    `test "world" { with fixed(ask: 1) { assert ${g}(1) == 1 } }`,
    `test "call" { assert ${home()}R.go!(1) == 1 }`,
    `prop "p" (x: ${of(["Int", t])}) { assert x == x }`,
    `> ${g}(${pick(3)})`,
    `fn ${f}(x: Int) -> Funds uses Transfer { reserve!("ETH", 1)? }`,
    `fn ${f}( {`,
    `interface I { entry go(x: Int) -> ${of(["Int", t])} }`,
    `fn ${f}(x: Int) -> Int { match ${of(["A", "C(x)", `${home()}C(1)`])} { C(v) => v; _ => x } }`,
  ];
  return `${pick(4) === 0 ? "/// says something\n" : ""}${of(templates)}`;
}

function use(pick: (max: number) => number): string {
  const names = ["f0", "f1", "f2", "T0", "T1", "E", "h", "P", "R"].filter(() => pick(3) === 0);
  const list = names.length === 0 ? "" : ` (${names.join(", ")})`;
  return `use ${modules[pick(5)]!}${list}`;
}

const text = ({ module, uses, declarations }: File): string =>
  [...(module === "" ? [] : [`module ${module}`]), "use timelines (ethereum, optimism)", ...uses, ...declarations].join(
    "\n",
  );

/** Changes a few files in place; `pick` decides what and how. */
function edit(files: Map<string, File>, pick: (max: number) => number): void {
  const path = paths[pick(paths.length)]!;
  const file = files.get(path);
  if (file === undefined || (pick(30) === 0 && files.size > 2)) {
    if (file !== undefined) files.delete(path);
    else {
      const declarations = Array.from({ length: 2 + pick(5) }, () => declaration(pick));
      const module = modules[pick(40) === 0 ? modules.length - 1 : pick(modules.length - 1)]!;
      files.set(path, { module, uses: [use(pick)], declarations });
    }
    return;
  }
  const { declarations, uses } = file;
  const at = pick(declarations.length);
  switch (pick(10)) {
    case 0:
      declarations.splice(at, 1);
      break;
    case 1:
      uses.splice(pick(2), pick(2), use(pick));
      break;
    case 2:
      file.module = modules[pick(modules.length - 1)]!;
      break;
    case 3: {
      // Moves to another file.
      const other = files.get(paths[pick(paths.length)]!);
      const [moved] = declarations.splice(at, 1);
      if (moved !== undefined) other?.declarations.push(moved);
      break;
    }
    case 4:
      declarations.unshift("// a comment that moves everything down");
      break;
    case 5:
    case 6:
      declarations.push(declaration(pick));
      break;
    default:
      declarations[at] = declaration(pick);
  }
}

/** Codebases, each made of the one before by a few edits, from a list of numbers. */
function codebases(seeds: readonly (readonly number[])[]): Source[][] {
  const files = new Map<string, File>();
  return seeds.map((seed, i) => {
    // As good as random, and the same for the same numbers.
    let state = 1;
    let at = 0;
    const pick = (max: number): number => {
      state = (Math.imul(state ^ (seed[at++ % seed.length] ?? 0), 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * max);
    };
    for (let count = i === 0 ? 5 : 1 + pick(2); count > 0; count--) edit(files, pick);
    return [...files].map(([path, file]) => ({ path, text: text(file) }));
  });
}

describe("a checker after edits", () => {
  it("says what a new one says", () => {
    const seed = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 3, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(seed, { minLength: 2, maxLength: 14 }), (seeds) => agree(codebases(seeds))),
      { numRuns: Number(process.env["CHECKER_RUNS"] ?? 150) },
    );
  });

  const ofCodebase = [
    "module c",
    "use timelines (ethereum)",
    "type T0(value: Int)",
    "type T2(value: T0)",
    "fact P(x: Int) -> T0",
    "effect E { op ask(x: Int) -> Int }",
    "fn f0(x: T0) -> Receipt<Int> uses Act { match act!(ethereum, D(x)) { Ok(r) => r; Err(_) => f0!(x) } }",
    "action D(x: T0) -> Int",
    'fn f1(x: Int) -> Int uses Transfer { match transfer!("a", "ETH", 1) { Ok(_) => x; Err(_) => 0 } }',
    "fn f2(x: a, y: a) -> Bool { x < y }",
    "fn f3(x: Int) -> Int { if x == 0 { 1 } else { f3(x - 1) } }",
  ].join("\n");
  const names = ["T0", "T2", "P", "E.ask", "D", "f0", "f1", "f2", "f3"].map((name) => `c.${name}`);

  it.each([
    ["that is the same each time", () => knownOf(ofCodebase, ...names)],
    ["without its types", () => knownOf(ofCodebase, "c.P", "c.f1", "c.f2", "c.f3")],
    ["that speaks of a type of the files", () => knownOf(ofCodebase.replaceAll("module c", "module b"), "b.P", "b.T2")],
  ])("says what a new one says beside known code %s", (_, make) => {
    const known = make();
    const seed = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 3, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(seed, { minLength: 2, maxLength: 14 }), (seeds) => agree(codebases(seeds), () => known)),
      { numRuns: Number(process.env["CHECKER_RUNS"] ?? 50) },
    );
  });

  it("says what a new one says when what is known changes", () => {
    const own = 'module c\nfn g(x: Int) -> Int { f3(x) }\ntest "g" { assert g(1) == 1 }';
    const other = "module d\nuse c (f2)\nfn h(x: Int) -> Bool { f2(x, 1) }";
    const sources = [own, other].map((text, i) => ({ path: `${i}.tel`, text }));
    const all = knownOf(ofCodebase, "c.f2", "c.f3");
    const more = knownOf(ofCodebase.replace("{ x < y }", "{ true }"), "c.f2", "c.f3");
    const states = [all, all, all.slice(1), all, more, []];
    agree(
      states.map(() => sources),
      (i) => states[i]!,
    );
  });

  it("keeps what does not change beside known code, and tells what is declared though it is known", () => {
    const known = knownOf(ofCodebase, "c.f3");
    const sources = (body: string): Source[] => [
      { path: "a.tel", text: `module c\nfn g(x: Int) -> Int { ${body} }` },
      { path: "b.tel", text: "module d\nuse c (f3, g)\nfn h(x: Int) -> Int { f3(g(x)) }" },
    ];
    const kept = checker();
    const given = () => ({ ...environment, known: [...known] });
    const before = kept.check(sources("f3(x)"), given()).typed.functions.get("d.h");
    expect(before).toBeDefined();
    expect(kept.check(sources("f3(x + 1)"), given()).typed.functions.get("d.h")).toBe(before);
    expect(kept.check([{ path: "a.tel", text: "module c\nfn f3() -> Int { 1 }" }], given()).problems).toMatchObject([
      { code: "TEL0207", file: "a.tel" },
    ]);
  });

  const base =
    "module base\nfn twice(x: Int) -> Int { x + x }\nfn less(x: a, y: a) -> Bool { true }\ntype Box(value: Int)";
  const user =
    "module user\nuse base (twice, less, Box)\nfn go(b: Box) -> Int { if less(b.value, 1) { twice(b.value) } else { 0 } }";
  const far = "module far\nuse user (go)\nuse base (Box)\nfn all() -> Int { go(Box(1)) }";
  const files = (changed: string): Source[] => [
    { path: "base.tel", text: changed },
    { path: "far.tel", text: far },
    { path: "user.tel", text: user },
  ];

  /** Whether the functions of the modules that use `base` are the ones from before. */
  function isKept(changed: string): boolean {
    const kept = checker();
    const before = kept.check(files(base), environment).typed.functions.get("user.go");
    const after = kept.check(files(changed), environment).typed.functions.get("user.go");
    expect(before).toBeDefined();
    expect(seen(kept.check(files(changed), environment))).toEqual(seen(check(files(changed), environment)));
    return before === after;
  }

  it.each([
    ["a body", base.replace("x + x", "x * 2")],
    ["a place", `// one line more\n${base.replace("module", "// and another\nmodule")}`],
    ["a new name", `${base}\nfn thrice(x: Int) -> Int { x * 3 }`],
    ["an error in a body", base.replace("x + x", "x + y")],
  ])("does not check again what uses a module in which %s has changed", (_, changed) => {
    expect(isKept(changed)).toBe(true);
  });

  it.each([
    ["a result", base.replace("(x: Int) -> Int", "(x: Int) -> Text")],
    ["a name of a parameter", base.replace("twice(x: Int) -> Int { x + x }", "twice(y: Int) -> Int { y + y }")],
    ["what a body asks of a type variable", base.replace("{ true }", "{ x < y }")],
    ["a field", base.replace("value: Int", "value: Decimal")],
    ["a name", base.replace("fn twice", "fn double")],
    ["what something is", base.replace("fn twice(x: Int) -> Int { x + x }", "event twice(x: Int)")],
  ])("checks again what uses a module in which %s has changed", (_, changed) => {
    expect(isKept(changed)).toBe(false);
  });

  it("holds when modules come to lean on each other, and no longer do", () => {
    const a = "module a\nuse b (g)\nfn f(x: t, y: t) -> Bool { g(x, y) }";
    const b = (body: string): Source[] => [
      { path: "a.tel", text: a },
      { path: "b.tel", text: `module b\nfn g(x: t, y: t) -> Bool { ${body} }` },
    ];
    agree([b("true"), b("x < y"), b("a.f(y, x)"), b("a.f(y, x) && x < y"), b("a.f(y, x) && x == y"), b("true")]);
  });

  it("holds when one function is in two files at once", () => {
    const one = { path: "a.tel", text: "module a\nfn f() -> Int { 1 }" };
    const two = { path: "b.tel", text: "module a\nfn f() -> Int { 2 }" };
    const not = { path: "b.tel", text: "module a\nfn g() -> Int { f() }" };
    agree([[one, not], [one, two], [one, not], [not], [two]]);
  });
});
