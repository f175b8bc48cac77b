/** `tb rename`: another name for a definition and what is below it; no code changes. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("rename <from> <to>")
      .description("rename a definition, a program with its entries, or a whole module; hashes stay as they are"),
  ).action(run);
}

async function run(from: string, to: string, options: CommonOptions): Promise<void> {
  const { noteOf } = await import("../node/codebase.ts");
  const { NameRegistry } = await import("../../../src/code/index.ts");
  await withStore(options, async (store) => {
    const done = await store.write((tx) =>
      NameRegistry.rename(tx, from, to, NameRegistry.freshNote(tx, noteOf(`rename ${from} ${to}`))),
    );
    if (!done.ok)
      throw new CliFailure(
        done.error.kind === "InvalidName" ? Exit.usage : Exit.source,
        NameRegistry.showNameError(done.error),
      );
    if (options.json === true)
      printJson({ ok: true, renamed: done.value.map(([old, next]) => ({ from: old, to: next })) });
    else for (const [old, next] of done.value) print(`${old} → ${next}`);
  });
}
