/** Each feature of the language server, asked by a real protocol client over stdio. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  DocumentHighlight,
  DocumentSymbol,
  InlayHint,
  Location,
  Range,
  SemanticTokens,
  SignatureHelp,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import { applied, buildTb, LspProcess, position, range } from "./LspProcess.ts";

const TB = "dist/test-lsp/tb.mjs";
let lsp: LspProcess;

const math = `module arb.math

/// Twice the number.
fn twice(x: Int) -> Int { x * 2 }

type Quote(price: Decimal, at: Instant)
`;

beforeAll(async () => {
  await buildTb(TB, ["lsp", "add"]);
  lsp = new LspProcess(TB);
  expect((await lsp.initialized).serverInfo?.name).toBe("tb lsp");
}, 60_000);

afterAll(async () => {
  expect(await lsp.end()).toBe(0);
});

type Hover = { readonly contents: { readonly value: string }; readonly range: Range };
const hover = (name: string, part: string, after = 0) => lsp.ask<Hover | null>("hover", lsp.at(name, part, after));
const hashIn = (found: Hover | null): string => /#bafyrei[a-z2-7]+/.exec(found!.contents.value)![0];

/** A project with `math.tel` on disk, and `main.tel` on disk and open. */
async function project(name: string, main: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  lsp.project(name, { "math.tel": math, "main.tel": main, ...more });
  await lsp.open(`${name}/main.tel`, main);
  return `${name}/main.tel`;
}

const fixes = async (name: string, at: Range, only?: readonly string[]): Promise<CodeAction[]> =>
  lsp.ask("codeAction", {
    ...lsp.document(name),
    range: at,
    context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
  });

describe("diagnostics", () => {
  test("come while typing, with code, place, hint and the other place, and go when it is right", async () => {
    const text = "fn soon() -> Instant { now!() + 10m }\n";
    const main = await project("typing", text);
    const [problem, ...more] = await lsp.wrong(main);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ code: "TEL0312", severity: 1, source: "tel", range: range(text, "now!()") });
    expect(problem!.message).toContain("write `uses Clock`");
    expect(problem!.relatedInformation![0]).toMatchObject({
      location: { uri: lsp.uri(main) },
      message: expect.stringContaining("declared here"),
    });
    const at = position(text, "{ now");
    await lsp.change(main, [{ range: { start: at, end: at }, newText: "uses Clock " }]);
    await lsp.clean(main);
    expect(lsp.text(main)).toBe("fn soon() -> Instant uses Clock { now!() + 10m }\n");
  });

  test("mark a block where it starts, not line after line", async () => {
    const text = "fn f() -> Text {\n  let x = 1\n  let y = 2\n}\n";
    const main = await project("blocks", text);
    for (const { range: marked } of await lsp.wrong(main)) expect(marked.end.line).toBe(marked.start.line);
  });

  test("speak of a manifest that is wrong at its place", async () => {
    lsp.project("manifest", { "main.tel": "fn f() -> Int { 1 }\n" }, '[program]\nname = "A"\nversion = 1\n');
    await lsp.open("manifest/main.tel", "fn f() -> Int { 1 }\n");
    const [problem] = await lsp.wrong("manifest/program.toml");
    expect(problem!.range.start.line).toBe(2);
    lsp.write("manifest/program.toml", '[program]\nname = "A"\nversion = "1.0.0"\n');
    await lsp.changedOnDisk("manifest/program.toml");
    await lsp.clean("manifest/program.toml");
  });

  test("hear of files that change outside of the editor", async () => {
    const main = await project("disk", "use arb.math (twice)\nfn four() -> Int { twice(2) }\n");
    await lsp.clean(main);
    lsp.write("disk/math.tel", math.replace("twice", "double"));
    await lsp.changedOnDisk("disk/math.tel");
    expect((await lsp.wrong(main)).map(({ code }) => code)).toContain("TEL0206");
    lsp.write("disk/math.tel", math);
    await lsp.changedOnDisk("disk/math.tel");
    await lsp.clean(main);
  });
});

