import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockLinks } from "../code/index.ts";
import { ContentHash, encode, Kind, type Value } from "../content/index.ts";
import { openMemoryStore } from "../stores/memory/index.ts";
import { newExecutor } from "./Executor.ts";
import type { EffectHandler } from "./effects.ts";
import { newLibrary } from "./machine/Library.ts";
import { type ReplayOptions, replay } from "./replay.ts";
import { $, builtin, call, definition, hashOf, let_, lit, perform, sourceOf } from "./testing/handMade.ts";
import { programOf } from "./testing/programs.ts";
import { testClock } from "./testing/testClock.ts";
import { showDivergence } from "./trace/Divergence.ts";
import * as Event from "./trace/Event.ts";
import { type Entry, readTrace, type Trace } from "./trace/Trace.ts";

const price = definition("price", 1, 1, perform("Observe", "observe", $(0), lit("ETH")));
const trade = (name: string, amount: number) =>
  definition(
    name,
    0,
    4,
    let_(
      0,
      call("price", lit("ethereum")),
      let_(
        1,
        call("price", lit("optimism")),
        let_(
          2,
          builtin("int.subtract", $(0), $(1)),
          let_(3, perform("Act", "act", lit("ethereum"), lit(amount)), { kind: "tuple", items: [$(2), $(3)] }),
        ),
      ),
    ),
  );
const source = sourceOf([price, trade("buy", 10), trade("buyMore", 20)]);

const effects: EffectHandler = {
  perform: async (request) => ({
    kind: "answer",
    value: request.arguments[0] === "ethereum" ? 3000 : 2900,
  }),
};

async function recorded(): Promise<{ readonly trace: Trace; readonly last: ContentHash.ContentHash }> {
  const store = openMemoryStore();
  const executor = newExecutor({ store, clock: testClock(0), effects, source });
  const context = executor.createContext();
  if (!context.ok) throw new Error(context.error.kind);
  const run = await executor.execute({ definition: hashOf("buy"), arguments: [] }, context.value);
  const trace = readTrace(store.blocks, run.trace!);
  if (!trace.ok) throw new Error(trace.error.kind);
  return { trace: trace.value, last: run.trace! };
}

/** The trace with one event changed, linked anew so that every address fits. */
function changed(trace: Trace, at: number, change: (event: Event.Event) => Event.Event): Trace {
  let previous: ContentHash.ContentHash | undefined;
  const entries = trace.entries.map((entry, i): Entry => {
    const event = i === at ? change(entry.event) : entry.event;
    const hash = ContentHash.of(Event.encode({ previous, event }));
    previous = hash;
    return { hash, event };
  });
  return { run: entries[0]!.hash, started: entries[0]!.event as Event.RunStarted, entries };
}

function divergence(trace: Trace, options: ReplayOptions = {}) {
  const replayed = replay(newLibrary(source), trace, trace.entries.at(-1)!.hash, options);
  if (replayed.ok || replayed.error.kind !== "Diverged") throw new Error("it did not diverge");
  return replayed.error.divergence;
}

describe("a trace that was changed diverges", () => {
  test("an answer: at the event that it first makes wrong", async () => {
    const { trace } = await recorded();
    const found = divergence(
      changed(trace, 1, (event) => ({ ...(event as Extract<Event.Event, { answer: Value.Value }>), answer: 3001 })),
    );
    expect(found).toMatchObject({ event: trace.entries.length - 1, reason: "the result differs" });
    expect(found.differences).toEqual([{ path: "$[0]", recorded: 100, attempted: 101 }]);
    expect(found.cause).toEqual({ kind: "JournalOrHost" });
    expect(found.agreeing).toHaveLength(5);
  });

  test("a request: at that request, with what was asked instead", async () => {
    const { trace } = await recorded();
    const found = divergence(
      changed(trace, 2, (event) => {
        const call = event as Extract<Event.Event, { kind: "ExternalDependencyCall" }>;
        return { ...call, asked: { ...call.asked!, arguments: ["base", "ETH"] } };
      }),
    );
    expect(found).toMatchObject({ event: 2, reason: "the request differs" });
    expect(found.differences).toEqual([{ path: "$.arguments[0]", recorded: "base", attempted: "optimism" }]);
    expect(found.callStack.map((frame) => frame.frameName)).toEqual(["price", "buy"]);
    expect(showDivergence(found)).toContain("diverged at event 2 of 6");
  });

  test("the fuel at the end", async () => {
    const { trace } = await recorded();
    const found = divergence(
      changed(trace, trace.entries.length - 1, (event) => {
        const end = event as Extract<Event.Event, { kind: "RunEnded" }>;
        return { ...end, end: { ...end.end, fuel: end.end.fuel + 1 } };
      }),
    );
    expect(found.differences.map((one) => one.path)).toEqual(["$.fuel"]);
  });

  test("an event left out", async () => {
    const { trace } = await recorded();
    const without = { ...trace, entries: trace.entries.toSpliced(2, 1) };
    expect(divergence(without)).toMatchObject({ event: 2, reason: "a request that was not made" });
  });
});

test("other code diverges where it asks something else, and the report names the definitions", async () => {
  const { trace } = await recorded();
  const found = divergence(trace, { definition: hashOf("buyMore") });
  expect(found).toMatchObject({
    event: 3,
    reason: "the request differs",
    cause: { kind: "CodeChanged", onlyRecorded: [hashOf("buy")], onlyAttempted: [hashOf("buyMore")] },
  });
  expect(found.differences).toEqual([{ path: "$.arguments[1]", recorded: 10, attempted: 20 }]);
});

