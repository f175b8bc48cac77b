/** `tb graph`: the effect DAG of every entry. */
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { note, print, printJson } from "../output.ts";

interface Options {
  readonly entry?: string;
  readonly format: string;
  readonly output?: string;
  readonly json?: boolean;
}

const formats = ["text", "dot", "svg"];

export function register(program: Command): void {
  program
    .command("graph [paths...]")
    .description("show what each entry asks of the outside: order, decisions, deadlines (default: this folder)")
    .option("--entry <name>", "only this entry, as Program.entry")
    .option("--format <format>", `${formats.join(", ")}`, "text")
    .option("-o, --output <file>", "write to a file")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  if (!formats.includes(options.format)) {
    throw new CliFailure(Exit.usage, `there is no format ${options.format}`, `the formats: ${formats.join(", ")}`);
  }
  const { checkFiles, count, failureDocument, showProblems } = await import("../node/checkFiles.ts");
  const { dagDot, dagSvg, dagsOf, dagText } = await import("../../../src/language/index.ts");
  const { checked, sources } = await checkFiles(paths);
  if (count(checked, "error") > 0) {
    if (options.json === true) printJson(failureDocument(checked, sources, "the files have errors"));
    else showProblems(checked, sources);
    process.exitCode = Exit.source;
    return;
  }
  const all = dagsOf(checked.typed);
  const dags = options.entry === undefined ? all : all.filter((dag) => dag.entry === options.entry);
  if (options.entry !== undefined && dags.length === 0) {
    const known = all.map((dag) => dag.entry).join(", ");
    throw new CliFailure(
      Exit.usage,
      `there is no entry ${options.entry}`,
      known === "" ? "no program is here" : `known: ${known}`,
    );
  }
  if (options.json === true) {
    printJson({ ok: true, entries: dags });
    return;
  }
  const text =
    options.format === "dot" ? dagDot(dags) : options.format === "svg" ? dagSvg(dags) : dags.map(dagText).join("\n\n");
  if (options.output === undefined) print(text === "" ? "no program has an entry here" : text);
  else {
    try {
      writeFileSync(options.output, `${text}\n`);
    } catch (error) {
      throw new CliFailure(
        Exit.source,
        `cannot write ${options.output}: ${(error as { code?: string }).code ?? error}`,
      );
    }
    note(`wrote ${options.output}`);
  }
}
