import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openMemoryStore } from "../../../src/stores/memory/index.ts";
import { completions } from "./complete.ts";
import { repl } from "./repl.ts";
import { isComplete, type Session, say, session } from "./Session.ts";

const math = { path: "math.tel", text: "module arb.math\ntype Pair(base: Text)\nfn twice(x: Int) -> Int { x * 2 }\n" };
const fresh = (): Session => session([math], { timelines: ["ethereum"] }, openMemoryStore(), false);

/** The texts that a sequence of inputs gives. */
async function said(...inputs: readonly string[]): Promise<string[]> {
  const of = fresh();
  const texts: string[] = [];
  for (const input of inputs) texts.push((await say(of, input)).text);
  return texts;
}

describe("an input", () => {
  test("that is an expression gives its value and type", async () => {
    expect(await said("1 + 2", "twice(21)", '["a": 4.2]')).toEqual([
      "3 : Int",
      "42 : Int",
      '["a": 4.2] : Map<Text, Decimal>',
    ]);
  });

  test("that is a declaration holds from then on, and one of the same name replaces it", async () => {
    const inputs = ["fn f(x: Int) -> Int { twice(x) + 1 }", "f(2)", "fn f(x: Int) -> Int { 0 }", "f(2)"];
    expect(await said(...inputs)).toEqual(["f", "5 : Int", "f", "0 : Int"]);
  });

  test("that is a `let` names a value, which a later one may hide", async () => {
    expect(await said("let x = 4", "let y = x + 1", "x * y", 'let x = "a"', "x")).toEqual([
      "",
      "",
      "20 : Int",
      "",
      '"a" : Text',
    ]);
  });

  test("that is a test is run", async () => {
    const [passed, failed] = await said('test "fine" { assert twice(2) == 4 }', 'test "odd" { assert twice(2) == 5 }');
    expect(passed).toBe("✓ fine");
    expect(failed).toMatch(/^✗ odd: /);
  });

  test("that is wrong shows its problem and changes nothing", async () => {
    const [wrong, text, still] = await said("fn f() -> Int { nothing }", "1 +", "f()");
    expect(wrong).toContain("TEL0201");
    expect(text).toContain("TEL0101");
    expect(still).toContain("TEL0201");
  });

  test("that is wrong is shown as it was typed, whatever was named before", async () => {
    const [, , wrong] = await said("let x = 4", "let y = 5", "x + nothing");
    expect(wrong).toContain("<expression>:1:5\n1 │ x + nothing\n  │     ^^^^^^^");
  });

  test("that is a `let` and wrong is shown as it was typed", async () => {
    const [, wrong] = await said("let x = 4", "let v = x + nothing");
    expect(wrong).toContain("<expression>:1:13\n1 │ let v = x + nothing\n  │             ^^^^^^^");
  });

  test("that makes an earlier `let` wrong says that it is forgotten", async () => {
    const inputs = [
      "fn f(x: Int) -> Int { x }",
      "let a = f(1)",
      "let b = 2",
      "fn f(x: Text) -> Text { x }",
      "b",
      ":show",
    ];
    const texts = await said(...inputs);
    expect(texts[3]).toBe("f\nforgotten, as it does not fit any more: let a = f(1)");
    expect(texts[4]).toBe("2 : Int");
    expect(texts[5]).toBe("fn f(x: Text) -> Text { x }\nlet b = 2");
  });

  test("that is only a comment says nothing, and a `>` is no matter", async () => {
    expect(await said("// nothing", "> 1 + 1", "1 + 1 // two")).toEqual(["", "2 : Int", "2 : Int"]);
  });

  test("that is meant as a command is told how to say it", async () => {
    const texts = await said("exit", "help", "module a.b", "let help = 3", "help");
    expect(texts[0]).toBe("there is no `exit`; commands start with a colon: :quit");
    expect(texts[1]).toBe("there is no `help`; commands start with a colon: :help");
    expect(texts[2]).toContain("in no module");
    expect(texts[4]).toBe("3 : Int");
  });

  test("that is wrong is shown within the width of the terminal", async () => {
    const of = session([], {}, openMemoryStore(), false, () => 50);
    const { text } = await say(of, `[1, 2] |> list.map(fn(aVeryLongName) { aVeryLongName * someOtherThing + 1 })`);
    expect(text).toContain("someOtherThing");
    // Hints are sentences: a terminal breaks them where it likes.
    const shown = text.split("\n").filter((line) => !line.includes(" = "));
    expect(shown.length).toBeGreaterThan(3);
    for (const line of shown) expect(line.length).toBeLessThanOrEqual(50);
  });

  test("that never ends can be left, and the next one is answered", async () => {
    const of = fresh();
    await say(of, "fn spin(n: Int) -> Int { spin(n + 1) }");
    const endless = say(of, "spin(0)");
    setTimeout(() => {
      of.isInterrupted = true;
    }, 20);
    expect(await endless).toEqual({ ok: false, text: "interrupted" });
    expect((await say(of, "1 + 1")).text).toBe("2 : Int");
  });

  test("that fails at run time says so", async () => {
    const of = fresh();
    expect(await say(of, "1 / (2 - 2)")).toMatchObject({ ok: false, text: expect.stringMatching(/zero|division/i) });
  });
});

