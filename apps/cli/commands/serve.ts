/** `tb serve`: this codebase over HTTP, for push and pull. */
import type { AddressInfo } from "node:net";
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { note, print, printJson } from "../output.ts";
import { type CommonOptions, onInterrupt, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly host: string;
  readonly port: string;
  readonly public?: boolean;
}

/** Shorter ones can be guessed. */
const TOKEN_CHARS_MIN = 16;

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("serve")
      .description(
        "let others push to and pull from this codebase over HTTP with the token in TB_TOKEN; Ctrl-C ends it",
      )
      .option(
        "--host <address>",
        "the address to listen at; put a server that speaks https before any but this",
        "127.0.0.1",
      )
      .option("--port <n>", "the port to listen at; 0 takes a free one", "8734")
      .option("--public", "reading needs no token"),
  ).action(run);
}

async function run(options: Options): Promise<void> {
  const { isToken } = await import("../node/remote.ts");
  const { codebaseServer } = await import("../node/serveCodebase.ts");
  const port = Number(options.port);
  if (!/^\d{1,5}$/.test(options.port) || port > 65_535)
    throw new CliFailure(Exit.usage, `--port takes a number up to 65535, not ${options.port}`);
  const token = process.env["TB_TOKEN"] ?? "";
  if (token.length < TOKEN_CHARS_MIN || !isToken(token))
    throw new CliFailure(
      Exit.usage,
      `TB_TOKEN must hold a token of at least ${TOKEN_CHARS_MIN} characters, without spaces`,
      "who has it may write to this codebase",
    );
  await withStore(options, async (store) => {
    const server = codebaseServer(store, { token, isPublic: options.public === true });
    await new Promise<void>((done, fail) => {
      const release = onInterrupt(() => {
        server.close(() => done());
        server.closeAllConnections();
      });
      server.once("error", (error: Error) => {
        release();
        fail(new CliFailure(Exit.store, `cannot listen at ${options.host}:${options.port}: ${error.message}`));
      });
      server.listen(port, options.host, () => {
        const { address, port: taken, family } = server.address() as AddressInfo;
        const url = `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
        if (options.json === true) printJson({ ok: true, url });
        else print(url);
        note("Ctrl-C ends it; other commands wait for this codebase until then");
      });
    });
  });
}
