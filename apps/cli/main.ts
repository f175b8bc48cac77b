/** `tb`: the command table. It imports nothing but commander and the tables of options; each action loads what it needs. */
import { Command, CommanderError } from "commander";
import { registerAll } from "./commands/index.ts";
import { CliFailure, Exit } from "./exit.ts";
import { printJson, reportFailure } from "./output.ts";
import { installInterruptHandler } from "./session.ts";
import { version } from "./version.generated.ts";

export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("tb")
    .description("Programs whose code is content-addressed, whose runs replay, and whose state outlives their code.")
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError("(tb --help shows the commands, tb COMMAND --help its options)")
    .exitOverride();
  registerAll(program);
  inheritSettings(program);
  installInterruptHandler();
  process.stdout.on("error", (error: { code?: string }) => {
    // The reader of a pipe went away (`tb find | head`): nothing is wrong.
    if (error.code === "EPIPE") process.exit(Exit.ok);
    const reason = error.code === "ENOSPC" ? "no room is left on the disk" : (error.code ?? String(error));
    process.exit(reportFailure(new CliFailure(Exit.source, `the output cannot be written: ${reason}`), false));
  });
  // Nobody hears remarks that cannot be written; the exit code says how it went.
  process.stderr.on("error", () => {});
  try {
    await program.parseAsync([...argv], { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : Exit.ok;
  } catch (error) {
    const json = argv.includes("--json");
    if (!(error instanceof CommanderError)) return reportFailure(error, json);
    if (error.exitCode === 0) return Exit.ok;
    // Commander has said it on stderr already.
    const message = error.message.replace(/^error: /, "");
    if (json)
      printJson({ ok: false, error: { message: message === "(outputHelp)" ? "no command was given" : message } });
    return Exit.usage;
  }
}

/** Sub-commands added with `command()` do not copy exitOverride to those created before it. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}