describe("commands", () => {
  test("tell type, hash, effects and trace", async () => {
    const texts = await said(
      ":type twice",
      "twice(1)",
      ":trace",
      ":hash twice",
      "fn t() -> Instant uses Clock { now!() }",
      ":effects t",
      ":effects twice",
      ":effects list.length",
    );
    expect(texts[0]).toBe("fn(Int) -> Int");
    expect(texts[2]).toMatch(/^trace bafyrei[\s\S]*ended with 2 {2}fuel/);
    expect(texts[3]).toMatch(/^#bafyrei[a-z2-7]{52}$/);
    expect(texts.slice(5)).toEqual(["Clock", "pure", "pure"]);
  });

  test("forget and show what was declared", async () => {
    expect(await said("let x = 1", ":show", ":reset", ":show")).toEqual(["", "let x = 1", "", ""]);
  });

  test("that do not exist are told with the nearest", async () => {
    expect(await said(":typ 1", ":tracee", ":type")).toEqual([
      "Int",
      "there is no :tracee; did you mean :trace?",
      ":type takes EXPR",
    ]);
  });
});

test.each([
  ["1 + 2", true],
  ["f(1,", false],
  ["fn f() {", false],
  ["fn f() {\n  1\n}", true],
  ["1 +", false],
  ["let x =", false],
  [":type (", false],
  ['"a ${b', true],
])("%j is complete: %s", (input, expected) => expect(isComplete(input)).toBe(expected));

test.each([
  ["twi", "twice"],
  ["1 + twi", "twice"],
  ["list.fil", "filter"],
  [":ty", ":type"],
  [":type twi", "twice"],
  ["let y = eth", "ethereum"],
])("Tab after %j offers %s", (input, expected) => expect(completions(fresh(), input)[0]).toContain(expected));

const words = [
  "1",
  "x",
  "f",
  "twice",
  "list.map",
  "fn f(x: Int) -> Int {",
  "}",
  "{",
  "(",
  ")",
  "[",
  "]",
  "let x =",
  "+",
  "|>",
  "=",
  '"',
  "${",
  "//",
  ":type",
  ":hash",
  ":effects",
  ":trace",
  ":show",
  ":reset",
  ":",
  ":zzz",
  'test "t"',
  "match",
  "=>",
  "_",
  ".",
  "!",
  "?",
  ",",
  "\n",
  "1h",
  "@2025",
  "#bafy",
  "module a",
  "use arb.math (twice)",
  "program P {",
  "state { n: Int = 0 }",
  "😀",
  "\u0000",
  "\uFEFF",
  "\ud800",
];
const input = fc.oneof(
  fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(" ")),
  fc.string({ unit: "binary", maxLength: 40 }),
);

