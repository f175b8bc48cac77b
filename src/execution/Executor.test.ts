import { describe, expect, test } from "vitest";
import { codeFormat } from "../code/index.ts";
import { Decimal, encode, Value } from "../content/index.ts";
import { openMemoryStore } from "../stores/memory/index.ts";
import { showExecutionError } from "./ExecutionError.ts";
import { type Execution, newExecutor } from "./Executor.ts";
import type { EffectAnswer, EffectHandler, EffectRequest } from "./effects.ts";
import { staticAllocator } from "./ResourceAllocator.ts";
import { replay } from "./replay.ts";
import { newSecuritySandbox } from "./Sandbox.ts";
import { $, builtin, closure, definition, fib, hashOf, let_, lit, perform, sourceOf } from "./testing/handMade.ts";
import { testClock } from "./testing/testClock.ts";
import { readTrace, type streamOf } from "./trace/Trace.ts";

const observing = definition(
  "observing",
  1,
  3,
  let_(
    1,
    perform("Observe", "observe", lit("ethereum"), $(0)),
    let_(2, perform("Act", "act", lit("ethereum"), $(1)), builtin("value.show", $(2))),
  ),
);
const branches = definition(
  "branches",
  0,
  2,
  let_(0, closure("one"), let_(1, closure("two"), { kind: "par", names: ["b", "a"], branches: [$(0), $(1)] })),
);
const one = definition("one", 0, 0, perform("Observe", "observe", lit("ethereum"), lit(1)));
const two = definition("two", 0, 0, perform("Observe", "observe", lit("optimism"), lit(2)));
const patient = definition("patient", 0, 1, {
  kind: "within",
  duration: lit(Value.duration(1000)),
  body: perform("Observe", "observe", lit("ethereum"), lit(1)),
  otherwise: { kind: "atom", atom: lit("too late") },
});
const counter = definition(
  "counter",
  0,
  4,
  let_(
    0,
    { kind: "stateGet", field: "n" },
    let_(
      1,
      builtin("int.add", $(0), lit(1)),
      let_(
        2,
        { kind: "stateSet", field: "n", value: $(1) },
        let_(3, perform("Emit", "emit", $(1)), { kind: "fault", code: "AssertionFailed", message: lit("after") }),
      ),
    ),
  ),
);
const pay = perform("Transfer", "transfer", lit("shop"), lit("ETH"), lit(Decimal.fromInt(10)));
const paying = definition("paying", 0, 1, let_(0, pay, pay));
const racing = definition(
  "racing",
  0,
  2,
  let_(0, closure("one"), let_(1, closure("two"), { kind: "race", branches: [$(0), $(1)] })),
);

const source = sourceOf([observing, branches, one, two, patient, counter, paying, racing, fib]);

function setUp(answer: (request: EffectRequest) => EffectAnswer | Promise<EffectAnswer>) {
  const store = openMemoryStore();
  const clock = testClock(1000);
  const seen: EffectRequest[] = [];
  const effects: EffectHandler = {
    perform: async (request) => {
      seen.push(request);
      return answer(request);
    },
  };
  const executor = newExecutor({ store, clock, effects, source });
  const context = executor.createContext();
  if (!context.ok) throw new Error(context.error.kind);
  const execute = (name: string, args: readonly Value.Value[] = [], more: Partial<Execution> = {}) =>
    executor.execute({ definition: hashOf(name), arguments: args, ...more }, context.value);
  const again = (hash: Parameters<typeof readTrace>[1] | undefined) => {
    const trace = readTrace(store.blocks, hash!);
    if (!trace.ok) throw new Error(trace.error.kind);
    return { trace: trace.value, replayed: replay(executor.library, trace.value, hash!) };
  };
  return { store, clock, executor, context: context.value, execute, seen, again };
}

const value = (given: Value.Value): EffectAnswer => ({ kind: "answer", value: given });

