/** `tb lsp`: the language server, for editors. */
import type { Command } from "commander";

export function register(program: Command): void {
  program
    .command("lsp")
    .description("speak the Language Server Protocol on stdin and stdout (editors start this)")
    .option("--stdio", "the only transport; accepted because many clients pass it")
    .action(async () => {
      const { createConnection, ProposedFeatures, StreamMessageReader, StreamMessageWriter } = await import(
        "vscode-languageserver/node"
      );
      const { serve } = await import("../lsp/server.ts");
      const reader = new StreamMessageReader(process.stdin);
      const connection = createConnection(ProposedFeatures.all, reader, new StreamMessageWriter(process.stdout));
      serve(connection);
      await new Promise<void>((done) => reader.onClose(done));
    });
}