describe("hover", () => {
  test("tells signature, doc, effects and hash of a definition in a file that is not open", async () => {
    const main = await project("hover", "use arb.math (twice)\nfn four() -> Int { twice(2) }\n");
    const found = (await hover(main, "twice(2)"))!;
    expect(found.contents.value).toMatch(
      /^```tel\nfn twice\(x: Int\) -> Int\n```\n\nTwice the number\.\n\npure · `#bafyrei[a-z2-7]+`$/,
    );
    expect(found.range).toEqual({ start: position(lsp.text(main), "twice(2)"), end: position(lsp.text(main), "(2)") });
  });

  test("tells the row of what has effects, the type of a local, and the type of a literal", async () => {
    const main = await project("rows", "fn soon() -> Instant uses Clock {\n  let wait = 10m\n  now!() + wait\n}\n");
    expect((await hover(main, "soon"))!.contents.value).toMatch(/uses Clock\n```\n\ndoes `?Clock`? · `#bafyrei/);
    expect((await hover(main, "wait\n}"))!.contents.value).toContain("wait: Duration");
    expect((await hover(main, "10m"))!.contents.value).toContain("Duration");
    expect((await hover(main, "now!"))!.contents.value).toContain("now() -> Instant uses Clock");
  });

  test("of nothing, and of a document that is not open, is nothing", async () => {
    const main = await project("nothing", "\nfn f() -> Int { 1 }\n");
    expect(await lsp.ask("hover", { ...lsp.document(main), position: { line: 0, character: 0 } })).toBeNull();
    expect(await lsp.ask("hover", { ...lsp.document("none.tel"), position: { line: 0, character: 0 } })).toBeNull();
  });
});

describe("completion", () => {
  const completions = (name: string, part: string, after: number) =>
    lsp.ask<CompletionItem[]>("completion", lsp.at(name, part, after));
  const labels = (found: readonly CompletionItem[]): string[] => found.map(({ label }) => label);

  test("of a name that is not imported writes it and its `use`, and the result is clean", async () => {
    const main = await project("import", "fn four() -> Int { twi }\n");
    await lsp.wrong(main);
    const item = (await completions(main, "twi", 3)).find(({ label }) => label === "twice")!;
    expect(item).toMatchObject({ detail: "fn twice(x: Int) -> Int", documentation: { value: "Twice the number." } });
    await lsp.change(main, applied(lsp.text(main), [item.textEdit as TextEdit, ...item.additionalTextEdits!]));
    expect(lsp.text(main)).toBe("use arb.math (twice)\nfn four() -> Int { twice }\n");
    await lsp.told(main, (found) => found.every(({ code }) => code !== "TEL0201"));
  });

  test("knows locals, what is imported, modules, timelines and words", async () => {
    const main = await project(
      "names",
      "use timelines (ethereum)\nfn f(amount: Int) -> Int {\n  let size = 1\n  \n}\n",
    );
    const found = labels(await completions(main, "size = 1\n  ", 11));
    expect(found).toEqual(expect.arrayContaining(["amount", "size", "f", "ethereum", "list", "match", "let"]));
  });

  test("after a dot knows fields, members of a module, and the state", async () => {
    const text = `use arb.math (Quote)
fn price(q: Quote) -> Decimal { q. }
fn many(xs: List<Int>) -> Int { list. }
program P {
  state { count: Int = 0; label: Text = "" }
  entry next() -> Int { state. }
}
`;
    const main = await project("dots", text);
    expect(await completions(main, "q. ", 2)).toMatchObject([
      { label: "price", detail: "price: Decimal" },
      { label: "at" },
    ]);
    expect(labels(await completions(main, "list. ", 5))).toEqual(expect.arrayContaining(["map", "filter", "fold"]));
    expect(labels(await completions(main, "state. ", 6))).toEqual(["count", "label"]);
  });

  test("knows labels of a call, effects of a row, types, and clauses of a program", async () => {
    const text =
      "use arb.math (Quote)\nfn q() -> Quote { Quote(price: 1, ) }\nfn f() -> Int uses  { 1 }\nfn g() ->  { 1 }\nprogram P {\n  \n}\n";
    const main = await project("places", text);
    expect(labels(await completions(main, "1, ", 3))).toContain("at:");
    expect(labels(await completions(main, "1, ", 3))).not.toContain("price:");
    expect(labels(await completions(main, "uses  ", 5))).toEqual(expect.arrayContaining(["Clock", "Observe"]));
    expect(labels(await completions(main, "->  {", 3))).toEqual(expect.arrayContaining(["Decimal", "Quote"]));
    expect(labels(await completions(main, "P {\n  ", 6))).toEqual(
      expect.arrayContaining(["entry", "state", "migration"]),
    );
  });
});

test("signature help tells the parameters and the one that is being written", async () => {
  const main = await project(
    "signature",
    'fn pay(to: Text, amount: Decimal) -> Int { 1 }\nfn f() -> Int { pay("a", 2) }\n',
  );
  const found = await lsp.ask<SignatureHelp>("signatureHelp", lsp.at(main, "2) }"));
  expect(found.signatures[0]!.label).toBe("fn pay(to: Text, amount: Decimal) -> Int");
  expect(found.activeParameter).toBe(1);
});

describe("definition", () => {
  test("leads to another file, to a local and to a field", async () => {
    const main = await project(
      "definition",
      "use arb.math (twice, Quote)\nfn f(q: Quote) -> Decimal {\n  let n = twice(2)\n  q.price + n\n}\n",
    );
    const to = (part: string, after = 0) => lsp.ask<Location[]>("definition", lsp.at(main, part, after));
    expect(await to("twice(2)")).toEqual([{ uri: lsp.uri("definition/math.tel"), range: range(math, "twice") }]);
    expect(await to("price + n")).toEqual([{ uri: lsp.uri("definition/math.tel"), range: range(math, "price") }]);
    expect(await to("+ n", 2)).toEqual([
      { uri: lsp.uri(main), range: { start: position(lsp.text(main), "n = "), end: position(lsp.text(main), " = ") } },
    ]);
  });

  test("leads from a name of the library to its text", async () => {
    const main = await project("library", "fn f(x: List<Int>) -> List<Int> { list.filter(x, fn(y) { y > 0 }) }\n");
    const [found] = await lsp.ask<Location[]>("definition", lsp.at(main, "filter"));
    const lines = readFileSync(fileURLToPath(found!.uri), "utf8").split("\n");
    expect(lines[found!.range.start.line]).toMatch(/^fn filter\(/);
  });

  test("leads from a hash to the text of the definition in the codebase", async () => {
    const main = await project("codebase", "use arb.math (twice)\nfn four() -> Int { twice(2) }\n");
    const added = spawnSync(process.execPath, [
      TB,
      "add",
      join(lsp.folder, "codebase/math.tel"),
      "--store",
      join(lsp.folder, "codebase/.tb"),
    ]);
    expect(added.stderr.toString() + added.stdout.toString()).toContain("twice");
    const hash = hashIn(await hover(main, "twice(2)"));
    await lsp.change(main, `> ${hash}(4)\n`);
    const [found] = await lsp.ask<Location[]>("definition", lsp.at(main, "#", 4));
    expect(readFileSync(fileURLToPath(found!.uri), "utf8")).toContain("fn twice(x: Int) -> Int { x * 2 }");
  });

  test("knows what only the codebase has, and leads to its text", async () => {
    const text = "fn cost() -> Decimal { 1 }\n";
    const main = await project("learns", text);
    const shop =
      "module shop\n\n/// With a rate added.\nfn taxed(x: Decimal, rate: Decimal) -> Decimal { x * (1 + rate) }\n";
    lsp.project("shop", { "shop.tel": shop });
    const added = spawnSync(process.execPath, [
      TB,
      "add",
      join(lsp.folder, "shop/shop.tel"),
      "--store",
      join(lsp.folder, "learns/.tb"),
    ]);
    expect(added.stdout.toString()).toContain("shop.taxed");
    await lsp.change(
      main,
      "use shop (taxed)\nfn cost() -> Decimal { taxed(1, 0.2) }\nfn wrong() -> Text { taxed(1, 0.2) }\n",
    );
    await expect
      .poll(async () => (await lsp.wrong(main)).map(({ message }) => message), { timeout: 10_000 })
      .toEqual([expect.stringContaining("expected `Text`, found `Decimal`")]);
    const hovered = await hover(main, "taxed(1");
    expect(hovered!.contents.value).toContain("fn taxed(x: Decimal, rate: Decimal) -> Decimal");
    expect(hovered!.contents.value).toContain("With a rate added.");
    const [found] = await lsp.ask<Location[]>("definition", lsp.at(main, "taxed(1", 2));
    expect(readFileSync(fileURLToPath(found!.uri), "utf8")).toContain("{ x * (1 + rate) }");
  });
});

describe("references", () => {
  const text = "use arb.math (twice)\nfn four() -> Int { twice(2) }\nfn six() -> Int { twice(3) }\n";

  test("are found in all files, with and without the declaration", async () => {
    const main = await project("references", text);
    const ask = (includeDeclaration: boolean) =>
      lsp.ask<Location[]>("references", { ...lsp.at(main, "twice(2)"), context: { includeDeclaration } });
    const own = ["twice)", "twice(2)", "twice(3)"].map((part) => ({
      uri: lsp.uri(main),
      range: { start: position(text, part), end: position(text, part, 5) },
    }));
    const declaration = { uri: lsp.uri("references/math.tel"), range: range(math, "twice") };
    expect(await ask(false)).toEqual(own);
    expect(await ask(true)).toEqual([...own, declaration]);
  });

  test("are followed after an edit in another file", async () => {
    const main = await project("moved", text);
    const other = "module other\nuse arb.math (Quote)\nfn cost(q: Quote) -> Decimal { q.price }\n";
    await lsp.open("moved/other.tel", other);
    await lsp.open("moved/math.tel", math);
    const prices = () =>
      lsp.ask<Location[]>("references", {
        ...lsp.at("moved/other.tel", "price"),
        context: { includeDeclaration: true },
      });
    expect(await prices()).toHaveLength(2);
    await lsp.change(
      "moved/math.tel",
      `${math.replace("\n", "\n// One line more.\n")}fn far(q: Quote) -> Decimal { q.price }\n`,
    );
    expect((await prices()).map(({ uri, range: at }) => [uri, at.start.line])).toEqual([
      [lsp.uri("moved/math.tel"), 6],
      [lsp.uri("moved/math.tel"), 7],
      [lsp.uri("moved/other.tel"), 2],
    ]);
    await lsp.clean(main);
  });

  test("of one file are lit up", async () => {
    const main = await project("highlights", text);
    const found = await lsp.ask<DocumentHighlight[]>("documentHighlight", lsp.at(main, "twice(3)"));
    expect(found.map((one) => one.range.start.line)).toEqual([0, 1, 2]);
  });
});

describe("rename", () => {
  test("goes through all files, leaves them without problems and every hash as it was", async () => {
    const main = await project("rename", "use arb.math (twice)\nfn four() -> Int { twice(2) }\n");
    await lsp.open("rename/math.tel", math);
    const before = [hashIn(await hover(main, "four")), hashIn(await hover("rename/math.tel", "twice"))];
    expect(await lsp.ask("prepareRename", lsp.at(main, "twice(2)"))).toEqual({
      start: position(lsp.text(main), "twice(2)"),
      end: position(lsp.text(main), "(2)"),
    });
    await lsp.apply(await lsp.ask<WorkspaceEdit>("rename", { ...lsp.at(main, "twice(2)"), newName: "double" }));
    expect(lsp.text(main)).toBe("use arb.math (double)\nfn four() -> Int { double(2) }\n");
    expect(lsp.text("rename/math.tel")).toBe(math.replace("twice", "double"));
    expect([hashIn(await hover(main, "four")), hashIn(await hover("rename/math.tel", "double"))]).toEqual(before);
    await lsp.clean(main);
    await lsp.clean("rename/math.tel");
  });

  test("renames a field where it is declared, read and given", async () => {
    const main = await project(
      "fields",
      "use arb.math (Quote)\nfn f(q: Quote) -> Quote { Quote(price: q.price, at: q.at) }\n",
    );
    await lsp.open("fields/math.tel", math);
    await lsp.apply(await lsp.ask<WorkspaceEdit>("rename", { ...lsp.at(main, "price, at"), newName: "cost" }));
    expect(lsp.text(main)).toContain("Quote(cost: q.cost, at: q.at)");
    expect(lsp.text("fields/math.tel")).toContain("type Quote(cost: Decimal");
    await lsp.clean(main);
  });

  test("says why it does not", async () => {
    const main = await project("refused", "use arb.math (twice)\nfn four() -> Int { twice(list.length([1])) }\n");
    const to = (part: string, newName: string) => lsp.ask("rename", { ...lsp.at(main, part), newName });
    await expect(to("twice(", "four")).rejects.toThrow(/four/);
    await expect(to("twice(", "Twice")).rejects.toThrow(/a word in small letters/);
    await expect(to("twice(", "match")).rejects.toThrow(/cannot be a name/);
    await expect(to("length", "size")).rejects.toThrow(/not declared in these files/);
    await expect(lsp.ask("prepareRename", lsp.at(main, "fn "))).rejects.toThrow(/no name here/);
  });
});

test("semantic tokens tell what each name is", async () => {
  const main = await project(
    "tokens",
    "use arb.math (twice)\nfn soon(wait: Duration) -> Instant uses Clock { now!() + wait }\n",
  );
  const { capabilities } = await lsp.initialized;
  const legend = (capabilities.semanticTokensProvider as { legend: { tokenTypes: string[]; tokenModifiers: string[] } })
    .legend;
  const { data } = await lsp.ask<SemanticTokens>("semanticTokens/full", lsp.document(main));
  const lines = lsp.text(main).split("\n");
  const found: string[] = [];
  let line = 0;
  let character = 0;
  for (let i = 0; i < data.length; i += 5) {
    line += data[i]!;
    character = data[i] === 0 ? character + data[i + 1]! : data[i + 1]!;
    const modifiers = legend.tokenModifiers.filter((_, bit) => ((data[i + 4]! >> bit) & 1) === 1);
    const text = lines[line]!.slice(character, character + data[i + 2]!);
    found.push([text, legend.tokenTypes[data[i + 3]!], ...modifiers].join(" "));
  }
  expect(found).toEqual([
    "arb.math namespace",
    "twice function",
    "soon function declaration",
    "wait parameter declaration",
    "Duration type defaultLibrary",
    "Instant type defaultLibrary",
    "Clock interface defaultLibrary",
    "now function defaultLibrary effect",
    "wait parameter",
  ]);
});

test("inlay hints tell inferred types and rows", async () => {
  const text =
    "fn f(xs: List<Int>) -> List<Instant> uses Clock {\n  let y = 1\n  list.map!(xs, fn(x) { now!() + 1m * y * x })\n}\n";
  const main = await project("inlays", text);
  const whole = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  const found = await lsp.ask<InlayHint[]>("inlayHint", { ...lsp.document(main), range: whole });
  expect(found.map(({ label, position: at }) => [label, at])).toEqual([
    [": Int", position(text, "y = 1", 1)],
    [": Int", position(text, "(x) {", 2)],
    ["uses Clock ", position(text, "{ now")],
  ]);
  const first = { start: { line: 0, character: 0 }, end: { line: 1, character: 99 } };
  expect(await lsp.ask("inlayHint", { ...lsp.document(main), range: first })).toHaveLength(1);
});

test("inlay hints tell the values of watch lines", async () => {
  const text = "fn half(x: Int) -> Int { 10 / x }\n> half(2)\n> half(0)\n> [half(1)\n  , 3]\n";
  const main = await project("watches", text);
  const hints = async (): Promise<readonly (readonly [number, string])[]> => {
    const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    const found = await lsp.ask<InlayHint[]>("inlayHint", { ...lsp.document(main), range });
    return found.map((one) => [one.position.line, one.label as string]);
  };
  expect(await hints()).toEqual([
    [1, " = 5"],
    [2, " ✗ DivisionByZero: division by zero"],
    [4, " = [10, 3]"],
  ]);
  await lsp.change(main, text.replace("10 / x", "20 / x").replace("half(0)", "nope"));
  expect(await hints()).toEqual([
    [1, " = 10"],
    [4, " = [20, 3]"],
  ]);
});

describe("code actions", () => {
  /** Applies the action with this title at the first problem, and waits until nothing is wrong. */
  async function repaired(name: string, title: string): Promise<string> {
    const [problem] = await lsp.wrong(name);
    const found = await fixes(name, problem!.range);
    expect(found.map((one) => one.title)).toContain(title);
    const action = found.find((one) => one.title === title)!;
    expect(action.kind).toBe("quickfix");
    expect(action.diagnostics![0]!.code).toBe(problem!.code);
    await lsp.apply(action.edit!);
    await lsp.clean(name);
    return lsp.text(name);
  }

  test("insert `!`", async () => {
    const main = await project("mark", "fn soon() -> Instant uses Clock { now() }\n");
    expect(await repaired(main, "insert the `!`")).toBe("fn soon() -> Instant uses Clock { now!() }\n");
  });

  test("add `uses`", async () => {
    const main = await project("uses", "fn soon() -> Instant { now!() }\n");
    expect(await repaired(main, "declare `uses Clock`")).toBe("fn soon() -> Instant uses Clock { now!() }\n");
  });

  test("import a name", async () => {
    const main = await project("importing", "module main\nfn four() -> Int { twice(2) }\n");
    expect(await repaired(main, "use `twice` of arb.math")).toBe(
      "module main\nuse arb.math (twice)\nfn four() -> Int { twice(2) }\n",
    );
  });

  test("repair all of a file at once, on demand", async () => {
    const main = await project("all", "fn a() -> Instant { now() }\nfn b() -> Instant uses Clock { now() }\n");
    await lsp.wrong(main);
    const at = range(lsp.text(main), "fn a");
    expect((await fixes(main, at)).map(({ kind }) => kind)).not.toContain("source.fixAll");
    const [all, ...more] = await fixes(main, at, ["source.fixAll"]);
    expect(more).toEqual([]);
    await lsp.apply(all!.edit!);
    expect(await lsp.clean(main)).toEqual([]);
  });

  const manifest = (version: string, more = ""): string =>
    `[program]\nname = "Desk"\nversion = "${version}"\n\n[timelines]\nethereum = "eip155:31337"\n${more}`;
  const desk =
    "program Desk {\n  state { price: Decimal = 1; risk: Decimal = 0.05 }\n  entry quote() -> Decimal { state.price }\n}\n";
  const migrations = (name: string) => fixes(name, range(lsp.text(name), "price: Decimal"), ["refactor"]);

  test("write the migration, from the version that the manifest leads to", async () => {
    for (const [folder, toml, versions] of [
      ["counted", manifest("1.4.0"), "1.3.0 -> 1.4.0"],
      ["named", manifest("2.0.0", '[schema]\nprevious = "1.7.2"\n'), "1.7.2 -> 2.0.0"],
    ] as const) {
      lsp.project(folder, {}, toml);
      await lsp.open(`${folder}/desk.tel`, desk);
      const [action] = await migrations(`${folder}/desk.tel`);
      expect(action!.title).toBe(`write the migration to ${versions.split(" ")[2]}`);
      await lsp.apply(action!.edit!);
      expect(lsp.text(`${folder}/desk.tel`)).toContain(
        `  migration ${versions} (old) { State(price: old.price, risk: old.risk) }\n}\n`,
      );
      await lsp.clean(`${folder}/desk.tel`);
      expect(await migrations(`${folder}/desk.tel`)).toEqual([]);
    }
    lsp.project("first", {}, manifest("1.0.0"));
    await lsp.open("first/desk.tel", desk);
    expect(await migrations("first/desk.tel")).toEqual([]);
  });

  test("write the migration, from the version that the store has", async () => {
    const old = desk
      .replace("price: Decimal = 1;", "oracle: Decimal = 1; risk2: Int = 1;")
      .replace("risk: Decimal = 0.05", 'risk: Map<Text, Decimal> = ["ETH": 0.1]')
      .replace("state.price", "state.oracle");
    lsp.project("stored", { "desk.tel": old }, manifest("1.0.0"));
    const store = join(lsp.folder, "stored/.tb");
    const kept = spawnSync(process.execPath, [TB, "keep", join(lsp.folder, "stored"), store]);
    expect(kept.stderr.toString()).toBe("");
    lsp.write("stored/program.toml", manifest("1.2.0"));
    await lsp.open("stored/desk.tel", desk);
    const [action] = await migrations("stored/desk.tel");
    await lsp.apply(action!.edit!);
    expect(lsp.text("stored/desk.tel")).toContain(`  migration 1.0.0 -> 1.2.0 (old) {
    // \`price\` is new: it gets its first value, or \`price: old.oracle\`.
    // \`risk\` was a Map<Text, Decimal>; make a Decimal of it.
    // \`oracle\`, a Decimal, is gone.
    // \`risk2\`, an Int, is gone.
    State(risk: old.risk)
  }
}
`);
    await lsp.clean("stored/desk.tel");
  });
});

describe("lenses", () => {
  const lenses = (name: string) => lsp.ask<CodeLens[]>("codeLens", lsp.document(name));
  const titles = async (name: string) => (await lenses(name)).map(({ command }) => command!.title);

  test("run a test and remember its result by the hash of the test", async () => {
    const main = await project(
      "lenses",
      'use arb.math (twice)\nfn four() -> Int { twice(2) }\ntest "right" { assert four() == 4 }\ntest "wrong" { assert four() == 5 }\n',
    );
    expect(await titles(main)).toEqual(["2 uses", "run test", "run test"]);
    const run = async (index: number) => {
      const { command } = (await lenses(main))[index]!;
      return lsp.client.sendRequest("workspace/executeCommand", {
        command: command!.command,
        arguments: command!.arguments,
      });
    };
    expect(await run(1)).toMatchObject({ passed: true, message: "✓ right" });
    expect(await run(2)).toMatchObject({ passed: false, message: expect.stringMatching(/^✗ wrong: /) });
    expect(lsp.messages).toContain("✓ right");
    const both = ["2 uses", "✓ cached · run test", "✗ failed · run test"];
    expect(await titles(main)).toEqual(both);
    await lsp.change(main, lsp.text(main).replaceAll("four", "quad"));
    expect(await titles(main)).toEqual(both);
    await lsp.change(main, lsp.text(main).replace("twice(2)", "twice(3)"));
    expect(await titles(main)).toEqual(["2 uses", "run test", "run test"]);
  });

  test("show the uses of a declaration", async () => {
    const main = await project(
      "uses-lens",
      "use arb.math (twice)\nfn four() -> Int { twice(2) }\nfn eight() -> Int { four() + four() }\n",
    );
    const [first] = await lenses(main);
    expect(first!.command).toMatchObject({
      title: "2 uses",
      command: "tb.showReferences",
      arguments: [lsp.uri(main), position(lsp.text(main), "four"), [{ uri: lsp.uri(main) }, { uri: lsp.uri(main) }]],
    });
  });

  test("say so when there is nothing to run", async () => {
    const main = await project("broken", 'fn f() -> Int { nothing }\ntest "t" { assert f() == 1 }\n');
    const run = (args: unknown[]) =>
      lsp.client.sendRequest("workspace/executeCommand", { command: "tb.runTest", arguments: args });
    expect(await run([lsp.uri(main), "t"])).toMatchObject({
      passed: false,
      message: expect.stringContaining("errors"),
    });
    await expect(run([lsp.uri("none.tel"), "t"])).rejects.toThrow(/is not open/);
    await expect(run([1])).rejects.toThrow(/no command/);
  });
});

test("symbols are the outline, clauses inside their program", async () => {
  const main = await project(
    "symbols",
    'fn f() -> Int { 1 }\nprogram P {\n  state { n: Int = 0 }\n  entry go() -> Int { 1 }\n}\ntest "t" { assert true }\n',
  );
  const found = await lsp.ask<DocumentSymbol[]>("documentSymbol", lsp.document(main));
  expect(found.map(({ name }) => name)).toEqual(["f", "P", "t"]);
  expect(found[1]!.children!.map(({ name }) => name)).toEqual(["state", "go"]);
});

test("folds are imports, comments and blocks; the line of a closing bracket stays", async () => {
  const text =
    "use arb.math (twice)\nuse timelines (ethereum)\n\n// One\n// and two.\nfn f() -> Int {\n  let x = 1\n  x\n}\n";
  const main = await project("folds", text);
  expect(await lsp.ask("foldingRange", lsp.document(main))).toEqual(
    expect.arrayContaining([
      { startLine: 0, endLine: 1, kind: "imports" },
      { startLine: 3, endLine: 4, kind: "comment" },
      { startLine: 5, endLine: 7 },
    ]),
  );
});

test("formatting lays out the text, once, and changes no hash", async () => {
  const main = await project("format", "// Kept.\nfn   f( x:Int ) ->Int {x*2}\n");
  const before = hashIn(await hover(main, "f( x"));
  const format = () =>
    lsp.ask<TextEdit[]>("formatting", { ...lsp.document(main), options: { tabSize: 8, insertSpaces: false } });
  await lsp.change(main, applied(lsp.text(main), await format()));
  expect(lsp.text(main)).toBe("// Kept.\nfn f(x: Int) -> Int { x * 2 }\n");
  expect(hashIn(await hover(main, "f(x"))).toBe(before);
  expect(await format()).toEqual([]);
  await lsp.change(main, "fn f( {\n");
  expect(await format()).toEqual([]);
});
