import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { instructions, print } from "../../codegen/bytecode/index.ts";
import { Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import { optimisedLibrary } from "../optimised.ts";
import {
  $,
  apply,
  at,
  atom,
  builtin,
  call,
  closure,
  deep,
  definition,
  fib,
  fn,
  hashOf,
  if_,
  let_,
  lit,
  perform,
  sourceOf,
} from "../testing/handMade.ts";
import { newHeapWriter, slotOf } from "./Heap.ts";
import { load, newLibrary } from "./Library.ts";
import type { Outcome } from "./Machine.ts";
import { answer, deadlines, fire, fuelUsed, memoryUsed, pending, run, start } from "./schedule.ts";

type V = Value.Value;

const LIMITS = { fuel: 1e9, memoryBytes: 2 ** 30 };

interface Setting {
  readonly definitions: readonly Core.Definition[];
  readonly programs?: readonly Core.ProgramDefinition[];
  readonly args?: readonly V[];
  readonly state?: Value.Record;
  readonly limits?: typeof LIMITS;
}

/** A machine that runs the last definition. */
function machineOf({ definitions, programs = [], args = [], state, limits = LIMITS }: Setting) {
  const library = newLibrary(sourceOf(definitions, programs));
  const machine = start(library, hashOf(definitions.at(-1)!.name), args, limits, state);
  if (!machine.ok) throw new Error(machine.error.kind);
  return machine.value;
}

const outcomeOf = (setting: Setting): Outcome => run(machineOf(setting));
const main = (locals: number, body: Core.Expression): Core.Definition => definition("main", 0, locals, body);

test("a definition runs", () => {
  expect(outcomeOf({ definitions: [fib], args: [20] })).toEqual({ kind: "done", value: 6765 });
});

test("recursion a million deep is no problem of the host", () => {
  expect(outcomeOf({ definitions: [deep], args: [1_000_000] })).toEqual({ kind: "done", value: 1_000_000 });
});

describe("more parts than a call of the host takes arguments are no problem", () => {
  const many = Array.from({ length: 126_000 }, (_, i) => i);
  const sources: readonly (readonly [string, Core.Expression, V])[] = [
    ["of a list", let_(0, { kind: "list", items: many.map(lit) }, builtin("list.length", $(0))), many.length],
    ["of a tuple", let_(0, { kind: "tuple", items: many.map(lit) }, { kind: "item", tuple: $(0), index: 7 }), 7],
    [
      "of a switch",
      {
        kind: "switch",
        subject: lit(Value.variant("C9")),
        cases: many.map((i) => ({ case: `C${i}`, local: undefined, body: atom(lit(i)) })),
        otherwise: undefined,
      },
      9,
    ],
  ];
  test.each(sources)("%s", (_, body, value) => {
    expect(outcomeOf({ definitions: [main(1, body)] })).toEqual({ kind: "done", value });
  });
  test("of a literal that the optimiser looks at", () => {
    const body = let_(
      0,
      { kind: "tuple", items: [lit(Value.list(many)), lit(2)] },
      { kind: "item", tuple: $(0), index: 1 },
    );
    const source = sourceOf([main(1, body)]);
    const machine = start(optimisedLibrary(source), hashOf("main"), [], LIMITS);
    expect(machine.ok && run(machine.value)).toEqual({ kind: "done", value: 2 });
  });
  test("of a value in a snapshot", () => {
    const heap = newHeapWriter();
    slotOf(heap, Value.list(many.map((i) => Value.list([i]))));
    expect(heap.entries).toHaveLength(many.length + 1);
  });
});

test("a frame is paid for while it is on the stack", () => {
  const limits = { fuel: 1e9, memoryBytes: 64 * 1000 };
  expect(outcomeOf({ definitions: [deep], args: [999], limits })).toMatchObject({ kind: "done" });
  expect(outcomeOf({ definitions: [deep], args: [1000], limits })).toMatchObject({ kind: "outOfMemory" });
  expect(outcomeOf({ definitions: [fib], args: [20], limits })).toMatchObject({ kind: "done" });
});

test("the numbers in the hot loop are those of the instruction table", () => {
  const text = readFileSync(new URL("./loop.ts", import.meta.url), "utf8");
  const labelled = [...text.matchAll(/case (\d+):(?: \{)?\s*\/\/ (\w+)/g)].map(([, number, name]) => [
    Number(number),
    name,
  ]);
  expect(labelled.map(([number]) => number)).toEqual([...Array.from({ length: 39 }, (_, i) => i), 52, 53, 54, 55]);
  for (const [number, name] of labelled) expect([number, instructions[number as number]![0]]).toEqual([number, name]);
});

test("bytecode can be read", () => {
  const loaded = load(newLibrary(sourceOf([fib])), hashOf("fib"));
  if (!loaded.ok) throw new Error(loaded.error.kind);
  expect(print(loaded.value.code, () => "fib")).toBe(
    [
      "registers 7  entry fuel 3  frame 88 bytes",
      "   0  jumpUnlessLessImmediate r0 2 → 8 fuel 1 fuel 16",
      "   6  return r0",
      "   8  r3 = call1Subtract fib r0 1",
      "  13  r5 = call1Subtract fib r0 2",
      "  18  returnAdd r3 r5",
    ].join("\n"),
  );
});

describe("code that no checker lets through is stopped", () => {
  const two = definition("two", 2, 2, atom($(0)));
  const cases: readonly (readonly [string, Core.Expression, string])[] = [
    ["too few arguments", call("two", lit(1)), "two takes 2 arguments, not 1"],
    ["too many for a function value", apply(fn("two"), lit(1)), "two takes 2 arguments, not 1"],
    ["a call of an Int", apply(lit(1)), "a call of what is no function"],
    ["a field of an Int", { kind: "field", record: lit(1), name: "a" }, "field a of what is no record"],
    ["an item of an Int", { kind: "item", tuple: lit(1), index: 0 }, "item 0 of what has none"],
    ["a condition that is an Int", if_(lit(1), atom(lit(1)), atom(lit(2))), "a condition is not a Bool"],
    ["Text in arithmetic", builtin("int.add", lit("a"), lit(1)), "expected Int, got string"],
    ["a builtin that is not", builtin("no.such", lit(1)), "there is no builtin no.such"],
    ["a builtin with too few arguments", builtin("list.set", lit(1)), "list.set takes 3 arguments, not 1"],
    ["a local that holds nothing", atom($(0)), "local 0 holds nothing here"],
    ["an abort outside of with", { kind: "abort", value: lit(1) }, "abort outside of with"],
    ["state outside of a program", { kind: "stateGet", field: "n" }, "state outside of a program"],
    [
      "a case that no branch takes",
      { kind: "switch", subject: lit(Value.none), cases: [], otherwise: undefined },
      "no branch for the case None",
    ],
  ];
  test.each(cases)("%s", (_, body, reason) => {
    const library = newLibrary(sourceOf([two, main(1, body)]));
    const machine = start(library, hashOf("main"), [], LIMITS);
    const error = machine.ok ? run(machine.value) : machine;
    expect(error).toMatchObject({ error: { kind: "InvalidCode", reason } });
  });

  test("a definition that is missing", () => {
    expect(outcomeOf({ definitions: [main(0, call("gone"))] })).toMatchObject({
      kind: "invalid",
      error: { kind: "UnknownHash", hash: hashOf("gone") },
    });
  });
});

test("a fault ends the run with its code, message and the calls that led to it", () => {
  const inner = definition("inner", 1, 1, { kind: "fault", code: "AssertionFailed", message: lit("no") });
  const outer = definition("outer", 1, 2, let_(1, call("inner", $(0)), atom($(1))));
  const outcome = outcomeOf({ definitions: [inner, outer], args: [7] });
  expect(outcome).toMatchObject({ kind: "fault", code: "AssertionFailed", message: "no" });
  expect("stack" in outcome && outcome.stack.map((frame) => [frame.frameName, frame.frameArguments])).toEqual([
    ["inner", [7]],
    ["outer", [7]],
  ]);
});

// ------------------------------------------------------------------------------------------------ branches

const ask = (name: string, what: string) => definition(name, 0, 0, perform("Ask", "ask", lit(what)));
const quick = definition("quick", 0, 0, atom(lit("quick")));

describe("branches", () => {
  const race = (...names: string[]): Core.Definition =>
    main(0, { kind: "race", branches: names.map((name) => fn(name)) });

  test("a race takes the first answer; the other request is abandoned and its answer late", () => {
    const machine = machineOf({ definitions: [ask("a", "A"), ask("b", "B"), race("a", "b")] });
    expect(run(machine)).toMatchObject({ kind: "suspended", requests: [{ index: 0 }, { index: 1 }] });
    expect(answer(machine, 1, "won")).toBe("taken");
    expect(run(machine)).toEqual({ kind: "done", value: "won" });
    expect(answer(machine, 0, "lost")).toBe("late");
    expect(answer(machine, 9, "?")).toBe("unknown");
  });

  test("a branch that needs no answer wins before those after it begin", () => {
    const machine = machineOf({ definitions: [ask("a", "A"), quick, ask("b", "B"), race("a", "quick", "b")] });
    expect(run(machine)).toEqual({ kind: "done", value: "quick" });
    expect(machine.nextRequest).toBe(1);
  });

  test("a fault in one branch ends the whole run", () => {
    const wrong = definition("wrong", 0, 0, { kind: "fault", code: "Wrong", message: lit("") });
    const both = main(0, { kind: "par", names: ["a", "b"], branches: [fn("a"), fn("wrong")] });
    expect(outcomeOf({ definitions: [ask("a", "A"), wrong, both] })).toMatchObject({ kind: "fault", code: "Wrong" });
  });

  test("an abort in a branch leaves the with around the par, and the other branches with it", () => {
    const leave = definition("leave", 0, 0, { kind: "abort", value: lit("left") });
    const body: Core.Expression = { kind: "par", names: ["a", "b"], branches: [fn("a"), fn("leave")] };
    const handler = lit(Value.variant("Fixed", Value.record([])));
    const machine = machineOf({
      definitions: [ask("a", "A"), leave, main(1, let_(0, { kind: "with", handler, body }, atom($(0))))],
    });
    expect(run(machine)).toEqual({ kind: "done", value: "left" });
    expect(answer(machine, 0, "too late")).toBe("late");
  });
});

// -------------------------------------------------------------------------------------------- deadlines

describe("deadlines", () => {
  const within = (milliseconds: number, body: Core.Expression, otherwise: Core.Expression): Core.Expression => ({
    kind: "within",
    duration: lit(Value.duration(milliseconds)),
    body,
    otherwise,
  });

  test("nest by the least, and the outermost of equal ones fires", () => {
    const inner = within(10_000, perform("Ask", "ask", lit("x")), atom(lit("inner")));
    const machine = machineOf({ definitions: [main(1, within(100, let_(0, inner, atom($(0))), atom(lit("outer"))))] });
    run(machine);
    answer(machine, 0, Value.instant(1000));
    run(machine);
    answer(machine, 1, Value.instant(1050));
    expect(run(machine)).toMatchObject({ kind: "suspended", requests: [{ index: 2, operation: "ask" }] });
    const open = deadlines(machine);
    expect(open.map((one) => one.at)).toEqual([1100, 1100]);
    expect(fire(machine, open[0]!.scope)).toBe(true);
    expect(run(machine)).toEqual({ kind: "done", value: "outer" });
    expect(fire(machine, open[1]!.scope)).toBe(false);
    expect(answer(machine, 2, 1)).toBe("late");
  });

  test("a deadline leaves calls that are deep inside", () => {
    const asker = definition("asker", 1, 2, let_(1, perform("Ask", "ask", $(0)), atom($(1))));
    const machine = machineOf({
      definitions: [
        asker,
        main(1, let_(0, within(1, call("asker", lit("x")), atom(lit("late"))), builtin("text.concat", $(0), lit("!")))),
      ],
    });
    run(machine);
    answer(machine, 0, Value.instant(0));
    run(machine);
    expect(pending(machine)).toHaveLength(1);
    fire(machine, deadlines(machine)[0]!.scope);
    expect(run(machine)).toEqual({ kind: "done", value: "late!" });
  });
});

// -------------------------------------------------------------------------------------------- handlers

const handlerOf = (effect: string, clauses: readonly (readonly [string, V])[]): V =>
  Value.variant(
    "Handler",
    Value.record([
      ["effect", effect],
      ["clauses", Value.record(clauses)],
    ]),
  );

describe("handlers", () => {
  test("a clause's answer is the operation's value, and what it asks goes further out", () => {
    const clause = definition(
      "clause",
      1,
      2,
      let_(1, perform("Ask", "ask", $(0)), builtin("text.concat", $(1), lit("?"))),
    );
    const inner = lit(handlerOf("Ask", [["ask", Value.closure(hashOf("clause"), [])]]));
    const machine = machineOf({
      definitions: [clause, main(0, { kind: "with", handler: inner, body: perform("Ask", "Ask.ask", lit("x")) })],
    });
    expect(run(machine)).toMatchObject({ kind: "suspended", requests: [{ operation: "ask", arguments: ["x"] }] });
    answer(machine, 0, "well");
    expect(run(machine)).toEqual({ kind: "done", value: "well?" });
  });

  test("an abort in a clause leaves the with that it is a clause of", () => {
    const clause = definition("clause", 0, 0, { kind: "abort", value: lit("aborted") });
    const handler = lit(handlerOf("Ask", [["ask", Value.closure(hashOf("clause"), [])]]));
    const inner: Core.Expression = {
      kind: "with",
      handler: lit(Value.variant("Fixed", Value.record([["other", 1]]))),
      body: let_(0, perform("Ask", "ask"), atom(lit("not reached"))),
    };
    const body = main(1, { kind: "with", handler, body: inner });
    expect(outcomeOf({ definitions: [clause, body] })).toEqual({ kind: "done", value: "aborted" });
  });
});

// ------------------------------------------------------------------------------------------- test worlds

const item = (name: string, ...fields: (readonly [string, V])[]): V => Value.variant(name, Value.record(fields));
const callOf = (program: string, entry: string): V =>
  Value.record([
    ["arguments", Value.record([])],
    ["entry", entry],
    ["program", program],
  ]);

describe("the world of a test", () => {
  const inWorld = (items: readonly V[], locals: number, body: Core.Expression): Setting => ({
    definitions: [main(locals, { kind: "with", handler: lit(Value.variant("World", Value.list(items))), body })],
  });

  test("answers observations in order, the last one from then on", () => {
    const seen = (value: V) => item("Seen", ["fact", "f"], ["timeline", "t"], ["value", value]);
    const observe = perform("Observe", "observe", lit("t"), lit("f"));
    const value = (local: number): Core.Expression => ({ kind: "field", record: $(local), name: "value" });
    const body = let_(
      0,
      observe,
      let_(
        1,
        observe,
        let_(
          2,
          observe,
          let_(3, value(0), let_(4, value(1), let_(5, value(2), { kind: "tuple", items: [$(3), $(4), $(5)] }))),
        ),
      ),
    );
    expect(outcomeOf(inWorld([seen(1), seen(2)], 6, body))).toEqual({ kind: "done", value: Value.tuple([1, 2, 2]) });
  });

  test("says what is missing when it has no answer", () => {
    const outcome = outcomeOf(inWorld([], 0, perform("Observe", "observe", lit("t"), lit("f"))));
    expect(outcome).toMatchObject({ kind: "fault", code: "Unanswered" });
    expect("message" in outcome && outcome.message).toContain('has not seen "f" on "t"');
  });

  test("a stalled call ends at its deadline when time is moved on", () => {
    const stalled = item("Stalled", ["entry", "e"], ["program", "P"]);
    const body: Core.Expression = {
      kind: "within",
      duration: lit(Value.duration(600_000)),
      body: perform("Invoke", "invoke", lit(callOf("P", "e")), lit(Value.none)),
      otherwise: atom(lit("timed out")),
    };
    const advance = item("Advance", ["duration", Value.duration(660_000)]);
    expect(outcomeOf(inWorld([stalled, advance], 0, body))).toEqual({ kind: "done", value: "timed out" });
    expect(outcomeOf(inWorld([stalled], 0, body))).toMatchObject({ kind: "fault", code: "Stalled" });
    const outcome = outcomeOf(inWorld([stalled], 0, body));
    expect("message" in outcome && outcome.message).toContain("ends after 10m: add advance(10m)");
  });

  test("an after passes by itself", () => {
    const began = item("Started", ["instant", Value.instant(0)]);
    const body = let_(0, { kind: "wait", mode: "after", time: lit(Value.duration(5000)) }, perform("Clock", "now"));
    expect(outcomeOf(inWorld([began], 1, body))).toEqual({ kind: "done", value: Value.instant(5000) });
  });

  test("balances are moved, and what is not there is refused", () => {
    const has = item("Balance", ["amount", 10], ["asset", "ETH"]);
    const transfer = (amount: number) => perform("Transfer", "transfer", lit("to"), lit("ETH"), lit(amount));
    const body = let_(0, transfer(7), let_(1, transfer(7), { kind: "tuple", items: [$(0), $(1)] }));
    expect(outcomeOf(inWorld([has], 2, body))).toMatchObject({
      kind: "done",
      value: { items: [{ case: "Ok" }, { case: "Err", payload: { case: "NotEnough" } }] },
    });
  });
});

test("an entry in a test runs on an instance that lives as long as the with around it", () => {
  const increment = definition(
    "increment",
    0,
    3,
    let_(
      0,
      { kind: "stateGet", field: "n" },
      let_(1, builtin("int.add", $(0), lit(1)), let_(2, { kind: "stateSet", field: "n", value: $(1) }, atom($(1)))),
    ),
  );
  const zero = { ...definition("zero", 0, 0, atom(lit(40))), kind: "value" as const };
  const program: Core.ProgramDefinition = {
    name: "Counter",
    state: [{ name: "n", type: { kind: "builtin", name: "Int", arguments: [] }, initial: at("zero") }],
    entries: [
      {
        name: "increment",
        function: at("increment"),
        parameters: [],
        result: { kind: "builtin", name: "Int", arguments: [] },
        row: [],
        exclusive: false,
      },
    ],
    triggers: [],
    handshake: undefined,
    migrations: [],
    doc: undefined,
  };
  const entry: Core.Expression = { kind: "entry", program: at("Counter"), entry: "increment", arguments: [] };
  const world = lit(Value.variant("World", Value.list([])));
  const twice = (first: number): Core.Expression => ({
    kind: "with",
    handler: world,
    body: let_(first, entry, let_(first + 1, entry, { kind: "tuple", items: [$(first), $(first + 1)] })),
  });
  const body = main(6, let_(2, twice(0), let_(5, twice(3), { kind: "tuple", items: [$(2), $(5)] })));
  expect(outcomeOf({ definitions: [increment, zero, body], programs: [program] })).toEqual({
    kind: "done",
    value: Value.tuple([Value.tuple([41, 42]), Value.tuple([41, 42])]),
  });
});

test("a closure carries what it captured", () => {
  const adder = definition("adder", 2, 2, builtin("int.add", $(0), $(1)), 1);
  const body = main(1, let_(0, closure("adder", lit(5)), apply($(0), lit(6))));
  expect(outcomeOf({ definitions: [adder, body] })).toEqual({ kind: "done", value: 11 });
});

test("what a comparison of large Ints charges is charged once, wherever it pauses", () => {
  const compared = let_(0, builtin("int.less", lit(2n ** 700n), lit(3)), if_($(0), atom(lit(1)), atom(lit(2))));
  const whole = machineOf({ definitions: [main(1, compared)] });
  run(whole);
  for (let pauseAt = 1; pauseAt < 20; pauseAt++) {
    const machine = machineOf({ definitions: [main(1, compared)] });
    while (run(machine, fuelUsed(machine) + pauseAt).kind === "paused");
    expect([fuelUsed(machine), memoryUsed(machine)]).toEqual([fuelUsed(whole), memoryUsed(whole)]);
  }
});

test("a pause comes where it is asked, and a single instruction that costs more is done whole", () => {
  const long = let_(0, builtin("list.range", lit(0), lit(100_000)), call("fib", lit(20)));
  const machine = machineOf({ definitions: [fib, main(1, long)] });
  expect(run(machine, 10)).toMatchObject({ kind: "paused" });
  expect(fuelUsed(machine)).toBeGreaterThan(10_000);
  expect(run(machine)).toMatchObject({ kind: "done" });
});