test("whatever is said, it is answered in words, and the session goes on", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(input, { maxLength: 8 }), async (inputs) => {
      const of = fresh();
      for (const text of inputs) {
        isComplete(text);
        completions(of, text);
        const outcome = await say(of, text);
        expect(outcome.text).not.toMatch(/internal error|\n\s+at /);
      }
      await say(of, ":reset");
      expect(await say(of, "twice(21)")).toEqual({ ok: true, text: "42 : Int" });
    }),
    { numRuns: 60 },
  );
});

test("a defect of ours is told in words, and what was declared is still there", async () => {
  const of = fresh();
  let isBroken = true;
  const output = new PassThrough();
  const input = new PassThrough();
  const chunks: string[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  const broken: Session = Object.defineProperty(of, "files", {
    get: () => {
      if (!isBroken) return [];
      isBroken = false;
      throw new Error("what nobody thought of");
    },
  });
  input.end("1 + 1\n1 + 1\n");
  expect(await repl(broken, { input, output }, false)).toBe(1);
  expect(chunks.join("")).toBe("this is a defect of tb: what nobody thought of; the session goes on\n2 : Int\n");
});

describe("at a terminal", () => {
  const state = mkdtempSync(join(tmpdir(), "repl-"));
  const before = process.env["XDG_STATE_HOME"];
  beforeAll(() => {
    process.env["XDG_STATE_HOME"] = state;
  });
  afterAll(() => {
    if (before === undefined) delete process.env["XDG_STATE_HOME"];
    else process.env["XDG_STATE_HOME"] = before;
    rmSync(state, { recursive: true });
  });

  const CTRL_C = "\u0003";
  const CTRL_D = "\u0004";
  const UP = "\u001b[A";

  /** A session at a terminal: `type` waits until what is expected has been written. */
  function terminal() {
    const input = new PassThrough();
    const output = new PassThrough();
    let text = "";
    let arrived = (): void => {};
    output.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      arrived();
    });
    const ended = repl(fresh(), { input, output }, true);
    return {
      ended,
      type: async (keys: string, expected: string): Promise<void> => {
        text = "";
        input.write(keys);
        while (!text.includes(expected)) await new Promise<void>((done) => (arrived = done));
      },
      press: (key: string) => input.write(key),
      leave: async (): Promise<number> => {
        input.write(CTRL_D);
        return ended;
      },
    };
  }

  test("lines come back in later sessions, whichever session they were said in", async () => {
    const one = terminal();
    const two = terminal();
    await one.type("1 + 1\r", "2 : Int");
    await two.type("20 + 2\r", "22 : Int");
    await one.type("3 + 3\r", "6 : Int");
    expect(await one.leave()).toBe(0);
    expect(await two.leave()).toBe(0);
    expect(readFileSync(join(state, "time-bandits/repl-history"), "utf8")).toBe("3 + 3\n20 + 2\n1 + 1\n");
    const three = terminal();
    await three.type(`${UP}${UP}\r`, "22 : Int");
    await three.leave();
  });

  test("Ctrl-C leaves an evaluation, an open input and a line, and never the session", async () => {
    const one = terminal();
    await one.type("fn spin(n: Int) -> Int { spin(n + 1) }\r", "spin\n");
    const left = one.type("spin(0)\r", "interrupted");
    const pressing = setInterval(() => one.press(CTRL_C), 20);
    await left;
    clearInterval(pressing);
    await one.type("twice(\r", "...> ");
    await one.type(CTRL_C, "tel> ");
    await one.type(`nothing${CTRL_C}`, "tel> ");
    await one.type(CTRL_C, "Ctrl-D leaves");
    await one.type("twice(2)\r", "4 : Int");
    expect(await one.leave()).toBe(1);
  });
});

test("lines of a pipe are answered one after the other, and the count of failures is given", async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const chunks: string[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  input.end("let x = [\n  1,\n  2,\n]\nlist.length(x)\nnothing\n:quit\n5\n");
  expect(await repl(fresh(), { input, output }, false)).toBe(1);
  const text = chunks.join("");
  expect(text).toMatch(/^2 : Int\nerror\[TEL0201\]/);
  expect(text).not.toContain("5 : Int");
});
