import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CliFailure } from "../exit.ts";
import * as check from "./check.ts";
import * as compile from "./compile.ts";
import * as graph from "./graph.ts";

const arbitrage = new URL("../../../examples/cross-chain-arb", import.meta.url).pathname;
let folder: string;
let printed: string;
let noted: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "check-"));
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

async function tb(...args: readonly string[]): Promise<number> {
  const program = new Command().exitOverride();
  for (const command of [check, compile, graph]) command.register(program);
  process.exitCode = 0;
  try {
    await program.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    noted += error.message;
    return error.exit;
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("tb check", () => {
  test("is silent about what is right", async () => {
    expect(await tb("check", arbitrage)).toBe(0);
    expect(printed).toMatch(/2 files, \d+ definitions, no problems/);
  });
  test("counts types, facts and programs too", async () => {
    const text = "type A(n: Int)\nfact F() -> Int\neffect E { op o() -> Int }\nprogram P { entry e() { } }";
    expect(await tb("check", file("a.tel", text))).toBe(0);
    expect(printed).toContain("1 file, 5 definitions, no problems");
  });
  test("refuses a pipe at once, and passes by one in a folder", async () => {
    const pipe = join(folder, "pipe.tel");
    execFileSync("mkfifo", [pipe]);
    expect(await tb("check", pipe)).toBe(3);
    expect(noted).toContain("pipe.tel is a pipe or device, not a file");
    file("a.tel", "fn f() -> Int { 1 }");
    expect(await tb("check", folder)).toBe(0);
  });
  test("says what is wrong with the manifest, each with its place", async () => {
    file("program.toml", '[program]\nname = "A"\nversion = "abc"\n\n[schema]\nversion = "x"\n');
    file("a.tel", "fn f() -> Int { 1 }");
    expect(await tb("check", folder)).toBe(3);
    expect(noted).toContain("program.toml has 2 problems");
    expect(noted).toMatch(/SCH0106[\s\S]*program\.toml:3:[\s\S]*SCH0106[\s\S]*program\.toml:6:/);
  });
  test("shows every problem and exits with 3", async () => {
    expect(await tb("check", file("a.tel", "fn f() -> Int { x }\nfn g() -> Int { now() }"))).toBe(3);
    expect(noted).toContain("TEL0201");
    expect(noted).toContain("TEL0310");
  });
  test("--json gives code, place and hints", async () => {
    expect(await tb("check", "--json", file("a.tel", 'fn f() -> Int { "x" }'))).toBe(3);
    const document = JSON.parse(printed);
    expect([document.ok, document.errors, document.problems[0].code]).toEqual([false, 1, "TEL0301"]);
    expect(document.problems[0].range.start).toEqual({ offset: 16, line: 1, column: 17 });
  });
  test("--deny makes a warning an error", async () => {
    const path = file("a.tel", "fn f() -> Int uses Clock { 1 }");
    expect([await tb("check", path), await tb("check", "--deny", path)]).toEqual([0, 3]);
  });
  test("the manifest beside the files names their timelines", async () => {
    file("program.toml", '[timelines]\nethereum = "eip155:1"\n');
    file("a.tel", "use timelines (optimism)");
    expect(await tb("check", folder)).toBe(3);
    expect(noted).toContain("TEL0211");
  });
  test("a folder without sources is a plain error", async () => {
    expect(await tb("check", folder)).toBe(3);
    expect(noted).toContain("there is no .tel file");
  });
});

describe("tb check of a program folder, without a chain", () => {
  const manifest = readFileSync(join(arbitrage, "program.toml"), "utf8");
  const problem = async (from: string | RegExp, to: string): Promise<readonly string[]> => {
    const changed = manifest.replace(from, to);
    expect(changed).not.toBe(manifest);
    file("program.toml", changed);
    for (const name of ["arb.tel", "math.tel"]) file(name, readFileSync(join(arbitrage, name), "utf8"));
    expect(await tb("check", "--json", folder)).toBe(3);
    const document = JSON.parse(printed) as {
      readonly problems: readonly { readonly what: string; readonly at: string }[];
    };
    const lines = changed.split("\n");
    return document.problems.map(({ what, at }) => {
      const line = lines[Number(/program\.toml:(\d+):/.exec(at)![1]) - 1]!;
      return `${line.trim().slice(0, 12)}| ${what}`;
    });
  };

  test.each<[string, string | RegExp, string, string]>([
    [
      "a fact that is not declared",
      "[facts.PriceOf]",
      "[facts.PriceOff]",
      "[facts.Price| facts.PriceOff: the sources declare no fact PriceOff",
    ],
    [
      "an argument that a fact has not",
      '"pair.base" = "ETH", "pair.quote" = "USDC" }\ncontract = "market"',
      '"pair.bass" = "ETH" }\ncontract = "market"',
      'when = { "pa| facts.PriceOf.when: PriceOf has no argument pair.bass',
    ],
    [
      "a slot that is not named",
      'ratio = ["quote", "base"]',
      'ratio = ["quot", "base"]',
      "value = { ra| facts.PriceOf.value: there is no slot quot",
    ],
    [
      "a slot that is none",
      "base = 0",
      "base = -1",
      "slots = { ba| facts.PriceOf.slots.base: expected a slot number or { slot, keys?, offset?, bytes?, type? }",
    ],
    [
      "a value of another type",
      /value = .*/,
      'value = { word = "base" }',
      "value = { wo| facts.PriceOf.value: it gives a value of type Int, and PriceOf is of type Decimal",
    ],
    ["a case that is none", 'side = "Buy"', 'side = "Bye"', 'when = { sid| actions.Trade.0.when: side is never "Bye"'],
    [
      "too few inputs",
      "buy(bytes32,address,uint256,uint256)",
      "buy(bytes32,address,uint256)",
      'call = "buy(| actions.Trade.0.call: buy(bytes32,address,uint256) takes 3 value(s), and inputs gives 4',
    ],
    [
      "a type that is not elementary",
      "sell(bytes32,address,uint256,uint256)",
      "sell(bytes32,address,uint256,string)",
      'call = "sell| actions.Trade.1.call: "string" is no type of fixed size: uintN, intN, address, bool or bytesN',
    ],
    [
      "an amount without its decimals",
      '{ argument = "amount", decimals = 18 },\n  { limit',
      '{ argument = "amount" },\n  { limit',
      "inputs = [| actions.Trade.0.inputs: amount is of type Decimal; it takes Int, Bool, Bytes, Text",
    ],
    [
      "a parameter that the event has not",
      "where = { account",
      "where = { acount",
      "where = { ac| actions.Trade.0.where.acount: the event has no parameter acount",
    ],
    [
      "an answer of no word",
      'answer = { word = "quote"',
      'answer = { word = "quota"',
      "answer = { w| actions.Trade.0.answer: there is no parameter of the event quota",
    ],
    [
      "an asset that is not named",
      '{ asset = "USDC"',
      '{ asset = "USDT"',
      "moves = [| actions.Trade.0.moves: the asset USDT is not in [assets]",
    ],
    [
      "a timeline that is not named",
      '{ timeline = "optimism", id = "native" }',
      '{ timeline = "base", id = "native" }',
      "ETH = [| assets.ETH.timeline: the timeline base is not in [timelines]",
    ],
    [
      "an interface that the sources have not",
      "[activation]",
      '[bindings]\nRiskDesk = "desk"\n\n[activation]',
      'RiskDesk = "| bindings.RiskDesk: the sources have no interface RiskDesk',
    ],
  ])("refuses %s", async (_, from, to, expected) => {
    expect(await problem(from, to)).toContain(expected);
  });
  test("shows the place and what to do", async () => {
    file("program.toml", manifest.replace("[facts.PriceOf]", "[facts.PriceOff]"));
    for (const name of ["arb.tel", "math.tel"]) file(name, readFileSync(join(arbitrage, name), "utf8"));
    expect(await tb("check", folder)).toBe(3);
    expect(noted).toMatch(/SCH0109[\s\S]*program\.toml:\d+:[\s\S]*did you mean PriceOf\?/);
    expect(noted).toContain("2 files, 1 error, 0 warnings");
  });
});

describe("tb compile", () => {
  test.each(["tree", "names", "types", "effects", "core", "ir", "bytecode", "artifact", "dag"])(
    "--emit %s",
    async (stage) => {
      expect(await tb("compile", arbitrage, "--emit", stage)).toBe(0);
      expect(printed).toContain(stage === "artifact" ? "CrossChainArb" : "rebalance");
    },
  );
  test("an unknown stage is a usage error", async () => {
    expect(await tb("compile", arbitrage, "--emit", "soup")).toBe(2);
  });
  test("--pass shows a definition before and after", async () => {
    const path = file("a.tel", "fn f(x: Int) -> Int { g(x) }\nfn g(x: Int) -> Int { x + 1 }");
    expect(await tb("compile", path, "--emit", "ir", "--pass", "inline")).toBe(0);
    expect(printed).toContain("── f before inline");
    expect(printed).toContain("%int.add($0, 1)");
  });
  test("--pass wants a pass, and the stage that has passes", async () => {
    expect(await tb("compile", arbitrage, "--emit", "ir", "--pass", "soup")).toBe(2);
    expect(noted).toContain("there is no pass soup");
    expect(await tb("compile", arbitrage, "--pass", "inline")).toBe(2);
  });
  test("problems are shown instead", async () => {
    expect(await tb("compile", file("a.tel", "fn f() -> Int { x }"))).toBe(3);
    expect(noted).toContain("TEL0201");
  });
});

describe("tb graph", () => {
  test("prints order and decisions", async () => {
    expect(await tb("graph", arbitrage)).toBe(0);
    expect(printed).toMatch(/act sellOn Trade .*after 3/);
  });
  test("writes SVG to a file", async () => {
    const path = join(folder, "g.svg");
    expect(await tb("graph", arbitrage, "--format", "svg", "-o", path)).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^<svg .*<\/svg>\n$/s);
  });
  test("an unknown entry or format is a usage error", async () => {
    expect(await tb("graph", arbitrage, "--entry", "Nobody.knows")).toBe(2);
    expect(await tb("graph", arbitrage, "--format", "png")).toBe(2);
  });
});
