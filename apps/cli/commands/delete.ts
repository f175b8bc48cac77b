/** `tb delete`: a name goes, its code stays for whatever uses it. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { note, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("delete <name>")
      .description(
        "delete a name and those below it; the code stays for what uses it, and tb undo brings the name back",
      ),
  ).action(run);
}

async function run(name: string, options: CommonOptions): Promise<void> {
  const { count, noteOf } = await import("../node/codebase.ts");
  const { namedDependents, NameRegistry } = await import("../../../src/code/index.ts");
  await withStore(options, async (store) => {
    const hash = store.name(name);
    const done = await store.write((tx) =>
      NameRegistry.remove(tx, name, NameRegistry.freshNote(tx, noteOf(`delete ${name}`))),
    );
    if (!done.ok) throw new CliFailure(Exit.source, NameRegistry.showNameError(done.error));
    const users = hash === undefined ? [] : [...namedDependents(store, [hash]).keys()];
    if (options.json === true) {
      printJson({ ok: true, deleted: done.value, dependents: users });
      return;
    }
    for (const one of done.value) print(`- ${one}`);
    if (users.length > 0)
      note(
        `${count(users.length, "definition")} still ${users.length === 1 ? "uses" : "use"} it by hash: ${users.slice(0, 5).join(", ")}${users.length > 5 ? ", …" : ""}`,
      );
  });
}