test("another grant diverges, and is the cause", async () => {
  const { trace } = await recorded();
  const limits = { fuel: 500, memoryBytes: trace.started.memoryBytes };
  expect(divergence(trace, { limits })).toMatchObject({ cause: { kind: "GrantsDiffer" } });
});

test("any event survives its encoding, and any other bytes are refused or are an event", async () => {
  const { trace } = await recorded();
  trace.entries.forEach((entry, i) => {
    const previous = trace.entries[i - 1]?.hash;
    const decoded = Event.decode(Event.encode({ previous, event: entry.event }));
    expect(decoded).toEqual({ ok: true, value: { previous, event: entry.event } });
  });
  const bytes = trace.entries.map((entry, i) =>
    Event.encode({ previous: trace.entries[i - 1]?.hash, event: entry.event }),
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (number, place, flip) => {
      const damaged = bytes[number]!.slice();
      damaged[place % damaged.length]! ^= flip;
      const decoded = Event.decode(damaged);
      if (decoded.ok) expect(Event.encode(decoded.value)).toEqual(damaged);
    }),
  );
});

test("a damaged or missing event names its address", async () => {
  const { trace, last } = await recorded();
  const blocks = new Map(
    trace.entries.map((entry, i) => [
      entry.hash,
      Event.encode({ previous: trace.entries[i - 1]?.hash, event: entry.event }),
    ]),
  );
  const reads = {
    get: (hash: ContentHash.ContentHash) => blocks.get(hash),
    has: (hash: ContentHash.ContentHash) => blocks.has(hash),
  };
  expect(readTrace(reads, last).ok).toBe(true);
  const third = trace.entries[2]!.hash;
  const good = blocks.get(third)!;
  blocks.set(third, good.with(good.length - 1, 9));
  expect(readTrace(reads, last)).toMatchObject({ ok: false, error: { kind: "DamagedEvent", hash: third } });
  blocks.delete(third);
  expect(readTrace(reads, last)).toMatchObject({ ok: false, error: { kind: "MissingEvent", hash: third } });
});

test("the address of another kind of block is said to be no trace", () => {
  const block = encode([Kind.value, 1, [2, 7]]);
  const hash = ContentHash.of(block);
  const found = readTrace({ get: (at) => (at === hash ? block : undefined), has: (at) => at === hash }, hash);
  expect(found).toEqual({ ok: false, error: { kind: "NotATrace", hash } });
});

test("every run replays, and goes on identically after being cut off anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat(), async (seed, cut) => {
      const program = programOf(seed);
      const options = {
        clock: testClock(0),
        source: sourceOf(program.definitions),
        effects: { perform: async () => ({ kind: "answer", value: 7 }) } satisfies EffectHandler,
      };
      const store = openMemoryStore();
      const executor = newExecutor({ ...options, store });
      const context = executor.createContext();
      if (!context.ok) throw new Error(context.error.kind);
      const whole = await executor.execute(
        { definition: hashOf(program.main), arguments: [], state: program.state, salt: "s", snapshotEvery: cut % 3 },
        context.value,
      );
      const trace = readTrace(store.blocks, whole.trace!);
      if (!trace.ok) throw new Error(trace.error.kind);
      expect(replay(executor.library, trace.value, whole.trace!)).toMatchObject({ ok: true });

      // The same store as a crash would leave it: the first events, and all blocks.
      const kept = trace.value.entries.slice(0, 1 + (cut % trace.value.entries.length));
      const crashed = openMemoryStore();
      await crashed.write((transaction) => {
        for (const { event } of kept)
          if (event.kind === "SnapshotTaken") copySnapshot(store, transaction, event.snapshot);
        let head: ContentHash.ContentHash | undefined;
        kept.forEach((entry, i) => {
          const bytes = Event.encode({ previous: kept[i - 1]?.hash, event: entry.event });
          transaction.append(`run/${trace.value.run}`, head, bytes);
          head = entry.hash;
        });
      });
      const resumed = await newExecutor({ ...options, store: crashed }).resume(trace.value.run);
      if (!resumed.ok) throw new Error(JSON.stringify(resumed.error));
      expect(resumed.value.result.ok).toBe(whole.result.ok);
      if (whole.result.ok && resumed.value.result.ok) expect(resumed.value.result.value).toEqual(whole.result.value);
      expect(resumed.value.fuel).toBe(whole.fuel);
      expect(resumed.value.state).toEqual(whole.state);
    }),
    { numRuns: 150 },
  );
});

/** The blocks under a snapshot: its root links its segments. */
function copySnapshot(
  from: ReturnType<typeof openMemoryStore>,
  to: { put(block: Uint8Array): ContentHash.ContentHash },
  root: ContentHash.ContentHash,
): void {
  const pending = [root];
  const seen = new Set<ContentHash.ContentHash>();
  for (let hash = pending.pop(); hash !== undefined; hash = pending.pop()) {
    const bytes = from.blocks.get(hash);
    if (bytes === undefined || seen.has(hash)) continue;
    seen.add(hash);
    to.put(bytes);
    pending.push(...(blockLinks(bytes) ?? []));
  }
}
