/**
 * The calls of a run, after the fact. A trace holds no calls, as they follow from it: the run is done again with code that
 * tells of each call and return, and what it tells is what eager recording would have written.
 */
import type { ContentHash, Value } from "../content/index.ts";
import type { CodeSource, Watcher } from "./machine/Library.ts";
import { newLibrary } from "./machine/Library.ts";
import { run, start } from "./machine/schedule.ts";
import { causeOf, follow } from "./replay.ts";
import type * as Event from "./trace/Event.ts";
import type { Trace } from "./trace/Trace.ts";

export type ExecutionEvent =
  | {
      readonly kind: "FunctionInvocation";
      readonly hash: ContentHash.ContentHash;
      readonly name: string;
      readonly arguments: readonly Value.Value[];
      /** Calls around it in its branch. */
      readonly depth: number;
    }
  | {
      readonly kind: "FunctionReturn";
      readonly hash: ContentHash.ContentHash;
      readonly name: string;
      readonly value: Value.Value;
      readonly depth: number;
    }
  | Event.Event;

interface Call {
  readonly hash: ContentHash.ContentHash;
  readonly name: string;
  readonly frame: number;
}

/** Gives what happened since the last call of `take`. */
function watch(): { readonly watcher: Watcher; readonly take: () => ExecutionEvent[] } {
  let happened: ExecutionEvent[] = [];
  const stacks = new Map<number, Call[]>();
  const stackOf = (id: number): Call[] => {
    let stack = stacks.get(id);
    if (stack === undefined) {
      stack = [];
      stacks.set(id, stack);
    }
    return stack;
  };
  return {
    take: () => {
      const all = happened;
      happened = [];
      return all;
    },
    watcher: {
      entered(_machine, fiber, definition) {
        const stack = stackOf(fiber.id);
        const { hash, name } = definition;
        const args = fiber.registers.slice(fiber.base, fiber.base + definition.parameters);
        happened.push({ kind: "FunctionInvocation", hash, name, arguments: args, depth: stack.length });
        stack.push({ hash, name, frame: fiber.depth });
      },
      returns(_machine, fiber, value) {
        const stack = stackOf(fiber.id);
        // Calls in tail position share a frame, and return together.
        while (stack.at(-1)?.frame === fiber.depth) {
          const { hash, name } = stack.pop()!;
          happened.push({ kind: "FunctionReturn", hash, name, value, depth: stack.length });
        }
      },
      unwound(_machine, fiber) {
        const stack = stackOf(fiber.id);
        while (stack.length > 0 && stack.at(-1)!.frame > fiber.depth) stack.pop();
      },
    },
  };
}

/** All events of a run in order, calls and returns among them. Made as they are asked for. */
export function* derive(source: CodeSource, trace: Trace): Generator<ExecutionEvent> {
  const { watcher, take } = watch();
  const library = newLibrary(source, watcher);
  const { started, entries } = trace;
  const limits = { fuel: started.fuel, memoryBytes: started.memoryBytes };
  yield started;
  const machine = start(library, started.definition, started.arguments, limits, started.state);
  if (!machine.ok) return;
  let outcome = run(machine.value);
  for (let at = 1; at < entries.length; at++) {
    yield* take();
    const { event } = entries[at]!;
    yield event;
    // Snapshots name positions of unwatched code; they say nothing about calls.
    if (event.kind === "SnapshotTaken") continue;
    const cause = () => causeOf(library, started, started.definition, limits);
    const followed = follow(
      machine.value,
      outcome,
      [event].map((one) => ({ hash: entries[at]!.hash, event: one })),
      0,
      cause,
      entries[at]!.hash,
    );
    if (!followed.ok) return;
    outcome = followed.value.outcome;
  }
  yield* take();
}
