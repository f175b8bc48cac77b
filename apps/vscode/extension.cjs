// Starts `tb lsp` and shows what it knows. Everything about TEL itself is in the server.
const { execFile } = require("node:child_process");
const { commands, Location, Position, Range, Uri, window, workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

/** @type {import("vscode-languageclient/node").LanguageClient | undefined} */
let client;

// On Windows npm installs `tb.cmd`, which only a shell can start.
const shell = process.platform === "win32";

/** Why `command` is not a `tb`; undefined when it is one. */
const unusable = (command) =>
  new Promise((done) => {
    execFile(command, ["--version"], { shell, timeout: 10_000 }, (error) => {
      if (error === null) done(undefined);
      else done(error.code === "ENOENT" ? "there is no such command" : error.message);
    });
  });

async function start() {
  // What a folder says is run, and its codebase opened, only when its authors are trusted.
  if (!workspace.isTrusted) return;
  const command = workspace.getConfiguration("tel").get("server.command", "tb");
  const reason = await unusable(command);
  if (reason !== undefined) return explain(command, reason);
  const server = { command, args: ["lsp"], transport: TransportKind.stdio, options: { shell } };
  client = new LanguageClient("tel", "TEL", server, { documentSelector: [{ language: "tel" }] });
  // A server that does not start is told by the client itself.
  await client.start().catch(() => {});
}

async function explain(command, reason) {
  const message = `TEL: cannot start \`${command}\` (${reason}). Install time-bandits, or say where its tb is.`;
  const chosen = await window.showErrorMessage(message, "Open Settings", "Try Again");
  if (chosen === "Open Settings") await commands.executeCommand("workbench.action.openSettings", "tel.server.command");
  if (chosen === "Try Again") await start();
}

async function restart() {
  // A server that has failed to start cannot be stopped.
  await client?.stop().catch(() => {});
  client = undefined;
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    commands.registerCommand("tel.restart", restart),
    workspace.onDidGrantWorkspaceTrust(restart),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("tel.server.command")) restart();
    }),
    // A lens carries the protocol's plain data; the editor's own command wants its classes.
    commands.registerCommand("tb.showReferences", (uri, position, locations) => {
      const places = locations.map(
        ({ uri: file, range: { start, end } }) =>
          new Location(Uri.parse(file), new Range(start.line, start.character, end.line, end.character)),
      );
      const at = new Position(position.line, position.character);
      return commands.executeCommand("editor.action.showReferences", Uri.parse(uri), at, places);
    }),
  );
  await start();
};

exports.deactivate = () => client?.stop();
