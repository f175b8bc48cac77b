/** The language server where client, files and texts are not as they should be. */
import { spawnSync } from "node:child_process";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  CancellationTokenSource,
  type CodeLens,
  type Diagnostic,
  type Location,
  type TextEdit,
} from "vscode-languageserver-protocol/node";
import { applied, buildTb, LspProcess, position } from "./LspProcess.ts";

const TB = "dist/test-lsp-abuse/tb.mjs";
const NOBODY = 65_534;
const running: LspProcess[] = [];

let shared: LspProcess;

beforeAll(async () => {
  await buildTb(TB, ["lsp"]);
  shared = new LspProcess(TB);
  await shared.initialized;
}, 60_000);

afterEach(async () => {
  for (const lsp of running.splice(0)) {
    lsp.server.kill("SIGKILL");
    lsp.remove();
  }
  await shared.closeAll();
});

afterAll(async () => {
  expect(await shared.end()).toBe(0);
});

async function started(folders: readonly string[] = [""]): Promise<LspProcess> {
  const lsp = new LspProcess(TB, folders, { workspace: { workspaceFolders: true } });
  running.push(lsp);
  await lsp.initialized;
  return lsp;
}

const exitOf = (lsp: LspProcess): Promise<number | null> => new Promise((done) => lsp.server.once("exit", done));

const wrong = "fn f() -> Int { nothing }\n";
const right = "fn f() -> Int { 1 }\n";

/** The server still answers, about what it should. */
async function lives(lsp: LspProcess): Promise<void> {
  await lsp.open("lives.tel", `module lives\n${wrong}`);
  expect((await lsp.wrong("lives.tel")).map(({ code }) => code)).toEqual(["TEL0201"]);
  expect(await lsp.ask("hover", lsp.at("lives.tel", "f()"))).toMatchObject({
    range: { start: { line: 1, character: 3 } },
  });
  await lsp.close("lives.tel");
}

describe("messages", () => {
  const framed = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

  test.each([
    ["that are no JSON", framed("{bad}")],
    ["that are JSON but no message", framed("[]") + framed("1") + framed("{}") + framed("null") + framed('"x"')],
    ["of unknown methods", framed('{"jsonrpc":"2.0","method":"tel/nothing","params":{}}')],
    ["with params of another shape", framed('{"jsonrpc":"2.0","method":"textDocument/didOpen","params":[1]}')],
    ["without params", framed('{"jsonrpc":"2.0","method":"textDocument/didChange"}')],
    ["answering what nobody asked", framed('{"jsonrpc":"2.0","id":99,"result":1}')],
  ])("%s change nothing", async (_, bytes) => {
    const lsp = shared;
    lsp.server.stdin!.write(bytes);
    await lives(lsp);
  });

  test.each([
    ["null", null],
    ["no position", { textDocument: { uri: "file:///a.tel" } }],
    ["a number as URI", { textDocument: { uri: 1 }, position: { line: 0, character: 0 } }],
    ["a URI that is no path", { textDocument: { uri: "file:///%zz" }, position: { line: 0, character: 0 } }],
    ["a URI of another host", { textDocument: { uri: "file://host/a.tel" }, position: { line: 0, character: 0 } }],
  ])("that ask with %s get an answer, and the next one too", async (_, params) => {
    const lsp = shared;
    for (const method of [
      "hover",
      "completion",
      "rename",
      "codeAction",
      "codeLens",
      "semanticTokens/full",
      "inlayHint",
    ])
      await lsp
        .ask(method, params as object)
        .catch((error: { code: number }) => expect(error.code).toBeTypeOf("number"));
    await lives(lsp);
  });

  test("that ask for what there is not get the protocol's refusal", async () => {
    const lsp = shared;
    await expect(lsp.client.sendRequest("tel/nothing", {})).rejects.toMatchObject({ code: -32601 });
    await lives(lsp);
  });
});

