/** What commands share: common options, the store, input files, and an orderly end on Ctrl-C. */
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import type { Store, StoreFailure } from "../../src/execution/index.ts";
import { CliFailure, Exit } from "./exit.ts";
import { note } from "./output.ts";

export interface CommonOptions {
  readonly json?: boolean;
  readonly store?: string;
}

/** Adds `--json` and `--store DIR` to a command. */
export function withCommonOptions(command: Command): Command {
  return command
    .option("--json", "print one JSON document")
    .option("--store <dir>", "store directory (default: $TB_STORE or .tb)");
}

export const storeDirectory = (options: CommonOptions): string =>
  resolve(options.store ?? process.env["TB_STORE"] ?? ".tb");

/** How long a command waits for another one that has the store. */
const LOCK_WAIT_MILLISECONDS = 3_000;
/** A Bandit that runs here lets others in whenever it has nothing to do. */
const BANDIT_WAIT_MILLISECONDS = 60_000;
const LOCK_POLL_MILLISECONDS = 50;

/** Held by the process that runs `tb bandit`. */
export const banditLock = (directory: string): string => join(directory, "bandit.lock");

/** Runs `work` with the store open, and closes it whatever happens. */
export async function withStore<T>(options: CommonOptions, work: (store: Store) => Promise<T> | T): Promise<T> {
  const { openLmdbStore, holderOfProcessLock } = await import("../../src/stores/lmdb/index.ts");
  const execution = await import("../../src/execution/index.ts");
  const directory = storeDirectory(options);
  let store: Store | undefined;
  for (let waited = 0; store === undefined; waited += LOCK_POLL_MILLISECONDS) {
    try {
      store = await openLmdbStore(join(directory, "store"), {
        onUpgrade: () => note(`bringing the store ${directory} up to date, once …`),
      });
    } catch (error) {
      if (!(error instanceof execution.StoreFailure)) throw error;
      const bandit = holderOfProcessLock(banditLock(directory));
      const isBandits = bandit !== undefined && bandit !== process.pid;
      const patience = isBandits ? BANDIT_WAIT_MILLISECONDS : LOCK_WAIT_MILLISECONDS;
      if (error.detail.kind !== "Locked" || waited >= patience) throw storeProblem(error);
      // Another command is mostly done in a moment.
      if (waited === LOCK_POLL_MILLISECONDS * 10) note(`waiting for ${error.detail.where}: another tb uses it`);
      await setTimeout(LOCK_POLL_MILLISECONDS);
    }
  }
  const opened = store;
  const release = onInterrupt(() => opened.close());
  try {
    return await work(opened);
  } catch (error) {
    if (error instanceof execution.StoreFailure) throw storeProblem(error);
    throw error;
  } finally {
    release();
    await opened.close();
  }
}

const storeHints: Readonly<Record<StoreFailure["detail"]["kind"], string>> = {
  Locked: "wait until the other tb has ended, or give another directory with --store DIR",
  DiskFull: "make room, and say it again: nothing was half written",
  Unusable: "give another directory with --store DIR",
  ReadOnly: "give another directory with --store DIR, or see to it that files may be written there",
  TooNew: "use the tb that wrote it, or a newer one",
  Damaged: "restore it from a copy, or give another directory with --store DIR",
};

/** The store cannot be used now; later it may be. */
export class StoreUnready extends CliFailure {}

function storeProblem({ message, detail }: StoreFailure): CliFailure {
  const passes = detail.kind === "Locked" || detail.kind === "DiskFull";
  return new (passes ? StoreUnready : CliFailure)(Exit.store, message, storeHints[detail.kind]);
}

/** Larger source files are refused before they are read. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Reads a file as bytes; a missing or unreadable one is a plain error with exit 3. */
export function readBytes(path: string, bytesMax: number = FILE_BYTES_MAX): Uint8Array {
  try {
    const info = statSync(path);
    if (info.isDirectory()) throw new CliFailure(Exit.source, `${path} is a directory, not a file`);
    // Opening a pipe waits for its writer, deaf to Ctrl-C.
    if (!info.isFile())
      throw new CliFailure(Exit.source, `${path} is a pipe or device, not a file`, "save it as a file");
    if (info.size > bytesMax)
      throw new CliFailure(Exit.source, `${path} has ${info.size} bytes, more than ${bytesMax}`);
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    throw cannotRead(path, error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "it may not be read",
  ELOOP: "its symbolic links lead in a circle",
  ENAMETOOLONG: "its name is too long",
};

/** What the system says when a file or folder cannot be read, in words. */
export function cannotRead(path: string, error: unknown): CliFailure {
  const code = (error as { code?: string }).code ?? String(error);
  return new CliFailure(Exit.source, `cannot read ${path}: ${reasons[code] ?? code}`);
}

const writeReasons: Readonly<Record<string, string>> = {
  ...reasons,
  ENOENT: "there is no such folder",
  ENOTDIR: "there is no such folder",
  EACCES: "it may not be written",
  EROFS: "it may only be read",
  EISDIR: "it is a folder",
  ENOSPC: "no room is left on the disk",
};

/** What the system says when a file cannot be written, in words. */
export function cannotWrite(path: string, error: unknown): CliFailure {
  const code = (error as { code?: string }).code ?? String(error);
  return new CliFailure(Exit.source, `cannot write ${path}: ${writeReasons[code] ?? code}`);
}

/** Reads a UTF-8 file strictly. */
export function readText(path: string): string {
  const bytes = readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CliFailure(Exit.source, `${path} is not valid UTF-8`, "save the file as UTF-8");
  }
}

const cleanups = new Set<() => unknown>();

/** Runs `cleanup` if the user presses Ctrl-C (or the process is asked to end); the returned function forgets it. */
export function onInterrupt(cleanup: () => unknown): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

export function installInterruptHandler(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      process.stderr.write("\ninterrupted\n");
      Promise.allSettled([...cleanups].reverse().map(async (cleanup) => cleanup())).then(() =>
        process.exit(Exit.interrupted),
      );
      // A second Ctrl-C ends at once.
      process.once(signal, () => process.exit(Exit.interrupted));
    });
  }
}