describe("a run with effects", () => {
  test("asks, records and replays", async () => {
    const { execute, again } = setUp((request) => value(`${request.operation} ${String(request.arguments[1])}`));
    const run = await execute("observing", [7]);
    expect(run.result).toEqual({ ok: true, value: "act observe 7" });
    const { trace, replayed } = again(run.trace);
    expect(trace.entries.map((entry) => entry.event.kind)).toEqual([
      "RunStarted",
      "ExternalDependencyCall",
      "EffectIntent",
      "ExternalDependencyCall",
      "RunEnded",
    ]);
    expect(replayed.ok).toBe(true);
  });

  test("par asks all at once, and the order of answers is recorded", async () => {
    const waiting: (() => void)[] = [];
    const { execute, again, seen } = setUp(
      (request) =>
        new Promise((resolve) => {
          waiting.push(() => resolve(value(request.arguments[1]!)));
          if (waiting.length < 2) return;
          waiting[1]!();
          setTimeout(waiting[0]!, 5);
        }),
    );
    const run = await execute("branches");
    expect(seen.map((request) => request.index)).toEqual([0, 1]);
    expect(run.result).toEqual({
      ok: true,
      value: Value.record([
        ["a", 2],
        ["b", 1],
      ]),
    });
    const { trace, replayed } = again(run.trace);
    const answered = trace.entries.flatMap(({ event }) =>
      event.kind === "ExternalDependencyCall" ? [event.index] : [],
    );
    expect(answered).toEqual([1, 0]);
    expect(replayed.ok).toBe(true);
  });

  test("a deadline fires, is recorded, and the answer is late", async () => {
    let late = () => {};
    const { execute, clock, again } = setUp(
      () =>
        new Promise((resolve) => {
          late = () => resolve(value(1));
        }),
    );
    const running = execute("patient");
    await clock.sleepers(1);
    clock.advance(1000);
    const run = await running;
    late();
    expect(run.result).toEqual({ ok: true, value: "too late" });
    const { trace, replayed } = again(run.trace);
    expect(trace.entries.map((entry) => entry.event.kind)).toEqual([
      "RunStarted",
      "EffectApplication",
      "DeadlineFired",
      "RunEnded",
    ]);
    expect(replayed.ok).toBe(true);
  });

  test("state is committed at each effect and dropped after the last one on a fault", async () => {
    const { execute } = setUp(() => value(Value.unit));
    const run = await execute("counter", [], { state: Value.record([["n", 1]]) });
    expect(run.result).toMatchObject({ ok: false, error: { kind: "Fault", code: "AssertionFailed" } });
    expect(run.state).toEqual(Value.record([["n", 2]]));
  });

  test("a race takes the first answer, and the other one is late", async () => {
    const waiting = new Map<number, () => void>();
    const { execute, again } = setUp(
      (request) =>
        new Promise((resolve) => {
          waiting.set(request.index, () => resolve(value(request.index)));
          if (waiting.size < 2) return;
          waiting.get(1)!();
          setTimeout(waiting.get(0)!, 5);
        }),
    );
    const run = await execute("racing");
    expect(run.result).toEqual({ ok: true, value: 1 });
    expect(again(run.trace).replayed.ok).toBe(true);
  });
});

describe("the sandbox", () => {
  test("denies what is not allowed, and nothing happens outside", async () => {
    const { execute, seen, again } = setUp(() => value(1));
    const run = await execute("observing", [7], { sandbox: newSecuritySandbox(["Observe"]) });
    expect(run.result).toMatchObject({ ok: false, error: { kind: "EffectDenied", label: "Act" } });
    expect(seen.map((request) => request.operation)).toEqual(["observe"]);
    expect(again(run.trace).replayed.ok).toBe(true);
  });

  test("a timeout is a limit of fuel", async () => {
    const { execute } = setUp(() => value(1));
    const run = await execute("fib", [30], { sandbox: newSecuritySandbox([], { timeoutMillis: 10 }) });
    expect(run.result).toEqual({ ok: false, error: { kind: "Timeout", timeoutMillis: 10, by: "fuel" } });
  });
});

