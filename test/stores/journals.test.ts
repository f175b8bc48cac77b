/** The journals over a store, against lists: of transactions that were signed, and of the events of a run. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContentHash, encodeValue, Value } from "../../src/content/index.ts";
import { readTrace, type Store, type StoreReads, TraceEvent } from "../../src/execution/index.ts";
import * as Journal from "../../src/execution/Journal.ts";
import { saltedStream, streamOf } from "../../src/execution/trace/Trace.ts";
import { storeJournal, wasSigned } from "../../src/programs/index.ts";
import { effectOf } from "../../src/programs/Journal.ts";
import { memoryJournal, type SignedTransaction, type TransactionJournal } from "../../src/protocol/index.ts";
import { Bytes } from "../../src/std/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import * as any from "../decoders/arbitrary.ts";

const seeds = { numRuns: 60, seed: 20_261_126 };

// ------------------------------------------------------------------------------------------------ transactions

const timeline = fc.constantFrom("ethereum", "optimism", "__proto__");
const effect = fc.constantFrom("a", "b", "c/approve", "toString");
const sender = fc.constantFrom(1, 2).map((byte) => new Uint8Array(20).fill(byte));
const signed: fc.Arbitrary<SignedTransaction> = fc.record({
  timeline,
  effect,
  action: any.hash,
  sender,
  nonce: fc.oneof(fc.nat(5), fc.constantFrom(2 ** 53 - 1)),
  hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  raw: any.bytes,
});

interface Ledgers {
  readonly store: Store;
  /** Two adapters on one store: each must see what the other wrote. */
  readonly open: TransactionJournal[];
}

type Command = fc.AsyncCommand<ReturnType<typeof memoryJournal>, Ledgers>;
const command = (name: string, run: Command["run"]): Command => ({ check: () => true, run, toString: () => name });

const transactions = fc.commands<ReturnType<typeof memoryJournal>, Ledgers, false>(
  [
    fc.tuple(signed, fc.nat(1)).map(([one, which]) =>
      command(`record ${one.effect} on ${one.timeline} by ${which}`, async (model, { open }) => {
        await model.record(one);
        await open[which]!.record(one);
      }),
    ),
    fc.tuple(timeline, effect, fc.nat(1)).map(([at, what, which]) =>
      command(`find ${what} on ${at} by ${which}`, async (model, { store, open }) => {
        const found = await model.find(at, what);
        expect(await open[which]!.find(at, what)).toEqual(found);
        expect(wasSigned(store, at, what)).toBe(found !== undefined);
        if (found !== undefined) expect(effectOf(store, at, `0x${Bytes.toHex(found.hash)}`)).toBe(what);
      }),
    ),
    fc.tuple(timeline, sender, fc.nat(1)).map(([at, who, which]) =>
      command(`signed on ${at} by ${which}`, async (model, { open }) => {
        expect(await open[which]!.signedBy(at, who)).toEqual(await model.signedBy(at, who));
      }),
    ),
    fc.nat(1).map((which) =>
      command(`restart ${which}`, async (_, { store, open }) => {
        open[which] = storeJournal(store);
      }),
    ),
  ],
  { maxCommands: 30, size: "max" },
);

describe("the transaction journal", () => {
  test("is the list of what was signed, for every adapter and after every restart", async () => {
    await fc.assert(
      fc.asyncProperty(transactions, async (commands) => {
        await fc.asyncModelRun(() => {
          const store = openMemoryStore();
          return { model: memoryJournal(), real: { store, open: [storeJournal(store), storeJournal(store)] } };
        }, commands);
      }),
      seeds,
    );
  });

  test("may be as long as a program lives", async () => {
    // More than the arguments of one call.
    const one = { ...fc.sample(signed, { numRuns: 1, seed: 1 })[0]!, raw: Bytes.empty };
    const small = openMemoryStore();
    await storeJournal(small).record(one);
    const [head] = small.logEntries(`journal/${one.timeline}`);
    const lines = new Array(126_000).fill(head);
    const long: Store = { ...small, logEntries: (_, from = 0) => lines.slice(from) };
    expect(await storeJournal(long).find(one.timeline, one.effect)).toEqual(one);
  });

  test("that is damaged is our own bug, and is not read past", async () => {
    const store = openMemoryStore();
    await store.write((tx) => tx.append("journal/ethereum", undefined, encodeValue("no line")));
    await expect(storeJournal(store).find("ethereum", "a")).rejects.toThrow(/journal of ethereum is damaged at 0/);
  });
});

// ------------------------------------------------------------------------------------------------ events of a run

