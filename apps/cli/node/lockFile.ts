/** A file that one process at a time holds: it names the process, and comes into being with its content, or not at all. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { err, ok, type Result } from "../../../src/std/index.ts";

/** Yes: gives the lock back. No: the process that holds it; undefined if it has just changed hands. */
export function takeLock(file: string, pid: number = process.pid): Result<() => void, number | undefined> {
  const own = `${file}.${pid}`;
  writeFileSync(own, `${pid}\n`);
  try {
    if (!link(own, file)) {
      const holder = holderOf(file);
      if (holder !== undefined) return err(holder);
      // Whoever held it is dead. Only one process moves its file away; if that file is a new one, it goes back.
      const stale = `${own}.stale`;
      if (!move(file, stale)) return err(holderOf(file));
      const moved = holderOf(stale);
      if (moved !== undefined) link(stale, file);
      rmSync(stale, { force: true });
      if (moved !== undefined) return err(moved);
      if (!link(own, file)) return err(holderOf(file));
    }
    return ok(() => {
      if (pidIn(file) === pid) rmSync(file, { force: true });
    });
  } finally {
    rmSync(own, { force: true });
  }
}

/** The living process that a lock file names. */
export function holderOf(file: string): number | undefined {
  const pid = pidIn(file);
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, "utf8").trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and belongs to somebody else.
    return (error as { code?: string }).code === "EPERM";
  }
}

/** False when the file exists. */
const link = (from: string, to: string): boolean => succeeds("EEXIST", () => linkSync(from, to));

/** False when it is not there any more. */
const move = (from: string, to: string): boolean => succeeds("ENOENT", () => renameSync(from, to));

function succeeds(failure: string, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === failure) return false;
    throw error;
  }
}
