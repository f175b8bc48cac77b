/** `tb undo`: takes the last change of the codebase back. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

export function register(program: Command): void {
  withCommonOptions(
    program.command("undo").description("take back the last add, update, rename or delete; again for the one before"),
  ).action(run);
}

async function run(options: CommonOptions): Promise<void> {
  const { noteOf, shortHash } = await import("../node/codebase.ts");
  const { NameRegistry } = await import("../../../src/code/index.ts");
  await withStore(options, async (store) => {
    const done = await store.write((tx) => NameRegistry.undo(tx, noteOf("undo")));
    if (!done.ok) {
      if (done.error.kind === "NothingToUndo") throw new CliFailure(Exit.program, "there is nothing to undo");
      throw new CliFailure(Exit.program, NameRegistry.showNameError(done.error), "try again");
    }
    const { note, changes } = done.value;
    if (options.json === true) {
      printJson({
        ok: true,
        undone: note.reason,
        changes: changes.map(({ name, old, new: next }) => ({ name, from: next, to: old })),
      });
      return;
    }
    print(`undone: ${note.reason}`);
    for (const { name, old } of changes) print(`  ${name}  ${old === undefined ? "no longer named" : shortHash(old)}`);
  });
}