const started = fc.record({
  kind: fc.constant("RunStarted" as const),
  definition: any.hash,
  name: fc.constant(undefined),
  arguments: fc.array(any.value, { maxLength: 2 }),
  state: fc.option(fc.constant(Value.record([["a", 1]])), { nil: undefined }),
  fuel: any.count,
  memoryBytes: any.count,
  executor: fc.constant("1"),
  // A salt that no stream can be named by is a run all the same.
  salt: fc.oneof(fc.constantFrom("salt", "other", "x".repeat(2000), "a\0b"), any.text),
});
const event: fc.Arbitrary<TraceEvent.Event> = fc.oneof(
  fc.record({ kind: fc.constant("LateReturn" as const), index: fc.nat(3), answer: any.value }),
  fc.record({ kind: fc.constant("DeadlineFired" as const), scope: fc.nat(3), at: any.int }),
);

interface Run {
  readonly store: Store;
  journal: Journal.Journal;
}
interface Events {
  /** Addresses of all events, and of those that are durable. */
  readonly all: ContentHash.ContentHash[];
  durable: number;
  readonly blocks: ContentHash.ContentHash[];
}

/** What anybody reads is what was flushed, whole and in order. */
function agree(model: Events, { store, journal }: Run): void {
  expect(journal.head).toBe(model.all.at(-1));
  expect(journal.count).toBe(model.all.length);
  const flushed = model.all.slice(0, model.durable);
  expect(store.logEntries(streamOf(journal.run)).map((head) => head.entry)).toEqual(flushed);
  if (model.durable === 0) return;
  const trace = readTrace(store.blocks, flushed.at(-1)!);
  expect(trace.ok && trace.value.entries.map((entry) => entry.hash)).toEqual(flushed);
  expect(trace.ok && trace.value.run).toBe(journal.run);
}

type Turn = fc.AsyncCommand<Events, Run>;
const turn = (name: string, run: (model: Events, real: Run) => Promise<void>): Turn => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    agree(model, real);
  },
  toString: () => name,
});

const turns = fc.commands<Events, Run, false>(
  [
    event.map((one) =>
      turn(`add ${one.kind}`, async (model, { journal }) => {
        const previous = model.all.at(-1);
        Journal.add(journal, one);
        model.all.push(ContentHash.of(TraceEvent.encode({ previous, event: one })));
      }),
    ),
    any.value.map((value) =>
      turn("add a block", async (model, { journal }) => {
        const block = encodeValue(value);
        journal.blocks.push(block);
        model.blocks.push(ContentHash.of(block));
      }),
    ),
    fc.constant(
      turn("flush", async (model, { store, journal }) => {
        const isWaiting = model.durable < model.all.length;
        await Journal.flush(journal);
        model.durable = model.all.length;
        if (isWaiting) for (const hash of model.blocks.splice(0)) expect(store.blocks.has(hash)).toBe(true);
      }),
    ),
    fc.constant(
      turn("restart", async (model, real) => {
        if (model.durable === 0) return;
        model.all.length = model.durable;
        model.blocks.length = 0;
        real.journal = Journal.reopen(real.store, real.journal.run, model.all.at(-1)!, model.durable);
      }),
    ),
  ],
  { maxCommands: 20, size: "max" },
);

describe("the journal of a run", () => {
  test("makes durable what was added, in order, and goes on after any restart", async () => {
    await fc.assert(
      fc.asyncProperty(started, turns, async (first, commands) => {
        const store = openMemoryStore();
        const journal = Journal.open(store, first);
        const model: Events = { all: [journal.run], durable: 0, blocks: [] };
        await fc.asyncModelRun(() => ({ model, real: { store, journal } }), commands);
      }),
      seeds,
    );
  });

  test("is found by its salt when it is a program's, once for each run", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(started, { maxLength: 4, selector: runOf }), async (runs) => {
        const store = openMemoryStore();
        for (const one of [...runs, ...runs]) await Journal.flush(Journal.open(store, one));
        for (const salt of ["salt", "other"]) {
          const own = runs.flatMap((one) => (one.salt === salt && one.state !== undefined ? [runOf(one)] : []));
          expect(store.logEntries(saltedStream(salt)).map((head) => head.entry)).toEqual(own);
        }
      }),
      seeds,
    );
  });

  test("whose store fails has written nothing", async () => {
    const store = openMemoryStore();
    const first = fc.sample(started, { numRuns: 1, seed: 1 })[0]!;
    const failing: Store = { ...store, write: () => Promise.reject(new Error("the disk is full")) };
    await expect(Journal.flush(Journal.open(failing, first))).rejects.toThrow("the disk is full");
    expect((store as StoreReads).logStreams("")).toEqual([]);
  });
});

function runOf(first: TraceEvent.RunStarted): ContentHash.ContentHash {
  return ContentHash.of(TraceEvent.encode({ previous: undefined, event: first }));
}