describe("documents", () => {
  test("that are changed, closed or opened out of turn", async () => {
    const lsp = shared;
    const textDocument = { uri: lsp.uri("a.tel"), version: 7 };
    await lsp.client.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text: wrong }] });
    await lsp.client.sendNotification("textDocument/didClose", { textDocument });
    await lsp.open("a.tel", right);
    await lsp.open("a.tel", wrong);
    expect(await lsp.wrong("a.tel")).toHaveLength(1);
    await lives(lsp);
  });

  test("whose versions go backward are what they were changed to last", async () => {
    const lsp = shared;
    await lsp.open("a.tel", wrong);
    await lsp.wrong("a.tel");
    await lsp.change("a.tel", right, -1);
    await lsp.clean("a.tel");
  });

  test.each([
    ["far behind the end", { start: { line: 9999, character: 9 }, end: { line: 99999, character: 99 } }],
    ["behind the end of a line", { start: { line: 0, character: 999 }, end: { line: 0, character: 9999 } }],
    ["turned around", { start: { line: 0, character: 9 }, end: { line: 0, character: 3 } }],
    ["with negative places", { start: { line: -1, character: -5 }, end: { line: 0, character: -1 } }],
  ])("with edits %s stay documents", async (_, at) => {
    const lsp = shared;
    await lsp.open("a.tel", right);
    await lsp.clean("a.tel");
    await lsp.client.sendNotification("textDocument/didChange", {
      textDocument: { uri: lsp.uri("a.tel"), version: 2 },
      contentChanges: [{ range: at, text: "fn g(" }],
    });
    await lsp.change("a.tel", wrong);
    expect(await lsp.wrong("a.tel")).toMatchObject([{ code: "TEL0201" }]);
    await lives(lsp);
  });

  test("of ten megabytes are refused in words, and nothing else waits for them", async () => {
    const lsp = shared;
    await lsp.open("large.tel", `// ${"0123456789".repeat(1_100_000)}\n`);
    const [problem, ...more] = await lsp.wrong("large.tel");
    expect(more).toEqual([]);
    expect(problem!.message).toMatch(/large|long|characters|bytes/);
    await lives(lsp);
  });

  test("with very many problems tell the first of them, and how many there are", async () => {
    const lsp = shared;
    await lsp.open("many.tel", wrong.repeat(3_000));
    const found = await lsp.wrong("many.tel");
    expect(found).toHaveLength(1_001);
    expect(found.at(-1)!.message).toMatch(/^\d+ more problems/);
    await lsp.change("many.tel", right);
    await lsp.clean("many.tel");
  });

  test("that change two hundred times in a burst are checked a few times", async () => {
    const lsp = shared;
    await lsp.open("a.tel", "");
    await lsp.clean("a.tel");
    const before = lsp.tellings;
    for (const letter of "fn f() -> Int { nothing } // ".repeat(7).slice(0, 200)) {
      const end = position(`${lsp.text("a.tel")}▮`, "▮");
      await lsp.change("a.tel", [{ range: { start: end, end }, newText: letter }]);
    }
    await lsp.wrong("a.tel");
    expect(lsp.tellings - before).toBeLessThan(20);
  });
});

describe("the end", () => {
  test("after `shutdown` is 0", async () => {
    const lsp = await started();
    expect(await lsp.end()).toBe(0);
  });

  test("without `shutdown` is 1, also while a request waits", async () => {
    const lsp = await started();
    await lsp.open("a.tel", wrong);
    const exit = exitOf(lsp);
    const asked = lsp.ask("codeLens", lsp.document("a.tel")).catch(() => undefined);
    await lsp.client.sendNotification("exit");
    expect(await exit).toBe(1);
    lsp.client.dispose();
    await asked;
  });

  test("comes when the client goes away", async () => {
    const lsp = await started();
    await lsp.open("a.tel", wrong);
    const exit = exitOf(lsp);
    lsp.server.stdin!.end();
    expect(await exit).toBeTypeOf("number");
  });

  test("of a document while it is asked about", async () => {
    const lsp = await started();
    await lsp.open("a.tel", wrong);
    const asked = ["hover", "completion"].map((method) => lsp.ask(method, lsp.at("a.tel", "nothing")));
    await lsp.close("a.tel");
    await Promise.all(asked);
    await lives(lsp);
  });

  test("of a request that nobody wants any more", async () => {
    const lsp = await started();
    await lsp.open("a.tel", right);
    const all = Array.from({ length: 20 }, () => {
      const source = new CancellationTokenSource();
      const answer = lsp.client.sendRequest("textDocument/codeLens", lsp.document("a.tel"), source.token);
      source.cancel();
      return answer.then(
        (found) => expect(found as CodeLens[]).toHaveLength(1),
        (error: { code: number }) => expect(error.code).toBe(-32800),
      );
    });
    await Promise.all(all);
    await lives(lsp);
  });
});

