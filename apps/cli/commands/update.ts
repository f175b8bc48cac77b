/** `tb update`: adds definitions and lets everything that depends on a changed one follow, re-checked. */
import type { Command } from "commander";
import { Exit } from "../exit.ts";
import { note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly dryRun?: boolean;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("update [paths...]")
      .description(
        "add definitions, then re-check and re-point what depends on changed ones; without paths, only what is left to do",
      )
      .option("--dry-run", "show what would happen, and write nothing"),
  ).action(run);
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const { count, shortHash } = await import("../node/codebase.ts");
  const { updateCodebase } = await import("../node/update.ts");
  const { failureDocument, showProblems } = await import("../node/checkFiles.ts");
  await withStore(options, async (store) => {
    const done = await updateCodebase(store, paths, options.dryRun === true);
    if (!done.ok) {
      const { checked, sources } = done.error;
      if (options.json === true) printJson(failureDocument(checked, sources, "nothing was updated"));
      else {
        showProblems(checked, sources);
        note("nothing was updated");
      }
      process.exitCode = Exit.source;
      return;
    }
    const { plan, followed, byHand } = done.value;
    process.exitCode = byHand.length === 0 ? Exit.ok : Exit.program;
    if (options.json === true) {
      printJson({
        ok: byHand.length === 0,
        dryRun: options.dryRun === true,
        definitions: plan.map(({ name, status, hash }) => ({ name, status, hash })),
        followed: followed.map(({ name, hash, old }) => ({ name, hash, old })),
        byHand: byHand.map(({ name, dependents, reason }) => ({ name, dependents, reason })),
      });
      return;
    }
    const signs = { new: paint.green("+"), changed: paint.yellow("~"), unchanged: paint.dim("=") };
    for (const one of plan) print(`${signs[one.status]} ${one.name}  ${shortHash(one.hash)}`);
    for (const one of followed) print(`${paint.cyan("↻")} ${one.name}  ${shortHash(one.hash)}`);
    if (byHand.length > 0) {
      note(
        `${count(byHand.length, "definition")} ${byHand.length === 1 ? "needs" : "need"} your hand, most depended on first:`,
      );
      for (const one of byHand) {
        const users = one.dependents === 0 ? "" : paint.dim(` (${count(one.dependents, "dependent")})`);
        note(`  ${paint.red("✗")} ${one.name}${users}: ${one.reason}`);
      }
      note("they keep working with the old versions; tb view shows them, tb update FILE brings in the changed text");
    } else if (plan.length + followed.length === 0)
      note(
        paths.length === 0
          ? "nothing is left to do; tb update FILE (or .) brings in changed text"
          : "everything is up to date",
      );
    if (options.dryRun === true) note("nothing was written (--dry-run)");
  });
}
