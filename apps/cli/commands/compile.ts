/** `tb compile --emit STAGE`: what the compiler makes of some files at each of its stages. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { print, printJson } from "../output.ts";

const stages = ["tree", "names", "types", "effects", "core", "ir", "bytecode", "artifact", "dag"] as const;
type Stage = (typeof stages)[number];

interface Options {
  readonly emit: string;
  readonly pass?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("compile [paths...]")
    .description(`show what the compiler makes of TEL files at a stage: ${stages.join(", ")}`)
    .option("--emit <stage>", "the stage to show", "core")
    .option("--pass <name>", "with --emit ir: what this pass of the optimiser does, before and after")
    .option("--json", "print one JSON document")
    .action(run);
}

const isStage = (text: string): text is Stage => (stages as readonly string[]).includes(text);

async function run(paths: readonly string[], options: Options): Promise<void> {
  const stage = options.emit;
  if (!isStage(stage))
    throw new CliFailure(Exit.usage, `there is no stage ${stage}`, `the stages: ${stages.join(", ")}`);
  const { pass } = options;
  if (pass !== undefined) {
    const { passNames } = await import("../../../src/optimise/index.ts");
    if (stage !== "ir") throw new CliFailure(Exit.usage, "--pass goes with --emit ir");
    if (!passNames.includes(pass))
      throw new CliFailure(Exit.usage, `there is no pass ${pass}`, `the passes: ${passNames.join(", ")}`);
  }
  const { checkFiles, count, failureDocument, showProblems } = await import("../node/checkFiles.ts");
  const { artifact, emit, showLines } = await import("../node/emit.ts");
  if (stage === "artifact") {
    const { hash, value } = await artifact(paths[0] ?? ".");
    const { toJson } = await import("../../../src/content/index.ts");
    if (options.json === true) printJson({ ok: true, stage, hash, program: toJson(value) });
    else print(`#${hash}\n${showLines(value)}`);
    return;
  }
  const { checked, sources } = await checkFiles(paths);
  const failed = count(checked, "error") > 0;
  // Trees and names are there whatever is wrong.
  const text = failed && stage !== "tree" && stage !== "names" ? undefined : emit(stage, checked, sources, pass);
  if (failed) process.exitCode = Exit.source;
  if (options.json === true)
    printJson({
      ...(failed ? failureDocument(checked, sources, "the files have errors") : { ok: true }),
      stage,
      ...(text === undefined ? {} : { text }),
    });
  else {
    if (failed) showProblems(checked, sources);
    if (text !== undefined) print(text);
  }
}