describe("folders", () => {
  const math = (name: string): string => `module math\nfn ${name}(x: Int) -> Int { x }\n`;

  test("two in one window do not see each other; one that is taken away is forgotten", async () => {
    const lsp = await started(["one", "two"]);
    lsp.write("one/math.tel", math("twice"));
    lsp.write("two/math.tel", math("thrice"));
    await lsp.open("one/main.tel", "use math (twice)\n");
    await lsp.open("two/main.tel", "use math (twice)\n");
    await lsp.clean("one/main.tel");
    expect(await lsp.wrong("two/main.tel")).toMatchObject([{ code: "TEL0206" }]);
    await lsp.client.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [], removed: [{ uri: lsp.uri("one"), name: "one" }] },
    });
    expect(await lsp.wrong("one/main.tel")).toMatchObject([{ code: "TEL0205" }]);
  });

  test("files that are deleted or moved on disk are no longer there, nor are their problems", async () => {
    const lsp = await started();
    lsp.write("lib/math.tel", math("twice"));
    lsp.write("lib/bad.tel", wrong);
    await lsp.open("main.tel", "use math (twice)\n");
    await lsp.clean("main.tel");
    await lsp.wrong("lib/bad.tel");
    rmSync(join(lsp.folder, "lib/bad.tel"));
    await lsp.changedOnDisk("lib/bad.tel", 3);
    await lsp.clean("lib/bad.tel");
    renameSync(join(lsp.folder, "lib"), join(lsp.folder, ".hidden"));
    await lsp.client.sendNotification("workspace/didRenameFiles", {
      files: [{ oldUri: lsp.uri("lib"), newUri: lsp.uri(".hidden") }],
    });
    await lsp.wrong("main.tel");
  });

  test("what was saved counts when its document is closed, told or not", async () => {
    const lsp = await started();
    lsp.write("math.tel", math("twice"));
    await lsp.open("main.tel", "use math (twice)\n");
    await lsp.clean("main.tel");
    await lsp.open("math.tel", math("twice"));
    await lsp.change("math.tel", math("thrice"));
    await lsp.wrong("main.tel");
    lsp.write("math.tel", math("thrice"));
    await lsp.close("math.tel");
    expect(await lsp.wrong("main.tel")).toMatchObject([{ code: "TEL0206" }]);
    await lsp.open("math.tel", math("thrice"));
    const found = await lsp.ask<Location[]>("definition", lsp.at("math.tel", "thrice"));
    expect(found).toHaveLength(1);
  });

  test("a manifest that comes or goes draws the line anew", async () => {
    const lsp = await started();
    lsp.write("math.tel", math("twice"));
    await lsp.open("part/main.tel", "use math (twice)\n");
    await lsp.clean("part/main.tel");
    lsp.write("part/program.toml", "[timelines]\n");
    await lsp.changedOnDisk("part/program.toml", 1);
    await lsp.wrong("part/main.tel");
    lsp.write("part/program.toml", "[timelines\n");
    await lsp.changedOnDisk("part/program.toml");
    await lsp.wrong("part/program.toml");
    rmSync(join(lsp.folder, "part/program.toml"));
    await lsp.changedOnDisk("part/program.toml", 3);
    await lsp.clean("part/main.tel");
    await lsp.clean("part/program.toml");
  });

  test("that cannot be read hide only what is in them", async (context) => {
    // Root reads everything, and nobody else may be able to read this checkout.
    const uid = process.getuid?.() === 0 ? NOBODY : undefined;
    if (uid !== undefined && spawnSync(process.execPath, [TB, "--help"], { uid }).status !== 0) context.skip();
    const lsp = new LspProcess(TB, [""], {}, uid);
    running.push(lsp);
    chmodSync(lsp.folder, 0o755);
    lsp.write("closed/math.tel", math("twice"));
    chmodSync(join(lsp.folder, "closed"), 0);
    await lsp.initialized;
    await lives(lsp);
    chmodSync(join(lsp.folder, "closed"), 0o755);
  });

  test("that are gone do not stop anything", async () => {
    const lsp = await started(["here", "gone"]);
    rmSync(join(lsp.folder, "gone"), { recursive: true });
    await lsp.open("gone/a.tel", wrong);
    await lsp.wrong("gone/a.tel");
    await lives(lsp);
  });
});

describe("texts", () => {
  const told = async (lsp: LspProcess, text: string): Promise<Diagnostic[]> => {
    await lsp.open("text.tel", text);
    return lsp.wrong("text.tel");
  };

  test("columns are UTF-16 units, behind letters outside of the basic plane too", async () => {
    const lsp = shared;
    const text = 'fn f() -> Text { "😀𝒳${nothing}" }\n';
    const [problem] = await told(lsp, text);
    expect(problem!.range).toEqual({ start: position(text, "nothing"), end: position(text, "nothing", 7) });
    expect(problem!.range.start.character).toBe(24);
    const at = position(text, "nothing");
    await lsp.change("text.tel", [{ range: { start: at, end: position(text, "nothing", 7) }, newText: "1" }]);
    await lsp.clean("text.tel");
  });

  test("lines may end with CR LF, and are laid out with LF", async () => {
    const lsp = shared;
    const text = "// One\r\nfn f() -> Int {\r\n  nothing\r\n}\r\n";
    const [problem] = await told(lsp, text);
    expect(problem!.range).toEqual({ start: { line: 2, character: 2 }, end: { line: 2, character: 9 } });
    await lsp.change("text.tel", text.replace("nothing", "1"));
    await lsp.clean("text.tel");
    const edits = await lsp.ask<TextEdit[]>("formatting", { ...lsp.document("text.tel"), options: {} });
    expect(applied(lsp.text("text.tel"), edits)).toBe("// One\nfn f() -> Int { 1 }\n");
  });

  test("a byte order mark is no letter, in the editor and on disk", async () => {
    const lsp = shared;
    lsp.write("marked.tel", "\uFEFFmodule marked\nfn twice(x: Int) -> Int { x }\n");
    await lsp.changedOnDisk("marked.tel", 1);
    const text = "\uFEFFuse marked (twice)\nfn f() -> Int { nothing }\n";
    expect(await told(lsp, text)).toMatchObject([{ code: "TEL0201", range: { start: { line: 1, character: 16 } } }]);
    const [found] = await lsp.ask<Location[]>("definition", lsp.at("text.tel", "twice"));
    expect(found!.range.start).toEqual({ line: 1, character: 3 });
  });
});
