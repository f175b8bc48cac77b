import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Meta } from "../../../src/code/index.ts";
import { openLmdbStore } from "../../../src/stores/lmdb/index.ts";
import { CliFailure } from "../exit.ts";
import { codebaseServer } from "../node/serveCodebase.ts";
import { registerAll } from "./index.ts";

let folder: string;
let printed: string;
let noted: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tb-codebase-"));
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

/** Runs a command against the store `at` and gives its exit code; what it printed is in `printed` and `noted`. */
async function tbAt(at: string, ...args: readonly string[]): Promise<number> {
  const program = new Command().exitOverride();
  registerAll(program);
  process.exitCode = 0;
  printed = "";
  noted = "";
  try {
    await program.parseAsync([...args, "--store", join(folder, at)], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    noted += `${error.message}\n${error.hint ?? ""}`;
    return error.exit;
  }
}
const tb = (...args: readonly string[]) => tbAt("store", ...args);
async function json<T>(...args: readonly string[]): Promise<T> {
  await tb(...args, "--json");
  return JSON.parse(printed) as T;
}

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
};

const base = "module base\n\n/// The first.\nfn one() -> Int { 1 }\n";
const mid = "module mid\nuse base (one)\n\nfn two() -> Int {\n  // twice\n  one() + one()\n}\n";
const tip =
  'module tip\nuse base (one)\nuse mid (two)\n\nfn three() -> Int { two() + one() }\ntest "three" { assert three() == 3 }\n';

const files = () => [write("base.tel", base), write("mid.tel", mid), write("tip.tel", tip)];
type Definitions = {
  readonly definitions: readonly { name: string; status: string; hash: string; library?: boolean; signature: string }[];
};

describe("files that use what only the codebase has", () => {
  const own =
    "module own\nuse mid (two)\nuse kit (Box, boxed)\nfn five() -> Int { two() + boxed().size }\n" +
    'test "five" { assert five() == 5 }\nprop "never" (b: Box) { assert b == Box(size: 7) }\n';
  // What has a default that is more than a literal is only understood with its text.
  const kit = (fallback: string) =>
    `module kit\ntype Box(size: Int = ${fallback})\nfn three() -> Int { 3 }\nfn boxed() -> Box { Box() }\ntest "of kit" { assert false }\n`;

  test.each(["3", "three()"])("are checked and tested beside it (%s)", async (fallback) => {
    await tb("add", ...files(), write("kit.tel", kit(fallback)));
    const path = write("own.tel", own);
    expect([await tb("check", path), printed]).toEqual([0, "✓ 1 file, 3 definitions, no problems\n"]);
    expect(await tb("test", path)).toBe(1);
    expect(printed).toMatch(/✓ ran {4}own: five/);
    expect(printed).toMatch(/b = Box\(size: 0\)/);
    expect(printed).toMatch(/^1 passed, 1 failed$/m);
    await tb("test", path);
    expect(printed).toMatch(/✓ cached own: five/);
    const wrong = write("own.tel", own.replace("+ boxed().size", "+ boxed()"));
    expect(await tb("check", wrong, "--json")).toBe(3);
    expect(JSON.parse(printed)).toMatchObject({ ok: false, files: 1, errors: 1, problems: [{ code: "TEL0301" }] });
    expect(await tb("test", wrong)).toBe(3);
  });

  test("are wrong where there is no codebase, and none is made", async () => {
    const path = write("own.tel", own);
    expect(await tb("check", path)).toBe(3);
    expect(noted).toMatch(/TEL0205/);
    expect(readdirSync(folder)).toEqual(["own.tel"]);
  });
});

