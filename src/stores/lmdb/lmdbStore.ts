/**
 * The store on disk: one LMDB environment, one write transaction for blocks, logs, names and dependents.
 *
 * Durable before acknowledged: `overlappingSync` (the binding's default, under which a commit is visible before it is
 * on disk) is off, and a write's promise settles after the commit's sync. Writes that are asked for in the same turn of
 * the event loop share one commit; one that throws is taken back alone.
 */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { open, type RootDatabase } from "lmdb";
import { type Store, StoreFailure, type StoreTransaction } from "../../execution/index.ts";
import { isHostError, storeFailure } from "./failure.ts";
import { bringUpToDate, checkFormat } from "./indexes.ts";
import { inspect } from "./inspect.ts";
import { acquire, holderOf } from "./ProcessLock.ts";
import { openTables, reads, type Tables, writes } from "./tables.ts";

export interface LmdbStoreOptions {
  /** Hash every block that is read and refuse one that is not what its address says. Costs some microseconds each. */
  readonly verify?: boolean;
  /** Called before a store of an earlier format is brought up to date, which takes some seconds for 100,000 definitions. */
  readonly onUpgrade?: () => void;
  /** Called after each commit with the number of writes that shared it: for measurements. */
  readonly onCommit?: (writes: number) => void;
}

/**
 * How much of its list of free pages LMDB keeps in memory between commits, in entries; the rest is read again when it is
 * needed. Each commit sorts the whole list, so after a bulk write the default (75,000) makes every small write cost
 * five times as much until the store is opened again. The binding takes this option, but its types do not tell it.
 */
const FREE_LIST = { maxFreeSpaceToRetain: 2_000 };

const LAYOUT = {
  noSubdir: false,
  overlappingSync: false,
  maxDbs: 16,
  encoding: "binary",
  keyEncoding: "binary",
} as const;

type Outcome = { readonly value: unknown } | { readonly error: unknown };

interface Job {
  readonly run: (transaction: StoreTransaction) => unknown;
  readonly settle: (outcome: Outcome) => void;
}

/** Step by step: the host's recursive form never ends where no folder can be made, as under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as { code?: string }).code !== "EEXIST") throw error;
  }
}

const MAY_NOT_WRITE = new Set(["EACCES", "EPERM", "EROFS"]);

/** The lock of a store that is to be written, or of one that is there and may only be read. */
function lockOf(where: string): ReturnType<typeof acquire> | "only reading" {
  const path = join(where, "owner");
  try {
    makeFolder(where);
    return acquire(path);
  } catch (error) {
    const { code = "" } = error as { readonly code?: string };
    if (!MAY_NOT_WRITE.has(code) || !existsSync(join(where, "data.mdb"))) throw error;
    const heldBy = holderOf(path);
    return heldBy === undefined ? "only reading" : { heldBy };
  }
}

/**
 * Opens the store in a directory, which is made where it is missing. One that may only be read is opened for reading: its
 * writes reject with ReadOnly. Throws StoreFailure: Locked when another process (or another part of this one) has it open,
 * DiskFull, Damaged when the files are not a whole store, or TooNew.
 */
export async function openLmdbStore(directory: string, options: LmdbStoreOptions = {}): Promise<Store> {
  const where = resolve(directory);
  const lock = guard(where, () => lockOf(where));
  if (lock === "only reading") return openForReading(where, options);
  if ("heldBy" in lock) throw new StoreFailure({ kind: "Locked", where: `${where} (process ${lock.heldBy})` });
  let env: RootDatabase | undefined;
  let tables: Tables;
  try {
    inspect(where, false);
    env = open({ ...LAYOUT, path: where, ...FREE_LIST });
    tables = openTables(env);
    bringUpToDate(env, tables, reads(tables, where, false), where, options.onUpgrade);
  } catch (error) {
    await env?.close();
    lock.release();
    throw storeFailure(error, where);
  }
  const environment = env;

  let queue: Job[] = [];
  let closed = false;

  /** Runs one write. Work that throws is taken back inside the transaction, so that the others' is kept. */
  const runJob = (job: Job): Outcome => {
    const { transaction, undo, end } = writes(tables, where, options.verify === true);
    try {
      return { value: job.run(transaction) };
    } catch (error) {
      if (isHostError(error)) throw error;
      undo();
      return { error };
    } finally {
      end();
    }
  };

  /** One commit for everything that waits. */
  const flush = (): void => {
    const jobs = queue;
    queue = [];
    if (jobs.length === 0) return;
    const outcomes: Outcome[] = [];
    try {
      environment.transactionSync(() => {
        for (const job of jobs) outcomes.push(runJob(job));
      });
    } catch (error) {
      const failure = isHostError(error) ? storeFailure(error, where) : error;
      // Nothing was written. Work that failed by itself keeps its own reason.
      jobs.forEach((job, i) => {
        const own = outcomes[i];
        job.settle(own !== undefined && "error" in own ? own : { error: failure });
      });
      return;
    }
    options.onCommit?.(jobs.length);
    jobs.forEach((job, i) => {
      job.settle(outcomes[i]!);
    });
  };

  return {
    ...reads(tables, where, options.verify === true),
    write: <T>(work: (transaction: StoreTransaction) => T) =>
      new Promise<T>((fulfil, reject) => {
        if (closed) throw new Error("internal error: the store is closed");
        if (queue.length === 0) setImmediate(flush);
        queue.push({
          run: work,
          settle: (outcome) => ("error" in outcome ? reject(outcome.error) : fulfil(outcome.value as T)),
        });
      }),
    async close() {
      if (closed) return;
      closed = true;
      flush();
      await environment.close();
      lock.release();
    },
  };
}

async function openForReading(where: string, options: LmdbStoreOptions): Promise<Store> {
  let env: RootDatabase | undefined;
  let tables: Tables;
  try {
    inspect(where, true);
    env = open({ ...LAYOUT, path: where, readOnly: true });
    tables = openTables(env);
    checkFormat(tables, where);
  } catch (error) {
    await env?.close();
    throw storeFailure(error, where);
  }
  const opened = env;
  return {
    ...reads(tables, where, options.verify === true),
    write: () => Promise.reject(new StoreFailure({ kind: "ReadOnly", where })),
    close: () => opened.close(),
  };
}

function guard<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeFailure(error, where);
  }
}
