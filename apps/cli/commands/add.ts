/** `tb add`: checked definitions into the codebase, under their names. */
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
      .command("add [paths...]")
      .description("add the definitions of TEL files and folders to the codebase (default: this folder)")
      .option("--dry-run", "show what would be added, and write nothing"),
  ).action(run);
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const { checkBeside, count, noteOf, shortHash } = await import("../node/codebase.ts");
  const { failureDocument, showProblems } = await import("../node/checkFiles.ts");
  const { applyAdd, namedDependents, planAdd } = await import("../../../src/code/index.ts");
  await withStore(options, async (store) => {
    const { checked, sources, names, unit } = checkBeside(store, paths);
    if (unit === undefined) {
      if (options.json === true) printJson(failureDocument(checked, sources, "nothing was added"));
      else {
        showProblems(checked, sources);
        note("nothing was added");
      }
      process.exitCode = Exit.source;
      return;
    }
    const plan = planAdd(store, unit, names);
    const changed = plan.filter((one) => one.status === "changed");
    const known = new Set(names);
    const left = [
      ...namedDependents(
        store,
        changed.map((one) => one.old!),
      ).keys(),
    ].filter((name) => !known.has(name));
    // Also when nothing changed: words around the code may have.
    if (options.dryRun !== true)
      await store.write((tx) => applyAdd(tx, unit, plan, noteOf(`add ${paths.join(" ")}`.trim())));
    if (options.json === true) {
      const definitions = plan.map(({ name, status, hash, old }) => ({
        name,
        status,
        hash,
        ...(old === undefined ? {} : { old }),
      }));
      printJson({ ok: true, dryRun: options.dryRun === true, definitions, outdated: left });
      return;
    }
    const signs = { new: paint.green("+"), changed: paint.yellow("~"), unchanged: paint.dim("=") };
    for (const one of plan) {
      const before = one.status === "changed" ? paint.dim(` was `) + shortHash(one.old!) : "";
      print(`${signs[one.status]} ${one.name}  ${shortHash(one.hash)}${before}`);
    }
    if (plan.length === 0) note("there is nothing to add in these files");
    if (left.length > 0)
      note(
        `${count(left.length, "definition")} still ${left.length === 1 ? "uses" : "use"} what was there before: ${left.slice(0, 5).join(", ")}${left.length > 5 ? ", …" : ""}\n` +
          "tb update re-points them; tb todo lists them",
      );
    if (options.dryRun === true) note("nothing was written (--dry-run)");
  });
}
