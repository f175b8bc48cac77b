/** `tb compile --emit STAGE`: what the compiler makes of some files at each of its stages. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { print } from "../output.ts";

const stages = ["tree", "names", "types", "effects", "core", "ir", "bytecode", "artifact", "dag"] as const;
type Stage = (typeof stages)[number];

interface Options {
  readonly emit: string;
  readonly pass?: string;
}

export function register(program: Command): void {
  program
    .command("compile [paths...]")
    .description(`show what the compiler makes of TEL files at a stage: ${stages.join(", ")}`)
    .option("--emit <stage>", "the stage to show", "core")
    .option("--pass <name>", "with --emit ir: what this pass of the optimiser does, before and after")
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
  const { checkFiles, count, showProblems } = await import("../node/checkFiles.ts");
  const { artifact, emit } = await import("../node/emit.ts");
  if (stage === "artifact") {
    print(await artifact(paths[0] ?? "."));
    return;
  }
  const { checked, sources } = await checkFiles(paths);
  if (count(checked, "error") > 0) {
    showProblems(checked, sources);
    process.exitCode = Exit.source;
    if (stage !== "tree" && stage !== "names") return;
  }
  print(emit(stage, checked, sources, pass));
}
