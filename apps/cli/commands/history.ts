/** `tb history`: what names stood for, and who changed it when. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly last: string;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("history [name]")
      .description("show the changes of the codebase or of one name, newest first")
      .option("--last <n>", "how many steps to show", "20"),
  ).action(run);
}

/** A step may change many names; so many changes are read for each step that is asked for. */
const CHANGES_PER_STEP = 500;

async function run(name: string | undefined, options: Options): Promise<void> {
  const { count, shortHash } = await import("../node/codebase.ts");
  const { NameRegistry } = await import("../../../src/code/index.ts");
  const last = Number(options.last);
  if (!Number.isSafeInteger(last) || last < 1)
    throw new CliFailure(Exit.usage, `--last takes a number from 1, not ${options.last}`);
  await withStore(options, (store) => {
    const steps = NameRegistry.history(store, name, last * CHANGES_PER_STEP).slice(0, last);
    if (steps.length === 0 && name !== undefined)
      throw new CliFailure(Exit.source, `${name} never stood for anything`, "tb find lists the names of the codebase");
    if (options.json === true) {
      printJson({
        ok: true,
        steps: steps.map((step) => ({
          ...step.note,
          time: new Date(step.note.time).toISOString(),
          changes: step.changes.map(({ name: one, old, new: next, sequence }) => ({
            sequence,
            name: one,
            old,
            new: next,
          })),
        })),
      });
      return;
    }
    for (const { note: by, changes } of steps) {
      print(
        `${paint.bold(by.reason)}  ${paint.dim(`${new Date(by.time).toISOString()} by ${by.author}, ${count(changes.length, "name")}, change ${changes.at(-1)!.sequence}`)}`,
      );
      for (const change of changes.slice(0, 10)) {
        const [old, next] = [change.old, change.new].map((hash) => (hash === undefined ? "–" : shortHash(hash)));
        print(`  ${change.name}  ${old} → ${next}`);
      }
      if (changes.length > 10) print(paint.dim(`  … and ${changes.length - 10} more`));
    }
    if (steps.length === 0) note("the codebase is empty: tb add FILES");
  });
}
