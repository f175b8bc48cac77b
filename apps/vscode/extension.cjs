// Starts `tb lsp` and shows what it knows. Everything about TEL itself is in the server.
const { commands, Location, Position, Range, Uri, window, workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

/** @type {import("vscode-languageclient/node").LanguageClient | undefined} */
let client;

async function start() {
  const command = workspace.getConfiguration("tel").get("server.command", "tb");
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("tel", "TEL", server, {
    documentSelector: [{ language: "tel" }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/{*.tel,program.toml}") },
  });
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(
      `The language server did not start (${error instanceof Error ? error.message : error}). Install time-bandits, or set tel.server.command to the path of tb.`,
    );
  }
}

exports.activate = async (context) => {
  context.subscriptions.push(
    commands.registerCommand("tel.restart", async () => {
      await client?.stop();
      await start();
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
