/** `tb check`: everything that the compiler has to say about some files, without running them. */
import type { Command } from "commander";
import { Exit } from "../exit.ts";
import { note, paint, print, printJson } from "../output.ts";

interface Options {
  readonly json?: boolean;
  readonly deny?: boolean;
}

export function register(program: Command): void {
  program
    .command("check [paths...]")
    .description("check TEL files and folders without running them (default: this folder)")
    .option("--deny", "treat warnings as errors")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const { checkFiles, count, problemsToJson, showProblems } = await import("../node/checkFiles.ts");
  const { checked, sources } = await checkFiles(paths);
  const errors = count(checked, "error");
  const warnings = count(checked, "warning");
  const failed = errors > 0 || (options.deny === true && warnings > 0);
  const own = new Set(sources.map((source) => source.path));
  const { resolved, typed } = checked;
  const functions = [...typed.functions.values()].filter((each) => own.has(each.file));
  const others = [...own].flatMap((path) => {
    const { outside = [], effects = [], types = [] } = resolved.declared.get(path) ?? {};
    return [...outside, ...effects, ...types];
  });
  const definitions = functions.length + others.length + typed.programs.length;
  if (options.json === true) {
    printJson({ ok: !failed, files: sources.length, errors, warnings, problems: problemsToJson(checked, sources) });
  } else {
    showProblems(checked, sources);
    const files = `${sources.length} ${sources.length === 1 ? "file" : "files"}`;
    if (!failed && warnings === 0)
      print(
        `${paint.green("✓")} ${files}, ${definitions} ${definitions === 1 ? "definition" : "definitions"}, no problems`,
      );
    else
      note(
        `${files}, ${errors} ${errors === 1 ? "error" : "errors"}, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`,
      );
  }
  process.exitCode = failed ? Exit.source : Exit.ok;
}
