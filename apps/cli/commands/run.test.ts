import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CliFailure } from "../exit.ts";
import { register as registerAdd } from "./add.ts";
import { register as registerEval } from "./eval.ts";
import { register as registerGc } from "./gc.ts";
import { register as registerReplay } from "./replay.ts";
import { register as registerRun } from "./run.ts";
import { register as registerTest } from "./test.ts";
import { register as registerTrace } from "./trace.ts";

let folder: string;
let printed: string;
let noted: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-"));
  printed = "";
  noted = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    noted += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a document holds is what the test is about
  readonly json: any;
}

async function tb(...args: readonly string[]): Promise<Ran> {
  const program = new Command().exitOverride();
  for (const register of [
    registerAdd,
    registerGc,
    registerEval,
    registerRun,
    registerTest,
    registerTrace,
    registerReplay,
  ])
    register(program);
  process.exitCode = 0;
  printed = "";
  noted = "";
  let exit: number;
  try {
    await program.parseAsync([...args], { from: "user" });
    exit = Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    noted += [error.message, error.hint].join("\n");
    exit = error.exit;
    if (args.includes("--json")) printed += JSON.stringify(error.json ?? { ok: false });
  }
  return { exit, out: printed, err: noted, json: args.includes("--json") ? JSON.parse(printed) : undefined };
}

const SOURCE = `module shop
fn half(n: Int) -> Int { if n > 100 { n / 0 } else { n / 2 } }
fn scaled(x: Decimal) -> Decimal { x * 2 }
fn checked(n: Int) -> Result<Int, Text> { if n < 0 { Err("negative") } else { Ok(n) } }
type Lot(size: Int, left: Int = 0)
fn size(lot: Lot) -> Int { lot.size + lot.left }
fn third(n: Decimal) -> Decimal { n.div(n - n, 2, Down) }
fn endless(n: Int) -> Int { endless(n + 1) }
fn moment() -> Instant uses Clock { now!() }
fn lucky() -> Int uses Random { random!(10) }
event Sold(n: Int)
fn sell() -> Unit uses Emit { emit!(Sold(1)) }
program Counter {
  state { n: Int = 40 }
  entry next() -> Int { state.n = state.n + 1; state.n + 1 }
}
test "half of ten" { assert half(10) == 5 }
prop "half is smaller" (n: Int) { assert n <= 1 || half(n) < n }
`;

let file: string;
let store: readonly string[];
beforeEach(() => {
  file = join(folder, "shop.tel");
  writeFileSync(file, SOURCE);
  store = ["--store", join(folder, "store")];
});

