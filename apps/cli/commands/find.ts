/** `tb find`: definitions by name, by type and by text. */
import type { Command } from "commander";
import { note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly type?: string;
  readonly text?: string;
  readonly at?: string;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("find [name]")
      .description(
        "list definitions: all of the codebase, or those, also of the library, whose name holds the given letters in this order",
      )
      .option("--type <type>", "with this signature, like 'fn(Decimal, _) -> Option<Decimal>'; _ stands for any type")
      .option("--text <text>", "whose written text holds this")
      .option("--at <change>", "as it was after change number n of tb history, or at a time like 2026-01-31T12:00:00Z"),
  ).action(run);
}

async function run(name: string | undefined, options: Options): Promise<void> {
  const { findDefinitions } = await import("../node/find.ts");
  const { count, readsAt, shortHash } = await import("../node/codebase.ts");
  await withStore(options, (now) => {
    const store = readsAt(now, options.at);
    const found = findDefinitions(store, { name, type: options.type, text: options.text });
    if (options.json === true) {
      printJson({
        ok: true,
        definitions: found.map(({ hash, ...one }) => ({ ...one, hash: hash ?? null, library: hash === undefined })),
      });
      return;
    }
    const width = Math.min(48, Math.max(0, ...found.map((one) => one.name.length)));
    for (const one of found)
      print(
        `${one.name.padEnd(width)}  ${paint.cyan(one.signature)}  ${one.hash === undefined ? paint.dim("library") : shortHash(one.hash)}`,
      );
    note(found.length === 0 ? "nothing found" : count(found.length, "definition"));
  });
}
