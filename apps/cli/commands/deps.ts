/** `tb deps`: what a definition depends on. */
import type { Command } from "commander";
import type { ContentHash } from "../../../src/content/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { note, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly all?: boolean;
  readonly at?: string;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("deps <definition>")
      .description("list what a definition mentions; with --all everything it needs, dependencies first")
      .option("--all", "the whole closure, in dependency order")
      .option("--at <change>", "as it was after change number n of tb history, or at a time like 2026-01-31T12:00:00Z"),
  ).action(run);
}

async function run(asked: string, options: Options): Promise<void> {
  const { count, readsAt, shortHash, target, withoutParts } = await import("../node/codebase.ts");
  const { codeRepository, dependencyResolver, displayName, showResolutionError } = await import(
    "../../../src/code/index.ts"
  );
  await withStore(options, (now) => {
    const store = readsAt(now, options.at);
    const { hash } = target(store, asked);
    const resolver = dependencyResolver(store);
    const found = options.all === true ? resolver.resolveTransitive(hash) : resolver.resolveByHash(hash);
    if (!found.ok)
      throw new CliFailure(Exit.source, showResolutionError(found.error), "tb pull brings missing code in");
    const repository = codeRepository(store);
    const linksOf = (one: ContentHash.ContentHash) => {
      const code = repository.get(one);
      return code.ok ? code.value.links : [];
    };
    const hashes =
      "hash" in found.value
        ? withoutParts(repository, found.value.links, linksOf)
        : found.value.map((code) => code.hash).slice(0, -1);
    const rows = hashes.map((one) => ({ name: displayName(store, one), hash: one }));
    if (options.json === true) printJson({ ok: true, dependencies: rows });
    else {
      for (const row of rows) print(`${row.name ?? "without a name"}  ${shortHash(row.hash)}`);
      note(rows.length === 0 ? "it depends on nothing" : count(rows.length, "dependency", "dependencies"));
    }
  });
}
