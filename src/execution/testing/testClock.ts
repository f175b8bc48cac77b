/** A clock that a test moves. */
import type { AbortSignalLike, Clock } from "../ports.ts";

export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  /** Resolves when at least so many wait for a time to come. */
  sleepers(count: number): Promise<void>;
}

export function testClock(start: number): TestClock {
  let now = start;
  let waiting: { readonly until: number; readonly wake: () => void }[] = [];
  let watchers: { readonly count: number; readonly resolve: () => void }[] = [];
  return {
    now: () => now,
    until(instant: number, signal?: AbortSignalLike) {
      if (instant <= now || signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = { until: instant, wake: () => resolve() };
        waiting.push(sleeper);
        signal?.addEventListener("abort", () => {
          waiting = waiting.filter((one) => one !== sleeper);
          resolve();
        });
        for (const watcher of watchers) if (waiting.length >= watcher.count) watcher.resolve();
      });
    },
    advance(milliseconds) {
      now += milliseconds;
      const due = waiting.filter((one) => one.until <= now);
      waiting = waiting.filter((one) => one.until > now);
      for (const one of due) one.wake();
    },
    sleepers(count) {
      if (waiting.length >= count) return Promise.resolve();
      return new Promise((resolve) => {
        watchers = [...watchers, { count, resolve }];
      });
    },
  };
}
