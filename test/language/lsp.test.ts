/** The language server as an editor meets it: a process, its stdin and stdout, and a real protocol client. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type CodeAction,
  type CodeLens,
  type CompletionItem,
  createProtocolConnection,
  type Diagnostic,
  type Location,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type SemanticTokens,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol/node";

const TB = "dist/test-lsp/tb.mjs";
let folder: string;
let server: ChildProcess;
let client: ProtocolConnection;
let diagnostics: Map<string, Diagnostic[]>;
let arrived: (() => void)[] = [];

const math = `module arb.math

/// Twice the number.
fn twice(x: Int) -> Int { x * 2 }
`;
const arb = `use arb.math (twice)
use timelines (ethereum)

fn soon() -> Instant { now!() + 10m }
fn four() -> Int { twice(2) }

test "four is four" { assert four() == 4 }
test "four is five" { assert four() == 5 }
`;

const uri = (name: string): string => pathToFileURL(join(folder, name)).href;
const write = (name: string, text: string): void => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
};

/** The position of `part` in a text, `after` characters on. */
function position(text: string, part: string, after = 0): { line: number; character: number } {
  const before = text.slice(0, text.indexOf(part) + after).split("\n");
  return { line: before.length - 1, character: before[before.length - 1]!.length };
}

/** Waits until the server has told about `name` what `is` asks for. */
async function told(name: string, is: (found: Diagnostic[]) => boolean): Promise<Diagnostic[]> {
  for (;;) {
    const found = diagnostics.get(uri(name));
    if (found !== undefined && is(found)) return found;
    await new Promise<void>((done) => arrived.push(done));
  }
}

const at = (name: string, text: string, part: string, after = 0) => ({
  textDocument: { uri: uri(name) },
  position: position(text, part, after),
});

beforeAll(async () => {
  await build({
    stdin: {
      contents: `import { Command } from "commander";
import * as add from "./apps/cli/commands/add.ts";
import * as lsp from "./apps/cli/commands/lsp.ts";
const program = new Command("tb");
for (const command of [add, lsp]) command.register(program);
await program.parseAsync();`,
      resolveDir: process.cwd(),
    },
    outfile: TB,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
  folder = mkdtempSync(join(tmpdir(), "lsp-"));
  write("program.toml", '[program]\nname = "Arb"\nversion = "1.0.0"\n\n[timelines]\nethereum = "eip155:31337"\n');
  write("math.tel", math);
  write("arb.tel", arb);
  server = spawn(process.execPath, [TB, "lsp", "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") },
  });
  client = createProtocolConnection(new StreamMessageReader(server.stdout!), new StreamMessageWriter(server.stdin!));
  diagnostics = new Map();
  client.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics: found }: PublishDiagnosticsParams) => {
    diagnostics.set(uri, found);
    const waiting = arrived;
    arrived = [];
    for (const done of waiting) done();
  });
  client.listen();
  const initialized = (await client.sendRequest("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "arb" }],
    capabilities: {},
  })) as { capabilities: object; serverInfo: { name: string } };
  expect(initialized.serverInfo.name).toBe("tb lsp");
  await client.sendNotification("initialized", {});
  await client.sendNotification("textDocument/didOpen", {
    textDocument: { uri: uri("arb.tel"), languageId: "tel", version: 1, text: arb },
  });
  await told("arb.tel", () => true);
}, 60_000);

afterAll(async () => {
  const ended = new Promise<number | null>((done) => server.once("exit", done));
  await client.sendRequest("shutdown");
  await client.sendNotification("exit");
  expect(await ended).toBe(0);
  client.dispose();
  rmSync(folder, { recursive: true });
});

