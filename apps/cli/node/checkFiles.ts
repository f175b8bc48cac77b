/** What `tb check`, `tb compile` and `tb graph` share: sources and manifest of a folder, and problems on the terminal. */
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Checked,
  check,
  type Environment,
  type Problem,
  render,
  type Source,
  toJson,
} from "../../../src/language/index.ts";
import { type Manifest, parseManifest, problemToJson, showProblem } from "../../../src/schema/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { colourOn, note } from "../output.ts";
import { readText } from "../session.ts";
import { telFiles } from "../telFiles.ts";
import { loadPrevious, type Where } from "./previous.ts";

export interface CheckedFiles {
  readonly checked: Checked;
  readonly sources: readonly Source[];
  readonly manifest: Manifest.Manifest | undefined;
}

/** Checks files and folders together; a `program.toml` beside the first of them names timelines and assets. */
export async function checkFiles(paths: readonly string[], where: Where = {}): Promise<CheckedFiles> {
  const { sources, manifest } = readSources(paths);
  const previous = await loadPrevious(manifest, where);
  const environment = { ...environmentOf(manifest), ...(previous === undefined ? {} : { previous }) };
  return { checked: check(sources, environment), sources, manifest };
}

/** The texts of files and folders, and the manifest beside the first of them. */
export function readSources(paths: readonly string[]): Omit<CheckedFiles, "checked"> {
  const files = telFiles(paths.length === 0 ? ["."] : paths);
  if (files.length === 0)
    throw new CliFailure(Exit.source, `there is no .tel file in ${paths.join(", ") || "this folder"}`);
  return { sources: files.map((path) => ({ path, text: readText(path) })), manifest: manifestOf(paths[0] ?? ".") };
}

export function environmentOf(manifest: Manifest.Manifest | undefined): Environment {
  if (manifest === undefined) return {};
  const assets = manifest.tables["assets"];
  const named = typeof assets === "object" && assets !== null && !Array.isArray(assets);
  return {
    timelines: [...manifest.timelines.keys()],
    ...(named ? { assets: Object.keys(assets) } : {}),
    bindings: manifest.bindings,
    safeState: { strategy: manifest.safeState.type, handshake: manifest.safeState.handshake },
  };
}

function manifestOf(path: string): Manifest.Manifest | undefined {
  const folder = existsSync(path) && statSync(path).isDirectory() ? path : dirname(path);
  const file = join(folder, "program.toml");
  if (!existsSync(file)) return undefined;
  const parsed = parseManifest(readText(file), file);
  if (parsed.ok) return parsed.value;
  const problems = parsed.error.length === 1 ? "1 problem" : `${parsed.error.length} problems`;
  const message = `${file} has ${problems}`;
  throw new CliFailure(Exit.source, `${message}\n\n${parsed.error.map(showProblem).join("\n\n")}\n`, undefined, {
    ok: false,
    error: { message },
    problems: parsed.error.map(problemToJson),
  });
}

/** Of one file: who has more begins with these. */
const SHOWN_MAX = 200;

/** Problems on stderr, with a count. */
export function showProblems(checked: Checked, sources: readonly Source[]): void {
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const width = process.stderr.columns ?? 100;
  const shown = new Map<string, number>();
  for (const problem of checked.problems) {
    const count = (shown.get(problem.file) ?? 0) + 1;
    shown.set(problem.file, count);
    if (count > SHOWN_MAX) continue;
    note(`${render(problem, (file) => texts.get(file), { colour: colourOn, width })}\n`);
  }
  for (const [file, count] of shown)
    if (count > SHOWN_MAX) note(`${file} has ${count - SHOWN_MAX} more problems; --json lists all\n`);
}

export function problemsToJson(checked: Checked, sources: readonly Source[]): readonly object[] {
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  return checked.problems.map((problem) => toJson(problem, (file) => texts.get(file)));
}

/** What `--json` prints where files have errors: like every failure, with the problems beside. */
export const failureDocument = (checked: Checked, sources: readonly Source[], message: string): object => ({
  ok: false,
  error: { message },
  problems: problemsToJson(checked, sources),
});

/** Names, types, constructors, effects, modules and members that are not there. */
export const isUnknownName = (problem: Problem.Problem): boolean => /^TEL020[1-6]$/.test(problem.code);

export const count = (checked: Checked, severity: "error" | "warning"): number =>
  checked.problems.filter((problem) => problem.severity === severity).length;