describe("tb add", () => {
  test("checks against what it knows of the codebase, without reading a text again", async () => {
    await tb("add", ...files());
    const store = await openLmdbStore(join(folder, "store", "store"));
    await store.write((tx) => {
      for (const [name, hash] of tx.names("meta:"))
        tx.setName(name, hash, undefined, { author: "ann", time: 9, reason: "forget the texts" });
    });
    await store.close();
    const own = write("own.tel", "module own\nuse mid (two)\nfn five() -> Int { two() + 3 }\n");
    expect(await tb("add", own)).toBe(0);
    const alone = (await json<Definitions>("add", own)).definitions;
    expect(await tbAt("fresh", "add", ...files(), own, "--json")).toBe(0);
    const together = (JSON.parse(printed) as Definitions).definitions;
    expect(together.find((one) => one.name === "own.five")?.hash).toBe(alone[0]!.hash);
  });

  test("uses the version that is there of what cannot follow a change, and says what still uses the old", async () => {
    await tb("add", ...files());
    const [two] = (await json<Definitions>("find", "two")).definitions;
    const changed = write("base.tel", base.replace("-> Int { 1 }", '-> Text { "1" }'));
    const own = write("own.tel", "module own\nuse mid (two)\nfn five() -> Int { two() + 3 }\n");
    expect(await tb("add", changed, own)).toBe(0);
    expect(printed).toMatch(/^\+ own\.five/m);
    expect((await json<{ dependencies: { hash: string }[] }>("deps", "own.five")).dependencies[0]?.hash).toBe(
      two?.hash,
    );
    expect(await tb("todo")).toBe(0);
    expect(printed).toMatch(/^mid\.two .*uses an old base\.one$/m);
  });

  test("a module may come to use one that uses it, and that is no problem of the files", async () => {
    await tb("add", ...files());
    expect(await tb("add", write("b.tel", "module base\nuse mid (two)\nfn four() -> Int { two() + two() }\n"))).toBe(0);
    expect(await tb("update", write("base.tel", base.replace("{ 1 }", "{ 10 }")))).toBe(0);
    expect(printed).toMatch(/^↻ base\.four/m);
    expect(await tb("add", write("b.tel", "module base\nuse mid (two)\nfn five() -> Int { two(1) }\n"))).toBe(3);
    expect(noted).toMatch(/TEL0302/);
    expect(noted).not.toMatch(/TEL0209/);
  });

  test("refuses what fits neither the version that is there nor the changed one", async () => {
    const type = "module t\ntype T(a: Int)\n";
    const user = "module u\nuse t (T)\nfn get(t: T) -> Int { t.a }\n";
    await tb("add", write("t.tel", type), write("u.tel", user));
    const changed = write("t.tel", type.replace("a: Int", "b: Text"));
    const own = write("own.tel", 'module own\nuse t (T)\nuse u (get)\nfn five() -> Int { get(T("x")) }\n');
    expect(await tb("add", changed, own)).toBe(3);
    expect(noted).toMatch(/nothing was added/);
    expect(noted).toMatch(/codebase:u/);
  });

  test("says what is new, changed and unchanged, with hashes", async () => {
    expect(await tb("add", ...files())).toBe(0);
    expect(printed).toMatch(/^\+ base\.one {2}#bafyrei\w{12}$/m);
    expect(printed).toMatch(/^\+ tip\.test three {2}#bafyrei/m);
    expect(await tb("add", ...files())).toBe(0);
    expect(printed).toMatch(/^= base\.one/m);
    expect(printed).not.toMatch(/^[+~]/m);
    expect(await tb("add", write("base.tel", base.replace("{ 1 }", "{ 10 }")))).toBe(0);
    expect(printed).toMatch(/^~ base\.one {2}#bafyrei\w{12} was #bafyrei\w{12}$/m);
    expect(noted).toMatch(/3 definitions still use what was there before: mid\.two, tip\.test three, tip\.three/);
  });

  test("finds in the codebase what a file uses and does not bring", async () => {
    await tb("add", write("base.tel", base));
    expect(await tb("add", write("mid.tel", mid))).toBe(0);
    // Also the rest of its own module.
    expect(await tb("add", write("more.tel", "module base\nfn eleven() -> Int { one() + 10 }\n"))).toBe(0);
    expect((await json<Definitions>("find")).definitions.map((one) => one.name)).toEqual([
      "base.eleven",
      "base.one",
      "mid.two",
    ]);
  });

  test("takes a definition by its hash, and refuses a file that pins one version and brings another", async () => {
    await tb("add", write("base.tel", base));
    const { hash } = (await json<Definitions>("find", "base.one")).definitions[0]!;
    const pinned = `module pin\nfn same() -> Int { anything#${hash}() }\n`;
    expect(await tb("add", write("pin.tel", pinned))).toBe(0);
    expect((await json<{ dependencies: readonly { hash: string }[] }>("deps", "pin.same")).dependencies).toMatchObject([
      { hash },
    ]);
    const changed = write("base.tel", base.replace("{ 1 }", "{ 10 }"));
    expect(await tb("add", join(folder, "pin.tel"), changed)).toBe(3);
    expect(noted).toMatch(/base\.one#bafyrei\w+… is pinned, and these files change base\.one/);
    await tb("add", changed);
    expect(await tb("add", join(folder, "pin.tel"))).toBe(3);
    expect(noted).toMatch(/nothing here has the hash/);
  });

  test("waits a moment for another command that has the codebase", async () => {
    const store = await openLmdbStore(join(folder, "store", "store"));
    const adding = tb("add", ...files());
    await new Promise((done) => setTimeout(done, 200));
    expect(printed).toBe("");
    await store.close();
    expect(await adding).toBe(0);
    expect(printed).toMatch(/^\+ base\.one/m);
  });

  test("refuses files with problems, and adds nothing of them", async () => {
    expect(await tb("add", write("bad.tel", "fn good() -> Int { 1 }\nfn bad() -> Int { gone() }\n"))).toBe(3);
    expect(noted).toMatch(/TEL0201/);
    expect(noted).toMatch(/nothing was added/);
    expect((await json<Definitions>("find")).definitions).toEqual([]);
    expect(await tb("add", join(folder, "none.tel"))).toBe(3);
  });

  test("--dry-run writes nothing", async () => {
    expect(await tb("add", "--dry-run", ...files())).toBe(0);
    expect(printed).toMatch(/^\+ base\.one/m);
    expect((await json<Definitions>("find")).definitions).toEqual([]);
  });
});

describe("tb update", () => {
  test("lets dependents follow, through several modules, and their tests too", async () => {
    await tb("add", ...files());
    const before = new Map((await json<Definitions>("find")).definitions.map((one) => [one.name, one.hash]));
    expect(await tb("update", write("base.tel", base.replace("{ 1 }", "{ 10 }")))).toBe(0);
    expect(printed).toMatch(/^~ base\.one/m);
    for (const name of ["mid.two", "tip.three", "tip.test three"]) expect(printed).toContain(`↻ ${name}`);
    const after = (await json<Definitions>("find")).definitions;
    for (const { name, hash } of after) expect(hash).not.toBe(before.get(name));
    expect(await tb("todo")).toBe(0);
    expect(noted).toMatch(/nothing is left to do/);
    expect(await tb("update")).toBe(0);
    expect(noted).toMatch(/tb update FILE \(or \.\) brings in changed text/);
  });

  test("gives the same addresses as adding everything anew", async () => {
    await tb("add", ...files());
    await tb("update", write("base.tel", base.replace("{ 1 }", "{ 10 }")));
    const updated = await json<Definitions>("find");
    await tbAt("fresh", "add", ...["mid.tel", "tip.tel", "base.tel"].map((name) => join(folder, name)));
    await tbAt("fresh", "find", "--json");
    expect(JSON.parse(printed)).toEqual(updated);
  });

  test("lists what needs a hand, most depended on first, and leaves it working", async () => {
    await tb("add", ...files());
    const before = (await json<Definitions>("find", "mid")).definitions[0]!.hash;
    expect(await tb("update", write("base.tel", base.replace("Int { 1 }", 'Text { "1" }')))).toBe(1);
    expect(noted).toMatch(/need your hand, most depended on first:\s+✗ mid\.two \(2 dependents\): TEL\d+/);
    expect((await json<Definitions>("find", "mid")).definitions[0]!.hash).toBe(before);
    expect(await tb("todo")).toBe(0);
    expect(printed).toMatch(/mid\.two .*uses an old base\.one/);
    // With the hand-made changes, the rest follows.
    write("mid.tel", mid.replace("one() + one()", "2"));
    write("tip.tel", tip.replace("two() + one()", "two() + 1"));
    expect(await tb("update", join(folder, "mid.tel"), join(folder, "tip.tel"))).toBe(0);
    expect(await tb("todo")).toBe(0);
    expect(noted).toMatch(/nothing is left to do/);
  });
});

describe("looking around", () => {
  test("tb view prints docs, comments and text, by name, hash and beginning of a hash", async () => {
    await tb("add", ...files());
    const [two] = (await json<Definitions>("find", "two")).definitions;
    for (const asked of ["mid.two", `#${two!.hash}`, two!.hash, `#${two!.hash.slice(0, 20)}`]) {
      expect(await tb("view", asked)).toBe(0);
      expect(printed).toContain("fn two() -> Int {\n  // twice\n  one() + one()\n}");
    }
    expect(await tb("view", "base.one")).toBe(0);
    expect(printed).toContain("/// The first.\nfn one() -> Int { 1 }");
  });

  test("a module is told from a definition, and what is no type is refused", async () => {
    await tb("add", ...files());
    expect(await tb("view", "base")).toBe(3);
    expect(noted).toMatch(/base is a module: tb view --module base prints it/);
    expect(await tb("view", "")).toBe(3);
    for (const type of ["fn((", "fn(Int", "List<", "", ")("]) {
      expect(await tb("find", "--type", type)).toBe(2);
      expect(noted).toMatch(/is not a type/);
    }
  });

  test("what uses an old version is shown with the name that has gone on, also after renames", async () => {
    await tb("add", ...files());
    await tb("rename", "base.one", "base.uno");
    await tb("add", write("base.tel", base.replace("one", "uno").replace("-> Int { 1 }", '-> Text { "1" }')));
    await tb("view", "mid.two");
    expect(printed).toContain("uno() + uno()");
    expect(await tb("update")).toBe(1);
    expect(noted).toMatch(/mid\.two.*TEL03/);
    expect(noted).not.toMatch(/no `one`|there is no/);
  });

  test("tb view --module prints a file that adds the same definitions again", async () => {
    await tb("add", ...files());
    const all = (await json<Definitions>("find")).definitions;
    const texts = new Map<string, string>();
    for (const module of ["base", "mid", "tip"]) {
      await tb("view", "--module", module);
      texts.set(module, printed);
    }
    const paths = [...texts].map(([module, text]) => write(`printed/${module}.tel`, text));
    expect(await tbAt("again", "add", ...paths)).toBe(0);
    await tbAt("again", "find", "--json");
    expect((JSON.parse(printed) as Definitions).definitions).toEqual(all);
  });

  test("what is not there is refused with a hint", async () => {
    await tb("add", ...files());
    expect(await tb("view", "base.onne")).toBe(3);
    expect(noted).toMatch(/no definition named base\.onne[\s\S]*did you mean base\.one\?/);
    expect(await tb("view", "two2")).toBe(3);
    expect(await tb("view", `#bafyrei${"a".repeat(52)}`)).toBe(3);
    expect(await tb("view", "#baf")).toBe(2);
    expect(await tb("view", "#bafyreiaaaaaaaaaa")).toBe(3);
    expect(await tb("view", "--module", "nowhere")).toBe(3);
    expect(await tb("history", "nothing.here")).toBe(3);
    expect(await tb("history", "--last", "x")).toBe(2);
  });

  test("tb find looks by name, by type and by text", async () => {
    await tb(
      "add",
      ...files(),
      write("fold.tel", "module fold\nfn pick(all: List<a>, or: a) -> a { or }\nfn size(all: List<a>) -> Int { 3 }\n"),
    );
    const names = async (...args: readonly string[]) =>
      (await json<Definitions>("find", ...args)).definitions.flatMap((one) => (one.library ? [] : [one.name]));
    expect(await names("two")).toEqual(["mid.two"]);
    expect(await names("fp")).toEqual(["fold.pick"]);
    expect(await names("--type", "fn(List<b>, b) -> b")).toEqual(["fold.pick"]);
    expect(await names("--type", "fn(List<a>, b) -> a")).toEqual([]);
    expect(await names("--type", "fn(_) -> Int")).toEqual(["fold.size"]);
    expect(await names("--type", "fn() -> _")).toEqual(["base.one", "mid.two", "tip.three"]);
    expect(await names("--text", "twice")).toEqual(["mid.two"]);
    expect(await names("--text", "twice", "one")).toEqual([]);
  });

  test("a type is found by what it may be called, and `_` stands for functions too", async () => {
    const shop =
      "module shop\ntype Price(amount: Decimal)\nfact PriceOf(item: Text) -> Price\nevent Sold(price: Price, item: Text)\n" +
      "fn apply(p: Price, f: fn(Price) -> Price uses e) -> Price uses e { f!(p) }\n" +
      "fn look(item: Text) -> Option<Price> uses Observe { None }\n";
    await tb("add", write("shop.tel", shop));
    const names = async (type: string) =>
      (await json<Definitions>("find", "--type", type)).definitions.flatMap((one) => (one.library ? [] : [one.name]));
    expect(await names("fn(Price, _) -> Price uses e")).toEqual(["shop.apply"]);
    expect(await names("fn(Price, fn(_) -> _ uses x) -> Price uses x")).toEqual(["shop.apply"]);
    expect(await names("fn(_) -> Option<Price> uses Observe")).toEqual(["shop.look"]);
    expect(await names("fn(_) -> Option<Price>")).toEqual([]);
    expect(await names("fact(Text) -> Price")).toEqual(["shop.PriceOf"]);
    expect(await names("event(_, Text)")).toEqual(["shop.Sold"]);
    expect(await names("type(Decimal)")).toEqual(["shop.Price"]);
    await tb("rename", "shop.Price", "shop.Cost");
    expect(await names("fn(Price, _) -> Price uses e")).toEqual([]);
    expect(await names("fn(Cost, _) -> Cost uses e")).toEqual(["shop.apply"]);
    await tb("delete", "shop.apply");
    expect(await names("fn(Cost, _) -> Cost uses e")).toEqual([]);
    await tb("find", "--type", "fn(Price, _) -> Price uses e", "--at", "0");
    expect(noted).toMatch(/nothing found/);
  });

  test("the library is found and shown, after what the codebase has under such a name", async () => {
    await tb("add", write("own.tel", "module own\nfn remap(all: List<Int>) -> List<Int> { list.map(all, int.abs) }\n"));
    expect(await tb("find", "map")).toBe(0);
    expect(printed).toMatch(/^own\.remap .*\n(.*library\n)+$/);
    expect(printed).toMatch(/^list\.map +fn\(List<a>, fn\(a\) -> b uses e\) -> List<b> uses e {2}library$/m);
    expect(printed).toMatch(/^list\.flatMap /m);
    expect(await tb("find")).toBe(0);
    expect(printed).not.toMatch(/library/);
    expect(await tb("view", "list.map")).toBe(0);
    expect(printed).toMatch(
      /^\/\/ list\.map {2}#bafyrei\w+ {2}\(library\)\n\/\/\/ `f` of each item\.\n.*\nfn map\(xs: List<a>/,
    );
    expect(await tb("view", "list.length", "Rounding", "--json")).toBe(0);
    expect(JSON.parse(printed).definitions).toMatchObject([
      { name: "list.length", signature: "fn(List<a>) -> Int", hash: null, library: true },
      { name: "prelude.Rounding", signature: "type", library: true },
    ]);
    expect(await tb("dependents", "list.map")).toBe(0);
    expect(printed).toMatch(/^own\.remap /m);
    expect(await tb("dependents", "list.fold")).toBe(3);
    expect(noted).toMatch(/list\.fold is of the library, and nothing in this codebase uses it/);
    expect(await tb("deps", "list.length")).toBe(3);
    expect(noted).toMatch(/has no code of its own/);
  });

  test("a function inside a definition counts to it", async () => {
    const text =
      "module m\nfn one() -> Int { 1 }\nfn all(xs: List<Int>) -> List<Int> { list.map(xs, fn(x) { x + one() }) }\n";
    await tb("add", write("m.tel", text));
    await tb("dependents", "m.one");
    expect(printed).toMatch(/^m\.all {2}#bafyrei\w+\n$/);
    await tb("deps", "m.all");
    expect(printed.match(/^[\w.]+/gm)).toEqual(["list.map", "m.one"]);
  });

  test("tb deps and dependents go one step or all the way", async () => {
    await tb("add", ...files());
    const names = async (command: string, key: string, ...args: readonly string[]) =>
      ((await json<Record<string, readonly { name: string }[]>>(command, ...args))[key] ?? []).map((one) => one.name);
    expect(await names("deps", "dependencies", "tip.three")).toEqual(["mid.two", "base.one"]);
    expect(await names("deps", "dependencies", "tip.test three", "--all")).toEqual([
      "base.one",
      "mid.two",
      "tip.three",
    ]);
    expect(await names("dependents", "dependents", "base.one")).toEqual(["mid.two", "tip.three"]);
    expect(await names("dependents", "dependents", "base.one", "--all")).toEqual([
      "mid.two",
      "tip.test three",
      "tip.three",
    ]);
  });

  test("tb diff looks past renames for what a name stood for, and an export that fails leaves no file", async () => {
    await tb("add", ...files());
    await tb("add", write("base.tel", base.replace("{ 1 }", "{ 10 }")));
    await tb("rename", "base", "foundation");
    await tb("rename", "foundation", "base");
    expect(await tb("diff", "base.one")).toBe(0);
    expect(printed).toMatch(/^- fn one\(\) -> Int \{ 1 \}$/m);
    expect(await tb("export", "base.one", "-o", join(folder, "nowhere", "x.car"))).toBe(3);
    expect(noted).toMatch(/cannot write .*x\.car: there is no such folder/);
    expect(await tb("export", "base.one", "-o", folder)).toBe(3);
    expect(noted).toMatch(/it is a folder/);
    expect(await tb("export", "base.one", "-o", join(folder, "x.car"))).toBe(0);
    expect(readdirSync(folder).filter((name) => name.includes("tmp") || name.includes("car"))).toEqual(["x.car"]);
  });

  test("tb diff compares two definitions, or a name with what it was", async () => {
    await tb("add", ...files());
    expect(await tb("diff", "base.one")).toBe(3);
    await tb("add", write("base.tel", base.replace("{ 1 }", "{ 10 }")));
    expect(await tb("diff", "base.one")).toBe(0);
    expect(printed).toContain("- fn one() -> Int { 1 }");
    expect(printed).toContain("+ fn one() -> Int { 10 }");
    expect(await tb("diff", "base.one", "mid.two")).toBe(0);
    expect(printed).toContain("+   // twice");
    expect(await tb("diff", "mid.two", "mid.two")).toBe(0);
    expect(noted).toMatch(/the same definition/);
  });
});

describe("names", () => {
  test("rename changes no hash, and what mentions the name is shown with the new one", async () => {
    await tb("add", ...files());
    const hash = (await json<Definitions>("find", "base.one")).definitions[0]!.hash;
    expect(await tb("rename", "base.one", "first.uno")).toBe(0);
    expect(printed).toBe("base.one → first.uno\n");
    expect((await json<Definitions>("find", "uno")).definitions[0]!.hash).toBe(hash);
    await tb("view", "mid.two");
    expect(printed).toContain("uno() + uno()");
    await tb("view", "--module", "mid");
    expect(printed).toContain("use first (uno)");
    expect(await tb("rename", "base.one", "x")).toBe(3);
    expect(await tb("rename", "mid.two", "first.uno")).toBe(3);
    expect(await tb("rename", "mid.two", "1")).toBe(2);
    // A whole module at once.
    expect(await tb("rename", "tip", "top")).toBe(0);
    expect(printed).toContain("tip.three → top.three");
  });

  test("everything can be looked at as it was after a change or at a time", async () => {
    await tb("add", ...files());
    await tb("add", write("base.tel", base.replace("{ 1 }", "{ 10 }").replace("The first", "The tenth")));
    await tb("rename", "base.one", "base.uno");
    await tb("delete", "tip.three");
    type Steps = { steps: { reason: string; time: string; changes: { sequence: number }[] }[] };
    const { steps } = await json<Steps>("history");
    const [first, second] = [steps.at(-1)!, steps.at(-2)!];
    const at = String(first.changes.at(-1)!.sequence);
    await tb("history");
    expect(printed).toContain(`change ${at}`);
    expect(await tb("view", "base.one", "--at", at)).toBe(0);
    expect(printed).toContain("/// The first.\nfn one() -> Int { 1 }");
    expect(await tb("view", "base.one", "--at", second.time)).toBe(0);
    expect(printed).toContain("/// The tenth.\nfn one() -> Int { 10 }");
    expect(await tb("view", "mid.two", "--at", at)).toBe(0);
    expect(printed).toContain("one() + one()");
    expect(await tb("view", "--module", "tip", "--at", at)).toBe(0);
    expect(printed).toContain("use base (one)");
    const names = async (...args: string[]) =>
      (await json<Definitions>("find", ...args)).definitions.map((d) => d.name);
    expect(await names("--at", at)).toEqual(["base.one", "mid.two", "tip.test three", "tip.three"]);
    expect(await names()).toEqual(["base.uno", "mid.two", "tip.test three"]);
    await tb("deps", "tip.three", "--at", at);
    expect(printed).toMatch(/^base\.one/m);
    await tb("add", write("base.tel", base.replace("one", "uno").replace("{ 1 }", "{ 11 }")));
    expect(await tb("diff", "base.uno", "--at", String(steps[1]!.changes.at(-1)!.sequence))).toBe(0);
    expect(printed).toContain("- fn uno() -> Int { 10 }");
    expect(printed).toContain("+ fn uno() -> Int { 11 }");
    expect(await tb("diff", "base.uno", "mid.two", "--at", at)).toBe(2);
    expect(await tb("view", "base.uno", "--at", at)).toBe(3);
    expect(noted).toMatch(/no definition named base\.uno/);
    expect(await tb("view", "mid.two", "--at", "99999")).toBe(3);
    expect(noted).toMatch(/there is no change 99999\nthe newest is \d+/);
    expect(await tb("view", "mid.two", "--at", "1999-01-01")).toBe(3);
    expect(noted).toMatch(/had nothing in it/);
    expect(await tb("view", "mid.two", "--at", "yesterday")).toBe(2);
    expect(await tbAt("empty", "find", "--at", "0")).toBe(3);
  });

  test("an update that nothing has to follow reads no text of the codebase", async () => {
    await tb("add", ...files(), write("own.tel", "module own\nuse mid (two)\nfn five() -> Int { two() + 3 }\n"));
    const store = await openLmdbStore(join(folder, "store", "store"));
    await store.write((tx) => {
      for (const [name, hash] of tx.names("meta:"))
        tx.setName(name, hash, undefined, { author: "ann", time: 9, reason: "forget the texts" });
    });
    await store.close();
    expect(
      await tb("update", write("own.tel", 'module own\nuse mid (two)\nfn five() -> Text { text.concat("5", "") }\n')),
    ).toBe(0);
    expect(printed).toMatch(/^~ own\.five/m);
    expect(await tb("update", "--json")).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({ ok: true, definitions: [], followed: [], byHand: [] });
  });

  test("an update says which deleted definition keeps something from following", async () => {
    await tb("add", ...files());
    await tb("delete", "mid.two");
    expect(await tb("update", write("base.tel", base.replace("{ 1 }", "{ 10 }")))).toBe(1);
    expect(noted).toMatch(/tip\.test three: it needs mid\.two, which was deleted: add it again/);
  });

  test("delete leaves the code to those that use it, and undo takes steps back one by one", async () => {
    await tb("add", ...files());
    await tb("rename", "base.one", "base.uno");
    expect(await tb("delete", "base.uno")).toBe(0);
    expect(noted).toMatch(/3 definitions still use it by hash/);
    expect(await tb("deps", "mid.two")).toBe(0);
    expect(await tb("delete", "base.uno")).toBe(3);
    await tb("undo");
    expect(printed).toMatch(/^undone: delete base\.uno$/m);
    await tb("undo");
    expect(printed).toMatch(/^undone: rename base\.one base\.uno$/m);
    expect((await json<Definitions>("find", "base")).definitions.map((one) => one.name)).toEqual(["base.one"]);
    await tb("undo");
    expect((await json<Definitions>("find")).definitions).toEqual([]);
    expect(await tb("undo")).toBe(1);
    await tb("history");
    expect(printed.match(/^undo /gm)).toHaveLength(3);
    await tb("history", "base.one");
    expect(printed).toMatch(/base\.one {2}– → #bafyrei/);
  });
});

describe("tb gc", () => {
  test("finds nothing while histories are kept, and old versions when they are not", async () => {
    await tb("add", ...files());
    await tb("update", write("base.tel", base.replace("{ 1 }", "{ 10 }")));
    expect((await json<{ blocks: number }>("gc", "--dry-run")).blocks).toBe(0);
    const dry = await json<{ blocks: number; bytes: number; kinds: Record<string, { blocks: number }> }>(
      "gc",
      "--dry-run",
      "--keep",
      "1",
    );
    expect(dry.kinds["component"]!.blocks).toBe(4);
    const done = await json<{ blocks: number }>("gc", "--keep", "1");
    expect(done.blocks).toBe(dry.blocks);
    expect((await json<{ blocks: number }>("gc", "--keep", "1")).blocks).toBe(0);
    expect(await tb("deps", "tip.test three", "--all")).toBe(0);
    expect(await tb("gc", "--keep", "0")).toBe(2);
  });
});

describe("tb serve", () => {
  const token = "a-token-of-some-length";
  async function serving<T>(work: (url: string) => Promise<T>, isPublic = false, bodyBytesMax = 1_000_000): Promise<T> {
    const store = await openLmdbStore(join(folder, "served", "store"));
    const server = codebaseServer(store, { token, isPublic, bodyBytesMax });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    vi.stubEnv("TB_TOKEN", token);
    try {
      return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      vi.unstubAllEnvs();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await store.close();
    }
  }
  const bytesOf = () => Number(/(\d+) bytes/.exec(printed)?.[1]);

  test("takes pushes and answers pulls, sends only what is missing, and never chooses between two versions", async () => {
    await tb("add", ...files());
    await serving(async (url) => {
      expect(await tb("push", url)).toBe(0);
      expect(printed).toMatch(/4 new definitions, 4 names/);
      const first = bytesOf();
      expect(await tb("push", url)).toBe(0);
      expect(printed).toMatch(/0 new definitions, 0 names/);
      expect(bytesOf()).toBeLessThan(first / 3);
      expect(await tbAt("third", "pull", url)).toBe(0);
      expect(printed).toMatch(/^\+ tip\.three/m);
      const whole = bytesOf();
      expect(await tbAt("third", "pull", url)).toBe(0);
      expect(printed).toMatch(/0 new definitions, 0 names/);
      expect(bytesOf()).toBeLessThan(whole / 3);
      await tbAt("third", "view", "mid.two");
      expect(printed).toContain("// twice");

      await tb("add", write("base.tel", base.replace("{ 1 }", "{ 10 }")));
      expect(await tb("push", url, "base.one")).toBe(1);
      expect(noted).toMatch(/base\.one: #bafyrei\w+ or #bafyrei\w+/);
      expect(await tb("push", url, "base.one", "--ours")).toBe(0);
      expect(printed).toMatch(/^\+ base\.one$/m);
    });
  });

  test("refuses who has no token, what is too large, and what is no CAR file, and writes nothing of it", async () => {
    await tb("add", ...files());
    await serving(async (url) => {
      const status = async (request: RequestInit, at = url) => (await fetch(at, request)).status;
      const authorization = `Bearer ${token}`;
      const missing = (hashes: unknown) => ({ method: "POST", body: JSON.stringify({ asks: "missing", hashes }) });
      expect(await status({})).toBe(401);
      expect(await status({ method: "PUT", body: "x" })).toBe(401);
      expect(await status({ headers: { authorization: `Bearer ${token}x` } })).toBe(401);
      expect(await status({ method: "DELETE", headers: { authorization } })).toBe(405);
      expect(await status({ method: "PUT", body: "x", headers: { authorization } })).toBe(422);
      expect(await status({ method: "PUT", body: "x".repeat(1_000_001), headers: { authorization } })).toBe(413);
      const endless = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536)) });
      const sent = fetch(url, {
        method: "PUT",
        body: endless,
        headers: { authorization },
        duplex: "half",
      } as RequestInit);
      expect(await sent.then((answer) => answer.status).catch(() => 413)).toBe(413);
      for (const bad of [["x"], "x", [1], undefined])
        expect(await status({ ...missing(bad), headers: { authorization } })).toBe(400);
      for (const body of ["{", "null", "{}", '{"__proto__":{"asks":"pack","have":[]}}'])
        expect(await status({ method: "POST", body, headers: { authorization } })).toBe(400);
      expect(await (await fetch(url, { ...missing([]), headers: { authorization } })).json()).toEqual({ missing: [] });
      // A file whose blocks are not what their addresses say.
      const path = join(folder, "one.car");
      await tb("export", "tip", "-o", path);
      const bytes = readFileSync(path);
      bytes[bytes.length - 20]! ^= 1;
      expect(await status({ method: "PUT", body: bytes, headers: { authorization } })).toBe(422);
      vi.stubEnv("TB_TOKEN", `${token}x`);
      expect(await tb("push", url)).toBe(7);
      expect(noted).toMatch(/401/);
    });
    await tbAt("served", "find", "--json");
    expect((JSON.parse(printed) as Definitions).definitions).toEqual([]);
  });

  test("is not believed when it answers nonsense", async () => {
    let document: unknown;
    const server: Server = createServer((request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(request.method === "PUT" ? JSON.stringify(document) : '{"missing":7}');
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await tb("add", ...files());
    const odd = [null, 1, [], {}, { definitions: 1, names: [1], conflicts: [] }];
    const conflicts = [null, 1, {}, { name: "a", candidates: ["\u001b[2J"] }, { name: "\u001b[2J", candidates: [] }];
    for (const answer of [...odd, ...conflicts.map((one) => ({ definitions: 1, names: [], conflicts: [one] }))]) {
      document = answer;
      expect([answer, await tb("push", url)]).toEqual([answer, 0]);
      // Then it is a place for files, and nothing is known of what it did.
      expect(printed).toMatch(/^4 new definitions, 0 names/);
    }
    await new Promise((done) => server.close(done));
  });

  test("lets everyone read when it is told so, and nobody else write", async () => {
    await serving(async (url) => {
      expect((await fetch(url)).status).toBe(200);
      expect((await fetch(url, { method: "PUT", body: "x" })).status).toBe(401);
    }, true);
  });

  test("starts with a token and a port that can be", async () => {
    expect(await tb("serve")).toBe(2);
    expect(noted).toMatch(/TB_TOKEN must hold a token of at least 16 characters/);
    vi.stubEnv("TB_TOKEN", "a token with spaces in it");
    expect(await tb("serve")).toBe(2);
    vi.stubEnv("TB_TOKEN", token);
    expect(await tb("serve", "--port", "70000")).toBe(2);
    expect(await tb("serve", "--host", "192.0.2.1", "--port", "0")).toBe(7);
    expect(noted).toMatch(/cannot listen at/);
    vi.unstubAllEnvs();
  });
});

describe("exchange", () => {
  test("an export is byte-identical, whatever was added before it, and comes in whole", async () => {
    await tb("add", ...files());
    const [one, two] = [join(folder, "one.car"), join(folder, "two.car")];
    expect(await tb("export", "tip.three", "-o", one)).toBe(0);
    await tbAt("other", "add", write("zero.tel", "module zero\nfn zero() -> Int { 0 }\n"));
    await tbAt("other", "add", ...["tip.tel", "mid.tel", "base.tel"].map((name) => join(folder, name)));
    await tbAt("other", "export", "tip.three", "-o", two, "--code-only");
    await tb("export", "tip.three", "-o", one, "--code-only");
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    await tb("export", "tip.three", "-o", two);
    await tb("export", "tip.three", "-o", one);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);

    expect(await tbAt("third", "import", one)).toBe(0);
    expect(printed).toMatch(/3 new definitions, 3 names/);
    await tbAt("third", "view", "mid.two");
    expect(printed).toContain("// twice");
    expect(await tbAt("third", "import", one)).toBe(0);
    expect(printed).toMatch(/0 new definitions, 0 names/);
    await tbAt("third", "export", "tip.three", "-o", two);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });

  test("a changed, cut or foreign file is refused and nothing of it is written", async () => {
    await tb("add", ...files());
    const path = join(folder, "one.car");
    await tb("export", "tip.three", "-o", path);
    const good = readFileSync(path);
    const flipped = Buffer.from(good);
    flipped[good.length - 20]! ^= 1;
    for (const bad of [
      flipped,
      good.subarray(0, good.length - 7),
      good.subarray(0, 100),
      Buffer.from("hello"),
      Buffer.alloc(0),
    ]) {
      writeFileSync(path, bad);
      expect(await tbAt("third", "import", path)).toBe(3);
      expect(noted).toMatch(/cannot be imported/);
    }
    await tbAt("third", "find", "--json");
    expect((JSON.parse(printed) as Definitions).definitions).toEqual([]);
    expect(await tbAt("third", "import", join(folder, "none.car"))).toBe(3);
  });

  test("what was imported is checked from its text once, and known from then on", async () => {
    await tb("add", ...files());
    const path = join(folder, "mid.car");
    await tb("export", "mid", "-o", path);
    await tbAt("third", "import", path);
    const own = (n: number) =>
      write(`own${n}.tel`, `module own${n}\nuse mid (two)\nfn five() -> Int { two() + ${n} }\n`);
    const typings = async () => {
      const store = await openLmdbStore(join(folder, "third", "store"));
      const found = ["mid.two", "base.one"].map((name) => store.typing(store.name(name)!) !== undefined);
      await store.close();
      return found;
    };
    expect(await typings()).toEqual([false, false]);
    expect(await tbAt("third", "add", own(1))).toBe(0);
    expect(await typings()).toEqual([true, true]);
    expect(await tbAt("third", "add", own(2))).toBe(0);
  });

  test("a text that is not the code it stands beside is not believed", async () => {
    await tb("add", ...files());
    const store = await openLmdbStore(join(folder, "store", "store"));
    const [lie, truth] = [store.name("mid.two")!, store.name("base.one")!];
    const told = (hash: typeof lie) => Meta.decode(store.blocks.get(store.name(`meta:${hash}`)!)!);
    const [of, other] = [told(lie), told(truth)];
    if (!of.ok || !other.ok) throw new Error("the words do not read");
    await store.write((tx) => {
      const source = { ...of.value.entries[0]!.source!, parts: ["fn two() -> Int { 999 }"] };
      const block = tx.put(Meta.encode({ ...of.value, entries: [{ ...of.value.entries[0]!, source }] }));
      tx.setName(`meta:${lie}`, tx.name(`meta:${lie}`), block, { author: "eve", time: 9, reason: "import" });
      tx.setTyping(lie, new Uint8Array(0));
    });
    await store.close();
    expect(await tb("add", write("own.tel", "module own\nuse mid (two)\nfn f() -> Int { two() }\n"))).toBe(3);
    expect(noted).toMatch(/the text of mid\.two in the codebase is not the code that it stands beside/);
    expect((await json<Definitions>("find", "own")).definitions).toEqual([]);
  });

  test("push and pull send only what is missing, and never choose between two versions", async () => {
    await tb("add", ...files());
    const there = join(folder, "there");
    expect(await tb("pull", there)).toBe(3);
    expect(await tb("push", there)).toBe(0);
    expect(printed).toMatch(/4 new definitions, 4 names/);
    expect(await tb("push", there)).toBe(0);
    expect(printed).toMatch(/0 new definitions, 0 names/);
    // One side goes on: the other follows.
    await tbAt("there", "add", write("base.tel", base.replace("{ 1 }", "{ 10 }")));
    expect(await tb("pull", there)).toBe(0);
    expect(printed).toMatch(/^\+ base\.one$/m);
    // Both go on: candidates.
    await tbAt("there", "add", write("base.tel", base.replace("{ 1 }", "{ 11 }")));
    await tb("add", write("base.tel", base.replace("{ 1 }", "{ 12 }")));
    const mine = (await json<Definitions>("find", "base.one")).definitions[0]!.hash;
    expect(await tb("pull", there)).toBe(1);
    expect(noted).toMatch(/base\.one: #bafyrei\w{12} or #bafyrei\w{12}/);
    expect((await json<Definitions>("find", "base.one")).definitions[0]!.hash).toBe(mine);
    expect(await tb("push", there, "nothing.like.it")).toBe(3);
    // Unless the user says which.
    expect(await tb("pull", there, "--theirs")).toBe(0);
    expect((await json<Definitions>("find", "base.one")).definitions[0]!.hash).not.toBe(mine);
    await tb("undo");
    expect((await json<Definitions>("find", "base.one")).definitions[0]!.hash).toBe(mine);
  });

  test("a whole module is exported by its name, and a second pull brings no words again", async () => {
    await tb("add", ...files());
    const path = join(folder, "tip.car");
    expect(await tb("export", "tip", "-o", path)).toBe(0);
    expect(await tbAt("fresh", "import", path)).toBe(0);
    expect(printed).toMatch(/^4 new definitions, 4 names/m);
    expect(await tb("export", "nothing", "-o", path)).toBe(3);
    await tb("push", join(folder, "there"));
    const first = Number(/(\d+) bytes/.exec(printed)?.[1]);
    await tb("push", join(folder, "there"));
    const again = Number(/(\d+) bytes/.exec(printed)?.[1]);
    // The names and the addresses, and nothing else.
    expect(again).toBeLessThan(600);
    expect(again).toBeLessThan(first / 3);
    await tb("add", write("base.tel", base.replace("The first", "The very first")));
    await tb("push", join(folder, "there"));
    await tbAt("there", "view", "base.one");
    expect(printed).toContain("/// The very first.");
  });

  test("a token goes along where it is safe, and nowhere else", async () => {
    const seen: (string | undefined)[] = [];
    const server: Server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === "/moved") response.writeHead(307, { location: "http://127.0.0.2/" }).end();
      else response.writeHead(request.headers.authorization === "Bearer secret" ? 204 : 401).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await tb("add", ...files());
      expect(await tb("push", `${url}/x`)).toBe(7);
      expect(noted).toMatch(/answered 401 Unauthorized\nset TB_TOKEN/);
      vi.stubEnv("TB_TOKEN", "secret");
      expect(await tb("push", `${url}/x`)).toBe(0);
      expect(await tb("push", `${url}/moved`)).toBe(7);
      expect(seen).toEqual([undefined, undefined, "Bearer secret", "Bearer secret", "Bearer secret"]);
      expect(await tb("push", "http://example.invalid/x")).toBe(2);
      expect(noted).toMatch(/everyone on the way could read it/);
      vi.stubEnv("TB_TOKEN_HOST", "elsewhere.invalid");
      expect(await tb("push", `${url}/x`)).toBe(7);
      expect(noted).toMatch(/answered 401/);
      vi.stubEnv("TB_TOKEN_HOST", new URL(url).host);
      expect(await tb("push", `${url}/x`)).toBe(0);
      vi.stubEnv("TB_TOKEN", "a b");
      expect(await tb("pull", `${url}/x`)).toBe(2);
      expect(await tb("push", "http://[")).toBe(2);
      expect(noted).toMatch(/is not an address/);
    } finally {
      vi.unstubAllEnvs();
      await new Promise((done) => server.close(done));
    }
  });

  test("a CAR file comes and goes over HTTP", async () => {
    let kept = Buffer.alloc(0);
    const server: Server = createServer(async (request, response) => {
      if (request.url !== "/code.car") {
        response.writeHead(404).end();
        return;
      }
      if (request.method === "PUT") {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        kept = Buffer.concat(parts);
        response.writeHead(204).end();
      } else response.end(kept);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/code.car`;
    await tb("add", ...files());
    expect(await tb("push", url, "tip.three")).toBe(0);
    expect(await tbAt("third", "pull", url)).toBe(0);
    expect(printed).toMatch(/3 new definitions, 3 names/);
    expect(await tbAt("third", "pull", `${url}x`)).toBe(7);
    expect(noted).toMatch(/answered 404/);
    await new Promise((done) => server.close(done));
    expect(await tbAt("third", "pull", url)).toBe(7);
    expect(noted).toMatch(/cannot be reached/);
  });
});