describe("tb eval", () => {
  test("sees the codebase by the whole names of its definitions, and keeps nothing there", async () => {
    const store = join(folder, "store");
    const shapes = join(folder, "shapes.tel");
    writeFileSync(
      shapes,
      "module geo.shapes\ntype Point(y: Int, x: Int)\ntype Shape = Dot(at: Point) | Empty\n" +
        "fn moved(p: Point, by: Int = 1) -> Point { Point(x: p.x + by, y: p.y) }\nfn dot(p: Point) -> Option<Shape> { Some(Dot(p)) }\n",
    );
    await tb("add", shapes, "--store", store);
    vi.stubEnv("TB_STORE", store);
    try {
      expect(await tb("eval", "geo.shapes.dot(Point(2, 1))")).toMatchObject({
        exit: 0,
        out: "Some(Dot(at: Point(y: 2, x: 1)))\n",
      });
      // What has default arguments is understood with its text.
      expect((await tb("eval", "geo.shapes.moved(Point(2, 1))")).out).toBe("Point(y: 2, x: 2)\n");
      expect((await tb("eval", "[geo.shapes.Point(y: 1, x: 2)]")).out).toBe("[Point(y: 1, x: 2)]\n");
      const bare = await tb("eval", "dot(1)");
      expect(bare).toMatchObject({ exit: 3 });
      expect(bare.err).toMatch(/geo\.shapes\.dot is in the codebase: write its whole name/);
      expect((await tb("eval", "geo.shapes.dot(1)")).err).toMatch(/TEL0301/);
      expect((await tb("eval", "geo.shapes.dots(1)")).err).toMatch(/module `geo.shapes` has no `dots`/);
      const blocks = async () => (await tb("gc", "--dry-run", "--json", "--store", store)).json.kept;
      const before = await blocks();
      await tb("eval", "geo.shapes.dot(Point(7, 7))");
      expect(await blocks()).toBe(before);
      await tb("eval", "geo.shapes.dot(Point(7, 7))", "--store", store);
      expect(await blocks()).toBeGreaterThan(before);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("prints the value of an expression", async () => {
    expect(await tb("eval", "1 + 2 * 3")).toMatchObject({ exit: 0, out: "7\n" });
    expect(await tb("eval", "--file", file, "shop.half(9)")).toMatchObject({ exit: 0, out: "4\n" });
  });

  test("the document has value, hash, trace, fuel and tier, the same each time", async () => {
    const first = await tb("eval", "--json", '"a" == "a"');
    expect(first.json).toEqual({
      ok: true,
      value: true,
      valueHash: expect.stringMatching(/^bafyrei/),
      trace: expect.stringMatching(/^bafyrei/),
      fuel: expect.any(Number),
      tier: 0,
    });
    expect((await tb("eval", "--json", '"a" == "a"')).json).toEqual(first.json);
  });

  test("a fault is exit 1 with the calls, wrong text is exit 3 with the place", async () => {
    const fault = await tb("eval", "--file", file, "half(200)");
    expect(fault).toMatchObject({ exit: 1, out: "" });
    expect(fault.err).toContain("DivisionByZero");
    expect(fault.err).toContain("in shop.half(200)");
    expect(await tb("eval", "1 +")).toMatchObject({ exit: 3, out: "" });
    expect((await tb("eval", "--json", "nothing")).json).toMatchObject({ ok: false, problems: [{ code: "TEL0201" }] });
  });
});

describe("tb run", () => {
  test("runs by name and by hash, and keeps a trace that replays", async () => {
    const run = await tb("run", ...store, "--json", "--file", file, "shop.half", "20");
    expect(run).toMatchObject({ exit: 0, json: { ok: true, value: 10 } });
    const listed = await tb("trace", ...store, "--calls", run.json.trace);
    expect(listed).toMatchObject({ exit: 0 });
    expect(listed.out).toContain("→ shop.half(20)");
    const replayed = await tb("replay", ...store, "--json", run.json.trace);
    expect(replayed).toMatchObject({ exit: 0, json: { ok: true, valueHash: run.json.valueHash, fuel: run.json.fuel } });
    const definition = (await tb("trace", ...store, "--json", run.json.trace)).json.definition;
    expect((await tb("run", ...store, "--json", `#${definition}`, "20")).json.valueHash).toBe(run.json.valueHash);
  });

  test("an Int stands for a Decimal; any other argument is refused with what was expected", async () => {
    expect(await tb("run", ...store, "--file", file, "shop.scaled", "21")).toMatchObject({ exit: 0, out: "42\n" });
    const wrong = await tb("run", ...store, "shop.scaled", '"x"');
    expect(wrong.exit).toBe(2);
    expect(wrong.err).toContain('expected Decimal for argument 1, got "x"');
    const few = (await tb("run", ...store, "shop.scaled")).err;
    expect(few).toContain("takes 1 argument, got 0");
    expect(few).toContain("it is a fn(Decimal) -> Decimal");
  });

  test("arguments name what the definition's own module declares, once it is in the codebase", async () => {
    expect((await tb("run", ...store, "--file", file, "shop.half", "2")).exit).toBe(0);
    expect(await tb("run", ...store, "shop.size", "Lot(half(8))")).toMatchObject({ exit: 0, out: "4\n" });
    expect((await tb("run", ...store, "shop.size", "Lot()")).exit).toBe(3);
  });

  test("a fault names the functions of the library too", async () => {
    const fault = await tb("run", ...store, "--file", file, "shop.third", "1");
    expect(fault.err).toContain("in decimal.div(1, 0, 2, Down)");
  });

  test("an Err is exit 1, a missing name exit 3, an effect that nothing carries out exit 5", async () => {
    expect(await tb("run", ...store, "--file", file, "shop.checked", "-1")).toMatchObject({
      exit: 1,
      out: 'Err("negative")\n',
    });
    const missing = await tb("run", ...store, "shop.hlaf", "1");
    expect(missing.exit).toBe(3);
    expect(missing.err).toContain("did you mean shop.half?");
    expect((await tb("run", ...store, "shop.sell")).exit).toBe(5);
  });

  test("time and chance are there, recorded, and replay", async () => {
    for (const name of ["shop.moment", "shop.lucky"]) {
      const run = await tb("run", ...store, "--json", "--file", file, name);
      const replayed = await tb("replay", ...store, "--json", run.json.trace);
      expect(replayed.json).toMatchObject({ ok: true, events: 3, value: run.json.value });
    }
  });

  test("an entry runs on the state that its program starts with", async () => {
    expect(await tb("run", ...store, "--file", file, "shop.Counter.next")).toMatchObject({ exit: 0, out: "42\n" });
  });

  test("fuel that is used up is exit 6", async () => {
    expect((await tb("run", ...store, "--cpu", "20", "--file", file, "shop.endless", "0")).exit).toBe(6);
  });
});

describe("tb test", () => {
  test("runs tests and props, and those that passed are kept by hash", async () => {
    writeFileSync(file, SOURCE.replace("n / 0", "n / 2"));
    const first = await tb("test", ...store, "--json", file);
    expect(first).toMatchObject({ exit: 0, json: { ok: true, passed: 2, cached: 0, failed: 0 } });
    const second = await tb("test", ...store, "--json", file);
    expect(second.json).toMatchObject({ passed: 2, cached: 2 });
    writeFileSync(file, SOURCE.replace("n / 0", "n / 2").replace("else { n / 2 }", "else { (n + 0) / 2 }"));
    expect((await tb("test", ...store, "--json", file)).json).toMatchObject({ passed: 2, cached: 0 });
  });

  test("a prop that fails shows a small counterexample and where", async () => {
    const run = await tb("test", ...store, file);
    expect(run.exit).toBe(1);
    expect(run.out).toContain("✗ failed shop: half is smaller");
    expect(run.out).toContain("n = 101");
    expect(run.out).toContain(`at ${file}:2:37`);
  });

  test("files with errors run nothing", async () => {
    writeFileSync(file, `${SOURCE}fn wrong() -> Int { "text" }\n`);
    expect(await tb("test", ...store, file)).toMatchObject({ exit: 3, out: "" });
  });
});

describe("tb trace and tb replay", () => {
  test("another definition diverges with exit 4, and the report says where", async () => {
    const run = await tb("run", ...store, "--json", "--file", file, "shop.half", "20");
    const replayed = await tb("replay", ...store, "--json", run.json.trace, "--with", "shop.checked");
    expect(replayed).toMatchObject({
      exit: 4,
      json: { ok: false, diverged: { event: 1, reason: "the result differs", cause: { kind: "CodeChanged" } } },
    });
  });

  test("an address that is none is exit 2, one that is not here exit 3", async () => {
    expect((await tb("replay", ...store, "nonsense")).exit).toBe(2);
    const run = await tb("eval", "--json", "1");
    expect((await tb("trace", ...store, run.json.trace)).exit).toBe(3);
  });
});
