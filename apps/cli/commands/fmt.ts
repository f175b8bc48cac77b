/** `tb fmt`: the one layout of TEL. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { colourOn, note, paint, print, printJson } from "../output.ts";
import { readText } from "../session.ts";
import { telFiles } from "../telFiles.ts";

interface Options {
  readonly check?: boolean;
  readonly fix?: boolean;
  readonly json?: boolean;
}

type Outcome = { readonly file: string; readonly status: "same" | "changed" | "refused"; readonly fixed: number };

export function register(program: Command): void {
  program
    .command("fmt [paths...]")
    .description("write TEL files in the one layout; `-` reads stdin and writes stdout (default: this folder)")
    .option("--check", "change nothing; exit 1 when a file is not formatted")
    .option("--fix", "apply the fixes of problems first, such as a missing `!` or `uses`")
    .option("--json", "print one JSON document")
    .action(fmt);
}

async function fmt(paths: readonly string[], options: Options): Promise<void> {
  const { format, render, repair, toJson } = await import("../node/formatFiles.ts");
  if (paths.length === 1 && paths[0] === "-") {
    const result = format(utf8(readFileSync(0)), "stdin.tel");
    if (!result.ok) throw refusal(result.problems.length);
    process.stdout.write(result.text);
    return;
  }
  const files = telFiles(paths.length === 0 ? ["."] : paths);
  const texts = new Map(files.map((file) => [file, readText(file)]));
  const repaired = options.fix === true ? repair(texts) : new Map<string, { text: string; fixed: number }>();
  const problems: object[] = [];
  const outcomes: Outcome[] = [];
  for (const [file, before] of texts) {
    const { text, fixed } = repaired.get(file) ?? { text: before, fixed: 0 };
    const result = format(text, file);
    if (!result.ok) {
      for (const problem of result.problems) {
        problems.push(toJson(problem, text));
        if (options.json !== true) note(`${render(problem, text, { colour: colourOn, width: width() })}\n`);
      }
      outcomes.push({ file, status: "refused", fixed: 0 });
      continue;
    }
    const status = result.text === before ? "same" : "changed";
    if (status === "changed" && options.check !== true) await save(file, result.text);
    outcomes.push({ file, status, fixed });
  }
  report(outcomes, problems, options);
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CliFailure(Exit.source, "the text on stdin is not valid UTF-8");
  }
}

const width = (): number => process.stderr.columns ?? 100;

async function save(file: string, text: string): Promise<void> {
  const { replaceFile } = await import("../node/replaceFile.ts");
  replaceFile(file, text);
}

function report(outcomes: readonly Outcome[], problems: readonly object[], options: Options): void {
  const changed = outcomes.filter(({ status }) => status === "changed");
  const refused = outcomes.filter(({ status }) => status === "refused").length;
  const failed = refused > 0 ? Exit.source : options.check === true && changed.length > 0 ? Exit.program : Exit.ok;
  if (options.json === true) printJson({ ok: failed === Exit.ok, files: outcomes, problems });
  else {
    for (const { file, fixed } of changed) {
      const fixes = fixed === 0 ? "" : ` (${fixed} fixed)`;
      print(`${options.check === true ? paint.yellow("would change") : paint.green("changed")} ${file}${fixes}`);
    }
    const counts = [
      `${outcomes.length} ${outcomes.length === 1 ? "file" : "files"}`,
      `${changed.length} ${options.check ? "not formatted" : "changed"}`,
    ];
    note([...counts, ...(refused > 0 ? [`${refused} with problems`] : [])].join(", "));
  }
  process.exitCode = failed;
}

const refusal = (count: number): CliFailure =>
  new CliFailure(Exit.source, `the text has ${count} problems and stays as it is`, "see them with tb check");
