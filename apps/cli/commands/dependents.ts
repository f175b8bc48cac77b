/** `tb dependents`: what depends on a definition. */
import type { Command } from "commander";
import { note, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly all?: boolean;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("dependents <definition>")
      .description("list what mentions a definition; with --all every named one that depends on it through others")
      .option("--all", "also through other definitions"),
  ).action(run);
}

async function run(asked: string, options: Options): Promise<void> {
  const { count, shortHash, target, withoutParts } = await import("../node/codebase.ts");
  const { codeRepository, displayName, namedDependents } = await import("../../../src/code/index.ts");
  await withStore(options, (store) => {
    const { hash } = target(store, asked);
    const repository = codeRepository(store);
    const rows =
      options.all === true
        ? [...namedDependents(store, [hash])].map(([name, one]) => ({ name, hash: one }))
        : withoutParts(repository, repository.dependents(hash), repository.dependents)
            .map((one) => ({ name: displayName(store, one) ?? "without a name", hash: one }))
            .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (options.json === true) printJson({ ok: true, dependents: rows });
    else {
      for (const row of rows) print(`${row.name}  ${shortHash(row.hash)}`);
      note(rows.length === 0 ? "nothing depends on it" : count(rows.length, "dependent"));
    }
  });
}
