/** `tb lsp`: the language server, for editors. */
import type { Command } from "commander";

export function register(program: Command): void {
  program
    .command("lsp")
    .description("speak the Language Server Protocol on stdin and stdout (editors start this)")
    .option("--stdio", "the only transport; accepted because many clients pass it")
    .action(async () => {
      const { createConnection, ProposedFeatures } = await import("vscode-languageserver/node");
      const { serve } = await import("../lsp/server.ts");
      // Ends the process when the client says `exit` or goes away: with 0 after `shutdown`, else with 1.
      serve(createConnection(ProposedFeatures.all, process.stdin, process.stdout));
      await new Promise<never>(() => {});
    });
}
