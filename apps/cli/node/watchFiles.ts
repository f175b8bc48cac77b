/** What `tb watch` does: a round over all files, and another one whenever what is on disk differs. */
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addressUnit } from "../../../src/code/index.ts";
import type { WatchOptions } from "../commands/watch.ts";
import { CliFailure, Exit } from "../exit.ts";
import { note, paint, print, reportFailure } from "../output.ts";
import { telFiles } from "../telFiles.ts";
import { count, showProblems } from "./checkFiles.ts";
import { type CheckedWithCodebase, checkWithCodebase, isOfCodebase } from "./codebase.ts";
import { testChecked } from "./testCommand.ts";
import { type Watch, watch, watchLinesOf } from "./watches.ts";

/** Disks are looked at this often, and never more than a tenth of the time. */
const LOOK_MILLISECONDS = 250;

export async function watchFiles(paths: readonly string[], options: WatchOptions): Promise<void> {
  const asked = paths.length === 0 ? ["."] : paths;
  if (options.once === true) return round(asked, options);
  for (let before: string | undefined; ; ) {
    const start = performance.now();
    const now = stateOf(asked);
    const took = performance.now() - start;
    if (now !== before) {
      if (before !== undefined) print("");
      await round(asked, options).catch((error: unknown) => {
        if (!(error instanceof CliFailure)) throw error;
        reportFailure(error, false);
      });
      process.exitCode = Exit.ok;
      note(paint.dim("waiting for a file to be saved; Ctrl-C ends this"));
      before = now;
    }
    await sleep(Math.max(LOOK_MILLISECONDS, 10 * took));
  }
}

/** Everything that a round depends on: which files there are, how long, and when they were written. */
function stateOf(paths: readonly string[]): string {
  try {
    const manifests = paths.map((path) => join(isFolder(path) ? path : dirname(path), "program.toml"));
    return [...telFiles(paths, () => {}), ...manifests.filter((path) => existsSync(path))].map(stampOf).join("\n");
  } catch (error) {
    if (error instanceof CliFailure) return error.message;
    throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function stampOf(path: string): string {
  // It may be gone since it was listed: editors save under another name first.
  const stat = statSync(path, { throwIfNoEntry: false });
  return `${path} ${stat?.size} ${stat?.mtimeMs} ${stat?.ino}`;
}

const round = (paths: readonly string[], options: WatchOptions): Promise<void> =>
  checkWithCodebase(paths, options, async (files) => {
    const { checked, sources } = files;
    showProblems(checked, sources);
    if (checked.unit === undefined) {
      const errors = count(checked, "error");
      throw new CliFailure(Exit.source, `${errors} ${errors === 1 ? "problem" : "problems"}; nothing was run`);
    }
    for (const one of watchesOf(files)) showWatch(one, sources.find(({ path }) => path === one.file)!.text);
    await testChecked(files, { ...options, cache: true });
  });

function watchesOf(files: CheckedWithCodebase): readonly Watch[] {
  const lines = watchLinesOf(files.checked, (file) =>
    files.sources.some(({ path }) => path === file && !isOfCodebase(path)),
  );
  if (lines.length === 0) return [];
  const unit = files.unit ?? addressUnit(files.checked.unit!);
  return lines.flatMap((line) => watch(line, unit, files.store) ?? []);
}

/** The place and the line as written, its value below. */
function showWatch({ file, span, shown, failed }: Watch, text: string): void {
  const line = text.slice(0, span.start).split("\n").length;
  const [written = "", ...more] = text.slice(span.start, span.end).split("\n");
  print(`${paint.dim(`${file}:${line}`)} ${written}${more.length > 0 ? " …" : ""}`);
  print(`  ${failed ? paint.red(shown) : shown}`);
}
