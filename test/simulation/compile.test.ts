/** Where manifest and sources meet: each refusal, and what the artifact says of an entry. */
import { describe, expect, it } from "vitest";
import { type ContentHash, Value } from "../../src/content/index.ts";
import {
  type Compiled,
  type CompileProblem,
  compileProgram,
  decodeCompiled,
  type Evaluate,
  encodeCompiled,
  hashCompiled,
  previousOf,
  versionName,
} from "../../src/programs/index.ts";
import { ok } from "../../src/std/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

const MANIFEST = `
[program]
name = "P"
version = "1.0.0"

[schema]
version = "1.0.0"
fields = ["n"]

[timelines]
ethereum = "eip155:1"

[assets]
ETH = [{ timeline = "ethereum", id = "native" }]
`;
const SOURCE = `use timelines (ethereum)
program P {
  state { n: Int = 7 }
  entry f() -> Int { state.n }
}
`;
const seven: Evaluate = async () => ok(7);

const compile = (manifest = MANIFEST, source = SOURCE, evaluate = seven) =>
  compileProgram({ path: "program.toml", text: manifest }, [{ path: "p.tel", text: source }], evaluate);

async function compiled(source: string, evaluate = seven): Promise<Compiled> {
  const result = await compile(MANIFEST, source, evaluate);
  if (!result.ok) throw new Error(JSON.stringify(result.error.map(textOf)));
  return result.value;
}

const textOf = (problem: CompileProblem): string =>
  problem.kind === "program"
    ? problem.message
    : problem.kind === "manifest"
      ? problem.problem.what
      : problem.problem.message;

describe("compiling a program", () => {
  it.each<[string, string, string, Evaluate, string]>([
    [
      "a manifest without a program",
      MANIFEST.replace(/\[program\][^[]*/, ""),
      SOURCE,
      seven,
      "has no [program] with a name",
    ],
    [
      "a program that the sources lack",
      MANIFEST.replace('"P"', '"Q"'),
      SOURCE,
      seven,
      "which the sources do not declare",
    ],
    [
      "an initial value that faults",
      MANIFEST,
      SOURCE,
      async () => ({ ok: false, error: "division by zero" }),
      "the initial value of `n` cannot be computed: division by zero",
    ],
    ["a field without an initial value", MANIFEST, SOURCE.replace(" = 7", ""), seven, "has no initial value"],
    ["a manifest that is not TOML", "[program", SOURCE, seven, "not TOML"],
    ["a source with an error", MANIFEST, SOURCE.replace("state.n", "nothing"), seven, "nothing"],
  ])("refuses %s", async (_, manifest, source, evaluate, message) => {
    const result = await compile(manifest, source, evaluate);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.error.map(textOf).join("\n")).toContain(message);
  });

  it("reads back what it wrote, and refuses other blocks", async () => {
    const { program } = await compiled(SOURCE);
    expect(decodeCompiled(encodeCompiled(program))).toEqual({ ok: true, value: program });
    expect(decodeCompiled(Uint8Array.of(0xff))).toMatchObject({ ok: false });
    expect(decodeCompiled(encodeCompiled(program).slice(0, -1))).toMatchObject({ ok: false });
    expect(program.initialState).toEqual(Value.record([["n", 7]]));
  });

  it("says which requests of an entry wait for which others", async () => {
    const source = `use timelines (ethereum)
fact A() -> Int
fact B() -> Int
event Seen(sum: Int)
fn look() -> Int uses Observe { observe!(ethereum, B).value }
program P {
  state { n: Int = 7 }
  entry f(deep: Bool) -> Int uses Observe, Emit, Clock {
    let both = par { a = observe!(ethereum, A).value; b = look!() }
    if deep { emit!(Seen(both.a)) } else { emit!(Seen(both.b)) }
    let late = now!()
    both.a
  }
}
`;
    const { program } = await compiled(source);
    expect(
      program.effectDAG.get("f")?.map((node) => `${node.id} ${node.operation} after ${node.after.join(",")}`),
    ).toEqual(["0 observe after ", "1 observe after ", "2 emit after 0,1", "3 emit after 0,1", "4 now after 2,3"]);
  });

  it("keeps a recursive state type finite and a state of functions out", async () => {
    const tree = `use timelines (ethereum)
type Tree = Leaf | Node(left: Tree, right: Tree)
program P {
  state { n: Tree = Leaf }
  entry f() -> Int { 1 }
}
`;
    const leaf: Evaluate = async () => ok(Value.variant("Leaf"));
    expect((await compiled(tree, leaf)).program.schemaHash).toMatch(/^bafyrei/);
    const result = await compile(
      MANIFEST,
      SOURCE.replace("n: Int = 7", "n: fn(Int) -> Int = fn(x) { x }").replace("-> Int { state.n }", "-> Int { 1 }"),
    );
    expect(result.ok).toBe(false);
  });
});

