/** `tb diff`: two definitions, or a name and what it stood for before, line by line. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly at?: string;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("diff <definition> [other]")
      .description("compare two definitions by NAME or #HASH; with one name, with what it stood for before")
      .option(
        "--at <change>",
        "with one name: with what it stood for after change number n of tb history, or at a time",
      ),
  ).action(run);
}

async function run(asked: string, other: string | undefined, options: Options): Promise<void> {
  const { readsAt, shortHash, target } = await import("../node/codebase.ts");
  const { diffLines } = await import("../node/diffLines.ts");
  const { NameRegistry, view } = await import("../../../src/code/index.ts");
  await withStore(options, (store) => {
    const last = target(store, asked);
    if (other !== undefined && options.at !== undefined)
      throw new CliFailure(Exit.usage, "--at goes with one name", "tb diff NAME --at CHANGE");
    let first = other === undefined ? undefined : target(store, other);
    // `tb diff OLD NEW` reads from left to right.
    const [left, right] = first === undefined ? [undefined, last] : [last, first];
    if (left === undefined && options.at !== undefined) first = target(readsAt(store, options.at), asked);
    else if (left === undefined) {
      const before = NameRegistry.history(store, asked)
        .flatMap((step) => step.changes)
        .find((change) => change.old !== undefined && change.old !== last.hash)?.old;
      if (before === undefined)
        throw new CliFailure(
          Exit.source,
          `${asked} never stood for anything else`,
          "tb history shows what names stood for",
        );
      first = { hash: before, name: asked };
    }
    const [from, to] = left === undefined ? [first!, right] : [left, right];
    const texts = [from, to].map((one) => {
      const shown = view(store, one.hash, one.name);
      if (shown === undefined) throw new CliFailure(Exit.source, `#${one.hash} is not a readable definition`);
      return shown.text;
    });
    const lines = diffLines(texts[0]!.split("\n"), texts[1]!.split("\n"));
    if (options.json === true) {
      printJson({ ok: true, from, to, same: from.hash === to.hash, lines });
      return;
    }
    print(
      `${paint.red("-")} ${from.name ?? ""}  ${shortHash(from.hash)}\n${paint.green("+")} ${to.name ?? ""}  ${shortHash(to.hash)}`,
    );
    if (from.hash === to.hash) note("they are the same definition");
    for (const line of lines) {
      if (line.sign === "-") print(paint.red(`- ${line.text}`));
      else if (line.sign === "+") print(paint.green(`+ ${line.text}`));
      else print(`  ${line.text}`);
    }
  });
}
