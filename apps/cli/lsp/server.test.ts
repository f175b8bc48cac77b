/** Whatever a client says in whatever order, the server lives, and knows in the end what a new one would know. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import {
  createProtocolConnection,
  type Diagnostic,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { serve } from "./server.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "lsp-")));
afterAll(() => rmSync(folder, { recursive: true }));

const names = ["a.tel", "b.tel", "c.tel"] as const;
type Name = (typeof names)[number];
const uriOf = (name: Name): string => pathToFileURL(join(folder, name)).href;
writeFileSync(join(folder, "program.toml"), '[timelines]\nethereum = "eip155:31337"\n');

/** A client and a server in this process. */
class Session {
  readonly client: ProtocolConnection;
  private readonly found = new Map<string, PublishDiagnosticsParams>();
  private waiting: (() => void)[] = [];

  constructor() {
    const up = new PassThrough();
    const down = new PassThrough();
    serve(createConnection(ProposedFeatures.all, new StreamMessageReader(up), new StreamMessageWriter(down)), 1);
    this.client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    this.client.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
      this.found.set(params.uri, params);
      for (const done of this.waiting.splice(0)) done();
    });
    this.client.listen();
  }

  async start(): Promise<this> {
    const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: "all" }];
    await this.client.sendRequest("initialize", { processId: null, rootUri: null, workspaceFolders, capabilities: {} });
    await this.client.sendNotification("initialized", {});
    return this;
  }

  say(method: string, params: object): Promise<void> {
    return this.client.sendNotification(`textDocument/${method}`, params);
  }

  open(name: Name, version: number, text: string): Promise<void> {
    return this.say("didOpen", { textDocument: { uri: uriOf(name), languageId: "tel", version, text } });
  }

  async told(name: Name, version: number): Promise<readonly Diagnostic[]> {
    for (;;) {
      const found = this.found.get(uriOf(name));
      if (found?.version === version) return found.diagnostics;
      await new Promise<void>((done) => this.waiting.push(done));
    }
  }
}

// --------------------------------------------------------------------------------------------- messages

const texts = [
  "",
  "module a\nfn twice(x: Int) -> Int { x * 2 }\ntype Quote(price: Decimal)\n",
  "module a\nfn twice(x: Decimal) -> Decimal { x * 2 }\n",
  "use a (twice, Quote)\nfn f(q: Quote) -> Decimal { q.price + twice(1) }\n",
  'use a (twice)\nfn g() -> Instant { now() }\ntest "t" { assert twice(1) == 2 }\n',
  "use timelines (ethereum)\nfact Price() -> Decimal\nfn p() -> Decimal uses Observe { observe!(ethereum, Price()).value }\n",
  "program P {\n  state { n: Int = 0 }\n  entry up() -> Int { state.n = state.n + 1; state.n }\n}\n",
  '\uFEFFmodule b\r\nfn emoji() -> Text { "😀${1 +}" }\r\n',
];
const pieces = [
  "",
  "x",
  "}",
  "{",
  "(",
  '"',
  "fn ",
  "twice",
  ".",
  "\n",
  "\r\n",
  "😀",
  "${",
  "!",
  " uses Clock ",
  "// ",
  "module a\n",
];
const requests = [
  "hover",
  "completion",
  "signatureHelp",
  "definition",
  "references",
  "documentHighlight",
  "documentSymbol",
  "foldingRange",
  "formatting",
  "codeLens",
  "semanticTokens/full",
  "inlayHint",
  "codeAction",
  "prepareRename",
  "rename",
];

const place = fc.record({ line: fc.nat(4), character: fc.nat(60) });
const name = fc.constantFrom(...names);
const text = fc.constantFrom(...texts);
type Edit = {
  readonly start: { line: number; character: number };
  readonly end: { line: number; character: number };
  readonly text: string;
};
const edit: fc.Arbitrary<Edit> = fc.record({ start: place, end: place, text: fc.constantFrom(...pieces) });

const message = fc.oneof(
  fc.record({ kind: fc.constant("open" as const), name, text }),
  fc.record({ kind: fc.constant("close" as const), name }),
  fc.record({ kind: fc.constant("replace" as const), name, text }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("edit" as const),
      name,
      edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
    }),
  },
  fc.record({ kind: fc.constant("save" as const), name, text, isTold: fc.boolean() }),
  fc.record({ kind: fc.constant("delete" as const), name }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("ask" as const),
      name,
      method: fc.constantFrom(...requests),
      at: place,
      to: place,
    }),
  },
);

test("random messages never end the server, and leave it with the problems that a new one tells", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 25 }), async (messages) => {
      for (const one of names) rmSync(join(folder, one), { force: true });
      const session = await new Session().start();
      const open = new Map<Name, TextDocument>();
      const asked: Promise<unknown>[] = [];
      let version = 1;
      for (const one of messages) {
        const document = open.get(one.name);
        const textDocument = { uri: uriOf(one.name), version: version++ };
        switch (one.kind) {
          case "open":
            if (document !== undefined) break;
            open.set(one.name, TextDocument.create(uriOf(one.name), "tel", version, one.text));
            await session.open(one.name, version++, one.text);
            break;
          case "close":
            open.delete(one.name);
            await session.say("didClose", { textDocument });
            break;
          case "replace":
          case "edit": {
            const contentChanges =
              one.kind === "replace"
                ? [{ text: one.text }]
                : one.edits.map(({ start, end, text: newText }) => ({ range: { start, end }, text: newText }));
            if (document !== undefined) TextDocument.update(document, contentChanges, version);
            await session.say("didChange", { textDocument, contentChanges });
            break;
          }
          case "save":
          case "delete": {
            if (one.kind === "save") writeFileSync(join(folder, one.name), one.text);
            else rmSync(join(folder, one.name), { force: true });
            // Who saves in the editor has the document open: closing it is enough.
            if (one.kind === "save" && document !== undefined && !one.isTold) break;
            const changes = [{ uri: textDocument.uri, type: one.kind === "save" ? 2 : 3 }];
            await session.client.sendNotification("workspace/didChangeWatchedFiles", { changes });
            break;
          }
          case "ask": {
            const params = {
              textDocument,
              position: one.at,
              range: { start: one.at, end: one.to },
              context: { diagnostics: [], includeDeclaration: true },
              options: {},
              newName: "renamed",
            };
            const answer = session.client.sendRequest(`textDocument/${one.method}`, params);
            // Refusals are answers; an internal error is not.
            asked.push(answer.catch((error: { code: number }) => expect(error.code).toBe(-32803)));
          }
        }
      }
      await Promise.all(asked);
      const fresh = await new Session().start();
      const last = new Map<Name, number>();
      for (const one of names) {
        const known = open.get(one);
        if (known === undefined) await session.open(one, ++version, texts[1]!);
        else {
          const contentChanges = [{ text: known.getText() }];
          await session.say("didChange", { textDocument: { uri: uriOf(one), version: ++version }, contentChanges });
        }
        await fresh.open(one, version, known?.getText() ?? texts[1]!);
      }
      // What is told of these versions was found out after all texts had come.
      for (const one of names) {
        const contentChanges = [{ text: open.get(one)?.getText() ?? texts[1]! }];
        last.set(one, ++version);
        for (const each of [session, fresh])
          await each.say("didChange", { textDocument: { uri: uriOf(one), version }, contentChanges });
      }
      for (const one of names)
        expect(await session.told(one, last.get(one)!)).toEqual(await fresh.told(one, last.get(one)!));
      for (const { client } of [session, fresh]) client.dispose();
    }),
    { numRuns: 60 },
  );
});
