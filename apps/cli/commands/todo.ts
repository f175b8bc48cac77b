/** `tb todo`: what still uses old versions. */
import type { Command } from "commander";
import { note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

export function register(program: Command): void {
  withCommonOptions(
    program.command("todo").description("list definitions that use old versions of others, most depended on first"),
  ).action(run);
}

async function run(options: CommonOptions): Promise<void> {
  const { count } = await import("../node/codebase.ts");
  const { outdated } = await import("../../../src/code/index.ts");
  await withStore(options, (store) => {
    const found = outdated(store);
    if (options.json === true) {
      printJson({ ok: true, outdated: found });
      return;
    }
    for (const one of found) {
      const users = one.dependents === 0 ? "" : paint.dim(`  (${count(one.dependents, "dependent")})`);
      print(`${one.name}${users}  uses an old ${one.uses.join(", ")}`);
    }
    note(
      found.length === 0
        ? "nothing is left to do"
        : `${count(found.length, "definition")}: tb update tries to bring them up to date`,
    );
  });
}