describe("tb lsp", () => {
  test("tells problems with code, place and hint", async () => {
    const [problem, ...more] = await told("arb.tel", (found) => found.length > 0);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ code: "TEL0312", severity: 1, source: "tel" });
    expect(problem!.message).toContain("write `uses Clock`");
    expect(problem!.relatedInformation![0]!.message).toContain("declared here");
  });

  test("offers the fix of a problem", async () => {
    const [problem] = await told("arb.tel", (found) => found.length > 0);
    const found = (await client.sendRequest("textDocument/codeAction", {
      textDocument: { uri: uri("arb.tel") },
      range: problem!.range,
      context: { diagnostics: [problem] },
    })) as CodeAction[];
    expect(found.map(({ title }) => title)).toEqual(["declare `uses Clock`"]);
    expect(found[0]!.edit!.changes![uri("arb.tel")]![0]!.newText).toBe("uses Clock ");
  });

  test("hovers over a name of a file that is not open", async () => {
    const found = (await client.sendRequest("textDocument/hover", at("arb.tel", arb, "twice(2)"))) as {
      contents: { value: string };
    };
    expect(found.contents.value).toContain("```tel\nfn twice(x: Int) -> Int\n```");
    expect(found.contents.value).toContain("Twice the number.");
    expect(found.contents.value).toMatch(/pure · `#bafyrei/);
  });

  test("goes to the definition in another file", async () => {
    const found = (await client.sendRequest("textDocument/definition", at("arb.tel", arb, "twice(2)"))) as Location[];
    expect(found).toEqual([
      { uri: uri("math.tel"), range: { start: position(math, "twice"), end: position(math, "twice", 5) } },
    ]);
  });

  test("finds references in all files", async () => {
    const found = (await client.sendRequest("textDocument/references", {
      ...at("arb.tel", arb, "twice(2)"),
      context: { includeDeclaration: true },
    })) as Location[];
    expect(found.map((one) => one.uri).sort()).toEqual([uri("arb.tel"), uri("arb.tel"), uri("math.tel")]);
  });

  test("renames in all files, and says why where it cannot", async () => {
    const edit = (await client.sendRequest("textDocument/rename", {
      ...at("arb.tel", arb, "twice(2)"),
      newName: "double",
    })) as WorkspaceEdit;
    expect(Object.keys(edit.changes!).sort()).toEqual([uri("arb.tel"), uri("math.tel")]);
    const refused = client.sendRequest("textDocument/rename", { ...at("arb.tel", arb, "twice(2)"), newName: "four" });
    await expect(refused).rejects.toThrow(/four/);
  });

  test("completes names and members", async () => {
    const found = (await client.sendRequest(
      "textDocument/completion",
      at("arb.tel", arb, "twice(2)", 3),
    )) as CompletionItem[];
    expect(found.map(({ label }) => label)).toEqual(expect.arrayContaining(["twice", "soon", "ethereum", "list"]));
  });

  test("gives tokens, hints, symbols, folds and lenses", async () => {
    const document = { textDocument: { uri: uri("arb.tel") } };
    const tokens = (await client.sendRequest("textDocument/semanticTokens/full", document)) as SemanticTokens;
    expect(tokens.data.length % 5).toBe(0);
    expect(tokens.data.length).toBeGreaterThan(0);
    const symbols = (await client.sendRequest("textDocument/documentSymbol", document)) as { name: string }[];
    expect(symbols.map(({ name }) => name)).toEqual(["soon", "four", "four is four", "four is five"]);
    const folds = await client.sendRequest("textDocument/foldingRange", document);
    expect(folds).toEqual([{ startLine: 0, endLine: 1, kind: "imports" }]);
    const whole = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    expect(await client.sendRequest("textDocument/inlayHint", { ...document, range: whole })).toEqual([]);
    const lenses = (await client.sendRequest("textDocument/codeLens", document)) as CodeLens[];
    expect(lenses.map(({ command }) => command!.title)).toEqual(["0 uses", "2 uses", "run test", "run test"]);
  });

  test("checks again while typing, then runs tests and remembers their results by hash", async () => {
    const fixed = arb.replace("Instant {", "Instant uses Clock {");
    await client.sendNotification("textDocument/didChange", {
      textDocument: { uri: uri("arb.tel"), version: 2 },
      contentChanges: [{ range: { start: position(arb, "{ now"), end: position(arb, "{ now") }, text: "uses Clock " }],
    });
    await told("arb.tel", (found) => found.length === 0);
    const run = (title: string) =>
      client.sendRequest("workspace/executeCommand", { command: "tb.runTest", arguments: [uri("arb.tel"), title] });
    expect(await run("four is four")).toMatchObject({ passed: true });
    expect(await run("four is five")).toMatchObject({ passed: false });
    const lenses = (await client.sendRequest("textDocument/codeLens", {
      textDocument: { uri: uri("arb.tel") },
    })) as CodeLens[];
    expect(lenses.slice(2).map(({ command }) => command!.title)).toEqual([
      "✓ cached · run test",
      "✗ failed · run test",
    ]);
    expect(fixed).toContain("uses Clock");
  });

  test("formats", async () => {
    const ugly = "fn f( ) ->Int {1}\n";
    await client.sendNotification("textDocument/didOpen", {
      textDocument: { uri: uri("ugly.tel"), languageId: "tel", version: 1, text: ugly },
    });
    const edits = (await client.sendRequest("textDocument/formatting", {
      textDocument: { uri: uri("ugly.tel") },
      options: { tabSize: 8, insertSpaces: false },
    })) as TextEdit[];
    expect(edits.map(({ newText }) => newText)).toEqual(["fn f() -> Int { 1 }\n"]);
    await client.sendNotification("textDocument/didClose", { textDocument: { uri: uri("ugly.tel") } });
  });

  test("leads from a name of the library to its text", async () => {
    const text = "fn f(x: List<Int>) -> List<Int> { list.filter(x, fn(y) { y > 0 }) }\n";
    await client.sendNotification("textDocument/didOpen", {
      textDocument: { uri: uri("lib.tel"), languageId: "tel", version: 1, text },
    });
    const [found] = (await client.sendRequest("textDocument/definition", at("lib.tel", text, "filter"))) as Location[];
    expect(found!.uri).toMatch(/\/list\.tel$/);
    await client.sendNotification("textDocument/didClose", { textDocument: { uri: uri("lib.tel") } });
  });

  test("leads from a hash to the text of the definition in the codebase", async () => {
    const added = spawnSync(process.execPath, [TB, "add", join(folder, "math.tel"), "--store", join(folder, ".tb")]);
    expect(added.stderr.toString() + added.stdout.toString()).toContain("twice");
    const hovered = (await client.sendRequest("textDocument/hover", at("arb.tel", arb, "twice(2)"))) as {
      contents: { value: string };
    };
    const hash = /#bafyrei[a-z0-9]+/.exec(hovered.contents.value)![0];
    const text = `> ${hash}(4)\n`;
    await client.sendNotification("textDocument/didOpen", {
      textDocument: { uri: uri("hash.tel"), languageId: "tel", version: 1, text },
    });
    const [found] = (await client.sendRequest("textDocument/definition", at("hash.tel", text, "#", 4))) as Location[];
    expect(readFileSync(fileURLToPath(found!.uri), "utf8")).toContain("fn twice(x: Int) -> Int { x * 2 }");
    await client.sendNotification("textDocument/didClose", { textDocument: { uri: uri("hash.tel") } });
  });

  test("knows what only the codebase has, and leads to its text", async () => {
    const shop =
      "module shop\n\n/// With a rate added.\nfn taxed(x: Decimal, rate: Decimal) -> Decimal { x * (1 + rate) }\n";
    const away = mkdtempSync(join(tmpdir(), "lsp-shop-"));
    writeFileSync(join(away, "shop.tel"), shop);
    const added = spawnSync(process.execPath, [TB, "add", join(away, "shop.tel"), "--store", join(folder, ".tb")]);
    expect(added.stdout.toString()).toContain("shop.taxed");
    const text = "use shop (taxed)\nfn cost() -> Decimal { taxed(1, 0.2) }\nfn wrong() -> Text { taxed(1, 0.2) }\n";
    await client.sendNotification("textDocument/didOpen", {
      textDocument: { uri: uri("cost.tel"), languageId: "tel", version: 1, text },
    });
    const problems = await told("cost.tel", (found) => found.length === 1 && found[0]!.code === "TEL0301");
    expect(problems[0]!.message).toContain("expected `Text`, found `Decimal`");
    const hovered = (await client.sendRequest("textDocument/hover", at("cost.tel", text, "taxed(1"))) as {
      contents: { value: string };
    };
    expect(hovered.contents.value).toContain("fn taxed(x: Decimal, rate: Decimal) -> Decimal");
    expect(hovered.contents.value).toContain("With a rate added.");
    const [found] = (await client.sendRequest(
      "textDocument/definition",
      at("cost.tel", text, "taxed(1", 2),
    )) as Location[];
    expect(readFileSync(fileURLToPath(found!.uri), "utf8")).toContain("{ x * (1 + rate) }");
    await client.sendNotification("textDocument/didClose", { textDocument: { uri: uri("cost.tel") } });
    rmSync(away, { recursive: true });
  });

  test("hears of files that change outside of the editor", async () => {
    write("math.tel", math.replace("twice", "double"));
    await client.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri: uri("math.tel"), type: 2 }] });
    const found = await told("arb.tel", (problems) => problems.length > 0);
    expect(found.map(({ code }) => code)).toContain("TEL0206");
    write("math.tel", math);
    await client.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri: uri("math.tel"), type: 2 }] });
    await told("arb.tel", (problems) => problems.length === 0);
  });

  test("answers for documents that are not open with nothing", async () => {
    expect(await client.sendRequest("textDocument/hover", at("none.tel", "", ""))).toBeNull();
  });
});
