/** `tb lsp` as an editor meets it: a process, its stdin and stdout, and a real protocol client. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import {
  createProtocolConnection,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";

/** A `tb` with the commands that a test needs; the whole one takes longer to build. */
export async function buildTb(outfile: string, commands: readonly string[]): Promise<void> {
  await build({
    stdin: {
      contents: `import { Command } from "commander";
import { compileFolder, storeCompiled } from "./apps/cli/node/compile.ts";
import { withStore } from "./apps/cli/session.ts";
${commands.map((name) => `import * as ${name} from "./apps/cli/commands/${name}.ts";`).join("\n")}
const program = new Command("tb");
for (const command of [${commands.join(", ")}]) command.register(program);
// What a deployment leaves in the store, without the chains that it needs.
program.command("keep <directory> <store>").action(async (directory, store) => {
  const compiled = await compileFolder(directory);
  await withStore({ store }, (open) => storeCompiled(open, compiled));
});
await program.parseAsync();`,
      resolveDir: process.cwd(),
    },
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
}

/** The position of `part` in a text, `after` UTF-16 units on. */
export function position(text: string, part: string, after = 0): Position {
  const at = text.indexOf(part);
  if (at < 0) throw new Error(`there is no ${part} in the text`);
  return TextDocument.create("", "tel", 0, text).positionAt(at + after);
}

export const range = (text: string, part: string) => ({
  start: position(text, part),
  end: position(text, part, part.length),
});

export const applied = (text: string, edits: readonly TextEdit[]): string =>
  TextDocument.applyEdits(TextDocument.create("", "tel", 0, text), [...edits]);

export class LspProcess {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "lsp-")));
  readonly server: ChildProcess;
  readonly client: ProtocolConnection;
  readonly initialized: Promise<InitializeResult>;
  /** How often diagnostics came, for any document. */
  tellings = 0;
  readonly messages: string[] = [];
  private readonly found = new Map<string, PublishDiagnosticsParams>();
  private readonly versions = new Map<string, number>();
  private readonly texts = new Map<string, string>();
  private waiting: (() => void)[] = [];
  private nextVersion = 1;

  /** `uid`: the user as whom it runs, where that is not this one. */
  constructor(tb: string, folders: readonly string[] = [""], capabilities: object = {}, uid?: number) {
    for (const name of folders) mkdirSync(join(this.folder, name), { recursive: true });
    this.server = spawn(process.execPath, [tb, "lsp", "--stdio"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, XDG_CACHE_HOME: join(this.folder, ".cache") },
      ...(uid === undefined ? {} : { uid }),
    });
    this.client = createProtocolConnection(
      new StreamMessageReader(this.server.stdout!),
      new StreamMessageWriter(this.server.stdin!),
    );
    this.client.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
      this.found.set(params.uri, params);
      this.tellings++;
      const { waiting } = this;
      this.waiting = [];
      for (const done of waiting) done();
    });
    this.client.onNotification("window/showMessage", ({ message }: { message: string }) => {
      this.messages.push(message);
    });
    this.client.listen();
    const workspaceFolders = folders.map((name) => ({ uri: this.uri(name), name: name === "" ? "all" : name }));
    this.initialized = this.client
      .sendRequest("initialize", { processId: process.pid, rootUri: null, workspaceFolders, capabilities })
      .then(async (result) => {
        await this.client.sendNotification("initialized", {});
        return result as InitializeResult;
      });
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** A folder with a manifest: files in it are checked together and with no others. */
  project(name: string, files: Readonly<Record<string, string>>, manifest = ""): void {
    const timelines = '[timelines]\nethereum = "eip155:31337"\n';
    this.write(`${name}/program.toml`, manifest === "" ? timelines : manifest);
    for (const [file, text] of Object.entries(files)) this.write(`${name}/${file}`, text);
  }

  text(name: string): string {
    return this.texts.get(name)!;
  }

  async open(name: string, text: string): Promise<void> {
    const version = this.nextVersion++;
    this.texts.set(name, text);
    this.versions.set(name, version);
    await this.client.sendNotification("textDocument/didOpen", {
      textDocument: { uri: this.uri(name), languageId: "tel", version, text },
    });
  }

  /** The whole text at once, or edits one after the other. */
  async change(name: string, to: string | readonly TextEdit[], version = this.nextVersion++): Promise<void> {
    this.versions.set(name, version);
    this.texts.set(
      name,
      typeof to === "string" ? to : to.reduce((text, edit) => applied(text, [edit]), this.text(name)),
    );
    const contentChanges =
      typeof to === "string" ? [{ text: to }] : to.map((edit) => ({ range: edit.range, text: edit.newText }));
    await this.client.sendNotification("textDocument/didChange", {
      textDocument: { uri: this.uri(name), version },
      contentChanges,
    });
  }

  async close(name: string): Promise<void> {
    this.versions.delete(name);
    this.texts.delete(name);
    await this.client.sendNotification("textDocument/didClose", { textDocument: { uri: this.uri(name) } });
  }

  async closeAll(): Promise<void> {
    for (const name of [...this.texts.keys()]) await this.close(name);
  }

  async changedOnDisk(name: string, type: 1 | 2 | 3 = 2): Promise<void> {
    await this.client.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri: this.uri(name), type }] });
  }

  ask<A>(method: string, params: object): Promise<A> {
    return this.client.sendRequest(`textDocument/${method}`, params) as Promise<A>;
  }

  document(name: string): { readonly textDocument: { readonly uri: string } } {
    return { textDocument: { uri: this.uri(name) } };
  }

  /** A place in an open document: where `part` starts, `after` units on. */
  at(name: string, part: string, after = 0) {
    return { ...this.document(name), position: position(this.text(name), part, after) };
  }

  /** Edits of open and other files, as an editor does them. */
  async apply({ changes = {} }: WorkspaceEdit): Promise<void> {
    for (const [uri, edits] of Object.entries(changes)) {
      const name = [...this.texts.keys()].find((one) => this.uri(one) === uri);
      if (name === undefined) throw new Error(`${uri} is not open`);
      await this.change(name, applied(this.text(name), edits));
    }
  }

  /** What the server has said of a document as it is now, once it is what `is` asks for. */
  async told(name: string, is: (found: readonly Diagnostic[]) => boolean): Promise<Diagnostic[]> {
    for (;;) {
      const found = this.found.get(this.uri(name));
      const isNew = found?.version === this.versions.get(name);
      if (found !== undefined && isNew && is(found.diagnostics)) return found.diagnostics;
      await new Promise<void>((done) => this.waiting.push(done));
    }
  }

  clean = (name: string): Promise<Diagnostic[]> => this.told(name, (found) => found.length === 0);
  wrong = (name: string): Promise<Diagnostic[]> => this.told(name, (found) => found.length > 0);

  /** `shutdown` and `exit`; the exit code. */
  async end(): Promise<number | null> {
    const ended = new Promise<number | null>((done) => this.server.once("exit", done));
    await this.client.sendRequest("shutdown");
    await this.client.sendNotification("exit");
    const code = await ended;
    this.remove();
    return code;
  }

  remove(): void {
    this.client.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
