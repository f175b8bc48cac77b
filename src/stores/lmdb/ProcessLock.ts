/**
 * A file that says which process has something to itself, an open store say, so that a second one is told instead of
 * waiting. It is held by existing, and forgotten when the process that it names has ended, however it ended. LMDB keeps the data whole even
 * if two processes did write: the lock is for people, not for safety.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

export interface ProcessLock {
  release(): void;
}

const TAKEOVER_ATTEMPTS = 5;

/** The lock, or the number of the process that has it. */
export function acquire(path: string): ProcessLock | { readonly heldBy: number } {
  const own = `${process.pid} ${startOf(process.pid) ?? ""}`;
  for (let attempt = 0; attempt < TAKEOVER_ATTEMPTS; attempt++) {
    if (create(path, own)) return { release: () => release(path, own) };
    const holder = read(path);
    if (holder === undefined) continue;
    const [pid = Number.NaN, start = ""] = [Number(holder.split(" ")[0]), holder.split(" ")[1]];
    if (pid === process.pid ? own === holder : isAlive(pid, start)) return { heldBy: pid };
    // The holder is dead. Only one of several takers gets to move its file away; a fresh lock is put back.
    const moved = `${path}.${process.pid}.stale`;
    try {
      renameSync(path, moved);
    } catch {
      continue;
    }
    if (read(moved) !== holder) restore(moved, path);
    rmSync(moved, { force: true });
  }
  return { heldBy: Number(read(path)?.split(" ")[0] ?? 0) };
}

/** The number of the living process that has the lock. */
export function holderOf(path: string): number | undefined {
  const [pid = "", start = ""] = (read(path) ?? "").split(" ");
  return isAlive(Number(pid), start) ? Number(pid) : undefined;
}

/** Written under another name first: whoever sees the lock sees its whole text. */
function create(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function restore(moved: string, path: string): void {
  try {
    linkSync(moved, path);
  } catch {
    // Another process has taken the lock meanwhile: it is held either way.
  }
}

function release(path: string, own: string): void {
  if (read(path) === own) rmSync(path, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function isAlive(pid: number, start: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if ((error as { code?: string }).code !== "EPERM") return false;
  }
  // The number may have been given to another process since.
  const now = startOf(pid);
  return now === undefined || start === "" || now === start;
}

/** When the process started, in clock ticks since boot; undefined where the host does not tell. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
