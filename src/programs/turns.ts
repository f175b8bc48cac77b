/** One run at a time per program instance, in this process: runs that come meanwhile wait for their turn, with a bound. */
import type { AbortSignalLike, Clock, Store } from "../execution/index.ts";

const queues = new WeakMap<Store, Map<string, Promise<void>>>();

/** Runs `work` when it is its turn; `undefined` when that is not before `deadline` (milliseconds by the clock). */
export async function inTurn<T>(
  host: { readonly store: Store; readonly clock: Clock },
  id: string,
  deadline: number,
  work: () => Promise<T>,
  signal?: AbortSignalLike,
): Promise<T | undefined> {
  const queue = queues.get(host.store) ?? new Map<string, Promise<void>>();
  queues.set(host.store, queue);
  const before = queue.get(id) ?? Promise.resolve();
  let leave = () => {};
  const mine = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const after = before.then(() => mine);
  queue.set(id, after);
  const forget = () => {
    leave();
    if (queue.get(id) === after) queue.delete(id);
  };
  let isMyTurn = false;
  const stop = stopSignal(signal);
  await Promise.race([
    before.then(() => {
      isMyTurn = true;
    }),
    host.clock.until(deadline, stop.signal),
  ]);
  stop.abort();
  if (!isMyTurn) {
    leave();
    return undefined;
  }
  try {
    return await work();
  } finally {
    forget();
  }
}

/** A signal that fires with another one, or by hand: so that a wait that is no longer needed ends. */
export function stopSignal(outer?: AbortSignalLike): { readonly signal: AbortSignalLike; abort(): void } {
  const listeners = new Set<() => void>();
  let aborted = outer?.aborted === true;
  const abort = () => {
    if (aborted) return;
    aborted = true;
    for (const listener of [...listeners]) listener();
    outer?.removeEventListener("abort", abort);
  };
  outer?.addEventListener("abort", abort);
  return {
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener: (_type, listener) => {
        listeners.add(listener);
      },
      removeEventListener: (_type, listener) => {
        listeners.delete(listener);
      },
    },
    abort,
  };
}