describe("a migration's `old`", () => {
  const OLD = `use timelines (ethereum)
type Quote(chain: Timeline, price: Decimal)
type Book = Empty | Filled(best: Quote, more: List<Quote>)
type Gone(at: Instant, note: Text)
program P {
  state { count: Int = 1; last: Option<Quote> = None; book: Book = Empty; gone: Option<Gone> = None; names: List<Text> = [] }
  entry f() -> Int { state.count }
}
`;
  const FIELDS = 'fields = ["count", "last", "book", "gone", "names"]';
  const constants: Evaluate = async (_, definition) => ok(initial.get(definition) ?? Value.none);
  let initial: ReadonlyMap<ContentHash.ContentHash, Value.Value> = new Map();

  async function earlier(): Promise<{ readonly store: ReturnType<typeof openMemoryStore>; readonly made: Compiled }> {
    const store = openMemoryStore();
    const types = new Map<string, Value.Value>([
      ["P.state/count", 1],
      ["P.state/book", Value.variant("Empty")],
      ["P.state/names", Value.list([])],
    ]);
    const source = [{ path: "p.tel", text: OLD }];
    const manifest = { path: "program.toml", text: MANIFEST.replace('fields = ["n"]', FIELDS) };
    const made = await compileProgram(manifest, source, async (addressed, definition) => {
      initial = new Map([...types].map(([name, value]) => [addressed.definitions.get(name)!, value]));
      return constants(addressed, definition);
    });
    if (!made.ok) throw new Error(made.error.map(textOf).join("; "));
    await store.write((transaction) => {
      for (const { bytes } of made.value.addressed.blocks) transaction.put(bytes);
      const program = transaction.put(encodeCompiled(made.value.program));
      const remark = { author: "t", time: 0, reason: "t" };
      expect(transaction.setName(versionName("P", "1.0.0"), undefined, program, remark).ok).toBe(true);
    });
    return { store, made: made.value };
  }

  const NEW = (state: string, made: string, more = "") => `use timelines (ethereum)
type Quote(chain: Timeline, price: Decimal)
type Book = Empty | Filled(best: Quote, more: List<Quote>)
${more}
program P {
  state { ${state} }
  entry f() -> Int { 1 }
  migration 1.0.0 -> 1.1.0 (old) { State(${made}) }
}
`;

  async function next(previous: string, source: string, store: ReturnType<typeof openMemoryStore> | undefined) {
    const field = /state \{ (\w+)/.exec(source)![1]!;
    const manifest = MANIFEST.replaceAll("1.0.0", "1.1.0").replace(
      'fields = ["n"]',
      `previous = "${previous}"\nfields = ["${field}"]`,
    );
    const file = { path: "program.toml", text: manifest };
    return compileProgram(file, [{ path: "p.tel", text: source }], seven, async (read) => previousOf(read, store));
  }
  const problemsOf = (result: Awaited<ReturnType<typeof next>>) =>
    (result.ok ? result.value.warnings : result.error).flatMap((one) =>
      one.kind === "source" ? [`${one.problem.code} ${one.problem.message}`] : [textOf(one)],
    );

  it.each(["program", "schema"] as const)(
    "has the state of the version that is named by the hash of its %s",
    async (by) => {
      const { store, made } = await earlier();
      const hash = by === "program" ? hashCompiled(made.program) : made.program.schemaHash;
      const result = await next(hash, NEW("n: Int = 7", "n: old.conut"), store);
      expect(problemsOf(result)).toEqual([expect.stringMatching(/^TEL0304 .* has no `conut`$/)]);
      const [problem] = result.ok ? [] : result.error;
      expect(problem?.kind === "source" && problem.problem.hints[0]).toBe("did you mean `count`?");
    },
  );

  it.each([
    ["another type", NEW('n: Text = ""', "n: old.count"), ["TEL0301 expected `Text`, found `Int`"]],
    ["a declared type of the sources", NEW("n: Option<Quote> = None", "n: old.last"), []],
    [
      "a field of a declared type",
      NEW("n: Int = 7", "n: match old.last { Some(q) => decimal.truncate(q.price); None => 0 }"),
      [],
    ],
    [
      "a recursive sum",
      NEW("n: Int = 7", "n: match old.book { Empty => 0; Filled(b, _) => decimal.truncate(b.price) }"),
      [],
    ],
    [
      "a record that the sources have no more",
      NEW('n: Text = ""', 'n: match old.gone { Some(g) => g.note; None => "" }'),
      [],
    ],
    ["the whole of it", NEW("n: Int = 7", "n: list.length([old])"), []],
  ])("is typed: %s", async (_, source, problems) => {
    const { store, made } = await earlier();
    const result = await next(made.program.schemaHash, source, store);
    expect(problemsOf(result).filter((one) => one.startsWith("TEL"))).toEqual(problems);
  });

  it("is inferred, with a warning, where the codebase does not have that version", async () => {
    const { store, made } = await earlier();
    const source = NEW("n: Int = 7", "n: old.count");
    const known = await next(made.program.schemaHash, source, store);
    expect(problemsOf(known)).toEqual([]);
    for (const nowhere of [undefined, openMemoryStore()]) {
      const guessed = await next(made.program.schemaHash, source, nowhere);
      expect(problemsOf(guessed)).toEqual([
        `TEL0510 the codebase does not have version 1.0.0, which the manifest names by \`#${made.program.schemaHash}\``,
      ]);
      // What inference decides has the same address either way.
      if (!known.ok || !guessed.ok) throw new Error("it compiles");
      expect(guessed.value.program.definition).toBe(known.value.program.definition);
    }
  });
});
