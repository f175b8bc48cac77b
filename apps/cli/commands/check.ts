/** `tb check`: everything that the compiler has to say about some files, without running them. */
import type { Command } from "commander";
import { Exit } from "../exit.ts";
import type { CheckedWithCodebase } from "../node/codebase.ts";
import { note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions } from "../session.ts";

interface Options extends CommonOptions {
  readonly deny?: boolean;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("check [paths...]")
      .description("check TEL files and folders without running them (default: this folder)")
      .option("--deny", "treat warnings as errors"),
  ).action(run);
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const { checkWithCodebase } = await import("../node/codebase.ts");
  await checkWithCodebase(paths, options, (files) => report(files, options));
}

async function report({ checked, sources }: CheckedWithCodebase, options: Options): Promise<void> {
  const { count, problemsToJson, showProblems } = await import("../node/checkFiles.ts");
  const { isOfCodebase } = await import("../node/codebase.ts");
  const errors = count(checked, "error");
  const warnings = count(checked, "warning");
  const failed = errors > 0 || (options.deny === true && warnings > 0);
  const own = new Set(sources.flatMap(({ path }) => (isOfCodebase(path) ? [] : [path])));
  const { resolved, typed } = checked;
  const functions = [...typed.functions.values()].filter((each) => own.has(each.file));
  const others = [...own].flatMap((path) => {
    const { outside = [], effects = [], types = [] } = resolved.declared.get(path) ?? {};
    return [...outside, ...effects, ...types];
  });
  const definitions = functions.length + others.length + typed.programs.length;
  if (options.json === true) {
    printJson({ ok: !failed, files: own.size, errors, warnings, problems: problemsToJson(checked, sources) });
  } else {
    showProblems(checked, sources);
    const files = `${own.size} ${own.size === 1 ? "file" : "files"}`;
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