test("names are resolved when they are called, and recorded", async () => {
  const { store, executor, context } = setUp(() => value(1));
  const hash = hashOf("fib");
  await store.write((transaction) =>
    transaction.setName("math.fib", undefined, hash, { author: "t", time: 0, reason: "" }),
  );
  expect(await executor.executeByName("math.fib", [10], context)).toEqual({ ok: true, value: 55 });
  expect(await executor.executeByName("math.fob", [10], context)).toEqual({
    ok: false,
    error: { kind: "UnknownName", name: "math.fob", similar: "math.fib" },
  });
  const trace = readTrace(store.blocks, context.state.executionTrace[0]!);
  expect(trace).toMatchObject({ ok: true, value: { started: { name: "math.fib", definition: hash } } });
});

test("a run that was cut off goes on where it was, and nothing is asked twice under another key", async () => {
  const first = setUp((request) => (request.operation === "act" ? new Promise(() => {}) : value("seen")));
  void first.execute("observing", [7], { salt: "x" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const run = first.store.logStreams("run/")[0]!.slice(4) as Parameters<typeof streamOf>[0];
  expect(first.seen.map((request) => request.operation)).toEqual(["observe", "act"]);
  const keys: string[] = [];
  const executor = newExecutor({
    store: first.store,
    clock: first.clock,
    source,
    effects: {
      perform: async (request) => {
        keys.push(`${request.operation} ${request.idempotencyKey}`);
        return value("done");
      },
    },
  });
  const resumed = await executor.resume(run);
  expect(resumed).toMatchObject({ ok: true, value: { result: { ok: true, value: "done" } } });
  expect(keys).toEqual([`act ${first.seen[1]!.idempotencyKey}`]);
});

test("a destroyed context refuses further use and gives back its grant", () => {
  const { executor, context } = setUp(() => value(1));
  const child = executor.createContext(context);
  executor.destroyContext(context);
  executor.destroyContext(context);
  expect(child.ok && executor.createContext(child.value)).toMatchObject({
    ok: false,
    error: { kind: "ContextClosed" },
  });
  expect(executor.createContext()).toMatchObject({ ok: true });
});

test("a context that is destroyed while it runs gives its grant back when the run has ended, and not before", async () => {
  const half = { memoryBytes: 2 ** 20, cpuMillis: 1000, ioOperations: 10, effectCount: 10 };
  const allocator = staticAllocator(half);
  let answer = (_: EffectAnswer): void => {};
  const effects: EffectHandler = { perform: () => new Promise((resolve) => (answer = resolve)) };
  const executor = newExecutor({ store: openMemoryStore(), clock: testClock(0), effects, source, allocator });
  const parent = executor.createContext(undefined, { request: half });
  if (!parent.ok) throw new Error(parent.error.kind);
  const child = executor.createContext(parent.value);
  if (!child.ok) throw new Error(child.error.kind);
  const running = executor.executeByHash(hashOf("one"), [], child.value);
  await new Promise((resolve) => setTimeout(resolve, 5));
  executor.destroyContext(parent.value);
  expect(executor.createContext(undefined, { request: half })).toMatchObject({
    error: { kind: "AllocationRefused", available: 0 },
  });
  answer(value("late"));
  expect(await running).toEqual({ ok: true, value: "late" });
  expect(await executor.executeByHash(hashOf("one"), [], child.value)).toMatchObject({
    error: { kind: "ContextClosed" },
  });
  // All but what the run used for good.
  const rest = { memoryBytes: 2 ** 20, cpuMillis: 999, ioOperations: 9, effectCount: 9 };
  expect(executor.createContext(undefined, { request: rest })).toMatchObject({ ok: true });
});

test("the trace of a context has the calls too, derived", async () => {
  const { executor, context } = setUp(() => value(1));
  await executor.executeByHash(hashOf("fib"), [2], context);
  const events = [...executor.getExecutionTrace(context)];
  expect(events.map((event) => event.kind)).toEqual([
    "RunStarted",
    "FunctionInvocation",
    "FunctionInvocation",
    "FunctionReturn",
    "FunctionInvocation",
    "FunctionReturn",
    "FunctionReturn",
    "RunEnded",
  ]);
});

describe("every error has its kind", () => {
  const answered = () => setUp(() => value(1));
  const grant = { memoryBytes: 2 ** 20, cpuMillis: 1000, ioOperations: 10, effectCount: 10 };

  test("UnknownHash, InvalidCode, TypeMismatch: nothing has begun", async () => {
    const { execute } = answered();
    expect(await execute("nowhere")).toMatchObject({ result: { error: { kind: "UnknownHash" } }, trace: undefined });
    const typed = {
      ...definition("typed", 1, 1, { kind: "atom", atom: $(0) }),
      signature: {
        kind: "function" as const,
        parameters: [{ kind: "builtin" as const, name: "Int", arguments: [] }],
        result: { kind: "builtin" as const, name: "Int", arguments: [] },
        row: { labels: [], variable: undefined },
      },
    };
    const wrong = definition("wrong", 0, 0, { kind: "atom", atom: $(5) });
    const executor = newExecutor({ store: openMemoryStore(), clock: testClock(0), source: sourceOf([typed, wrong]) });
    const context = executor.createContext();
    if (!context.ok) throw new Error(context.error.kind);
    expect(await executor.executeByHash(hashOf("typed"), ["text"], context.value)).toMatchObject({
      error: { kind: "TypeMismatch", expected: "Int for argument 1", got: '"text"' },
    });
    expect(await executor.executeByHash(hashOf("wrong"), [], context.value)).toMatchObject({
      error: { kind: "InvalidCode" },
    });
    expect(await executor.executeByHash(hashOf("typed"), [], context.value)).toMatchObject({
      error: { kind: "TypeMismatch", expected: "1 argument", got: "0" },
    });
  });

  test("IncompatibleFormat names the format that it would take", async () => {
    const store = openMemoryStore();
    const hash = await store.write((transaction) => transaction.put(encode([2, codeFormat + 1, "anything"])));
    const executor = newExecutor({ store, clock: testClock(0) });
    const context = executor.createContext();
    if (!context.ok) throw new Error(context.error.kind);
    const refused = await executor.executeByHash(hash, [], context.value);
    expect(refused).toMatchObject({
      error: { kind: "IncompatibleFormat", format: codeFormat + 1, formatMax: codeFormat },
    });
    expect(!refused.ok && showExecutionError(refused.error)).toContain("update time-bandits");
  });

  test("OutOfFuel and OutOfMemory use up the grant", async () => {
    const small = (more: object) => ({ ...newSecuritySandbox([], { ...grant, ...more }), timeoutMillis: 1e6 });
    const { execute } = answered();
    const fuel = await execute("fib", [40], { sandbox: small({ cpuMillis: 1 }) });
    expect(fuel).toMatchObject({ result: { error: { kind: "OutOfFuel", fuel: 100_000 } }, fuel: 100_000 });
    const memory = await execute("fib", [40], { sandbox: small({ memoryBytes: 500 }) });
    expect(memory).toMatchObject({ result: { error: { kind: "OutOfMemory", memoryBytes: 500 } }, memoryBytes: 500 });
  });

  test("EffectBudget and IoBudget end the run before the effect", async () => {
    for (const [resource, kind] of [
      ["effectCount", "EffectBudget"],
      ["ioOperations", "IoBudget"],
    ] as const) {
      const { execute, seen, again } = answered();
      const sandbox = newSecuritySandbox(["Observe", "Act"], { ...grant, [resource]: 1 });
      const run = await execute("observing", [7], { sandbox });
      expect(run.result).toMatchObject({ error: { kind } });
      expect(seen).toHaveLength(1);
      expect(again(run.trace).replayed.ok).toBe(true);
    }
  });

  test("EffectDenied by timeline and by amount, ExternalCallDenied by target", async () => {
    const scoped = (scope: object, calls: ReadonlySet<string> | "all" = "all") => ({
      ...newSecuritySandbox([], grant),
      allowedEffects: new Map([
        ["Observe", scope],
        ["Act", {}],
        ["Transfer", scope],
      ]),
      allowedExternalCalls: calls,
    });
    const { execute } = answered();
    expect((await execute("observing", [7], { sandbox: scoped({ timelines: ["optimism"] }) })).result).toMatchObject({
      error: { kind: "EffectDenied", reason: "the timeline ethereum is not among those allowed" },
    });
    const calls = new Set(["observe:ethereum"]);
    expect((await execute("observing", [7], { sandbox: scoped({}, calls) })).result).toMatchObject({
      error: { kind: "ExternalCallDenied", call: "act:ethereum" },
    });
    const amountMax = new Map([["ETH", Decimal.fromInt(15)]]);
    const paid = await execute("paying", [], { sandbox: scoped({ amountMax }) });
    expect(paid.result).toMatchObject({
      error: { kind: "EffectDenied", reason: "20 ETH in all is more than the 15 that may be moved" },
    });
    expect(paid.effects).toBe(2);
  });

  test("EffectRefused is what the host says it could not do", async () => {
    const { execute, again } = setUp(() => ({ kind: "refusal", reason: "no adapter" }));
    const run = await execute("observing", [7]);
    expect(run.result).toEqual({
      ok: false,
      error: { kind: "EffectRefused", operation: "observe", reason: "no adapter" },
    });
    expect(again(run.trace).replayed.ok).toBe(true);
  });

  test("Timeout by the clock ends a run that waits", async () => {
    const { execute, clock, again } = setUp(() => new Promise(() => {}));
    const running = execute("observing", [7], { sandbox: newSecuritySandbox(["Observe"], { timeoutMillis: 50 }) });
    await clock.sleepers(1);
    clock.advance(50);
    const run = await running;
    expect(run.result).toEqual({ ok: false, error: { kind: "Timeout", timeoutMillis: 50, by: "clock" } });
    expect(again(run.trace).replayed.ok).toBe(true);
  });

  test("AllocationRefused when the parent has not enough", () => {
    const { executor, context } = answered();
    expect(executor.createContext(context, { request: { ...grant, cpuMillis: 10 ** 9 } })).toMatchObject({
      error: { kind: "AllocationRefused", resource: "cpuMillis", requested: 10 ** 9 },
    });
  });

  test("a host that throws leaves the run open, and it can go on", async () => {
    const { execute, store, clock } = setUp(() => Promise.reject(new Error("the host broke")));
    await expect(execute("observing", [7], { salt: "open" })).rejects.toThrow("the host broke");
    const run = store.logStreams("run/")[0]!.slice(4) as Parameters<typeof streamOf>[0];
    const effects: EffectHandler = { perform: async () => value("fine") };
    const resumed = await newExecutor({ store, clock, source, effects }).resume(run);
    expect(resumed).toMatchObject({ ok: true, value: { result: { ok: true, value: "fine" } } });
  });
});

test("what a sandbox lets a run move is counted across a crash", async () => {
  const sandbox = {
    ...newSecuritySandbox([]),
    allowedEffects: new Map([["Transfer", { amountMax: new Map([["ETH", Decimal.fromInt(15)]]) }]]),
  };
  let count = 0;
  const first = setUp(() => (count++ === 0 ? value(1) : new Promise(() => {})));
  const twice = {
    ...sandbox,
    allowedEffects: new Map([["Transfer", { amountMax: new Map([["ETH", Decimal.fromInt(25)]]) }]]),
  };
  void first.execute("paying", [], { salt: "x", sandbox: twice });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const run = first.store.logStreams("run/")[0]!.slice(4) as Parameters<typeof streamOf>[0];
  const effects: EffectHandler = { perform: async () => value(1) };
  const resumed = await newExecutor({ store: first.store, clock: first.clock, source, effects }).resume(run, {
    sandbox,
  });
  expect(resumed).toMatchObject({ value: { result: { error: { kind: "EffectDenied" } } } });
});
