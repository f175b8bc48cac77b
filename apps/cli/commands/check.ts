/** `tb check`: everything that the compiler has to say about some files, without running them. */
import type { Command } from "commander";
import type { Checked } from "../../../src/language/index.ts";
import type { Manifest, Problem } from "../../../src/schema/index.ts";
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

/** Where a manifest binds nothing, the layer that knows bindings is not even loaded. */
async function manifestProblems(manifest: Manifest.Manifest, checked: Checked): Promise<readonly Problem[]> {
  const { tables, bindings } = manifest;
  if (Object.keys(tables).length === 0 && bindings.size === 0) return [];
  const { readBindings } = await import("../../../src/programs/index.ts");
  return readBindings(manifest, checked).problems;
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const { checkWithCodebase } = await import("../node/codebase.ts");
  await checkWithCodebase(paths, options, (files) => report(files, options));
}

async function report({ checked, sources, manifest }: CheckedWithCodebase, options: Options): Promise<void> {
  const { problemToJson, showProblem } = await import("../../../src/schema/index.ts");
  const { count, problemsToJson, showProblems } = await import("../node/checkFiles.ts");
  const { isOfCodebase } = await import("../node/codebase.ts");
  const outside = manifest === undefined ? [] : await manifestProblems(manifest, checked);
  const errors = count(checked, "error") + outside.length;
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
    const problems = [...problemsToJson(checked, sources), ...outside.map(problemToJson)];
    printJson({ ok: !failed, files: own.size, errors, warnings, problems });
  } else {
    showProblems(checked, sources);
    for (const problem of outside) note(`${showProblem(problem)}\n`);
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
