/** A file's new text, all of it or none: written beside it and renamed over it. */
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { CliFailure, Exit } from "../exit.ts";

export function replaceFile(path: string, text: string): void {
  let beside: string | undefined;
  try {
    const target = realpathSync(path);
    beside = `${target}.${process.pid}.tmp`;
    const file = openSync(beside, "wx", statSync(target).mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (error) {
    if (beside !== undefined) rmSync(beside, { force: true });
    throw new CliFailure(Exit.source, `cannot write ${path}: ${(error as { code?: string }).code ?? String(error)}`);
  }
}
