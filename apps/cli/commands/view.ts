/** `tb view`: definitions as text, with docs and comments, under the names that hold now. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { paint, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly module?: boolean;
  readonly at?: string;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("view <definitions...>")
      .description("print definitions by NAME or #HASH, or whole modules that can be checked and added again")
      .option("--module", "the names are modules: print each as one file")
      .option("--at <change>", "as it was after change number n of tb history, or at a time like 2026-01-31T12:00:00Z"),
  ).action(run);
}

async function run(asked: readonly string[], options: Options): Promise<void> {
  const { readsAt, shortHash, target } = await import("../node/codebase.ts");
  const { libraryDefinition, libraryHash } = await import("../node/library.ts");
  const { signatureAt } = await import("../node/find.ts");
  const { moduleFile, view } = await import("../../../src/code/index.ts");
  await withStore(options, (now) => {
    const store = readsAt(now, options.at);
    if (options.module === true) {
      const files = asked.map((module) => {
        const text = moduleFile(store, module);
        if (text === undefined)
          throw new CliFailure(
            Exit.source,
            `the codebase has no text of a module ${module}`,
            "tb find lists what there is",
          );
        return { module, text };
      });
      if (options.json === true) printJson({ ok: true, modules: files });
      else print(files.map((file) => file.text).join("\n"));
      return;
    }
    const shown = asked.map((text) => {
      // A name of the codebase comes first.
      const ofLibrary = store.name(text) === undefined ? libraryDefinition(text) : undefined;
      if (ofLibrary !== undefined) {
        const { name, signature, text: written } = ofLibrary;
        return { hash: libraryHash(name) ?? null, name, signature, text: written, isSource: true, library: true };
      }
      const { hash, name } = target(store, text);
      const found = view(store, hash, name);
      if (found === undefined) throw new CliFailure(Exit.source, `${text} is not a readable definition`);
      return { ...found, signature: signatureAt(store, hash, name), library: false };
    });
    if (options.json === true) {
      printJson({ ok: true, definitions: shown });
      return;
    }
    for (const one of shown) {
      const kept = one.isSource ? "" : paint.dim("  (its text is not in the codebase; this is its meaning)");
      const hash = one.hash === null ? "" : `  ${shortHash(one.hash)}`;
      const origin = one.library ? paint.dim("  (library)") : kept;
      print(`${paint.dim("//")} ${one.name ?? "without a name"}${hash}${origin}\n${one.text}\n`);
    }
  });
}
