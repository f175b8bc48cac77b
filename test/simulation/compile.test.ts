/** Where manifest and sources meet: each refusal, and what the artifact says of an entry. */
import { describe, expect, it } from "vitest";
import { Value } from "../../src/content/index.ts";
import {
  type Compiled,
  type CompileProblem,
  compileProgram,
  decodeCompiled,
  type Evaluate,
  encodeCompiled,
} from "../../src/programs/index.ts";
import { ok } from "../../src/std/index.ts";

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
